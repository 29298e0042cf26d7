"""`demand.forecast`: its columns, its edges and its promises."""

import importlib.util
from datetime import date, timedelta
from typing import NoReturn

import numpy as np
import polars as pl
import pytest

from reorder.engine import demand
from reorder.engine.demand.learned import LEARNED
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
        "is_override",
        "is_kept",
    ]
    assert (made.effects.height, made.effects.columns[:2]) == (0, ["name", "value"])


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
    with pytest.raises(demand.UnknownMethod, match="Known: adida, arima, auto_ets"):
        demand.forecast(history=sales([1.0]), methods=["crystal_ball"])


@pytest.mark.skipif(importlib.util.find_spec("prophet") is not None, reason="the extra prophet is installed")
def test_prophet_is_unavailable_and_says_how_to_get_it() -> None:
    with pytest.raises(demand.MethodUnavailable, match="pip install"):
        demand.forecast(history=sales([1.0]), methods=["prophet"])


@pytest.mark.skipif(importlib.util.find_spec("prophet") is None, reason="needs the extra prophet")
def test_prophet_answers_when_it_is_installed_and_named() -> None:
    made = demand.forecast(history=tea_week(skus=1, weeks=20), methods=["prophet"], horizon_days=14)

    assert made.choices["methods"].to_list() == [["prophet"]]
    assert made.daily["mean_units"].is_finite().all()


def test_the_order_of_the_rows_changes_nothing() -> None:
    history = pl.concat([sales(poisson(200)), sales(poisson(200, mean=9.0, seed=2), place="Tainan")])

    made = demand.forecast(history=history, methods=["moving_average", "tsb"])
    shuffled = demand.forecast(
        history=history.sample(fraction=1.0, shuffle=True, seed=3), methods=["moving_average", "tsb"]
    )

    assert shuffled.daily.equals(made.daily)


def test_two_places_are_forecast_apart() -> None:
    made = demand.forecast(history=pl.concat([sales([4.0] * 200), sales([9.0] * 200, place="Tainan")]), horizon_days=1)

    assert made.daily["place"].to_list() == ["Keelung", "Tainan"]
    assert made.daily["mean_units"].to_list() == pytest.approx([4.0, 9.0])


def test_a_day_without_a_row_counts_as_zero_up_to_the_last_day_of_all_history() -> None:
    silent = sales([28.0] * 14, sku="Oolong")
    selling = sales([1.0] * 28, sku="Sencha")

    made = demand.forecast(history=pl.concat([silent, selling]), methods=["moving_average"], horizon_days=1)

    # Fourteen days of 28 units and fourteen of none: 14 a day.
    assert made.daily.filter(pl.col("sku") == "Oolong")["mean_units"].to_list() == pytest.approx([14.0])
    assert made.daily["date"].unique().to_list() == [FIRST_DAY + timedelta(days=28)]


def test_days_out_of_stock_are_not_taken_for_zero_demand() -> None:
    empty_shelf = [False] * 14
    history = sales([6.0] * 100 + [0.0] * 14).with_columns(in_stock=pl.Series([True] * 100 + empty_shelf))

    made = demand.forecast(history=history, methods=["exponential_smoothing", "tsb", "adida"], horizon_days=7)

    assert made.daily["mean_units"].to_list() == pytest.approx([6.0] * 7)


def test_a_known_future_column_that_is_missing_in_the_future_is_named() -> None:
    history = sales(poisson(60)).with_columns(price=pl.lit(120.0))
    future = sales([0.0]).select("sku", "place", date=pl.lit(FIRST_DAY + timedelta(days=60)))

    with pytest.raises(InvalidFrame) as refused:
        demand.forecast(history=history, known_future=future)

    assert (refused.value.parameters["frame"], refused.value.parameters["column"]) == ("known_future", "price")


def test_quantiles_never_decrease_never_go_negative_and_are_whole_for_whole_units() -> None:
    lumpy = np.random.default_rng(4).negative_binomial(0.3, 0.1, 400).astype(float).tolist()

    daily = demand.forecast(history=sales(lumpy), quantiles=(0.99, 0.5, 0.9, 0.975)).daily

    columns = ["p50_units", "p90_units", "p97_5_units", "p99_units"]
    assert daily.columns[4:] == columns
    values = daily.select(columns).to_numpy()
    assert np.isfinite(daily.drop("sku", "place", "date").to_numpy()).all()
    assert (values >= 0).all()
    assert (np.diff(values, axis=1) >= 0).all()
    assert (values == np.rint(values)).all()


