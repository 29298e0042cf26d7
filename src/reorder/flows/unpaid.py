"""Orders whose bank transfer never came are cancelled, so that what was promised to them is free again."""

import datetime as dt
import logging
import time

from reorder.domain.orders.life import lock_order
from reorder.domain.payments import credit
from reorder.domain.payments.queries import compare_payments_with_entries, get_payment
from reorder.domain.storage import widened_transaction
from reorder.flows.fulfil.cancelling import cancel_order
from reorder.flows.fulfil.following import SYSTEM
from reorder.flows.paying import ExpiringOrder, list_orders_to_expire
from reorder.kernel.errors import ReorderError

log = logging.getLogger(__name__)
# In the order's events, and translated by the surface that shows them.
REASON_TEMPLATES = ("not paid in time",)


def cancel_unpaid_orders(*, moment: dt.datetime, seconds: float = 120.0, page: int = 200) -> int:
    """Cancel orders whose time to pay is over and nothing of which came, each in a transaction of its own.

    Whether money came meanwhile is looked at again with the order locked. One that cannot be cancelled any more is
    told in the log and left to a person; it holds up nobody behind it: all are looked at, `page` at a time, and only
    time ends it before. Returns how many were cancelled.
    """
    started = time.monotonic()
    cancelled, rows = 0, list_orders_to_expire(moment=moment, limit=page)
    while rows:
        for expiring in rows:
            if time.monotonic() - started > seconds:
                log.warning("orders that were not paid in time were cancelled for %s s, and not to the end", seconds)
                return cancelled
            cancelled += _cancel_if_possible(expiring, moment=moment)
        rows = list_orders_to_expire(moment=moment, after=rows[-1], limit=page)
    return cancelled


def _cancel_if_possible(expiring: ExpiringOrder, *, moment: dt.datetime) -> bool:
    try:
        return _cancel(expiring, moment=moment)
    except ReorderError as fault:
        log.warning("order %s was not paid in time and could not be cancelled: %s", expiring.order_id, fault)
        return False


def check_money(*, limit: int = 20) -> int:
    """Compare payments, orders and store credit with their append-only entries; logs and counts the differences."""
    differences = [*compare_payments_with_entries(limit=limit), *credit.compare_credit_with_moves(limit=limit)]
    for difference in differences:
        log.error("money differs from its entries: %s", difference)
    return len(differences)


def _cancel(expiring: ExpiringOrder, *, moment: dt.datetime) -> bool:
    with widened_transaction():
        order = lock_order(order_id=expiring.order_id)
        if order.payment_state == "paid" or get_payment(payment_id=expiring.payment_id).state != "waiting":
            return False
        done = cancel_order(order_id=expiring.order_id, reason=REASON_TEMPLATES[0], actor=SYSTEM, moment=moment)
    return done.is_new
