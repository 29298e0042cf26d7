"""Returned goods that wait to go back to their suppliers."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.staff.rules import Actor
from reorder.domain.storage import fetch_prepared

_CLAIMABLE: Final = """
SELECT piece.id, of_return.id, of_return.number, of_return.order_id, of_return.reason, place.code, product.sku,
       product.name, piece.lot, piece.units, piece.grade, piece.reason, piece.graded_at,
       coalesce(offer.code, ''), coalesce(offer.name, ''), product.unit_cost_minor, product.currency
FROM warehouse_returnpiece AS piece
JOIN warehouse_returnline AS line ON line.id = piece.line_id
JOIN warehouse_return AS of_return ON of_return.id = line.of_return_id
JOIN inventory_place AS place ON place.id = of_return.place_id
JOIN catalog_product AS product ON product.id = piece.product_id
LEFT JOIN LATERAL (
    SELECT supplier.code, supplier.name FROM purchasing_offer AS known
    JOIN purchasing_supplier AS supplier ON supplier.id = known.supplier_id
    WHERE known.product_id = piece.product_id ORDER BY known.id LIMIT 1
) AS offer ON true
WHERE piece.disposition = 'supplier' AND piece.ended_at IS NULL
ORDER BY 14, product.sku, piece.id LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class ClaimableGoods:
    """A piece that waits for its supplier; cost in minor units where it is known."""

    piece_id: int
    return_id: int
    return_number: str
    order_id: int
    reason: str
    place_code: str
    sku: str
    name: str
    lot: str
    units: Decimal
    grade: str
    why: str
    graded_at: dt.datetime | None
    supplier_code: str
    supplier_name: str
    unit_cost_minor: int | None
    currency: str


def list_claimable(*, actor: Actor) -> list[ClaimableGoods]:
    """Goods to be sent back to suppliers at the actor's places, by supplier."""
    rows = [ClaimableGoods(*row) for row in fetch_prepared(statement=_CLAIMABLE, parameters={})]
    return [one for one in rows if actor.may_at(one.place_code)]
