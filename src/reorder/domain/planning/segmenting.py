"""Customers' moves between segments: written by the night that sees them, read by day, from and to, and by customer.

One move a customer and day, counted from where the customer stood after the last earlier day. The moves of days gone by
are never changed; a night that is run again writes those of its own day anew.
"""

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Final

from django.db import connection

from reorder.kernel.stored_json import read_json

WINDOWS_DAYS: Final = (7, 30)
SETTLED_DAYS: Final = 7
MOST_MOVES: Final = 400  # of one customer, more than a year of them: a reader needs no more
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
# From where a customer stood on the day `since` to where the latest move led; who went and came back did not move.
# The segments ride behind the day in one text: its least and greatest need no sorting of a million customers' moves.
_COUNTED: Final = """
SELECT substr(first, 9), substr(last, 9), count(*) FROM (
    SELECT min(to_char(date, 'YYYYMMDD') || from_segment) AS first, max(to_char(date, 'YYYYMMDD') || to_segment) AS last
    FROM planning_segmentmove WHERE date > %(since)s GROUP BY customer_id
) AS net WHERE substr(first, 9) <> substr(last, 9) GROUP BY 1, 2 ORDER BY 1, 2
"""
_SIZES: Final = """
SELECT segment, r_score, f_score, count(*), coalesce(sum(expected_value), 0), coalesce(sum(expected_value_90), 0),
       coalesce(sum(monetary), 0), coalesce(sum(churn_share), 0)
FROM planning_customervalue GROUP BY segment, r_score, f_score ORDER BY segment, r_score, f_score
"""
# Of each customer the first move since then: those out of one segment are few, and an index on days finds them.
_MOVED: Final = """
SELECT value.customer_id, customer.key, customer.name, customer.erased_at IS NOT NULL, value.from_segment,
       value.segment, last.date, value.recency_days, value.expected_orders_90, value.expected_value_90,
       value.expected_value, value.churn_share
FROM (
    SELECT v.*, move.from_segment
    FROM planning_segmentmove AS move JOIN planning_customervalue AS v ON v.customer_id = move.customer_id
    WHERE move.date > %(since)s AND v.segment <> move.from_segment
      AND (%(from_segment)s::text IS NULL OR move.from_segment = %(from_segment)s)
      AND (%(to_segment)s::text IS NULL OR v.segment = %(to_segment)s)
      AND (%(place)s::float8 IS NULL OR (v.expected_value, v.customer_id) < (%(place)s, %(after_id)s))
      AND move.date = (SELECT min(each.date) FROM planning_segmentmove AS each
                       WHERE each.customer_id = move.customer_id AND each.date > %(since)s)
    ORDER BY v.expected_value DESC, v.customer_id DESC LIMIT %(limit)s
) AS value
CROSS JOIN LATERAL (SELECT date FROM planning_segmentmove AS move
    WHERE move.customer_id = value.customer_id ORDER BY move.date DESC LIMIT 1) AS last
JOIN customers_customer AS customer ON customer.id = value.customer_id
ORDER BY value.expected_value DESC, value.customer_id DESC
"""
_SINCE: Final = """
SELECT move.id, move.date, move.from_segment, move.to_segment, move.customer_id, customer.key
FROM planning_segmentmove AS move JOIN customers_customer AS customer ON customer.id = move.customer_id
WHERE move.date >= %(since)s AND (%(date)s::date IS NULL OR (move.date, move.id) > (%(date)s, %(id)s))
ORDER BY move.date, move.id LIMIT %(limit)s
"""
_OF_CUSTOMER: Final = """
SELECT id, date, from_segment, to_segment FROM planning_segmentmove WHERE customer_id = %s ORDER BY date DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class CountedMoves:
    """How many customers got from one segment to another; an empty `from_segment` counts those seen first."""

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
class Overview:
    """What a night leaves of segments: their customers, and the moves of the last so many days."""

    cells: Sequence[SegmentCell]
    moves: Mapping[int, Sequence[CountedMoves]]


@dataclass(frozen=True, slots=True)
class MovedCustomer:
    """Somebody in another segment than on the day asked for: from where, to where, when last, and what is expected."""

    customer_id: int
    key: str
    name: str
    is_erased: bool
    from_segment: str
    to_segment: str
    last_moved_date: dt.date
    recency_days: float
    expected_orders_90: float
    expected_value_90: float
    expected_value: float
    churn_share: float


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One recorded move."""

    id: int
    date: dt.date
    from_segment: str
    to_segment: str
    customer_id: int
    key: str