def test_a_weekday_pattern_is_learned() -> None:
    week = [2.0, 2.0, 2.0, 2.0, 2.0, 20.0, 5.0]

    made = demand.forecast(history=sales(week * 60), methods=["exponential_smoothing"], horizon_days=7)

    assert made.daily["mean_units"].to_list() == pytest.approx(week, rel=0.05)


def test_a_product_without_history_sells_like_its_category_and_price_band() -> None:
    columns = {"category": pl.lit("tea"), "price": pl.lit(100.0)}
    peers = pl.concat([sales([float(level)] * 200, sku=f"Tea {level}") for level in (2, 4, 6)]).with_columns(**columns)
    days = [FIRST_DAY + timedelta(days=200 + step) for step in range(7)]
    skus = [*peers["sku"].unique().sort(), "New tea"]
    future = pl.DataFrame(
        [{"sku": sku, "place": "Keelung", "date": day} for sku in skus for day in days],
        schema_overrides={"date": pl.Date},
    ).with_columns(**columns)

    made = demand.forecast(history=peers, known_future=future, horizon_days=7)

    new = made.choices.filter(pl.col("sku") == "New tea")
    assert new.select("demand_class", "reason_code").row(0) == ("no_history", "demand.newcomer")
    assert new["reason"].to_list() == ["No history yet: what 3 similar products of the same price band sell."]
    assert made.daily.filter(pl.col("sku") == "New tea")["mean_units"].to_list() == pytest.approx([4.0] * 7)


def test_a_method_that_cannot_learn_enough_is_replaced_and_named_in_the_reason() -> None:
    made = demand.forecast(history=sales([3.0] * 60), methods=["gradient_boosting"], horizon_days=7)

    assert made.choices["methods"].to_list() == [["moving_average"]]
    assert made.choices["reason"].to_list() == [
        "short demand: gradient_boosting gave no usable forecast; the mean of moving_average instead."
    ]
    assert made.daily["mean_units"].to_list() == pytest.approx([3.0] * 7)


def test_the_reason_names_the_methods_and_how_they_were_chosen() -> None:
    made = demand.forecast(history=sales([4.0, 5.0] * 150), methods=["tsb"])

    assert made.choices["reason"].to_list() == [
        "smooth demand: average of tsb, the best of 1 methods compared at 3 earlier dates."
    ]


def test_a_price_cut_that_is_known_ahead_lifts_the_forecast() -> None:
    generator = np.random.default_rng(5)
    rows = []
    for number in range(30):
        cheap = generator.random(428) < 0.15
        units = generator.poisson(np.where(cheap, 12.0, 4.0)).astype(float)
        rows.append(
            sales(units.tolist(), sku=f"Tea {number}").with_columns(price=pl.Series(np.where(cheap, 70.0, 100.0)))
        )
    table = pl.concat(rows)
    cut = FIRST_DAY + timedelta(days=400)
    future = (
        table.filter(pl.col("date") >= cut)
        .drop("units")
        .with_columns(price=pl.when(pl.col("date").dt.weekday() == 3).then(70.0).otherwise(100.0))
    )

    made = demand.forecast(
        history=table.filter(pl.col("date") < cut), known_future=future, methods=["gradient_boosting"], seed=1
    )
    again = demand.forecast(
        history=table.filter(pl.col("date") < cut), known_future=future, methods=["gradient_boosting"], seed=1
    )

    wednesdays = made.daily.filter(pl.col("date").dt.weekday() == 3)["mean_units"].mean()
    others = made.daily.filter(pl.col("date").dt.weekday() != 3)["mean_units"].mean()
    assert wednesdays == pytest.approx(12.0, rel=0.15)
    assert others == pytest.approx(4.0, rel=0.15)
    assert again.daily.equals(made.daily)


def test_the_quantiles_cover_as_often_as_they_say() -> None:
    generator = np.random.default_rng(6)
    parts = [
        sales(generator.poisson(generator.gamma(2.0, mean / 2.0, 428)).astype(float).tolist(), sku=f"Tea {number}")
        for number, mean in enumerate(np.geomspace(0.2, 30.0, 60))
    ]
    table = pl.concat(parts)
    cut = FIRST_DAY + timedelta(days=400)

    made = demand.forecast(history=table.filter(pl.col("date") < cut), methods=["exponential_smoothing", "adida"])

    judged = made.daily.join(table, on=["sku", "place", "date"])
    for level in (90, 95, 99):
        covered = (judged["units"] <= judged[f"p{level}_units"]).mean()
        below = (judged["units"] < judged[f"p{level}_units"]).mean()
        assert below - 0.015 <= level / 100 <= covered + 0.015


