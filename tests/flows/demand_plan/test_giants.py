"""A typing error of a million is not kept in stock."""

import datetime as dt

import polars as pl

from reorder.flows.demand_plan.targeting import without_giants

FIRST = dt.date(2026, 8, 1)


def sold(*units: float) -> pl.DataFrame:
    days = [FIRST + dt.timedelta(days=step) for step in range(len(units))]
    return pl.DataFrame({"sku": "A", "place": "P", "date": days, "units": [float(one) for one in units]})


def test_a_giant_day_counts_as_the_largest_ordinary_one_and_other_days_stay() -> None:
    usual = [2.0, 3.0, 0.0, 4.0, 1.0, 2.0] * 18
    history = sold(*usual[:60], 1_000_000, *usual[61:])

    made = without_giants(history=history)

    assert made.columns == history.columns
    assert made["units"][60] <= 40
    assert made["units"][:60].to_list() == usual[:60]
    assert made["units"][61:].to_list() == usual[61:]


def test_nothing_sold_is_nothing_to_cut() -> None:
    assert without_giants(history=sold().cast({"sku": pl.String, "place": pl.String, "units": pl.Float64})).is_empty()
