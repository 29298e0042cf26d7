"""What customers asked to send back of an order, and what they were answered."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.insights.reading import read_rows

_RETURNS: Final = """
SELECT wish.id, wish.reason, wish.lines::text AS lines, wish.note, wish.photo_type <> '' AS has_photo,
       wish.created_at AS asked_at, coalesce(substr(event.kind, length('return_') + 1), '') AS answer,
       coalesce(event.details ->> 'note', '') AS word, event.happened_at AS answered_at,
       coalesce(event.actor, '') AS answered_by
FROM customers_returnrequest AS wish
LEFT JOIN orders_orderevent AS event ON event.order_id = wish.order_id
     AND event.kind IN ('return_accepted', 'return_declined') AND (event.details ->> 'request')::bigint = wish.id
WHERE wish.order_id = %(order_id)s ORDER BY wish.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReturn:
    """One wish with its answer: `accepted`, `declined`, or empty while nobody has answered it."""

    id: int
    reason: str
    lines: Mapping[str, Decimal]
    note: str
    has_photo: bool
    asked_at: dt.datetime
    answer: str
    word: str
    answered_at: dt.datetime | None
    answered_by: str


def list_order_returns(*, order_id: int) -> list[OrderReturn]:
    """The wishes about one order, the first first."""
    return [_return(row) for row in read_rows(statement=_RETURNS, parameters={"order_id": order_id})]


def _return(row: dict[str, Any]) -> OrderReturn:
    lines = {key: Decimal(units) for key, units in json.loads(row["lines"]).items()}
    return OrderReturn(**{**row, "lines": lines})
