"""The section Likely next basket of a customer's page, and Often bought together of a product's."""

import datetime as dt
import html
import re

import pytest
from django.test import Client

from reorder.domain.catalog.models import Product
from tests.factories.catalog import make_product
from tests.factories.customers import NOW
from tests.factories.messaging import buy, make_customer
from tests.factories.recommending import companions, recommended
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW)


def section_of(client: Client, path: str, *, name: str) -> str:
    """What one section of a page says."""
    answer = client.get(path)
    assert answer.status_code == 200
    [section] = re.findall(rf'<section[^>]*id="{name}">.*?</section>', answer.content.decode(), re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", section)))


def test_a_customers_page_names_the_likeliest_products_with_price_stock_and_reason(client: Client) -> None:
    mei = recommended(skus=["OOLONG-150", "MATCHA-30"], codes=["recommend.rhythm", "recommend.popular"])
    Product.objects.filter(sku="MATCHA-30").update(state="discontinued")

    sign_in(client)
    said = section_of(client, f"/customers/{mei.pk}/", name="likely")

    assert "Oolong 150 g NT$450" in said
    assert "Bought 6 times, usually every 24 days, last on 2026-10-26." in said
    assert "OOLONG-150 · stock is not counted" in said
    assert "Ranked for a visit from 2026-11-22 on." in said
    assert "Matcha" not in said


def test_a_page_says_why_there_is_no_list_yet(client: Client) -> None:
    sign_in(client, role="owner")
    new, old = make_customer(key="new"), make_customer(key="old")
    buy(customer=old, product=make_product(), ordered_at=dt.datetime(2026, 11, 10, 3, tzinfo=dt.UTC), number="N-1")

    assert "a next basket needs a first order" in section_of(client, f"/customers/{new.pk}/", name="likely")
    assert "Not ranked yet" in section_of(client, f"/customers/{old.pk}/", name="likely")


def test_a_list_of_which_nothing_can_be_had_says_so(client: Client) -> None:
    mei = recommended(skus=["OOLONG-150"])
    Product.objects.update(state="discontinued")

    sign_in(client)
    assert "Nothing can be offered" in section_of(client, f"/customers/{mei.pk}/", name="likely")


def test_a_products_page_names_what_goes_with_it(client: Client) -> None:
    companions(sku="OOLONG-150", others=["MATCHA-30"])
    sign_in(client, role="owner")
    oolong, matcha = Product.objects.get(sku="OOLONG-150"), Product.objects.get(sku="MATCHA-30")

    said = section_of(client, f"/products/{oolong.pk}/", name="companions")

    assert "Matcha 30 g MATCHA-30 19 4" in said
    assert "Nothing yet" in section_of(client, f"/products/{matcha.pk}/", name="companions")