@dataclass(frozen=True, slots=True)
class CustomerMove:
    """A move of one customer."""

    id: int
    date: dt.date
    from_segment: str
    to_segment: str


def settle_moves(*, moves: Sequence[CustomerMove], days: int = SETTLED_DAYS) -> list[CustomerMove]:
    """The moves that lasted: those not followed by another within `days`; given and returned the last one first.

    Somebody near the border of two segments goes to and fro as others order; of that a reader learns nothing. The
    first segment of all is no move.
    """
    settled: list[CustomerMove] = []
    stood = ""
    for move, following in itertools.zip_longest(reversed(moves), [*reversed(moves)][1:]):
        if following is not None and (following.date - move.date).days < days:
            continue
        if stood and stood != move.to_segment:
            settled.append(CustomerMove(move.id, move.date, stood, move.to_segment))
        stood = move.to_segment
    return settled[::-1]


def read_moves(*, stored: object) -> list[CustomerMove]:
    """Moves out of a jsonb array of id, date and segments, which Django's raw cursors hand over as text."""
    rows = read_json(stored)
    if not isinstance(rows, list):
        return []
    moves = [CustomerMove(number, dt.date.fromisoformat(day), one, other) for number, day, one, other in rows]
    return sorted(moves, key=lambda move: move.date, reverse=True)


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


def count_overview(*, as_of_date: dt.date) -> dict[str, Any]:
    """What `read_overview` reads again: plain values, kept beside the step of a night."""
    moves = {
        str(days): [astuple(move) for move in count_moves(since=as_of_date - dt.timedelta(days=days))]
        for days in WINDOWS_DAYS
    }
    return {"segment_cells": [astuple(cell) for cell in count_segments()], "segment_moves": moves}


def read_overview(*, details: Mapping[str, Any]) -> Overview | None:
    """What a night left; None when it left nothing that this version can read."""
    try:
        return Overview(
            cells=[SegmentCell(*cell) for cell in details["segment_cells"]],
            moves={
                int(days): [CountedMoves(*move) for move in moves] for days, moves in details["segment_moves"].items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def count_moves(*, since: dt.date) -> list[CountedMoves]:
    """Customers by where they stood on the day `since` and where they stand now, those who stand elsewhere."""
    return [CountedMoves(*row) for row in _rows(_COUNTED, {"since": since})]


def count_segments() -> list[SegmentCell]:
    """Customers as the last night valued them, by segment and scores of recency and frequency."""
    return [SegmentCell(*row) for row in _rows(_SIZES, {})]


def list_moved(
    *, since: dt.date, from_segment: str | None, to_segment: str | None, after: tuple[float, int] | None, limit: int
) -> list[MovedCustomer]:
    """Customers in another segment than on the day `since`, worth most first (from "": seen first since).

    Behind `after`: expected_value and customer_id of the last one seen.
    """
    place, after_id = after or (None, None)
    parameters = {
        "since": since,
        "from_segment": from_segment,
        "to_segment": to_segment,
        "place": place,
        "after_id": after_id,
        "limit": limit,
    }
    return [MovedCustomer(*row) for row in _rows(_MOVED, parameters)]


def list_moves(*, since: dt.date, after: tuple[dt.date, int] | None, limit: int) -> list[MoveRow]:
    """Every recorded move from the day `since` on, by day, behind `after` (day and id of the last one seen)."""
    date, move_id = after or (None, None)
    return [MoveRow(*row) for row in _rows(_SINCE, {"since": since, "date": date, "id": move_id, "limit": limit})]


def list_settled_moves(*, customer_id: int) -> list[CustomerMove]:
    """The moves of one customer that lasted, the last one first."""
    return settle_moves(moves=[CustomerMove(*row) for row in _rows(_OF_CUSTOMER, [customer_id, MOST_MOVES])])


def _rows(statement: str, parameters: Any) -> Sequence[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
    return rows
