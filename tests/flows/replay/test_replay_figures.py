"""The arithmetic of a replay, by hand."""

import datetime as dt

import polars as pl
import pytest

from reorder.flows.replay import FutureSeen
from reorder.flows.replay.figures import judge_forecast, judge_targets, refuse_future

NIGHT = dt.date(2026, 11, 2)


def sold(*units: float, first: dt.date = NIGHT) -> pl.DataFrame:
    days = [first + dt.timedelta(days=step) for step in range(len(units))]
    return pl.DataFrame({"sku": "A", "place": "P", "date": days, "units": [float(one) for one in units]})


def test_errors_are_summed_by_day_and_by_horizon() -> None:
    daily = sold(2, 2, 2).rename({"units": "mean_units"}).with_columns(p90_units=pl.lit(3.0))
    history = sold(*[1.0] * 28, first=NIGHT - dt.timedelta(days=28))

    made = judge_forecast(
        daily=daily,
        history=history,
        actual=sold(0, 5, 2),
        as_of=NIGHT,
        until=NIGHT + dt.timedelta(days=2),
    )

    assert (made.series, made.days, made.units, made.forecast_units) == (1, 3, 7.0, 6.0)
    assert (made.daily_missed, made.total_missed) == (5.0, 1.0)
    assert (made.naive_daily_missed, made.naive_total_missed) == (6.0, 4.0)
    assert (made.within_90, made.days_judged) == (2.0, 3)
    assert made.chance_missed == pytest.approx((2 * 6 / 3.14159265) ** 0.5)


def test_one_series_is_never_too_good_but_thirty_without_any_error_are() -> None:
    days = [NIGHT + dt.timedelta(days=step) for step in range(28)]
    many = pl.DataFrame({"sku": [f"S{n}" for n in range(30)]}).join(pl.DataFrame({"date": days}), how="cross")
    many = many.with_columns(place=pl.lit("P"), units=pl.lit(3.0))
    few = many.filter(pl.col("sku") == "S0")

    def judged(actual: pl.DataFrame) -> bool:
        daily = actual.rename({"units": "mean_units"}).with_columns(p90_units=pl.lit(5.0))
        history = actual.with_columns(pl.col("date").dt.offset_by("-28d"))
        return judge_forecast(daily=daily, history=history, actual=actual, as_of=NIGHT, until=days[-1]).is_too_good

    assert (judged(many), judged(few)) == (True, False)


def test_a_reorder_point_holds_when_demand_over_its_span_stays_within() -> None:
    targets = pl.DataFrame(
        {
            "sku": ["A", "B", "LATE"],
            "place": ["P", "P", "P"],
            "lead_days": [2.4, 2.0, 9.0],
            "reorder_point_units": [6.2, 3.0, 1.0],
            "service_level": [0.9, 0.95, 0.9],
            "lost_unit_cost": [1.0, 1.0, 1.0],
        }
    )
    actual = pl.concat([sold(3, 3, 1, 50), sold(4, 0, 0, 0).with_columns(sku=pl.lit("B"))])

    # A: 3 + 3 + 1 = 7 within ⌈6.2⌉; B: 4 over 3; LATE's span is not over yet.
    made = judge_targets(targets=targets, actual=actual, as_of=NIGHT, review_days=1)

    assert made == {"series": 2.0, "covered": 1.0, "promised": pytest.approx(1.85)}


def test_a_frame_that_reaches_the_night_is_refused_by_name() -> None:
    with pytest.raises(FutureSeen) as caught:
        refuse_future(frame=sold(1, 1), name="history", column="date", as_of=NIGHT + dt.timedelta(days=1))

    assert caught.value.parameters["frame"] == "history"
    assert caught.value.parameters["first"] == "A"
