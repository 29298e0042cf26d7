"""The pages of discounts and coupons, taxes and shipping fees."""

import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.catalog.models import Category
from reorder.domain.orders.models import PriceRule
from reorder.domain.orders.price_tables import list_category_tax_classes, list_shipping_fees, list_tax_rates
from tests.factories.catalog import make_product
from tests.factories.pages import said
from tests.factories.pricing import make_rule
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
PERCENT = {"is_coupon": "yes", "code": "tea10", "name": "10% off tea", "percent": "10", "priority": "100"}


@pytest.fixture
def marketer(client: Client) -> Client:
    sign_in(client, role="marketer", name="Mei")
    return client


def seen_on(client: Client, address: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', client.get(address).content.decode())
    assert found
    return found[1]


def test_a_coupon_is_added_listed_changed_and_switched_off(marketer: Client) -> None:
    answer = marketer.post("/setup/prices/create/percent", PERCENT | {"is_combinable": "on", "maximum_uses": "50"})
    assert answer.headers["Location"] == "/setup/prices/"
    rule = PriceRule.objects.get()
    assert (rule.code, rule.share, rule.maximum_uses, rule.created_by) == ("TEA10", Decimal("0.1"), 50, "Mei")
    assert "TEA10 10% off tea 10% off all goods who names the code 0 of 50" in said(marketer.get("/setup/prices/"))

    page = f"/setup/prices/{rule.pk}/"
    changed = PERCENT | {"percent": "12.5", "minimum_goods": "1,000", "seen": seen_on(marketer, page)}
    assert marketer.post(f"{page}change", changed).headers["Location"] == page
    rule.refresh_from_db()
    assert (rule.share, rule.minimum_goods_minor, rule.is_combinable) == (Decimal("0.125"), 100_000, False)

    assert "TEA10 is off" in said(marketer.post(f"{page}off", follow=True))
    assert "TEA10" not in said(marketer.get("/setup/prices/"))
    assert "switched off" in said(marketer.get("/setup/prices/?tab=ended"))
    marketer.post(f"{page}on")
    assert PriceRule.objects.get().is_active


@pytest.mark.parametrize(
    ("kind", "given", "gives"),
    [
        ("amount", {"amount": "100"}, "NT$100 off"),
        ("free_shipping", {}, "free shipping"),
        ("buy_x_get_y", {"buy_units": "2", "get_units": "1", "percent": "100"}, "1 more at 100% off for 2 bought"),
        ("gift", {"gift_sku": "OOLONG-150", "gift_units": "2"}, "2 × OOLONG-150 as a gift"),
        ("percent", {"percent": "10", "maximum_discount": "200"}, "10% off, at most NT$200"),
    ],
)
def test_every_kind_can_be_added(marketer: Client, kind: str, given: dict[str, str], gives: str) -> None:
    make_product()
    assert marketer.get(f"/setup/prices/new/{kind}").status_code == 200

    answer = marketer.post(
        f"/setup/prices/create/{kind}", {"is_coupon": "no", "code": "X1", "name": "X", "priority": "1"} | given
    )

    assert answer.status_code == 302, said(answer)
    assert gives in said(marketer.get("/setup/prices/"))


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"code": "ä"}, "a code has 2 to 40 letters"),
        ({"code": "<script>"}, "a code has 2 to 40 letters"),
        ({"percent": "0"}, "greater than or equal to 0.01"),
        ({"percent": "101"}, "less than or equal to 100"),
        ({"minimum_goods": "much"}, "is not an amount of TWD"),
        ({"minimum_goods": "-5"}, "below zero"),
        ({"skus": "NOPE"}, "there is no such product. NOPE"),
        ({"starts_at": "2026-11-28T10:00", "ends_at": "2026-11-27T10:00"}, "It must end after it begins"),
        ({"starts_at": "9999-12-31T23:59"}, "This day is too far away"),
        ({"maximum_uses": "99999999999"}, "less than or equal to"),
        ({"name": "\x00"}, "Null characters"),
    ],
)
def test_what_cannot_be_a_coupon_is_said_and_nothing_is_saved(
    marketer: Client, given: dict[str, str], fault: str
) -> None:
    answer = marketer.post("/setup/prices/create/percent", PERCENT | given)

    assert answer.status_code == 422
    assert fault in said(answer)
    assert not PriceRule.objects.exists()


