"""What a packer needs to know of a shipment: its goods with lots, sizes and handling, and where it goes.

Sizes that nobody entered are estimated from products of the same category, else of the whole shop, else assumed; the
rows say so.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.errors import UnknownFulfilment
from reorder.insights.reading import read_rows

# A product of which nothing is known at all: a box for two mugs.
ASSUMED_SIDES_MM: Final = (200, 150, 100)
ASSUMED_GRAMS: Final = 500
_SHIPMENT: Final = """
SELECT part.id AS fulfilment_id, part.order_id, o.external_id AS order_number, part.state, place.code AS place_code,
       place.name AS place_name, coalesce(nullif(part.service_code, ''), o.ship_method) AS service_code,
       part.ship_by_at, coalesce(home.store_code, '') <> '' AS is_store_pickup
FROM warehouse_fulfilmentorder AS part JOIN orders_order AS o ON o.id = part.order_id
JOIN inventory_place AS place ON place.id = part.place_id
LEFT JOIN customers_address AS home ON home.id = o.ship_to_id
WHERE part.id = %(fulfilment_id)s::bigint
"""
_GOODS: Final = """
SELECT line.order_line_id, line.product_id, product.sku, product.name, line.units, product.weight_grams AS grams,
       product.length_mm, product.width_mm, product.height_mm, product.is_upright, product.is_fragile,
       product.keep_apart, product.category_id, product.temperature_class, product.hazard_class,
       product.is_sold_in_fractions,
       lots.lots, lots.owner
FROM warehouse_fulfilmentline AS line
JOIN warehouse_fulfilmentorder AS part ON part.id = line.fulfilment_id
JOIN catalog_product AS product ON product.id = line.product_id
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(level.lot, promise.units::text) ORDER BY level.lot) AS lots,
           min(level.owner) AS owner
    FROM inventory_allocation AS promise JOIN inventory_level AS level ON level.id = promise.level_id
    JOIN inventory_location AS location ON location.id = level.location_id
    WHERE promise.demand_key = 'order_line:' || line.order_line_id AND level.product_id = line.product_id
      AND location.place_id = part.place_id
) AS lots ON true
WHERE line.fulfilment_id = %(fulfilment_id)s::bigint ORDER BY line.order_line_id, line.product_id
"""
# Medians of what is known: of each category (up to 2,000 of its products), and of the shop.
_USUAL: Final = """
SELECT kind.category_id,
       (percentile_disc(0.5) WITHIN GROUP (ORDER BY known.length_mm))::int AS length_mm,
       (percentile_disc(0.5) WITHIN GROUP (ORDER BY known.width_mm))::int AS width_mm,
       (percentile_disc(0.5) WITHIN GROUP (ORDER BY known.height_mm))::int AS height_mm,
       (percentile_disc(0.5) WITHIN GROUP (ORDER BY known.weight_grams))::int AS grams
FROM (SELECT DISTINCT category_id FROM catalog_product WHERE id = ANY(%(product_ids)s::bigint[])
      UNION SELECT NULL) AS kind
CROSS JOIN LATERAL (
    SELECT length_mm, width_mm, height_mm, weight_grams FROM catalog_product
    WHERE (kind.category_id IS NULL OR category_id = kind.category_id)
      AND length_mm > 0 AND width_mm > 0 AND height_mm > 0 LIMIT 2000
) AS known
GROUP BY kind.category_id
"""
_WAITING: Final = """
SELECT part.id AS fulfilment_id, o.external_id AS order_number, part.state, part.ship_by_at, place.code AS place_code,
       (SELECT count(*) FROM warehouse_fulfilmentline AS line WHERE line.fulfilment_id = part.id) AS line_count,
       (SELECT sum(line.units) FROM warehouse_fulfilmentline AS line WHERE line.fulfilment_id = part.id) AS units,
       plan.made_by, plan.verified IS NOT NULL AND plan.verified <> '{}'::jsonb AS is_begun,
       coalesce((SELECT wave.tote FROM warehouse_waveparcel AS wave WHERE wave.fulfilment_id = part.id
                 ORDER BY wave.id DESC LIMIT 1), 0) AS tote
