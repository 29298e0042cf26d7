"""Sufficient statistics of purchases: all that predictions need to know of the past, as frames.

A pure function of the order lines and the day: it does not matter in what order, or in how many parts, they came. The
database keeps the same columns (`domain.planning.models.statistics`) and counts again only what changed.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import polars as pl

from reorder.engine import frames
from reorder.engine.repurchase.errors import OrdersAfterDate

RECENT_VISITS: Final = 20
WINDOWS_DAYS: Final = (28, 84)
NO_CATEGORY: Final = ""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is known at the end of `as_of`. A purchase is a (customer, sku, day), a visit a (customer, day).

    pairs: customer_id, sku, purchases_count Int32, first_date, last_date, previous_date? (the one before the last),
        earlier_date? (the one before that), gap_square_days Int64 (sum of squared gaps), units Float64, last_units
        Float64, first_visit_number and last_visit_number Int32 (which visit of the customer, from 1, the first and the
        last purchase was); sorted by customer_id, sku.
    customers: customer_id, visits_count Int32, purchases_count Int32 (over its pairs), first_date, last_date,
        previous_date?, gap_square_days Int64, recent_visit_dates List[Date] (the latest twenty, last first), monetary
        Float64 (major units; unpriced lines count zero), valued_orders Int32 (visits worth more than zero),
        later_orders Int32 and later_value Float64 (of the visits after the first); sorted by customer_id.
    products: sku, category (that of the latest line that names one, "" without), pairs_count Int32, purchases_count
        Int64, first_date, last_date, units Float64, purchases_28 and purchases_84 Int32 (in so many days up to and
        with as_of); sorted by sku.
    days: date, visits_count Int32, purchases_count Int32 of the shop; days without a purchase have no row; sorted.
    """

    as_of: dt.date
    pairs: pl.DataFrame
    customers: pl.DataFrame
    products: pl.DataFrame
    days: pl.DataFrame


def count_statistics(*, order_lines: pl.DataFrame, as_of: dt.date) -> Statistics:
    """Statistics of order lines (`frames.ORDER_LINES`) as known at the end of `as_of`.

    Raises InvalidFrame, and OrdersAfterDate when a line lies after `as_of`.
    """
    return count_purchases(purchases=collapse_lines(order_lines=order_lines, as_of=as_of), as_of=as_of)


