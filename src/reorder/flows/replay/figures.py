"""How one replayed night fared: pure arithmetic over what it decided and what then came."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from reorder.kernel.errors import ReorderError

_KEY = ["sku", "place"]
RATE_DAYS = 28
# Nobody forecasts better than chance allows. A forecast whose error is this far below what buyers' chance alone makes
# (Poisson, the least there is) has seen the future.
LEAST_SHARE_OF_CHANCE = 0.5


class FutureSeen(ReorderError):
    """A frame that a past night was given holds something of its future: every figure after it would be too good."""

    code = "replay.future_seen"
    template = (
        "The night of {as_of} would have seen the future: {frame} holds {column} {seen}, first for {first}. "
        "This is a fault of Reorder; please report it."
    )


@dataclass(frozen=True, slots=True)
class ForecastFigures:
    """Sums over all series of one night, so that nights can be added up: units, absolute and signed misses.

    `daily_missed`: |forecast − actual| summed over days; `total_missed`: of each series' whole horizon;
    `naive_…`: the same of the mean of the last 28 days; `chance_missed`: what chance alone would make of `total`.
    """

    series: int
    days: int
    units: float
    forecast_units: float
    daily_missed: float
    total_missed: float
    naive_daily_missed: float
    naive_total_missed: float
    chance_missed: float
    within_90: float
    days_judged: int

    @property
    def is_too_good(self) -> bool:
        """Whether the error is smaller than chance permits."""
        return self.series >= 30 and self.total_missed < LEAST_SHARE_OF_CHANCE * self.chance_missed

    def as_json(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)


def refuse_future(*, frame: pl.DataFrame, name: str, column: str, as_of: dt.date) -> None:
    """Raises FutureSeen when `column` (a day or moment) reaches `as_of`."""
    late = frame.filter(pl.col(column).cast(pl.Date) >= as_of)
    if late.height:
        first = late.sort(column).row(0, named=True)
        raise FutureSeen(
            as_of=as_of, frame=name, column=column, seen=first[column], first=first.get("sku") or first.get("name")
        )


def judge_forecast(
    *, daily: pl.DataFrame, history: pl.DataFrame, actual: pl.DataFrame, as_of: dt.date, until: dt.date
) -> ForecastFigures:
    """Compare a night's forecast with what was sold from `as_of` to `until`, the last day included.

    Args:
        daily: sku, place, date, mean_units, p90_units.
        history: sku, place, date, units before `as_of`, as the night saw it.
        actual: sku, place, date, units that came.
        as_of: the night.
        until: the last day that is judged.
    """
    days = (until - as_of).days + 1
    came = actual.select(*_KEY, "date", "units")
    table = (
        daily.filter(pl.col("date") <= until)
        .join(came, on=[*_KEY, "date"], how="left")
        .with_columns(pl.col("units").fill_null(0.0))
    )
    rates = (
        history.filter(pl.col("date") >= as_of - dt.timedelta(days=RATE_DAYS))
        .group_by(_KEY)
        .agg((pl.col("units").sum() / RATE_DAYS).alias("naive"))
    )
    table = table.join(rates, on=_KEY, how="left").with_columns(pl.col("naive").fill_null(0.0))
    sums = table.group_by(_KEY).agg(pl.col("units", "mean_units", "naive").sum())
    return ForecastFigures(
        series=sums.height,
        days=days,
        units=_sum(sums["units"]),
        forecast_units=_sum(sums["mean_units"]),
        daily_missed=_sum((table["mean_units"] - table["units"]).abs()),
        total_missed=_sum((sums["mean_units"] - sums["units"]).abs()),
        naive_daily_missed=_sum((table["naive"] - table["units"]).abs()),
        naive_total_missed=_sum((sums["naive"] - sums["units"]).abs()),
        chance_missed=_sum(sums.select(_mean_deviation(pl.col("mean_units"))).to_series()),
        within_90=float((table["units"] <= table["p90_units"] + 1e-9).sum()),
        days_judged=table.height,
    )


def _sum(values: pl.Series) -> float:
    return float(values.sum() or 0.0)


def _mean_deviation(mean: pl.Expr) -> pl.Expr:
    """Mean absolute deviation of a Poisson number, near enough: √(2 m / π), for small means 2 m e^−m."""
    return pl.when(mean < 1).then(2 * mean * (-mean).exp()).otherwise((2 * mean / math.pi).sqrt())


def judge_targets(*, targets: pl.DataFrame, actual: pl.DataFrame, as_of: dt.date, review_days: int) -> dict[str, float]:
    """Whether demand over lead time and review stayed within the reorder point, for each series with a whole span.

    Returns series judged, those covered and the sum of the service levels they were promised.
    """
    last = actual["date"].max()
    before = last + dt.timedelta(days=1) if isinstance(last, dt.date) else as_of
    judged = demand_over_spans(targets=targets, came=actual, origin=as_of, before=before, review_days=review_days)
    return {
        "series": float(judged.height),
        "covered": float((judged["demand_units"] <= judged["reorder_point_units"].ceil() + 1e-9).sum()),
        "promised": _sum(judged["service_level"]),
    }


def demand_over_spans(
    *, targets: pl.DataFrame, came: pl.DataFrame, origin: dt.date, before: dt.date, review_days: int
) -> pl.DataFrame:
    """Demand over lead time and review of each target whose span ended before the day `before`.

    The span is the target's mean lead time, rounded, and the review days. Columns: sku, place, service_level,
    reorder_point_units, span_days, demand_units, lost_unit_cost.
    """
    span = (pl.col("lead_days").round() + review_days).cast(pl.Int64).clip(lower_bound=1)
    spans = targets.with_columns(span_days=span)
    spans = spans.filter(pl.lit(origin) + pl.duration(days=pl.col("span_days")) <= pl.lit(before))
    step = (pl.col("date") - pl.lit(origin)).dt.total_days()
    demand = (
        came.join(spans.select(*_KEY, "span_days"), on=_KEY)
        .filter(step >= 0, step < pl.col("span_days"))
        .group_by(_KEY)
        .agg(pl.col("units").sum().alias("demand_units"))
    )
    return (
        spans.join(demand, on=_KEY, how="left")
        .with_columns(pl.col("demand_units").fill_null(0.0))
        .select(*_KEY, "service_level", "reorder_point_units", "span_days", "demand_units", "lost_unit_cost")
    )


def share(part: float, whole: float) -> float | None:
    """None where there is nothing to divide by."""
    return part / whole if whole > 0 else None


def add_up(*, nights: list[Mapping[str, Any]], name: str) -> float:
    """The sum of one figure over nights."""
    return math.fsum(float(night[name]) for night in nights)
