"""What has left for an order, by product, owner and lot: read from the ledger, where the lots are."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.storage import fetch_prepared

_SHIPPED: Final = """
SELECT move.product_id, move.owner, move.lot, max(move.expires_date), sum(move.units)
FROM inventory_move AS move JOIN inventory_location AS target ON target.id = move.target_id
WHERE move.cause_kind = 'order' AND move.cause_key = %(order)s::text AND target.kind = 'customer'
GROUP BY 1, 2, 3 ORDER BY 1, 4 NULLS LAST, 3
"""


@dataclass(frozen=True, slots=True)
class ShippedLot:
    """Units of one lot of a product that went to the customer of an order."""

    product_id: int
    owner: str
    lot: str
    expires_date: dt.date | None
    units: Decimal


def list_shipped_lots(*, order_id: int) -> list[ShippedLot]:
    """The lots that left for an order, by product, those that go off first first."""
    rows = fetch_prepared(statement=_SHIPPED, parameters={"order": str(order_id)})
    return [ShippedLot(*row) for row in rows]
