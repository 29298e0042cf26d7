"""What comes back of an order: who asked for it, in which words, what was answered, and how far it is."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.insights.reading import read_rows

_RETURNS: Final = """
SELECT of_return.id AS return_id, of_return.number, of_return.state, of_return.opened_by, of_return.reason,
       of_return.note, of_return.resolution, of_return.refund_minor, of_return.tracking_number, of_return.carrier,
       coalesce(wish.id, 0) AS id, coalesce(wish.photo_type, '') <> '' AS has_photo, of_return.opened_at AS asked_at,
       (SELECT coalesce(jsonb_object_agg(sold.line_key, line.units::text), '{}'::jsonb)::text
        FROM warehouse_returnline AS line JOIN orders_orderline AS sold ON sold.id = line.order_line_id
        WHERE line.of_return_id = of_return.id) AS lines,
       CASE event.kind WHEN 'return_accepted' THEN 'accepted' WHEN 'return_declined' THEN 'declined' ELSE '' END
           AS answer,
       coalesce(event.details ->> 'note', '') AS word, event.happened_at AS answered_at,
       coalesce(event.actor, '') AS answered_by
FROM warehouse_return AS of_return
LEFT JOIN customers_returnrequest AS wish ON wish.id = of_return.request_id
LEFT JOIN orders_orderevent AS event ON event.order_id = of_return.order_id
     AND event.kind IN ('return_accepted', 'return_declined')
     AND ((event.details ->> 'return')::bigint = of_return.id OR (event.details ->> 'request')::bigint = wish.id)
WHERE of_return.order_id = %(order_id)s ORDER BY of_return.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReturn:
    """One return with its answer: `accepted`, `declined`, or empty while nobody has answered it.

    `id` is the number of the customer's wish, 0 for a return that staff opened; `state` tells how far it is.
    """

    id: int
    return_id: int
    number: str
    state: str
    opened_by: str
    reason: str
    lines: Mapping[str, Decimal]
    note: str
    has_photo: bool
    asked_at: dt.datetime
    answer: str
    word: str
    answered_at: dt.datetime | None
    answered_by: str
    resolution: str
    refund_minor: int
    carrier: str
    tracking_number: str


def list_order_returns(*, order_id: int) -> list[OrderReturn]:
    """The returns of one order, the first first."""
    return [_return(row) for row in read_rows(statement=_RETURNS, parameters={"order_id": order_id})]


def _return(row: dict[str, Any]) -> OrderReturn:
    lines = {key: Decimal(units) for key, units in json.loads(row["lines"]).items()}
    return OrderReturn(**{**row, "lines": lines})
