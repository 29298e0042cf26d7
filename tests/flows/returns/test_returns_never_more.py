"""Whatever happens to the returns of an order in whatever order: never more units or money come back than were sold."""

import contextlib
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.domain.catalog.models import BundleComponent, Product
from reorder.domain.inventory.models import Level
from reorder.domain.orders.models import Order
from reorder.domain.warehouse.models import Return, ReturnLine, ReturnPiece
from reorder.domain.warehouse.return_rules import SoldLine, amounts_of, line_refund
from reorder.flows import returns
from reorder.flows.fulfil import Totals
from reorder.kernel.errors import ReorderError
from tests.factories.order_life import ledger_agrees
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.returning import BACK, came, delivered, graded, line_key, opened, refunded_of, settled

pytestmark = pytest.mark.django_db(transaction=True)


@settings(max_examples=200, deadline=None)
@given(
    units=st.integers(1, 12),
    net=st.integers(0, 100_000),
    parts=st.lists(st.integers(1, 12), min_size=1, max_size=12),
)
def test_shares_of_a_line_sum_to_its_worth_and_never_to_more(units: int, net: int, parts: list[int]) -> None:
    back, given_back = Decimal(0), 0
    for part in parts:
        taken = min(Decimal(part), units - back)
        line = SoldLine(
            order_line_id=1,
            units=Decimal(units),
            net_minor=net,
            returned_before=back,
            refunded_before_minor=given_back,
        )
        given_back += line_refund(line=line, units=taken)
        back += taken
        assert 0 <= given_back <= net
    if back == units:
        assert given_back == net


def test_tax_and_shipping_go_back_in_proportion_and_whole_only_with_everything() -> None:
    line = SoldLine(order_line_id=1, units=Decimal(3), net_minor=30_000)
    given = {"order_net_minor": 30_000, "tax_added_minor": 1_500, "shipping_minor": 100, "fee_minor": 60}
    part = amounts_of(lines=[(line, Decimal(1))], is_all_back=False, refunds_shipping=True, **given)
    assert (part.by_line, part.tax_added_minor, part.shipping_minor, part.total_minor) == ({1: 10_000}, 500, 0, 10_440)
    whole = amounts_of(lines=[(line, Decimal(3))], is_all_back=True, refunds_shipping=True, **given)
    assert whole.total_minor == 30_000 + 1_500 + 100 - 60


@pytest.mark.parametrize("seed", range(6))
def test_any_walk_of_returns_keeps_units_and_money_within_what_was_sold(seed: int) -> None:
    dice = np.random.default_rng(seed)
    stock_up(units=20)
    totals = Totals(goods_minor=225_000, discount_minor=0, shipping_minor=8_000, total_minor=233_000)
    order_id = delivered(("OOLONG-150", 5), totals=totals)
    steps = ("open", "decline", "come", "finish", "grade", "settle", "cancel")
    for turn in range(40):
        known = list(Return.objects.order_by("pk"))
        one = known[dice.integers(len(known))] if known else None
        with contextlib.suppress(ReorderError):
            _step(str(dice.choice(steps)), one=one, order_id=order_id, dice=dice, turn=turn)
        _never_more(order_id)
    assert ledger_agrees()


def _step(step: str, *, one: Return | None, order_id: int, dice: np.random.Generator, turn: int) -> None:
    units = int(dice.integers(1, 5))
    if one is None or step == "open":
        opened(order_id, units)
    elif step == "decline":
        returns.decline(return_id=one.pk, word="no", actor=MERCHANT, moment=BACK)
    elif step == "cancel":
        returns.cancel(return_id=one.pk, word="", actor=MERCHANT, moment=BACK)
    elif step == "come":
        came(one.pk, units, key=f"{one.pk}-{turn}")
    elif step == "finish":
        returns.finish_receiving(return_id=one.pk, actor=MERCHANT, moment=BACK)
    elif step == "settle":
        settled(one.pk, str(dice.choice(["refund", "credit", "exchange", "none"])))
    else:
        for piece in ReturnPiece.objects.filter(line__of_return=one, grade=""):
            graded(one.pk, piece, "ABCD"[int(dice.integers(4))])


def _never_more(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    assert 0 <= order.refunded_minor <= order.paid_minor
    lines = ReturnLine.objects.filter(of_return__order_id=order_id)
    live = lines.exclude(of_return__state__in=["declined", "cancelled", "expired"])
    assert sum(one.units for one in live) <= 5
    assert sum(one.received_units for one in lines) <= 5
    assert sum(one.refund_minor for one in lines) <= 225_000
    level = Level.objects.get(product__sku="OOLONG-150")
    assert level.on_hand_units <= 20


def test_parts_of_a_bundle_come_back_once_and_only_whole_ones_are_paid() -> None:
    stock_up(units=20)
    stock_up(sku="CUP-1", units=20)
    stock_up(sku="SET-1", units=0)
    bundle = Product.objects.get(sku="SET-1")
    for sku, units in (("OOLONG-150", 1), ("CUP-1", 2)):
        BundleComponent.objects.create(bundle=bundle, component=Product.objects.get(sku=sku), units=units)
    order_id = delivered(("SET-1", 2))
    first = opened(order_id, {"SET-1": 1})
    came(first, 1, sku="OOLONG-150", key="a")
    came(first, 1, sku="CUP-1", key="b")
    assert ReturnLine.objects.get().received_units == 0
    came(first, 1, sku="CUP-1", key="c")
    assert ReturnLine.objects.get().received_units == 1
    returns.finish_receiving(return_id=first, actor=MERCHANT, moment=BACK)
    for piece in ReturnPiece.objects.filter(grade=""):
        graded(first, piece)
    assert settled(first).refund_minor == 45_000

    second = returns.open_by_scan(code="A-1", place_code="KEELUNG", actor=MERCHANT, moment=BACK)
    came(second, 2, sku="CUP-1", key="d")
    with pytest.raises(ReorderError):
        came(second, 1, sku="CUP-1", key="e")
    returns.finish_receiving(return_id=second, actor=MERCHANT, moment=BACK)
    third = opened(order_id, {"SET-1": 1})
    with pytest.raises(ReorderError):
        came(third, 1, sku="CUP-1", key="f")
    assert refunded_of(order_id) == 45_000
    assert line_key(order_id, "SET-1")
    assert ledger_agrees()
