"""Parcels through the API: listed, read with what was said of them, and told what a carrier says."""

import datetime as dt

import pytest

from reorder.domain.shipping.models import Parcel, TrackingEvent
from tests.factories.api import Caller, call_as
from tests.factories.order_life import LATER, state_of
from tests.factories.placing import stock_up
from tests.factories.tracked import HOUR, box, packed_order, scanned

pytestmark = pytest.mark.django_db
GONE = LATER + HOUR
EVENT = {"state": "out_for_delivery", "happened_at": (GONE + HOUR).isoformat(), "place": "信義營業所"}


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", (GONE + 2 * HOUR).isoformat())


@pytest.fixture
def shop() -> Caller:
    return call_as()


@pytest.fixture
def parcel() -> Parcel:
    stock_up(units=9)
    made = box(packed_order(("OOLONG-150", 1)), promised_date=dt.date(2026, 11, 30))
    scanned("P-1", moment=GONE)
    return made


def test_a_parcel_tells_what_is_in_it_and_how_far_it_is(shop: Caller, parcel: Parcel) -> None:
    found = shop.get(f"/parcels/{parcel.pk}").body

    assert (found["number"], found["tracking_number"], found["state"]) == ("P-1", "TP-1", "picked_up")
    assert (found["promised_date"], found["manifest"]) == ("2026-11-30", "M-KEELUNG-261127-1")
    assert [(one["sku"], one["units"]) for one in found["goods"]] == [("OOLONG-150", "1")]
    assert [(one["state"], one["source"]) for one in found["events"]] == [("picked_up", "floor")]


def test_parcels_are_listed_by_what_is_asked(shop: Caller, parcel: Parcel) -> None:
    box(packed_order(("OOLONG-150", 1), external_id="A-2"), "P-2")

    def numbers(**asked: object) -> list[str]:
        return [one["number"] for one in shop.get("/parcels", **asked).body["items"]]

    assert numbers() == ["P-1", "P-2"]
    assert numbers(tracking_number="TP-2") == ["P-2"]
    assert numbers(state="picked_up") == ["P-1"]
    assert numbers(order_id=parcel.order_id) == ["P-1"]
    first = shop.get("/parcels", limit=1).body
    assert [one["number"] for one in shop.get("/parcels", limit=1, cursor=first["next_cursor"]).body["items"]] == [
        "P-2"
    ]


def test_a_carrier_without_an_adapter_is_told_of_and_the_same_counts_once(shop: Caller, parcel: Parcel) -> None:
    first = shop.post(f"/parcels/{parcel.pk}/events", EVENT)
    again = shop.post(f"/parcels/{parcel.pk}/events", EVENT)

    assert (first.status, first.body["is_new"], again.body["is_new"]) == (200, True, False)
    assert first.body["parcel"]["state"] == "out_for_delivery"
    assert TrackingEvent.objects.filter(source="api").count() == 1


def test_a_delivery_delivers_the_order(shop: Caller, parcel: Parcel) -> None:
    shop.post(f"/parcels/{parcel.pk}/events", EVENT | {"state": "delivered"})

    assert state_of(parcel.order_id) == "delivered"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"state": "on_mars"}, 422, "api.invalid"),
        ({"happened_at": "2026-11-27T10:00:00"}, 422, "api.invalid"),
        ({"happened_at": "2027-11-27T10:00:00Z"}, 422, "shipping.bad_event"),
        ({"happened_at": "2025-11-27T10:00:00Z"}, 422, "shipping.bad_event"),
        ({"incident": "aliens"}, 422, "api.invalid"),
    ],
)
def test_what_cannot_be_of_a_parcel_is_refused(
    shop: Caller, parcel: Parcel, change: dict[str, str], status: int, code: str
) -> None:
    answer = shop.post(f"/parcels/{parcel.pk}/events", EVENT | change)

    assert (answer.status, answer.code) == (status, code)
    assert not TrackingEvent.objects.filter(source="api").exists()


def test_a_parcel_that_is_none_is_not_found(shop: Caller) -> None:
    assert shop.get("/parcels/999").status == 404
    assert shop.post("/parcels/999/events", EVENT).status == 404
