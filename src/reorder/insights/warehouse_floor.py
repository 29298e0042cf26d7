"""The floor as the desk Warehouse shows it: bins with what stands in them, what waits to be put away, where goods are.

Everything is of one place, which the caller has checked that the asker may see.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.errors import UnknownBin
from reorder.domain.warehouse.floor_rules import BinSpot
from reorder.insights.reading import read_rows
from reorder.kernel.patterns import like_literal

PAGE_SIZE: Final = 50
HEAT_DAYS: Final = 28
Purpose = Literal["pick", "bulk", "quarantine", "returns", "hazard"]
Temperature = Literal["ambient", "chilled", "frozen"]
BinTab = Literal["all", "full", "empty", "faces", "closed"]
_BINS: Final = """
SELECT bin.code, place.code AS place_code, zone.code AS zone, zone.purpose, zone.temperature_class, bin.aisle,
       bin.at_mm, bin.side, bin.level, bin.point, bin.length_mm, bin.width_mm, bin.height_mm, bin.max_grams,
       bin.is_active, coalesce(held.products_count, 0) AS products_count, coalesce(held.units, 0) AS units,
       coalesce(held.first_sku, '') AS first_sku, coalesce(held.first_name, '') AS first_name,
       held.first_expires_date, EXISTS (SELECT FROM warehouse_pickface AS face WHERE face.bin_id = bin.id) AS is_face
FROM warehouse_bin AS bin
JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id
JOIN inventory_place AS place ON place.id = bin.place_id
LEFT JOIN LATERAL (
    SELECT count(DISTINCT stock.product_id) AS products_count, sum(stock.units) AS units, min(product.sku) AS first_sku,
           min(product.name) AS first_name, min(stock.expires_date) AS first_expires_date
    FROM warehouse_binstock AS stock JOIN catalog_product AS product ON product.id = stock.product_id
    WHERE stock.bin_id = bin.id
) AS held ON true
WHERE (%(places)s::text[] IS NULL OR place.code = ANY(%(places)s::text[]))
  AND (%(after)s::text IS NULL OR bin.code > %(after)s::text)
  AND (%(zone)s::text = '' OR zone.code = %(zone)s::text) AND (%(aisle)s::int IS NULL OR bin.aisle = %(aisle)s::int)
  AND CASE %(tab)s::text
      WHEN 'full' THEN held.units IS NOT NULL WHEN 'empty' THEN held.units IS NULL AND bin.is_active
      WHEN 'faces' THEN EXISTS (SELECT FROM warehouse_pickface AS face WHERE face.bin_id = bin.id)
      WHEN 'closed' THEN NOT bin.is_active WHEN 'one' THEN true ELSE bin.is_active END
  AND (%(search)s::text = '' OR bin.code ILIKE %(starts)s::text OR EXISTS (
       SELECT FROM warehouse_binstock AS stock JOIN catalog_product AS product ON product.id = stock.product_id
       WHERE stock.bin_id = bin.id AND (product.sku = %(search)s::text OR product.name ILIKE %(inside)s::text)))
ORDER BY bin.code LIMIT %(limit)s
"""
_BIN: Final = _BINS.replace("WHERE (%(places)s", "WHERE bin.code = %(code)s AND (%(places)s", 1)
_CONTENTS: Final = """
SELECT bin.code AS bin_code, stock.product_id, product.sku, product.name, stock.owner, stock.lot, stock.expires_date,
       stock.units
FROM warehouse_binstock AS stock JOIN warehouse_bin AS bin ON bin.id = stock.bin_id
JOIN catalog_product AS product ON product.id = stock.product_id
WHERE bin.code = ANY(%(codes)s::text[])
ORDER BY bin.code, product.sku, stock.expires_date NULLS LAST, stock.lot, stock.owner
"""
_MOVES: Final = """
SELECT move.id, move.kind, move.happened_at, move.units, move.owner, move.lot, product.id AS product_id, product.sku,
       product.name, coalesce(source.code, '') AS source, coalesce(target.code, '') AS target, move.actor,
       move.cause_kind, move.cause_key
FROM warehouse_binmove AS move JOIN catalog_product AS product ON product.id = move.product_id
LEFT JOIN warehouse_bin AS source ON source.id = move.source_id
LEFT JOIN warehouse_bin AS target ON target.id = move.target_id
WHERE (source.code = %(code)s::text OR target.code = %(code)s::text)
  AND (%(before)s::bigint IS NULL OR move.id < %(before)s::bigint)
