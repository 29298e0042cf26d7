"""The plan of a night: parts out of the database, put together, saved with every part."""

import datetime as dt

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.catalog import queries as catalog
from reorder.domain.orders import queries as orders
from reorder.domain.planning import commitments as committed
from reorder.domain.planning import operations, queries
from reorder.flows.demand_plan.gating import note_origins, open_gates, settle_origins
from reorder.flows.demand_plan.parts import KIND_COLUMNS, compose_plan, sum_commitments
from reorder.flows.demand_plan.weeks import PAST_WEEKS, plan_by_week


def build_demand_plan(*, run_id: int, as_of: dt.date) -> tuple[int, dict[str, float]]:
    """Compose and save the demand plan from `as_of` on, by days and by weeks.

    Returns rows written and the units of each part.
    """
    rows = committed.frame_commitment_rows(
        from_date=as_of, before_date=as_of + dt.timedelta(days=settings.REORDER.horizon_days)
    )
    forecast, expected = queries.frame_forecast(), queries.frame_expected_reorders()
    settle_origins(as_of=as_of)
    gates = open_gates(run_id=run_id, as_of=as_of)
    plan = compose_plan(forecast=forecast, expected=expected, commitments=sum_commitments(rows=rows), gates=gates)
    note_origins(as_of=as_of, forecast=forecast, expected=expected, plan=plan)
    weeks = plan_by_week(
        plan=plan,
        forecast_weeks=queries.frame_forecast_weeks(),
        history=load_sold(as_of=as_of),
        categories=catalog.frame_subjects(),
        before=queries.frame_demand_plan(),
        as_of=as_of,
        commitments=rows,
    )
    weeks = keep_comparison(weeks=weeks, standing=queries.frame_demand_weeks(), as_of=as_of)
    with transaction.atomic():
        written = operations.save_demand_plan(run_id=run_id, plan=plan)
        operations.save_demand_weeks(run_id=run_id, weeks=weeks)
    parts = (
        "baseline_units",
        "known_customers_units",
        "event_units",
        "correction_units",
        "committed_units",
        *KIND_COLUMNS,
        "adjustment_units",
        "mean_units",
    )
    return written, {name: round(float(plan[name].sum()), 1) for name in parts}


def load_sold(*, as_of: dt.date) -> pl.DataFrame:
    """What was really sold in the weeks that pages show, commitments included: sku, place, date, units."""
    return orders.frame_daily_units(
        from_date=as_of - dt.timedelta(days=PAST_WEEKS * 7), before_date=as_of, time_zone=settings.REORDER.time_zone
    )


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
