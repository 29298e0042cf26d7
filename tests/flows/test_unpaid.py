"""Orders whose bank transfer never came are cancelled, and nothing else is."""

import dataclasses
import datetime as dt
import logging
from decimal import Decimal

import pytest
from django.conf import settings

from reorder.domain.orders.models import Order, PriceRule
from reorder.domain.orders.price_uses import settle_rule_uses
from reorder.domain.payments.models import Payment
from reorder.flows import fulfil, paying, unpaid
from tests.factories.order_life import placed
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.pricing import NOON, make_order, make_rule

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(days=3)


@pytest.fixture(autouse=True)
def _account(monkeypatch):
    monkeypatch.setattr(settings, "REORDER", dataclasses.replace(settings.REORDER, transfer_account="007 123"))


def ask(order, *, key):
    return paying.ask_payment(order_id=order.pk, provider="bank_transfer", key=key, actor="Mei", moment=NOON).payment


def test_an_order_that_was_not_paid_in_time_is_cancelled_and_its_coupon_is_free_again():
    make_rule("LAST", maximum_uses=1)
    order = make_order()
    settle_rule_uses(order_id=order.pk, discounts_minor={"LAST": 100}, moment=NOON)
    ask(order, key="1")

    assert unpaid.cancel_unpaid_orders(moment=LATER - dt.timedelta(seconds=1)) == 0
    assert unpaid.cancel_unpaid_orders(moment=LATER) == 1
    assert unpaid.cancel_unpaid_orders(moment=LATER) == 0

    order.refresh_from_db()
    assert order.state == "cancelled"
    assert Payment.objects.get().state == "ended"
    assert PriceRule.objects.get().uses_count == 0


def test_an_order_that_was_paid_in_full_or_in_part_is_left_alone():
    paid, part = make_order(number="R-1"), make_order(number="R-2")
    for order, minor in ((paid, 90_000), (part, 100)):
        payment = ask(order, key=order.external_id)
        paying.confirm_payment(
            payment_id=payment.id, received_minor=minor, key=order.external_id, actor="Lin", moment=NOON
        )

    assert unpaid.cancel_unpaid_orders(moment=LATER) == 0
    part.refresh_from_db()
    assert part.state == "placed"


def test_orders_that_cannot_be_cancelled_do_not_keep_others_from_it():
    settled = [make_order(number=f"P-{number}") for number in range(3)]
    last = make_order(number="LAST")
    for order in (*settled, last):
        ask(order, key=order.external_id)
    # Paid elsewhere since: what was asked for stays open, and a person's.
    Order.objects.filter(pk__in=[order.pk for order in settled]).update(payment_state="paid")

    assert unpaid.cancel_unpaid_orders(moment=LATER, seconds=0.0) == 0
    assert unpaid.cancel_unpaid_orders(moment=LATER, page=1) == 1

    last.refresh_from_db()
    assert last.state == "cancelled"
    assert Payment.objects.filter(state="waiting").count() == 3


def test_an_order_that_owes_nothing_any_more_is_not_cancelled_for_what_it_was_asked():
    stock_up()
    order_id = placed(("OOLONG-150", 2), payment="unpaid")
    order = Order.objects.get(pk=order_id)
    give = {"amount_minor": 45_000, "currency": "TWD", "reason": "", "key": "give", "actor": "Lin", "moment": NOON}
    paying.give_store_credit(customer_id=order.customer_id, **give)
    paying.ask_payment(
        order_id=order_id, provider="store_credit", key="credit", actor="Mei", moment=NOON, amount_minor=45_000
    )
    ask(order, key="rest")
    cut = [fulfil.LineCut(line_key="1", units=Decimal(1))]
    fulfil.cancel_lines(order_id=order_id, cuts=cut, reason="", actor=MERCHANT, moment=NOON)

    assert list(Payment.objects.order_by("pk").values_list("state", flat=True)) == ["paid", "ended"]
    assert unpaid.cancel_unpaid_orders(moment=LATER) == 0
    order.refresh_from_db()
    assert (order.state, order.payment_state, order.hold_reasons) == ("allocated", "paid", [])


def test_money_that_differs_from_its_entries_is_told(caplog):
    ask(make_order(), key="1")
    assert unpaid.check_money() == 0

    Payment.objects.update(received_minor=100)

    with caplog.at_level(logging.ERROR):
        assert unpaid.check_money() == 2
    assert "money differs from its entries" in caplog.text