ORDER BY move.id DESC LIMIT %(limit)s
"""
# What stands at a place and in no bin: on hand, less what pickers hold, less what is in bins.
_LOOSE: Final = """
SELECT * FROM (
    SELECT level.product_id, product.sku, product.name, level.owner, level.lot, level.expires_date,
           level.on_hand_units
           - coalesce((SELECT sum(known.picked_units) FROM inventory_allocation AS known
                       WHERE known.level_id = level.id), 0)
           - coalesce((SELECT sum(stock.units) FROM warehouse_binstock AS stock
                       JOIN warehouse_bin AS bin ON bin.id = stock.bin_id AND bin.place_id = location.place_id
                       WHERE stock.product_id = level.product_id AND stock.owner = level.owner
                         AND stock.lot = level.lot), 0) AS units
    FROM inventory_level AS level
    JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
    JOIN inventory_place AS place ON place.id = location.place_id AND place.code = %(place)s
    JOIN catalog_product AS product ON product.id = level.product_id
    WHERE level.on_hand_units > 0
) AS loose
WHERE units > 0 AND (%(sku)s::text IS NULL OR (sku, owner, lot) > (%(sku)s::text, %(owner)s::text, %(lot)s::text))
  AND (%(search)s::text = '' OR sku = %(search)s::text OR name ILIKE %(inside)s::text)
ORDER BY sku, owner, lot LIMIT %(limit)s
"""
_OF_PRODUCT: Final = """
SELECT place.code AS place_code, place.name AS place_name, bin.code AS bin_code, zone.purpose, stock.owner, stock.lot,
       stock.expires_date, stock.units, face.min_units, face.max_units
FROM warehouse_binstock AS stock JOIN warehouse_bin AS bin ON bin.id = stock.bin_id
JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id
JOIN inventory_place AS place ON place.id = bin.place_id
LEFT JOIN warehouse_pickface AS face ON face.bin_id = bin.id AND face.product_id = stock.product_id
WHERE stock.product_id = %(product_id)s AND (%(places)s::text[] IS NULL OR place.code = ANY(%(places)s::text[]))
ORDER BY place.code, zone.purpose DESC, stock.expires_date NULLS LAST, bin.code, stock.lot
LIMIT 200
"""
# Bins above each other are one field of the picture: a quarter of the rows, and named by the lowest.
_FIELDS: Final = """
SELECT (array_agg(bin.code ORDER BY bin.level, bin.code))[1] AS code, bin.aisle, bin.at_mm, bin.side, bin.point,
       (array_agg(zone.purpose ORDER BY bin.level, bin.code))[1] AS purpose,
       coalesce(sum(held.units), 0)::float8 AS units, coalesce(sum(picked.count), 0)::float8 AS picks
FROM warehouse_bin AS bin JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id
JOIN inventory_place AS place ON place.id = bin.place_id
LEFT JOIN (SELECT bin_id, sum(units) AS units FROM warehouse_binstock GROUP BY bin_id) AS held ON held.bin_id = bin.id
LEFT JOIN (SELECT source_id, count(*) AS count FROM warehouse_binmove
           WHERE kind = 'pick' AND happened_at >= %(since)s GROUP BY source_id) AS picked ON picked.source_id = bin.id
WHERE place.code = %(place)s AND bin.is_active GROUP BY bin.aisle, bin.at_mm, bin.side, bin.point
"""
_COUNTS: Final = """
SELECT count(*) AS bins_count, count(*) FILTER (WHERE held.bin_id IS NOT NULL) AS full_count,
       coalesce(sum(held.units), 0) AS units
FROM warehouse_bin AS bin JOIN inventory_place AS place ON place.id = bin.place_id AND place.code = %(place)s
LEFT JOIN (SELECT bin_id, sum(units) AS units FROM warehouse_binstock GROUP BY bin_id) AS held ON held.bin_id = bin.id
WHERE bin.is_active
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BinLine:
    """A bin with the sum of what stands in it."""

    code: str
    place_code: str
    zone: str
    purpose: Purpose
    temperature_class: Temperature
    aisle: int
    at_mm: int
    side: str
    level: int
    point: str
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    max_grams: int | None
    is_active: bool
    products_count: int
    units: Decimal
    first_sku: str
    first_name: str
    first_expires_date: dt.date | None
    is_face: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BinContentLine:
    """Units of a lot in a bin."""

    bin_code: str
    product_id: int
    sku: str
    name: str
    owner: str
    lot: str
    expires_date: dt.date | None
    units: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BinMoveLine:
    """One move into or out of a bin."""

    id: int
    kind: str
    happened_at: dt.datetime
    units: Decimal
    owner: str
    lot: str
    product_id: int
    sku: str
    name: str
    source: str
    target: str
    actor: str
    cause_kind: str
    cause_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseLine:
    """Units of a lot that stand at the place in no bin."""

    product_id: int
    sku: str
    name: str
    owner: str
    lot: str
    expires_date: dt.date | None
    units: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductInBin:
    """Where a product stands."""

    place_code: str
    place_name: str
    bin_code: str
    purpose: str
    owner: str
    lot: str
    expires_date: dt.date | None
    units: Decimal
    min_units: Decimal | None
    max_units: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorFields:
    """Fields of the picture, with the units that stand in each and the picks from it, by code."""

    spots: Sequence[BinSpot]
    units: Mapping[str, float]
    picks: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorCounts:
    """How many open bins a place has, how many hold something, and how many units."""

    bins_count: int
    full_count: int
    units: Decimal


