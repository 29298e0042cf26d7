"""What the ledgers tell of the goods of others: what stands here, what a month brought, orders with their parcels."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.inventory.owner_rules import StoredProduct
from reorder.insights.reading import read_rows

# Goods stand at a place of ours while they are on its shelves, promised or not, and until they have left.
_HERE: Final = """
here AS MATERIALIZED (
    SELECT location.id FROM inventory_location AS location JOIN inventory_place AS place ON place.id = location.place_id
    WHERE location.kind IN ('stock', 'allocated', 'picked') AND place.kind <> 'supplier'
)"""
# A unit that came on a day stands here at the end of this and of every later day that is counted; one that left is
# taken off in the same way. What was here before the first day counts for all of them.
_STORED: Final = f"""
WITH {_HERE}, change AS (
    SELECT move.product_id, (move.happened_at AT TIME ZONE %(time_zone)s)::date AS date,
           move.units * ((move.target_id IN (TABLE here))::int - (move.source_id IN (TABLE here))::int) AS units
    FROM inventory_move AS move
    WHERE move.owner = %(owner)s
      AND move.happened_at < (%(last)s::date + 1)::timestamp AT TIME ZONE %(time_zone)s
), summed AS (
    SELECT product_id, sum(units * (%(last)s::date - greatest(date, %(first)s::date) + 1)) AS unit_days
    FROM change WHERE units <> 0 GROUP BY product_id
)
SELECT product.sku, product.name, summed.unit_days,
       product.length_mm::bigint * product.width_mm * product.height_mm AS unit_mm3
FROM summed JOIN catalog_product AS product ON product.id = summed.product_id
WHERE summed.unit_days > 0 ORDER BY product.sku
"""  # noqa: S608 - made of constants only
# An order counts once, in the month in which the first goods of this owner left for it.
_COUNTS: Final = """
WITH month AS (
    SELECT %(first)s::date::timestamp AT TIME ZONE %(time_zone)s AS begins,
           %(ends)s::date::timestamp AT TIME ZONE %(time_zone)s AS ends
), moved AS (
    SELECT move.kind, sum(move.units) AS units
    FROM month JOIN inventory_move AS move ON move.happened_at >= month.begins AND move.happened_at < month.ends
    JOIN inventory_location AS target ON target.id = move.target_id
    WHERE move.owner = %(owner)s
      AND (move.kind IN ('ship', 'return') OR (move.kind = 'receipt' AND target.kind = 'stock'))
    GROUP BY move.kind
), orders AS (
    SELECT count(*) AS count FROM (
        SELECT min(happened_at) AS left_at FROM inventory_move
        WHERE owner = %(owner)s AND kind = 'ship' AND cause_kind = 'order' GROUP BY cause_key) AS sent
    JOIN month ON sent.left_at >= month.begins AND sent.left_at < month.ends
), parcels AS (
    SELECT count(*) AS count FROM month JOIN shipping_parcel AS parcel
        ON parcel.shipped_at >= month.begins AND parcel.shipped_at < month.ends
    WHERE parcel.owner = %(owner)s AND parcel.direction = 'out' AND parcel.state <> 'cancelled'
)
SELECT coalesce((SELECT units FROM moved WHERE kind = 'receipt'), 0) AS received_unit,
       (SELECT count FROM orders)::numeric AS shipped_order,
       coalesce((SELECT units FROM moved WHERE kind = 'ship'), 0) AS picked_unit,
       (SELECT count FROM parcels)::numeric AS parcel,
       coalesce((SELECT units FROM moved WHERE kind = 'return'), 0) AS returned_unit
"""
_STANDING: Final = """
SELECT level.owner, count(DISTINCT level.product_id) AS products_count, sum(level.on_hand_units) AS units,
       coalesce(sum(level.on_hand_units * (product.length_mm::bigint * product.width_mm * product.height_mm)), 0)
           / 1000000 AS litres,
       count(DISTINCT level.product_id) FILTER (
           WHERE product.length_mm IS NULL OR product.width_mm IS NULL OR product.height_mm IS NULL) AS unsized_count
