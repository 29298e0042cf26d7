"""Orders that need a human: the problem in words, one click that resolves it; and one action on many orders."""

import datetime as dt
from dataclasses import replace

import pytest
from django.test import Client

from reorder.domain.orders.models import Order
from reorder.insights.order_problems import UNPAID_AFTER
from tests.factories.placing import MEI, order_of, place, stock_up
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 27, 6, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW.isoformat())


def held(*, reason: str, external_id: str = "A-1", **more: object) -> Order:
    """An order of Mei's that waits for a person."""
    stock_up(units=50)
    place(order_of(("OOLONG-150", 2), external_id=external_id, **more))
    Order.objects.filter(external_id=external_id).update(hold_reasons=[reason] if reason else [])
    return Order.objects.get(external_id=external_id)


def said(page: object) -> dict[str, list[str]]:
    """What the queue says is wrong, by order."""
    return {
        row["order"].external_id: [sentence for _kind, _mark, sentence in row["problems"]]
        for row in page.context["rows"]  # type: ignore[attr-defined]
    }


def test_the_queue_is_empty_when_every_order_goes_its_way(client: Client) -> None:
    held(reason="")
    sign_in(client)
    page = client.get("/orders/exceptions/")
    assert said(page) == {}
    assert "No order needs a human." in page.content.decode()


def test_a_missing_street_is_corrected_where_it_stands(client: Client) -> None:
    order = held(reason="address", ship_to=replace(MEI, line1=""))
    sign_in(client)
    page = client.get("/orders/exceptions/")
    assert said(page) == {"A-1": ["The street is missing."]}
    form = page.context["rows"][0]["address_form"]
    given = {f"address-{name}": str(text) for name, text in form.initial.items()}
    answer = client.post(
        f"/orders/{order.pk}/address/", given | {"address-line1": "松仁路 100 號", "next": "/orders/exceptions/"}
    )
    assert (answer.status_code, answer.url) == (302, "/orders/exceptions/")
    assert said(client.get("/orders/exceptions/")) == {}


def test_what_looks_fraudulent_can_be_released_anyway(client: Client) -> None:
    order = held(reason="fraud")
    sign_in(client)
    assert client.post(f"/orders/{order.pk}/release-anyway/").status_code == 302
    order.refresh_from_db()
    assert (order.state, order.hold_reasons) == ("released", [])


def test_what_is_there_goes_ahead_and_the_rest_waits(client: Client) -> None:
    stock_up(units=5)
    stock_up(sku="PUER-357", units=0)
    place(order_of(("OOLONG-150", 2), ("PUER-357", 1), if_short="wait"))
    order = Order.objects.get(external_id="A-1")
    sign_in(client)
    page = client.get("/orders/exceptions/?kind=out_of_stock")
    assert said(page)["A-1"] == ["Out of stock, and nothing on its way is promised to it: PUER-357."]
    assert client.post(f"/orders/{order.pk}/ahead/").status_code == 302
    states = {one.external_id: one.state for one in Order.objects.all()}
    assert sorted(states.values()) == ["allocated", "placed"]


def test_an_order_that_waits_too_long_for_its_money_is_named_with_the_days(client: Client) -> None:
    order = held(reason="awaiting_payment", payment="unpaid")
    sign_in(client)
    assert said(client.get("/orders/exceptions/")) == {}
    Order.objects.filter(pk=order.pk).update(ordered_at=NOW - UNPAID_AFTER - dt.timedelta(hours=2))
    assert said(client.get("/orders/exceptions/")) == {"A-1": ["Not paid for 3 days: NT$900 is due."]}


def test_the_most_money_at_risk_comes_first_and_kinds_are_counted(client: Client) -> None:
    held(reason="fraud", external_id="A-1")
    stock_up(sku="PUER-357", units=9)
    place(order_of(("PUER-357", 9), external_id="A-2", buyer=order_of().buyer.__class__(key="lin", name="林")))
    Order.objects.filter(external_id="A-2").update(hold_reasons=["duplicate"])
    sign_in(client)
    page = client.get("/orders/exceptions/")
    assert list(said(page)) == ["A-2", "A-1"]
    assert [(name, count) for name, _url, count, _is in page.context["tabs"]] == [
        ("All", 2),
        ("Fraud check", 1),
        ("Possible duplicate", 1),
    ]
    desk = client.get("/orders/")
    assert desk.context["state"].startswith("2 orders need a human: NT$4,950 at risk.")


def test_many_are_released_at_once_and_who_could_not_is_named_with_the_reason(client: Client) -> None:
    fine, stopped = held(reason=""), held(reason="manual", external_id="A-2")
    sign_in(client)
    client.post("/orders/bulk/", {"action": "release", "id": [str(fine.pk), str(stopped.pk)]})
    done = client.get("/orders/").context["done"]
    assert done.sentence == "1 order was released. 1 could not be."
    assert [(one.number, one.why) for one in done.refused] == [
        ("A-2", "Order A-2 is held (held by hand); releasing is not possible before somebody lets it go.")
    ]
    client.post("/orders/bulk/undo/")
    fine.refresh_from_db()
    assert fine.state == "allocated"


def test_a_hold_of_many_is_taken_back(client: Client) -> None:
    order = held(reason="")
    sign_in(client)
    client.post("/orders/bulk/", {"action": "hold", "hold_reason": "fraud", "id": str(order.pk)})
    order.refresh_from_db()
    assert order.hold_reasons == ["fraud"]
    client.post("/orders/bulk/undo/")
    order.refresh_from_db()
    assert order.hold_reasons == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"action": "release"}, 302),
        ({"action": "explode", "id": "1"}, 422),
        ({"action": "cancel", "id": "1"}, 302),
        ({"action": "release", "id": ["x", "99999999999999999999"]}, 302),
    ],
)
def test_a_mangled_bulk_form_changes_nothing(client: Client, fields: dict[str, object], status: int) -> None:
    order = held(reason="")
    sign_in(client)
    assert client.post("/orders/bulk/", fields).status_code == status
    order.refresh_from_db()
    assert order.state == "allocated"
