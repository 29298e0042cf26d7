"""Orders that a person should see first are held with their reasons; all others pass."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.orders.models import Order
from reorder.flows import fulfil
from reorder.flows.fulfil import looking
from reorder.flows.fulfil.checking import (
    CheckedOrder,
    CheckFacts,
    CheckLimits,
    CustomerPast,
    PastOrder,
    address_faults,
    check_orders,
)
from reorder.flows.order_intake import Buyer
from tests.factories.order_life import LATER, details_of, events_of, placed
from tests.factories.placing import MEI, MERCHANT, NOON, order_of, place, stock_up

LIMITS = CheckLimits()


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    looking.forget_usual()
    yield
    looking.forget_usual()


@pytest.fixture
def checks_on(settings: LazySettings) -> None:
    settings.REORDER = replace(settings.REORDER, duplicate_hours=24, fraud_score=50)


def checked(**more: Any) -> CheckedOrder:
    given: dict[str, Any] = {
        "order_id": 1,
        "external_id": "A",
        "customer_id": 7,
        "ordered_at": NOON,
        "currency": "TWD",
        "total_minor": 45_000,
        "goods": ((1, Decimal(2)),),
        "ship_to": MEI,
    }
    return CheckedOrder(**(given | more))


def found(order: CheckedOrder, past: CustomerPast, usual: int | None = None) -> list[tuple[str, list[str]]]:
    facts = CheckFacts(past={7: past}, usual_minor={"TWD": usual})
    result = check_orders(orders=[order], facts=facts, limits=LIMITS).get(order.order_id, ())
    return [(one.reason, [each["code"] for each in one.details["findings"]]) for one in result]


def past_order(*, hours: float, units: int = 2) -> PastOrder:
    return PastOrder(external_id="OLD", ordered_at=NOON - dt.timedelta(hours=hours), goods=((1, Decimal(units)),))


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        (MEI, []),
        (replace(MEI, postcode="11001"), []),
        (replace(MEI, postcode="110016"), []),
        (replace(MEI, postcode="11"), ["check.address_bad_postcode"]),
        (replace(MEI, name=" "), ["check.address_no_name"]),
        (replace(MEI, line1=""), ["check.address_no_street"]),
        (replace(MEI, city="", region=""), ["check.address_no_city"]),
        (replace(MEI, phone=""), ["check.address_no_phone"]),
        (replace(MEI, line1="臺北郵政 30-15 號信箱"), ["check.address_box"]),
        (ShippingAddress(name="林美玲", phone="0912", country="TW", store_code="131386"), []),
        (
            ShippingAddress(name="Ann", country="US", postcode="02139", city="Cambridge", line1="P.O. Box 12"),
            ["check.address_box"],
        ),
        (ShippingAddress(name="Ann", country="HK", city="Kowloon", line1="1 Nathan Road"), []),
        (ShippingAddress(name="Ann", country="FR", city="Paris", line1="1 rue X"), ["check.address_bad_postcode"]),
        (
            ShippingAddress(name="Ann", country="", city="Paris", line1="1 rue X", postcode="75001"),
            ["check.address_no_country"],
        ),
        (
            ShippingAddress(
                name="'; DROP TABLE orders_order; --",
                phone="😀",
                country="TW",
                postcode="110",
                city="<script>",
                line1="شارع",
            ),
            [],
        ),
        (None, []),
    ],
)
def test_an_address_lacks_what_its_country_needs(address: ShippingAddress | None, codes: list[str]) -> None:
    assert address_faults(address=address) == codes


def test_a_shop_that_ships_to_some_countries_holds_the_others() -> None:
    assert address_faults(address=MEI, ship_countries=("HK",)) == ["check.address_not_shipped_to"]
    assert address_faults(address=replace(MEI, line1="PO Box 3"), ship_method="tw-post") == []


def test_the_same_goods_again_within_a_day_are_a_possible_duplicate() -> None:
    known = {"has_earlier": True}

    assert found(checked(), CustomerPast(recent=(past_order(hours=23),), **known)) == [
        ("duplicate", ["check.duplicate"])
    ]
    assert found(checked(), CustomerPast(recent=(past_order(hours=24),), **known)) == []
    assert found(checked(), CustomerPast(recent=(past_order(hours=1, units=3),), **known)) == []


def test_a_first_order_far_above_the_usual_is_suspicious_and_a_later_one_is_not() -> None:
    assert found(checked(total_minor=450_000), CustomerPast(), usual=45_000) == [("fraud", ["check.value_far_above"])]
    assert found(checked(total_minor=449_999), CustomerPast(), usual=45_000) == []
    assert found(checked(total_minor=450_000), CustomerPast(), usual=None) == []
    assert found(checked(total_minor=450_000), CustomerPast(has_earlier=True), usual=45_000) == []


def test_many_orders_in_an_hour_are_suspicious_and_another_country_only_adds_to_it() -> None:
    four = CustomerPast(
        country="JP", has_earlier=True, recent=tuple(past_order(hours=h / 10, units=9) for h in range(4))
    )

    assert found(checked(), replace(four, country="TW")) == [("fraud", ["check.many_orders"])]
    assert found(checked(), four) == [("fraud", ["check.many_orders", "check.other_country"])]
    assert found(checked(), replace(four, recent=four.recent[:3])) == []


def test_many_names_with_one_phone_are_suspicious() -> None:
    moments = {"0912345678": [NOON - dt.timedelta(minutes=m) for m in (1, 2, 3, 60)]}

    def codes(order: CheckedOrder) -> list[str]:
        result = check_orders(orders=[order], facts=CheckFacts(by_phone=moments), limits=LIMITS)
        return [each["code"] for one in result.get(1, ()) for each in one.details["findings"]]

    assert codes(checked()) == ["check.many_for_phone"]
    assert codes(checked(ship_to=replace(MEI, phone="0912-345-678"))) == ["check.many_for_phone"]
    assert codes(checked(ship_to=replace(MEI, phone="0912345679"))) == []
    assert codes(checked(ordered_at=NOON + dt.timedelta(minutes=30))) == []


def test_a_check_that_is_switched_off_finds_nothing() -> None:
    off = CheckLimits(duplicate_hours=0, orders_an_hour=0, value_factor=0, fraud_score=0)
    past = CustomerPast(country="JP", recent=tuple(past_order(hours=0) for _ in range(9)))

    assert check_orders(orders=[checked()], facts=CheckFacts(past={7: past}), limits=off) == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("checks_on")
def test_a_doubtful_order_is_promised_and_held_with_what_was_found() -> None:
    stock_up(units=10)
    placed(("OOLONG-150", 2), external_id="A")

    second = placed(("OOLONG-150", 2), external_id="B", ship_to=replace(MEI, line1=""))

    order = Order.objects.get(pk=second)
    assert (order.state, order.hold_reasons) == ("allocated", ["address", "duplicate"])
    assert events_of(second) == [
        ("placed", "", "placed"),
        ("allocated", "placed", "allocated"),
        ("held", "allocated", "allocated"),
        ("held", "allocated", "allocated"),
    ]
    assert details_of(second, "held") == {
        "findings": [{"code": "check.duplicate", "parameters": {"orders": "A", "hours": "24"}}],
        "orders": ["A"],
    }
    assert fulfil.unhold_order(order_id=second, actor=MERCHANT, moment=LATER) == []
    fulfil.release_order(order_id=second, actor=MERCHANT, moment=LATER)


@pytest.mark.django_db
@pytest.mark.usefixtures("checks_on")
def test_orders_of_one_batch_are_checked_against_each_other_and_cancelled_ones_count_for_nothing() -> None:
    stock_up(units=10)
    first, second = place(order_of(("OOLONG-150", 1)), order_of(("OOLONG-150", 1), external_id="B"))
    assert [Order.objects.get(pk=one.order_id).hold_reasons for one in (first, second)] == [[], ["duplicate"]]

    for one in (first, second):
        assert one.order_id is not None
        fulfil.cancel_order(order_id=one.order_id, reason="", actor=MERCHANT, moment=LATER)
    third = placed(("OOLONG-150", 1), external_id="C")

    assert Order.objects.get(pk=third).hold_reasons == []


@pytest.mark.django_db
@pytest.mark.usefixtures("checks_on")
def test_five_people_with_one_phone_within_an_hour_are_looked_at() -> None:
    stock_up(units=20)
    held = []
    for number in range(5):
        ship_to = replace(MEI, name=f"陳{number}", phone="0988 777 666")
        buyer = Buyer(key=f"c{number}", name=f"陳{number}")
        placed_id = placed(("OOLONG-150", 1), external_id=f"A-{number}", buyer=buyer, ship_to=ship_to)
        held.append(Order.objects.get(pk=placed_id).hold_reasons)

    assert held == [[], [], [], [], ["fraud"]]


@pytest.mark.django_db
@pytest.mark.usefixtures("checks_on")
def test_what_is_usual_is_said_from_fifty_orders_on() -> None:
    stock_up(units=200)
    orders = [
        order_of(("OOLONG-150", 1), external_id=f"A-{number}", buyer=Buyer(key=f"c{number}", name="陳"), ship_to=None)
        for number in range(50)
    ]
    place(*orders[:49])
    assert looking.usual_total(currency="TWD") is None
    looking.forget_usual()
    place(orders[49])
    looking.forget_usual()
    assert looking.usual_total(currency="TWD") == 45_000

    big = placed(("OOLONG-150", 10), external_id="BIG", buyer=Buyer(key="new", name="新客"))

    assert Order.objects.get(pk=big).hold_reasons == ["fraud"]
    assert details_of(big, "held")["score"] == 50
