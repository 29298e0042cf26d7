"""The plan of a night: parts out of the database, put together, saved with every part."""

import datetime as dt

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.catalog import queries as catalog
from reorder.domain.planning import operations, queries
from reorder.flows.demand_plan.parts import compose_plan
from reorder.flows.demand_plan.weeks import plan_by_week


def build_demand_plan(*, run_id: int, as_of: dt.date, history: pl.DataFrame) -> tuple[int, dict[str, float]]:
    """Compose and save the demand plan from `as_of` on, by days and by weeks.

    `history` (sku, place, date, units) gives the past weeks. Returns rows written and the units of each part.
    """
    plan = compose_plan(
        forecast=queries.frame_forecast(),
        expected=queries.frame_expected_reorders(),
        commitments=queries.frame_commitments(
            from_date=as_of, before_date=as_of + dt.timedelta(days=settings.REORDER.horizon_days)
        ),
    )
    weeks = plan_by_week(
        plan=plan,
        forecast_weeks=queries.frame_forecast_weeks(),
        history=history,
        categories=catalog.frame_subjects(),
        before=queries.frame_demand_plan(),
        as_of=as_of,
    )
    weeks = keep_comparison(weeks=weeks, standing=queries.frame_demand_weeks(), as_of=as_of)
    with transaction.atomic():
        written = operations.save_demand_plan(run_id=run_id, plan=plan)
        operations.save_demand_weeks(run_id=run_id, weeks=weeks)
    parts = ("baseline_units", "known_customers_units", "committed_units", "adjustment_units", "mean_units")
    return written, {name: round(float(plan[name].sum()), 1) for name in parts}


def keep_comparison(*, weeks: pl.DataFrame, standing: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """A plan made twice on one day is still compared with that of the night before, not with its first making.

    `standing` are the planned weeks that stand: scope, key, place, week, date, previous_units.
    """
    again = standing.filter(pl.col("week") == 0, pl.col("date") == as_of)
    if again.is_empty():
        return weeks
    key = ["scope", "key", "place", "week"]
    earlier = standing.select(*key, pl.col("previous_units").alias("earlier"))
    weeks = weeks.join(earlier, on=key, how="left").with_columns(pl.col("earlier").alias("previous_units"))
    change = pl.when(pl.col("previous_units").is_not_null()).then(pl.col("mean_units") - pl.col("previous_units"))
    return weeks.with_columns(change.sum().round(6).over("scope", "key", "place").alias("change_units")).drop("earlier")
