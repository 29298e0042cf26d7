"""What follows from a changed price: what is to pay or to give back, the reason to wait for money, and refunds due.

A refund may need somebody outside our database, so it is a step that is stored with its cause and taken after it, again
and again until it is done.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from reorder.domain.orders.editing import OrderTerms
from reorder.domain.orders.life import LockedOrder
from reorder.domain.orders.steps import add_step, sum_waiting_refunds
from reorder.domain.payments.operations import end_open_payments
from reorder.domain.payments.rules import payment_state
from reorder.domain.staff.rules import Actor
from reorder.flows.fulfil.following import tell
from reorder.flows.fulfil.holding import change_holds
from reorder.flows.fulfil.orders import Totals
from reorder.kernel.ids import idempotency_key
from reorder.kernel.jobs import JobName, defer_job

_WAITING: Final = "awaiting_payment"


@dataclass(frozen=True, slots=True)
class MoneyDue:
    """How a changed order stands: its payment state, and what is to pay or to give back, in minor units."""

    payment_state: str
    to_pay_minor: int = 0
    to_refund_minor: int = 0


def money_due(*, order: LockedOrder, total_minor: int) -> MoneyDue:
    """What an order with a new total leaves due. What is paid at the door is told as to pay."""
    kept = order.paid_minor - order.refunded_minor
    if order.payment_state == "none":
        return MoneyDue(payment_state="none")
    state = payment_state(
        total_minor=total_minor,
        paid_minor=order.paid_minor,
        refunded_minor=order.refunded_minor,
        is_cash_on_delivery=order.payment_state == "cash_on_delivery",
    )
    is_owed = state in {"unpaid", "cash_on_delivery"}
    return MoneyDue(
        payment_state=state,
        to_pay_minor=max(total_minor - kept, 0) if is_owed else 0,
        to_refund_minor=max(kept - total_minor, 0),
    )


def terms_of(*, order: LockedOrder, totals: Totals, due: MoneyDue) -> OrderTerms:
    """The terms of an order with new amounts, all else as it is."""
    return OrderTerms(
        ship_to_id=order.ship_to_id,
        ship_postcode=order.ship_postcode,
        ship_method=order.ship_method,
        not_before_date=order.not_before_date,
        goods_minor=totals.goods_minor,
        discount_minor=totals.discount_minor,
        shipping_minor=totals.shipping_minor,
        tax_added_minor=totals.tax_added_minor,
        tax_included_minor=totals.tax_included_minor,
        total_minor=totals.total_minor,
        paid_minor=order.paid_minor,
        refunded_minor=order.refunded_minor,
        payment_state=due.payment_state,
    )


def follow_payment(*, order: LockedOrder, due: MoneyDue, actor: Actor, moment: dt.datetime) -> None:
    """Let a held order wait for money that is missing now, or no longer."""
    if due.payment_state == "paid":
        # What was asked for would run out of time, and an order that owes nothing would be cancelled for it.
        end_open_payments(order_id=order.id)
    must_wait = due.payment_state == "unpaid" and due.to_pay_minor > 0
    if must_wait and _WAITING not in order.hold_reasons:
        reason = {_WAITING: {"to_pay_minor": due.to_pay_minor}}
        change_holds(order=order, added=reason, actor=actor, moment=moment)
    if not must_wait and _WAITING in order.hold_reasons:
        change_holds(order=order, removed={_WAITING: {}}, actor=actor, moment=moment)


def ask_refund(
    *, order: LockedOrder, amount_minor: int, cause: str, reason: str, actor: Actor, moment: dt.datetime
) -> None:
    """Remember that money of a held order goes back, in the transaction of the cause; a job sees to it.

    `amount_minor` is all that is due now; what was asked for before and is still on its way is not asked for again.
    `cause` makes it happen once, such as the number of the event that it follows from.
    """
    if amount_minor > 0:
        amount_minor -= sum_waiting_refunds(order_id=order.id)
    if amount_minor <= 0:
        return
    add_step(
        order_id=order.id,
        kind="refund",
        key=idempotency_key("order_refund", order.id, cause),
        details={"amount_minor": amount_minor, "reason": reason},
        asked_by=actor.name,
        moment=moment,
    )
    details = {"amount_minor": amount_minor, "currency": order.currency}
    tell(
        order=order,
        kind="refund_due",
        to_state=order.state,
        actor=actor,
        moment=moment,
        reason=reason,
        details=details,
    )
    defer_job(name=JobName.TAKE_ORDER_STEPS, once_key="order_steps")
