"""Weeks: sums of days, with bands from sums that were really missed."""

import datetime as dt
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from reorder.engine import demand
from reorder.engine.demand.weeks import _half_widths, _weekly

TODAY = dt.date(2026, 11, 23)


def history(*, days: int = 200, seed: int = 3, series: int = 6) -> pl.DataFrame:
    dice = np.random.default_rng(seed)
    rows = [
        {"sku": f"TEA-{one}", "place": "KEELUNG", "date": TODAY - dt.timedelta(days=back), "units": float(units)}
        for one in range(series)
        for back, units in zip(range(days, 0, -1), dice.poisson(4 + one, days), strict=True)
    ]
    return pl.DataFrame(rows)


@pytest.fixture(scope="module")
def forecast() -> demand.DemandForecast:
    return demand.forecast(history=history(), methods=["moving_average", "exponential_smoothing"], horizon_days=28)


def test_a_week_is_the_sum_of_its_days(forecast: demand.DemandForecast) -> None:
    weeks = demand.forecast_weeks(forecast=forecast)
    daily = forecast.daily.filter(pl.col("sku") == "TEA-2")["mean_units"]
    mine = weeks.filter(pl.col("sku") == "TEA-2")
    assert mine["week"].to_list() == [0, 1, 2, 3]
    assert mine["mean_units"].to_list() == pytest.approx([daily[start : start + 7].sum() for start in (0, 7, 14, 21)])


def test_the_band_of_a_week_is_narrower_than_the_sum_of_its_days_bands(forecast: demand.DemandForecast) -> None:
    weeks = demand.forecast_weeks(forecast=forecast).select("p10_units", "p90_units").sum()
    again = demand.forecast(
        history=history(), methods=["moving_average", "exponential_smoothing"], horizon_days=28, quantiles=(0.1, 0.9)
    )
    days = again.daily.select("p10_units", "p90_units").sum()
    assert weeks["p90_units"].item() - weeks["p10_units"].item() < 0.6 * (
        days["p90_units"].item() - days["p10_units"].item()
    )


def test_quantiles_of_a_week_never_cross(forecast: demand.DemandForecast) -> None:
    weeks = demand.forecast_weeks(forecast=forecast)
    names = ["p10_units", "p25_units", "p50_units", "p75_units", "p90_units"]
    for low, high in pairwise(names):
        assert (weeks[low] <= weeks[high]).all()


def test_days_behind_the_last_whole_week_are_left_out() -> None:
    made = demand.forecast(history=history(series=1), methods=["moving_average"], horizon_days=10)
    assert demand.forecast_weeks(forecast=made)["week"].to_list() == [0]
    assert _weekly(np.arange(10.0)).tolist() == [21.0]


def test_a_total_is_missed_by_no_more_than_its_own_past_misses() -> None:
    # Nine judged weeks of a group that plans 100: misses of 1 to 9 units; eight in ten stay within 8.
    fitted = np.full((9, 1, 1), 100.0)
    missed = np.arange(1.0, 10.0).reshape(9, 1, 1)
    half = _half_widths(mean=np.array([[200.0]]), fitted=fitted, missed=missed, levels=(0.1, 0.5, 0.9))
    # (9 + 1) × 0.8 = the eighth smallest: 8 % of 200.
    assert half.ravel().tolist() == pytest.approx([-16.0, 0.0, 16.0], abs=1e-9)


def test_a_group_hardly_judged_takes_the_misses_of_all_groups() -> None:
    fitted = np.full((3, 2, 1), 100.0)
    missed = np.full((3, 2, 1), 20.0)
    half = _half_widths(mean=np.array([[25.0], [400.0]]), fitted=fitted, missed=missed, levels=(0.9,))
    assert half.ravel().tolist() == pytest.approx([10.0, 40.0])


def test_totals_add_up_their_series(forecast: demand.DemandForecast) -> None:
    groups = pl.DataFrame({"sku": ["TEA-0", "TEA-1", "TEA-1"], "place": "KEELUNG", "group": [7, 7, 9]})
    totals = demand.forecast_totals(forecast=forecast, groups=groups)
    weeks = demand.forecast_weeks(forecast=forecast)
    first = weeks.filter(pl.col("week") == 0, pl.col("sku").is_in(["TEA-0", "TEA-1"]))["mean_units"].sum()
    assert totals.filter(pl.col("group") == 7, pl.col("week") == 0)["mean_units"].item() == pytest.approx(first)
    assert totals["group"].to_list() == [7] * 4 + [9] * 4


def test_nothing_sold_makes_no_weeks() -> None:
    nothing = demand.forecast(history=history(series=1).clear(), horizon_days=28)
    assert demand.forecast_weeks(forecast=nothing).height == 0
    groups = pl.DataFrame(schema={"sku": pl.String, "place": pl.String, "group": pl.Int64})
    assert demand.forecast_totals(forecast=nothing, groups=groups).height == 0
