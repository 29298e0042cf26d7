"""What a forecast does with input that no shop means: a clear refusal, or an answer that says what it rests on."""

from datetime import date, timedelta

import polars as pl
import pytest

from reorder.engine import demand
from reorder.engine.frames import InvalidFrame

FIRST_DAY = date(2026, 1, 5)
CHEAP = ("adida", "croston", "exponential_smoothing", "holt_winters", "imapa", "moving_average", "theta", "tsb")


def sales(units: list[float | None], *, sku: str = "Oolong") -> pl.DataFrame:
    days = [FIRST_DAY + timedelta(days=day) for day in range(len(units))]
    columns = {"sku": [sku] * len(units), "place": ["Keelung"] * len(units), "date": days, "units": units}
    return pl.DataFrame(columns, schema_overrides={"units": pl.Float64})


@pytest.mark.parametrize(
    ("units", "reason"),
    [
        (None, "is empty"),
        (float("nan"), "is not a finite number"),
        (float("inf"), "is not a finite number"),
        (-1.0, "is below 0"),
        (1e16, "is above 1e+15"),
    ],
)
def test_units_that_cannot_be_are_refused_with_their_row(units: float | None, reason: str) -> None:
    with pytest.raises(InvalidFrame) as refused:
        demand.forecast(history=sales([3.0, units]))

    assert refused.value.parameters == {"frame": "history", "column": "units", "row": 1, "reason": reason}


@pytest.mark.parametrize("level", [1e9, 1e15])
def test_giant_sales_overflow_nothing(level: float) -> None:
    made = demand.forecast(history=sales([level] * 210), horizon_days=7, methods=CHEAP)

    assert made.daily["mean_units"].to_list() == pytest.approx([level] * 7)


@pytest.mark.parametrize("days", [1, 2, 6, 27, 29])
def test_a_handful_of_days_is_enough_for_an_answer(days: int) -> None:
    made = demand.forecast(history=sales([5.0] * days), horizon_days=3)

    assert made.choices["demand_class"].to_list() == ["short"]
    assert made.daily["mean_units"].to_list() == pytest.approx([5.0] * 3)


def test_a_shop_that_was_always_out_of_stock_expects_nothing() -> None:
    history = sales([0.0] * 60).with_columns(in_stock=pl.lit(value=False))

    made = demand.forecast(history=history, horizon_days=3, methods=CHEAP)

    assert made.daily["mean_units"].to_list() == [0.0, 0.0, 0.0]
    assert made.choices["reason_code"].to_list() == ["demand.class_default"]


def test_a_future_price_that_nobody_told_is_the_last_one_told() -> None:
    history = sales([4.0, 6.0] * 50).with_columns(price=pl.lit(100.0))
    days = [FIRST_DAY + timedelta(days=100 + step) for step in range(7)]
    told = pl.DataFrame({"sku": "Oolong", "place": "Keelung", "date": days, "price": [100.0] * 7})
    untold = told.with_columns(price=pl.lit(None, dtype=pl.Float64))

    with_price = demand.forecast(history=history, known_future=told, horizon_days=7, methods=CHEAP)
    without = demand.forecast(history=history, known_future=untold, horizon_days=7, methods=CHEAP)
    without_rows = demand.forecast(history=history, known_future=told.clear(), horizon_days=7, methods=CHEAP)

    assert without.daily.equals(with_price.daily)
    assert without_rows.daily.equals(with_price.daily)


def test_a_choice_without_methods_is_refused_with_its_row() -> None:
    nothing = pl.DataFrame(
        {"sku": ["Oolong"], "place": ["Keelung"], "methods": [None]}, schema_overrides={"methods": pl.List(pl.String)}
    )

    with pytest.raises(InvalidFrame) as refused:
        demand.forecast(history=sales([1.0]), overrides=nothing)

    assert (refused.value.parameters["frame"], refused.value.parameters["column"]) == ("overrides", "methods")


def test_a_method_of_last_night_that_exists_no_longer_is_forgotten() -> None:
    gone = pl.DataFrame({"sku": ["Oolong"], "place": ["Keelung"], "methods": [["crystal_ball"]]})
    history = sales([4.0, 6.0] * 60)

    made = demand.forecast(history=history, horizon_days=3, methods=CHEAP, incumbents=gone)

    assert made.daily.equals(demand.forecast(history=history, horizon_days=3, methods=CHEAP).daily)
