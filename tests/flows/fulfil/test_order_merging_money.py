"""What orders cost, paid, gave back and used of coupons goes with their lines when they become one, and two again."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reorder.domain.orders.models import Order, PriceRule, PriceRuleUse
from reorder.domain.orders.price_uses import count_rule_uses_of_order, settle_rule_uses
from reorder.domain.payments.credit import get_balance
from reorder.domain.payments.models import Payment
from reorder.domain.payments.queries import compare_payments_with_entries, list_payments_of_order
from reorder.flows import fulfil, paying
from reorder.flows.fulfil import OrderChanges, Totals, timely
from tests.factories.order_life import LATER, ledger_agrees, placed, state_of
from tests.factories.placing import MERCHANT, order_of, place, stock_up
from tests.factories.pricing import make_rule

pytestmark = pytest.mark.django_db

FEE = Totals(goods_minor=90_000, shipping_minor=6_000, discount_minor=1_000, total_minor=95_000)


@pytest.fixture(autouse=True)
def _shelves() -> None:
    stock_up(units=20)
    stock_up(sku="MATCHA-30", units=20)


def two_orders(**more: object) -> tuple[int, int]:
    """A of NT$950 and B of NT$900, of which B's lines become B/1 and 2 of A."""
    first = placed(("OOLONG-150", 2), external_id="A", totals=FEE, **more)
    second = placed(("OOLONG-150", 1), ("MATCHA-30", 1), external_id="B", **more)
    return first, second


def priced_by_us(number: str, code: str = "TEA10") -> int:
    """An order of two packs at NT$450 with ten percent off."""
    order = order_of(("OOLONG-150", 2), external_id=number)
    lines = (replace(order.lines[0], discount_minor=9_000),)
    totals = Totals(goods_minor=90_000, discount_minor=9_000, total_minor=81_000)
    (outcome,) = place(replace(order, lines=lines, totals=totals))
    assert outcome.order_id is not None
    settle_rule_uses(order_id=outcome.order_id, discounts_minor={code: 9_000}, moment=LATER)
    return outcome.order_id


def merge(*order_ids: int) -> None:
    fulfil.merge_orders(order_ids=order_ids, actor=MERCHANT, moment=LATER)


def split(order_id: int, *keys: str) -> int:
    return fulfil.split_order(order_id=order_id, line_keys=keys, actor=MERCHANT, moment=LATER).new_order_id


def cancel(order_id: int) -> int:
    return fulfil.cancel_order(order_id=order_id, reason="", actor=MERCHANT, moment=LATER).refund_minor


def edit(order_id: int, **units: int) -> None:
    changes = OrderChanges(units={key.strip("_"): Decimal(many) for key, many in units.items()})
    fulfil.edit_order(order_id=order_id, changes=changes, actor=MERCHANT, moment=LATER)


def refund(order_id: int, key: str, amount_minor: int | None = None) -> int:
    return paying.refund_order(
        order_id=order_id, key=key, actor="mei", moment=LATER, amount_minor=amount_minor
    ).amount_minor


def money(order_id: int) -> tuple[int | None, int, int]:
    """Total, paid, given back."""
    o = Order.objects.get(pk=order_id)
    return o.total_minor, o.paid_minor, o.refunded_minor


def payments(order_id: int) -> list[tuple[str, str, int, int, int]]:
    return [
        (one.provider, one.state, one.amount_minor, one.received_minor, one.refunded_minor)
        for one in list_payments_of_order(order_id=order_id)
    ]


def uses_left() -> int:
    return PriceRule.objects.get(code="TEA10").uses_count


def test_coupons_of_merged_orders_still_apply_when_the_one_order_is_edited() -> None:
    make_rule("TEA10", maximum_uses=5)
    first, second = priced_by_us("A"), priced_by_us("B")

    merge(first, second)
    assert (count_rule_uses_of_order(order_id=first), count_rule_uses_of_order(order_id=second)) == ({"TEA10": 2}, {})
    assert uses_left() == 2
    edit(first, _1=3)

    # Five packs at NT$450, ten percent off: the order that is one now uses the coupon once.
    assert money(first) == (202_500, 162_000, 0)
    assert (count_rule_uses_of_order(order_id=first), uses_left()) == ({"TEA10": 1}, 1)
    cancel(first)
    assert (count_rule_uses_of_order(order_id=first), uses_left()) == ({}, 0)


def test_a_cancelled_order_gives_the_coupons_back_of_those_that_were_merged_into_it_once() -> None:
    make_rule("TEA10", maximum_uses=5)
    first, second = priced_by_us("A"), priced_by_us("B")
    merge(first, second)

    for order_id in (first, first, second):
        cancel(order_id)

    assert uses_left() == 0
    assert sorted(PriceRuleUse.objects.values_list("order_id", "uses")) == sorted(
        [(first, 1), (second, 1), (second, -1), (first, 1), (first, -1), (first, -1)]
    )


