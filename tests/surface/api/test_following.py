"""What follows an order, through the API: answers, 855 files, charges, cancelled lines, rates, scorecards."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from reorder.domain.purchasing import queries
from tests.factories.api import call_as
from tests.factories.following import receive, two_teas_ordered
from tests.factories.inventory import incoming_at, stock_at
from tests.factories.x12 import x12_answer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_monday(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> None:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-23T02:30:00+00:00")
    settings.HOME = tmp_path


def test_an_answer_is_recorded_and_shown_with_the_order() -> None:
    order = two_teas_ordered()
    shop = call_as()
    line = {"sku": "OOLONG-150", "accepted_units": 9, "unit_cost": "205", "promised_date": "2026-12-02"}

    done = shop.post(
        f"/purchase-orders/{order.number}/acknowledgements", {"supplier_reference": "S-778", "lines": [line]}
    ).body

    assert done["lines"] == [{"sku": "OOLONG-150", "answer": "changed", "accepted_units": "9", "released_units": "3"}]
    assert done["purchase_order"]["expected_date"] == "2026-12-02"
    shown = shop.get(f"/purchase-orders/{order.number}").body
    assert (shown["asked_date"], shown["exchange_rate"]) == ("2026-11-28", "1")
    assert {
        name: shown["lines"][1][name] for name in ("given_up_units", "confirmed_cost", "promised_date", "missing_units")
    } == {"given_up_units": "3", "confirmed_cost": "205", "promised_date": "2026-12-02", "missing_units": "9"}
    assert incoming_at(sku="OOLONG-150") == 9


def test_more_than_is_to_come_cannot_be_accepted() -> None:
    order = two_teas_ordered()
    answer = call_as().post(
        f"/purchase-orders/{order.number}/acknowledgements",
        {"lines": [{"sku": "OOLONG-150", "accepted_units": 13}]},
    )
    assert (answer.status, answer.code) == (422, "purchasing.bad_answer")


def test_an_855_file_is_taken_by_text() -> None:
    order = two_teas_ordered()
    content = x12_answer(kind="RJ").replace(b"PO-2026-000123", order.number.encode()).decode()

    done = call_as().post("/acknowledgements/x12", {"content": content}).body

    assert [one["purchase_order"]["state"] for one in done["acknowledgements"]] == ["cancelled"]
    bad = call_as().post("/acknowledgements/x12", {"content": "hello"})
    assert (bad.status, bad.code) == (422, "documents.bad_x12")


def test_faulty_units_stay_on_order() -> None:
    order = two_teas_ordered()
    fault = {"sku": "OOLONG-150", "kind": "damaged", "units": 2, "note": "wet"}
    done = call_as().post(f"/purchase-orders/{order.number}/receipts", {"faults": [fault]})
    assert done.status == 200
    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150")) == (10, 2)


def test_a_charge_lands_on_delivered_goods() -> None:
    order = two_teas_ordered()
    receive(order, day=23)
    shop = call_as()
    body = {"kind": "freight", "amount": "400", "currency": "TWD"}
    assert shop.post(f"/purchase-orders/{order.number}/charges", body).body == {"is_new": True}
    assert [line.landed_cost_minor for line in queries.list_landed_lines(order_id=order.id)] == [16_000, 24_000]
    bad = shop.post(f"/purchase-orders/{order.number}/charges", body | {"currency": "EUR"})
    assert (bad.status, bad.code) == (422, "purchasing.bad_charge")


def test_single_lines_are_cancelled() -> None:
    order = two_teas_ordered()
    shop = call_as()
    done = shop.post(f"/purchase-orders/{order.number}/cancelled-lines", {"skus": ["MATCHA-30"]}).body
    assert (done["units"], done["purchase_order"]["state"]) == ({"MATCHA-30": "8"}, "placed")
    again = shop.post(f"/purchase-orders/{order.number}/cancelled-lines", {"skus": ["MATCHA-30"]})
    assert again.status == 409


def test_rates_are_saved_and_listed_page_by_page() -> None:
    shop = call_as()
    rates = [{"currency": "USD", "date": f"2026-11-{day}", "rate": f"32.{day}"} for day in (10, 11, 12)]
    assert shop.post("/exchange-rates", {"rates": rates}).body == {"rates": 3, "orders": 0}
    first = shop.get("/exchange-rates", limit=2).body
    assert [(one["date"], one["rate"]) for one in first["items"]] == [("2026-11-12", "32.12"), ("2026-11-11", "32.11")]
    rest = shop.get("/exchange-rates", limit=2, cursor=first["next_cursor"]).body
    assert ([one["date"] for one in rest["items"]], rest["next_cursor"]) == (["2026-11-10"], None)
    bad = shop.post("/exchange-rates", {"rates": [{"currency": "USD", "date": "2026-12-24", "rate": "32"}]})
    assert (bad.status, bad.code) == (422, "purchasing.bad_rate")


def test_suppliers_are_scored_with_their_counts() -> None:
    receive(two_teas_ordered(), day=23)
    (card,) = call_as().get("/supplier-scorecards", days=365, supplier="ALISHAN").body["items"]
    assert {
        name: card[name] for name in ("on_time_share", "fill_share", "delivered_lines", "has_enough_deliveries")
    } == {
        "on_time_share": 1.0,
        "fill_share": 1.0,
        "delivered_lines": 2,
        "has_enough_deliveries": False,
    }
