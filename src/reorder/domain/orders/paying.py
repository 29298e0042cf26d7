"""What an order was paid and given back: changed by a guarded update from what was seen, never from what was read."""

from typing import Final

from reorder.domain.orders.errors import OrderMovedOn
from reorder.domain.orders.life import LockedOrder
from reorder.domain.storage import fetch_prepared

# Amounts are added, so that nothing is lost even where the caller's lock was not the order's.
_SETTLE: Final = """
UPDATE orders_order
SET paid_minor = paid_minor + %(received)s::bigint, refunded_minor = refunded_minor + %(refunded)s::bigint,
    payment_state = %(state)s::text
WHERE id = %(order)s::bigint AND fulfilment = 'reorder' AND paid_minor = %(seen_paid)s::bigint
  AND refunded_minor = %(seen_refunded)s::bigint
  AND refunded_minor + %(refunded)s::bigint <= paid_minor + %(received)s::bigint
RETURNING id
"""


def settle_payment(*, order: LockedOrder, received_minor: int = 0, refunded_minor: int = 0, state: str) -> None:
    """Add what came in and what goes back, and say the payment state that follows.

    `order` is as it was locked. Raises OrderMovedOn when its sums are not those any more, or more would go back than
    was paid.
    """
    given = {
        "order": order.id,
        "received": received_minor,
        "refunded": refunded_minor,
        "state": state,
        "seen_paid": order.paid_minor,
        "seen_refunded": order.refunded_minor,
    }
    if not fetch_prepared(statement=_SETTLE, parameters=given):
        raise OrderMovedOn(order=order.external_id, state=order.payment_state, wanted="payment")