def test_what_another_system_gave_off_is_not_priced_away_by_the_coupon_of_a_merged_order() -> None:
    make_rule("TEA10", maximum_uses=5)
    first = placed(("MATCHA-30", 2), external_id="A", totals=FEE)
    second = priced_by_us("B")

    merge(first, second)
    edit(first, **{"B/1": 1})

    assert money(first) == (95_000 + 40_500, 95_000 + 81_000, 0)
    assert (count_rule_uses_of_order(order_id=first), uses_left()) == ({"TEA10": 1}, 1)
    cancel(first)
    assert uses_left() == 0


def test_an_order_that_lives_again_has_its_coupon_again() -> None:
    make_rule("TEA10", maximum_uses=5)
    first, second = priced_by_us("A"), priced_by_us("B")
    merge(first, second)

    assert split(first, "B/1") == second

    assert [count_rule_uses_of_order(order_id=one) for one in (first, second)] == [{"TEA10": 1}, {"TEA10": 1}]
    cancel(second)
    assert (count_rule_uses_of_order(order_id=first), uses_left()) == ({"TEA10": 1}, 1)


def test_a_merged_order_that_was_priced_anew_is_divided_as_it_is_now() -> None:
    make_rule("TEA10", maximum_uses=5)
    first, second = priced_by_us("A"), priced_by_us("B")
    merge(first, second)
    edit(first, _1=1)

    new = split(first, "B/1")

    assert new != second
    assert (money(first), money(new)) == ((40_500, 81_000, 0), (81_000, 81_000, 0))
    assert (count_rule_uses_of_order(order_id=first), uses_left()) == ({"TEA10": 1}, 1)


def test_a_merged_order_that_gave_money_back_is_divided_and_owes_what_is_missing() -> None:
    first, second = two_orders()
    merge(first, second)
    assert refund(first, "back", 100_000) == 100_000

    new = split(first, "B/1", "2")

    assert new != second
    assert (money(first), money(new)) == ((95_000, 185_000, 100_000), (90_000, 0, 0))
    states = Order.objects.filter(pk__in=[first, new]).order_by("pk").values_list("payment_state", "hold_reasons")
    assert list(states) == [("part_refunded", []), ("unpaid", ["awaiting_payment"])]
    assert (compare_payments_with_entries(), ledger_agrees()) == ([], True)


def test_money_that_came_for_the_one_order_pays_both_that_it_becomes() -> None:
    first, second = two_orders(payment="unpaid")
    merge(first, second)
    paying.receive_payment(order_id=first, key="came", actor="mei", moment=LATER)

    new = split(first, "B/1", "2")

    assert (new != second, state_of(second), money(second)) == (True, "cancelled", (0, 0, 0))
    assert (money(first), money(new)) == ((95_000, 95_000, 0), (90_000, 90_000, 0))
    assert Order.objects.get(pk=new).hold_reasons == []
    assert compare_payments_with_entries() == []


def test_store_credit_that_paid_an_order_goes_back_as_store_credit_from_either_half() -> None:
    order_id = placed(("OOLONG-150", 2), ("MATCHA-30", 1), payment="unpaid")
    customer_id = Order.objects.get().customer_id
    paying.give_store_credit(
        customer_id=customer_id, amount_minor=135_000, currency="TWD", reason="", key="g", actor="mei", moment=LATER
    )
    paying.ask_payment(order_id=order_id, provider="store_credit", key="ask", actor="mei", moment=LATER)

    new = split(order_id, "2")

    assert (money(order_id), money(new)) == ((90_000, 90_000, 0), (45_000, 45_000, 0))
    assert payments(order_id) == [("store_credit", "paid", 135_000, 135_000, 45_000)]
    assert payments(new) == [("store_credit", "paid", 45_000, 45_000, 0)]
    assert compare_payments_with_entries() == []
    assert (cancel(new), timely.take_order_steps(moment=LATER)) == (45_000, 1)
    assert get_balance(customer_id=customer_id, currency="TWD") == 45_000
    assert refund(order_id, "rest") == 90_000
    assert get_balance(customer_id=customer_id, currency="TWD") == 135_000
    assert compare_payments_with_entries() == []


