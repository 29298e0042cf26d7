"""Signals through the API: in batches, each by itself, once; corrections are later versions; listed page by page."""

from typing import Any

import pytest

from reorder.domain.planning.models import Signal
from tests.factories.api import Caller, call_as
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def thursday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-26T02:00:00+00:00")
    make_product()
    make_place()


def shop() -> Caller:
    return call_as(scopes=["demand:write"])


def a_price(**facts: Any) -> dict[str, Any]:
    return {
        "kind": "competitor_price",
        "date": "2026-11-25",
        "name": "Rival",
        "sku": "OOLONG-150",
        "number": 420,
    } | facts


def test_good_signals_are_taken_and_bad_ones_come_back_with_their_place_and_reason() -> None:
    signals = [
        a_price(),
        a_price(kind="gossip"),
        a_price(sku="NONE-1"),
        a_price(sku=None),
        a_price(category="tea"),
        a_price(number=-3),
        {"kind": "weather", "date": "2026-11-27", "name": "temperature", "place": "KEELUNG", "number": 21.5},
        {"kind": "weather", "date": "2026-11-27", "name": "temperature", "place": "ATLANTIS", "number": 21.5},
        {"kind": "promotion", "date": "2026-11-27", "number": 20},
        {"kind": "event", "date": "2026-11-27"},
        a_price(known_at="2026-11-26T12:00:00+08:00"),
        {"kind": "event", "date": "2099-11-27", "name": "Far"},
    ]
    answer = shop().post("/signals", {"signals": signals})
    assert answer.status == 200, answer.body
    refusals = answer.body.pop("refusals")
    assert answer.body == {"added": 2, "unchanged": 0, "refused": 10}
    assert [(one["entry"], one["detail"].removeprefix("This signal cannot be taken: ")) for one in refusals] == [
        (1, "unknown kind; one of price, promotion, competitor_price, event, holiday, weather, open."),
        (2, "there is no such product."),
        (3, "a price belongs to one product: give its SKU."),
        (4, "give a product or a category, not both."),
        (5, "a price is a number of zero or more."),
        (7, "there is no such place."),
        (8, "a discount is a share between 0 and 1: write 0.2 for 20 %."),
        (9, "say what the event, holiday or measure is called."),
        (10, "it cannot be known only in the future."),
        (11, "the day lies before 1990 or more than three years ahead."),
    ]


def test_the_same_value_again_changes_nothing_and_a_correction_is_a_later_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert shop().post("/signals", {"signals": [a_price()]}).body["added"] == 1
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-26T03:00:00+00:00")
    again = shop().post("/signals", {"signals": [a_price()]})
    assert (again.body["added"], again.body["unchanged"]) == (0, 1)
    corrected = shop().post("/signals", {"signals": [a_price(number=400)]})
    assert corrected.body["added"] == 1
    assert list(Signal.objects.order_by("id").values_list("number", flat=True)) == [420.0, 400.0]
    other = shop().post("/signals", {"signals": [a_price(number=390, known_at="2026-11-26T03:00:00Z")]})
    assert other.body["refusals"][0]["detail"] == (
        "This signal cannot be taken: at this moment another value is known already; a correction needs a later moment."
    )


def test_a_value_that_went_and_came_back_has_three_versions() -> None:
    versions = [
        a_price(number=number, known_at=f"2026-11-2{day}T00:00:00Z") for number, day in ((420, 1), (400, 2), (420, 3))
    ]
    assert shop().post("/signals", {"signals": versions}).body["added"] == 3
    assert shop().post("/signals", {"signals": versions}).body["unchanged"] == 3


def test_signals_are_listed_the_latest_first_page_by_page() -> None:
    shop().post("/signals", {"signals": [a_price(date=f"2026-11-{day}") for day in range(10, 16)]})
    reader = call_as(scopes=["demand:read"])
    first = reader.get("/signals", limit=4, kind="competitor_price", sku="OOLONG-150").body
    second = reader.get("/signals", limit=4, cursor=first["next_cursor"]).body
    dates = [item["date"] for item in first["items"] + second["items"]]
    assert dates == [f"2026-11-{day}" for day in range(15, 9, -1)]
    assert second["next_cursor"] is None
    assert (first["items"][0]["sku"], first["items"][0]["place"], first["items"][0]["number"]) == (
        "OOLONG-150",
        None,
        420,
    )
    assert reader.post("/signals", {"signals": [a_price()]}).status == 403


def test_a_token_of_some_places_tells_nothing_that_holds_elsewhere() -> None:
    make_place(code="TAINAN", name="Tainan store")
    keelung = call_as(scopes=["demand:write"], places=["KEELUNG"])
    assert keelung.post("/signals", {"signals": [a_price(place="KEELUNG")]}).body["added"] == 1
    assert keelung.post("/signals", {"signals": [a_price(place="KEELUNG"), a_price()]}).status == 403
    assert keelung.post("/signals", {"signals": [a_price(place="TAINAN")]}).status == 403


def test_a_product_says_what_it_sells_like() -> None:
    buyer = call_as(scopes=["products:write"])
    saved = buyer.put("/products/SENCHA-100", {"currency": "TWD", "like_sku": "OOLONG-150"})
    assert (saved.status, saved.body["product"]["like_sku"]) == (201, "OOLONG-150")
    wrong = buyer.put("/products/SENCHA-100", {"like_sku": "SENCHA-100"})
    assert (wrong.status, wrong.body["code"]) == (422, "catalog.bad_like")
    assert buyer.put("/products/SENCHA-100", {"like_sku": None}).body["product"]["like_sku"] is None
