"""`demand.estimate_effects`: what promotions, events and prices do, against effects that were put into the sales."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from reorder.engine import demand
from reorder.engine.frames import InvalidFrame

FIRST_DAY = date(2024, 1, 1)
WEEK = [0.8, 0.9, 0.9, 1.0, 1.1, 1.4, 0.9]


def tea_shop(
    *, skus: int = 15, days: int = 640, festivals: tuple[int, ...] = (250, 614), seed: int = 1, lift: float = 1.38
) -> pl.DataFrame:
    """Teas in three categories: a festival of three days, promotions +80 %, price elasticity −1.5, noise of its own."""
    dice = np.random.default_rng(seed)
    season = 1 + 0.2 * np.sin(2 * np.pi * np.arange(days) / 365)
    common = season * np.tile(WEEK, days // 7 + 1)[:days] * np.exp(dice.normal(0, 0.05, days))
    festival = np.isin(np.arange(days), [first + day for first in festivals for day in range(3)])
    parts = []
    for number in range(skus):
        promotion, price = np.zeros(days, dtype=bool), np.full(days, 100.0)
        for start in dice.integers(0, days - 14, 6):
            promotion[start : start + 7] = True
        for start in dice.integers(0, days - 30, 5):
            price[start : start + 21] = dice.choice([80.0, 90.0, 110.0])
        mean = dice.uniform(3, 9) * common * np.where(festival, lift, 1.0) * np.where(promotion, 1.8, 1.0)
        units = dice.poisson(mean * (price / 100) ** -1.5).astype(float)
        parts.append(
            pl.DataFrame(
                {
                    "sku": [f"Tea {number:02}"] * days,
                    "place": ["Keelung"] * days,
                    "date": [FIRST_DAY + timedelta(days=day) for day in range(days)],
                    "units": units,
                    "event": pl.Series([("Mid-autumn" if on else None) for on in festival], dtype=pl.String),
                    "on_promotion": promotion,
                    "price": price,
                    "category": [("black", "green", "white")[number % 3]] * days,
                }
            )
        )
    return pl.concat(parts)


def effect(table: pl.DataFrame, *, name: str, scope: str = "shop", key: str = "") -> dict[str, float]:
    found = table.filter((pl.col("name") == name) & (pl.col("scope") == scope) & (pl.col("key") == key))
    return found.row(0, named=True)


def test_a_festival_of_38_percent_is_found_within_its_interval_from_two_happenings() -> None:
    found = effect(demand.estimate_effects(history=tea_shop()), name="event")

    assert (found["value"], found["occurrences"], found["days"]) == ("Mid-autumn", 2, 6)
    assert found["low_share"] < 0.38 < found["high_share"]
    assert found["effect_share"] == pytest.approx(0.38, abs=0.1)


def test_one_happening_is_enough_but_its_interval_is_wider() -> None:
    twice = effect(demand.estimate_effects(history=tea_shop()), name="event")
    once = effect(demand.estimate_effects(history=tea_shop(festivals=(250,))), name="event")

    assert once["occurrences"] == 1
    assert once["low_share"] < 0.38 < once["high_share"]
    assert once["high_share"] - once["low_share"] > 1.1 * (twice["high_share"] - twice["low_share"])


def test_promotions_and_the_price_are_found_beside_the_festival() -> None:
    table = demand.estimate_effects(history=tea_shop())

    promotion, price = effect(table, name="on_promotion"), effect(table, name="price")
    assert promotion["value"] is None
    assert promotion["effect_share"] == pytest.approx(0.8, abs=0.1)
    assert price["value"] == "-10%"
    assert price["effect_share"] == pytest.approx(0.9**-1.5 - 1, abs=0.04)


def test_a_festival_that_moved_nothing_is_told_as_nothing() -> None:
    found = effect(demand.estimate_effects(history=tea_shop(lift=1.0)), name="event")

    assert found["low_share"] < 0 < found["high_share"]
    assert found["effect_share"] == pytest.approx(0.0, abs=0.06)


def test_an_event_that_never_happened_is_zero_with_a_wide_interval() -> None:
    history = tea_shop(festivals=())
    last = history["date"].max()
    future = (
        history.filter(pl.col("date") == last)
        .drop("units")
        .with_columns(pl.col("date") + pl.duration(days=1), event=pl.lit("Opening"))
    )

    found = effect(
        demand.forecast(history=history, known_future=future, horizon_days=7, methods=["tsb"]).effects, name="event"
    )

    assert found["effect_share"] == 0.0
    assert found["low_share"] < -0.35
    assert found["high_share"] > 0.6
    assert (found["occurrences"], found["days"]) == (0, 0)


def test_categories_differ_where_the_data_say_so_and_skus_lean_on_them() -> None:
    history = tea_shop(lift=1.0)
    festive = pl.col("event").is_not_null() & (pl.col("category") == "black")
    history = history.with_columns(units=pl.when(festive).then(pl.col("units") * 2).otherwise("units"))

    table = demand.estimate_effects(history=history)

    black, white = (effect(table, name="event", scope="category", key=key) for key in ("black", "white"))
    assert black["effect_share"] > 0.6
    assert white["effect_share"] < 0.15
    assert effect(table, name="event", scope="sku", key="Tea 00")["effect_share"] > 0.5


def test_categories_may_come_from_products() -> None:
    history = tea_shop().drop("category")
    products = pl.DataFrame(
        {"sku": [f"Tea {number:02}" for number in range(15)], "category": ["cold", "hot", "hot"] * 5}
    )

    table = demand.estimate_effects(history=history, products=products)

    assert table.filter(pl.col("scope") == "category")["key"].unique().sort().to_list() == ["cold", "hot"]


def test_two_events_of_one_day_are_told_apart_when_they_also_happen_alone() -> None:
    history = tea_shop(festivals=(), skus=10).with_row_index("row")
    day = (pl.col("date") - pl.lit(FIRST_DAY)).dt.total_days()
    sale, live = day.is_in([100, 101, 300, 301, 500]), day.is_in([101, 200, 301, 400, 501])
    history = history.with_columns(
        event=pl.concat_list(
            pl.when(sale).then(pl.lit("Sale")), pl.when(live).then(pl.lit("Live stream"))
        ).list.drop_nulls(),
        units=pl.col("units") * pl.when(sale).then(2.0).otherwise(1.0) * pl.when(live).then(1.5).otherwise(1.0),
    ).drop("row")

    table = demand.estimate_effects(history=history)

    found = {
        row["value"]: row["effect_share"]
        for row in table.filter((pl.col("name") == "event") & (pl.col("scope") == "shop")).iter_rows(named=True)
    }
    assert found["Sale"] == pytest.approx(1.0, abs=0.25)
    assert found["Live stream"] == pytest.approx(0.5, abs=0.2)


def test_a_festival_counts_also_for_products_without_a_row_on_its_days() -> None:
    history = tea_shop(skus=6)
    silent = (pl.col("sku") == "Tea 00") & pl.col("event").is_not_null()

    found = effect(demand.estimate_effects(history=history.filter(~silent)), name="event", scope="sku", key="Tea 00")

    # No row means no sale: the festival was on and nothing sold.
    assert (found["occurrences"], found["days"]) == (2, 6)
    assert found["effect_share"] < effect(demand.estimate_effects(history=history), name="event")["effect_share"]


def test_an_effect_of_temperature_is_told_for_one_standard_deviation() -> None:
    dice = np.random.default_rng(3)
    history = tea_shop(festivals=(), skus=5).drop("event", "on_promotion", "price")
    warm = {FIRST_DAY + timedelta(days=day): float(value) for day, value in enumerate(dice.normal(22.0, 4.0, 640))}
    history = history.with_columns(temperature=pl.col("date").replace_strict(warm))
    history = history.with_columns(units=pl.col("units") * (0.05 * (pl.col("temperature") - 22.0)).exp())

    found = effect(demand.estimate_effects(history=history), name="temperature")

    assert found["effect_share"] == pytest.approx(np.exp(0.05 * 4.0) - 1, abs=0.04)
    assert found["value"].startswith("+")


def test_the_same_history_gives_the_same_effects_in_any_order_of_rows() -> None:
    history = tea_shop(skus=4)

    shuffled = demand.estimate_effects(history=history.sample(fraction=1.0, shuffle=True, seed=2))

    assert shuffled.equals(demand.estimate_effects(history=history))


def test_all_zero_sales_have_no_effects_and_no_faults() -> None:
    table = demand.estimate_effects(history=tea_shop(skus=2).with_columns(units=pl.lit(0.0)))

    assert table.filter(pl.col("scope") == "shop")["effect_share"].to_list() == [0.0, 0.0, 0.0]


def test_without_known_columns_there_are_no_effects() -> None:
    assert demand.estimate_effects(history=tea_shop(skus=1).select("sku", "place", "date", "units")).height == 0


def test_negative_sales_are_refused_with_their_row() -> None:
    history = tea_shop(skus=1)
    history = history.with_columns(units=pl.when(pl.int_range(pl.len()) == 7).then(-1.0).otherwise("units"))

    with pytest.raises(InvalidFrame) as refused:
        demand.estimate_effects(history=history)

    assert (refused.value.parameters["column"], refused.value.parameters["row"]) == ("units", 7)
