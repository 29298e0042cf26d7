"""The gate of a night: notes what the parts say today, writes beside it what came, and weighs bottom-up by it."""

import datetime as dt
from typing import Final

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.catalog import queries as catalog
from reorder.domain.orders import queries as orders
from reorder.domain.planning import part_scores
from reorder.flows.demand_plan.hindsight import HORIZONS_DAYS, sum_after
from reorder.flows.demand_plan.scoring import score_parts
from reorder.flows.demand_plan.weighing import GATE_DAYS, weigh_bottom_up

# Horizons that are noted at night; a month ahead only `reorder backtest demand` judges.
_NOTED: Final = {7: "units_7", 14: "units_14"}


def settle_origins(*, as_of: dt.date) -> int:
    """Write what was sold beside everything that was noted and is over; returns rows settled."""
    waiting = part_scores.find_unsettled(before_date=as_of)
    if not waiting:
        return 0
    sold = orders.frame_daily_units(from_date=waiting[0], before_date=as_of, time_zone=settings.REORDER.time_zone)
    with transaction.atomic():
        return part_scores.settle_origins(
            sold=sum_after(sold=sold, dates=waiting, horizons_days=HORIZONS_DAYS), before_date=as_of
        )


def open_gates(*, run_id: int | None, as_of: dt.date) -> pl.DataFrame:
    """Weigh bottom-up by all looks back that are over, keep weights and scores, and return the weights above zero.

    Without a run (no night was yet) scores alone are kept.
    """
    origins = part_scores.frame_origins(before_date=as_of)
    gates = weigh_bottom_up(origins=origins.filter(pl.col("horizon_days") == GATE_DAYS))
    scores = score_parts(origins=origins, categories=catalog.frame_subjects())
    with transaction.atomic():
        if run_id is not None:
            part_scores.save_gates(run_id=run_id, gates=gates)
        part_scores.save_scores(run_id=run_id, scores=scores)
    return gates.filter(pl.col("weight_share") > 0).select("sku", "weight_share", "scale")


def note_origins(*, as_of: dt.date, forecast: pl.DataFrame, expected: pl.DataFrame, plan: pl.DataFrame) -> int:
    """Note what the parts say today, on every fourteenth day of a fixed grid; returns rows noted.

    Looks back must not overlap, nor those of `reorder backtest demand` with those of nights: hence the grid.
    """
    if as_of.toordinal() % GATE_DAYS:
        return 0
    parts = [
        note_parts(as_of=as_of, days=days, forecast=forecast, plan=plan, expected=expected.select("sku", column))
        for days, column in _NOTED.items()
    ]
    with transaction.atomic():
        part_scores.drop_origins(before_date=as_of - dt.timedelta(days=part_scores.KEPT_ORIGINS_DAYS))
        return part_scores.save_origins(as_of=as_of, origins=pl.concat(parts))


def note_parts(
    *, as_of: dt.date, days: int, forecast: pl.DataFrame, expected: pl.DataFrame, plan: pl.DataFrame
) -> pl.DataFrame:
    """What each part says of the next `days`: sku, horizon_days, top_down, bottom_up and committed units.

    `expected`: sku and its units within these days.
    """
    until = as_of + dt.timedelta(days=days)
    said = (
        forecast.filter(pl.col("date") < until).group_by("sku").agg(pl.col("mean_units").sum().alias("top_down_units"))
    )
    held = (
        plan.filter(pl.col("date") < until)
        .group_by("sku")
        .agg(pl.col("committed_units").sum())
        .select("sku", "committed_units")
    )
    up = expected.rename({expected.columns[1]: "bottom_up_units"})
    return (
        said.join(up, on="sku", how="left")
        .join(held, on="sku", how="left")
        .with_columns(pl.lit(days).alias("horizon_days"), pl.col("bottom_up_units", "committed_units").fill_null(0.0))
    )
