"""Customers' moves between segments: written by the night that sees them, read by day, by cell and by customer.

One move a customer and day, counted from where the customer stood after the last earlier day. The moves of days gone by
are never changed; a night that is run again writes those of its own day anew.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

# A later night already told where everybody went from there.
_IS_PAST: Final = "SELECT EXISTS (SELECT FROM planning_segmentmove WHERE date > %(day)s)"
_TAKE_BACK: Final = "DELETE FROM planning_segmentmove WHERE date = %(day)s"
_RECORD: Final = """
INSERT INTO planning_segmentmove (customer_id, date, from_segment, to_segment)
SELECT value.customer_id, %(day)s, coalesce(last.to_segment, ''), value.segment
FROM planning_customervalue AS value LEFT JOIN (
    SELECT DISTINCT ON (customer_id) customer_id, to_segment FROM planning_segmentmove
    WHERE date < %(day)s ORDER BY customer_id, date DESC
) AS last ON last.customer_id = value.customer_id
WHERE last.to_segment IS DISTINCT FROM value.segment
ORDER BY value.customer_id
"""
_COUNTED: Final = """
SELECT from_segment, to_segment, count(*) FROM planning_segmentmove WHERE date > %(since)s
GROUP BY from_segment, to_segment ORDER BY from_segment, to_segment
"""
_SIZES: Final = """
SELECT segment, r_score, f_score, count(*), coalesce(sum(expected_value), 0), coalesce(sum(expected_value_90), 0),
       coalesce(sum(monetary), 0), coalesce(sum(churn_share), 0)
FROM planning_customervalue GROUP BY segment, r_score, f_score ORDER BY segment, r_score, f_score
"""
_MOVED: Final = """
SELECT move.id, move.date, move.from_segment, move.to_segment, customer.id, customer.key, customer.name,
       customer.erased_at IS NOT NULL, value.segment, value.expected_value, value.expected_value_90, value.churn_share
FROM planning_segmentmove AS move
JOIN customers_customer AS customer ON customer.id = move.customer_id
LEFT JOIN planning_customervalue AS value ON value.customer_id = move.customer_id
WHERE move.date > %(since)s
  AND (%(from_segment)s::text IS NULL OR move.from_segment = %(from_segment)s)
  AND (%(to_segment)s::text IS NULL OR move.to_segment = %(to_segment)s)
  AND (%(date)s::date IS NULL OR (move.date, move.id) < (%(date)s, %(id)s))
ORDER BY move.date DESC, move.id DESC LIMIT %(limit)s
"""
_OF_CUSTOMER: Final = """
SELECT id, date, from_segment, to_segment FROM planning_segmentmove WHERE customer_id = %s ORDER BY date DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class CountedMoves:
    """How many moves led from one segment to another; an empty `from_segment` counts customers seen first."""

    from_segment: str
    to_segment: str
    count: int


@dataclass(frozen=True, slots=True)
class SegmentCell:
    """Customers of one segment with the same scores of recency and frequency; money in major units."""

    segment: str
    r_score: int
    f_score: int
    count: int
    expected_value: float
    expected_value_90: float
    monetary: float
    churn_sum: float


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move, with whom it moved and what they are worth now; None where the last night valued them no longer."""

    id: int
    date: dt.date
    from_segment: str
    to_segment: str
    customer_id: int
    key: str
    name: str
    is_erased: bool
    segment: str | None
    expected_value: float | None
    expected_value_90: float | None
    churn_share: float | None


@dataclass(frozen=True, slots=True)
class CustomerMove:
    """A move of one customer."""

    id: int
    date: dt.date
    from_segment: str
    to_segment: str


def record_segment_moves(*, as_of_date: dt.date) -> int:
    """Write the moves of a night, once the customers' values are saved and in the same transaction; how many moved.

    Nothing is written for a day before the last recorded one: later moves already tell what became of it.
    """
    parameters = {"day": as_of_date}
    with connection.cursor() as cursor:
        cursor.execute(_IS_PAST, parameters)
        if cursor.fetchone()[0]:
            return 0
        cursor.execute(_TAKE_BACK, parameters)
        cursor.execute(_RECORD, parameters)
        return int(cursor.rowcount)


def count_moves(*, since: dt.date) -> list[CountedMoves]:
    """Moves after the day `since`, by where from and where to."""
    return [CountedMoves(*row) for row in _rows(_COUNTED, {"since": since})]


def count_segments() -> list[SegmentCell]:
    """Customers as the last night valued them, by segment and scores of recency and frequency."""
    return [SegmentCell(*row) for row in _rows(_SIZES, {})]


def list_moves(
    *,
    since: dt.date,
    from_segment: str | None = None,
    to_segment: str | None = None,
    after: tuple[dt.date, int] | None = None,
    limit: int,
) -> list[MoveRow]:
    """Moves after the day `since`, the latest first, behind `after` (day and id of the last one seen)."""
    date, move_id = after or (None, None)
    parameters = {
        "since": since,
        "from_segment": from_segment,
        "to_segment": to_segment,
        "date": date,
        "id": move_id,
        "limit": limit,
    }
    return [MoveRow(*row) for row in _rows(_MOVED, parameters)]


def list_moves_of_customer(*, customer_id: int, limit: int) -> list[CustomerMove]:
    """The latest moves of one customer, the last one first."""
    return [CustomerMove(*row) for row in _rows(_OF_CUSTOMER, [customer_id, limit])]


def _rows(statement: str, parameters: Any) -> Sequence[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
    return rows
