"""The top-down baseline: daily units of every planned subject and place, forecast by the methods its past supports."""

import datetime as dt

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.catalog import queries as catalog
from reorder.domain.orders import queries as orders
from reorder.domain.planning import operations as planning
from reorder.engine import demand
from reorder.flows.demand_plan.weeks import forecast_by_week

# Two years hold two of every season; older days only cost time.
HISTORY_DAYS = 730
# The lower half draws the 50 and 80 % bands, the upper half protects against running out.
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


def load_history(*, as_of: dt.date) -> pl.DataFrame:
    """Daily units sold before `as_of` by subject and place, the last day always present: sku, place, date, units."""
    sold = orders.frame_daily_units(
        from_date=as_of - dt.timedelta(days=HISTORY_DAYS), before_date=as_of, time_zone=settings.REORDER.time_zone
    )
    # A series ends yesterday, not on its last sale: the silent days since then are zeros that the forecast must see.
    last = sold.select("sku", "place").unique().with_columns(pl.lit(as_of - dt.timedelta(days=1)).alias("date"))
    silent = last.join(sold, on=["sku", "place", "date"], how="anti").with_columns(pl.lit(0.0).alias("units"))
    return pl.concat([sold, silent.select(sold.columns)]).sort("sku", "place", "date")


def forecast_baseline(*, run_id: int, as_of: dt.date, history: pl.DataFrame) -> tuple[int, dict[str, int]]:
    """Forecast and save the baseline for the planning horizon; returns rows written and series a demand class."""
    made = demand.forecast(
        history=history, horizon_days=settings.REORDER.horizon_days, quantiles=QUANTILES, seed=as_of.toordinal()
    )
    weeks = forecast_by_week(forecast=made, categories=catalog.frame_subjects())
    with transaction.atomic():
        written = planning.save_forecast(run_id=run_id, daily=made.daily, choices=made.choices, scores=made.scores)
        planning.save_forecast_weeks(run_id=run_id, weeks=weeks)
    counts = made.choices.group_by("demand_class").len().sort("demand_class")
    return written, dict(counts.iter_rows())
