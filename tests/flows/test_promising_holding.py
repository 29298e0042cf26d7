"""Carts hold stock at the place that serves them, all or nothing; what is available follows."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.catalog.bundles import Component, put_bundle
from reorder.domain.inventory import operations, queries
from reorder.domain.inventory.allocating import Wanted, allocate_units
from reorder.domain.inventory.models import Hold, Level
from reorder.domain.inventory.promise_rules import SellingTerms
from reorder.domain.inventory.promise_terms import put_fresh_days, put_reserve, put_selling_terms
from reorder.domain.inventory.waiting import NewBackorder, record_backorders
from reorder.flows import promising
from reorder.flows.promising import errors
from reorder.flows.serving import set_region
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, MORNING, make_place, opening

pytestmark = pytest.mark.django_db(transaction=True)

TAINAN = "TAINAN"
TODAY = MORNING.date()


def stock(sku: str, *, units: int, place: str = KEELUNG, lot: str = "", off: dt.date | None = None) -> int:
    make_place(code=place, name=place)
    from reorder.domain.catalog.models import Product

    product = Product.objects.filter(sku=sku).first() or make_product(sku=sku)
    move = opening(product_id=product.pk, units=units, place=place, lot=lot)
    from dataclasses import replace

    operations.record_moves(moves=[replace(move, expires_date=off)])
    return product.pk


def hold(*lines: tuple[str, int], cart_id: str = "7", **more: object) -> promising.HeldCart:
    return promising.hold_cart(
        cart_id=cart_id,
        channel="shop",
        lines=[promising.CartLine(sku=sku, units=Decimal(units)) for sku, units in lines],
        moment=MORNING,
        **more,
    )


def available(sku: str, *, day: dt.date = TODAY, **more: object):
    return promising.availability(skus=[sku], date=day, moment=MORNING, channel="shop", **more)[0]


def test_a_cart_is_held_at_one_place_that_has_everything() -> None:
    stock("OOLONG-150", units=5)
    stock("OOLONG-150", units=5, place=TAINAN)
    stock("MATCHA-30", units=2, place=TAINAN)

    cart = hold(("OOLONG-150", 3), ("MATCHA-30", 2))

    assert cart.expires_at == MORNING + dt.timedelta(minutes=10)
    assert sorted((one.sku, one.place_code, one.units) for one in cart.held) == [
        ("MATCHA-30", TAINAN, 2),
        ("OOLONG-150", TAINAN, 3),
    ]
    assert cart.short == ()
    assert queries.compare_ledger_with_levels() == []


def test_the_place_of_the_customers_region_comes_first() -> None:
    stock("OOLONG-150", units=5)
    stock("OOLONG-150", units=5, place=TAINAN)
    set_region(country="TW", postcode_start="70", place_code=TAINAN, decided_by="mei")

    cart = hold(("OOLONG-150", 3), country="TW", postcode="701")

    assert [one.place_code for one in cart.held] == [TAINAN]


def test_a_cart_that_does_not_fit_holds_nothing_new_and_says_what_is_short() -> None:
    stock("OOLONG-150", units=5)
    stock("MATCHA-30", units=2)
    hold(("OOLONG-150", 1))

    cart = hold(("OOLONG-150", 3), ("MATCHA-30", 4))

    assert cart.held == ()
    assert cart.expires_at is None
    assert [(one.sku, one.wanted_units, one.free_units) for one in cart.short] == [("MATCHA-30", 4, 2)]
    assert [int(one.units) for one in Hold.objects.all()] == [1]


def test_a_bundle_is_held_as_its_components() -> None:
    stock("OOLONG-150", units=5)
    stock("MATCHA-30", units=2)
    make_product(sku="GIFT")
    put_bundle(sku="GIFT", components=[Component("OOLONG-150", Decimal(2)), Component("MATCHA-30", Decimal(1))])

    assert available("GIFT").available_units == 2
    cart = hold(("GIFT", 2))
    assert sorted((one.sku, int(one.units)) for one in cart.held) == [("GIFT", 2), ("GIFT", 4)]
    assert available("GIFT").available_units == 0
    assert available("GIFT", cart_id="7").available_units == 2
    assert [(one.sku, one.wanted_units, one.free_units) for one in hold(("GIFT", 3)).short] == [("GIFT", 3, 2)]


def test_a_released_cart_and_one_whose_time_is_over_hold_nothing() -> None:
    stock("OOLONG-150", units=5)
    hold(("OOLONG-150", 2))
    hold(("OOLONG-150", 3), cart_id="8", minutes=5)

    assert promising.release_cart(cart_id="7", channel="shop") == 1
    assert promising.release_cart(cart_id="7", channel="shop") == 0
    assert promising.sweep_holds(moment=MORNING + dt.timedelta(minutes=4)) == 0
    assert promising.sweep_holds(moment=MORNING + dt.timedelta(minutes=5)) == 1
    assert [int(level.held_units) for level in Level.objects.all()] == [0]


def test_the_last_units_are_held_for_those_they_are_kept_for_only() -> None:
    oolong = stock("OOLONG-150", units=5)
    place = queries.find_place(code=KEELUNG)
    put_reserve(
        product_id=oolong,
        place_id=place.id,
        units=Decimal(4),
        segments=["champions"],
        ends_at=MORNING + dt.timedelta(days=2),
        decided_by="mei",
        moment=MORNING,
    )

    assert [one.free_units for one in hold(("OOLONG-150", 2)).short] == [1]
    assert available("OOLONG-150").available_units == 1
    assert available("OOLONG-150", day=TODAY + dt.timedelta(days=3)).available_units == 5
    assert available("OOLONG-150", segment="champions").available_units == 5
    assert hold(("OOLONG-150", 5), segment="champions").short == ()
    assert queries.compare_ledger_with_levels() == []


def test_the_statement_itself_keeps_the_last_units() -> None:
    oolong = stock("OOLONG-150", units=5)
    wanted = Wanted(
        demand_key="order_line:1", product_id=oolong, place_code=KEELUNG, units=Decimal(2), keep_units=Decimal(4)
    )

    promise = allocate_units(wanted=[wanted], key="a", cause_kind="order", cause_key="1", moment=MORNING)

    assert [one.free_units for one in promise.short] == [1]


def test_what_a_cart_held_of_the_last_units_stays_its_own() -> None:
    oolong = stock("OOLONG-150", units=5)
    hold(("OOLONG-150", 3))
    wanted = Wanted(
        demand_key="order_line:1", product_id=oolong, place_code=KEELUNG, units=Decimal(3), keep_units=Decimal(4)
    )

    promise = allocate_units(
        wanted=[wanted], key="a", cause_kind="order", cause_key="1", moment=MORNING, hold_key="cart:shop:7"
    )

    assert [int(one.units) for one in promise.taken] == [3]


def test_a_channel_that_wants_fresh_goods_is_held_the_fresh_lot() -> None:
    oolong = stock("OOLONG-150", units=5, lot="OLD", off=TODAY + dt.timedelta(days=10))
    stock("OOLONG-150", units=2, lot="NEW", off=TODAY + dt.timedelta(days=90))
    put_fresh_days(minimum_days=30, channel="shop", product_id=oolong, decided_by="mei", moment=MORNING)

    assert available("OOLONG-150").available_units == 2
    assert [one.free_units for one in hold(("OOLONG-150", 3)).short] == [2]
    assert hold(("OOLONG-150", 2)).short == ()
    assert list(Hold.objects.values_list("level__lot", flat=True)) == ["NEW"]


def test_units_that_others_wait_for_are_not_held() -> None:
    oolong = stock("OOLONG-150", units=5)
    record_backorders(
        backorders=[NewBackorder(demand_key="order_line:9", product_id=oolong, place_code=KEELUNG, units=Decimal(4))]
    )

    assert [one.free_units for one in hold(("OOLONG-150", 2)).short] == [1]


def test_a_product_before_its_release_is_pre_ordered_only() -> None:
    oolong = stock("OOLONG-150", units=5)
    release = TODAY + dt.timedelta(days=20)
    put_selling_terms(
        terms=SellingTerms(
            product_id=oolong,
            preorder_from_date=TODAY,
            release_date=release,
            preorder_limit_units=Decimal(30),
        ),
        decided_by="mei",
        moment=MORNING,
    )

    found = available("OOLONG-150")

    assert (found.available_units, found.way, found.told_date, found.waiting_left_units, found.earliest_date) == (
        0,
        "preorder",
        release,
        30,
        release,
    )
    assert [one.free_units for one in hold(("OOLONG-150", 1)).short] == [0]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ([("MOON-CAKE", "1")], errors.UnknownGoods),
        ([("OOLONG-150", "0")], errors.UnitsNotSold),
        ([("OOLONG-150", "-1")], errors.UnitsNotSold),
        ([("OOLONG-150", "1.5")], errors.UnitsNotSold),
        ([("OOLONG-150", "NaN")], errors.UnitsNotSold),
        ([("OOLONG-150", "1e12")], errors.UnitsNotSold),
        ([], errors.BadCart),
        ([("OOLONG-150", "1")] * 501, errors.BadCart),
    ],
)
def test_a_cart_with_a_fault_is_refused_with_what_to_mend(lines: list[tuple[str, str]], fault: type) -> None:
    stock("OOLONG-150", units=5)

    with pytest.raises(fault):
        promising.hold_cart(
            cart_id="7",
            channel="shop",
            lines=[promising.CartLine(sku=sku, units=Decimal(units)) for sku, units in lines],
            moment=MORNING,
        )


def test_five_hundred_products_are_answered_in_three_statements(django_assert_num_queries) -> None:
    skus = [f"TEA-{number:03}" for number in range(500)]
    make_place()
    products = [make_product(sku=sku) for sku in skus]
    operations.record_moves(moves=[opening(product_id=product.pk, units=3) for product in products])
    queries_before = 3

    with django_assert_num_queries(queries_before - 1):
        # The third statement is prepared on the same connection, beside Django's count.
        found = promising.availability(skus=skus, date=TODAY, moment=MORNING)

    assert [one.sku for one in found] == skus
    assert {one.available_units for one in found} == {Decimal(3)}
