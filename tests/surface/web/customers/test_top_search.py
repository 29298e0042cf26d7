"""The box on top of every page: what was typed, and only what the person may see."""

import datetime as dt

import pytest
from django.test import Client

from reorder.domain.catalog.models import Barcode
from reorder.domain.customers.models import Customer
from reorder.domain.orders.models import Order
from reorder.flows import restock
from tests.factories.catalog import make_product
from tests.factories.customers import NOW
from tests.factories.inventory import KEELUNG, make_place
from tests.factories.messaging import buy, give_address, make_customer
from tests.factories.purchasing import make_offer, make_supplier, propose
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW)


def make_shop() -> Customer:
    """Mei ordered oolong as #1001; her namesake did not."""
    mei, oolong = make_customer(key="C-001", name="王美玲"), make_product()
    make_customer(key="C-002", name="李美玲")
    give_address(customer=mei, address="Mei@Example.org")
    Barcode.objects.create(product=oolong, code="4710088412345", kind="gtin")
    buy(customer=mei, product=oolong, ordered_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC), number="#1001")
    return mei


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("C-001", "/customers/{mei}/"),
        ("mei@example.ORG", "/customers/{mei}/"),
        ("1001", "/orders/{order}/"),
        ("#1001", "/orders/{order}/"),
        ("oolong-150", "/products/{oolong}/"),
        ("4710088412345", "/products/{oolong}/"),
    ],
)
def test_what_is_named_exactly_opens_at_once(client: Client, typed: str, url: str) -> None:
    mei = make_shop()
    sign_in(client)
    answer = client.get("/search", {"q": typed})
    oolong, order = Barcode.objects.get().product_id, Order.objects.get().pk
    assert (answer.status_code, answer.url) == (302, url.format(mei=mei.pk, oolong=oolong, order=order))


def test_several_matches_are_listed_by_kind(client: Client) -> None:
    make_shop()
    sign_in(client)
    page = client.get("/search", {"q": "美玲"})
    assert {one["name"] for one in page.context["customers"]} == {"王美玲", "李美玲"}
    page = client.get("/search", {"q": "oolo"})
    assert [one.sku for one in page.context["found"].products] == ["OOLONG-150"]


def test_an_address_that_two_people_share_opens_neither(client: Client) -> None:
    make_shop()
    give_address(customer=Customer.objects.get(key="C-002"), address="mei@example.org")
    sign_in(client)
    page = client.get("/search", {"q": "mei@example.org"})
    assert len(page.context["customers"]) == 2


@pytest.mark.parametrize(("role", "sees"), [("support", True), ("buyer", False), ("warehouse", False)])
def test_who_may_not_see_customers_finds_none(client: Client, role: str, sees: bool) -> None:
    make_shop()
    sign_in(client, role=role)
    page = client.get("/search", {"q": "美玲"})
    assert bool(page.context["customers"]) is sees
    assert client.get("/search", {"q": "C-001"}).status_code == (302 if sees else 200)
    assert client.get("/search", {"q": "1001"}).status_code == (200 if role == "buyer" else 302)


def test_purchase_orders_are_found_at_the_persons_places_only(client: Client) -> None:
    for code in (KEELUNG, "KAOHSIUNG"):
        make_place(code=code)
    make_product()
    make_supplier()
    make_offer()
    (order,) = restock.approve(
        proposal_ids=propose(("OOLONG-150", 12.0)),
        decided_by="ann",
        moment=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
    )
    sign_in(client, role="warehouse", name="kei", places=[KEELUNG])
    assert client.get("/search", {"q": order.number.lower()}).url == f"/buying/orders/{order.number}/"
    assert [one.number for one in client.get("/search", {"q": order.number[:7]}).context["found"].purchase_orders] == [
        order.number
    ]
    sign_in(client, role="warehouse", name="kao", places=["KAOHSIUNG"])
    assert not client.get("/search", {"q": order.number}).context["found"].purchase_orders


@pytest.mark.parametrize("typed", ["", "  ", "%", "'", "\x00", "x" * 5000, "龘", "\\", "_"])
def test_nonsense_is_answered_in_words(client: Client, typed: str) -> None:
    make_shop()
    sign_in(client)
    page = client.get("/search", {"q": typed})
    assert page.status_code == 200
    text = page.content.decode()
    assert "What are you looking for?" in text or "Nothing was found." in text
