"""What stands where: places, the stock position the engine plans from, and the check of levels against the ledger."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import polars as pl
from django.db import connection

from reorder.domain.inventory.errors import UnknownPlace
from reorder.domain.inventory.models import Location, Place
from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.storage import fetch_prepared, read_frame
from reorder.kernel.fingerprint import fingerprint_of

_POSITION: Final = """
SELECT product.sku AS sku, place.code AS place,
       coalesce(sum(level.on_hand_units) FILTER (WHERE location.kind = 'stock'), 0)::float8 AS on_hand,
       coalesce(sum(level.on_hand_units) FILTER (WHERE location.kind = 'incoming'), 0)::float8 AS incoming,
       coalesce(sum(level.allocated_units) FILTER (WHERE location.kind = 'stock'), 0)::float8 AS allocated,
       coalesce(sum(level.held_units) FILTER (WHERE location.kind = 'stock'), 0)::float8 AS held,
       coalesce((SELECT sum(waiting.units) FROM inventory_backorder AS waiting
                 WHERE waiting.product_id = level.product_id AND waiting.place_id = place.id), 0)::float8
           AS backordered
FROM inventory_level AS level
JOIN inventory_location AS location ON location.id = level.location_id
JOIN inventory_place AS place ON place.id = location.place_id AND place.is_active
JOIN catalog_product AS product ON product.id = level.product_id
WHERE level.owner = {owner}
GROUP BY product.sku, place.code, level.product_id, place.id
ORDER BY product.sku, place.code
"""

# What the moves, the allocations and the holds sum to for each level, beside what the level says. Promised and picked
# goods stand at their place: they count for its stock location.
_DIFFERENCES: Final = """
WITH home AS (
    SELECT location.id, location.kind, coalesce(stock.id, location.id) AS home_id
    FROM inventory_location AS location
    LEFT JOIN inventory_location AS stock
        ON location.kind IN ('allocated', 'picked') AND stock.kind = 'stock' AND stock.place_id = location.place_id
    WHERE location.place_id IS NOT NULL
), side AS (
    SELECT move.product_id, home.home_id AS location_id, move.owner,
           CASE WHEN home.kind = 'incoming' THEN '' ELSE move.lot END AS lot, -move.units AS units,
           home.kind IN ('allocated', 'picked') AS is_promised
    FROM inventory_move AS move JOIN home ON home.id = move.source_id
    UNION ALL
    SELECT move.product_id, home.home_id, move.owner, CASE WHEN home.kind = 'incoming' THEN '' ELSE move.lot END,
           move.units, home.kind IN ('allocated', 'picked')
    FROM inventory_move AS move JOIN home ON home.id = move.target_id
), ledger AS (
    SELECT product_id, location_id, owner, lot, sum(units) AS on_hand,
           coalesce(sum(units) FILTER (WHERE is_promised), 0) AS allocated
    FROM side GROUP BY product_id, location_id, owner, lot
), promised AS (
    SELECT level_id, sum(units) AS units FROM inventory_allocation GROUP BY level_id
), held AS (
    SELECT level_id, sum(units) AS units FROM inventory_hold GROUP BY level_id
)
SELECT product.sku, location.code, owner, lot, figure.ledger_units, figure.level_units, figure.name
FROM ledger FULL JOIN inventory_level AS level USING (product_id, location_id, owner, lot)
LEFT JOIN promised ON promised.level_id = level.id
LEFT JOIN held ON held.level_id = level.id
JOIN catalog_product AS product ON product.id = product_id
JOIN inventory_location AS location ON location.id = location_id
CROSS JOIN LATERAL (VALUES
    ('on_hand', coalesce(ledger.on_hand, 0), coalesce(level.on_hand_units, 0)),
    ('allocated', coalesce(ledger.allocated, 0), coalesce(level.allocated_units, 0)),
    ('allocations', coalesce(promised.units, 0), coalesce(level.allocated_units, 0)),
    ('held', coalesce(held.units, 0), coalesce(level.held_units, 0))
) AS figure (name, ledger_units, level_units)
WHERE figure.ledger_units <> figure.level_units
ORDER BY product.sku, location.code, owner, lot, figure.name
"""

_STOCK_OF_PLACES: Final = """
SELECT place.code, count(DISTINCT level.product_id) FILTER (WHERE level.on_hand_units <> 0),
       coalesce(sum(level.on_hand_units) FILTER (WHERE location.kind = 'stock'), 0),
       coalesce(sum(level.on_hand_units) FILTER (WHERE location.kind = 'incoming'), 0)
