"""From the cart to the order: what was seen is what is ordered, once; stock, coupons and money agree."""

import re
from decimal import Decimal
from typing import Any

import pytest

from reorder.domain.catalog.bundles import Component, put_bundle
from reorder.domain.catalog.models import Product
from reorder.domain.customers.carts import find_cart
from reorder.domain.customers.models import Cart
from reorder.domain.inventory.models import Hold
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.orders.models import Order, OrderEvent
from reorder.domain.orders.price_models import PriceRuleUse
from reorder.domain.orders.price_tables import put_shipping_fee
from reorder.flows import portal
from reorder.flows.paying import give_store_credit
from reorder.kernel import clock
from tests.factories.catalog import make_product
from tests.factories.messaging import make_reader
from tests.factories.order_life import level
from tests.factories.placing import stock_up
from tests.factories.portal import ADDRESS, Shopper, field, open_portal
from tests.factories.pricing import make_rule

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop(settings: Any) -> None:
    open_portal(settings)
    make_reader()
    stock_up(units=10)


def test_a_cart_becomes_one_order_with_its_price_stock_and_mail() -> None:
    put_shipping_fee(
        method="home", name="Home delivery", country="TW", postcode_start="", currency="TWD", fee_minor=8_000,
        free_from_minor=None, decided_by="Lin",
    )  # fmt: skip
    make_rule()
    mei = Shopper().enter()
    mei.put(units="2")
    mei.post("/shop/cart/coupon/", code=" tea10 ")
    cart = mei.page("/shop/cart/")
    assert "Offer TEA10: 10% off." in cart
    order = Order.objects.get(pk=mei.order(units="1").pk)
    assert (order.channel, order.state, order.payment_state) == ("portal", "allocated", "unpaid")
    assert (order.goods_minor, order.discount_minor, order.shipping_minor, order.total_minor) == (
        135_000, 13_500, 8_000, 129_500,
    )  # fmt: skip
    assert order.hold_reasons == ["awaiting_payment"]
    assert order.ship_to is not None
    assert (order.ship_to.name, order.ship_to.city, order.ship_method) == ("王美玲", "大安區", "home")
    assert level() == (10, 3)
    assert not Hold.objects.exists()
    assert PriceRuleUse.objects.get().rule.code == "TEA10"
    kinds = set(OrderEvent.objects.filter(order=order).values_list("kind", flat=True))
    assert {"placed", "allocated", "priced", "payment_asked"} <= kinds
    mail = OutboxMessage.objects.get(reason_code="shop.order_confirmed")
    assert order.external_id in mail.subject
    assert "NT$1,295" in mail.body_text
    assert "和平東路" not in mail.body_text + mail.body_html


def test_a_double_click_is_one_order() -> None:
    mei = Shopper().enter()
    mei.put()
    form = mei.form()
    answers = [mei.post("/shop/confirm/", **form)["Location"] for _ in range(3)]
    assert len(set(answers)) == 1
    assert Order.objects.count() == 1
    assert OutboxMessage.objects.filter(reason_code="shop.order_confirmed").count() == 1


