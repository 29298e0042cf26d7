"""Selling beyond the stock: who may wait, until when, and that goods go to the longest wait first."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from reorder.domain.inventory import operations, queries
from reorder.domain.inventory.models import Allocation, Backorder
from reorder.domain.inventory.promise_rules import SellingTerms
from reorder.domain.inventory.promise_terms import put_fresh_days, put_selling_terms
from reorder.domain.orders.models import Order, OrderEvent
from reorder.domain.planning.models import DirtyMark
from reorder.domain.warehouse.models import FulfilmentOrder
from reorder.flows import fulfil, promising, upkeep
from reorder.flows.fulfil import OrderChanges
from reorder.flows.fulfil.errors import GoodsShort
from tests.factories.inventory import KEELUNG, make_place, opening
from tests.factories.placing import MERCHANT, NOON, order_of, place, stock_up

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = dt.date(2026, 11, 27)


def sold_beyond(product_id: int, **more: Any) -> None:
    terms = SellingTerms(product_id=product_id, **more)
    put_selling_terms(terms=terms, decided_by="mei", moment=NOON)


def arrive(product_id: int, units: int, *, at: str = KEELUNG, key: str = "late") -> None:
    operations.record_moves(moves=[opening(product_id=product_id, units=units, place=at, key=key)])


def states() -> list[tuple[str, str, list[str]]]:
    return [(one.external_id, one.state, one.hold_reasons) for one in Order.objects.order_by("pk")]


def test_an_order_beyond_the_stock_is_refused_unless_the_product_allows_backorders() -> None:
    oolong = stock_up(units=2)
    assert [one.outcome for one in place(order_of(("OOLONG-150", 3)))] == ["refused"]

    sold_beyond(oolong, allows_backorder=True, wait_days=9)
    outcome = place(order_of(("OOLONG-150", 3)))[0]

    assert (outcome.outcome, outcome.state) == ("added", "placed")
    waiting = Backorder.objects.get()
    assert (waiting.kind, waiting.units, waiting.promised_date) == ("backorder", 3, TODAY + dt.timedelta(days=9))
    assert states() == [("A-1", "placed", ["out_of_stock"])]


def test_only_so_many_units_may_wait_even_in_one_batch() -> None:
    oolong = stock_up(units=0)
    sold_beyond(oolong, allows_backorder=True, backorder_limit_units=Decimal(5))

    outcomes = place(*(order_of(("OOLONG-150", 2), external_id=f"A-{number}") for number in range(4)))

    assert [one.outcome for one in outcomes] == ["added", "added", "refused", "refused"]
    assert promising.availability(skus=["OOLONG-150"], date=TODAY, moment=NOON)[0].waiting_left_units == 1


def test_a_product_before_its_release_waits_for_its_day_though_goods_are_there() -> None:
    oolong = stock_up(units=10)
    release = TODAY + dt.timedelta(days=5)
    sold_beyond(oolong, preorder_from_date=TODAY, release_date=release)

    assert place(order_of(("OOLONG-150", 3)))[0].state == "placed"
    assert [(one.kind, one.promised_date) for one in Backorder.objects.all()] == [("preorder", release)]
    assert promising.fill_backorders(moment=NOON) == 0
    assert promising.fill_backorders(moment=NOON + dt.timedelta(days=5)) == 1
    assert states() == [("A-1", "allocated", [])]


def test_goods_that_arrive_go_to_the_longest_wait_first() -> None:
    oolong = stock_up(units=0)
    for number, units in enumerate((4, 1, 2)):
        place(order_of(("OOLONG-150", units), external_id=f"A-{number}", if_short="wait"))
    arrive(oolong, 5)

    # A new order does not jump the queue.
    assert place(order_of(("OOLONG-150", 1), external_id="B-1"))[0].outcome == "refused"
    assert promising.fill_backorders(moment=NOON) == 2

    assert states() == [
        ("A-0", "allocated", []),
        ("A-1", "allocated", []),
        ("A-2", "placed", ["out_of_stock"]),
    ]
    assert list(FulfilmentOrder.objects.order_by("pk").values_list("state", flat=True)) == [
        "allocated",
        "allocated",
        "waiting",
    ]
    assert [int(one.units) for one in Backorder.objects.all()] == [2]
    assert sum(one.units for one in Allocation.objects.all()) == 5
    assert queries.compare_ledger_with_levels() == []
    kinds = OrderEvent.objects.filter(order__external_id="A-0").order_by("pk").values_list("kind", "to_state")
    assert ("allocated", "allocated") in list(kinds)


def test_who_waits_for_many_is_not_passed_by_those_who_wait_for_few() -> None:
    oolong = stock_up(units=0)
    for number, units in enumerate((9, 1)):
        place(order_of(("OOLONG-150", units), external_id=f"A-{number}", if_short="wait"))
    arrive(oolong, 5)

    assert promising.fill_backorders(moment=NOON) == 0
    arrive(oolong, 5, key="more")
    assert promising.fill_backorders(moment=NOON) == 2


def test_goods_that_arrive_elsewhere_serve_the_order_from_there() -> None:
    oolong = stock_up(units=0)
    place(order_of(("OOLONG-150", 3), if_short="wait"))
    make_place(code="TAINAN", name="Tainan")
    arrive(oolong, 3, at="TAINAN")

    assert promising.fill_backorders(moment=NOON) == 1
    assert [(one.place.code, one.state) for one in FulfilmentOrder.objects.all()] == [("TAINAN", "allocated")]
    assert queries.compare_ledger_with_levels() == []


def test_those_who_cannot_be_helped_do_not_keep_the_rest_from_being_looked_at() -> None:
    oolong, matcha = stock_up(units=0), stock_up(sku="MATCHA-30", units=0)
    sold_beyond(matcha, preorder_from_date=TODAY, release_date=TODAY + dt.timedelta(days=5))
    for number in range(4):
        place(order_of(("OOLONG-150", 9), external_id=f"LARGE-{number}", if_short="wait"))
        place(order_of(("MATCHA-30", 1), external_id=f"EARLY-{number}", if_short="wait"))
    sencha = stock_up(sku="SENCHA-50", units=0)
    for number in range(3):
        place(order_of(("SENCHA-50", 1), external_id=f"S-{number}", if_short="wait"))
    arrive(oolong, 8)
    arrive(matcha, 8, key="matcha")
    arrive(sencha, 2, key="sencha")

    assert promising.fill_backorders(moment=NOON, page=2) == 2

    served = Order.objects.filter(state="allocated").order_by("pk").values_list("external_id", flat=True)
    assert list(served) == ["S-0", "S-1"]
    # Another run finds nothing more, and one without time stops at once.
    assert promising.fill_backorders(moment=NOON, page=2) == 0
    arrive(sencha, 1, key="more")
    assert promising.fill_backorders(moment=NOON, seconds=0.0) == 0
    assert promising.fill_backorders(moment=NOON) == 1


def test_what_arrived_is_given_out_when_the_marks_are_drained() -> None:
    oolong = stock_up(units=0)
    place(order_of(("OOLONG-150", 3), if_short="wait"))
    arrive(oolong, 3)
    DirtyMark.objects.all().delete()
    DirtyMark.objects.create(kind="position", subject_key=f"OOLONG-150|{KEELUNG}")

    upkeep.drain_dirty(as_of=TODAY, moment=NOON)

    assert states() == [("A-1", "allocated", [])]


def test_an_order_of_a_channel_gets_goods_that_keep_long_enough() -> None:
    oolong = stock_up(units=0)
    put_fresh_days(minimum_days=30, channel="shop", product_id=oolong, decided_by="mei", moment=NOON)
    from dataclasses import replace

    move = opening(product_id=oolong, units=5, lot="OLD", key="old")
    operations.record_moves(moves=[replace(move, expires_date=TODAY + dt.timedelta(days=10))])

    assert place(order_of(("OOLONG-150", 1)))[0].outcome == "refused"
    assert place(order_of(("OOLONG-150", 1), external_id="A-2"), channel="outlet")[0].state == "allocated"


def test_an_order_that_waits_may_wait_for_more_only_as_far_as_the_product_allows() -> None:
    oolong = stock_up(units=0)
    sold_beyond(oolong, allows_backorder=True, backorder_limit_units=Decimal(5))
    place(order_of(("OOLONG-150", 2), external_id="A"), order_of(("OOLONG-150", 2), external_id="B"))
    first = Order.objects.get(external_id="A").pk

    with pytest.raises(GoodsShort):
        edit_units(first, 4)
    edit_units(first, 3)

    assert list(Backorder.objects.order_by("pk").values_list("units", flat=True)) == [3, 2]
    sold_beyond(oolong)
    edit_units(first, 2)
    with pytest.raises(GoodsShort):
        edit_units(first, 3)
    # Who says that the customer waits decides it, as for a new order.
    edit_units(first, 3, if_short="wait")
    assert list(Backorder.objects.order_by("pk").values_list("units", flat=True)) == [3, 2]


def edit_units(order_id: int, units: int, **more: Any) -> None:
    changes = OrderChanges(units={"1": Decimal(units)}, **more)
    fulfil.edit_order(order_id=order_id, changes=changes, actor=MERCHANT, moment=NOON)
