"""A payment that staff saw: written down in one step, whether or not anything was asked for before."""

import datetime as dt

from reorder.domain.orders.life import lock_order
from reorder.domain.payments.errors import NothingOwed
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import widened_transaction
from reorder.flows import paying
from reorder.flows.paying import PaymentConfirmed
from reorder.flows.paying.bookkeeping import outstanding_minor


def record_payment(*, order_id: int, note: str, key: str, actor: Actor, moment: dt.datetime) -> PaymentConfirmed | None:
    """Write down that what an order still owes has come; None where it owes nothing. The same key counts once.

    Raises UnknownOrder, NotOurs and what `paying` raises: WayNotOffered, BadPaymentAmount, PaymentKeyReused.
    """
    with widened_transaction():
        order = lock_order(order_id=order_id)
        received = outstanding_minor(order=order)
        if not received:
            return None
        try:
            confirmed = paying.receive_payment(
                order_id=order_id, key=key, actor=actor.name, moment=moment, amount_minor=received, note=note
            )
        except NothingOwed:
            return None
        record_audit(
            actor=actor.name,
            action="orders.pay",
            subject_kind="order",
            subject_key=str(order.id),
            details={"amount_minor": received},
        )
        return confirmed
