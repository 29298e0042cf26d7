"""The demonstration's live orders: the same every time, placed once, at every state; what they hold stays on the shelf."""

import datetime as dt

import polars as pl
import pytest

from reorder.domain.orders.models import Order
from reorder.flows.demo_shop.making import make_stock_after_sales
from reorder.flows.demo_shop.ordering import LIVE_ORDERS, make_live_orders, place_demo_orders
from reorder.insights.shop_window import frame_promised, list_sellable_products
from tests.factories.placing import stock_up

NOW = dt.datetime(2026, 11, 27, 6, 0, tzinfo=dt.UTC)


@pytest.mark.django_db(transaction=True)
def test_live_orders_are_placed_once_and_stand_at_every_state() -> None:
    for number in range(8):
        stock_up(sku=f"TEA-{number}", units=400)
    assert place_demo_orders(moment=NOW) == LIVE_ORDERS
    states = set(Order.objects.values_list("state", flat=True))
    assert states >= {"placed", "allocated", "shipped", "delivered"}
    reasons = {reason for reasons in Order.objects.values_list("hold_reasons", flat=True) for reason in reasons}
    assert reasons >= {"address", "awaiting_payment", "out_of_stock", "requested_date"}
    assert max(Order.objects.values_list("ordered_at", flat=True)) < NOW
    assert frame_promised()["promised_units"].sum() > 0


@pytest.mark.django_db(transaction=True)
def test_the_same_seed_makes_the_same_orders() -> None:
    for number in range(6):
        stock_up(sku=f"TEA-{number}", units=50 + number)
    products = list_sellable_products(limit=10)
    assert [one.sku for one in products][:2] == ["TEA-5", "TEA-4"]
    assert make_live_orders(products=products, moment=NOW) == make_live_orders(products=products, moment=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_shop_without_stock_has_no_live_orders() -> None:
    assert place_demo_orders(moment=NOW) == 0


def test_stock_of_a_later_day_never_falls_below_what_is_promised() -> None:
    position = pl.DataFrame({"sku": ["A", "B"], "place": ["K", "K"], "on_hand": [10, 10]})
    sold = pl.DataFrame({"sku": ["A", "B"], "place": ["K", "K"], "quantity": [9, 30]})
    promised = pl.DataFrame({"sku": ["A"], "place": ["K"], "promised_units": [4.0]})
    after = make_stock_after_sales(position=position, orders=sold, promised=promised)
    assert after["on_hand"].to_list() == [4, 0]
