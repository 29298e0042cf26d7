"""Products with no or few days of their own: what they take from a like product or similar ones, and for how long."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from reorder.engine import demand

FIRST_DAY = date(2026, 1, 5)
METHODS = ["moving_average", "exponential_smoothing"]


def sales(units: list[float], *, sku: str, after: int = 0) -> pl.DataFrame:
    days = [FIRST_DAY + timedelta(days=after + day) for day in range(len(units))]
    return pl.DataFrame({"sku": [sku] * len(units), "place": ["Keelung"] * len(units), "date": days, "units": units})


def never_sold(sku: str, *, days: int = 7) -> pl.DataFrame:
    dates = [FIRST_DAY + timedelta(days=200 + day) for day in range(days)]
    return pl.DataFrame({"sku": [sku] * days, "place": ["Keelung"] * days, "date": dates})


def figures(made: demand.DemandForecast, sku: str, column: str = "mean_units") -> list[float]:
    return made.daily.filter(pl.col("sku") == sku)[column].to_list()


def reason(made: demand.DemandForecast, sku: str) -> tuple[str, str]:
    row = made.choices.filter(pl.col("sku") == sku).row(0, named=True)
    return row["reason_code"], row["reason"]


def test_a_new_product_takes_the_forecast_of_its_like_product_day_by_day() -> None:
    week = [2.0, 2.0, 2.0, 2.0, 2.0, 20.0, 5.0]
    history = pl.concat([sales((week * 29)[:200], sku="Oolong"), sales([50.0] * 200, sku="Teapot")])
    products = pl.DataFrame({"sku": ["New oolong"], "like_sku": ["Oolong"]})

    made = demand.forecast(history=history, known_future=never_sold("New oolong"), products=products, horizon_days=7)

    assert figures(made, "New oolong") == pytest.approx(figures(made, "Oolong"))
    assert figures(made, "New oolong", "p90_units") == figures(made, "Oolong", "p90_units")
    assert reason(made, "New oolong") == (
        "demand.newcomer_like",
        "No history yet: what Oolong is expected to sell.",
    )


def test_days_of_its_own_soon_outweigh_the_like_product() -> None:
    dice = np.random.default_rng(3)
    old = sales(dice.poisson(4.0, 200).astype(float).tolist(), sku="Oolong")
    expected = {}
    for days in (3, 30, 90):
        young = sales([10.0] * days, sku="New oolong", after=200 - days)
        products = pl.DataFrame({"sku": ["New oolong"], "like_sku": ["Oolong"]})
        made = demand.forecast(history=pl.concat([old, young]), products=products, methods=METHODS, horizon_days=7)
        expected[days] = np.mean(figures(made, "New oolong"))
        if days == 3:
            assert reason(made, "New oolong")[0] == "demand.short_like"
            assert "and for 25% what Oolong is expected to sell." in reason(made, "New oolong")[1]

    # One day of demand varies by 4 units², like products by (0.5 × 4)²: the like product is worth one day.
    assert 8.0 < expected[3] < 9.0
    assert expected[30] == pytest.approx(10.0, rel=0.05)
    assert expected[90] == pytest.approx(10.0, rel=0.03)


def test_a_new_product_without_a_like_one_sells_like_the_price_band_of_its_category() -> None:
    cheap = [sales([8.0] * 200, sku=f"Cheap tea {number}") for number in range(6)]
    dear = [sales([1.0] * 200, sku=f"Dear tea {number}") for number in range(6)]
    pots = [sales([0.5] * 200, sku=f"Pot {number}") for number in range(6)]
    history = pl.concat([*cheap, *dear, *pots])
    products = pl.DataFrame(
        [
            *({"sku": f"Cheap tea {number}", "category": "tea", "unit_price": 90.0} for number in range(6)),
            *({"sku": f"Dear tea {number}", "category": "tea", "unit_price": 900.0} for number in range(6)),
            *({"sku": f"Pot {number}", "category": "pot", "unit_price": 300.0} for number in range(6)),
            {"sku": "New cheap tea", "category": "tea", "unit_price": 80.0},
            {"sku": "New dear tea", "category": "tea", "unit_price": 950.0},
        ]
    )

    future = pl.concat([never_sold("New cheap tea"), never_sold("New dear tea")])
    made = demand.forecast(history=history, known_future=future, products=products, methods=METHODS, horizon_days=7)

    # Six peers against five of doubt: 6/11 of the band, the rest of the category and of the shop.
    assert figures(made, "New cheap tea")[0] == pytest.approx(6.2, abs=0.2)
    assert figures(made, "New dear tea")[0] == pytest.approx(2.4, abs=0.2)
    assert reason(made, "New dear tea")[1] == "No history yet: what 6 similar products of the same price band sell."


def test_a_few_days_lean_on_similar_products_and_the_reason_tells_how_much() -> None:
    dice = np.random.default_rng(1)
    history = pl.concat(
        [
            sales(dice.poisson(level, 200).astype(float).tolist(), sku=f"Tea {level}")
            for level in (4, 5, 6, 4.5, 5.5, 5.2)
        ]
        + [sales([0.0, 0.0], sku="New tea", after=198)]
    )

    made = demand.forecast(history=history, methods=METHODS, horizon_days=7)

    code, text = reason(made, "New tea")
    assert code == "demand.short_similar"
    assert text.startswith("2 days of history so far: the mean of")
    assert 1.0 < figures(made, "New tea")[0] < 5.0
    assert figures(made, "New tea", "p90_units")[0] > figures(made, "New tea")[0]


def test_a_like_product_that_does_not_exist_is_passed_over() -> None:
    history = sales([4.0] * 200, sku="Oolong")
    products = pl.DataFrame({"sku": ["New oolong", "Oolong"], "like_sku": ["Sencha", "Oolong"]})

    made = demand.forecast(history=history, known_future=never_sold("New oolong"), products=products, horizon_days=7)

    assert reason(made, "New oolong")[0] == "demand.newcomer"
    assert figures(made, "Oolong") == pytest.approx([4.0] * 7)


def test_two_new_products_that_are_like_each_other_learn_from_the_rest() -> None:
    history = sales([4.0] * 200, sku="Oolong")
    products = pl.DataFrame({"sku": ["New A", "New B"], "like_sku": ["New B", "New A"]})

    future = pl.concat([never_sold("New A"), never_sold("New B")])
    made = demand.forecast(history=history, known_future=future, products=products, horizon_days=7)

    assert figures(made, "New A") == pytest.approx([4.0] * 7)


def test_a_product_of_ten_days_does_not_set_the_weekday_pattern_of_the_shop() -> None:
    dice = np.random.default_rng(6)
    history = pl.concat(
        [sales(dice.poisson(5.0, 200).astype(float).tolist(), sku=f"Tea {number}") for number in range(8)]
        + [sales([0.0, 30.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 30.0, 0.0], sku="New tea", after=190)]
    )

    made = demand.forecast(history=history, methods=["exponential_smoothing"], horizon_days=14)

    for number in range(8):
        assert max(figures(made, f"Tea {number}")) < 8.0
    assert max(figures(made, "New tea")) < 30.0
