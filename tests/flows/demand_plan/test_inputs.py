"""What a forecast is given, out of the database: known at its origin and nothing later; and what the night makes of it."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.empty_days import frame_empty_spells
from reorder.domain.inventory.rules import ADJUSTMENT, CUSTOMER, NewMove, stock_of
from reorder.domain.orders.prices import frame_weekly_prices
from reorder.domain.planning import effects, signals
from reorder.domain.planning.models import DemandPlanDay, ForecastChoice, LearnedEffect, Run
from reorder.domain.planning.signal_rules import EntryRow, NewEntry, NewSignal
from reorder.domain.storage import one_transaction
from reorder.flows.demand_plan.choosing import choose_like, choose_methods
from reorder.flows.demand_plan.expectations import apply_expectations
from reorder.flows.demand_plan.forecasting import forecast_baseline, load_history
from reorder.flows.demand_plan.inputs import keep_known_methods, load_inputs
from reorder.flows.demand_plan.planning import build_demand_plan
from reorder.flows.file_import import import_file
from reorder.flows.shop_calendar import add_entry, change_entry, take_signals, withdraw_entry
from tests.factories.importing import write_lines
from tests.factories.inventory import make_place

pytestmark = pytest.mark.django_db(transaction=True)
AS_OF = dt.date(2026, 9, 1)
NIGHT = dt.datetime(2026, 8, 31, 18, tzinfo=dt.UTC)
PLACE = "KEELUNG"
TAIPEI = "Asia/Taipei"


def day(number: int) -> dt.date:
    return AS_OF + dt.timedelta(days=number)


@pytest.fixture(autouse=True)
def shop(tmp_path: Path) -> None:
    """Oolong sells two a day, and eight on the promoted first three days of each month; 30 € less then."""
    make_place()
    lines = ["order_id,ordered_at,customer_id,sku,quantity,price,category"]
    for number in range(1, 241):
        date = day(-number)
        promoted = date.day <= 3
        for copy in range(4 if promoted else 1):
            price = 420 if promoted else 450
            lines.append(f"{number}-{copy},{date} 10:00,mei,OOLONG-150,2,{price},tea")
    import_file(path=write_lines(path=tmp_path / "orders.csv", lines=lines))


def promote(
    *, first: dt.date, days: int = 3, moment: dt.datetime = NIGHT - dt.timedelta(days=300), **facts: object
) -> int:
    given = {"kind": "promotion", "name": "First days", "discount_share": 0.1, "scope": "product", "key": "OOLONG-150"}
    entry = NewEntry(from_date=first, until_date=first + dt.timedelta(days=days - 1), **(given | facts))  # type: ignore[arg-type]
    return add_entry(entry=entry, place_codes=frozenset(), moment=moment, decided_by="Mei")


def promoted_days(*, known_before: dt.datetime | None = None) -> set[dt.date]:
    inputs = load_inputs(as_of=AS_OF, history=load_history(as_of=AS_OF), horizon_days=28, known_before=known_before)
    if "on_promotion" not in inputs.columns or inputs.known_future is None:
        return set()
    both = pl.concat(
        [inputs.history.select("date", "on_promotion"), inputs.known_future.select("date", "on_promotion")]
    )
    return set(both.filter(pl.col("on_promotion") == 1)["date"].to_list())


def test_what_became_known_after_the_origin_is_not_there() -> None:
    promote(first=day(-31))
    promote(first=day(1), moment=NIGHT + dt.timedelta(days=1))
    assert promoted_days() == {day(-31), day(-30), day(-29)}
    later = NIGHT + dt.timedelta(days=2)
    assert promoted_days(known_before=later) == {day(-31), day(-30), day(-29), day(1), day(2), day(3)}


def test_a_past_night_sees_the_calendar_as_it_stood_then() -> None:
    number = promote(first=day(-31))
    promote(first=day(2))
    moved = NewEntry(kind="promotion", name="First days", from_date=day(-20), until_date=day(-20))
    changed = change_entry(
        entry_id=number, entry=moved, place_codes=frozenset(), moment=NIGHT + dt.timedelta(days=3), decided_by="Mei"
    )
    withdraw_entry(entry_id=changed, place_codes=frozenset(), moment=NIGHT + dt.timedelta(days=5), decided_by="Mei")
    past, future = {day(-31), day(-30), day(-29)}, {day(2), day(3), day(4)}
    assert promoted_days() == past | future
    assert promoted_days(known_before=NIGHT + dt.timedelta(days=4)) == {day(-20)} | future
    assert promoted_days(known_before=NIGHT + dt.timedelta(days=6)) == set()


def test_an_own_price_is_there_from_the_moment_it_was_told_and_the_past_is_what_was_paid() -> None:
    told = NewSignal(kind="price", date=day(5), scope="product", key="OOLONG-150", number=400.0)
    take_signals(signals=[told], source="test", moment=NIGHT - dt.timedelta(days=1), told_by="Mei")
    inputs = load_inputs(as_of=AS_OF, history=load_history(as_of=AS_OF), horizon_days=28, known_before=NIGHT)
    assert inputs.known_future is not None
    ahead = dict(inputs.known_future.select("date", "price").iter_rows())
    assert (ahead[day(4)], ahead[day(5)], ahead[day(27)]) == (450.0, 400.0, 400.0)
    before = load_inputs(
        as_of=AS_OF, history=load_history(as_of=AS_OF), horizon_days=28, known_before=NIGHT - dt.timedelta(days=2)
    )
    assert "price" not in before.columns


def test_a_week_has_one_price_and_only_when_enough_lines_say_it() -> None:
    prices = frame_weekly_prices(skus=["OOLONG-150"], from_date=day(-60), before_date=AS_OF, time_zone=TAIPEI)
    assert prices["date"].dt.weekday().unique().to_list() == [1]
    # The first three days of August 2026 are a weekend and a Monday: two weeks with mostly promoted lines.
    assert dict(prices.select("date", "price").iter_rows())[dt.date(2026, 7, 27)] == 420.0
    assert dict(prices.select("date", "price").iter_rows())[dt.date(2026, 8, 17)] == 450.0


def move(*, units: int, kind: str, date: dt.date, key: str) -> NewMove:
    product = Product.objects.get(sku="OOLONG-150")
    inward = kind in {"opening", "receipt"}
    shelf = stock_of(place_code=PLACE)
    return NewMove(
        key=key,
        kind=kind,
        product_id=product.pk,
        units=Decimal(units),
        source=ADJUSTMENT if inward else shelf,
        target=shelf if inward else CUSTOMER,
        cause_kind="test",
        cause_key=key,
        happened_at=dt.datetime.combine(date, dt.time(4), tzinfo=dt.UTC),
    )


def test_the_ledger_tells_days_with_an_empty_shelf() -> None:
    moves = [
        move(units=5, kind="opening", date=day(-30), key="a"),
        move(units=5, kind="ship", date=day(-20), key="b"),
        move(units=3, kind="opening", date=day(-10), key="c"),
        move(units=3, kind="ship", date=day(-4), key="d"),
    ]
    with one_transaction():
        inventory.record_moves(moves=moves)
    spells = frame_empty_spells(before_date=AS_OF, time_zone=TAIPEI)
    assert spells.rows() == [
        ("OOLONG-150", PLACE, day(-19), day(-10)),
        ("OOLONG-150", PLACE, day(-3), AS_OF),
    ]


def test_a_new_product_that_sells_like_another_is_forecast_where_that_one_sells() -> None:
    Product.objects.create(sku="HOJICHA-100", name="Hojicha", currency="TWD", price_minor=40_000)
    choose_like(sku="HOJICHA-100", like_sku="OOLONG-150", decided_by="Mei")
    history = load_history(as_of=AS_OF)
    inputs = load_inputs(as_of=AS_OF, history=history, horizon_days=28, known_before=NIGHT)
    assert inputs.known_future is not None
    assert inputs.known_future.filter(pl.col("sku") == "HOJICHA-100")["place"].unique().to_list() == [PLACE]
    liked = inputs.products.filter(pl.col("sku") == "HOJICHA-100").row(0, named=True)
    assert (liked["like_sku"], liked["unit_price"], liked["is_discontinued"]) == ("OOLONG-150", 400.0, False)
    # Nobody wrote down since when that was said, so a night of the past does not know it.
    past = load_inputs(as_of=AS_OF, history=history, horizon_days=28)
    assert past.products["like_sku"].null_count() == past.products.height
    run = night()
    build_demand_plan(run_id=run.pk, as_of=AS_OF)
    planned = DemandPlanDay.objects.filter(subject="HOJICHA-100", place_code=PLACE)
    assert planned.count() == 28
    assert 1 < sum(day.mean_units for day in planned) / 28 < 8


def test_a_choice_of_methods_that_are_no_more_is_left_out() -> None:
    chosen = pl.DataFrame(
        {"sku": ["A", "B"], "place": [PLACE, PLACE], "methods": [["theta", "tea_leaves"], ["tea_leaves"]]}
    )
    assert keep_known_methods(overrides=chosen).rows() == [("A", PLACE, ["theta"])]
    assert keep_known_methods(overrides=chosen.clear()).is_empty()


def night() -> Run:
    run = Run.objects.create(kind="night", as_of_date=AS_OF, started_at=NIGHT)
    forecast_baseline(run_id=run.pk, as_of=AS_OF, history=load_history(as_of=AS_OF), known_before=NIGHT)
    return run


def test_the_night_learns_the_promotion_forecasts_its_days_and_heeds_a_persons_choice() -> None:
    for months in range(1, 8):
        promote(first=dt.date(2026, 9 - months, 1))
    promote(first=day(7))
    night()
    effect = LearnedEffect.objects.get(name="on_promotion", scope="shop")
    assert effect.low_share < effect.effect_share < effect.high_share
    assert effect.effect_share > 0.5
    assert effect.occurrences_count >= 6
    choose_methods(
        subject="OOLONG-150",
        place_code=PLACE,
        methods=["seasonal_naive"],
        note="We know better.",
        place_codes=(),
        moment=NIGHT - dt.timedelta(hours=1),
        decided_by="Mei",
    )
    made = night()
    choice = ForecastChoice.objects.get(subject="OOLONG-150")
    assert (choice.run_id, choice.methods, choice.is_override) == (made.pk, ["seasonal_naive"], True)
    assert choice.reason_code == "demand.override"
    # What a person demanded is no incumbent of the nights after.
    assert effects.frame_incumbents().is_empty()


def entry(**facts: object) -> EntryRow:
    plain: dict[str, object] = {
        "id": 1,
        "kind": "event",
        "name": "Fair",
        "from_date": day(2),
        "until_date": day(3),
        "scope": "all",
        "key": "",
        "place_code": "*",
        "price": None,
        "discount_share": None,
        "expected_effect_share": 0.5,
        "note": "",
        "author": "Mei",
        "recorded_at": NIGHT,
        "withdrawn_at": None,
        "replaces_id": None,
        "source_key": "",
    }
    return EntryRow(**(plain | facts))  # type: ignore[arg-type]


def test_what_a_person_expects_counts_instead_of_what_was_learned() -> None:
    daily = pl.DataFrame(
        {
            "sku": ["OOLONG-150"] * 4,
            "place": [PLACE] * 4,
            "date": [day(number) for number in range(1, 5)],
            "mean_units": [2.0, 3.0, 3.0, 2.0],
            "event_units": [0.0, 1.0, 1.0, 0.0],
            "p90_units": [4.0, 6.0, 6.0, 4.0],
        },
        schema_overrides={"date": pl.Date},
    )
    subjects = pl.DataFrame({"sku": ["OOLONG-150"], "category_code": ["tea"]})
    given = {"daily": daily, "subjects": subjects, "as_of": AS_OF}
    expected = apply_expectations(entries=[entry()], **given)  # type: ignore[arg-type]
    assert expected["mean_units"].to_list() == [2.0, 3.0, 3.0, 2.0]
    assert expected["event_units"].to_list() == [0.0, 1.0, 1.0, 0.0]
    closer = entry(id=2, scope="product", key="OOLONG-150", expected_effect_share=2.0, until_date=day(2))
    both = apply_expectations(entries=[entry(), closer], **given)  # type: ignore[arg-type]
    assert both["mean_units"].to_list() == [2.0, 6.0, 3.0, 2.0]
    assert both["p90_units"].to_list() == [4.0, 12.0, 6.0, 4.0]
    assert both["event_units"].to_list() == [0.0, 4.0, 1.0, 0.0]


def test_of_several_versions_the_one_that_stood_at_the_origin_is_read() -> None:
    weather = NewSignal(kind="weather", date=day(3), name="temperature", place_code=PLACE)
    for hours, degrees in ((-48, 20.0), (-24, 24.0), (24, 18.0)):
        told = NewSignal(**{name: getattr(weather, name) for name in NewSignal.__slots__} | {"number": degrees})
        take_signals(signals=[told], source="test", moment=NIGHT + dt.timedelta(hours=hours), told_by="Mei")
    read = [
        signals.frame_signals(
            from_date=AS_OF, before_date=day(28), known_before=NIGHT + dt.timedelta(hours=hours), kinds=["weather"]
        )["number"].to_list()
        for hours in (-60, -36, 0, 30)
    ]
    assert read == [[], [20.0], [24.0], [18.0]]
