"""Orders of one customer become one, and one becomes two again: nothing is lost, and the sums are right."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reorder.domain.inventory.models import Move
from reorder.domain.orders.errors import BadOrderChange, OrderMovedOn, OrdersDiffer, UnknownLine, UnknownOrder
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.payments.models import Payment
from reorder.domain.payments.queries import compare_payments_with_entries
from reorder.domain.warehouse.models import FulfilmentLine
from reorder.flows import fulfil, paying
from reorder.flows.fulfil import OrderChanges, Totals, timely
from reorder.flows.order_intake import Buyer
from tests.factories.order_life import LATER, events_of, ledger_agrees, level, parcel_of, parcels_of, placed, state_of
from tests.factories.placing import MEI, MERCHANT, stock_up

pytestmark = pytest.mark.django_db


def lines_of(order_id: int) -> list[tuple[str, str, int]]:
    found = OrderLine.objects.filter(order_id=order_id).order_by("pk").select_related("product")
    return [(line.line_key, line.product.sku, int(line.units)) for line in found]


def goods_of(order_id: int) -> list[tuple[str, str, int]]:
    """What live parcels send: place, SKU, units."""
    found = FulfilmentLine.objects.filter(fulfilment__order_id=order_id).exclude(fulfilment__state="cancelled")
    return sorted((one.fulfilment.place.code, one.product.sku, int(one.units)) for one in found)


def money_of(order_id: int) -> tuple[int | None, ...]:
    o = Order.objects.get(pk=order_id)
    return (o.goods_minor, o.discount_minor, o.shipping_minor, o.total_minor, o.paid_minor, o.refunded_minor)


def two_orders(**more: object) -> tuple[int, int]:
    stock_up(units=10)
    stock_up(sku="MATCHA-30", units=10)
    fee = Totals(goods_minor=90_000, shipping_minor=6_000, discount_minor=1_000, total_minor=95_000)
    first = placed(("OOLONG-150", 2), external_id="A", totals=fee, **more)
    second = placed(("OOLONG-150", 1), ("MATCHA-30", 1), external_id="B", **more)
    return first, second


def test_two_orders_become_one_parcel_and_one_sum() -> None:
    first, second = two_orders()

    done = fulfil.merge_orders(order_ids=[second, first], actor=MERCHANT, moment=LATER)

    assert (done.order_id, done.state, done.merged_order_ids, done.total_minor) == (
        first,
        "allocated",
        (second,),
        185_000,
    )
    assert lines_of(first) == [("1", "OOLONG-150", 2), ("B/1", "OOLONG-150", 1), ("2", "MATCHA-30", 1)]
    assert goods_of(first) == [
        ("KEELUNG", "MATCHA-30", 1),
        ("KEELUNG", "OOLONG-150", 1),
        ("KEELUNG", "OOLONG-150", 2),
    ]
    assert (parcels_of(first), parcels_of(second)) == ([("KEELUNG", "allocated")], [("KEELUNG", "cancelled")])
    assert money_of(first) == (180_000, 1_000, 6_000, 185_000, 185_000, 0)
    assert money_of(second) == (0, 0, 0, 0, 0, 0)
    other = Order.objects.get(pk=second)
    assert (other.state, other.merged_into_id) == ("cancelled", first)
    assert events_of(second)[-1] == ("cancelled", "allocated", "cancelled")
    assert events_of(first)[-1] == ("merged", "allocated", "allocated")
    assert (level(), level("MATCHA-30")) == ((10, 3), (10, 1))
    fulfil.release_order(order_id=first, actor=MERCHANT, moment=LATER)
    fulfil.ship_fulfilment(fulfilment_id=parcel_of(first), actor=MERCHANT, moment=LATER)
    assert (state_of(first), level(), level("MATCHA-30")) == ("shipped", (7, 0), (9, 0))
    assert ledger_agrees()


def test_a_merged_order_lives_again_when_its_lines_are_split_off() -> None:
    first, second = two_orders()
    before = (lines_of(second), money_of(first), money_of(second))
    fulfil.merge_orders(order_ids=[first, second], actor=MERCHANT, moment=LATER)

    done = fulfil.split_order(order_id=first, line_keys=["B/1", "2"], actor=MERCHANT, moment=LATER)

    assert (done.new_order_id, done.new_external_id, done.state) == (second, "B", "allocated")
    assert (lines_of(second), money_of(first), money_of(second)) == before
    assert Order.objects.get(pk=second).merged_into_id is None
    assert (goods_of(first), len(goods_of(second))) == ([("KEELUNG", "OOLONG-150", 2)], 2)
    assert events_of(second)[-1] == ("revived", "cancelled", "allocated")
    for order_id in (first, second):
        fulfil.release_order(order_id=order_id, actor=MERCHANT, moment=LATER)
        fulfil.ship_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)
    assert (level(), level("MATCHA-30")) == ((7, 0), (9, 0))
    assert ledger_agrees()


def test_one_order_becomes_two_with_their_share_of_the_money() -> None:
    stock_up(units=10)
    stock_up(sku="MATCHA-30", units=10)
    totals = Totals(goods_minor=135_000, shipping_minor=6_000, total_minor=141_000)
    order_id = placed(("OOLONG-150", 2), ("MATCHA-30", 1), totals=totals)

    done = fulfil.split_order(order_id=order_id, line_keys=["2"], actor=MERCHANT, moment=LATER)

    assert (done.new_external_id, done.state) == ("A-1-2", "allocated")
    assert money_of(order_id) == (90_000, 0, 6_000, 96_000, 96_000, 0)
    assert money_of(done.new_order_id) == (45_000, 0, 0, 45_000, 45_000, 0)
    assert goods_of(done.new_order_id) == [("KEELUNG", "MATCHA-30", 1)]
    assert events_of(done.new_order_id) == [("placed", "", "allocated")]
    assert (
        fulfil.cancel_order(order_id=done.new_order_id, reason="", actor=MERCHANT, moment=LATER).refund_minor == 45_000
    )
    assert (level("MATCHA-30"), level()) == ((10, 0), (10, 2))
    assert ledger_agrees()


def test_what_waits_and_what_is_there_stay_two_parcels_of_one_order() -> None:
    stock_up(units=2)
    first = placed(("OOLONG-150", 2), external_id="A")
    second = placed(("OOLONG-150", 1), external_id="B", if_short="wait")

    done = fulfil.merge_orders(order_ids=[first, second], actor=MERCHANT, moment=LATER)

    assert done.state == "placed"
    assert sorted(parcels_of(first)) == [("KEELUNG", "allocated"), ("KEELUNG", "waiting")]
    assert Order.objects.get(pk=first).hold_reasons == ["out_of_stock"]
    split = fulfil.split_order(order_id=first, line_keys=["B/1"], actor=MERCHANT, moment=LATER)
    assert (state_of(first), split.state) == ("allocated", "placed")
    assert Order.objects.get(pk=second).hold_reasons == ["out_of_stock"]
    assert ledger_agrees()


def test_what_people_hold_one_order_for_holds_the_merged_one() -> None:
    first, second = two_orders()
    fulfil.hold_order(order_id=second, reason="fraud", actor=MERCHANT, moment=LATER)

    fulfil.merge_orders(order_ids=[first, second], actor=MERCHANT, moment=LATER)

    assert Order.objects.get(pk=first).hold_reasons == ["fraud"]


def test_what_both_orders_were_asked_for_is_asked_for_once() -> None:
    first, second = two_orders(payment="unpaid")
    for order_id in (first, second):
        paying.ask_payment(order_id=order_id, provider="manual", key=f"ask-{order_id}", actor="mei", moment=LATER)

    fulfil.merge_orders(order_ids=[first, second], actor=MERCHANT, moment=LATER)
    asked = [(one.order_id, one.state, one.amount_minor) for one in Payment.objects.order_by("pk")]
    assert asked == [(first, "waiting", 185_000), (first, "ended", 90_000)]
    fulfil.split_order(order_id=first, line_keys=["B/1", "2"], actor=MERCHANT, moment=LATER)

    asked = [(one.order_id, one.state, one.amount_minor) for one in Payment.objects.order_by("pk")]
    assert asked == [(first, "waiting", 95_000), (second, "waiting", 90_000)]


def test_a_refund_that_is_on_its_way_goes_with_the_money() -> None:
    first, second = two_orders()
    fulfil.cancel_line(order_id=second, line_key="2", reason="", actor=MERCHANT, moment=LATER)

    fulfil.merge_orders(order_ids=[first, second], actor=MERCHANT, moment=LATER)
    assert timely.take_order_steps(moment=LATER) == 1

    assert money_of(first) == (135_000, 1_000, 6_000, 140_000, 185_000, 45_000)
    assert money_of(second) == (0, 0, 0, 0, 0, 0)
    assert ledger_agrees()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"buyer": Buyer(key="chen", name="陳")}, "they are of different customers"),
        ({"ship_to": replace(MEI, line1="松仁路 2 號")}, "they go to different addresses"),
        ({"payment": "cash_on_delivery"}, "they are paid in different ways"),
        ({"ship_method": "store"}, "they are shipped in different ways"),
    ],
)
def test_orders_that_differ_stay_apart(more: dict[str, object], reason: str) -> None:
    stock_up(units=10)
    first = placed(("OOLONG-150", 1), external_id="A")
    second = placed(("OOLONG-150", 1), external_id="B", **more)

    with pytest.raises(OrdersDiffer, match=reason):
        fulfil.merge_orders(order_ids=[first, second], actor=MERCHANT, moment=LATER)

    assert (state_of(first), state_of(second)) == ("allocated", "allocated")


def test_an_order_that_moved_on_is_neither_merged_nor_split() -> None:
    first, second = two_orders()
    fulfil.release_order(order_id=second, actor=MERCHANT, moment=LATER)

    with pytest.raises(OrderMovedOn):
        fulfil.merge_orders(order_ids=[first, second], actor=MERCHANT, moment=LATER)
    with pytest.raises(OrderMovedOn):
        fulfil.split_order(order_id=second, line_keys=["1"], actor=MERCHANT, moment=LATER)
    with pytest.raises(OrdersDiffer):
        fulfil.merge_orders(order_ids=[first, first], actor=MERCHANT, moment=LATER)
    with pytest.raises(UnknownOrder):
        fulfil.merge_orders(order_ids=[first, 4711], actor=MERCHANT, moment=LATER)
    with pytest.raises(UnknownLine):
        fulfil.split_order(order_id=first, line_keys=["9"], actor=MERCHANT, moment=LATER)
    with pytest.raises(BadOrderChange):
        fulfil.split_order(order_id=first, line_keys=["1"], actor=MERCHANT, moment=LATER)


def test_lines_that_changed_since_do_not_bring_the_old_sum_back() -> None:
    first, second = two_orders()
    fulfil.merge_orders(order_ids=[first, second], actor=MERCHANT, moment=LATER)
    fulfil.edit_order(order_id=first, changes=OrderChanges(units={"B/1": Decimal(3)}), actor=MERCHANT, moment=LATER)

    done = fulfil.split_order(order_id=first, line_keys=["B/1", "2"], actor=MERCHANT, moment=LATER)

    assert done.new_order_id != second
    assert (money_of(first)[3:5], money_of(done.new_order_id)[3:5]) == ((95_000, 95_000), (180_000, 90_000))
    both = Order.objects.filter(pk__in=[first, done.new_order_id]).order_by("pk")
    assert [(one.payment_state, one.hold_reasons) for one in both] == [
        ("paid", []),
        ("unpaid", ["awaiting_payment"]),
    ]
    assert Move.objects.filter(kind="ship").count() == 0
    assert ledger_agrees()


def test_each_half_of_a_paid_order_gives_its_own_money_back() -> None:
    stock_up(units=10)
    stock_up(sku="MATCHA-30", units=10)
    order_id = placed(("OOLONG-150", 2), ("MATCHA-30", 1), payment="unpaid")
    paying.receive_payment(order_id=order_id, key="came", actor="mei", moment=LATER)

    done = fulfil.split_order(order_id=order_id, line_keys=["2"], actor=MERCHANT, moment=LATER)
    assert compare_payments_with_entries() == []
    back = [
        paying.refund_order(order_id=one, key=f"back {one}", actor="mei", moment=LATER).amount_minor
        for one in (order_id, done.new_order_id)
    ]

    assert back == [90_000, 45_000]
    assert [money_of(one)[-2:] for one in (order_id, done.new_order_id)] == [(90_000, 90_000), (45_000, 45_000)]
    assert compare_payments_with_entries() == []
