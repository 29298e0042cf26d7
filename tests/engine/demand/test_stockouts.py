"""`demand.mark_likely_stockouts`: an empty shelf is only believed where chance cannot explain the silence."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from reorder.engine import demand

FIRST_DAY = date(2026, 1, 5)


def sales(units: list[float], *, sku: str = "Oolong") -> pl.DataFrame:
    days = [FIRST_DAY + timedelta(days=day) for day in range(len(units))]
    return pl.DataFrame({"sku": [sku] * len(units), "place": ["Keelung"] * len(units), "date": days, "units": units})


def marked(table: pl.DataFrame) -> list[int]:
    days = table.filter(~pl.col("in_stock").fill_null(value=True))["date"]
    return [(day - FIRST_DAY).days for day in days]


def busy(*, empty: range) -> pl.DataFrame:
    return pl.concat([sales([0.0 if day in empty else 5.0 for day in range(200)]), sales([3.0] * 200, sku="Sencha")])


def test_ten_silent_days_of_a_daily_seller_are_marked() -> None:
    assert marked(demand.mark_likely_stockouts(history=busy(empty=range(100, 110)))) == list(range(100, 110))


def test_days_without_a_row_get_one() -> None:
    history = busy(empty=range(100, 110)).filter(pl.col("units") > 0)

    made = demand.mark_likely_stockouts(history=history)

    assert marked(made) == list(range(100, 110))
    assert made.height == 400


def test_two_silent_days_are_not_enough() -> None:
    assert marked(demand.mark_likely_stockouts(history=busy(empty=range(100, 102)))) == []


def test_a_slow_seller_is_never_marked() -> None:
    units = np.random.default_rng(1).poisson(0.3, 400).astype(float).tolist()

    assert marked(demand.mark_likely_stockouts(history=sales(units))) == []


def test_a_product_that_stopped_selling_is_not_out_of_stock() -> None:
    assert marked(demand.mark_likely_stockouts(history=busy(empty=range(150, 200)))) == []


def test_days_on_which_the_whole_place_sold_nothing_are_not_marked() -> None:
    history = pl.concat(
        [sales([0.0 if 100 <= day < 110 else 5.0 for day in range(200)], sku=sku) for sku in ("Oolong", "Sencha")]
    )

    assert marked(demand.mark_likely_stockouts(history=history)) == []


def test_what_the_history_says_about_stock_stays() -> None:
    history = busy(empty=range(100, 110)).with_columns(in_stock=pl.lit(value=True))

    assert marked(demand.mark_likely_stockouts(history=history)) == []
