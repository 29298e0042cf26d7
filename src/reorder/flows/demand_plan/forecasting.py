"""The top-down baseline: daily units of every planned subject and place, forecast by the methods its past supports."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.catalog import queries as catalog
from reorder.domain.inventory import empty_days
from reorder.domain.orders import queries as orders
from reorder.domain.planning import commitments, effects, signals
from reorder.domain.planning import operations as planning
from reorder.engine import demand
from reorder.engine.frames import InvalidFrame
from reorder.flows.demand_plan.censoring import mark_empty_days
from reorder.flows.demand_plan.event_parts import with_event_units
from reorder.flows.demand_plan.expectations import apply_expectations
from reorder.flows.demand_plan.freeing import close_series, take_out_commitments
from reorder.flows.demand_plan.inputs import ForecastInputs, load_inputs
from reorder.flows.demand_plan.weeks import forecast_by_week
from reorder.kernel.clock import midnight

# Two years hold two of every season; older days only cost time.
HISTORY_DAYS = 730
# The lower half draws the 50 and 80 % bands, the upper half protects against running out.
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
_NAMED_FAILURES = 20


def load_history(*, as_of: dt.date) -> pl.DataFrame:
    """Daily units sold before `as_of` by subject and place: sku, place, date, units, in_stock; the last day is there.

    What commitments brought is taken out: they are added again when their days come. `in_stock` is false on days on
    which the ledger knows an empty shelf, null otherwise.
    """
    first = as_of - dt.timedelta(days=HISTORY_DAYS)
    sold = orders.frame_daily_units(from_date=first, before_date=as_of, time_zone=settings.REORDER.time_zone)
    daily = close_series(sold=sold, as_of=as_of)
    past = commitments.frame_past_commitments(from_date=first, before_date=as_of)
    spells = empty_days.frame_empty_spells(before_date=as_of, time_zone=settings.REORDER.time_zone)
    return take_out_commitments(history=mark_empty_days(history=daily, spells=spells), past=past)


@dataclass(frozen=True, slots=True)
class BaselineMade:
    """What the forecast of a night did: rows written, and what the step tells of it."""

    rows_written: int
    details: Mapping[str, Any]


def forecast_baseline(
    *, run_id: int, as_of: dt.date, history: pl.DataFrame, known_before: dt.datetime | None = None
) -> BaselineMade:
    """Forecast and save the baseline for the planning horizon, with what was learned of promotions and events.

    `known_before` is the moment of a night that is taken now; without it the night is one of the past and reads what
    was known when `as_of` began.
    Series whose methods failed are told in the details; a known-future column that breaks its contract is told there
    too, and the night goes on without any.
    """
    horizon_days = settings.REORDER.horizon_days
    moment = known_before or midnight(date=as_of, time_zone=settings.REORDER.time_zone)
    inputs = load_inputs(as_of=as_of, history=history, horizon_days=horizon_days, known_before=known_before)
    # The methods of the last night are of the future where a past night is taken again.
    incumbents = effects.frame_incumbents() if known_before else None
    made, left_out = _forecast(
        inputs=inputs, history=history, incumbents=incumbents, horizon_days=horizon_days, seed=as_of.toordinal()
    )
    subjects = catalog.frame_subjects()
    entries = signals.list_entries_known(
        from_date=as_of, before_date=as_of + dt.timedelta(days=horizon_days), known_before=moment
    )
    told = with_event_units(daily=made.daily, known_future=inputs.known_future, effects=made.effects, subjects=subjects)
    daily = apply_expectations(daily=told, entries=entries, subjects=subjects, as_of=as_of)
    made = replace(made, daily=daily)
    weeks = forecast_by_week(forecast=made, categories=subjects)
    with transaction.atomic():
        written = planning.save_forecast(run_id=run_id, daily=made.daily, choices=made.choices, scores=made.scores)
        planning.save_forecast_weeks(run_id=run_id, weeks=weeks)
        learned = effects.save_effects(run_id=run_id, as_of=as_of, effects=made.effects)
    details = {"regressors": list(inputs.columns), "effects": learned, "regressors_left_out": left_out}
    return BaselineMade(written, tell_choices(choices=made.choices) | details)


def _forecast(
    *, inputs: ForecastInputs, history: pl.DataFrame, incumbents: pl.DataFrame | None, horizon_days: int, seed: int
) -> tuple[demand.DemandForecast, str]:
    """The forecast, and why its known-future columns had to be left out (empty: they were not)."""
    made = partial(
        demand.forecast,
        horizon_days=horizon_days,
        quantiles=QUANTILES,
        seed=seed,
        incumbents=incumbents,
        overrides=inputs.overrides,
        products=inputs.products,
    )
    try:
        return made(history=inputs.history, known_future=inputs.known_future), ""
    except InvalidFrame as fault:
        if fault.parameters["column"] not in inputs.columns:
            raise
        return made(history=history), str(fault)


def tell_choices(*, choices: pl.DataFrame) -> dict[str, Any]:
    """Series by demand class, and those that had to fall back on other methods, the first twenty by name."""
    fell = choices.filter(pl.col("reason_code").is_in(["demand.fallback", "demand.no_method"]))
    named = fell.head(_NAMED_FAILURES).select(pl.concat_str("sku", "place", separator=" ")).to_series().to_list()
    return {
        "series_by_class": dict(choices.group_by("demand_class").len().sort("demand_class").iter_rows()),
        "overridden": int(choices["is_override"].sum()),
        "fell_back": fell.height,
        "fell_back_series": named,
    }
