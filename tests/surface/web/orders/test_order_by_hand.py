"""An order that staff write down: who buys, what, for how much; it is placed once."""

import pytest
from django.test import Client

from reorder.domain.orders.models import Order
from tests.factories.messaging import make_customer
from tests.factories.placing import stock_up
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = {
    "address-name": "林美玲",
    "address-country": "tw",
    "address-postcode": "110",
    "address-region": "臺北市",
    "address-line1": "松仁路 1 號",
}


def test_a_call_becomes_an_order(client: Client) -> None:
    stock_up(units=10)
    mei = make_customer(key="C-001", name="王美玲")
    sign_in(client, role="support")
    page = client.get("/orders/new/?q=美玲&p=oolong")
    assert [one.key for one in page.context["buyers"]] == ["C-001"]
    assert [one.sku for one, _price in page.context["goods"]] == ["OOLONG-150"]
    client.post("/orders/new/save/", {"do": f"choose:{mei.pk}"})
    client.post("/orders/new/save/", {"do": "add:OOLONG-150"} | ADDRESS)
    kept = {"units-0": "2", "price-0": "400", "payment": "paid", "note": "wants a gift card"} | ADDRESS
    client.post("/orders/new/save/", {"do": "keep"} | kept)
    assert ("Total", "NT$800", "sum") in client.get("/orders/new/").context["money"]
    answer = client.post("/orders/new/save/", {"do": "place"} | kept)
    order = Order.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/orders/{order.pk}/")
    assert (order.customer_id, order.channel, order.state, order.total_minor) == (mei.pk, "desk", "allocated", 80_000)
    assert order.external_id.startswith("D")
    assert client.get("/orders/new/").context["lines"] == []


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_placed(client: Client) -> None:
    sign_in(client)
    page = client.post("/orders/new/save/", {"do": "place", "new_email": "no address", "not_before": "soon"})
    assert page.status_code == 422
    assert set(page.context["faults"]) == {"who", "new_email", "goods", "not_before"}
    assert {"name", "region", "line1"} & set(page.context["form"].errors)
    assert not Order.objects.exists()


@pytest.mark.parametrize("units", ["0", "1.5", "-1", "many", "1e9"])
def test_units_that_nobody_can_buy_are_refused(client: Client, units: str) -> None:
    stock_up(units=10)
    sign_in(client)
    client.post("/orders/new/save/", {"do": "add:OOLONG-150"})
    page = client.post(
        "/orders/new/save/", {"do": "place", "new_name": "林美玲", "units-0": units, "payment": "paid"} | ADDRESS
    )
    assert page.status_code in {409, 422}
    assert not Order.objects.exists()


def test_more_than_there_is_waits_only_if_asked_to(client: Client) -> None:
    stock_up(units=1)
    sign_in(client)
    client.post("/orders/new/save/", {"do": "add:OOLONG-150"})
    fields = {"do": "place", "new_name": "林美玲", "units-0": "5", "payment": "paid"} | ADDRESS
    page = client.post("/orders/new/save/", fields)
    assert page.status_code == 409
    assert "there is not enough free stock of OOLONG-150" in page.content.decode()
    assert client.post("/orders/new/save/", fields | {"waits": "1"}).status_code == 302
    assert Order.objects.get().state == "placed"