FROM inventory_level AS level
JOIN inventory_location AS location ON location.id = level.location_id
JOIN inventory_place AS place ON place.id = location.place_id
WHERE level.owner = %(owner)s AND (%(place)s::text IS NULL OR place.code = %(place)s) GROUP BY place.code
"""


# What an order of this moment could get: lots that are not off, and what carts past their time hold.
_FREE: Final = """
SELECT place.code, level.product_id,
       sum(level.on_hand_units - level.allocated_units - level.held_units + coalesce(yielding.units, 0))
FROM inventory_level AS level
JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
JOIN inventory_place AS place ON place.id = location.place_id AND place.is_active
LEFT JOIN LATERAL (
    SELECT sum(hold.units) AS units FROM inventory_hold AS hold
    WHERE hold.level_id = level.id AND hold.expires_at <= %(now)s::timestamptz
) AS yielding ON level.held_units > 0
JOIN catalog_product AS product ON product.id = level.product_id AND product.goods_owner = level.owner
WHERE level.product_id = ANY(%(product_ids)s::bigint[])
  AND (level.expires_date IS NULL OR level.expires_date >= %(today)s::date)
GROUP BY 1, 2
"""
_HELD: Final = """
SELECT hold.hold_key, place.code, level.product_id, sum(hold.units)
FROM inventory_hold AS hold JOIN inventory_level AS level ON level.id = hold.level_id
JOIN inventory_location AS location ON location.id = level.location_id
JOIN inventory_place AS place ON place.id = location.place_id AND place.is_active
WHERE hold.hold_key = ANY(%(hold_keys)s::text[]) AND hold.expires_at > %(now)s::timestamptz
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A warehouse, a store, or a supplier that ships for us."""

    id: int
    code: str
    name: str
    kind: str
    country: str
    is_active: bool = True

    @property
    def fingerprint(self) -> str:
        """Tells whether somebody has changed the place since it was shown."""
        return fingerprint_of(values=(self.name, self.country, self.is_active))


@dataclass(frozen=True, slots=True)
class PlaceStock:
    """What a place holds of our own goods, all products together."""

    products_count: int
    on_hand_units: Decimal
    incoming_units: Decimal


@dataclass(frozen=True, slots=True)
class LedgerDifference:
    """A level that is not what its moves, allocations or holds sum to: an alarm, because only one writer exists.

    `figure` is on_hand or allocated (both against the moves), allocations or held (against their rows).
    """

    sku: str
    location: str
    owner: str
    lot: str
    ledger_units: Decimal
    level_units: Decimal
    figure: str = "on_hand"


def frame_position() -> pl.DataFrame:
    """The engine's POSITION of our own goods, a row for every SKU and active place that ever stocked it."""
    return read_frame(query=_POSITION, parameters={"owner": OWN_GOODS})


def list_free_units(
    *, product_ids: Sequence[int], moment: dt.datetime, today: dt.date
) -> dict[tuple[str, int], Decimal]:
    """Free units by (place code, product id), at active places, of whoever owns the product; a look, not a promise.

    Lots that are off by `today` are left out; holds that are over count as free.
    """
    given = {"product_ids": list(product_ids), "now": moment, "today": today}
    return {
        (place, product_id): units for place, product_id, units in fetch_prepared(statement=_FREE, parameters=given)
    }


def list_held_units(*, hold_keys: Sequence[str], moment: dt.datetime) -> dict[str, dict[tuple[str, int], Decimal]]:
    """What carts hold at `moment`, by hold key and (place code, product id)."""
    held: dict[str, dict[tuple[str, int], Decimal]] = {}
    given = {"hold_keys": list(hold_keys), "now": moment}
    for hold_key, place, product_id, units in fetch_prepared(statement=_HELD, parameters=given):
        held.setdefault(hold_key, {})[place, product_id] = units
    return held


