"""What a forecast does about causes known ahead, closed days, giant orders and products that end."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from reorder.engine import demand
from reorder.engine.demand.drivers import find_drivers
from reorder.engine.demand.effect_fit import LARGEST_LOG_EFFECT
from reorder.engine.demand.effects import learn_effects
from reorder.engine.demand.panel import build_panel
from reorder.engine.demand.smoothing import Past
from reorder.engine.demand.treatment import deflate, inflate, plan_treatment
from reorder.engine.frames import InvalidFrame

FIRST_DAY = date(2026, 1, 5)  # a Monday
CHEAP = ["exponential_smoothing", "moving_average", "tsb"]


def sales(units: list[float], *, sku: str = "Oolong", place: str = "Keelung") -> pl.DataFrame:
    days = [FIRST_DAY + timedelta(days=day) for day in range(len(units))]
    return pl.DataFrame({"sku": [sku] * len(units), "place": [place] * len(units), "date": days, "units": units})


def ahead(days: int, *, after: int, skus: tuple[str, ...] = ("Oolong",)) -> pl.DataFrame:
    dates = [FIRST_DAY + timedelta(days=after + step) for step in range(days)]
    return pl.DataFrame({"sku": list(skus), "place": ["Keelung"] * len(skus)}).join(
        pl.DataFrame({"date": dates}), how="cross"
    )


def promoted(*, skus: int = 12, days: int = 428, seed: int = 5) -> pl.DataFrame:
    """Poisson sales of 4 a day, 12 on promotion; about one week in six is a promotion of each product's own."""
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(skus):
        on = np.repeat(dice.random(days // 7 + 1) < 0.17, 7)[:days]
        units = dice.poisson(np.where(on, 12.0, 4.0)).astype(float)
        parts.append(sales(units.tolist(), sku=f"Tea {number:02}").with_columns(on_promotion=pl.Series(on)))
    return pl.concat(parts)


def wape(made: demand.DemandForecast, truth: pl.DataFrame) -> float:
    both = truth.join(made.daily, on=["sku", "place", "date"])
    return float((both["units"] - both["mean_units"]).abs().sum() / both["units"].sum())


def test_promotions_known_ahead_cut_the_error_of_methods_that_see_no_causes() -> None:
    table = promoted()
    cut = FIRST_DAY + timedelta(days=400)
    history, truth = table.filter(pl.col("date") < cut), table.filter(pl.col("date") >= cut)

    told = demand.forecast(history=history, known_future=truth.drop("units"), methods=CHEAP)
    untold = demand.forecast(history=history.drop("on_promotion"), methods=CHEAP)

    assert wape(told, truth) < 0.75 * wape(untold, truth)
    found = told.effects.filter((pl.col("name") == "on_promotion") & (pl.col("scope") == "shop")).row(0, named=True)
    assert found["effect_share"] == pytest.approx(2.0, abs=0.25)


def test_a_promotion_of_last_week_does_not_lift_the_weeks_after_it() -> None:
    on = [day // 7 in {10, 20, 30, 40, 56} for day in range(399)]
    table = pl.concat(
        sales([12.0 if one else 4.0 for one in on], sku=sku).with_columns(on_promotion=pl.Series(on))
        for sku in ("Oolong", "Sencha")
    )

    made = demand.forecast(
        history=table,
        known_future=ahead(14, after=399, skus=("Oolong", "Sencha")).with_columns(on_promotion=pl.lit(value=False)),
        horizon_days=14,
        methods=["exponential_smoothing"],
    )

    assert made.daily["mean_units"].to_list() == pytest.approx([4.0] * 28, rel=0.05)


def test_a_column_that_does_not_help_at_earlier_dates_is_not_used() -> None:
    dice = np.random.default_rng(8)
    units = dice.poisson(5.0, 400).astype(float).tolist()
    noise = pl.Series(dice.random(400) < 0.2)
    history = sales(units).with_columns(on_promotion=noise)
    future = ahead(28, after=400).with_columns(on_promotion=pl.lit(value=True))

    told = demand.forecast(history=history, known_future=future, methods=["exponential_smoothing"])
    untold = demand.forecast(history=history.drop("on_promotion"), methods=["exponential_smoothing"])

    assert told.daily.equals(untold.daily)


def test_a_yearly_festival_is_in_the_forecast_though_no_backtest_window_met_it() -> None:
    festival = [day in {100, 101, 102} for day in range(420)]
    parts = [
        sales([30.0 if on else 10.0 for on in festival], sku=sku).with_columns(
            event=pl.Series([("Mid-autumn" if on else None) for on in festival], dtype=pl.String)
        )
        for sku in ("Oolong", "Sencha", "Sun cake")
    ]
    future = ahead(14, after=420, skus=("Oolong", "Sencha", "Sun cake")).with_columns(
        event=pl.when(pl.col("date") == FIRST_DAY + timedelta(days=425)).then(pl.lit("Mid-autumn"))
    )

    made = demand.forecast(history=pl.concat(parts), known_future=future, horizon_days=14, methods=CHEAP)

    festive = made.daily.filter(pl.col("date") == FIRST_DAY + timedelta(days=425))["mean_units"]
    others = made.daily.filter(pl.col("date") != FIRST_DAY + timedelta(days=425))["mean_units"]
    assert others.to_list() == pytest.approx([10.0] * 39, rel=0.02)
    assert festive.min() > 20.0  # +200 % once, shrunk
    assert festive.max() < 30.0


def test_effects_that_overlap_multiply_up_to_tenfold() -> None:
    on = [day % 10 == 0 for day in range(400)]
    table = sales([60.0 if one else 3.0 for one in on]).with_columns(
        flag=pl.Series(on), event=pl.Series([("Sale" if one else None) for one in on], dtype=pl.String)
    )
    panel = build_panel(history=table, known_future=table.drop("units").clear(), horizon_days=0)
    estimates = learn_effects(panel=panel, products=None, end=panel.days)

    assert estimates is not None
    assert [driver.name for driver in find_drivers(panel=panel)] == ["event", "flag"]
    # Both say the same days: together they explain 20 times, but never more than ten times is used.
    assert float(estimates.shop.strength.sum()) > LARGEST_LOG_EFFECT
    treatment = plan_treatment(panel=panel, classes=np.array(["smooth"]), starts=[400])
    multiplier = treatment.multiplier(origin=400)
    assert multiplier is not None
    assert float(multiplier.max()) == pytest.approx(10.0)


def test_deflating_and_inflating_undo_each_other() -> None:
    multiplier = np.array([[1.0, 2.0, 0.5, 4.0, 1.0]])
    past = Past(units=np.array([[3.0, 8.0, 1.0]]), known=np.ones((1, 3), dtype=np.bool_))

    assert deflate(past=past, multiplier=multiplier).units.tolist() == [[3.0, 4.0, 2.0]]
    assert inflate(forecast=np.array([[3.0, 3.0]]), multiplier=multiplier, origin=3).tolist() == [[12.0, 3.0]]


def test_a_price_that_is_missing_ahead_lasts() -> None:
    price = [100.0 if day % 50 < 40 else 70.0 for day in range(400)]
    table = pl.concat(
        sales([4.0 * (value / 100) ** -2 for value in price], sku=sku).with_columns(price=pl.Series(price))
        for sku in ("Oolong", "Sencha")
    )
    future = ahead(7, after=400, skus=("Oolong", "Sencha"))

    empty = demand.forecast(
        history=table,
        known_future=future.with_columns(price=pl.lit(None, dtype=pl.Float64)),
        horizon_days=7,
        methods=CHEAP,
    )
    lasting = demand.forecast(
        history=table, known_future=future.with_columns(price=pl.lit(70.0)), horizon_days=7, methods=CHEAP
    )

    assert empty.daily.equals(lasting.daily)


def open_on(days: list[bool]) -> pl.Series:
    return pl.Series("is_open", days)


def test_closed_days_are_forecast_as_nothing_and_do_not_pull_the_others_down() -> None:
    is_open = [day % 7 != 6 for day in range(420)]
    history = sales([6.0 if one else 0.0 for one in is_open]).with_columns(open_on(is_open))
    future = ahead(14, after=420).with_columns(open_on([day % 7 != 6 for day in range(14)]))

    made = demand.forecast(history=history, known_future=future, horizon_days=14)

    expected = [6.0 if day % 7 != 6 else 0.0 for day in range(14)]
    assert made.daily["mean_units"].to_list() == pytest.approx(expected)
    assert made.daily["p99_units"].to_list() == pytest.approx(expected)
    assert made.scores["bias"].abs().max() == pytest.approx(0.0, abs=1e-6)


def test_a_closure_of_a_fortnight_is_no_lost_demand() -> None:
    is_open = [not 380 <= day < 394 for day in range(400)]
    history = sales([6.0 if one else 0.0 for one in is_open]).with_columns(open_on(is_open))

    told = demand.forecast(history=history, methods=["exponential_smoothing", "tsb", "adida"], horizon_days=7)
    untold = demand.forecast(
        history=history.drop("is_open"), methods=["exponential_smoothing", "tsb", "adida"], horizon_days=7
    )

    assert told.daily["mean_units"].to_list() == pytest.approx([6.0] * 7)
    assert untold.daily["mean_units"].mean() < 5.0


def test_a_closed_day_without_a_row_is_closed_when_the_rows_of_the_place_say_so() -> None:
    is_open = [day != 200 for day in range(300)]
    oolong = sales([6.0 if one else 0.0 for one in is_open]).with_columns(open_on(is_open))
    sencha = (
        sales([6.0] * 300, sku="Sencha")
        .with_columns(open_on([True] * 300))
        .filter(pl.col("date") != FIRST_DAY + timedelta(days=200))
    )

    panel = build_panel(history=pl.concat([oolong, sencha]), known_future=None, horizon_days=7)

    assert panel.known.sum(axis=1).tolist() == [299, 299]


def test_weeks_with_a_closed_day_are_judged_as_weeks() -> None:
    is_open = [day % 7 != 6 for day in range(420)]
    units = [4.0 + day % 5 if one else 0.0 for day, one in enumerate(is_open)]
    future = ahead(14, after=420).with_columns(open_on([day % 7 != 6 for day in range(14)]))

    made = demand.forecast(
        history=sales(units).with_columns(open_on(is_open)), known_future=future, horizon_days=14, methods=CHEAP
    )
    weeks = demand.forecast_weeks(forecast=made, quantiles=(0.1, 0.9))

    # Six days of 4 to 8 units; a week judged only as a whole of seven would have no error of its own to tell.
    assert weeks["mean_units"].to_list() == pytest.approx([36.0, 36.0], rel=0.05)
    assert 2.0 <= (weeks["p90_units"] - weeks["p10_units"]).min() <= 10.0


def test_is_open_must_be_true_or_false() -> None:
    with pytest.raises(InvalidFrame) as refused:
        demand.forecast(history=sales([1.0, 2.0]).with_columns(is_open=pl.lit("yes")))

    assert refused.value.parameters["column"] == "is_open"


def test_a_giant_order_is_cut_to_the_busiest_usual_day_and_the_reason_says_so() -> None:
    units = np.random.default_rng(2).poisson(4.0, 300).astype(float).tolist()
    typed = [*units[:290], 1_000_000_000.0, *units[291:]]

    made = demand.forecast(history=sales(typed), methods=CHEAP, horizon_days=7)
    usual = demand.forecast(history=sales(units), methods=CHEAP, horizon_days=7)

    assert made.daily["mean_units"].mean() == pytest.approx(usual.daily["mean_units"].mean(), rel=0.15)
    assert made.choices["reason_code"].to_list() == ["demand.giant"]
    assert "1000000000 units on 2026-10-22, counts as" in made.choices["reason"][0]


def test_the_history_itself_is_not_changed_and_giants_can_be_listed() -> None:
    history = sales([4.0, 5.0, 3.0, 6.0] * 50 + [1e9])

    listed = demand.cap_outliers(history=history)

    assert listed.rows() == [("Oolong", "Keelung", FIRST_DAY + timedelta(days=200), 1e9, 6.0)]
    assert history["units"].max() == 1e9


def test_a_true_promotion_is_no_giant() -> None:
    on = [day % 40 == 0 for day in range(400)]
    history = sales([45.0 if one else 2.0 for one in on]).with_columns(on_promotion=pl.Series(on))

    assert demand.cap_outliers(history=history).height == 0


def test_a_series_that_sold_once_has_nothing_to_compare_with() -> None:
    assert demand.cap_outliers(history=sales([0.0] * 50 + [500.0] + [0.0] * 50)).height == 0


def test_a_discontinued_product_fades_to_nothing_within_four_weeks_and_says_so() -> None:
    history = pl.concat([sales([4.0] * 200), sales([4.0] * 200, sku="Sencha")])
    products = pl.DataFrame({"sku": ["Oolong"], "is_discontinued": [True]})

    made = demand.forecast(history=history, products=products, horizon_days=35, methods=CHEAP)

    gone = made.daily.filter(pl.col("sku") == "Oolong")["mean_units"].to_list()
    assert gone[0] == pytest.approx(4.0 * 27 / 28)
    assert gone[27:] == [0.0] * 8
    assert made.daily.filter(pl.col("sku") == "Sencha")["mean_units"].to_list() == pytest.approx([4.0] * 35)
    assert made.choices["reason"].to_list()[0] == "Discontinued: expected demand fades to none within 28 days."


def test_a_series_of_zeros_with_known_columns_is_forecast_as_zero() -> None:
    history = sales([0.0] * 300).with_columns(
        price=pl.lit(50.0), on_promotion=pl.lit(value=False), event=pl.lit("Sale")
    )
    future = ahead(7, after=300).with_columns(price=pl.lit(40.0), on_promotion=pl.lit(value=True), event=pl.lit("Sale"))

    made = demand.forecast(history=history, known_future=future, horizon_days=7)

    assert made.daily["mean_units"].to_list() == [0.0] * 7
    assert made.daily["p99_units"].to_list() == [0.0] * 7


@pytest.mark.parametrize(
    "column",
    [
        pl.lit(None, dtype=pl.String).alias("event"),
        pl.lit([], dtype=pl.List(pl.String)).alias("event"),
        pl.lit(None, dtype=pl.Float64).alias("price"),
        pl.when(pl.int_range(pl.len()) % 9 == 0).then(float("inf")).otherwise(5.0).alias("price"),
        pl.when(pl.int_range(pl.len()) % 9 == 0).then(0.0).otherwise(5.0).alias("price"),
        (pl.int_range(pl.len()) % 7 * 10**9).alias("visitors"),
        pl.lit(value=None, dtype=pl.Boolean).alias("is_open"),
    ],
)
def test_odd_known_columns_never_break_a_forecast(column: pl.Expr) -> None:
    history = sales(np.random.default_rng(3).poisson(3.0, 200).astype(float).tolist()).with_columns(column)
    future = ahead(7, after=200).with_columns(column)

    made = demand.forecast(history=history, known_future=future, horizon_days=7, methods=CHEAP)

    assert made.daily["mean_units"].to_list() == pytest.approx([3.0] * 7, rel=0.35)
    assert made.effects.select("effect_share", "low_share", "high_share").to_numpy().shape[1] == 3
    assert np.isfinite(made.effects.select("effect_share", "low_share", "high_share").to_numpy()).all()


def test_a_shop_that_was_always_closed_expects_nothing() -> None:
    history = sales([0.0] * 60).with_columns(is_open=pl.lit(value=False))

    made = demand.forecast(history=history, horizon_days=7)

    assert made.daily["mean_units"].to_list() == [0.0] * 7
