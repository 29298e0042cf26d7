"""The life of an order through the API: placed, held, paid, released, picked, shipped; edited and cancelled."""

import datetime as dt
from typing import Any

import pytest

from reorder.domain.inventory.models import Allocation
from tests.factories.api import Caller, call_as
from tests.factories.placing import stock_up
from tests.surface.api.test_orders import an_order
from tests.surface.api.test_placing_orders import MEI, ours

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOON.isoformat())


@pytest.fixture
def shop() -> Caller:
    """Ten of Oolong and two of Matcha in Keelung."""
    stock_up(units=10)
    stock_up(sku="MATCHA-30", units=2)
    return call_as()


def placed(shop: Caller, **facts: Any) -> dict[str, Any]:
    answer = shop.post("/orders", ours(**facts))
    assert answer.status == 201, answer.body
    order: dict[str, Any] = answer.body["order"]
    return order


def free(shop: Caller, sku: str = "OOLONG-150") -> str:
    return str(shop.get("/availability", sku=sku).body["items"][0]["available"])


def test_an_order_goes_from_the_shop_to_the_door(shop: Caller) -> None:
    order = placed(shop, payment="unpaid")
    number, (parcel,) = order["id"], [one["id"] for one in order["fulfilments"]]

    early = shop.post(f"/orders/{number}/release", {})
    assert (early.status, early.code) == (409, "orders.held")
    assert shop.post(f"/orders/{number}/hold", {"reason": "fraud", "note": "new card"}).body["hold_reasons"] == [
        "awaiting_payment",
        "fraud",
    ]
    shop.post(f"/orders/{number}/payments", {})
    assert shop.post(f"/orders/{number}/unhold", {}).body["hold_reasons"] == []
    assert shop.post(f"/orders/{number}/notes", {"note": "喜歡中文 🍵"}).status == 200
    assert shop.post(f"/orders/{number}/release", {}).body["state"] == "released"
    for step, state in (("pick", "picked"), ("pack", "packed")):
        assert shop.post(f"/fulfilments/{parcel}/{step}", {}).body["state"] == state
    shipped = shop.post(f"/fulfilments/{parcel}/ship", {"carrier": "T-Cat", "tracking_number": "TC-1"}).body
    assert (shipped["state"], shipped["carrier"], shipped["tracking_number"]) == ("shipped", "T-Cat", "TC-1")
    assert shop.post(f"/fulfilments/{parcel}/deliver", {}).body["state"] == "delivered"

    assert shop.get(f"/orders/{number}").body["state"] == "delivered"
    assert not Allocation.objects.exists()
    first = shop.get(f"/orders/{number}/events", limit=4).body
    rest = shop.get(f"/orders/{number}/events", cursor=first["next_cursor"], limit=50).body
    kinds = [one["kind"] for one in first["items"] + rest["items"]]
    assert kinds[:3] == ["placed", "allocated", "held"]
    assert kinds[-5:] == ["released", "picked", "packed", "shipped", "delivered"]
    assert rest["next_cursor"] is None
    assert {one["via"] for one in first["items"]} == {"api"}
    again = shop.post(f"/fulfilments/{parcel}/ship", {})
    assert (again.status, again.code) == (409, "warehouse.moved_on")


def test_an_order_is_edited_and_its_stock_promised_anew(shop: Caller) -> None:
    order = placed(shop)
    number = order["id"]

    more = shop.send(
        "PATCH",
        f"/orders/{number}",
        body={
            "lines": [{"line_id": "a", "units": 3}],
            "added": [{"sku": "MATCHA-30", "units": 1, "unit_price": 100}],
            "ship_to": MEI | {"line1": "松仁路 9 號"},
            "not_before": "2026-12-24",
        },
    )
    assert more.status == 200, more.body
    after = more.body["order"]
    assert [(line["sku"], line["units"]) for line in after["lines"]] == [("OOLONG-150", "3"), ("MATCHA-30", "1")]
    assert (after["totals"]["total"], more.body["total_before"], more.body["to_pay"]) == ("1450", "900", "550")
    assert (after["ship_to"]["line1"], after["not_before"]) == ("松仁路 9 號", "2026-12-24")
    assert (free(shop), free(shop, "MATCHA-30")) == ("7", "1")

    short = shop.send("PATCH", f"/orders/{number}", body={"lines": [{"line_id": "a", "units": 99}]})
    assert (short.status, short.code) == (409, "fulfil.goods_short")
    assert free(shop) == "7"


def test_totals_of_an_edit_must_add_up_too(shop: Caller) -> None:
    number = placed(shop)["id"]
    edit = {"lines": [{"line_id": "a", "units": 1}], "totals": {"shipping": 60, "total": 511}}
    wrong = shop.send("PATCH", f"/orders/{number}", body=edit)
    assert (wrong.status, wrong.code) == (422, "fulfil.totals_differ")
    assert "511 is not goods 450" in wrong.body["detail"]
    right = shop.send("PATCH", f"/orders/{number}", body=edit | {"totals": {"shipping": 60, "total": 510}})
    assert (right.status, right.body["order"]["totals"]["total"], right.body["to_refund"]) == (200, "510", "390")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "api.invalid"),
        ({"lines": [{"line_id": "a", "units": 1}] * 2}, 422, "api.invalid"),
        ({"lines": [{"line_id": "zz", "units": 1}]}, 404, "orders.unknown_line"),
        ({"lines": [{"line_id": "a", "units": 0}]}, 422, "orders.bad_change"),
        ({"lines": [{"line_id": "a", "units": "1.5"}]}, 422, "fulfil.units_not_whole"),
        ({"added": [{"sku": "SENCHA", "units": 1}]}, 422, "order_intake.unknown_products"),
        ({"added": [{"sku": "MATCHA-30", "units": 1, "unit_price": "0.001"}]}, 422, "money.bad_amount"),
        ({"note": "a\x00b"}, 422, "api.invalid"),
    ],
)
def test_an_edit_that_cannot_be_meant_changes_nothing(
    shop: Caller, body: dict[str, Any], status: int, code: str
) -> None:
    before = placed(shop)
    answer = shop.send("PATCH", f"/orders/{before['id']}", body=body)
    assert (answer.status, answer.code) == (status, code)
    assert shop.get(f"/orders/{before['id']}").body == before


