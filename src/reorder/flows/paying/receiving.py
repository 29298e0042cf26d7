"""Money that came for an order, told by its number: the payment that was asked for takes it, else one is asked for."""

import datetime as dt

from reorder.domain.orders.life import lock_order
from reorder.domain.payments.errors import NothingOwed
from reorder.domain.payments.queries import find_open_payment
from reorder.domain.storage import one_transaction
from reorder.flows.paying.asking import ask_payment
from reorder.flows.paying.bookkeeping import outstanding_minor
from reorder.flows.paying.confirming import PaymentConfirmed, confirm_payment


def receive_payment(
    *, order_id: int, key: str, actor: str, moment: dt.datetime, amount_minor: int | None = None, note: str = ""
) -> PaymentConfirmed:
    """Write down money that came for an order of ours, in minor units; without an amount all that it owes.

    An order that is paid in full waits for money no longer. The same key again changes nothing. Raises UnknownOrder,
    NotOurs, NothingOwed, WayNotOffered (cancelled), BadPaymentAmount, PaymentKeyReused.
    """
    payment = find_open_payment(order_id=order_id)
    if payment is not None and amount_minor is None:
        # Not what was asked for: the order may have been changed since.
        with one_transaction():
            amount_minor = outstanding_minor(order=lock_order(order_id=order_id))
        if not amount_minor:
            raise NothingOwed(order=order_id)
    if payment is None:
        payment = ask_payment(order_id=order_id, provider="manual", key=key, actor=actor, moment=moment).payment
    if payment is None:
        raise NothingOwed(order=order_id)
    received = payment.missing_minor if amount_minor is None else amount_minor
    return confirm_payment(
        payment_id=payment.id, received_minor=received, key=key, actor=actor, moment=moment, note=note
    )
