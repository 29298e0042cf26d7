"""The plan by weeks, for every subject, category and the whole shop, at each place and at all; pure.

Every row is the sum of the plan's days that it names, so that any of them can be added up by hand.
"""

import datetime as dt

import polars as pl

from reorder.domain.planning.rules import ALL_PLACES
from reorder.engine import demand
from reorder.flows.demand_plan.parts import KIND_COLUMNS, join_spread

PAST_WEEKS = 12
_PARTS = [
    "baseline_units",
    "known_customers_units",
    "event_units",
    "correction_units",
    "committed_units",
    *KIND_COLUMNS,
    "adjustment_units",
    "mean_units",
]
_LEVELS = {"p10_units": 0.1, "p25_units": 0.25, "p50_units": 0.5, "p75_units": 0.75, "p90_units": 0.9}
_BAND = list(_LEVELS)
_ROW = ["scope", "key", "place"]
# What is summed up, and whether over all places.
Scopes = tuple[tuple[str, bool], ...]
_SUMS: Scopes = (("category", False), ("category", True), ("shop", False), ("shop", True))
_EVERYTHING: Scopes = (("subject", False), ("subject", True), *_SUMS)


def forecast_by_week(*, forecast: demand.DemandForecast, categories: pl.DataFrame) -> pl.DataFrame:
    """The baseline by weeks with the quantiles of each sum: scope, key, place, week, mean_units, p10 … p90_units.

    A subject's places are taken to rise and fall together: its quantiles over all places are the sums of theirs, rather
    too wide than too narrow. `categories`: sku (subject), category_code.
    """
    single = demand.forecast_weeks(forecast=forecast).select(
        pl.lit("subject").alias("scope"), pl.col("sku").alias("key"), "place", "week", "mean_units", *_BAND
    )
    series = forecast.daily.select("sku", "place").unique()
    members = _scoped(table=series.join(categories, on="sku", how="left"), scopes=_SUMS)
    names = members.select(_ROW).unique().sort(_ROW).with_row_index("group").cast({"group": pl.Int64})
    groups = members.join(names, on=_ROW).select("sku", pl.col("series_place").alias("place"), "group")
    totals = demand.forecast_totals(forecast=forecast, groups=groups).join(names, on="group")
    everywhere = single.group_by("scope", "key", "week").agg(pl.col("mean_units", *_BAND).sum())
    everywhere = everywhere.with_columns(pl.lit(ALL_PLACES).alias("place")).select(single.columns)
    return pl.concat([single, everywhere, totals.select(single.columns)])


