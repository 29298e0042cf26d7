"""Orders that are fulfilled elsewhere, through the API: the same rules as a file, one by one and in batches."""

from decimal import Decimal
from typing import Any

import pytest

from reorder.domain.customers.models import Customer
from reorder.domain.messaging.models import ConsentEntry, ContactPoint
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.planning.models import DirtyMark
from reorder.domain.staff.models import AuditEntry
from tests.factories.api import call_as
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place

pytestmark = pytest.mark.django_db


def an_order(**facts: Any) -> dict[str, Any]:
    order = {
        "external_id": "T-1",
        "ordered_at": "2026-11-20T09:30:00+08:00",
        "currency": "TWD",
        "fulfilment": "elsewhere",
        "customer": {"key": "mei", "email": "Mei@Example.org", "name": "林美玲", "accepts_marketing": True},
        "lines": [{"sku": "OOLONG-150", "units": "2", "unit_price": "450.00"}],
    }
    return order | facts


def test_an_order_is_taken_with_its_customer_address_and_consent() -> None:
    make_place()
    make_product()

    answer = call_as(scopes=["orders:write"]).post("/orders", an_order())

    assert answer.status == 201, answer.body
    assert answer.body["outcome"] == "added"
    order = answer.body["order"]
    assert answer.headers["Location"] == f"/api/v1/orders/{order['id']}"
    assert order["ordered_at"] == "2026-11-20T01:30:00Z"
    assert order["customer"]["key"] == "api:mei"
    assert order["lines"] == [
        {
            "line_id": "1",
            "sku": "OOLONG-150",
            "product_name": "Oolong 150 g",
            "units": "2",
            "unit_price": "450",
            "discount": "0",
            "place": "KEELUNG",
        }
    ]
    mei = Customer.objects.get()
    assert (mei.key, mei.name) == ("api:mei", "林美玲")
    assert ContactPoint.objects.get().address == "mei@example.org"
    assert ConsentEntry.objects.get().is_granted
    assert DirtyMark.objects.get(kind="customer").subject_key == str(mei.pk)
    entry = AuditEntry.objects.exclude(action="staff.make_token").get()
    assert (entry.actor, entry.via, entry.action) == ("token:shop", "api", "orders.take")
    assert entry.request_id == answer.headers["X-Request-Id"]


def test_the_same_order_again_is_unchanged_and_other_content_updates_it() -> None:
    make_product()
    make_product(sku="MATCHA-30")
    shop = call_as()
    shop.post("/orders", an_order())
    DirtyMark.objects.all().delete()

    again = shop.post("/orders", an_order())
    assert (again.status, again.body["outcome"]) == (200, "unchanged")
    assert DirtyMark.objects.count() == 0

    more = shop.post("/orders", an_order(lines=[{"sku": "MATCHA-30", "units": 1}, {"sku": "OOLONG-150", "units": 0.5}]))
    assert (more.status, more.body["outcome"]) == (200, "updated")
    assert [line["units"] for line in more.body["order"]["lines"]] == ["1", "0.5"]
    assert Order.objects.count() == 1
    assert DirtyMark.objects.filter(kind="customer").count() == 1
    assert OrderLine.objects.get(product__sku="MATCHA-30").units == Decimal(1)


def test_unknown_products_are_refused_by_name_and_nothing_is_taken() -> None:
    make_product()
    order = an_order(lines=[{"sku": "OOLONG-150", "units": 1}, {"sku": "SENCHA", "units": 1}])

    answer = call_as().post("/orders", order)

    assert (answer.status, answer.code) == (422, "order_intake.unknown_products")
    assert answer.body["detail"] == "Order T-1 names products that do not exist: SENCHA. Create them first."
    assert Order.objects.count() == 0
    assert Customer.objects.count() == 0


def test_a_batch_takes_each_order_whole_or_not_at_all() -> None:
    make_product()
    make_place()
    shop = call_as()
    batch = [
        an_order(external_id="A"),
        an_order(external_id="B", lines=[{"sku": "SENCHA", "units": 1}]),
        an_order(external_id="C", lines=[{"sku": "OOLONG-150", "units": 1, "place": "NOWHERE"}]),
        an_order(external_id="A"),
        an_order(external_id="D", ordered_at="2027-05-01T00:00:00Z"),
        an_order(external_id="E", lines=[{"sku": "OOLONG-150", "units": 1, "line_id": "x"}] * 2),
        an_order(external_id="F", customer={}),
    ]

    answer = shop.post("/orders/batch", {"channel": "tea.example", "orders": batch})

    assert answer.status == 200, answer.body
    assert [(one["external_id"], one["outcome"], one["code"]) for one in answer.body["orders"]] == [
        ("A", "added", None),
        ("B", "refused", "order_intake.unknown_products"),
        ("C", "refused", "order_intake.unknown_places"),
        ("A", "refused", "order_intake.repeated"),
        ("D", "refused", "order_intake.in_future"),
        ("E", "refused", "order_intake.line_repeated"),
        ("F", "added", None),
    ]
    assert (answer.body["added"], answer.body["refused"]) == (2, 5)
    assert sorted(Customer.objects.values_list("key", flat=True)) == ["tea.example:mei", "tea.example:order:F"]


def test_cancelling_twice_is_cancelling_once_and_the_same_order_stays_cancelled() -> None:
    make_product()
    shop = call_as()
    taken = shop.post("/orders", an_order()).body["order"]

    first = shop.post(f"/orders/{taken['id']}/cancel")
    second = shop.post(f"/orders/{taken['id']}/cancel")

    assert (first.status, first.body["state"], second.status) == (200, "cancelled", 200)
    assert AuditEntry.objects.filter(action="orders.cancel").count() == 1
    assert shop.post("/orders", an_order()).body["order"]["state"] == "cancelled"
    assert shop.post("/orders/999/cancel").code == "orders.unknown_order"


def test_orders_are_listed_the_newest_first_page_by_page() -> None:
    make_product()
    shop = call_as()
    orders = [an_order(external_id=f"T-{day:02d}", ordered_at=f"2026-11-{day:02d}T10:00:00Z") for day in range(1, 8)]
    shop.post("/orders/batch", {"orders": orders})

    pages, cursor = [], None
    for _ in range(3):
        page = shop.get("/orders", limit=3, **({"cursor": cursor} if cursor else {})).body
        pages.append([order["external_id"] for order in page["items"]])
        cursor = page["next_cursor"]

    assert pages == [["T-07", "T-06", "T-05"], ["T-04", "T-03", "T-02"], ["T-01"]]
    assert cursor is None
    found = shop.get("/orders", external_id="T-03", channel="api").body["items"]
    assert [order["external_id"] for order in found] == ["T-03"]
    spring = shop.get("/orders", ordered_from="2026-11-03T00:00:00Z", ordered_until="2026-11-05T00:00:00Z").body[
        "items"
    ]
    assert [order["external_id"] for order in spring] == ["T-04", "T-03"]


def test_a_channel_alone_is_a_filter_too() -> None:
    make_place()
    make_product()
    shop = call_as()
    shop.post("/orders", an_order(external_id="T-01"))
    assert len(shop.get("/orders", channel="api").body["items"]) == 1
    assert shop.get("/orders", channel="elsewhere").body["items"] == []
