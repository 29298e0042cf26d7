"""Money of orders through the API: an order that waits for it goes when it comes, and nothing goes back twice."""

import datetime as dt

import pytest

from tests.factories.api import Caller, call_as
from tests.factories.placing import stock_up
from tests.surface.api.test_orders import an_order
from tests.surface.api.test_placing_orders import ours

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOON.isoformat())


@pytest.fixture
def shop() -> Caller:
    """Ten of Oolong in Keelung."""
    stock_up(units=10)
    return call_as()


def test_an_unpaid_order_waits_until_its_money_came(shop: Caller) -> None:
    number = shop.post("/orders", ours(payment="unpaid")).body["order"]["id"]

    part = shop.post(f"/orders/{number}/payments", {"amount": "400"}).body
    assert (part["payment_state"], part["missing"], part["is_hold_lifted"]) == ("unpaid", "500", False)

    rest = shop.post(f"/orders/{number}/payments", {"note": "transfer 881"}).body
    assert (rest["payment_state"], rest["missing"], rest["excess"], rest["is_hold_lifted"]) == ("paid", "0", "0", True)
    assert shop.get(f"/orders/{number}").body["hold_reasons"] == []
    assert shop.post(f"/orders/{number}/payments", {}).code == "payments.nothing_owed"
    money = shop.get(f"/orders/{number}/payments").body
    assert [(one["way"], one["amount"], one["received"]) for one in money["payments"]] == [("manual", "900", "900")]


def test_what_was_paid_goes_back_in_parts_and_never_twice(shop: Caller) -> None:
    number = shop.post("/orders", ours()).body["order"]["id"]

    first = shop.post(f"/orders/{number}/refunds", {"amount": "100.5", "reason": "broken cup"}, key="r-1").body
    again = shop.post(f"/orders/{number}/refunds", {"amount": "100.5", "reason": "broken cup"}, key="r-1").body
    assert (first["payment_state"], first["amount"], first["owed"], again) == ("part_refunded", "100.5", "100.5", first)

    too_much = shop.post(f"/orders/{number}/refunds", {"amount": 800})
    assert (too_much.status, too_much.code) == (409, "payments.refund_too_large")
    rest = shop.post(f"/orders/{number}/refunds", {"way": "store_credit"}).body
    assert (rest["payment_state"], rest["amount"], rest["owed"]) == ("refunded", "799.5", "0")
    refund = first["refunds"][0]["id"]
    for _ in range(2):
        assert shop.post(f"/refunds/{refund}/sent", {}).body["state"] == "sent"
    totals = shop.get(f"/orders/{number}").body["totals"]
    assert (totals["paid"], totals["refunded"]) == ("900", "900")


def test_bad_money_is_refused(shop: Caller) -> None:
    number = shop.post("/orders", ours(payment="unpaid")).body["order"]["id"]
    elsewhere = shop.post("/orders", an_order(external_id="old")).body["order"]["id"]
    asked = [
        (f"/orders/{number}/payments", {"amount": 0}, 422, "payments.bad_amount"),
        (f"/orders/{number}/payments", {"amount": "0.001"}, 422, "money.bad_amount"),
        (f"/orders/{number}/payments", {"amount": -1}, 422, "api.invalid"),
        (f"/orders/{number}/refunds", {}, 422, "payments.bad_amount"),
        (f"/orders/{elsewhere}/payments", {}, 409, "orders.not_ours"),
        (f"/orders/{elsewhere}/refunds", {}, 409, "orders.not_ours"),
        ("/orders/999999/payments", {}, 404, "orders.unknown_order"),
        ("/refunds/999999/sent", {}, 404, "payments.unknown_refund"),
    ]
    for path, body, status, code in asked:
        answer = shop.post(path, body)
        assert (answer.status, answer.code) == (status, code), path


def test_a_token_that_only_sends_orders_touches_no_money(shop: Caller) -> None:
    number = shop.post("/orders", ours()).body["order"]["id"]
    sender = call_as(scopes=["orders:write"])
    assert sender.post(f"/orders/{number}/refunds", {}).status == 403
    assert sender.get(f"/orders/{number}/payments").status == 200
