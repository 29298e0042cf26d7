"""An order lands once, is promised what is there, and leaves nothing behind when it cannot be."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reorder.domain.catalog.models import BundleComponent, Product
from reorder.domain.customers.models import Address, Customer
from reorder.domain.inventory import allocating, queries
from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.models import Allocation, Backorder, Hold, Level, Move
from reorder.domain.inventory.promise_terms import put_fresh_days
from reorder.domain.orders.models import Order, OrderEvent
from reorder.domain.planning.models import DirtyMark
from reorder.domain.warehouse.models import FulfilmentOrder, RoutingDecision
from reorder.flows.fulfil import placing
from tests.factories.inventory import KEELUNG, make_place, opening
from tests.factories.placing import NOON, order_of, place, stock_up

pytestmark = pytest.mark.django_db


def promised(sku: str = "OOLONG-150", at: str = KEELUNG) -> tuple[int, int, int]:
    level = Level.objects.get(product__sku=sku, location__code=f"stock:{at}")
    return int(level.on_hand_units), int(level.allocated_units), int(level.held_units)


def test_an_order_is_written_with_its_promise_and_its_reason() -> None:
    stock_up(units=10)

    (outcome,) = place(order_of(("OOLONG-150", 3)))

    assert (outcome.outcome, outcome.state, outcome.fault) == ("added", "allocated", None)
    order = Order.objects.get(pk=outcome.order_id)
    assert (order.fulfilment, order.payment_state, order.hold_reasons) == ("reorder", "paid", [])
    assert (order.goods_minor, order.total_minor, order.paid_minor) == (135_000, 135_000, 135_000)
    assert order.ship_to is not None
    assert order.ship_to.city == "信義區"
    assert [(e.kind, e.from_state, e.to_state, e.actor) for e in OrderEvent.objects.order_by("pk")] == [
        ("placed", "", "placed", "mei"),
        ("allocated", "placed", "allocated", "mei"),
    ]
    fulfilment = FulfilmentOrder.objects.get()
    assert (fulfilment.place.code, fulfilment.state) == (KEELUNG, "allocated")
    assert RoutingDecision.objects.get().candidates[0]["places"] == [KEELUNG]
    assert promised() == (10, 3, 0)
    assert queries.compare_ledger_with_levels() == []


def test_the_same_order_again_changes_nothing_and_another_under_its_id_is_refused() -> None:
    stock_up(units=10)
    place(order_of(("OOLONG-150", 3)))

    (again,) = place(order_of(("OOLONG-150", 3)))
    (other,) = place(order_of(("OOLONG-150", 4)))

    assert again.outcome == "unchanged"
    assert (other.outcome, other.fault and other.fault.code) == ("refused", "fulfil.content_differs")
    assert promised() == (10, 3, 0)
    assert Order.objects.count() == 1


def test_an_order_that_stock_does_not_cover_leaves_nothing_behind() -> None:
    stock_up(units=2)
    stock_up(sku="MATCHA-30", units=5)

    (outcome,) = place(order_of(("MATCHA-30", 1), ("OOLONG-150", 3)))

    assert outcome.fault is not None
    assert str(outcome.fault) == ("Order A-1 cannot be promised: there is not enough free stock of OOLONG-150.")
    assert (Order.objects.count(), Allocation.objects.count(), Address.objects.count()) == (0, 0, 0)
    assert Move.objects.filter(kind="allocate").count() == 0


def test_an_order_that_may_wait_takes_what_is_there_and_waits_for_the_rest() -> None:
    stock_up(units=2)
    stock_up(sku="MATCHA-30", units=5)

    (outcome,) = place(order_of(("MATCHA-30", 1), ("OOLONG-150", 3), if_short="wait"))

    order = Order.objects.get(pk=outcome.order_id)
    assert (order.state, order.hold_reasons) == ("placed", ["out_of_stock"])
    assert [(b.units, b.place.code) for b in Backorder.objects.all()] == [(3, KEELUNG)]
    states = sorted((f.state, f.place.code) for f in FulfilmentOrder.objects.all())
    assert states == [("allocated", KEELUNG), ("waiting", KEELUNG)]
    assert (promised("MATCHA-30"), promised()) == ((5, 1, 0), (2, 0, 0))


def test_orders_of_one_batch_do_not_promise_a_unit_twice() -> None:
    stock_up(units=5)

    outcomes = place(*(order_of(("OOLONG-150", 2), external_id=f"A-{number}") for number in range(4)))

    assert [one.outcome for one in outcomes] == ["added", "added", "refused", "refused"]
    assert promised() == (5, 4, 0)
    assert queries.compare_ledger_with_levels() == []


def test_each_order_of_a_batch_is_the_cause_of_its_own_moves() -> None:
    stock_up(units=5)
    stock_up(sku="MATCHA-30", units=5)

    first, short, last = place(
        order_of(("OOLONG-150", 2), ("MATCHA-30", 1), external_id="A"),
        order_of(("OOLONG-150", 4), external_id="B"),
        order_of(("OOLONG-150", 3), external_id="C"),
    )

    assert (first.state, short.outcome, last.state) == ("allocated", "refused", "allocated")
    moves = Move.objects.filter(kind="allocate", cause_kind="order")
    assert sorted((int(m.cause_key), m.product.sku, int(m.units)) for m in moves) == [
        (first.order_id, "MATCHA-30", 1),
        (first.order_id, "OOLONG-150", 2),
        (last.order_id, "OOLONG-150", 3),
    ]
    assert queries.compare_ledger_with_levels() == []


def test_a_batch_takes_the_lots_that_go_off_first_though_a_hold_that_is_over_stands_on_them() -> None:
    oolong = stock_up(units=3, lot="EARLY")
    stock_up(units=3, lot="LATE")
    wanted = allocating.Wanted(demand_key="1", product_id=oolong, place_code=KEELUNG, units=Decimal(3))
    allocating.hold_units(
        hold_key="cart:shop:c7", wanted=[wanted], moment=NOON - dt.timedelta(hours=1), expires_at=NOON
    )

    outcomes = place(*(order_of(("OOLONG-150", 2), external_id=f"A-{number}") for number in range(2)))

    assert [one.state for one in outcomes] == ["allocated", "allocated"]
    taken = Move.objects.filter(kind="allocate")
    assert sorted((m.lot, int(m.units)) for m in taken) == [("EARLY", 1), ("EARLY", 2), ("LATE", 1)]
    assert not Hold.objects.exists()
    assert queries.compare_ledger_with_levels() == []


def test_orders_of_a_batch_are_taken_whole_beside_one_that_waits() -> None:
    stock_up(units=5)

    outcomes = place(
        order_of(("OOLONG-150", 2), external_id="A"),
        order_of(("OOLONG-150", 9), external_id="B", if_short="wait"),
        order_of(("OOLONG-150", 3), external_id="C"),
    )

    assert [one.state for one in outcomes] == ["allocated", "placed", "allocated"]
    assert [int(b.units) for b in Backorder.objects.all()] == [9]
    assert promised() == (5, 5, 0)
    assert queries.compare_ledger_with_levels() == []


def test_orders_find_fresh_goods_behind_many_places_with_old_ones_singly_and_together() -> None:
    oolong = stock_up(units=0)
    put_fresh_days(minimum_days=30, channel="shop", product_id=oolong, decided_by="mei", moment=NOON)
    stores = [f"STORE-{number}" for number in range(5)]
    for number, code in enumerate((*stores, "TAINAN")):
        make_place(code=code, name=code)
        move = opening(product_id=oolong, units=5, place=code, lot=str(number))
        keeps = dt.timedelta(days=40 if code == "TAINAN" else 10)
        inventory.record_moves(moves=[replace(move, expires_date=NOON.date() + keeps)])

    outcomes = place(order_of(("OOLONG-150", 1), external_id="A"))
    outcomes += place(*(order_of(("OOLONG-150", 2), external_id=f"B-{number}") for number in range(3)))

    assert [one.outcome for one in outcomes] == ["added", "added", "added", "refused"]
    assert promised(at="TAINAN") == (5, 5, 0)
    assert queries.compare_ledger_with_levels() == []


def test_an_order_is_split_over_two_places_only_when_it_must_be() -> None:
    stock_up(units=5)
    stock_up(sku="MATCHA-30", units=0)
    stock_up(units=1, place="TAICHUNG")
    stock_up(sku="MATCHA-30", units=5, place="TAICHUNG")

    place(order_of(("OOLONG-150", 1), ("MATCHA-30", 1)), order_of(("OOLONG-150", 2), ("MATCHA-30", 1), external_id="B"))

    served = [
        sorted(FulfilmentOrder.objects.filter(order__external_id=name).values_list("place__code", flat=True))
        for name in ("A-1", "B")
    ]
    assert served == [["TAICHUNG"], [KEELUNG, "TAICHUNG"]]


def test_a_bundle_takes_its_components_from_the_shelf() -> None:
    oolong = stock_up(units=5)
    matcha = stock_up(sku="MATCHA-30", units=2)
    box = stock_up(sku="GIFT-BOX", units=0)
    BundleComponent.objects.create(bundle_id=box, component_id=oolong, units=Decimal(2))
    BundleComponent.objects.create(bundle_id=box, component_id=matcha, units=Decimal(1))

    first, second = place(order_of(("GIFT-BOX", 2)), order_of(("GIFT-BOX", 1), external_id="B"))

    assert (first.outcome, second.outcome) == ("added", "refused")
    assert (promised(), promised("MATCHA-30")) == ((5, 4, 0), (2, 2, 0))


def test_what_a_bundle_takes_is_planned_again_under_its_own_name_also_beside_a_line_of_its_own() -> None:
    oolong = stock_up(units=5)
    box = stock_up(sku="GIFT-BOX", units=0)
    BundleComponent.objects.create(bundle_id=box, component_id=oolong, units=Decimal(2))

    place(order_of(("GIFT-BOX", 1), ("OOLONG-150", 1)))

    marks = DirtyMark.objects.filter(kind="position").values_list("subject_key", flat=True)
    assert list(marks) == ["OOLONG-150|KEELUNG"]


def test_an_unpaid_order_of_a_later_day_waits_with_its_goods_promised() -> None:
    stock_up(units=5)

    (outcome,) = place(order_of(("OOLONG-150", 1), payment="unpaid", not_before_date=dt.date(2026, 12, 24)))

    order = Order.objects.get(pk=outcome.order_id)
    assert (order.state, order.hold_reasons) == ("allocated", ["awaiting_payment", "requested_date"])
    assert order.paid_minor == 0


def test_a_cart_becomes_an_order_with_what_it_held() -> None:
    oolong = stock_up(units=3)
    wanted = allocating.Wanted(demand_key="1", product_id=oolong, place_code=KEELUNG, units=Decimal(3))
    later = NOON + dt.timedelta(minutes=10)
    allocating.hold_units(hold_key="cart:shop:c7", wanted=[wanted], moment=NOON, expires_at=later)

    stranger, owner = place(
        order_of(("OOLONG-150", 1), external_id="X"), order_of(("OOLONG-150", 3), external_id="Y", cart_id="c7")
    )

    assert (stranger.outcome, owner.outcome) == ("refused", "added")
    assert promised() == (3, 3, 0)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"ordered_at": NOON + dt.timedelta(days=10)}, "order_intake.in_future"),
        ({"ordered_at": NOON - dt.timedelta(days=40)}, "fulfil.too_old"),
        ({"currency": "USD"}, "fulfil.wrong_currency"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused_with_the_reason(more: dict[str, object], code: str) -> None:
    stock_up(units=5)

    (outcome,) = place(order_of(("OOLONG-150", 1), **more))

    assert (outcome.outcome, outcome.fault and outcome.fault.code) == ("refused", code)


def test_half_a_tea_cake_cannot_be_ordered_unless_it_is_sold_by_weight() -> None:
    stock_up(units=5)

    (refused,) = place(order_of(("OOLONG-150", "0.5")))
    Product.objects.update(is_sold_in_fractions=True)
    (taken,) = place(order_of(("OOLONG-150", "0.5")))

    assert (refused.fault and refused.fault.code, taken.outcome) == ("fulfil.units_not_whole", "added")


def test_a_shop_without_a_place_is_told_to_make_one() -> None:
    from tests.factories.catalog import make_product

    make_product()

    (outcome,) = place(order_of(("OOLONG-150", 1)))

    assert outcome.fault is not None
    assert outcome.fault.code == "fulfil.no_place"


def test_a_guest_is_a_customer_of_one_order_and_a_known_buyer_stays_one_person() -> None:
    from reorder.flows.order_intake import Buyer

    stock_up(units=9)

    place(
        order_of(("OOLONG-150", 1)),
        order_of(("OOLONG-150", 1), external_id="A-2"),
        order_of(("OOLONG-150", 1), external_id="A-3", buyer=Buyer()),
    )

    assert sorted(Customer.objects.values_list("key", flat=True)) == ["shop:mei", "shop:order:A-3"]
    assert Address.objects.count() == 2


def test_an_order_that_others_write_while_we_wait_twice_is_seen_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stock_up(units=5)
    place(order_of(("OOLONG-150", 1)))
    seen, looks = placing.books.find_known_orders, []

    def two_looks_too_early(**given: Any) -> dict[str, Any]:
        looks.append(1)
        return {} if len(looks) <= 2 else seen(**given)

    monkeypatch.setattr(placing.books, "find_known_orders", two_looks_too_early)

    (again,) = place(order_of(("OOLONG-150", 1)))

    assert (again.outcome, len(looks)) == ("unchanged", 3)
    assert promised() == (5, 1, 0)
    assert Order.objects.count() == 1
