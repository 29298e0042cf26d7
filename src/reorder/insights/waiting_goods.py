"""Fulfilment orders that wait for goods of which some are there now, those that wait longest first."""

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.insights.reading import read_rows

_WAITING: Final = """
SELECT parcel.id AS fulfilment_id, parcel.order_id, min(waiting.created_at) AS since, place.code AS place_code,
       (SELECT jsonb_agg(jsonb_build_array(goods.product_id, goods.units::text) ORDER BY goods.product_id)
        FROM warehouse_fulfilmentline AS goods WHERE goods.fulfilment_id = parcel.id) AS goods,
       NOT EXISTS (
            SELECT FROM warehouse_fulfilmentline AS goods
            JOIN inventory_sellingterm AS term ON term.product_id = goods.product_id
            WHERE goods.fulfilment_id = parcel.id AND term.release_date > %(today)s::date) AS is_released
FROM inventory_backorder AS waiting
JOIN warehouse_fulfilmentline AS line
    ON line.order_line_id = substr(waiting.demand_key, 12)::bigint AND line.product_id = waiting.product_id
JOIN warehouse_fulfilmentorder AS parcel ON parcel.id = line.fulfilment_id AND parcel.state = 'waiting'
JOIN inventory_place AS place ON place.id = parcel.place_id
WHERE waiting.demand_key LIKE 'order_line:%%'
GROUP BY parcel.id, parcel.order_id, place.code
HAVING bool_or(EXISTS (
    SELECT FROM inventory_level AS level
    JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
    WHERE level.product_id = waiting.product_id AND level.owner = 'self'
      AND level.on_hand_units > level.allocated_units + level.held_units))
   AND (%(since)s::timestamptz IS NULL
        OR (min(waiting.created_at), parcel.id) > (%(since)s::timestamptz, %(fulfilment_id)s::bigint))
ORDER BY since, parcel.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class WaitingFulfilment:
    """A fulfilment order that waits at a place, since when and for what: units by product.

    `is_released`: nothing of it may only be sold from a later day on.
    """

    fulfilment_id: int
    order_id: int
    since: dt.datetime
    place_code: str
    units: dict[int, Decimal]
    is_released: bool


def list_waiting_fulfilments(
    *, today: dt.date, after: WaitingFulfilment | None = None, limit: int = 1000
) -> list[WaitingFulfilment]:
    """Those behind `after` for which anything could be there; whether it is enough and theirs, the promise decides."""
    given = {
        "today": today,
        "since": after.since if after else None,
        "fulfilment_id": after.fulfilment_id if after else None,
        "limit": limit,
    }
    return [_row(row) for row in read_rows(statement=_WAITING, parameters=given)]


def _row(row: dict[str, Any]) -> WaitingFulfilment:
    units: dict[int, Decimal] = {}
    for product_id, each in json.loads(row.pop("goods")):
        units[product_id] = units.get(product_id, Decimal(0)) + Decimal(each)
    return WaitingFulfilment(**row, units=units)
