"""The demand plan for people: what a product sold and what it is expected to sell, week by week."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from reorder.domain.catalog import queries as catalog
from reorder.domain.orders import queries as orders
from reorder.domain.planning import queries as planning
from reorder.kernel.ids import is_category_subject

PAST_WEEKS = 12
PLAN_WEEKS = 4
_Z_90 = 1.2816
_NORMAL_QUANTILES = (("p90_units", _Z_90), ("p95_units", 1.6449), ("p99_units", 2.3263))
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class PlanOutlook:
    """One product at all places: units sold in past weeks, planned in coming weeks, and the parts of the plan."""

    sku: str
    product_name: str
    sold_by_week: list[float]
    planned_by_week: list[float]
    planned_high_by_week: list[float]
    known_customers_units: float
    committed_units: float
    total_units: float
    methods: list[str]
    demand_class: str


def list_outlooks(*, as_of: dt.date, time_zone: str, size: int) -> list[PlanOutlook]:
    """The `size` products with the largest plans, best first; categories are left out.

    The high line is an upper line for the eye: the week's mean plus 1.28 standard deviations, those of its days being
    read off their quantiles and taken as independent. Summing the days' 90 % quantiles would draw it below the mean of
    a product that sells on few days.
    """
    plan = planning.frame_demand_plan().filter(pl.col("date") < as_of + dt.timedelta(days=7 * PLAN_WEEKS))
    plan = plan.with_columns(_variance().alias("variance"))
    totals = plan.group_by("sku").agg(pl.col("mean_units").sum()).sort("mean_units", "sku", descending=[True, False])
    skus = [sku for sku in totals["sku"] if not is_category_subject(subject=sku)][:size]
    sold = orders.frame_daily_units(
        from_date=as_of - dt.timedelta(days=7 * PAST_WEEKS), before_date=as_of, time_zone=time_zone
    )
    choices = planning.frame_choices()
    names = catalog.list_products_by_sku(skus=skus)
    return [
        _outlook(
            sku=sku,
            name=names[sku].name,
            as_of=as_of,
            plan=plan.filter(pl.col("sku") == sku),
            sold=sold.filter(pl.col("sku") == sku),
            choices=choices.filter(pl.col("sku") == sku),
        )
        for sku in skus
    ]


def _outlook(
    *, sku: str, name: str, as_of: dt.date, plan: pl.DataFrame, sold: pl.DataFrame, choices: pl.DataFrame
) -> PlanOutlook:
    return PlanOutlook(
        sku=sku,
        product_name=name,
        sold_by_week=_weeks(sold, value="units", start=as_of - dt.timedelta(days=7 * PAST_WEEKS), count=PAST_WEEKS),
        planned_by_week=_weeks(plan, value="mean_units", start=as_of, count=PLAN_WEEKS),
        planned_high_by_week=_high_line(plan, start=as_of),
        known_customers_units=float(plan["known_customers_units"].sum()),
        committed_units=float(plan["committed_units"].sum()) + float(plan["adjustment_units"].sum()),
        total_units=float(plan["mean_units"].sum()),
        methods=sorted({m for methods in choices["methods"] for m in methods}),
        demand_class=", ".join(sorted(set(choices["demand_class"]))),
    )


def _variance() -> pl.Expr:
    """Of one day, by the quantile that lies furthest above the mean in standard deviations of a normal day."""
    mean = pl.col("mean_units")
    sd = pl.max_horizontal((pl.col(name) - mean) / z for name, z in _NORMAL_QUANTILES)
    return sd.clip(0.0) ** 2


def _high_line(plan: pl.DataFrame, *, start: dt.date) -> list[float]:
    means = _weeks(plan, value="mean_units", start=start, count=PLAN_WEEKS)
    variances = _weeks(plan, value="variance", start=start, count=PLAN_WEEKS)
    return [mean + _Z_90 * variance**0.5 for mean, variance in zip(means, variances, strict=True)]


def _weeks(table: pl.DataFrame, *, value: str, start: dt.date, count: int) -> list[float]:
    week = ((pl.col("date") - pl.lit(start)).dt.total_days() // 7).alias("week")
    sums = dict(table.group_by(week).agg(pl.col(value).sum()).iter_rows())
    return [float(sums.get(number, 0.0)) for number in range(count)]


def draw_bars(*, values: Sequence[float], top: float) -> str:
    """A text chart: one block a value, the tallest at `top`."""
    if top <= 0:
        return _BARS[0] * len(values)
    return "".join(_BARS[min(int(value / top * (len(_BARS) - 1) + 0.5), len(_BARS) - 1)] for value in values)