FROM warehouse_fulfilmentorder AS part JOIN orders_order AS o ON o.id = part.order_id
JOIN inventory_place AS place ON place.id = part.place_id
LEFT JOIN shipping_packingplan AS plan ON plan.shipment_key = 'fulfilment:' || part.id
WHERE part.state = 'picked' AND (%(place_code)s = '' OR place.code = %(place_code)s)
  AND (cardinality(%(own)s::text[]) = 0 OR place.code = ANY(%(own)s::text[]))
  AND (%(after_at)s::timestamptz IS NULL
       OR (coalesce(part.ship_by_at, 'infinity'), part.id) > (%(after_at)s::timestamptz, %(after_id)s::bigint))
ORDER BY coalesce(part.ship_by_at, 'infinity'), part.id LIMIT %(limit)s
"""
_COUNT: Final = """
SELECT count(*) AS count FROM warehouse_fulfilmentorder AS part
JOIN inventory_place AS place ON place.id = part.place_id
WHERE part.state = 'picked' AND place.code = %(place_code)s
"""
# The last shipments that were packed or sent; a shop that ships elsewhere has orders instead.
_PAST_PARTS: Final = """
SELECT id FROM warehouse_fulfilmentorder WHERE state IN ('packed', 'shipped', 'delivered')
ORDER BY id DESC LIMIT %(limit)s
"""
_PAST_PART_GOODS: Final = """
SELECT line.fulfilment_id AS shipment, line.order_line_id, line.product_id, product.sku, product.name, line.units,
       product.weight_grams AS grams, product.length_mm, product.width_mm, product.height_mm, product.is_upright,
       product.is_fragile, product.keep_apart, product.category_id, product.temperature_class, product.hazard_class,
       product.is_sold_in_fractions, NULL AS lots, NULL AS owner
FROM warehouse_fulfilmentline AS line JOIN catalog_product AS product ON product.id = line.product_id
WHERE line.fulfilment_id = ANY(%(ids)s::bigint[]) ORDER BY 1, 2, 3
"""
_PAST_ORDERS: Final = """
SELECT id FROM orders_order WHERE state <> 'cancelled' ORDER BY ordered_at DESC, id DESC LIMIT %(limit)s
"""
_PAST_ORDER_GOODS: Final = """
SELECT line.order_id AS shipment, line.id AS order_line_id, line.product_id, product.sku, product.name, line.units,
       product.weight_grams AS grams, product.length_mm, product.width_mm, product.height_mm, product.is_upright,
       product.is_fragile, product.keep_apart, product.category_id, product.temperature_class, product.hazard_class,
       product.is_sold_in_fractions, NULL AS lots, NULL AS owner
FROM orders_orderline AS line JOIN catalog_product AS product ON product.id = line.product_id
WHERE line.order_id = ANY(%(ids)s::bigint[]) AND line.units > 0 ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A fulfilment order as a packer sees it."""

    fulfilment_id: int
    order_id: int
    order_number: str
    state: str
    place_code: str
    place_name: str
    service_code: str
    ship_by_at: dt.datetime | None
    is_store_pickup: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PackGoods:
    """Units of a product in a shipment, by lot: (lot, units). Sides and weight are of one unit.

    `is_size_estimate` and `is_weight_estimate`: nobody has entered them, so they are what such goods usually have.
    """

    order_line_id: int
    product_id: int
    sku: str
    name: str
    units: Decimal
    lots: tuple[tuple[str, Decimal], ...]
    owner: str
    sides_mm: tuple[int, int, int]
    grams: int
    is_size_estimate: bool
    is_weight_estimate: bool
    is_upright: bool
    is_fragile: bool
    keep_apart: str
    temperature_class: str
    hazard_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastShipments:
    """Goods of shipments of the past, the latest first; `is_of_orders`: each order counts as one shipment."""

    goods: tuple[tuple[PackGoods, ...], ...]
    is_of_orders: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingShipment:
    """A picked shipment that waits to be packed; `tote` 0: it is on no cart."""

    fulfilment_id: int
    order_number: str
    state: str
    ship_by_at: dt.datetime | None
    place_code: str
    line_count: int
    units: Decimal
    made_by: str | None
    is_begun: bool
    tote: int


def get_shipment(*, fulfilment_id: int, actor: Actor) -> Shipment:
    """One shipment at a place of the actor's. Raises UnknownFulfilment."""
    rows = read_rows(statement=_SHIPMENT, parameters={"fulfilment_id": fulfilment_id})
    if not rows or not actor.may_at(rows[0]["place_code"]):
        raise UnknownFulfilment(fulfilment_id=fulfilment_id)
    return Shipment(**rows[0])


