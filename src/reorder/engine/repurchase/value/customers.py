"""Customers by recency, frequency and money, with how many orders and how much money to expect of each."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from reorder.engine import frames
from reorder.engine.repurchase.errors import BadHorizon, OrdersAfterDate
from reorder.engine.repurchase.value.base import CustomerBase, count_days, fit_counted, value_an_order
from reorder.engine.repurchase.value.segments import FIFTHS, check_cuts, score, segment

SHORT_HORIZON_DAYS = 90


def customers(
    *, order_lines: pl.DataFrame, as_of: dt.date, horizon_days: int = 365, cut_shares: Sequence[float] = FIFTHS
) -> pl.DataFrame:
    """`value_customers` of order lines (`frames.ORDER_LINES`); lines without a price count as zero.

    Raises InvalidFrame, OrdersAfterDate, BadHorizon, BadCuts.
    """
    lines = frames.require(table=order_lines, contract=frames.ORDER_LINES)
    counted = _count(lines=lines, as_of=as_of)
    return value_customers(customers=counted, as_of=as_of, horizon_days=horizon_days, cut_shares=cut_shares)


def value_customers(
    *,
    customers: pl.DataFrame,
    as_of: dt.date,
    horizon_days: int = 365,
    cut_shares: Sequence[float] = FIFTHS,
    base: CustomerBase | None = None,
) -> pl.DataFrame:
    """One row a customer, by customer_id: RFM scores, segment, and what to expect of each from the fitted base.

    `base` as `fit_customer_base` gives it of the same customers; without one it is fitted here.
    `customers` as `Statistics.customers` has them: customer_id, visits_count, first_date, last_date, monetary,
    valued_orders, later_orders, later_value. Back come customer_id, `recency_days` since the last order day,
    `frequency` = order days, `monetary` = all money so far (major units), r_score, f_score, m_score from 1 (worst) by
    rank, cut at `cut_shares` (`segments.score`), segment (`segments.RULES`), `active_share` = probability to be still a
    customer, `expected_orders` and `expected_value` within `horizon_days`, `churn_share` = 1 − active_share, and
    `expected_orders_90` and `expected_value_90` within 90 days.
    Raises InvalidFrame, BadCustomers, OrdersAfterDate, BadHorizon, BadCuts.
    """
    if horizon_days < 1:
        raise BadHorizon(days=horizon_days)
    cuts = check_cuts(cut_shares=cut_shares)
    counted = count_days(customers=customers, as_of=as_of)
    base = base or fit_counted(counted=counted)
    x, t_x, age = (counted[name].cast(pl.Float64).to_numpy() for name in ("repeats", "spread_days", "age_days"))
    active = base.orders.alive_share(frequency=x, recency=t_x, age=age).clip(0.0, 1.0)
    an_order = value_an_order(counted=counted, spend=base.spend)
    year, quarter = (
        active * base.orders.orders_if_alive(frequency=x, age=age, ahead=float(days))
        for days in (horizon_days, SHORT_HORIZON_DAYS)
    )
    return counted.with_columns(
        frequency=pl.col("visits_count"),
        active_share=pl.Series(active),
        expected_orders=pl.Series(year),
        expected_value=pl.Series(year * an_order),
        churn_share=pl.Series(1.0 - active),
        expected_orders_90=pl.Series(quarter),
        expected_value_90=pl.Series(quarter * an_order),
        r_score=score(value=-pl.col("recency_days"), cuts=cuts),
        f_score=score(value=pl.col("visits_count"), cuts=cuts),
        m_score=score(value=pl.col("monetary"), cuts=cuts),
    ).select(
        "customer_id", "recency_days", "frequency", "monetary", "r_score", "f_score", "m_score",
        segment(scores=len(cuts) + 1), "active_share", "expected_orders", "expected_value", "churn_share",
        "expected_orders_90", "expected_value_90",
    )  # fmt: skip


def _count(*, lines: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """What `statistics.count_statistics` counts of customers, as far as their value needs it."""
    dated = lines.select(
        "customer_id",
        date=pl.col("ordered_at").dt.date(),
        value=(pl.col("quantity") * pl.col("unit_price")).fill_null(0.0),
    )
    later = dated.filter(pl.col("date") > as_of)
    if later.height:
        raise OrdersAfterDate(lines_count=later.height, as_of=as_of, latest_date=later["date"].max())
    days = dated.group_by("customer_id", "date").agg(pl.col("value").sum()).sort("customer_id", "date")
    later_value = pl.col("value").slice(1)
    return days.group_by("customer_id", maintain_order=True).agg(
        visits_count=pl.len(),
        first_date=pl.col("date").first(),
        last_date=pl.col("date").last(),
        monetary=pl.col("value").sum(),
        valued_orders=(pl.col("value") > 0).sum(),
        later_orders=(later_value > 0).sum(),
        later_value=later_value.sum(),
    )
