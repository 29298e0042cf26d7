"""The frames of orders that planning loads: the shop's calendar, live orders only, planning subjects."""

import datetime as dt
from pathlib import Path

import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.catalog.queries import find_product_by_barcode, frame_products, list_products_by_sku
from reorder.domain.customers.queries import find_customer_by_key, list_customer_names
from reorder.domain.messaging.models import ConsentEntry
from reorder.domain.messaging.queries import has_marketing_consent
from reorder.domain.orders.models import OrderLine
from reorder.domain.orders.operations import assign_demand_places
from reorder.domain.orders.queries import first_and_last_order_date, frame_daily_units, frame_order_lines
from reorder.flows.file_import import import_file
from reorder.flows.outbox import unsubscribe_customer
from reorder.kernel import clock
from tests.factories.importing import write_lines

pytestmark = pytest.mark.django_db(transaction=True)

TAIPEI = "Asia/Taipei"
HEADER = "order_id,ordered_at,customer_id,sku,quantity,price,currency,category,status"


@pytest.fixture
def three_orders(tmp_path: Path) -> None:
    lines = [
        HEADER,
        # Half past seven in Taipei is still the day before in UTC.
        "1,2026-03-02T07:30:00+08:00,mei,OOLONG-150,2,380,TWD,tea,paid",
        "2,2026-03-02T23:30:00+08:00,mei,OOLONG-150,1,12,USD,tea,paid",
        "3,2026-03-02T10:00:00+08:00,jun,MATCHA-30,5,520.50,TWD,powder,cancelled",
        "5,2026-03-04T10:00:00+08:00,jun,OOLONG-150,1,12,TWD,tea,paid",
        "4,2026-03-03T00:30:00+08:00,jun,MATCHA-30,1,520.50,TWD,powder,paid",
    ]
    import_file(path=write_lines(path=tmp_path / "orders.csv", lines=lines))


@pytest.mark.usefixtures("three_orders")
def test_order_lines_are_those_of_live_orders_before_the_shops_day() -> None:
    lines = frame_order_lines(before_date=dt.date(2026, 3, 3), time_zone=TAIPEI).sort("order_id")

    assert lines["quantity"].to_list() == [2.0, 1.0]
    assert lines["ordered_at"].dt.date().to_list() == [dt.date(2026, 3, 2)] * 2
    assert lines["category"].to_list() == ["tea", "tea"]
    assert lines["customer_id"].n_unique() == 1


@pytest.mark.usefixtures("three_orders")
def test_a_price_in_another_currency_than_the_products_is_left_out() -> None:
    lines = frame_order_lines(before_date=dt.date(2026, 3, 3), time_zone=TAIPEI).sort("order_id")

    # Two of its three lines are in TWD.
    assert Product.objects.get(sku="OOLONG-150").currency == "TWD"
    assert lines["unit_price"].to_list() == [380.0, None]


def test_prices_of_two_currencies_never_meet_in_one_column(tmp_path: Path) -> None:
    """Matcha is sold in dollars only, so its product is priced in dollars; the shop's other goods are in TWD."""
    lines = [
        HEADER,
        "1,2026-03-01,mei,OOLONG-150,1,380,TWD,tea,paid",
        "2,2026-03-01,jun,OOLONG-150,1,390,TWD,tea,paid",
        "3,2026-03-01,amy,MATCHA-30,1,17,USD,powder,paid",
    ]
    import_file(path=write_lines(path=tmp_path / "orders.csv", lines=lines))

    lines_read = frame_order_lines(before_date=dt.date(2026, 3, 3), time_zone=TAIPEI).sort("order_id")

    assert Product.objects.get(sku="MATCHA-30").currency == "USD"
    assert lines_read["unit_price"].to_list() == [380.0, 390.0, None]


@pytest.mark.usefixtures("three_orders")
def test_daily_units_are_summed_on_the_shops_calendar() -> None:
    daily = frame_daily_units(from_date=dt.date(2026, 3, 1), before_date=dt.date(2026, 3, 4), time_zone=TAIPEI)

    assert daily.rows() == [
        ("MATCHA-30", "", dt.date(2026, 3, 3), 1.0),
        ("OOLONG-150", "", dt.date(2026, 3, 2), 3.0),
    ]
    assert first_and_last_order_date(time_zone=TAIPEI) == (dt.date(2026, 3, 2), dt.date(2026, 3, 4))


