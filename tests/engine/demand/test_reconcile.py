"""`demand.reconcile`: sums that agree, exactly, and only where that makes the series better."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from reorder.engine import demand
from reorder.engine.demand.reconcile import agree

FIRST_DAY = date(2026, 1, 5)


def test_agreeing_estimates_equal_weighted_least_squares() -> None:
    # Two SKUs of two places each and the shop: minimise Σ (x − estimate)² / variance over the four series.
    series, skus, shop = np.array([[3.0], [5.0], [2.0], [7.0]]), np.array([[10.0], [8.0]]), np.array([[20.0]])
    variances = [np.array([1.0, 2.0, 4.0, 1.0]), np.array([3.0, 5.0]), np.array([2.0])]
    sums = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]])
    weights = np.diag(1 / np.concatenate(variances))
    every = np.concatenate([series, skus, shop])
    expected = np.linalg.solve(sums.T @ weights @ sums, sums.T @ weights @ every)

    made = agree(
        estimates=[series, skus, shop], variances=variances, parents=[np.array([0, 0, 1, 1]), np.array([0, 0])]
    )

    assert made == pytest.approx(expected)


def test_a_total_without_an_estimate_of_its_own_changes_nothing() -> None:
    series = np.array([[3.0], [5.0]])

    made = agree(
        estimates=[series, np.array([[np.nan]])], variances=[np.ones(2), np.array([np.inf])], parents=[np.array([0, 0])]
    )

    assert made.tolist() == series.tolist()


def shop(*, seed: int = 1) -> pl.DataFrame:
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(8):
        for place in ("Keelung", "Tainan"):
            units = dice.poisson(2.0 + number / 4, 250).astype(float)
            days = [FIRST_DAY + timedelta(days=day) for day in range(250)]
            parts.append(
                pl.DataFrame({"sku": [f"Tea {number}"] * 250, "place": [place] * 250, "date": days, "units": units})
            )
    return pl.concat(parts)


def test_totals_are_the_sums_of_the_series_on_every_level() -> None:
    history = shop()
    products = pl.DataFrame({"sku": [f"Tea {number}" for number in range(8)], "category": ["green", "black"] * 4})
    made = demand.forecast(history=history, methods=["moving_average", "tsb"], horizon_days=14)

    reconciled = demand.reconcile(forecast=made, history=history, products=products)

    whole = reconciled.forecast.daily["mean_units"].sum()
    for scope, keys in (("sku", 8), ("category", 2), ("shop", 1)):
        totals = reconciled.totals.filter(pl.col("scope") == scope)
        assert totals["key"].n_unique() == keys
        assert totals["mean_units"].sum() == pytest.approx(whole)


def test_without_a_gain_the_forecast_stays_as_it_is() -> None:
    history = shop()
    made = demand.forecast(history=history, methods=["moving_average"], horizon_days=14)

    reconciled = demand.reconcile(forecast=made, history=history)

    assert reconciled.is_used == (reconciled.gain_share > 0.002)
    if not reconciled.is_used:
        assert reconciled.forecast is made


def test_a_short_history_cannot_be_judged_and_is_left_alone() -> None:
    history = shop().filter(pl.col("date") < FIRST_DAY + timedelta(days=30))
    made = demand.forecast(history=history, methods=["moving_average"], horizon_days=14)

    reconciled = demand.reconcile(forecast=made, history=history)

    assert (reconciled.is_used, reconciled.forecast.daily.equals(made.daily)) == (False, True)


def test_another_history_is_refused() -> None:
    made = demand.forecast(history=shop(), methods=["moving_average"], horizon_days=14)

    with pytest.raises(demand.BadRequest, match="not made from this history"):
        demand.reconcile(
            forecast=made, history=shop().with_columns(sku=pl.lit("Coffee")).unique(["sku", "place", "date"])
        )
