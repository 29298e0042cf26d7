"""The price of a cart: what is loaded, what is refused, and what an order keeps of it."""

from decimal import Decimal

import pytest
from django.conf import settings

from reorder.domain.catalog.bundles import Component, put_bundle
from reorder.domain.catalog.models import Category, Product
from reorder.domain.orders.price_tables import put_category_tax_class, put_shipping_fee, put_tax_rate
from reorder.domain.orders.price_uses import settle_rule_uses
from reorder.engine.pricing import NotShipped
from reorder.flows.pricing import (
    CartLine,
    NoPointsHere,
    NotSold,
    UnknownSkus,
    WrongCurrency,
    details_of_price,
    list_ways_of_shipping,
    price_cart,
    uses_of_price,
)
from tests.factories.catalog import make_product
from tests.factories.placing import stock_up
from tests.factories.pricing import NOON, make_customer, make_order, make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tea() -> None:
    make_product(sku="OOLONG-150", price_minor=45_000)
    make_product(sku="MATCHA-30", price_minor=30_000)


def cart(*wanted, **more):
    lines = [CartLine(sku=sku, units=Decimal(units)) for sku, units in wanted or [("OOLONG-150", 2)]]
    return price_cart(**({"channel": "portal", "customer_id": None, "lines": lines, "moment": NOON} | more))


def fee(method="home", dollars=80, **more):
    values = {"name": method, "country": "", "postcode_start": "", "currency": "TWD", "free_from_minor": None}
    return put_shipping_fee(method=method, fee_minor=dollars * 100, decided_by="Lin", **(values | more))


def test_a_cart_costs_what_its_products_cost():
    made = cart(("OOLONG-150", 2), ("MATCHA-30", 1))

    assert (made.goods_minor, made.total_minor) == (120_000, 120_000)
    assert [line.line_key for line in made.lines] == ["1", "2"]


def test_a_price_that_staff_agreed_replaces_the_products():
    lines = [CartLine(sku="OOLONG-150", units=Decimal(2), unit_price_minor=40_000)]

    assert cart(lines=lines).total_minor == 80_000


def test_a_coupon_of_a_category_holds_for_what_is_below_it():
    tea = Category.objects.create(code="tea", name="Tea")
    oolong = Category.objects.create(code="oolong", name="Oolong", parent=tea)
    Product.objects.filter(sku="OOLONG-150").update(category=oolong)
    make_rule("TEA10", category_codes=("tea",))

    made = cart(("OOLONG-150", 2), ("MATCHA-30", 1), coupon_codes=["tea10"])

    assert [line.discount_minor for line in made.lines] == [9_000, 0]
    assert uses_of_price(priced=made) == {"TEA10": 9_000}


def test_a_coupon_of_another_channel_or_currency_is_unknown_here():
    make_rule("SHOPONLY", channels=("shopify",))
    make_rule("DOLLARS", kind="amount", share=None, amount_minor=500, currency="USD")

    made = cart(coupon_codes=["SHOPONLY", "DOLLARS"])

    assert [one.reason_code for one in made.refused_coupons] == ["price.refused.unknown"] * 2


def test_an_automatic_discount_needs_no_code():
    make_rule("AUTUMN", is_coupon=False)

    assert cart().total_minor == 81_000


def test_a_coupon_used_by_this_customer_as_often_as_allowed_is_told_but_not_to_others_or_the_order_itself():
    make_rule("ONCE", maximum_uses_per_customer=1)
    mei, wang = make_customer(key="mei"), make_customer(key="wang")
    order = make_order(customer=mei)
    settle_rule_uses(order_id=order.pk, discounts_minor={"ONCE": 9_000}, moment=NOON)

    again = cart(coupon_codes=["ONCE"], customer_id=mei.pk)
    other = cart(coupon_codes=["ONCE"], customer_id=wang.pk)
    itself = cart(coupon_codes=["ONCE"], customer_id=mei.pk, order_id=order.pk)

    assert [one.reason_code for one in again.refused_coupons] == ["price.refused.customer_used_up"]
    assert (again.total_minor, other.total_minor, itself.total_minor) == (90_000, 81_000, 81_000)


def test_shipping_and_tax_follow_the_address():
    fee("home", 80, country="TW")
    fee("home", 250, country="TW", postcode_start="880")
    fee("store", 60, country="TW")
    put_tax_rate(country="TW", tax_class="standard", share=Decimal("0.05"), name="Business tax", decided_by="Lin")

    taipei = cart(shipping_method="home", country="tw", postcode="106")
    penghu = cart(shipping_method="home", postcode="880-41")

    assert (taipei.total_minor, taipei.tax_included_minor) == (98_000, 4_700)
    assert penghu.total_minor == 115_000
    assert [(one.method, one.fee_minor) for one in list_ways_of_shipping(country="TW", postcode="880")] == [
        ("store", 6_000),
        ("home", 25_000),
    ]


