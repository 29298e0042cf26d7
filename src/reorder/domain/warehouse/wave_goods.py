"""What a wave picks from: the lots that its parcels are promised, and the bins that hold them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.storage import fetch_prepared

_WANTED: Final = """
SELECT line.fulfilment_id, parcel.order_id, line.order_line_id, line.product_id, product.sku,
       line.units - coalesce((SELECT sum(pick.picked_units) FROM warehouse_pickline AS pick
                              WHERE pick.fulfilment_id = line.fulfilment_id AND pick.state = 'picked'
                                AND pick.order_line_id = line.order_line_id
                                AND pick.product_id = line.product_id), 0) AS units
FROM warehouse_fulfilmentline AS line
JOIN warehouse_fulfilmentorder AS parcel ON parcel.id = line.fulfilment_id AND parcel.state = 'released'
JOIN catalog_product AS product ON product.id = line.product_id
WHERE line.fulfilment_id = ANY(%(fulfilment_ids)s::bigint[])
ORDER BY parcel.order_id, line.fulfilment_id, line.order_line_id, line.product_id
"""
_PROMISED: Final = """
SELECT known.demand_key, level.product_id, level.owner, level.lot, level.expires_date, known.units - known.picked_units
FROM inventory_allocation AS known
JOIN inventory_level AS level ON level.id = known.level_id
JOIN inventory_location AS location
     ON location.id = level.location_id AND location.code = 'stock:' || %(place_code)s::text
WHERE known.demand_key = ANY(%(demand_keys)s::text[]) AND known.units > known.picked_units
ORDER BY known.demand_key, level.product_id, level.expires_date NULLS LAST, level.lot, level.id
"""
# What stands in bins that are picked from, less what open lines of all waves are to take there.
_IN_BINS: Final = """
SELECT bin.code, stock.product_id, stock.owner, stock.lot,
       stock.units - coalesce((SELECT sum(line.units) FROM warehouse_pickline AS line
                               JOIN warehouse_pickbatch AS batch
                                    ON batch.id = line.batch_id AND batch.state IN ('open', 'picking')
                               WHERE line.bin_id = stock.bin_id AND line.state = 'open'
                                 AND line.product_id = stock.product_id AND line.owner = stock.owner
                                 AND line.lot = stock.lot), 0) AS units,
       zone.purpose = 'bulk' AS is_bulk
FROM warehouse_binstock AS stock
JOIN warehouse_bin AS bin ON bin.id = stock.bin_id AND bin.is_active
JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id AND zone.purpose IN ('pick', 'bulk')
JOIN inventory_place AS place ON place.id = bin.place_id AND place.code = %(place_code)s::text
WHERE stock.product_id = ANY(%(product_ids)s::bigint[])
ORDER BY stock.product_id, stock.owner, stock.lot, is_bulk, bin.code
"""
_CONTENTS: Final = """
SELECT bin.code, stock.product_id, stock.owner, stock.lot, stock.units
FROM warehouse_binstock AS stock JOIN warehouse_bin AS bin ON bin.id = stock.bin_id
WHERE bin.code = ANY(%(bin_codes)s::text[])
"""


@dataclass(frozen=True, slots=True)
class WantedGoods:
    """Units of a product that a released parcel still wants for an order line."""

    fulfilment_id: int
    order_id: int
    order_line_id: int
    product_id: int
    sku: str
    units: Decimal


@dataclass(frozen=True, slots=True)
class PromisedLot:
    """Units of a lot on the shelves that a demand is promised."""

    demand_key: str
    product_id: int
    owner: str
    lot: str
    expires_date: dt.date | None
    units: Decimal


@dataclass(frozen=True, slots=True)
class PickableStock:
    """Units of a lot in a bin that no list is to take yet."""

    bin_code: str
    product_id: int
    owner: str
    lot: str
    units: Decimal
    is_bulk: bool


def list_wanted(*, fulfilment_ids: Sequence[int]) -> list[WantedGoods]:
    """What released parcels still want from the shelves, by order; what is picked already is left out."""
    rows = fetch_prepared(statement=_WANTED, parameters={"fulfilment_ids": list(fulfilment_ids)})
    return [WantedGoods(*row) for row in rows if row[5] > 0]


def list_promised(*, place_code: str, demand_keys: Sequence[str]) -> list[PromisedLot]:
    """The lots at a place that demands are promised and nobody has picked, what goes off first first."""
    given = {"place_code": place_code, "demand_keys": list(demand_keys)}
    return [PromisedLot(*row) for row in fetch_prepared(statement=_PROMISED, parameters=given)]


def list_pickable(*, place_code: str, product_ids: Sequence[int]) -> list[PickableStock]:
    """What stands in bins that are picked from and is planned by no list: pick faces before bulk, then by bin."""
    given = {"place_code": place_code, "product_ids": list(product_ids)}
    rows = fetch_prepared(statement=_IN_BINS, parameters=given)
    return [PickableStock(*row) for row in rows if row[4] > 0]


def list_contents(*, bin_codes: Sequence[str]) -> dict[str, list[tuple[int, str, str, Decimal]]]:
    """What bins hold by their records: (product, owner, lot, units) by bin."""
    found: dict[str, list[tuple[int, str, str, Decimal]]] = {code: [] for code in bin_codes}
    for row in fetch_prepared(statement=_CONTENTS, parameters={"bin_codes": list(bin_codes)}):
        found[row[0]].append((row[1], row[2], row[3], row[4]))
    return found