def tea_week(*, skus: int, weeks: int) -> pl.DataFrame:
    """A clear weekly pattern of 8 units a day on average, plus one unit a day of noise."""
    week = [4.0, 6.0, 5.0, 7.0, 9.0, 14.0, 11.0]
    noise = np.random.default_rng(9).poisson(1.0, (skus, 7 * weeks))
    return pl.concat([sales((week * weeks + noise[sku]).tolist(), sku=f"Tea {sku:02}") for sku in range(skus)])


def test_arima_answers_when_it_is_named() -> None:
    made = demand.forecast(history=tea_week(skus=1, weeks=20), methods=["arima"], horizon_days=14)

    assert made.choices["methods"].to_list() == [["arima"]]
    assert made.daily["mean_units"].mean() == pytest.approx(9.0, rel=0.1)


def test_the_neural_network_answers_when_it_is_named() -> None:
    made = demand.forecast(history=tea_week(skus=12, weeks=40), methods=["neural_network"], horizon_days=14)

    assert made.choices["methods"].to_list() == [["neural_network"]] * 12
    assert made.daily["mean_units"].mean() == pytest.approx(9.0, rel=0.1)


def test_a_method_that_breaks_stops_nothing_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> NoReturn:
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setitem(LEARNED, "gradient_boosting", broken)

    made = demand.forecast(history=tea_week(skus=12, weeks=40), horizon_days=7)

    assert made.choices["reason_code"].unique().to_list() == ["demand.fallback"]
    assert "gradient_boosting gave no usable forecast" in made.choices["reason"][0]
    assert made.daily["mean_units"].mean() == pytest.approx(9.0, rel=0.1)


def test_a_method_that_could_only_learn_later_is_not_called_broken() -> None:
    made = demand.forecast(history=tea_week(skus=12, weeks=40), horizon_days=84)

    assert made.choices["reason_code"].unique().to_list() == ["demand.best_by_backtest"]
    assert made.scores.filter(pl.col("method") == "gradient_boosting").height == 0


def naming(methods: list[str], *, sku: str = "Oolong") -> pl.DataFrame:
    return pl.DataFrame({"sku": [sku], "place": ["Keelung"], "methods": [methods]})


def test_what_a_person_chose_is_used_and_the_reason_says_so() -> None:
    history = pl.concat([sales(poisson(300)), sales(poisson(300, seed=2), sku="Sencha")])

    made = demand.forecast(history=history, overrides=naming(["seasonal_naive"]), horizon_days=7)

    oolong, sencha = made.choices.rows(named=True)
    assert (oolong["methods"], oolong["is_override"]) == (["seasonal_naive"], True)
    assert oolong["reason"] == "smooth demand: seasonal_naive, because a person chose so."
    assert sencha["is_override"] is False
    assert len(sencha["methods"]) == 3
    last_week = poisson(300)[-7:]
    assert made.daily.filter(pl.col("sku") == "Oolong")["mean_units"].to_list() == pytest.approx(last_week)


def test_an_override_brings_a_slow_method_to_its_series_alone() -> None:
    history = pl.concat([sales(poisson(200)), sales(poisson(200, seed=2), sku="Sencha")])

    made = demand.forecast(
        history=history, overrides=naming(["arima"], sku="Sencha"), methods=["moving_average"], horizon_days=7
    )

    assert made.choices["methods"].to_list() == [["moving_average"], ["arima"]]
    assert made.scores.filter(pl.col("method") == "arima")["sku"].unique().to_list() == ["Sencha"]


def test_an_override_that_no_method_has_is_refused() -> None:
    with pytest.raises(demand.UnknownMethod, match="crystal_ball"):
        demand.forecast(history=sales([1.0]), overrides=naming(["crystal_ball"]))


def test_an_override_that_fails_falls_back_and_is_named() -> None:
    made = demand.forecast(history=sales([3.0] * 60), overrides=naming(["gradient_boosting"]), horizon_days=7)

    assert made.choices["is_override"].to_list() == [True]
    assert made.choices["reason"].to_list() == [
        "short demand: gradient_boosting gave no usable forecast; the mean of moving_average instead."
    ]


def test_an_override_of_an_unknown_product_changes_nothing() -> None:
    made = demand.forecast(history=sales([3.0] * 60), overrides=naming(["tsb"], sku="Ghost"), horizon_days=7)

    assert made.choices["is_override"].to_list() == [False]
