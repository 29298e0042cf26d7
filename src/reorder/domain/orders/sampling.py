"""How large the history is, and the lines of a part of the customers: the same customers every time."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from django.db import connection

from reorder.domain.orders.queries import frame_order_lines

_MILLE = 1000
_SPAN = """
SELECT (min(ordered_at) AT TIME ZONE %(time_zone)s)::date, (max(ordered_at) AT TIME ZONE %(time_zone)s)::date
FROM orders_order
WHERE state NOT IN ('draft', 'cancelled') AND ordered_at < (%(before_date)s::date::timestamp AT TIME ZONE %(time_zone)s)
"""
_COUNTS = """
SELECT day::date, count(line.id)
FROM unnest(%(dates)s::date[]) AS day
LEFT JOIN orders_order AS o
    ON o.state NOT IN ('draft', 'cancelled') AND o.ordered_at < (day::timestamp AT TIME ZONE %(time_zone)s)
LEFT JOIN orders_orderline AS line ON line.order_id = o.id
GROUP BY day
"""


@dataclass(frozen=True, slots=True)
class OrderSpan:
    """The days of the first and the last order."""

    first_date: dt.date
    last_date: dt.date


def find_order_span(*, before_date: dt.date, time_zone: str) -> OrderSpan | None:
    """The span of live orders before a day of the shop's calendar; None without orders."""
    with connection.cursor() as cursor:
        cursor.execute(_SPAN, {"before_date": before_date, "time_zone": time_zone})
        first, last = cursor.fetchone() or (None, None)
    return OrderSpan(first_date=first, last_date=last) if first is not None and last is not None else None


def count_lines_before(*, dates: Sequence[dt.date], time_zone: str) -> dict[dt.date, int]:
    """How many lines of live orders there are before each of these days."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"dates": sorted(set(dates)), "time_zone": time_zone})
        return dict(cursor.fetchall())


def sample_permille(*, lines_count: int, lines_maximum: int) -> int | None:
    """Of how many customers in a thousand the lines come to about `lines_maximum`; None when all fit."""
    return None if lines_count <= lines_maximum else max(lines_maximum * _MILLE // lines_count, 1)


def sample_share(*, lines_count: int, lines_maximum: int) -> float:
    """The share of customers, in whole thousandths, whose lines come to about `lines_maximum`; 1 when all fit."""
    return (sample_permille(lines_count=lines_count, lines_maximum=lines_maximum) or _MILLE) / _MILLE


def frame_sampled_order_lines(*, before_date: dt.date, time_zone: str, customers_share: float) -> pl.DataFrame:
    """`frame_order_lines` of a share of the customers, chosen by a hash of their number."""
    permille = round(customers_share * _MILLE)
    return frame_order_lines(
        before_date=before_date, time_zone=time_zone, customers_permille=permille if permille < _MILLE else None
    )