FROM inventory_level AS level JOIN inventory_location AS location ON location.id = level.location_id
JOIN inventory_place AS place ON place.id = location.place_id
JOIN catalog_product AS product ON product.id = level.product_id
WHERE level.owner <> 'self' AND location.kind = 'stock' AND place.kind <> 'supplier' AND level.on_hand_units > 0
GROUP BY level.owner
"""
_STOCK: Final = """
SELECT product.sku, product.name, place.code AS place, level.lot, level.expires_date, level.on_hand_units,
       level.allocated_units, level.held_units,
       level.on_hand_units * (product.length_mm::bigint * product.width_mm * product.height_mm) / 1000000 AS litres
FROM inventory_level AS level JOIN inventory_location AS location ON location.id = level.location_id
JOIN inventory_place AS place ON place.id = location.place_id
JOIN catalog_product AS product ON product.id = level.product_id
WHERE level.owner = %(owner)s AND location.kind = 'stock' AND level.on_hand_units > 0
ORDER BY product.sku, place.code, level.expires_date NULLS LAST, level.lot LIMIT %(limit)s
"""
_SENT: Final = """
SELECT move.happened_at AS left_at, sent.external_id AS order_number, product.sku, product.name, place.code AS place,
       move.lot, move.units
FROM inventory_move AS move JOIN catalog_product AS product ON product.id = move.product_id
JOIN inventory_location AS source ON source.id = move.source_id
JOIN inventory_place AS place ON place.id = source.place_id
LEFT JOIN orders_order AS sent ON move.cause_kind = 'order' AND sent.id::text = move.cause_key
WHERE move.owner = %(owner)s AND move.kind = 'ship'
  AND move.happened_at >= %(first)s::date::timestamp AT TIME ZONE %(time_zone)s
  AND move.happened_at < %(ends)s::date::timestamp AT TIME ZONE %(time_zone)s
ORDER BY move.happened_at, move.id LIMIT %(limit)s
"""
MOST_ROWS: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingGoods:
    """What stands here of one owner: products, units, litres of those with a size, and how many have none."""

    owner: str
    products_count: int
    units: Decimal
    litres: Decimal
    unsized_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerStock:
    """One product, place and lot of an owner."""

    sku: str
    name: str
    place: str
    lot: str
    expires_date: dt.date | None
    on_hand_units: Decimal
    allocated_units: Decimal
    held_units: Decimal
    litres: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentGoods:
    """Goods of an owner that left for an order."""

    left_at: dt.datetime
    order_number: str | None
    sku: str
    name: str
    place: str
    lot: str
    units: Decimal


def list_stored(*, owner: str, first_date: dt.date, last_date: dt.date, time_zone: str) -> list[StoredProduct]:
    """Unit-days of each product of an owner: units on hand summed over the ends of the days, the last one included."""
    given = {"owner": owner, "first": first_date, "last": last_date, "time_zone": time_zone}
    return [StoredProduct(**row) for row in read_rows(statement=_STORED, parameters=given)]


def count_month(*, owner: str, first_date: dt.date, ends_date: dt.date, time_zone: str) -> dict[str, Decimal]:
    """Units received, orders, units and parcels that left, units that came back, from one day until before another."""
    given = {"owner": owner, "first": first_date, "ends": ends_date, "time_zone": time_zone}
    return dict(read_rows(statement=_COUNTS, parameters=given)[0])


def list_standing() -> dict[str, StandingGoods]:
    """What stands here of every owner but ourselves, by owner."""
    return {row["owner"]: StandingGoods(**row) for row in read_rows(statement=_STANDING, parameters={})}


def list_stock(*, owner: str, limit: int = MOST_ROWS) -> list[OwnerStock]:
    """What stands here of one owner, by product, place and lot."""
    return [OwnerStock(**row) for row in read_rows(statement=_STOCK, parameters={"owner": owner, "limit": limit})]


def list_sent(
    *, owner: str, first_date: dt.date, ends_date: dt.date, time_zone: str, limit: int = MOST_ROWS
) -> list[SentGoods]:
    """What left of one owner's goods from one day until before another, in the order in which it left."""
    given: dict[str, Any] = {
        "owner": owner,
        "first": first_date,
        "ends": ends_date,
        "time_zone": time_zone,
        "limit": limit,
    }
    return [SentGoods(**row) for row in read_rows(statement=_SENT, parameters=given)]
