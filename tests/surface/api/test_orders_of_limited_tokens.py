"""Orders belong to no place: a token of one place takes an order that routing gives to another."""

import pytest

from reorder.domain.warehouse.models import FulfilmentOrder
from tests.factories.api import call_as
from tests.factories.inventory import make_place
from tests.factories.placing import stock_up

pytestmark = pytest.mark.django_db


def test_a_till_takes_an_order_that_another_place_sends_and_does_nothing_about_its_parcel() -> None:
    make_place()
    stock_up(units=5, place="KAOHSIUNG")
    till = call_as(scopes=["orders:write", "fulfilment:write"], places=["KEELUNG"])

    placed = till.post(
        "/orders",
        {
            "external_id": "T-1",
            "ordered_at": "2026-11-27T04:00:00Z",
            "currency": "TWD",
            "customer": {"key": "mei", "name": "Mei"},
            "ship_to": {"name": "Mei", "country": "TW", "postcode": "110", "region": "Taipei", "line1": "1 Songren Rd"},
            "payment": "cash_on_delivery",
            "lines": [{"line_id": "1", "sku": "OOLONG-150", "units": 1, "unit_price": 450}],
        },
    )

    assert placed.status == 201, placed.body
    parcel = FulfilmentOrder.objects.select_related("place").get()
    assert parcel.place.code == "KAOHSIUNG"
    assert till.get(f"/orders/{parcel.order_id}").status == 200
    assert till.get("/fulfilments").body["items"] == []
    assert till.post(f"/fulfilments/{parcel.pk}/pick", {}).status == 404
