"""Whatever order merges, splits, payments and refunds come in, no money is made or lost."""

import numpy as np
import pytest
from django.db.models import Sum

from reorder.domain.orders.models import Order, OrderEvent, OrderLine, PriceRule, PriceRuleUse
from reorder.domain.orders.price_uses import settle_rule_uses
from reorder.domain.payments.queries import compare_payments_with_entries
from reorder.flows import fulfil, paying
from reorder.flows.fulfil import timely
from reorder.kernel.errors import ReorderError
from tests.factories.order_life import LATER, ledger_agrees, placed
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.pricing import make_rule

pytestmark = pytest.mark.django_db
STEPS = 25


def live(dice: np.random.Generator) -> int:
    found = Order.objects.exclude(state="cancelled").order_by("pk").values_list("pk", flat=True)
    return int(dice.choice(list(found)))


def line_of(order_id: int, dice: np.random.Generator) -> str:
    return str(dice.choice(list(OrderLine.objects.filter(order_id=order_id).values_list("line_key", flat=True))))


def take(turn: int, dice: np.random.Generator) -> None:
    """One of the things that can happen."""
    one, other = live(dice), live(dice)
    what = str(dice.choice(["merge", "merge", "split", "split", "pay", "ask", "refund", "cut", "cancel", "steps"]))
    amount = int(dice.integers(1, 30)) * 1_000
    given = {"actor": "mei", "moment": LATER}
    if what == "merge":
        fulfil.merge_orders(order_ids=[one, other], into_id=one, actor=MERCHANT, moment=LATER)
    elif what == "split":
        merged = Order.objects.filter(merged_into=one).first()
        lines = OrderLine.objects.filter(order_id=one).values_list("line_key", flat=True)
        keys = list(lines.filter(line_key__startswith=merged.external_id)) if merged else []
        fulfil.split_order(order_id=one, line_keys=keys or [line_of(one, dice)], actor=MERCHANT, moment=LATER)
    elif what == "pay":
        paying.receive_payment(order_id=one, key=f"pay {turn}", amount_minor=amount, **given)
    elif what == "ask":
        paying.ask_payment(order_id=one, provider="manual", key=f"ask {turn}", **given)
    elif what == "refund":
        paying.refund_order(order_id=one, key=f"back {turn}", amount_minor=amount, **given)
    elif what == "cut":
        fulfil.cancel_line(order_id=one, line_key=line_of(one, dice), reason="", actor=MERCHANT, moment=LATER)
    elif what == "cancel" and turn > STEPS // 2:
        fulfil.cancel_order(order_id=one, reason="", actor=MERCHANT, moment=LATER)
    else:
        timely.take_order_steps(moment=LATER)


def sums() -> tuple[int, int]:
    found = Order.objects.aggregate(paid=Sum("paid_minor"), refunded=Sum("refunded_minor"))
    return found["paid"], found["refunded"]


def came_and_went() -> tuple[int, int]:
    """By the events of orders: what came beside what was paid when they were placed, and what went back."""

    def amount(kind: str) -> int:
        return sum(one.details["amount_minor"] for one in OrderEvent.objects.filter(kind=kind))

    return amount("payment_received"), amount("refund_made")


@pytest.mark.parametrize("seed", range(6))
def test_no_money_and_no_coupon_is_made_or_lost(seed: int) -> None:
    dice = np.random.default_rng(seed)
    stock_up(units=200)
    stock_up(sku="MATCHA-30", units=200)
    make_rule("TEA10", maximum_uses=50)
    payment = "paid" if seed % 2 else "unpaid"
    for number in range(5):
        order_id = placed(("OOLONG-150", 2), ("MATCHA-30", 1), external_id=f"N{number}", payment=payment)
        if number % 2:
            settle_rule_uses(order_id=order_id, discounts_minor={"TEA10": 1_000}, moment=LATER)
    at_first = sums()[0]
    done = 0

    for turn in range(STEPS):
        if not Order.objects.exclude(state="cancelled").exists():
            break
        try:
            take(turn, dice)
        except ReorderError:
            continue
        done += 1
        came, went = came_and_went()
        assert sums() == (at_first + came, went), turn
        assert compare_payments_with_entries() == [], turn
        standing = PriceRuleUse.objects.aggregate(uses=Sum("uses"))["uses"]
        assert PriceRule.objects.get().uses_count == standing, turn
        for order in Order.objects.all():
            assert (order.total_minor or 0) >= 0, turn

    assert done >= 8
    for order in Order.objects.exclude(state="cancelled"):
        fulfil.cancel_order(order_id=order.pk, reason="", actor=MERCHANT, moment=LATER)
    timely.take_order_steps(moment=LATER)
    assert sums() == (at_first + came_and_went()[0],) * 2
    assert PriceRule.objects.get().uses_count == 0
    assert compare_payments_with_entries() == []
    assert ledger_agrees()