@dataclass(frozen=True, slots=True)
class FreeLot:
    """Units of one lot at a place that are promised to nobody; `lot` is empty where none is known."""

    lot: str
    expires_date: dt.date | None
    free_units: Decimal


def list_free_lots(*, product_id: int, place_code: str) -> list[FreeLot]:
    """Free units of a product at a place by lot, those that expire first first."""
    query = """
        SELECT level.lot, (SELECT max(move.expires_date) FROM inventory_move AS move
                           WHERE level.lot <> '' AND move.product_id = level.product_id AND move.lot = level.lot),
               level.on_hand_units - level.allocated_units - level.held_units
        FROM inventory_level AS level
        JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
        JOIN inventory_place AS place ON place.id = location.place_id
        JOIN catalog_product AS product ON product.id = level.product_id AND product.goods_owner = level.owner
        WHERE level.product_id = %s AND place.code = %s
          AND level.on_hand_units > level.allocated_units + level.held_units
        ORDER BY 2 NULLS LAST, 1"""
    with connection.cursor() as cursor:
        cursor.execute(query, [product_id, place_code])
        return [FreeLot(*row) for row in cursor.fetchall()]


def list_moved_lots(*, cause_kind: str, cause_key: str) -> list[FreeLot]:
    """What moves of one cause took out of stock, by lot."""
    query = """
        SELECT move.lot, max(move.expires_date), sum(move.units)
        FROM inventory_move AS move JOIN inventory_location AS source ON source.id = move.source_id
        WHERE move.cause_kind = %s AND move.cause_key = %s AND source.kind = 'stock'
        GROUP BY move.lot ORDER BY move.lot"""
    with connection.cursor() as cursor:
        cursor.execute(query, [cause_kind, cause_key])
        return [FreeLot(*row) for row in cursor.fetchall()]


def compare_ledger_with_levels() -> list[LedgerDifference]:
    """Every level that differs from the sum of its moves; empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [LedgerDifference(*row) for row in cursor.fetchall()]


def list_places() -> list[PlaceRow]:
    """Active places by code."""
    return [_row(place) for place in Place.objects.filter(is_active=True).order_by("code")]


def find_place(*, code: str) -> PlaceRow | None:
    """One place by its code, active or not."""
    place = Place.objects.filter(code=code).first()
    return _row(place) if place else None


def list_every_place() -> list[PlaceRow]:
    """Places by code, those in use first, closed ones after them."""
    return [_row(place) for place in Place.objects.order_by("-is_active", "code")]


def get_place(*, place_id: int) -> PlaceRow:
    """One place by number, in use or closed; raises UnknownPlace."""
    place = Place.objects.filter(pk=place_id).first()
    if place is None:
        raise UnknownPlace(place=place_id)
    return _row(place)


def sum_stock_of_places() -> dict[str, PlaceStock]:
    """What each place holds, by its code; a place without goods is not there."""
    return _sum_stock(place_code=None)


def find_stock_of_place(*, place_code: str) -> PlaceStock | None:
    """What one place holds; None where nothing ever was."""
    return _sum_stock(place_code=place_code).get(place_code)


def _sum_stock(*, place_code: str | None) -> dict[str, PlaceStock]:
    with connection.cursor() as cursor:
        cursor.execute(_STOCK_OF_PLACES, {"owner": OWN_GOODS, "place": place_code})
        return {code: PlaceStock(*figures) for code, *figures in cursor.fetchall()}


def list_known_locations(*, codes: Iterable[str]) -> set[str]:
    """Those of the given location codes that exist."""
    return set(Location.objects.filter(code__in=list(codes)).values_list("code", flat=True))


def _row(place: Place) -> PlaceRow:
    return PlaceRow(
        id=place.pk, code=place.code, name=place.name, kind=place.kind, country=place.country, is_active=place.is_active
    )