def collapse_lines(*, order_lines: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Purchases of order lines: customer_id, sku, date, units, value, category?; one row a key of the first three.

    Collapsed parts of a history, stacked and collapsed again by `stack_purchases`, equal the whole collapsed at once.
    Raises InvalidFrame, and OrdersAfterDate when a line lies after `as_of`.
    """
    lines = frames.require(table=order_lines, contract=frames.ORDER_LINES).select(
        "customer_id",
        "sku",
        "category",
        date=pl.col("ordered_at").dt.date(),
        units="quantity",
        value=(pl.col("quantity") * pl.col("unit_price")).fill_null(0.0),
    )
    later = lines.filter(pl.col("date") > as_of)
    if later.height:
        raise OrdersAfterDate(lines_count=later.height, as_of=as_of, latest_date=later["date"].max())
    return stack_purchases(lines)


def stack_purchases(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` (columns as `collapse_lines` gives) with one row a customer, sku and date, sorted by them."""
    return (
        lines.group_by("customer_id", "sku", "date")
        .agg(pl.col("units").sum(), pl.col("value").sum(), pl.col("category").max())
        .sort("customer_id", "sku", "date")
    )


def count_purchases(*, purchases: pl.DataFrame, as_of: dt.date) -> Statistics:
    """Statistics of collapsed purchases, none of them after `as_of`."""
    visits = _number_visits(purchases)
    numbered = purchases.join(
        visits.select("customer_id", "date", "number"), on=["customer_id", "date"], maintain_order="left"
    )
    pairs = _count_pairs(numbered)
    return Statistics(
        as_of=as_of,
        pairs=pairs,
        customers=_count_customers(visits=visits, pairs=pairs),
        products=_count_products(purchases=purchases, pairs=pairs, as_of=as_of),
        days=_count_days(visits=visits, purchases=purchases),
    )


def _number_visits(lines: pl.DataFrame) -> pl.DataFrame:
    """Visits with their value and ordinal (from 1) within the customer, sorted."""
    visits = lines.group_by("customer_id", "date").agg(pl.col("value").sum()).sort("customer_id", "date")
    return visits.with_columns(number=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("customer_id"))


def _gap_squares() -> pl.Expr:
    return (pl.col("date").diff().dt.total_days().cast(pl.Int64) ** 2).sum().cast(pl.Int64).alias("gap_square_days")


def _count_pairs(purchases: pl.DataFrame) -> pl.DataFrame:
    return purchases.group_by("customer_id", "sku", maintain_order=True).agg(
        purchases_count=pl.len().cast(pl.Int32),
        first_date=pl.col("date").first(),
        last_date=pl.col("date").last(),
        previous_date=pl.col("date").get(-2, null_on_oob=True),
        earlier_date=pl.col("date").get(-3, null_on_oob=True),
        gap_square_days=_gap_squares(),
        units=pl.col("units").sum(),
        last_units=pl.col("units").last(),
        first_visit_number=pl.col("number").first(),
        last_visit_number=pl.col("number").last(),
    )


def _count_customers(*, visits: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    purchases = pairs.group_by("customer_id").agg(pl.col("purchases_count").sum().cast(pl.Int32))
    later_value = pl.col("value").slice(1)
    counted = visits.group_by("customer_id", maintain_order=True).agg(
        visits_count=pl.len().cast(pl.Int32),
        first_date=pl.col("date").first(),
        last_date=pl.col("date").last(),
        previous_date=pl.col("date").get(-2, null_on_oob=True),
        gap_square_days=_gap_squares(),
        recent_visit_dates=pl.col("date").tail(RECENT_VISITS).reverse(),
        monetary=pl.col("value").sum(),
        valued_orders=(pl.col("value") > 0).sum().cast(pl.Int32),
        later_orders=(later_value > 0).sum().cast(pl.Int32),
        later_value=later_value.sum(),
    )
    joined = counted.join(purchases, on="customer_id", how="left", maintain_order="left")
    return joined.select(
        "customer_id", "visits_count", "purchases_count", pl.exclude("customer_id", "visits_count", "purchases_count")
    )


def _count_products(*, purchases: pl.DataFrame, pairs: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    counted = pairs.group_by("sku").agg(
        pairs_count=pl.len().cast(pl.Int32),
        purchases_count=pl.col("purchases_count").sum().cast(pl.Int64),
        first_date=pl.col("first_date").min(),
        last_date=pl.col("last_date").max(),
        units=pl.col("units").sum(),
    )
    ago_days = (pl.lit(as_of) - pl.col("date")).dt.total_days()
    recent = purchases.group_by("sku").agg(
        (ago_days < days).sum().cast(pl.Int32).alias(f"purchases_{days}") for days in WINDOWS_DAYS
    )
    named = purchases.filter(pl.col("category").is_not_null())
    latest = (
        named.group_by("sku", "category")
        .agg(pl.col("date").max())
        .sort("date", "category")
        .group_by("sku", maintain_order=True)
        .agg(pl.col("category").last())
    )
    joined = counted.join(latest, on="sku", how="left").join(recent, on="sku", how="left").sort("sku")
    return joined.select("sku", pl.col("category").fill_null(NO_CATEGORY), pl.exclude("sku", "category"))


def count_shop_days(purchases: pl.DataFrame) -> pl.DataFrame:
    """Visits of each day of collapsed purchases: date, visits_count; as in `Statistics.days`."""
    visits = purchases.select("customer_id", "date").unique()
    return visits.group_by("date").agg(visits_count=pl.len().cast(pl.Int32)).sort("date")


def _count_days(*, visits: pl.DataFrame, purchases: pl.DataFrame) -> pl.DataFrame:
    visited = visits.group_by("date").agg(visits_count=pl.len().cast(pl.Int32))
    bought = purchases.group_by("date").agg(purchases_count=pl.len().cast(pl.Int32))
    return visited.join(bought, on="date").sort("date")
