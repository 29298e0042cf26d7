"""The lock order of stock, the only one: moves by key, then levels by (product, location, owner, lot).

Whoever writes levels takes all of them in one call of `record_moves`. Threads that lock rows in different orders
wait for each other and are killed as deadlocks; sorted, the same work runs twenty times faster.
"""

from typing import Final

LEVEL_ORDER: Final = "product_id, location_id, owner, lot"
MOVE_ORDER: Final = "idempotency_key"
