"""What was known ahead stands beside the history, and nothing that became known later."""

import datetime as dt

import polars as pl

from reorder.domain.planning.signals import SIGNAL_SCHEMA
from reorder.flows.demand_plan.censoring import mark_empty_days
from reorder.flows.demand_plan.regressors import Regressed, as_known, lay_regressors

MONDAY = dt.date(2026, 11, 23)
LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
PLACE = "KEELUNG"


def day(number: int) -> dt.date:
    return MONDAY + dt.timedelta(days=number)


def history(*, skus: tuple[str, ...] = ("OOLONG", "SENCHA"), days: int = 60, every: int = 1) -> pl.DataFrame:
    rows = [
        {"sku": sku, "place": PLACE, "date": day(-number), "units": 2.0}
        for sku in skus
        for number in range(1, days + 1)
        if number % every == 0 or number in {1, days}
    ]
    return pl.DataFrame(rows, schema_overrides={"date": pl.Date})


def signal(kind: str, date: dt.date, **facts: object) -> dict[str, object]:
    plain = {"name": "", "scope": "all", "key": "", "place_code": "*", "number": None, "text": "", "source": "csv"}
    return {"kind": kind, "date": date, "known_at": LONG_AGO} | plain | facts


def lay(*told: dict[str, object], past: pl.DataFrame | None = None, **given: object) -> Regressed:
    facts: dict[str, object] = {
        "history": history() if past is None else past,
        "signals": pl.DataFrame(list(told), schema=dict(SIGNAL_SCHEMA)),
        "holidays": {},
        "paid": pl.DataFrame(schema={"sku": pl.String, "date": pl.Date, "price": pl.Float64}),
        "subjects": pl.DataFrame({"sku": ["OOLONG", "SENCHA"], "category_code": ["tea", "green"]}),
        "newcomers": pl.DataFrame(schema={"sku": pl.String, "place": pl.String}),
        "as_of": MONDAY,
        "horizon_days": 28,
    }
    return lay_regressors(**(facts | given))  # type: ignore[arg-type]


def value(table: pl.DataFrame | None, column: str, *, sku: str = "OOLONG", date: dt.date) -> object:
    assert table is not None
    found = table.filter(pl.col("sku") == sku, pl.col("date") == date)
    return found[column].to_list()[0]


def test_without_anything_told_there_are_no_columns() -> None:
    laid = lay()
    assert (laid.columns, laid.known_future) == ((), None)
    assert laid.history.equals(history())


def test_a_promotion_of_a_category_flags_its_products_past_and_future_and_no_others() -> None:
    laid = lay(
        signal("promotion", day(-5), scope="category", key="tea", number=0.2),
        signal("promotion", day(3), scope="category", key="tea", number=0.2),
    )
    assert laid.columns == ("on_promotion",)
    assert value(laid.history, "on_promotion", date=day(-5)) == 1
    assert value(laid.history, "on_promotion", date=day(-4)) == 0
    assert value(laid.history, "on_promotion", sku="SENCHA", date=day(-5)) == 0
    assert value(laid.known_future, "on_promotion", date=day(3)) == 1
    assert value(laid.known_future, "on_promotion", sku="SENCHA", date=day(3)) == 0


def test_a_promotion_that_never_happened_before_teaches_nothing_and_is_left_out() -> None:
    assert lay(signal("promotion", day(3), number=0.2)).columns == ()


def test_of_promotions_that_overlap_the_deepest_discount_counts() -> None:
    laid = lay(
        signal("promotion", day(-9), name="Week of tea", number=0.1),
        signal("promotion", day(-9), name="Clearance", scope="product", key="OOLONG", number=0.5),
        signal("promotion", day(-5), name="Week of tea", number=0.1),
    )
    assert value(laid.history, "discount_percent", date=day(-9)) == 50
    assert value(laid.history, "discount_percent", sku="SENCHA", date=day(-9)) == 10
    assert value(laid.history, "discount_percent", date=day(-8)) == 0


def test_events_that_overlap_are_all_kept_and_the_names_of_the_future_stand_in_the_horizon() -> None:
    laid = lay(
        signal("event", day(-7), name="Mid-autumn"),
        signal("event", day(-7), name="Fair", scope="product", key="OOLONG"),
        signal("event", day(2), name="Mid-autumn"),
    )
    assert value(laid.history, "event", date=day(-7)) == ["Fair", "Mid-autumn"]
    assert value(laid.history, "event", sku="SENCHA", date=day(-7)) == ["Mid-autumn"]
    assert value(laid.history, "event", date=day(-6)) is None
    assert value(laid.known_future, "event", date=day(2)) == ["Mid-autumn"]


def test_a_promoted_day_without_a_sale_gets_a_row_of_no_units_after_the_first_sale_only() -> None:
    past = history(skus=("OOLONG",), days=20, every=30)
    laid = lay(signal("promotion", day(-10), number=0.2), signal("promotion", day(-40), number=0.2), past=past)
    promoted = laid.history.filter(pl.col("on_promotion") == 1)
    assert promoted.select("date", "units").rows() == [(day(-10), 0.0)]


