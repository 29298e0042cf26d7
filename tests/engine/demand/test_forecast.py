"""`demand.forecast`: its columns, its edges and its promises."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from reorder.engine import demand
from reorder.engine.frames import InvalidFrame

FIRST_DAY = date(2026, 1, 5)
DAILY_COLUMNS = ["sku", "place", "date", "mean_units", "p50_units", "p90_units", "p95_units", "p99_units"]
FIGURES = DAILY_COLUMNS[3:]


def sales(units: list[float], *, sku: str = "Oolong", place: str = "Keelung") -> pl.DataFrame:
    """One row a day from 5 January 2026, a Monday."""
    days = [FIRST_DAY + timedelta(days=day) for day in range(len(units))]
    return pl.DataFrame({"sku": [sku] * len(units), "place": [place] * len(units), "date": days, "units": units})


def poisson(days: int, *, mean: float = 3.0, seed: int = 1) -> list[float]:
    return np.random.default_rng(seed).poisson(mean, days).astype(float).tolist()


def test_a_forecast_has_one_row_a_day_and_one_column_a_quantile() -> None:
    made = demand.forecast(history=sales(poisson(200)), horizon_days=28)

    assert made.daily.columns == DAILY_COLUMNS
    assert made.daily["date"].to_list() == [FIRST_DAY + timedelta(days=200 + step) for step in range(28)]
    assert made.scores.columns == ["sku", "place", "method", "window", "rmsse", "bias"]
    assert made.choices.columns == [
        "sku",
        "place",
        "demand_class",
        "methods",
        "backtest_rmsse",
        "reason",
        "reason_code",
        "reason_parameters",
    ]


def test_a_steady_series_is_forecast_at_its_level() -> None:
    made = demand.forecast(history=sales([4.0] * 210), horizon_days=14)

    for column in FIGURES:
        assert made.daily[column].to_list() == pytest.approx([4.0] * 14)


def test_all_zeros_are_forecast_as_zero() -> None:
    made = demand.forecast(history=sales([0.0] * 210), horizon_days=7)

    assert made.daily.select(FIGURES).unique().rows() == [(0.0, 0.0, 0.0, 0.0, 0.0)]


def test_a_series_of_one_day_is_short_and_expects_that_day_again() -> None:
    made = demand.forecast(history=sales([5.0]), horizon_days=3)

    assert made.choices["demand_class"].to_list() == ["short"]
    assert made.choices["reason_code"].to_list() == ["demand.class_default"]
    assert made.daily["mean_units"].to_list() == pytest.approx([5.0, 5.0, 5.0])


def test_a_billion_units_a_day_stay_a_billion() -> None:
    made = demand.forecast(history=sales([1e9] * 210), horizon_days=7)

    assert made.daily["mean_units"].to_list() == pytest.approx([1e9] * 7)
    assert made.daily["p99_units"].to_list() == pytest.approx([1e9] * 7)


def test_negative_units_are_refused_with_their_row() -> None:
    with pytest.raises(InvalidFrame) as refused:
        demand.forecast(history=sales([1.0, -2.0]))

    assert refused.value.parameters["column"] == "units"
    assert refused.value.parameters["row"] == 1


def test_a_day_given_twice_is_refused() -> None:
    with pytest.raises(InvalidFrame, match="repeats the key"):
        demand.forecast(history=pl.concat([sales([1.0]), sales([2.0])]))


def test_an_empty_history_gives_empty_tables() -> None:
    made = demand.forecast(history=sales([1.0]).clear())

    assert made.daily.columns == DAILY_COLUMNS
    assert (made.daily.height, made.choices.height, made.scores.height) == (0, 0, 0)


def test_an_unknown_method_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(demand.UnknownMethod, match="Known: adida, arima, croston"):
        demand.forecast(history=sales([1.0]), methods=["crystal_ball"])


def test_prophet_is_unavailable_and_says_how_to_get_it() -> None:
    with pytest.raises(demand.MethodUnavailable, match="pip install"):
        demand.forecast(history=sales([1.0]), methods=["prophet"])
