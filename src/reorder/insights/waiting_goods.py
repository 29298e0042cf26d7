"""Fulfilment orders that wait for goods of which some are there now, those that wait longest first."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from reorder.insights.reading import read_rows

_WAITING: Final = """
SELECT parcel.id AS fulfilment_id, parcel.order_id, min(waiting.created_at) AS since
FROM inventory_backorder AS waiting
JOIN warehouse_fulfilmentline AS line
    ON line.order_line_id = substr(waiting.demand_key, 12)::bigint AND line.product_id = waiting.product_id
JOIN warehouse_fulfilmentorder AS parcel ON parcel.id = line.fulfilment_id AND parcel.state = 'waiting'
WHERE waiting.demand_key LIKE 'order_line:%%'
GROUP BY parcel.id, parcel.order_id
HAVING bool_or(EXISTS (
    SELECT FROM inventory_level AS level
    JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
    WHERE level.product_id = waiting.product_id AND level.owner = 'self'
      AND level.on_hand_units > level.allocated_units + level.held_units))
ORDER BY since, parcel.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class WaitingFulfilment:
    """A fulfilment order that waits, and since when."""

    fulfilment_id: int
    order_id: int
    since: dt.datetime


def list_waiting_fulfilments(*, limit: int = 1000) -> list[WaitingFulfilment]:
    """Those for which anything could be there; whether it is enough, and theirs, the promise decides."""
    return [WaitingFulfilment(**row) for row in read_rows(statement=_WAITING, parameters={"limit": limit})]