def list_bins(
    *,
    places: Sequence[str] | None,
    tab: BinTab = "all",
    search: str = "",
    zone: str = "",
    aisle: int | None = None,
    after: str | None = None,
    limit: int = PAGE_SIZE,
) -> list[BinLine]:
    """Bins of places (None: of all) by code, after a code; `search` is the beginning of a code, or a product in it."""
    given = _asked(places=places, tab=tab, search=search, zone=zone, aisle=aisle, after=after, limit=limit)
    return [BinLine(**row) for row in read_rows(statement=_BINS, parameters=given)]


def get_bin(*, actor: Actor, code: str) -> BinLine:
    """One bin of a place of the actor's, open or closed. Raises UnknownBin."""
    places = sorted(actor.place_codes) or None
    given = _asked(places=places, tab="one", search="", zone="", aisle=None, after=None, limit=1)
    rows = read_rows(statement=_BIN, parameters=given | {"code": code.replace("\x00", "")})
    if not rows:
        raise UnknownBin(bin=code)
    return BinLine(**rows[0])


def list_contents(*, codes: Sequence[str]) -> list[BinContentLine]:
    """What stands in bins, by bin and product."""
    return [BinContentLine(**row) for row in read_rows(statement=_CONTENTS, parameters={"codes": list(codes)})]


def list_bin_moves(*, code: str, before: int | None = None, limit: int = PAGE_SIZE) -> list[BinMoveLine]:
    """Moves into and out of a bin, the latest booked first, those before a number."""
    given = {"code": code, "before": before, "limit": limit}
    return [BinMoveLine(**row) for row in read_rows(statement=_MOVES, parameters=given)]


def list_loose_page(
    *, place_code: str, search: str = "", after: tuple[str, str, str] | None = None, limit: int = PAGE_SIZE
) -> list[LooseLine]:
    """What waits to be put away at a place, by product, owner and lot, after those."""
    sku, owner, lot = after or (None, None, None)
    given = {"place": place_code, "sku": sku, "owner": owner, "lot": lot, "limit": limit} | _words(search)
    return [LooseLine(**row) for row in read_rows(statement=_LOOSE, parameters=given)]


def list_bins_of_product(*, product_id: int, places: Sequence[str]) -> list[ProductInBin]:
    """Where a product stands, at these places (none: at all), up to 200 lines."""
    given = {"product_id": product_id, "places": list(places) or None}
    return [ProductInBin(**row) for row in read_rows(statement=_OF_PRODUCT, parameters=given)]


def list_fields(*, place_code: str, picked_since: dt.datetime) -> FloorFields:
    """The open bins of a place as a picture shows them: those above each other are one, named by one of them."""
    rows = read_rows(statement=_FIELDS, parameters={"place": place_code, "since": picked_since})
    spots = [
        BinSpot(
            code=row["code"],
            aisle=row["aisle"],
            at_mm=row["at_mm"],
            side=row["side"],
            point=row["point"],
            purpose=row["purpose"],
        )
        for row in rows
    ]
    return FloorFields(
        spots=spots,
        units={row["code"]: row["units"] for row in rows},
        picks={row["code"]: row["picks"] for row in rows},
    )


def count_floor(*, place_code: str) -> FloorCounts:
    """How full a place is."""
    return FloorCounts(**read_rows(statement=_COUNTS, parameters={"place": place_code})[0])


def _asked(**given: Any) -> dict[str, Any]:
    places = given.pop("places")
    return given | _words(given["search"]) | {"places": list(places) if places is not None else None}


def _words(search: str) -> dict[str, str]:
    literal = like_literal(text=search)
    return {"search": search, "starts": f"{literal}%", "inside": f"%{literal}%"}
