"""One past night: loaded as it would have been loaded then, decided by the same engine, judged by what then came."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.conf import settings

from reorder.domain.orders import queries as orders
from reorder.engine import demand
from reorder.flows.demand_plan.forecasting import QUANTILES, load_history
from reorder.flows.demand_plan.inputs import load_inputs
from reorder.flows.replay.figures import judge_forecast, judge_targets, refuse_future
from reorder.flows.replay.past_targets import past_targets


@dataclass(frozen=True, slots=True)
class Replayed:
    """Figures and stock targets of one night."""

    figures: Mapping[str, Any]
    targets: pl.DataFrame


def replay_night(*, as_of: dt.date, until: dt.date, horizon_days: int) -> Replayed:
    """Take the night of `as_of` again and judge it by the days up to `until`. Raises FutureSeen."""
    history = load_history(as_of=as_of)
    refuse_future(frame=history, name="history", column="date", as_of=as_of)
    inputs = load_inputs(as_of=as_of, history=history, horizon_days=horizon_days)
    refuse_future(frame=inputs.history, name="history with signals", column="date", as_of=as_of)
    made = demand.forecast(
        history=inputs.history,
        known_future=inputs.known_future,
        overrides=inputs.overrides,
        products=inputs.products,
        horizon_days=horizon_days,
        quantiles=QUANTILES,
        seed=as_of.toordinal(),
    )
    targets = past_targets(as_of=as_of, history=history, forecast=lambda: made.daily)
    actual = load_actual(from_date=as_of, until=until)
    judged_until = min(until, as_of + dt.timedelta(days=horizon_days - 1))
    forecast = judge_forecast(daily=made.daily, history=history, actual=actual, as_of=as_of, until=judged_until)
    cover = judge_targets(targets=targets, actual=actual, as_of=as_of, review_days=settings.REORDER.review_days)
    figures = {"forecast": forecast.as_json(), "cover": cover, "is_too_good": forecast.is_too_good}
    return Replayed(figures=figures, targets=targets)


def load_actual(*, from_date: dt.date, until: dt.date) -> pl.DataFrame:
    """What was sold: sku, place, date, units."""
    return orders.frame_daily_units(
        from_date=from_date, before_date=until + dt.timedelta(days=1), time_zone=settings.REORDER.time_zone
    )