def test_a_closed_day_is_told_for_all_series_and_open_days_are_open() -> None:
    laid = lay(signal("open", day(-3), number=0.0), signal("open", day(6), number=0.0))
    assert value(laid.history, "is_open", date=day(-3)) is False
    assert value(laid.history, "is_open", date=day(-2)) is True
    assert value(laid.known_future, "is_open", sku="SENCHA", date=day(6)) is False


def test_a_price_told_lasts_and_a_promotion_price_only_for_its_days() -> None:
    paid = pl.DataFrame({"sku": ["OOLONG"], "date": [day(-60)], "price": [100.0]}, schema_overrides={"date": pl.Date})
    laid = lay(
        signal("price", day(-20), scope="product", key="OOLONG", number=90.0),
        signal("price", day(4), scope="product", key="OOLONG", number=70.0, source="calendar:8"),
        paid=paid,
    )
    assert value(laid.history, "price", date=day(-21)) == 100.0
    assert value(laid.history, "price", date=day(-20)) == 90.0
    assert value(laid.history, "price", date=day(-1)) == 90.0
    assert value(laid.history, "price", sku="SENCHA", date=day(-1)) is None
    prices = [value(laid.known_future, "price", date=day(number)) for number in (3, 4, 5)]
    assert prices == [90.0, 70.0, 90.0]


def test_weather_that_nobody_forecast_is_its_mean_which_moves_nothing() -> None:
    laid = lay(
        signal("weather", day(-2), name="temperature", number=20.0),
        signal("weather", day(-1), name="temperature", number=30.0),
    )
    assert value(laid.history, "weather temperature", date=day(-1)) == 30.0
    assert value(laid.history, "weather temperature", date=day(-9)) == 25.0
    assert value(laid.known_future, "weather temperature", date=day(0)) == 25.0


def test_a_product_that_never_sold_is_forecast_from_the_first_day_of_the_horizon() -> None:
    newcomers = pl.DataFrame({"sku": ["HOJICHA"], "place": [PLACE]})
    laid = lay(newcomers=newcomers)
    assert laid.known_future is not None
    assert laid.known_future.filter(pl.col("sku") == "HOJICHA").height == 28
    assert laid.history.filter(pl.col("sku") == "HOJICHA").is_empty()


def version(date: dt.date, *, known: dt.date, number: float) -> dict[str, object]:
    moment = dt.datetime.combine(known, dt.time(6), tzinfo=dt.UTC)
    return signal("weather", date, name="temperature", number=number) | {"known_at": moment}


def known(*versions: dict[str, object]) -> dict[dt.date, float]:
    table = pl.DataFrame(list(versions), schema=dict(SIGNAL_SCHEMA))
    kept = as_known(versions=table, as_of=MONDAY, horizon_days=28, time_zone="Asia/Taipei")
    return dict(kept.select("date", "number").iter_rows())


def test_weather_counts_as_it_was_forecast_before_its_window_not_as_it_turned_out() -> None:
    # The window of day -20 begins on day -28.
    forecast = version(day(-20), known=day(-30), number=25.0)
    later = version(day(-20), known=day(-21), number=18.0)
    observed = version(day(-20), known=day(-20), number=16.0)
    assert known(forecast, later, observed) == {day(-20): 25.0}
    assert known(later, observed) == {}


def test_the_future_takes_the_latest_forecast() -> None:
    assert known(version(day(3), known=day(-9), number=25.0), version(day(3), known=day(-1), number=21.0)) == {
        day(3): 21.0
    }


def spells(*rows: tuple[str, int, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [{"sku": sku, "place": PLACE, "from_date": day(a), "before_date": day(b)} for sku, a, b in rows],
        schema={"sku": pl.String, "place": pl.String, "from_date": pl.Date, "before_date": pl.Date},
    )


def test_days_with_an_empty_shelf_are_marked_and_other_days_stay_unknown() -> None:
    past = history(skus=("OOLONG",), days=20, every=30)
    marked = mark_empty_days(history=past, spells=spells(("OOLONG", -10, -8)))
    assert marked.filter(pl.col("in_stock").not_())["date"].to_list() == [day(-10), day(-9)]
    assert marked.filter(pl.col("date") == day(-1))["in_stock"].to_list() == [None]
    assert marked["units"].sum() == past["units"].sum()


def test_a_spell_in_which_something_was_sold_proves_that_the_ledger_is_not_kept() -> None:
    marked = mark_empty_days(history=history(), spells=spells(("OOLONG", -10, -8)))
    assert marked["in_stock"].null_count() == marked.height


def test_an_empty_shelf_before_the_first_sale_says_nothing() -> None:
    past = history(skus=("OOLONG",), days=20, every=30)
    marked = mark_empty_days(history=past, spells=spells(("OOLONG", -90, -25)))
    assert marked.drop("in_stock").equals(past.sort("date"))