def test_a_price_that_changed_is_shown_and_not_charged() -> None:
    mei = Shopper().enter()
    mei.put()
    form = mei.form()
    Product.objects.update(price_minor=50_000)
    answer = mei.post("/shop/confirm/", **form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The price or the goods changed since you looked." in page
    assert "Order for NT$1,000" in page
    assert not Order.objects.exists()
    assert mei.post("/shop/confirm/", **(form | {"seen": field(page, "seen")})).status_code == 302
    assert Order.objects.get().total_minor == 100_000


def test_another_address_that_costs_more_is_asked_again() -> None:
    for postcode, fee in (("", 6_000), ("88", 20_000)):
        put_shipping_fee(
            method="home", name="Home delivery", country="TW", postcode_start=postcode, currency="TWD",
            fee_minor=fee, free_from_minor=None, decided_by="Lin",
        )  # fmt: skip
    mei = Shopper().enter()
    mei.put()
    answer = mei.post("/shop/confirm/", **mei.form(postcode="880", region="澎湖縣", city="馬公市"))
    assert answer.status_code == 409
    assert "NT$200" in answer.content.decode()
    assert not Order.objects.exists()


def test_goods_that_are_gone_meanwhile_are_told_and_nothing_is_owed() -> None:
    mei = Shopper().enter()
    mei.put(units="2")
    form = mei.form()
    Hold.objects.all().delete()
    from reorder.domain.inventory.models import Level

    Level.objects.update(held_units=0)
    Shopper().enter("lin@example.net").order(units="9")
    answer = mei.post("/shop/confirm/", **form)
    assert answer.status_code == 409
    assert "Not everything is there any more. Nothing was ordered." in answer.content.decode()
    assert Order.objects.count() == 1


def test_what_one_cart_holds_no_other_gets() -> None:
    mei, lin = Shopper().enter(), Shopper().enter("lin@example.net")
    mei.put(units="8")
    assert "We hold these goods for you until" in mei.page("/shop/cart/")
    lin.put(units="3")
    page = lin.page("/shop/cart/")
    assert "Only 2 left" in page
    assert "Not everything is there in these numbers." in page
    assert "We hold these goods" not in page


def test_a_coupon_with_one_use_left_is_the_first_ones() -> None:
    make_rule(maximum_uses=1)
    mei, lin = Shopper().enter(), Shopper().enter("lin@example.net")
    for one in (mei, lin):
        one.put(units="1")
        one.post("/shop/cart/coupon/", code="TEA10")
    late = lin.form()
    assert mei.post("/shop/confirm/", **mei.form()).status_code == 302
    answer = lin.post("/shop/confirm/", **late)
    assert answer.status_code == 409
    assert Order.objects.count() == 1


def test_a_gift_and_a_bundle_show_what_they_are_made_of_and_take_their_components() -> None:
    stock_up(sku="MATCHA-30", units=5)
    bundle = make_product(sku="SET", price_minor=80_000)
    put_bundle(
        sku="SET",
        components=[Component(sku="OOLONG-150", units=Decimal(2)), Component(sku="MATCHA-30", units=Decimal(1))],
    )
    make_rule("GIFT", kind="gift", share=None, gift_sku="MATCHA-30", is_coupon=False)
    mei = Shopper().enter()
    mei.put("SET", "4")
    page = mei.page("/shop/cart/")
    assert "2 × Oolong 150 g" in page
    assert "A gift" in page
    assert "In stock now" in page
    form = mei.form()
    assert mei.post("/shop/confirm/", **form).status_code == 302
    assert level() == (10, 8)
    assert level("MATCHA-30") == (5, 5)
    placed = Order.objects.get()
    assert placed.total_minor == 320_000
    assert {line.product_id: line.units for line in placed.lines.all()}[bundle.pk] == 4


def test_a_bundle_has_as_many_as_the_least_of_its_components() -> None:
    stock_up(sku="MATCHA-30", units=2)
    make_product(sku="SET", price_minor=80_000)
    put_bundle(
        sku="SET",
        components=[Component(sku="OOLONG-150", units=Decimal(2)), Component(sku="MATCHA-30", units=Decimal(1))],
    )
    mei = Shopper().enter()
    mei.put("SET", "3")
    assert "Only 2 left" in mei.page("/shop/cart/")


def test_store_credit_pays_first_and_the_rest_is_paid_at_the_door() -> None:
    from reorder.domain.customers.models import Customer

    give_store_credit(
        customer_id=Customer.objects.get().pk, amount_minor=40_000, currency="TWD", reason="sorry", key="k",
        actor="Lin", moment=clock.current_moment(),
    )  # fmt: skip
    mei = Shopper().enter()
    mei.put(units="1")
    order = mei.post("/shop/confirm/", **mei.form(way="cash_on_delivery", credit="on"))
    assert order.status_code == 302
    placed = Order.objects.get()
    assert (placed.total_minor, placed.paid_minor, placed.payment_state) == (45_000, 40_000, "cash_on_delivery")
    assert placed.hold_reasons == []
    assert "NT$50 to pay" in mei.page(f"/shop/orders/{placed.pk}/")


def test_what_a_stranger_put_into_the_cart_comes_along_through_the_mail() -> None:
    stranger = Shopper()
    stranger.put(units="3")
    stranger.post("/shop/cart/coupon/", code="TEA10")
    stranger.enter()
    assert Cart.objects.get(customer__isnull=False).lines == [["OOLONG-150", "3"]]
    assert 'value="3"' in stranger.page("/shop/cart/")


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        ("0.5", "it is sold in whole units"),
        ("-1", "it is not a number above zero"),
        ("NaN", "it is not a number above zero"),
        ("1e9", "more than 9,999 units"),
        ("<b>", "it is not a number above zero"),
        ("", "it is not a number above zero"),
    ],
)
def test_units_that_cannot_be_bought_are_refused_with_the_reason(units: str, sentence: str) -> None:
    mei = Shopper().enter()
    answer = mei.put(units=units)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "<b>" not in answer.content.decode()