def plan_by_week(
    *,
    plan: pl.DataFrame,
    forecast_weeks: pl.DataFrame,
    history: pl.DataFrame,
    categories: pl.DataFrame,
    before: pl.DataFrame,
    as_of: dt.date,
    commitments: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Rows of DemandWeek: planned weeks with parts, band and last night's units; past weeks of categories and shop.

    Args:
        plan: the plan by days, as `compose_plan` returns it.
        forecast_weeks: as `forecast_by_week` returns it; commitments and adjustments move its band.
        history: sku, place, date, units sold.
        categories: sku (subject), category_code.
        before: the plan that stands, by days: sku, place, date, mean_units. Weeks it does not know whole stay open.
        as_of: the plan's first day, on which week 0 begins.
        commitments: kind, key, sku, place, date, deviation_units; None where all of them are certain.
    """
    week = ((pl.col("date") - pl.lit(as_of)).dt.total_days() // demand.WEEK_DAYS).alias("week")
    whole = _whole_weeks(plan=plan, week=week)
    planned = _summed(table=plan.with_columns(week), values=_PARTS, categories=categories, scopes=_EVERYTHING)
    planned = planned.join(whole, on="week", how="semi")
    sold = _summed(
        table=history.with_columns(week).filter(pl.col("week").is_between(-PAST_WEEKS, -1)),
        values=["units"],
        categories=categories,
        scopes=_SUMS,
    ).rename({"units": "sold_units"})
    rows = planned.join(forecast_weeks.select(*_ROW, "week", *_BAND), on=[*_ROW, "week"], how="left")
    spread = _deviations(commitments=commitments, categories=categories, week=week)
    rows = rows.join(spread, on=[*_ROW, "week"], how="left").with_columns(
        pl.col("committed_deviation_units", *_BAND).fill_null(0.0)
    )
    moved = pl.col("committed_units") + pl.col("adjustment_units") + pl.col("correction_units")
    rows = rows.with_columns(join_spread(name=name, level=level, moved=moved) for name, level in _LEVELS.items())
    rows = _with_previous(rows=rows, before=before, categories=categories, week=week)
    rows = _with_totals(rows=pl.concat([rows, sold], how="diagonal_relaxed"), categories=categories)
    return rows.with_columns(
        (pl.lit(as_of) + pl.duration(days=pl.col("week") * demand.WEEK_DAYS)).alias("date"),
        *(pl.col(name).fill_null(0.0) for name in (*_PARTS, "committed_deviation_units")),
    )


def _deviations(*, commitments: pl.DataFrame | None, categories: pl.DataFrame, week: pl.Expr) -> pl.DataFrame:
    """Standard deviation of what is committed by scope, key, place and week.

    What one key says is wrong as one: a campaign that fails, fails on all its days and products, so its deviations add
    up. Different keys are independent: their variances do.
    """
    made = ["kind", "commitment"]
    schema = {"scope": pl.String, "key": pl.String, "place": pl.String, "week": pl.Int64}
    uncertain = None if commitments is None else commitments.filter(pl.col("deviation_units") > 0)
    if uncertain is None or uncertain.is_empty():
        return pl.DataFrame(schema=schema | {"committed_deviation_units": pl.Float64})
    named = uncertain.rename({"key": "commitment"}).with_columns(week).join(categories, on="sku", how="left")
    scoped = _scoped(table=named, scopes=_EVERYTHING)
    together = scoped.group_by(*_ROW, "week", *made).agg(pl.col("deviation_units").sum())
    return together.group_by(*_ROW, "week").agg(
        (pl.col("deviation_units") ** 2).sum().sqrt().alias("committed_deviation_units")
    )


def _whole_weeks(*, plan: pl.DataFrame, week: pl.Expr) -> pl.DataFrame:
    """Weeks from 0 on of which the plan has every day: of the others nothing is said."""
    days = plan.select("date").unique().with_columns(week).filter(pl.col("week") >= 0)
    return days.group_by("week").len().filter(pl.col("len") == demand.WEEK_DAYS).select("week")


def _summed(*, table: pl.DataFrame, values: list[str], categories: pl.DataFrame, scopes: Scopes) -> pl.DataFrame:
    weekly = table.group_by("sku", "place", "week").agg(pl.col(name).sum() for name in values)
    scoped = _scoped(table=weekly.join(categories, on="sku", how="left"), scopes=scopes)
    return scoped.group_by(*_ROW, "week").agg(pl.col(name).sum() for name in values)


def _scoped(*, table: pl.DataFrame, scopes: Scopes) -> pl.DataFrame:
    """Each row once for every sum it belongs to: scope, key, place (`*` for all), series_place and its own columns."""
    named = table.with_columns(pl.col("category_code").fill_null(""), pl.col("place").alias("series_place"))
    category = pl.col("category_code")
    keys = {"subject": pl.col("sku"), "category": category, "shop": pl.lit("")}
    parts = []
    for scope, is_whole in scopes:
        rows = named.filter(category != "") if scope == "category" else named
        rows = rows.with_columns(pl.lit(scope).alias("scope"), keys[scope].alias("key"))
        parts.append(rows.with_columns(pl.lit(ALL_PLACES).alias("place")) if is_whole else rows)
    return pl.concat(parts)


def _with_previous(
    *, rows: pl.DataFrame, before: pl.DataFrame, categories: pl.DataFrame, week: pl.Expr
) -> pl.DataFrame:
    """`previous_units` of weeks that the earlier plan knew on every day; empty for the others."""
    known = before.with_columns(week).filter(pl.col("week") >= 0)
    full = known.select("date", "week").unique().group_by("week").len().filter(pl.col("len") == demand.WEEK_DAYS)
    sums = _summed(table=known, values=["mean_units"], categories=categories, scopes=_EVERYTHING)
    sums = sums.rename({"mean_units": "previous_units"})
    rows = rows.join(sums, on=[*_ROW, "week"], how="left")
    is_known = pl.col("week").is_in(full["week"].to_list())
    return rows.with_columns(pl.when(is_known).then(pl.col("previous_units").fill_null(0.0)).alias("previous_units"))


def _with_totals(*, rows: pl.DataFrame, categories: pl.DataFrame) -> pl.DataFrame:
    change = pl.when(pl.col("previous_units").is_not_null()).then(pl.col("mean_units") - pl.col("previous_units"))
    total = rows.group_by(_ROW).agg(
        pl.col("mean_units").sum().alias("horizon_units"), change.sum().round(6).alias("change_units")
    )
    own = categories.select(pl.lit("subject").alias("scope"), pl.col("sku").alias("key"), "category_code")
    rows = rows.join(total, on=_ROW).join(own, on=["scope", "key"], how="left")
    code = pl.when(pl.col("scope") == "category").then(pl.col("key")).otherwise(pl.col("category_code").fill_null(""))
    return rows.with_columns(code.alias("category_code"))