def test_what_an_order_was_asked_for_is_asked_of_each_half_for_itself() -> None:
    order_id = placed(("OOLONG-150", 2), ("MATCHA-30", 1), payment="unpaid")
    paying.ask_payment(order_id=order_id, provider="manual", key="ask", actor="mei", moment=LATER)

    new = split(order_id, "2")

    assert (payments(order_id), payments(new)) == (
        [("manual", "waiting", 90_000, 0, 0)],
        [("manual", "waiting", 45_000, 0, 0)],
    )
    assert Payment.objects.values("reference").distinct().count() == 2
    for one in (order_id, new):
        paying.receive_payment(order_id=one, key=f"came {one}", actor="mei", moment=LATER)
    assert (money(order_id), money(new)) == ((90_000, 90_000, 0), (45_000, 45_000, 0))
    assert compare_payments_with_entries() == []


def test_what_came_in_part_for_a_merged_order_is_not_asked_for_again() -> None:
    first, second = two_orders(payment="unpaid")
    for order_id in (first, second):
        paying.ask_payment(order_id=order_id, provider="manual", key=f"ask-{order_id}", actor="mei", moment=LATER)
    paying.receive_payment(order_id=second, key="part", actor="mei", moment=LATER, amount_minor=30_000)

    merge(first, second)

    assert payments(first) == [("manual", "waiting", 155_000, 0, 0), ("manual", "ended", 90_000, 30_000, 0)]
    assert split(first, "B/1", "2") == second
    assert (payments(first), payments(second)) == (
        [("manual", "waiting", 95_000, 0, 0)],
        [("manual", "part_paid", 90_000, 30_000, 0)],
    )
    assert compare_payments_with_entries() == []


def test_a_refund_that_waits_goes_back_with_the_order_that_lives_again() -> None:
    first, second = two_orders()
    fulfil.cancel_line(order_id=second, line_key="2", reason="", actor=MERCHANT, moment=LATER)
    merge(first, second)

    assert split(first, "B/1") == second
    assert timely.take_order_steps(moment=LATER) == 1

    assert (money(first), money(second)) == ((95_000, 95_000, 0), (45_000, 90_000, 45_000))
    assert compare_payments_with_entries() == []


def test_a_refund_that_was_made_meanwhile_leaves_both_halves_paid() -> None:
    first, second = two_orders()
    fulfil.cancel_line(order_id=second, line_key="2", reason="", actor=MERCHANT, moment=LATER)
    merge(first, second)
    assert timely.take_order_steps(moment=LATER) == 1

    new = split(first, "B/1")

    assert new != second
    assert (money(first), money(new)) == ((95_000, 140_000, 45_000), (45_000, 45_000, 0))
    assert set(Order.objects.exclude(pk=second).values_list("payment_state", flat=True)) == {"paid"}
    assert compare_payments_with_entries() == []


def test_money_on_its_way_back_pays_no_half() -> None:
    order_id = placed(("OOLONG-150", 2), ("MATCHA-30", 1))
    fulfil.cancel_line(order_id=order_id, line_key="2", reason="", actor=MERCHANT, moment=LATER)
    edit(order_id, _1=4)
    assert money(order_id) == (180_000, 135_000, 0)
    fulfil.edit_order(
        order_id=order_id,
        changes=OrderChanges(added=(fulfil.LineToAdd(sku="MATCHA-30", units=Decimal(1), unit_price_minor=0),)),
        actor=MERCHANT,
        moment=LATER,
    )
    edit(order_id, _1=1)

    new = split(order_id, "2")

    assert (money(order_id), money(new)) == ((45_000, 135_000, 0), (0, 0, 0))
    assert compare_payments_with_entries() == []


def test_a_discount_of_no_line_makes_no_half_cheaper_than_nothing() -> None:
    totals = Totals(goods_minor=90_000, discount_minor=80_000, total_minor=10_000)
    order_id = placed(("OOLONG-150", 1), ("MATCHA-30", 1), totals=totals)

    new = split(order_id, "2")

    assert (money(order_id), money(new)) == ((0, 0, 0), (10_000, 10_000, 0))


def test_the_tax_of_each_half_can_be_paid() -> None:
    totals = Totals(goods_minor=135_000, tax_added_minor=6_800, total_minor=141_800)
    order_id = placed(("OOLONG-150", 2), ("MATCHA-30", 1), totals=totals)

    new = split(order_id, "2")

    # A third of NT$68 is NT$22.67.
    assert (money(order_id), money(new)) == ((94_500, 94_500, 0), (47_300, 47_300, 0))


def test_what_two_merged_orders_had_paid_elsewhere_goes_back_whole() -> None:
    first, second = two_orders()
    assert refund(first, "kind", 10_000) == 10_000
    fulfil.edit_order(
        order_id=first,
        changes=OrderChanges(totals=replace(FEE, discount_minor=11_000, total_minor=85_000)),
        actor=MERCHANT,
        moment=LATER,
    )

    merge(first, second)

    assert refund(first, "all") == 175_000
    assert money(first) == (175_000, 185_000, 185_000)
    assert compare_payments_with_entries() == []
