"""Customers by recency, frequency and money, with how many orders and how much money to expect of each."""

import datetime as dt
from typing import Final

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.repurchase.bgnbd import BgNbd, fit_bgnbd
from reorder.engine.repurchase.errors import BadHorizon, OrdersAfterDate
from reorder.engine.repurchase.purchases import Numbers
from reorder.engine.repurchase.spend import GammaGamma, fit_gamma_gamma

SEGMENTS: Final = ("champions", "loyal", "new", "promising", "needs_attention", "at_risk", "lost")
_MIN_REPEATS = 20
_MIN_SPENDERS = 20
_MAX_CELLS = 50_000
# Published CDNOW fits (in weeks there, in days here), used until a shop has repeat orders of its own.
_TYPICAL: Final = BgNbd(r=0.2426, alpha=4.4136 * 7, a=0.7929, b=2.4259, log_likelihood=0.0)
_TYPICAL_P, _TYPICAL_Q = 6.25, 3.74


def customers(*, order_lines: pl.DataFrame, as_of: dt.date, horizon_days: int = 365) -> pl.DataFrame:
    """One row a customer, by customer_id: RFM scores, segment, BG/NBD and Gamma-Gamma expectations.

    `recency_days` since the last order day, `frequency` = order days, `monetary` = all money so far (major units; lines
    without a price count as zero). Scores run 1 (worst) to 5 by rank, equal values alike. `active_share` = probability
    to be still a customer, `churn_share` = 1 − active_share; `expected_orders` and `expected_value` are those within
    `horizon_days`.
    Raises InvalidFrame, OrdersAfterDate, BadHorizon.
    """
    if horizon_days < 1:
        raise BadHorizon(days=horizon_days)
    lines = frames.require(table=order_lines, contract=frames.ORDER_LINES)
    known = _summarise(lines=lines, as_of=as_of)
    repeats, spread, age = (known[name].cast(pl.Float64).to_numpy() for name in ("repeats", "spread_days", "age_days"))
    base = _fit_base(known=known)
    spend = _fit_spend(known=known)
    active = base.alive_share(frequency=repeats, recency=spread, age=age)
    orders = base.expected_orders(frequency=repeats, recency=spread, age=age, ahead=float(horizon_days))
    return known.with_columns(
        active_share=pl.Series(active),
        expected_orders=pl.Series(orders),
        expected_value=pl.Series(orders * _value_an_order(known=known, spend=spend)),
        churn_share=pl.Series(1.0 - active),
        r_score=_score(-pl.col("recency_days")),
        f_score=_score(pl.col("frequency")),
        m_score=_score(pl.col("monetary")),
    ).select(
        "customer_id", "recency_days", "frequency", "monetary", "r_score", "f_score", "m_score", _segment(),
        "active_share", "expected_orders", "expected_value", "churn_share",
    )  # fmt: skip


def _summarise(*, lines: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    dated = lines.select(
        "customer_id",
        day=pl.col("ordered_at").dt.date(),
        value=(pl.col("quantity") * pl.col("unit_price")).fill_null(0.0),
    )
    later = dated.filter(pl.col("day") > as_of)
    if later.height:
        raise OrdersAfterDate(lines_count=later.height, as_of=as_of, latest_date=later["day"].max())
    days = dated.group_by("customer_id", "day").agg(pl.col("value").sum()).sort("customer_id", "day")
    later_value = pl.col("value").slice(1)
    return (
        days.group_by("customer_id", maintain_order=True)
        .agg(
            frequency=pl.len().cast(pl.Int64),
            monetary=pl.col("value").sum(),
            valued_orders=(pl.col("value") > 0).sum().cast(pl.Float64),
            first=pl.col("day").min(),
            last=pl.col("day").max(),
            later_orders=(later_value > 0).sum().cast(pl.Float64),
            later_value=later_value.sum(),
        )
        .with_columns(
            repeats=pl.col("frequency") - 1,
            recency_days=(pl.lit(as_of) - pl.col("last")).dt.total_days(),
            spread_days=(pl.col("last") - pl.col("first")).dt.total_days(),
            age_days=(pl.lit(as_of) - pl.col("first")).dt.total_days(),
        )
    )


def _fit_base(*, known: pl.DataFrame) -> BgNbd:
    """BG/NBD in days on collapsed cells; whole weeks when days would make too many."""
    if known["repeats"].sum() < _MIN_REPEATS:
        return _TYPICAL
    cells = known.group_by("repeats", "spread_days", "age_days").len().sort("repeats", "spread_days", "age_days")
    if cells.height > _MAX_CELLS:
        weekly = known.select("repeats", *((pl.col(name) / 7).round() * 7 for name in ("spread_days", "age_days")))
        cells = weekly.group_by(weekly.columns).len().sort(weekly.columns)
    x, t_x, age, weight = (cells[name].cast(pl.Float64).to_numpy() for name in cells.columns)
    return fit_bgnbd(frequency=x, recency=t_x, age=age, weights=weight)


def _fit_spend(*, known: pl.DataFrame) -> GammaGamma | None:
    """Gamma-Gamma on repeat orders, first orders being unlike them; a typical spread around the shop's mean if few.

    None when no order has a price.
    """
    valued = known.filter(pl.col("valued_orders") > 0)
    if not valued.height:
        return None
    repeat = valued.filter(pl.col("later_orders") > 0)
    if repeat.height < _MIN_SPENDERS:
        mean = float(valued.select(pl.col("monetary").sum() / pl.col("valued_orders").sum()).item())
        return GammaGamma(p=_TYPICAL_P, q=_TYPICAL_Q, v=mean * (_TYPICAL_Q - 1) / _TYPICAL_P, log_likelihood=0.0)
    orders = repeat["later_orders"].to_numpy()
    return fit_gamma_gamma(orders=orders, mean_value=repeat["later_value"].to_numpy() / orders)


def _value_an_order(*, known: pl.DataFrame, spend: GammaGamma | None) -> Numbers:
    if spend is None:
        return np.zeros(known.height)
    orders = known["valued_orders"].to_numpy()
    mean = known["monetary"].to_numpy() / np.maximum(orders, 1.0)
    return spend.expected_value(orders=orders, mean_value=mean)


def _score(value: pl.Expr) -> pl.Expr:
    """Fifths by rank; equal values get the score of their middle rank."""
    return (value.rank("average") * 5 / pl.len()).ceil().clip(1, 5).cast(pl.Int64)


def _segment() -> pl.Expr:
    recent, often = pl.col("r_score"), pl.col("f_score")
    return (
        pl.when((recent >= 4) & (pl.col("frequency") == 1))
        .then(pl.lit("new"))
        .when((recent >= 4) & (often >= 4))
        .then(pl.lit("champions"))
        .when(((recent >= 4) & (often == 3)) | ((recent == 3) & (often >= 4)))
        .then(pl.lit("loyal"))
        .when(recent >= 4)
        .then(pl.lit("promising"))
        .when(recent == 3)
        .then(pl.lit("needs_attention"))
        .when(often >= 3)
        .then(pl.lit("at_risk"))
        .otherwise(pl.lit("lost"))
        .alias("segment")
    )
