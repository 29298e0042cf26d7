"""Discounts, coupons and orders that use them, in New Taiwan dollars."""

import datetime as dt
from decimal import Decimal
from typing import Any

from reorder.domain.customers.models import Customer
from reorder.domain.orders.models import Order
from reorder.domain.orders.price_rules import NewPriceRule, PriceRuleRow, create_price_rule

NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)


def make_customer(*, key: str = "mei") -> Customer:
    return Customer.objects.get_or_create(key=key, defaults={"name": key.capitalize()})[0]


def make_order(*, number: str = "R-1", customer: Customer | None = None, **more: Any) -> Order:
    """An order of ours of NT$900 that waits for payment."""
    values: dict[str, Any] = {
        "channel": "portal",
        "external_id": number,
        "customer": customer or make_customer(),
        "ordered_at": NOON,
        "currency": "TWD",
        "state": "placed",
        "fulfilment": "reorder",
        "payment_state": "unpaid",
        "hold_reasons": ["awaiting_payment"],
        "goods_minor": 90_000,
        "total_minor": 90_000,
        "content_hash": number,
    }
    return Order.objects.create(**(values | more))


def terms(code: str = "TEA10", **more: Any) -> NewPriceRule:
    """Ten percent off with the coupon TEA10."""
    values: dict[str, Any] = {
        "code": code,
        "name": f"Offer {code}",
        "is_coupon": True,
        "kind": "percent",
        "currency": "TWD",
        "share": Decimal("0.1"),
    }
    return NewPriceRule(**(values | more))


def make_rule(code: str = "TEA10", **more: Any) -> PriceRuleRow:
    return create_price_rule(terms=terms(code, **more), created_by="Lin")
