"""Orders whose bank transfer never came are cancelled, so that what was promised to them is free again."""

import datetime as dt
import logging

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
_LOT = 200


def cancel_unpaid_orders(*, moment: dt.datetime) -> int:
    """Cancel orders whose time to pay is over and nothing of which came, each in a transaction of its own.

    Whether money came meanwhile is looked at again with the order locked. One that cannot be cancelled any more is
    told in the log and left to a person. Returns how many were cancelled.
    """
    cancelled = 0
    for expiring in list_orders_to_expire(moment=moment, limit=_LOT):
        try:
            cancelled += _cancel(expiring, moment=moment)
        except ReorderError as fault:
            log.warning("order %s was not paid in time and could not be cancelled: %s", expiring.order_id, fault)
    return cancelled


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
