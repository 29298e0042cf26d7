"""Statistics out of the database, as the engine's frames, and by what they were counted."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
from django.db import connection

from reorder.domain.planning.counting import VERSION
from reorder.domain.planning.models import StatisticsState
from reorder.domain.storage import ReadFrame, read_frame
from reorder.engine.repurchase.statistics import WINDOWS_DAYS, Statistics

_PAIRS: Final = """
SELECT customer_id, subject AS sku, purchases_count, first_date, last_date, previous_date, earlier_date,
       gap_square_days, units, last_units, first_visit_number, last_visit_number
FROM planning_pairstatistic {condition}
"""
_CUSTOMERS: Final = """
SELECT customer_id, visits_count, purchases_count, first_date, last_date, previous_date, gap_square_days,
       recent_visit_dates, monetary, valued_orders, later_orders, later_value
FROM planning_customerstatistic {condition}
"""
_RECENT: Final = ", ".join(
    f"sum(purchases_count) FILTER (WHERE date > {{as_of}}::date - {days}) AS purchases_{days}" for days in WINDOWS_DAYS
)
_PRODUCTS: Final = f"""
SELECT s.subject AS sku, s.category_code AS category, s.pairs_count, s.purchases_count, s.first_date, s.last_date,
       s.units, {", ".join(f"coalesce(recent.purchases_{days}, 0)::int AS purchases_{days}" for days in WINDOWS_DAYS)}
FROM planning_productstatistic AS s
LEFT JOIN (SELECT subject, {_RECENT} FROM planning_productday
           WHERE date > {{as_of}}::date - {max(WINDOWS_DAYS)} AND date <= {{as_of}} GROUP BY subject) AS recent
    ON recent.subject = s.subject
"""  # noqa: S608 - constants of ours
_OF: Final = "WHERE customer_id = ANY({ids}::bigint[])"


@dataclass(frozen=True, slots=True)
class State:
    """By what the statistics were counted, and what the last fit found for the whole shop (None before the first)."""

    version: int
    time_zone: str
    currency: str
    base_rate_per_day: float | None
    shape: float | None
    effects_date: dt.date | None
    is_refresh_needed: bool

    def is_of(self, *, time_zone: str) -> bool:
        """Whether what is counted can be gone on with."""
        return self.version == VERSION and self.time_zone == time_zone


def find_state() -> State | None:
    """None before everything was counted once."""
    row = StatisticsState.objects.filter(pk=1).first()
    if row is None:
        return None
    return State(
        version=row.version,
        time_zone=row.time_zone,
        currency=row.currency,
        base_rate_per_day=row.base_rate_per_day,
        shape=row.shape,
        effects_date=row.effects_date,
        is_refresh_needed=row.is_refresh_needed,
    )


def frame_products(*, as_of: dt.date, read: ReadFrame = read_frame) -> pl.DataFrame:
    """`Statistics.products` as known on `as_of`."""
    return read(query=_PRODUCTS, parameters={"as_of": as_of})


def frame_days(*, read: ReadFrame = read_frame) -> pl.DataFrame:
    """`Statistics.days`."""
    return read(query="SELECT date, visits_count, purchases_count FROM planning_shopday").sort("date")


def frame_customers() -> pl.DataFrame:
    """`Statistics.customers` of everybody."""
    return _customers(read=read_frame, condition="", parameters={})


def frame_statistics(*, as_of: dt.date) -> Statistics:
    """Everything counted, as known on `as_of`."""
    return Statistics(
        as_of=as_of,
        pairs=_pairs(read=read_frame, condition="", parameters={}),
        customers=frame_customers(),
        products=frame_products(as_of=as_of),
        days=frame_days(),
    )


def frame_statistics_of(
    *,
    customer_ids: Sequence[int],
    as_of: dt.date,
    products: pl.DataFrame,
    days: pl.DataFrame,
    read: ReadFrame = read_frame,
) -> Statistics:
    """All that is counted of some customers, with the shop's products and days as they were read before."""
    parameters: dict[str, object] = {"ids": sorted(customer_ids)}
    return Statistics(
        as_of=as_of,
        pairs=_pairs(read=read, condition=_OF, parameters=parameters),
        customers=_customers(read=read, condition=_OF, parameters=parameters),
        products=products,
        days=days,
    )


def frame_effects(*, read: ReadFrame = read_frame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Effects of the last fit: products (sku, effect) and categories (category, effect)."""
    return (
        read(query="SELECT subject AS sku, effect FROM planning_productstatistic"),
        read(query="SELECT category_code AS category, effect FROM planning_categorystatistic"),
    )


def count_pairs() -> int:
    """Pairs counted."""
    return _count("planning_pairstatistic")


def count_customers() -> int:
    """Customers counted."""
    return _count("planning_customerstatistic")


def estimate_customers() -> int:
    """About how many customers are counted, as the database remembers it; exact after a full count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'planning_customerstatistic'::regclass"
        )
        return int(cursor.fetchone()[0])


def list_counted_customers(*, after_id: int, pairs_limit: int) -> list[int]:
    """The next customers after an id, in order, with about `pairs_limit` pairs between them; empty at the end."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT customer_id FROM (
                   SELECT customer_id FROM planning_pairstatistic WHERE customer_id > %(after)s
                   ORDER BY customer_id LIMIT %(limit)s) AS pairs ORDER BY customer_id""",
            {"after": after_id, "limit": pairs_limit},
        )
        return [row[0] for row in cursor.fetchall()]


def _pairs(*, read: ReadFrame, condition: str, parameters: dict[str, object]) -> pl.DataFrame:
    found = read(query=_PAIRS.replace("{condition}", condition), parameters=parameters)
    return found.with_columns(pl.col("customer_id").cast(pl.String))


def _customers(*, read: ReadFrame, condition: str, parameters: dict[str, object]) -> pl.DataFrame:
    found = read(query=_CUSTOMERS.replace("{condition}", condition), parameters=parameters)
    return found.with_columns(pl.col("customer_id").cast(pl.String))


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of ours
        return int(cursor.fetchone()[0])
