"""The lock order of stock, the only one: moves by key, then levels by (product, location, owner, lot).

Whoever writes levels takes all of them in one call of `record_moves`. Threads that lock rows in different orders
wait for each other and are killed as deadlocks; sorted, the same work runs twenty times faster.
"""

from collections.abc import Sequence
from typing import Final

from reorder.domain.storage import fetch_prepared

LEVEL_ORDER: Final = "product_id, location_id, owner, lot"
MOVE_ORDER: Final = "idempotency_key"
_LOCK: Final = f"""
SELECT count(*) FROM (
    SELECT level.id FROM inventory_level AS level
    WHERE level.id = ANY(ARRAY(
        SELECT known.id FROM inventory_level AS known
        JOIN inventory_location AS location ON location.id = known.location_id AND location.kind = 'stock'
        WHERE known.product_id = ANY(%(product_ids)s::bigint[])
        UNION
        SELECT hold.level_id FROM inventory_hold AS hold WHERE hold.hold_key = ANY(%(hold_keys)s::text[])))
    ORDER BY {LEVEL_ORDER} FOR UPDATE) AS locked
"""  # noqa: S608 - LEVEL_ORDER is a constant of ours


def lock_levels(*, product_ids: Sequence[int], hold_keys: Sequence[str] = ()) -> int:
    """Hold every stock level of these products, and those of carts' holds, until the transaction ends; how many.

    Whoever makes several promises in one transaction calls it first: one statement keeps the lock order by itself,
    several do not. What is read afterwards stays true.
    """
    given = {"product_ids": list(product_ids), "hold_keys": list(hold_keys)}
    return int(fetch_prepared(statement=_LOCK, parameters=given)[0][0])
