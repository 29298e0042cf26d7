"""Orders as webhooks tell them."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.db import transaction

from reorder.domain.catalog.models import Product
from reorder.domain.channels.models import WebhookDelivery, WebhookMessage
from reorder.domain.customers.models import Customer
from reorder.domain.inventory.models import Place
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.planning.models import Alert
from reorder.domain.warehouse.models import FulfilmentLine, FulfilmentOrder
from reorder.flows import webhooks
from tests.factories.catalog import make_product

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def erp() -> None:
    webhooks.add_endpoint(given=webhooks.EndpointForm(url="https://erp.example.org/hook"), decided_by="Mei", moment=NOW)


def make_order(number: int = 1) -> Order:
    product = Product.objects.filter(sku="OOLONG-150").first() or make_product()
    mei, _ = Customer.objects.get_or_create(key="mei@example.org", defaults={"name": "Mei Lin 林美"})
    order = Order.objects.create(
        channel="shop", external_id=f"A-{number}", customer=mei, ordered_at=NOW, currency="TWD", state="allocated",
        fulfilment="reorder", payment_state="paid", ship_postcode="20241", goods_minor=900_00, discount_minor=50_50,
        shipping_minor=80_00, total_minor=929_50, paid_minor=929_50, content_hash=str(number),
    )  # fmt: skip
    line = OrderLine.objects.create(
        order=order, line_key="1", product_id=product.id, units=Decimal("2.500"), unit_price_minor=360_00,
        discount_minor=50_50,
    )  # fmt: skip
    place, _ = Place.objects.get_or_create(code="KEELUNG", defaults={"name": "Keelung warehouse"})
    sent = FulfilmentOrder.objects.create(order=order, place=place)
    FulfilmentLine.objects.create(fulfilment=sent, order_line=line, product_id=product.id, units=Decimal("2.500"))
    return order


def test_an_order_is_told_whole_in_exact_texts_and_without_anything_personal() -> None:
    order = make_order()
    with transaction.atomic():
        webhooks.announce_order(
            order_id=order.pk, kind="order.allocated", event_id=31, moment=NOW, facts={"reason": "stock came"}
        )
    text = WebhookMessage.objects.get().body
    document = json.loads(text)
    assert document["type"] == "order.allocated"
    sent = FulfilmentOrder.objects.get()
    assert document["data"] == {
        "event_id": "31",
        "reason": "stock came",
        "order": {
            "id": order.pk,
            "channel": "shop",
            "external_id": "A-1",
            "customer_id": order.customer_id,
            "ordered_at": "2026-11-23T01:30:00+00:00",
            "state": "allocated",
            "fulfilment": "reorder",
            "payment_state": "paid",
            "hold_reasons": [],
            "currency": "TWD",
            "goods": "900",
            "discount": "50.5",
            "shipping": "80",
            "tax_added": "0",
            "tax_included": "0",
            "total": "929.5",
            "paid": "929.5",
            "refunded": "0",
            "lines": [{"line_key": "1", "sku": "OOLONG-150", "units": "2.5", "unit_price": "360", "discount": "50.5"}],
            "fulfilments": [
                {
                    "id": sent.pk,
                    "place": "KEELUNG",
                    "state": "allocated",
                    "carrier": "",
                    "tracking_number": "",
                    "lines": [{"sku": "OOLONG-150", "units": "2.5"}],
                }
            ],
        },
    }
    for personal in ("mei@example.org", "林美", "Mei", "20241"):
        assert personal not in text


def test_many_orders_are_told_at_once_in_their_order_and_one_that_is_not_there_is_left_out() -> None:
    facts = [webhooks.OrderFact(order_id=make_order(number).pk, event_id=number) for number in range(1, 6)]
    with transaction.atomic():
        webhooks.announce_orders(
            kind="order.placed", orders=[*facts, webhooks.OrderFact(order_id=10**9, event_id=9)], moment=NOW
        )
    assert list(WebhookMessage.objects.order_by("pk").values_list("event_key", flat=True)) == ["1", "2", "3", "4", "5"]
    assert WebhookDelivery.objects.count() == 5


def test_outside_a_transaction_nothing_can_be_told() -> None:
    from unittest.mock import patch

    with patch("django.db.connection.in_atomic_block", new=False), pytest.raises(RuntimeError):
        webhooks.announce_order(order_id=1, kind="order.placed", event_id=1, moment=NOW)


def test_stock_that_runs_short_is_told_once_when_its_alert_is_opened() -> None:
    def open_alert(kind: str, sku: str) -> Alert:
        return Alert.objects.create(
            kind=kind, key=f"{sku}|KEELUNG", subject=sku, place_code="KEELUNG", severity=2, currency="TWD",
            probability=0.42, reason_code="alert.runs_out.none", reason_parameters={"percent": "42"},
            first_seen_at=NOW, last_seen_at=NOW,
        )  # fmt: skip

    alert = open_alert("runs_out", "OOLONG-150")
    open_alert("excess", "MATCHA-30")
    for _ in range(2):
        with transaction.atomic():
            webhooks.announce_low_stock(moment=NOW)
    document = json.loads(WebhookMessage.objects.get().body)
    assert document["type"] == "stock.low"
    assert document["data"] == {
        "event_id": str(alert.pk),
        "stock": {
            "sku": "OOLONG-150",
            "place": "KEELUNG",
            "alert": "runs_out",
            "severity": "warning",
            "probability": 0.42,
            "figures": {"percent": "42"},
        },
    }
