"""Carriers that call, and carriers that are asked: signed words only, each once, and nothing that fails stops the rest."""

import dataclasses
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from reorder.domain.shipping.accounts import AccountRow
from reorder.domain.shipping.models import Parcel, ParcelWatch, PickUp, StrayCallback, TrackingEvent
from reorder.domain.shipping.tracking_errors import BadPickUp, PickUpAsked
from reorder.flows import labels
from reorder.flows.labels import LabelWish
from reorder.flows.tracking import poll_carriers, watch_parcels
from reorder.flows.tracking.picking_up import ask_pick_up, settle_pick_up
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError
from tests.factories.easypost import Stub, stub_carrier
from tests.factories.inventory import KEELUNG
from tests.factories.parcels import easypost_account, packed_parcel
from tests.factories.placing import MERCHANT, NOON

HOUR = dt.timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def stub(settings: Any) -> Iterator[Stub]:
    settings.REORDER = dataclasses.replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",))
    with stub_carrier() as made:
        yield made


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "current_moment", lambda: NOON + 2 * HOUR)


@pytest.fixture
def account(stub: Stub) -> AccountRow:
    return easypost_account(address=stub.address)


@pytest.fixture
def parcel(account: AccountRow) -> Parcel:
    """A packed parcel with a label of the stub."""
    made = packed_parcel()
    labels.buy_label(wish=LabelWish(parcel_id=made.pk, key="k", service_code="home"), actor=MERCHANT, moment=NOON)
    made.refresh_from_db()
    return made


def news(parcel: Parcel, *told: tuple[str, dt.datetime]) -> bytes:
    """What the carrier posts of a parcel."""
    details = [{"status": status, "datetime": at.isoformat(), "message": "…"} for status, at in told]
    result = {"object": "Tracker", "tracking_code": parcel.tracking_number, "tracking_details": details}
    return json.dumps({"object": "Event", "result": result}).encode()


def call(account: AccountRow, body: bytes, *, secret: str = "whisper", path: str = "") -> Any:
    """The answer to what is posted to the account's address."""
    signature = "hmac-sha256-hex=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Client(enforce_csrf_checks=True).post(
        path or f"/carriers/{account.callback_key}/callback",
        data=body,
        content_type="application/json",
        headers={"x-hmac-signature": signature},
    )


def test_a_signed_message_is_taken_in_once(account: AccountRow, parcel: Parcel) -> None:
    body = news(parcel, ("in_transit", NOON + HOUR), ("out_for_delivery", NOON + 2 * HOUR))

    first, again = call(account, body), call(account, body)

    parcel.refresh_from_db()
    assert (first.status_code, again.status_code) == (200, 200)
    assert (parcel.state, TrackingEvent.objects.count()) == ("out_for_delivery", 2)
    assert {one.told_by for one in TrackingEvent.objects.all()} == {"Stub Post"}


def test_a_forged_message_is_refused_and_nothing_of_it_is_kept(account: AccountRow, parcel: Parcel) -> None:
    answer = call(account, news(parcel, ("delivered", NOON + HOUR)), secret="guessed")

    parcel.refresh_from_db()
    assert (answer.status_code, parcel.state) == (403, "pending")
    assert (TrackingEvent.objects.count(), StrayCallback.objects.count()) == (0, 0)


def test_an_address_of_no_account_and_a_look_at_one_tell_nothing(account: AccountRow, parcel: Parcel) -> None:
    body = news(parcel, ("delivered", NOON + HOUR))

    assert call(account, body, path="/carriers/guessed/callback").status_code == 404
    assert Client().get(f"/carriers/{account.callback_key}/callback").status_code == 405
    assert call(account, b"x" * 256_001).status_code == 413


def test_one_place_that_is_refused_often_is_not_heard_for_a_while(account: AccountRow, parcel: Parcel) -> None:
    body = news(parcel, ("in_transit", NOON + HOUR))
    for _try in range(60):
        call(account, body, secret="guessed")

    assert call(account, body).status_code == 429
    assert not TrackingEvent.objects.exists()


def test_what_is_signed_and_no_news_is_kept_with_its_reason(account: AccountRow, parcel: Parcel) -> None:
    assert call(account, b"[1, 2").status_code == 403
    stranger = dataclasses.replace(account)
    body = news(parcel, ("in_transit", NOON + HOUR)).replace(parcel.tracking_number.encode(), b"9400NOBODY")
    assert call(stranger, body).status_code == 200

    kept = StrayCallback.objects.order_by("id").values_list("reason_code", "tracking_number")
    assert list(kept) == [("unreadable", ""), ("no_parcel", "9400NOBODY")]