def test_a_country_without_a_fee_is_not_shipped_to():
    fee("home", 80, country="TW")

    with pytest.raises(NotShipped):
        cart(shipping_method="home", country="JP", postcode="100")


def test_categories_taxed_otherwise_are(monkeypatch):
    monkeypatch.setattr(settings, "REORDER", _priced_without_tax())
    tea = Category.objects.create(code="tea", name="Tea")
    Product.objects.filter(sku="OOLONG-150").update(category=tea)
    put_tax_rate(country="", tax_class="standard", share=Decimal("0.05"), name="Tax", decided_by="Lin")
    put_tax_rate(country="", tax_class="fresh", share=Decimal(0), name="Untaxed", decided_by="Lin")
    put_category_tax_class(category_code="tea", tax_class="fresh", decided_by="Lin")

    made = cart(("OOLONG-150", 2), ("MATCHA-30", 1))

    assert (made.tax_added_minor, made.total_minor) == (1_500, 121_500)


def _priced_without_tax():
    import dataclasses

    return dataclasses.replace(settings.REORDER, prices_include_tax=False)


def test_what_cannot_be_bought_is_refused_by_name():
    make_product(sku="PUERH-357", price_minor=None)
    Product.objects.create(sku="US-TEA", name="Tea", currency="USD", price_minor=1_000)
    Product.objects.create(sku="OLD", name="Old", currency="TWD", price_minor=1_000, state="discontinued")

    with pytest.raises(UnknownSkus, match="no product NOPE, ZZZ"):
        cart(("ZZZ", 1), ("NOPE", 1))
    with pytest.raises(NotSold, match="PUERH-357 cannot be bought: it has no price"):
        cart(("PUERH-357", 1))
    with pytest.raises(NotSold, match="OLD cannot be bought: it is no longer sold"):
        cart(("OLD", 1))
    agreed = [CartLine(sku="OLD", units=Decimal(1), unit_price_minor=900)]
    assert cart(lines=agreed).goods_minor == 900
    with pytest.raises(WrongCurrency, match="US-TEA is priced in USD, the order in TWD"):
        cart(("US-TEA", 1))
    with pytest.raises(NoPointsHere):
        cart(points=5)
    with pytest.raises(UnknownSkus):
        cart(("a\x00b", 1))


def test_gifts_are_given_while_stock_lasts_and_an_order_keeps_its_own():
    make_product(sku="SAMPLE", price_minor=5_000)
    make_rule("TASTE", kind="gift", share=None, gift_sku="SAMPLE", is_coupon=False)
    order = make_order()

    assert [line.sku for line in cart().lines] == ["OOLONG-150"]
    assert [line.sku for line in cart(order_id=order.pk).lines] == ["OOLONG-150", "SAMPLE"]
    stock_up(sku="SAMPLE", units=1)
    assert [(line.sku, line.net_minor) for line in cart().lines] == [("OOLONG-150", 90_000), ("SAMPLE", 0)]


def test_a_gift_that_is_a_bundle_is_there_as_often_as_its_components():
    make_product(sku="SAMPLE", price_minor=5_000)
    make_product(sku="SET", price_minor=9_000)
    put_bundle(sku="SET", components=[Component(sku="SAMPLE", units=Decimal(3))])
    make_rule("TASTE", kind="gift", share=None, gift_sku="SET")
    stock_up(sku="SAMPLE", units=2)

    refused = cart(coupon_codes=["TASTE"])
    assert [one.reason_code for one in refused.refused_coupons] == ["price.refused.gift_gone"]
    stock_up(sku="SAMPLE", units=1, lot="SECOND")
    assert cart(coupon_codes=["TASTE"]).used_rule_codes == ("TASTE",)


def test_what_an_order_keeps_of_its_price_says_every_reason():
    make_rule("TEA10")

    kept = details_of_price(priced=cart(coupon_codes=["TEA10"]))

    assert kept["total_minor"] == 81_000
    assert kept["lines"] == {
        "1": [
            {
                "stage": "coupon",
                "rule": "TEA10",
                "amount_minor": 9_000,
                "reason_code": "price.percent",
                "reason_parameters": {"name": "Offer TEA10", "percent": "10"},
            }
        ]
    }


def test_a_cart_of_two_hundred_lines_takes_as_many_queries_as_one_of_two(django_assert_max_num_queries):
    for number in range(200):
        make_product(sku=f"TEA-{number}")
    make_rule("TEA10")

    with django_assert_max_num_queries(6):
        cart(*((f"TEA-{number}", 1) for number in range(200)), coupon_codes=["TEA10"])
