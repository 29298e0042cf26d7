"""Money that came in: seen by staff, collected at the door, or told by a provider."""

import datetime as dt
from dataclasses import dataclass

from reorder.domain.orders.life import LockedOrder, lock_order
from reorder.domain.payments import operations as payments
from reorder.domain.payments.operations import NewPayment, NewReceipt
from reorder.domain.payments.queries import PaymentRow, find_open_payment
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.paying.asking import get_terms
from reorder.flows.paying.bookkeeping import (
    append_event,
    follow_hold,
    lock_order_of_payment,
    outstanding_minor,
    settle_order,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentConfirmed:
    """What money came to: what the order still misses, what came beyond its total, and whether it may go now.

    Amounts in minor units of the order's currency. `is_order_cancelled`: it came too late and should go back.
    """

    payment: PaymentRow
    order_id: int
    payment_state: str
    missing_minor: int
    excess_minor: int
    is_hold_lifted: bool
    is_order_cancelled: bool


def confirm_payment(
    *, payment_id: int, received_minor: int, key: str, actor: str, moment: dt.datetime, note: str = ""
) -> PaymentConfirmed:
    """Write down money that came for a payment; an order that is paid in full waits no longer.

    Less than was asked for leaves the rest open, more is taken and told, and money for a cancelled order is taken too:
    it is there. The same key again changes nothing. Raises UnknownPayment, BadPaymentAmount, PaymentKeyReused.
    """
    with one_transaction():
        order = lock_order_of_payment(payment_id=payment_id)
        new = NewReceipt(
            payment_id=payment_id, amount_minor=received_minor, key=key, actor=actor, moment=moment, note=note.strip()
        )
        return _receive(order=order, new=new)


def collect_cash_on_delivery(*, order_id: int, actor: str, moment: dt.datetime) -> PaymentConfirmed | None:
    """The goods were handed over, and with them the money that was owed; None where none was.

    Raises UnknownOrder, NotOurs.
    """
    with one_transaction():
        return collect_owed(order_id=order_id, actor=actor, moment=moment)


def collect_owed(*, order_id: int, actor: str, moment: dt.datetime) -> PaymentConfirmed | None:
    """`collect_cash_on_delivery` as a part of the caller's transaction, for the delivery that it follows from.

    An order that came in as to be paid at the door, without being asked by us, is asked now.
    """
    order = lock_order(order_id=order_id)
    owed = find_open_payment(order_id=order_id)
    if owed is None and order.payment_state == "cash_on_delivery" and outstanding_minor(order=order):
        owed = payments.start_payment(
            new=NewPayment(
                order_id=order.id,
                customer_id=order.customer_id,
                provider="cash_on_delivery",
                currency=order.currency,
                amount_minor=outstanding_minor(order=order),
                key=f"at the door:{order.id}",
                actor=actor,
                moment=moment,
                terms=get_terms(),
            )
        )
    if owed is None or owed.provider != "cash_on_delivery":
        return None
    # What the order owes now: its total may have changed since it was asked.
    due = outstanding_minor(order=order)
    if not due:
        return None
    new = NewReceipt(payment_id=owed.id, amount_minor=due, key=f"collected:{owed.id}", actor=actor, moment=moment)
    return _receive(order=order, new=new)


def restate_payment(*, order_id: int, actor: str, moment: dt.datetime) -> str:
    """Say again whether the order is paid, after its total changed; returns the payment state.

    An order that owes something now and is not paid at the door waits for it; one that owes nothing any more does not.
    Raises UnknownOrder, NotOurs.
    """
    with one_transaction():
        order = lock_order(order_id=order_id)
        if order.payment_state == "none":
            return order.payment_state
        is_at_door = order.payment_state == "cash_on_delivery" or _is_owed(order)
        order = settle_order(order=order, is_cash_on_delivery=is_at_door)
        follow_hold(order=order, must_wait=order.payment_state == "unpaid", actor=actor, moment=moment)
        return order.payment_state


def _receive(*, order: LockedOrder, new: NewReceipt) -> PaymentConfirmed:
    is_at_door = _is_owed(order)
    payment, is_new = payments.record_receipt(new=new)
    is_lifted = False
    if is_new:
        order = settle_order(
            order=order, received_minor=new.amount_minor, is_cash_on_delivery=is_at_door and payment.is_open
        )
        if order.payment_state == "paid":
            payments.end_open_payments(order_id=order.id)
            is_lifted = follow_hold(order=order, must_wait=False, actor=new.actor, moment=new.moment)
        _tell(order=order, payment=payment, new=new)
    return PaymentConfirmed(
        payment=payment,
        order_id=order.id,
        payment_state=order.payment_state,
        missing_minor=outstanding_minor(order=order),
        excess_minor=_excess(order),
        is_hold_lifted=is_lifted,
        is_order_cancelled=order.state == "cancelled",
    )


def _tell(*, order: LockedOrder, payment: PaymentRow, new: NewReceipt) -> None:
    details = {
        "payment": payment.id,
        "provider": payment.provider,
        "amount_minor": new.amount_minor,
        "missing_minor": outstanding_minor(order=order),
        "excess_minor": _excess(order),
    }
    append_event(order=order, kind="payment_received", actor=new.actor, moment=new.moment, details=details)
    record_audit(
        actor=new.actor,
        action="payments.confirm",
        subject_kind="order",
        subject_key=order.external_id,
        details={"amount_minor": new.amount_minor, "currency": order.currency, "method": payment.provider},
    )


def _is_owed(order: LockedOrder) -> bool:
    owed = find_open_payment(order_id=order.id)
    return owed is not None and owed.provider == "cash_on_delivery"


def _excess(order: LockedOrder) -> int:
    """What is there beyond the total of the order; all of it where the order is cancelled."""
    net = order.paid_minor - order.refunded_minor
    return net if order.state == "cancelled" else max(net - (order.total_minor or 0), 0)
