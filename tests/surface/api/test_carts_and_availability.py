"""Carts hold stock through the API, an order takes it over, and availability tells what is left."""

import datetime as dt
from typing import Any

import pytest

from reorder.domain.inventory.models import Hold
from tests.factories.api import Caller, call_as
from tests.factories.placing import stock_up
from tests.surface.api.test_placing_orders import ours

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


def cart(*lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    return {"lines": [{"sku": sku, "units": units} for sku, units in lines]} | more


def free(shop: Caller, sku: str = "OOLONG-150", **query: Any) -> str:
    return str(shop.get("/availability", sku=sku, **query).body["items"][0]["available"])


def test_a_cart_holds_stock_for_ten_minutes_and_gives_it_back(shop: Caller) -> None:
    held = shop.post("/carts/c-1/holds", cart(("OOLONG-150", 3)))

    assert (held.status, held.body) == (
        200,
        {
            "cart_id": "c-1",
            "channel": "api",
            "expires_at": "2026-11-27T04:10:00Z",
            "lines": [{"sku": "OOLONG-150", "place": "KEELUNG", "units": "3"}],
        },
    )
    assert shop.get("/carts/c-1/holds").body == held.body
    assert (free(shop), free(shop, cart_id="c-1", channel="api")) == ("7", "10")

    more = shop.put("/carts/c-1/holds", cart(("OOLONG-150", 5), minutes=30)).body
    assert (more["expires_at"], more["lines"][0]["units"], free(shop)) == ("2026-11-27T04:30:00Z", "5", "5")

    for _ in range(2):
        given_back = shop.send("DELETE", "/carts/c-1/holds")
        assert (given_back.status, given_back.body["lines"], given_back.body["expires_at"]) == (200, [], None)
    assert free(shop) == "10"
    assert shop.get("/carts/nobody/holds").body["lines"] == []


def test_a_cart_that_does_not_fit_keeps_what_it_held_and_is_told_its_lines(shop: Caller) -> None:
    shop.post("/carts/c-1/holds", cart(("MATCHA-30", 1)))

    short = shop.post("/carts/c-1/holds", cart(("OOLONG-150", 1), ("MATCHA-30", 3)))

    assert (short.status, short.code) == (409, "api.cart_short")
    assert short.body["errors"] == [{"field": "body.lines.1.units", "code": "short", "message": "2 are free at most."}]
    assert [line["sku"] for line in shop.get("/carts/c-1/holds").body["lines"]] == ["MATCHA-30"]


def test_an_order_takes_over_what_its_cart_holds(shop: Caller) -> None:
    shop.post("/carts/c-1/holds", cart(("OOLONG-150", 10)))
    order = ours(lines=[{"sku": "OOLONG-150", "units": 10, "unit_price": 1}])

    assert shop.post("/orders", order).code == "fulfil.goods_short"
    assert shop.post("/orders", order | {"cart_id": "c-1"}).status == 201
    assert not Hold.objects.exists()
    assert free(shop) == "0"


def test_a_hold_that_is_over_is_nobodys(shop: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.post("/carts/c-1/holds", cart(("OOLONG-150", 10)))
    monkeypatch.setenv("REORDER_CLOCK", (NOON + dt.timedelta(minutes=11)).isoformat())
    assert free(shop) == "10"
    assert shop.get("/carts/c-1/holds").body["lines"] == []
    assert shop.post("/carts/c-2/holds", cart(("OOLONG-150", 10))).status == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (cart(), "api.invalid"),
        (cart(("OOLONG-150", 0)), "api.invalid"),
        (cart(*[("OOLONG-150", 1)] * 501), "api.invalid"),
        (cart(("OOLONG-150", 1), minutes=0), "api.invalid"),
        (cart(("OOLONG-150", 1), minutes=10**9), "api.invalid"),
        (cart(("OOLONG-150", 1.5)), "promising.units_not_sold"),  # type: ignore[arg-type]
        (cart(("SENCHA", 1)), "promising.unknown_goods"),
        (cart(("'; DROP TABLE inventory_hold; --", 1)), "promising.unknown_goods"),
    ],
)
def test_a_cart_that_cannot_be_meant_is_refused(shop: Caller, body: dict[str, Any], code: str) -> None:
    answer = shop.post("/carts/c-1/holds", body)
    assert (answer.status, answer.code) == (422, code)
    assert not Hold.objects.exists()


def test_availability_is_asked_for_several_products_a_place_and_a_day(shop: Caller) -> None:
    answer = shop.get("/availability", sku=["OOLONG-150", "MATCHA-30"], date="2026-12-01", place="KEELUNG", units=5)

    assert answer.status == 200, answer.body
    found = {one["sku"]: (one["available"], one["date"], one["earliest_date"]) for one in answer.body["items"]}
    assert found == {"OOLONG-150": ("10", "2026-12-01", "2026-12-01"), "MATCHA-30": ("2", "2026-12-01", None)}
    assert answer.body["items"][0]["places"][0]["place"] == "KEELUNG"
    assert shop.get("/availability", sku="SENCHA").code == "promising.unknown_goods"
    assert shop.get("/availability", sku="OOLONG-150", place="NOWHERE").code == "promising.unknown_place"
    assert shop.get("/availability", sku="OOLONG-150", date="soon").code == "api.invalid"
    assert shop.get("/availability").code == "api.invalid"


def test_a_token_of_some_places_sees_what_these_places_can_promise() -> None:
    stock_up(units=10)
    stock_up(units=4, place="TAIPEI")
    assert free(call_as()) == "14"
    assert free(call_as(places=["TAIPEI"])) == "4"
    both = call_as(places=["TAIPEI", "KEELUNG"])
    assert both.get("/availability", sku="OOLONG-150").code == "api.place_needed"
    assert free(both, place="KEELUNG") == "10"
    assert call_as(places=["TAIPEI"]).get("/availability", sku="OOLONG-150", place="KEELUNG").code == (
        "promising.unknown_place"
    )


def test_what_is_sold_by_weight_is_held_and_ordered_in_fractions(shop: Caller) -> None:
    shop.put("/products/OOLONG-150", {"is_sold_in_fractions": True})
    assert shop.get("/products/OOLONG-150").body["is_sold_in_fractions"] is True
    assert shop.post("/carts/c-1/holds", cart(("OOLONG-150", 1.5))).status == 200  # type: ignore[arg-type]
    lines = [{"sku": "OOLONG-150", "units": "0.125", "unit_price": "450"}]
    totals = shop.post("/orders", ours(lines=lines)).body["order"]["totals"]
    assert (totals["goods"], totals["total"]) == ("56.25", "56.25")
