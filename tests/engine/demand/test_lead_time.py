"""Demand over lead time + review is the distribution of a sum."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from reorder.engine import demand

FIRST_DAY = date(2025, 1, 6)
METHODS = ["exponential_smoothing", "moving_average"]


def sales(units: list[float], *, sku: str = "Oolong") -> pl.DataFrame:
    days = [FIRST_DAY + timedelta(days=day) for day in range(len(units))]
    return pl.DataFrame({"sku": [sku] * len(units), "place": ["Keelung"] * len(units), "date": days, "units": units})


def receipts(lead_days: list[int], *, sku: str = "Oolong", supplier: str = "Wang") -> pl.DataFrame:
    count = len(lead_days)
    return pl.DataFrame(
        {"sku": [sku] * count, "place": ["Keelung"] * count, "supplier": [supplier] * count, "lead_days": lead_days}
    )


def test_a_steady_demand_over_a_steady_lead_time_is_their_product() -> None:
    history = sales([4.0] * 210)
    made = demand.forecast(history=history, methods=METHODS)

    sums = demand.lead_time_demand(forecast=made, history=history, lead_times=receipts([6] * 5), review_days=1)

    assert sums.columns == [
        "sku",
        "place",
        "mean_units",
        "sd_units",
        "p50_units",
        "p90_units",
        "p95_units",
        "p99_units",
    ]
    assert sums.row(0)[2:] == pytest.approx((28.0, 0.0, 28.0, 28.0, 28.0, 28.0))


def test_a_lead_time_that_varies_widens_a_steady_demand() -> None:
    history = sales([4.0] * 210)
    made = demand.forecast(history=history, methods=METHODS)

    sums = demand.lead_time_demand(
        forecast=made, history=history, lead_times=receipts([4, 4, 4, 4, 14]), review_days=1, quantiles=(0.5, 0.9)
    )

    # Four spans of 5 days and one of 15: mean 7 days, standard deviation 4 days, at 4 units a day.
    assert sums.row(0)[2:] == pytest.approx((28.0, 16.0, 20.0, 60.0))


def test_few_receipts_are_pooled_with_the_supplier() -> None:
    history = pl.concat([sales([4.0] * 210), sales([4.0] * 210, sku="Sencha")])
    made = demand.forecast(history=history, methods=METHODS)
    lead_times = pl.concat(
        [receipts([2]), receipts([8] * 9, sku="Sencha"), receipts([99] * 5, sku="x", supplier="Lin")]
    )

    sums = demand.lead_time_demand(forecast=made, history=history, lead_times=lead_times, review_days=0)

    assert sums["mean_units"].to_list() == pytest.approx([4.0 * (2 + 8 * 9) / 10, 32.0])


def test_a_lead_time_beyond_the_horizon_repeats_the_last_week() -> None:
    history = sales([4.0] * 210)
    made = demand.forecast(history=history, methods=METHODS, horizon_days=7)

    sums = demand.lead_time_demand(forecast=made, history=history, lead_times=receipts([59]), review_days=1)

    assert sums["mean_units"].to_list() == pytest.approx([240.0])


def test_sums_are_covered_as_often_as_promised() -> None:
    generator = np.random.default_rng(8)
    parts = [
        sales(generator.poisson(mean, 428).astype(float).tolist(), sku=f"Tea {number:03}")
        for number, mean in enumerate(np.geomspace(0.3, 20.0, 200))
    ]
    table, cut = pl.concat(parts), FIRST_DAY + timedelta(days=400)
    history = table.filter(pl.col("date") < cut)
    made = demand.forecast(history=history, methods=METHODS)

    sums = demand.lead_time_demand(forecast=made, history=history, lead_times=receipts([6]), review_days=1)

    sold = (
        table.filter(pl.col("date").is_between(cut, cut + timedelta(days=6))).group_by("sku").agg(pl.col("units").sum())
    )
    judged = sums.join(sold, on="sku")
    assert (judged["units"] <= judged["p90_units"]).mean() >= 0.86
    assert (judged["units"] < judged["p90_units"]).mean() <= 0.94
    assert (judged["units"] <= judged["p99_units"]).mean() >= 0.97


def test_a_forecast_of_an_older_history_is_refused() -> None:
    made = demand.forecast(history=sales([4.0] * 60), methods=METHODS)

    with pytest.raises(demand.BadRequest, match="forecast it again"):
        demand.lead_time_demand(forecast=made, history=sales([4.0] * 61), lead_times=receipts([6]))


def test_without_any_receipt_there_is_no_lead_time() -> None:
    history = sales([4.0] * 60)
    made = demand.forecast(history=history, methods=METHODS)

    with pytest.raises(demand.BadRequest, match="at least one receipt"):
        demand.lead_time_demand(forecast=made, history=history, lead_times=receipts([]).cast({"sku": pl.String}))