def test_a_product_that_is_no_longer_sold_stands_in_the_way_until_it_is_taken_out() -> None:
    mei = Shopper().enter()
    mei.put()
    Product.objects.update(state="discontinued")
    assert "Oolong 150 g is no longer sold." in mei.page("/shop/cart/")
    assert mei.get("/shop/confirm/")["Location"] == "/shop/cart/"
    mei.post("/shop/cart/change/", sku="OOLONG-150", to="0")
    assert "Your cart is empty" in mei.page("/shop/cart/")
    assert mei.put().status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("phone", "12"),
        ("postcode", "99"),
        ("region", "Atlantis"),
        ("city", ""),
        ("line1", ""),
        ("store_code", "??"),
        ("way", "gold"),
        ("name", "x" * 200),
    ],
)
def test_a_form_with_a_fault_orders_nothing_and_says_so(name: str, value: str) -> None:
    mei = Shopper().enter()
    mei.put()
    answer = mei.post("/shop/confirm/", **mei.form(**{name: value}))
    assert answer.status_code == 422
    assert not Order.objects.exists()


def test_html_sql_and_emoji_are_kept_as_they_are_and_shown_harmless() -> None:
    nasty = "<script>alert(1)</script> '; DROP TABLE orders_order; -- 🍵"
    mei = Shopper().enter()
    mei.put()
    answer = mei.post("/shop/confirm/", **mei.form(line1=nasty, note="👻 <img src=x>"))
    page = mei.page(answer["Location"])
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "🍵" in page
    assert re.search("<img src=x>", page) is None


def test_the_saved_address_is_offered_next_time_and_another_customers_is_not() -> None:
    mei = Shopper().enter()
    mei.order()
    mei.put()
    page = mei.page("/shop/confirm/")
    saved = re.findall(r'name="saved" value="(\d+)" checked', page)[0]
    assert mei.post("/shop/confirm/", **mei.form(saved=saved, line1="", phone="")).status_code == 302
    lin = Shopper().enter("lin@example.net")
    lin.put()
    assert ADDRESS["line1"] not in lin.page("/shop/confirm/")
    assert lin.post("/shop/confirm/", **lin.form(saved=saved, line1="")).status_code == 422


def test_another_customers_cart_cannot_be_ordered() -> None:
    mei, lin = Shopper().enter(), Shopper().enter("lin@example.net")
    mei.put()
    form = mei.form()
    lin.put()
    answer = lin.post("/shop/confirm/", **form)
    assert answer.status_code == 404
    assert not Order.objects.exists()


def test_what_two_tabs_put_in_at_once_all_stays_in_the_cart() -> None:
    stock_up(sku="MATCHA-30", units=5)
    moment = clock.current_moment()
    session, _secret = portal.open_visit(moment=moment)
    first = portal.add_goods(session=session, units_by_sku={"OOLONG-150": "1"}, moment=moment)
    portal.add_goods(session=session, units_by_sku={"MATCHA-30": "2"}, moment=moment)

    # The first tab comes to hold its goods only now.
    portal.hold_goods(cart=first, moment=moment)

    cart = find_cart(customer_id=None, session_id=session.id)
    assert cart is not None
    assert cart.lines == {"OOLONG-150": Decimal(1), "MATCHA-30": Decimal(2)}