def list_goods(*, fulfilment_id: int) -> list[PackGoods]:
    """The goods of a shipment, a row for each order line and product."""
    rows = read_rows(statement=_GOODS, parameters={"fulfilment_id": fulfilment_id})
    return complete_goods(rows=rows)


def complete_goods(*, rows: Sequence[dict[str, Any]]) -> list[PackGoods]:
    """Rows of goods with estimates where nobody entered sizes or weights."""
    unknown = [row["product_id"] for row in rows if not _is_known(row)]
    usual = {}
    if unknown:
        found = read_rows(statement=_USUAL, parameters={"product_ids": unknown})
        usual = {one["category_id"]: one for one in found}
    return [_goods(row, usual=usual) for row in rows]


def list_waiting(
    *, place_code: str, actor: Actor, limit: int, after: tuple[dt.datetime, int] | None = None
) -> list[WaitingShipment]:
    """Picked shipments that wait to be packed, those that leave first at the top."""
    parameters = {
        "place_code": place_code,
        "own": [*actor.place_codes],
        "limit": limit,
        "after_at": after[0] if after else None,
        "after_id": after[1] if after else 0,
    }
    return [WaitingShipment(**row) for row in read_rows(statement=_WAITING, parameters=parameters)]


def count_waiting(*, place_code: str) -> int:
    """How many shipments wait to be packed at a place."""
    return int(read_rows(statement=_COUNT, parameters={"place_code": place_code})[0]["count"])


def list_past_shipments(*, limit: int) -> PastShipments:
    """The goods of the last shipments; where none was packed here yet, of the last orders."""
    ids = [row["id"] for row in read_rows(statement=_PAST_PARTS, parameters={"limit": limit})]
    statement = _PAST_PART_GOODS
    if not ids:
        ids = [row["id"] for row in read_rows(statement=_PAST_ORDERS, parameters={"limit": limit})]
        statement = _PAST_ORDER_GOODS
    rows = read_rows(statement=statement, parameters={"ids": ids})
    found: dict[int, list[PackGoods]] = {}
    for row, goods in zip(rows, complete_goods(rows=rows), strict=True):
        found.setdefault(row["shipment"], []).append(goods)
    return PastShipments(
        goods=tuple(tuple(found[one]) for one in ids if one in found), is_of_orders=statement is _PAST_ORDER_GOODS
    )


def _is_known(row: dict[str, Any]) -> bool:
    return bool(row["length_mm"] and row["width_mm"] and row["height_mm"] and row["grams"])


def _goods(row: dict[str, Any], *, usual: dict[Any, dict[str, Any]]) -> PackGoods:
    typical = usual.get(row["category_id"]) or usual.get(None) or {}
    has_size = bool(row["length_mm"] and row["width_mm"] and row["height_mm"])
    source = row if has_size else typical
    length, width, height = ASSUMED_SIDES_MM
    sides = (
        source.get("length_mm") or length,
        source.get("width_mm") or width,
        source.get("height_mm") or height,
    )
    return PackGoods(
        order_line_id=row["order_line_id"],
        product_id=row["product_id"],
        sku=row["sku"],
        name=row["name"],
        units=row["units"],
        lots=_lots(json.loads(row["lots"] or "[]"), units=row["units"]),
        owner=row["owner"] or "self",
        sides_mm=sides,
        grams=row["grams"] or typical.get("grams") or ASSUMED_GRAMS,
        # What is sold by weight or length has no size of its own.
        is_size_estimate=not has_size or row["is_sold_in_fractions"],
        is_weight_estimate=not row["grams"],
        is_upright=row["is_upright"],
        is_fragile=row["is_fragile"],
        keep_apart=row["keep_apart"],
        temperature_class=row["temperature_class"],
        hazard_class=row["hazard_class"],
    )


def _lots(lots: Sequence[Sequence[str]], *, units: Decimal) -> tuple[tuple[str, Decimal], ...]:
    """Lots up to the units of the line; what no lot covers stands without one."""
    found, left = [], units
    for lot, there in lots:
        taken = min(Decimal(there), left)
        if taken > 0:
            found.append((lot, taken))
            left -= taken
    if left > 0:
        found.append(("", left))
    return tuple(found)