@pytest.mark.usefixtures("three_orders")
def test_a_product_planned_by_its_category_appears_under_the_category() -> None:
    Product.objects.filter(sku="OOLONG-150").update(planned_by="category")

    lines = frame_order_lines(before_date=dt.date(2026, 3, 3), time_zone=TAIPEI)

    assert set(lines["sku"]) == {"category:tea"}
    assert sorted(frame_products()["subject"]) == ["MATCHA-30", "category:tea"]
    assert list_products_by_sku(skus=["OOLONG-150"])["OOLONG-150"].subject == "category:tea"


@pytest.mark.usefixtures("three_orders")
def test_lines_that_belong_nowhere_are_given_to_a_place_once_one_is_named() -> None:
    assert assign_demand_places(default_place_code="KEELUNG") == 5
    assert assign_demand_places(default_place_code="TAICHUNG") == 0
    assert set(OrderLine.objects.values_list("demand_place_code", flat=True)) == {"KEELUNG"}


@pytest.mark.usefixtures("three_orders")
def test_customers_are_found_by_key_and_by_id() -> None:
    mei = find_customer_by_key(key="mei")

    assert mei is not None
    assert list_customer_names(ids=[mei.id, 999_999]) == {mei.id: mei}


def test_a_product_is_found_by_its_barcode(tmp_path: Path) -> None:
    import_file(
        path=write_lines(path=tmp_path / "p.csv", lines=["sku,name,barcode", "OOLONG-150,Oolong,4710000000017"])
    )

    found = find_product_by_barcode(code="4710000000017")

    assert found is not None
    assert found.sku == "OOLONG-150"
    assert find_product_by_barcode(code="0") is None


def test_consent_follows_what_the_customer_said_last_whatever_file_comes_last(tmp_path: Path) -> None:
    header = "order_id,ordered_at,email,sku,quantity,accepts_marketing"
    said = {"1": ("2026-03-01", "yes"), "2": ("2026-05-01", "no"), "3": ("2026-04-01", "yes")}

    for order, (day, answer) in said.items():
        lines = [header, f"{order},{day},mei@example.tw,OOLONG-150,1,{answer}"]
        import_file(path=write_lines(path=tmp_path / f"{order}.csv", lines=lines))

    assert list(ConsentEntry.objects.order_by("id").values_list("is_granted", flat=True)) == [True, False]


def import_answer(*, folder: Path, order: str, day: str, answer: str) -> None:
    header = "order_id,ordered_at,email,sku,quantity,accepts_marketing"
    lines = [header, f"{order},{day},mei@example.tw,OOLONG-150,1,{answer}"]
    import_file(path=write_lines(path=folder / f"{order}.csv", lines=lines))


def test_a_yes_that_stands_on_in_the_shop_does_not_undo_a_refusal_by_mail(tmp_path: Path) -> None:
    import_answer(folder=tmp_path, order="1", day="2026-03-01", answer="yes")
    unsubscribe_customer(mark_or_key="mei@example.tw", moment=dt.datetime(2026, 3, 10, tzinfo=dt.UTC))

    import_answer(folder=tmp_path, order="2", day="2026-04-01", answer="yes")

    assert has_marketing_consent(customer_id=mei_id()) is False


def test_who_refuses_in_the_shop_and_agrees_there_again_has_agreed(tmp_path: Path) -> None:
    for order, day, answer in (("1", "2026-03-01", "yes"), ("2", "2026-04-01", "no"), ("3", "2026-05-01", "yes")):
        import_answer(folder=tmp_path, order=order, day=day, answer=answer)

    assert has_marketing_consent(customer_id=mei_id()) is True


def test_who_refused_by_mail_and_then_in_the_shop_can_agree_there_again(tmp_path: Path) -> None:
    import_answer(folder=tmp_path, order="1", day="2026-03-01", answer="yes")
    unsubscribe_customer(mark_or_key="mei@example.tw", moment=dt.datetime(2026, 3, 10, tzinfo=dt.UTC))

    import_answer(folder=tmp_path, order="2", day="2026-04-01", answer="no")
    import_answer(folder=tmp_path, order="3", day="2026-05-01", answer="yes")

    assert has_marketing_consent(customer_id=mei_id()) is True


def test_a_refusal_holds_against_an_order_that_a_wrong_clock_dates_in_the_future(tmp_path: Path) -> None:
    tomorrow = (clock.current_moment() + dt.timedelta(days=1)).date()
    import_answer(folder=tmp_path, order="1", day=tomorrow.isoformat(), answer="yes")

    unsubscribe_customer(mark_or_key="mei@example.tw", moment=clock.current_moment() + dt.timedelta(minutes=1))

    assert has_marketing_consent(customer_id=mei_id()) is False


def mei_id() -> int:
    mei = find_customer_by_key(key="mei@example.tw")
    assert mei is not None
    return mei.id
