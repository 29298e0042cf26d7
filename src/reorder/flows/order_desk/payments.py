"""A payment that staff saw: written down in one step, whether or not anything was asked for before."""

import datetime as dt

from reorder.domain.orders.life import lock_order
from reorder.domain.payments.queries import find_open_payment
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import widened_transaction
from reorder.flows import paying
from reorder.flows.paying import PaymentConfirmed
from reorder.flows.paying.bookkeeping import outstanding_minor

MANUAL = "manual"


def record_payment(*, order_id: int, note: str, key: str, actor: Actor, moment: dt.datetime) -> PaymentConfirmed | None:
    """Write down that what an order still owes has come; None where it owes nothing. The same key counts once.

    Raises UnknownOrder, NotOurs and what `paying` raises: WayNotOffered, BadPaymentAmount, PaymentKeyReused.
    """
    with widened_transaction():
        order = lock_order(order_id=order_id)
        payment = find_open_payment(order_id=order_id)
        if payment is None:
            asked = paying.ask_payment(
                order_id=order_id, provider=MANUAL, key=f"asked:{key}"[:64], actor=actor.name, moment=moment
            )
            payment = asked.payment
        # Not what was asked for: the order may have been changed since.
        received = outstanding_minor(order=order)
        if payment is None or not received:
            return None
        confirmed = paying.confirm_payment(
            payment_id=payment.id,
            received_minor=received,
            key=f"seen:{key}"[:64],
            actor=actor.name,
            moment=moment,
            note=note,
        )
        record_audit(
            actor=actor.name,
            action="orders.pay",
            subject_kind="order",
            subject_key=str(order.id),
            details={"amount_minor": received},
        )
        return confirmed
