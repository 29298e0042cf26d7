"""Stock for the API: what stands where, at the places of the actor, a page by SKU and place."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.staff.rules import Actor
from reorder.insights.reading import conditions, read_rows

# Ordered by SKU along its index, so a page costs what it shows and not what there is.
_STOCK: Final = """
SELECT product.sku, place.code AS place_code,
       coalesce(sum(level.on_hand_units) FILTER (WHERE location.kind = 'stock'), 0) AS on_hand_units,
       coalesce(sum(level.allocated_units) FILTER (WHERE location.kind = 'stock'), 0) AS allocated_units,
       coalesce(sum(level.held_units) FILTER (WHERE location.kind = 'stock'), 0) AS held_units,
       coalesce(sum(level.on_hand_units) FILTER (WHERE location.kind = 'incoming'), 0) AS incoming_units,
       coalesce(jsonb_object_agg(level.lot, level.on_hand_units::text)
                FILTER (WHERE location.kind = 'stock' AND level.lot <> '' AND level.on_hand_units > 0), '{{}}') AS lots
FROM catalog_product AS product
JOIN inventory_level AS level ON level.product_id = product.id AND level.owner = %(owner)s
JOIN inventory_location AS location ON location.id = level.location_id
JOIN inventory_place AS place ON place.id = location.place_id
{where} GROUP BY product.sku, place.code ORDER BY product.sku, place.code LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """A product at a place in selling units; `lots` has those of which goods stand there."""

    sku: str
    place_code: str
    on_hand_units: Decimal
    allocated_units: Decimal
    held_units: Decimal
    incoming_units: Decimal
    lots: dict[str, Decimal]

    @property
    def available_units(self) -> Decimal:
        """Free to be promised."""
        return self.on_hand_units - self.allocated_units - self.held_units


def list_stock(
    *,
    actor: Actor,
    limit: int,
    after: tuple[str, str] | None = None,
    sku: str | None = None,
    place_code: str | None = None,
) -> list[StockLine]:
    """Stock by SKU and place, what comes after (SKU, place) when given."""
    places = sorted(actor.place_codes) or None
    given: dict[str, object] = {
        "product.sku >= %(after_sku)s AND (product.sku, place.code) > (%(after_sku)s, %(after_place)s)": after,
        "product.sku = %(sku)s": sku,
        "place.code = %(place)s": place_code,
        "place.code = ANY(%(places)s)": places if places is None else tuple(places),
    }
    parameters: dict[str, Any] = {
        "owner": OWN_GOODS,
        "after_sku": after[0] if after else None,
        "after_place": after[1] if after else None,
        "sku": sku,
        "place": place_code,
        "places": places,
        "limit": limit,
    }
    rows = read_rows(statement=_STOCK.format(where=conditions(given=given)), parameters=parameters)
    return [_line(row) for row in rows]


def list_positions(*, keys: list[tuple[str, str]]) -> list[StockLine]:
    """The stock of these (SKU, place code) pairs, by SKU and place."""
    where = "WHERE (product.sku, place.code) IN (SELECT * FROM unnest(%(skus)s::text[], %(places)s::text[]))"
    parameters = {
        "owner": OWN_GOODS,
        "skus": [sku for sku, _ in keys],
        "places": [place for _, place in keys],
        "limit": len(keys),
    }
    return [_line(row) for row in read_rows(statement=_STOCK.format(where=where), parameters=parameters)]


def _line(row: dict[str, Any]) -> StockLine:
    lots = row["lots"] if isinstance(row["lots"], dict) else json.loads(row["lots"])
    return StockLine(**row | {"lots": {lot: Decimal(units) for lot, units in sorted(lots.items())}})