def test_a_line_and_then_the_whole_order_is_cancelled_and_stock_is_free_again(shop: Caller) -> None:
    lines = [
        {"sku": "OOLONG-150", "units": 4, "unit_price": 100, "line_id": "a"},
        {"sku": "MATCHA-30", "units": 1, "unit_price": 50, "line_id": "b"},
    ]
    number = placed(shop, lines=lines)["id"]

    less = shop.post(
        f"/orders/{number}/cancel", {"reason": "too much", "lines": [{"line_id": "a", "units": 3}, {"line_id": "b"}]}
    ).body
    assert ([(one["line_id"], one["units"]) for one in less["lines"]], less["totals"]["total"]) == ([("a", "1")], "100")
    assert (free(shop), free(shop, "MATCHA-30")) == ("9", "2")

    for body in ({"reason": "changed my mind"}, None):
        gone = shop.post(f"/orders/{number}/cancel", body)
        assert (gone.status, gone.body["state"]) == (200, "cancelled")
    assert free(shop) == "10"
    assert shop.post(f"/orders/{number}/release", {}).code == "orders.moved_on"


def test_what_a_picker_does_not_find_is_told_and_the_order_waits_for_it(shop: Caller) -> None:
    order = placed(shop, lines=[{"sku": "OOLONG-150", "units": 10, "unit_price": 1, "line_id": "a"}])
    parcel = order["fulfilments"][0]["id"]
    shop.post(f"/orders/{order['id']}/release", {})

    short = shop.post(f"/fulfilments/{parcel}/short-pick", {"line_id": "a", "found_units": 8})
    assert short.status == 200, short.body
    assert (short.body["missing_units"], short.body["waiting_units"], short.body["other_places"]) == ("2", "2", [])
    assert short.body["fulfilment"]["lines"] == [{"line_id": "a", "sku": "OOLONG-150", "units": "8"}]
    for body, code in (
        ({"line_id": "zz", "found_units": 1}, "orders.unknown_line"),
        ({"line_id": "a", "found_units": 99}, "orders.bad_change"),
    ):
        assert shop.post(f"/fulfilments/{parcel}/short-pick", body).code == code


def test_a_warehouse_lists_its_work_and_sees_no_other(shop: Caller) -> None:
    first = placed(shop, external_id="A", lines=[{"sku": "OOLONG-150", "units": 10, "unit_price": 1}])
    stock_up(units=5, place="TAIPEI")
    second = placed(shop, external_id="B", lines=[{"sku": "OOLONG-150", "units": 5, "unit_price": 1}])
    shop.post(f"/orders/{second['id']}/release", {})

    def listed(caller: Caller, **query: Any) -> list[int]:
        return [one["order_id"] for one in caller.get("/fulfilments", **query).body["items"]]

    assert listed(shop) == [first["id"], second["id"]]
    assert listed(shop, state="released") == [second["id"]]
    assert listed(shop, place="KEELUNG") == [first["id"]]
    assert listed(shop, order_id=second["id"]) == [second["id"]]
    taipei = call_as(scopes=["fulfilment:write"], places=["TAIPEI"])
    assert listed(taipei) == [second["id"]]
    not_theirs = first["fulfilments"][0]["id"]
    for answer in (
        taipei.get(f"/fulfilments/{not_theirs}"),
        taipei.post(f"/fulfilments/{not_theirs}/pick", {}),
        taipei.post(f"/fulfilments/{not_theirs}/short-pick", {"line_id": "1", "found_units": 0}),
    ):
        assert (answer.status, answer.code) == (404, "warehouse.unknown_fulfilment")
    assert taipei.post(f"/fulfilments/{second['fulfilments'][0]['id']}/pick", {}).status == 200
    assert taipei.post(f"/orders/{first['id']}/cancel").status == 403


def test_what_is_fulfilled_elsewhere_has_no_life_here(shop: Caller) -> None:
    number = shop.post("/orders", an_order(external_id="old")).body["order"]["id"]
    for path, body in (
        ("release", {}),
        ("hold", {}),
        ("notes", {"note": "x"}),
        ("cancel", {"lines": [{"line_id": "1"}]}),
    ):
        assert shop.post(f"/orders/{number}/{path}", body).code == "orders.not_ours"
    assert shop.get(f"/orders/{number}/events").body["items"] == []
    assert shop.get("/orders/999999/events").code == "orders.unknown_order"
    assert shop.post(f"/orders/{number}/cancel", {"reason": "x"}).body["state"] == "cancelled"
