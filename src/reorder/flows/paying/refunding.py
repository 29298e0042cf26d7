"""Money that goes back: whole or in part, never more than was paid, the way it came or as store credit."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reorder.domain.orders.editing import latest_event_id
from reorder.domain.orders.life import LockedOrder, lock_order
from reorder.domain.payments import operations as payments
from reorder.domain.payments.dividing import sum_passed_on
from reorder.domain.payments.errors import BadPaymentAmount, RefundTooLarge
from reorder.domain.payments.operations import NewPayment, NewRefund
from reorder.domain.payments.queries import PaymentRow, RefundRow, get_refund, list_payments_of_order
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.paying.asking import get_terms
from reorder.flows.paying.bookkeeping import append_event, lock_order_of_payment, settle_order
from reorder.kernel.formatting import format_money

RefundWay = Literal["original", "store_credit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundMade:
    """What goes back, one row a payment it came by; a row that is `owed` must be sent by a person."""

    refunds: tuple[RefundRow, ...]
    amount_minor: int
    payment_state: str

    @property
    def owed_minor(self) -> int:
        """What a person has yet to send."""
        return sum(one.amount_minor for one in self.refunds if one.state == "owed")


def refund_order(
    *,
    order_id: int,
    key: str,
    actor: str,
    moment: dt.datetime,
    reason: str = "",
    amount_minor: int | None = None,
    way: RefundWay = "original",
) -> RefundMade:
    """Give back what an order paid, all of it without an amount; the latest payment goes first.

    By the original way it is sent at once where the provider can (store credit), else a person must send it and say so
    (`confirm_refund_sent`). The same key again answers the same. Raises UnknownOrder, NotOurs, BadPaymentAmount,
    RefundTooLarge, PaymentKeyReused.
    """
    with one_transaction():
        order = lock_order(order_id=order_id)
        done = payments.list_refunds_of_key(order_id=order_id, key=key)
        if done:
            return _made(order, done)
        _stand_for_elsewhere(order=order, actor=actor, moment=moment)
        known = list_payments_of_order(order_id=order_id)
        refundable = min(sum(payment.refundable_minor for payment in known), order.paid_minor - order.refunded_minor)
        wanted = refundable if amount_minor is None else amount_minor
        _refuse(order=order, wanted=wanted, refundable=refundable)
        refunds = [
            payments.start_refund(
                new=NewRefund(
                    payment_id=payment.id,
                    customer_id=order.customer_id,
                    amount_minor=part,
                    way=way,
                    reason=reason.strip(),
                    key=key,
                    actor=actor,
                    moment=moment,
                )
            )
            for payment, part in _shared(payments_known=known, wanted=wanted)
        ]
        order = settle_order(order=order, refunded_minor=wanted, is_cash_on_delivery=False)
        made = _made(order, refunds)
        _tell(order=order, made=made, way=way, reason=reason.strip(), actor=actor, moment=moment)
    return made


def confirm_refund_sent(*, refund_id: int, actor: str, moment: dt.datetime) -> RefundRow:
    """A person has sent what a refund owed; the same again changes nothing. Raises UnknownRefund."""
    with one_transaction():
        order = lock_order_of_payment(payment_id=get_refund(refund_id=refund_id).payment_id)
        refund, is_new = payments.mark_refund_sent(refund_id=refund_id, actor=actor, moment=moment)
        if is_new:
            details = {"refund": refund.id, "amount_minor": refund.amount_minor}
            append_event(order=order, kind="refund_sent", actor=actor, moment=moment, details=details)
            record_audit(
                actor=actor,
                action="payments.refund_sent",
                subject_kind="order",
                subject_key=order.external_id,
                details={"amount_minor": refund.amount_minor, "currency": refund.currency},
            )
    return refund


def _shared(*, payments_known: Sequence[PaymentRow], wanted: int) -> list[tuple[PaymentRow, int]]:
    """How much of each payment goes back, the latest first."""
    shared, left = [], wanted
    for payment in reversed(payments_known):
        part = min(left, payment.refundable_minor)
        if part:
            shared.append((payment, part))
            left -= part
    return shared


def _refuse(*, order: LockedOrder, wanted: int, refundable: int) -> None:
    amount = format_money(wanted, currency=order.currency)
    if not refundable:
        raise BadPaymentAmount(amount=amount, reason="nothing was paid")
    if wanted <= 0:
        raise BadPaymentAmount(amount=amount, reason="it must be above zero")
    if wanted > refundable:
        raise RefundTooLarge(amount=amount, refundable=format_money(refundable, currency=order.currency))


def _stand_for_elsewhere(*, order: LockedOrder, actor: str, moment: dt.datetime) -> None:
    """What the order had paid before it came to us becomes a payment, so that it is guarded as every other one."""
    known = sum(payment.received_minor for payment in list_payments_of_order(order_id=order.id))
    before = order.paid_minor - known + sum_passed_on(order_id=order.id)
    if before > 0:
        payments.record_paid_elsewhere(
            new=NewPayment(
                order_id=order.id,
                customer_id=order.customer_id,
                provider="elsewhere",
                currency=order.currency,
                amount_minor=before,
                # The order is held, and the refund that follows has an event: no two start from the same one.
                key=str(latest_event_id(order_id=order.id)),
                actor=actor,
                moment=moment,
                terms=get_terms(),
            )
        )


def _made(order: LockedOrder, refunds: Sequence[RefundRow]) -> RefundMade:
    return RefundMade(
        refunds=tuple(refunds),
        amount_minor=sum(one.amount_minor for one in refunds),
        payment_state=order.payment_state,
    )


def _tell(*, order: LockedOrder, made: RefundMade, way: str, reason: str, actor: str, moment: dt.datetime) -> None:
    details = {
        "refunds": [one.id for one in made.refunds],
        "amount_minor": made.amount_minor,
        "owed_minor": made.owed_minor,
        "way": way,
    }
    append_event(order=order, kind="refund_made", actor=actor, moment=moment, reason=reason, details=details)
    record_audit(
        actor=actor,
        action="payments.refund",
        subject_kind="order",
        subject_key=order.external_id,
        details={"amount_minor": made.amount_minor, "currency": order.currency, "way": way},
    )