def test_news_from_tomorrow_are_kept_apart(account: AccountRow, parcel: Parcel) -> None:
    call(account, news(parcel, ("delivered", NOON + 48 * HOUR)))

    parcel.refresh_from_db()
    assert (parcel.state, StrayCallback.objects.get().reason_code) == ("pending", "ahead")


def ask_at(moment: dt.datetime) -> int:
    ParcelWatch.objects.update(next_poll_at=moment)
    return poll_carriers(moment=moment)


def test_a_carrier_that_is_asked_tells_where_parcels_are(stub: Stub, parcel: Parcel) -> None:
    Parcel.objects.update(shipped_at=NOON)
    watch_parcels(moment=NOON)
    details = [{"status": "in_transit", "datetime": (NOON + HOUR).isoformat(), "message": "sorted"}]
    stub.trackers[parcel.tracking_number] = {
        "object": "Tracker",
        "tracking_code": parcel.tracking_number,
        "tracking_details": details,
    }

    assert (ask_at(NOON + 2 * HOUR), ask_at(NOON + 3 * HOUR)) == (1, 0)
    parcel.refresh_from_db()
    assert parcel.state == "in_transit"
    assert TrackingEvent.objects.get().source == "poll"
    assert ParcelWatch.objects.get().next_poll_at == NOON + 4 * HOUR


def test_a_carrier_that_fails_is_asked_later_and_later(stub: Stub, parcel: Parcel) -> None:
    Parcel.objects.update(shipped_at=NOON)
    watch_parcels(moment=NOON)
    stub.answers["/v2/trackers"] = (500, b"<html>oops")

    waits = []
    for hour in range(1, 4):
        ask_at(NOON + hour * HOUR)
        watch = ParcelWatch.objects.get()
        assert watch.next_poll_at is not None
        waits.append(watch.next_poll_at - NOON - hour * HOUR)

    assert waits == [HOUR / 6, HOUR / 3, 2 * HOUR / 3]
    assert (watch.failed_polls, bool(watch.poll_fault)) == (3, True)


def ask(account: AccountRow, **more: Any) -> str:
    given: dict[str, Any] = {
        "wanted_date": NOON.date(),
        "from_time": dt.time(14),
        "until_time": dt.time(17),
        "place_code": KEELUNG,
    } | more
    return ask_pick_up(account_id=account.id, actor=MERCHANT, moment=NOON, **given)


def test_a_carrier_is_asked_to_come_once_a_day(stub: Stub, account: AccountRow, parcel: Parcel) -> None:
    assert ask(account) == "WTC123"
    with pytest.raises(PickUpAsked):
        ask(account)

    wish = PickUp.objects.get()
    assert (wish.state, wish.carrier_reference, wish.parcels_count) == ("asked", "WTC123", 1)
    assert sum(path.endswith("/v2/pickups") for _method, path in stub.asked) == 1


def test_a_carrier_that_refuses_may_be_asked_again(stub: Stub, account: AccountRow, parcel: Parcel) -> None:
    stub.answers["/v2/pickups"] = (422, b'{"error": {"message": "too late for today"}}')
    with pytest.raises(Exception, match="too late for today"):
        ask(account)
    del stub.answers["/v2/pickups"]

    assert ask(account) == "WTC123"
    assert [one.state for one in PickUp.objects.order_by("id")] == ["refused", "asked"]


def test_a_wish_whose_answer_got_lost_waits_for_a_person(stub: Stub, account: AccountRow, parcel: Parcel) -> None:
    stub.answers["/v2/pickups"] = (500, b"oops")
    with pytest.raises(ReorderError):
        ask(account)
    wish = PickUp.objects.get()
    assert wish.state == "unsure"
    with pytest.raises(PickUpAsked):
        ask(account)

    assert settle_pick_up(pick_up_id=wish.pk, is_agreed=False, actor=MERCHANT)
    assert not settle_pick_up(pick_up_id=wish.pk, is_agreed=True, actor=MERCHANT)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"wanted_date": dt.date(2026, 11, 26)}, "the day must be today or later"),
        ({"until_time": dt.time(14)}, "the first hour must be before the last"),
    ],
)
def test_a_bad_time_asks_nobody(
    stub: Stub, account: AccountRow, parcel: Parcel, more: dict[str, Any], reason: str
) -> None:
    asked = len(stub.asked)
    with pytest.raises(BadPickUp) as error:
        ask(account, **more)

    assert (error.value.parameters["reason"], len(stub.asked), PickUp.objects.count()) == (reason, asked, 0)


def test_nobody_is_asked_to_come_for_nothing(stub: Stub, account: AccountRow) -> None:
    from tests.factories.inventory import make_place

    make_place(code=KEELUNG, name=KEELUNG)
    with pytest.raises(BadPickUp, match="nothing waits for this carrier"):
        ask(account)