def test_a_code_that_is_taken_and_a_kind_that_is_not_there(marketer: Client) -> None:
    make_rule("TEA10")

    assert "There is a discount or coupon TEA10 already" in said(marketer.post("/setup/prices/create/percent", PERCENT))
    assert marketer.get("/setup/prices/new/magic").status_code == 404
    assert marketer.get("/setup/prices/999/").status_code == 404
    assert marketer.get("/setup/prices/?after=nonsense").status_code == 422


def test_a_page_that_saw_an_older_rule_shows_the_newer_one(marketer: Client) -> None:
    rule = make_rule("TEA10")

    answer = marketer.post(f"/setup/prices/{rule.id}/change", PERCENT | {"seen": "0" * 16})

    assert answer.status_code == 409
    assert "changed by somebody else meanwhile" in said(answer)


def test_the_list_takes_as_many_queries_for_fifty_rules_as_for_one(marketer: Client) -> None:
    def queries() -> int:
        marketer.get("/setup/prices/")
        with CaptureQueriesContext(connection) as captured:
            marketer.get("/setup/prices/")
        return len(captured)

    make_rule("FIRST")
    before = queries()
    for number in range(50):
        make_rule(f"MORE-{number}")
    assert queries() == before <= 12


def test_taxes_are_set_switched_and_given_to_categories(marketer: Client) -> None:
    Category.objects.create(code="tea", name="Tea")
    assert 'value="5"' in marketer.get("/setup/taxes/").content.decode()
    rate = {"country": "tw", "tax_class": "standard", "percent": "5", "name": "Business tax"}
    marketer.post("/setup/taxes/put", rate)
    marketer.post("/setup/taxes/put", rate | {"tax_class": "fresh", "percent": "0", "name": "Untaxed"})
    marketer.post("/setup/taxes/category", {"category": "tea", "category_class": "fresh"})

    assert [(row.country, row.share) for row in list_tax_rates()] == [("TW", Decimal(0)), ("TW", Decimal("0.05"))]
    assert list_category_tax_classes() == [("tea", "Tea", "fresh")]
    marketer.post(f"/setup/taxes/{list_tax_rates()[0].id}/switch", {"is_active": "no"})
    assert not list_tax_rates()[0].is_active
    refused = marketer.post("/setup/taxes/category", {"category": "nope", "category_class": "standard"})
    assert (refused.status_code, "there is no such category" in said(refused)) == (422, True)
    assert marketer.post("/setup/taxes/put", rate | {"country": "T1"}).status_code == 422
    assert marketer.post("/setup/taxes/999/switch", {"is_active": "no"}).status_code == 404


def test_fees_are_set_and_switched(marketer: Client) -> None:
    given = {"method": "home", "name": "Home delivery", "country": "TW", "fee": "80", "free_from": "1500"}
    marketer.post("/setup/shipping-fees/put", given)
    marketer.post("/setup/shipping-fees/put", given | {"postcode_start": "880", "fee": "250", "free_from": ""})

    assert [(row.postcode_start, row.fee_minor, row.free_from_minor) for row in list_shipping_fees()] == [
        ("", 8_000, 150_000),
        ("880", 25_000, None),
    ]
    assert "Home delivery home TW all NT$80 NT$1,500 in force" in said(marketer.get("/setup/shipping-fees/"))
    marketer.post(f"/setup/shipping-fees/{list_shipping_fees()[0].id}/switch", {"is_active": "no"})
    assert not list_shipping_fees()[0].is_active
    assert marketer.post("/setup/shipping-fees/put", given | {"fee": "-1"}).status_code == 422
    assert marketer.post("/setup/shipping-fees/put", given | {"method": "a b"}).status_code == 422


def test_others_see_none_of_it(client: Client) -> None:
    sign_in(client, role="buyer")

    for page in ("/setup/prices/", "/setup/taxes/", "/setup/shipping-fees/"):
        assert client.get(page).status_code == 403
    assert settings.REORDER.prices_include_tax
