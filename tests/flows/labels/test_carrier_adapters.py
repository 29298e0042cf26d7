"""EasyPost and karrio against a server of ours: prices, pick-ups, manifests, messages, and every kind of bad answer."""

import dataclasses
import datetime as dt
import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from reorder.domain.shipping import accounts
from reorder.domain.shipping.carriers import get_card, list_cards
from reorder.domain.shipping.carriers.easypost.states import STATES
from reorder.domain.shipping.carriers.faults import (
    BadCallback,
    CarrierCannotSay,
    CarrierExtraMissing,
    CarrierKeyRefused,
    CarrierRefused,
    CarrierUnreached,
    CarrierUnsure,
)
from reorder.domain.shipping.carriers.karrio import gate
from reorder.domain.shipping.carriers.values import Callback, LabelHandle, PickUpRequest
from reorder.domain.shipping.label_errors import BadAccount
from reorder.domain.shipping.models import CarrierAccount
from reorder.domain.shipping.parcel_models import PARCEL_STATES
from reorder.flows import labels
from reorder.flows.labels.opening import carrier_send
from reorder.flows.labels.shaping import parcel_to_send
from reorder.insights.parcel_facts import get_parcel_facts
from reorder.kernel.http_calls import HttpAnswer, HttpSend
from tests.factories.easypost import PDF, Stub, stub_carrier
from tests.factories.parcels import SENDER, easypost_account, ecpay_account, karrio_account, packed_parcel
from tests.factories.placing import MERCHANT, NOON


@pytest.fixture
def stub(settings: Any) -> Iterator[Stub]:
    settings.REORDER = dataclasses.replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",))
    with stub_carrier() as made:
        yield made


def handle(reference: str = "shp_1", number: str = "9400000000000000000001") -> LabelHandle:
    return LabelHandle(
        reference="R1",
        series_number=1,
        service="home",
        carrier_reference=reference,
        tracking_number=number,
        details={"carrier": "USPS"},
    )


def sent(parcel_id: int) -> Any:
    row = get_parcel_facts(parcel_id=parcel_id, actor=MERCHANT)
    return parcel_to_send(row=row, account_settings=SENDER, reference="R1", series_number=1)


@pytest.mark.django_db
def test_easypost_says_prices_of_services_that_it_offers(stub: Stub) -> None:
    account = easypost_account(address=stub.address, home="USPS Priority", store="Ground")
    carrier = labels.open_account(account_id=account.id, moment=NOON)

    rates = carrier.rate(parcel=sent(packed_parcel().pk), service_codes=["home", "store", "home-cold"])

    assert [(one.service_code, one.cost_minor, one.currency, one.days) for one in rates] == [
        ("home", 790, "USD", 2),
        ("store", 610, "USD", 4),
    ]
    assert stub.bought == []


@pytest.mark.django_db
def test_a_parcel_goes_to_easypost_in_inches_and_ounces(stub: Stub) -> None:
    account = easypost_account(address=stub.address)
    carrier = labels.open_account(account_id=account.id, moment=NOON)

    carrier.buy(parcel=sent(packed_parcel().pk), service_code="home")

    (made,) = stub.shipments.values()
    assert made["parcel"] == {"length": 9.84, "width": 7.09, "height": 4.72, "weight": 31.7}
    assert (made["to_address"]["name"], made["from_address"]["street1"]) == ("林美玲", "港西街 6 號之 1")


@pytest.mark.django_db
def test_easypost_tracks_makes_manifests_and_comes_for_parcels(stub: Stub) -> None:
    stub.trackers["9400000000000000000001"] = {
        "tracking_code": "9400000000000000000001",
        "status": "delivered",
        "tracking_details": [
            {"status": "in_transit", "datetime": "2026-11-26T10:00:00Z", "message": "Arrived", "tracking_location": {"city": "Taipei"}},
            {"status": "delivered", "datetime": "2026-11-27T02:00:00Z", "message": "Delivered"},
        ],
    }  # fmt: skip
    account = easypost_account(address=stub.address)
    carrier = labels.open_account(account_id=account.id, moment=NOON)
    sender = sent(packed_parcel().pk).sender

    reports = carrier.track(labels=[handle()])
    manifest = carrier.manifest(labels=[handle()])
    pick_up = carrier.pick_up(
        request=PickUpRequest(
            sender=sender,
            date=dt.date(2026, 11, 28),
            ready_time=dt.time(9),
            closing_time=dt.time(17),
            labels=(handle(),),
        )
    )

    assert [(one.state, one.where, one.happened_at.hour) for one in reports] == [
        ("in_transit", "Taipei", 10),
        ("delivered", "", 2),
    ]
    assert (manifest.carrier_reference, manifest.pdf) == ("sf_1", PDF)
    assert (pick_up.confirmation, pick_up.cost_minor, pick_up.currency) == ("WTC123", 420, "USD")


@pytest.mark.django_db
def test_easyposts_messages_are_believed_when_they_are_signed(stub: Stub) -> None:
    account = easypost_account(address=stub.address)
    carrier = labels.open_account(account_id=account.id, moment=NOON)
    body = json.dumps(
        {"result": {"object": "Tracker", "tracking_code": "94", "status": "out_for_delivery", "updated_at": "2026-11-27T01:00:00Z"}}
    ).encode()  # fmt: skip
    signature = "hmac-sha256-hex=" + hmac.new(b"whisper", body, hashlib.sha256).hexdigest()

    def read(given: bytes, signed_with: str) -> Any:
        callback = Callback(body=given, headers={"X-Hmac-Signature": signed_with}, received_at=NOON)
        return carrier.read_callback(callback=callback)

    (report,) = read(body, signature).reports
    assert (report.tracking_number, report.state) == ("94", "out_for_delivery")
    for given, signed_with in ((body + b" ", signature), (body, ""), (b"", signature)):
        with pytest.raises(BadCallback):
            read(given, signed_with)


def test_every_state_of_easypost_is_one_of_the_twelve() -> None:
    assert set(STATES.values()) <= set(PARCEL_STATES)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ((401, b"{}"), CarrierKeyRefused),
        ((422, b'{"error": {"message": "bad address"}}'), CarrierRefused),
        ((429, b""), CarrierUnreached),
        ((503, b"<html>"), CarrierUnsure),
        ((200, b"\x00\xff"), CarrierUnsure),
        ((200, b'"text"'), CarrierUnsure),
        ((200, b'{"id": 1, "rates": "none"}'), CarrierUnsure),
    ],
)
def test_bad_answers_of_easypost_are_clear_faults(stub: Stub, said: tuple[int, bytes], kind: type[Exception]) -> None:
    account = easypost_account(address=stub.address)
    carrier = labels.open_account(account_id=account.id, moment=NOON)
    stub.answers["/v2/shipments"] = said

    with pytest.raises(kind):
        carrier.rate(parcel=sent(packed_parcel().pk), service_codes=["home"])


@pytest.mark.django_db
def test_a_private_address_that_nobody_allowed_is_not_asked() -> None:
    account = easypost_account(address="http://127.0.0.1:9")

    tried = labels.try_account(account_id=account.id, actor=MERCHANT, moment=NOON)

    assert tried.check_fault is not None
    assert tried.check_fault["code"] == "carrier.unreached"
    assert "REORDER_OUTGOING_NETWORKS" in tried.check_fault["parameters"]["cause"]


@pytest.mark.django_db
def test_a_test_of_the_connection_shows_a_wrong_key(stub: Stub) -> None:
    account = easypost_account(address=stub.address)
    good = labels.try_account(account_id=account.id, actor=MERCHANT, moment=NOON)
    stub.answers["page_size=1"] = (401, b'{"error": {"message": "This key is not known."}}')

    bad = labels.try_account(account_id=account.id, actor=MERCHANT, moment=NOON)

    assert (good.checked_at, good.check_fault) == (NOON, None)
    assert bad.check_fault is not None
    assert bad.check_fault["code"] == "carrier.key_refused"


@pytest.mark.django_db
def test_secrets_are_sealed_kept_when_left_empty_and_never_shown() -> None:
    account = ecpay_account()
    form = accounts.AccountForm(
        name="ECPay 2",
        adapter="ecpay",
        settings={"merchant_id": "2000933", **SENDER},
        secrets={"hash_key": "", "hash_iv": "newnewnewnewnewn"},
    )

    row = labels.change_account(account_id=account.id, form=form, actor=MERCHANT)

    kept = CarrierAccount.objects.get(pk=account.id)
    assert "XBERn1YOvpM9nfZc" not in kept.secrets
    assert "XBERn1YOvpM9nfZc" not in repr(row)
    assert dict(accounts.open_account(account_id=account.id).secrets) == {
        "hash_key": "XBERn1YOvpM9nfZc",
        "hash_iv": "newnewnewnewnewn",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": "Stub Post"},
        {"adapter": "pigeon"},
        {"secrets": {}},
        {"settings": {"address": "https://x"}},
    ],
)
def test_an_account_that_lacks_something_is_refused(changed: dict[str, Any]) -> None:
    easypost_account(address="https://api.example")
    usual = {"name": "New", "adapter": "easypost", "settings": SENDER, "secrets": {"api_key": "k"}}
    from reorder.kernel.errors import BadInput

    with pytest.raises(BadInput) as told:
        labels.add_account(form=accounts.AccountForm(**{**usual, **changed}), actor=MERCHANT)  # type: ignore[arg-type]

    assert changed.get("adapter") == "pigeon" or isinstance(told.value, BadAccount)


def rerouted(stub: Stub, seen: list[str]) -> Any:
    """The guarded way out, with EasyPost's address replaced by the stub's."""

    def send_of(carrier: str) -> HttpSend:
        real = carrier_send(carrier)

        def send(
            *, url: str, method: str = "POST", headers: Mapping[str, str] | None = None, body: bytes = b""
        ) -> HttpAnswer:
            seen.append(url)
            return real(
                url=url.replace("https://api.easypost.com", stub.address), method=method, headers=headers, body=body
            )

        return send

    return send_of


@pytest.mark.django_db
def test_karrio_buys_through_our_way_out_once_and_leaves_certificates_checked(stub: Stub) -> None:
    account = karrio_account()
    seen: list[str] = []
    before = ssl._create_default_https_context

    carrier = labels.open_account(account_id=account.id, moment=NOON, send_of=rerouted(stub, seen))
    bought = carrier.buy(parcel=sent(packed_parcel().pk), service_code="home")

    assert ssl._create_default_https_context is before
    assert (bought.tracking_number, len(stub.bought)) == ("9400000000000000000001", 1)
    assert seen[:2] == ["https://api.easypost.com/v2/shipments", "https://api.easypost.com/v2/shipments/shp_1/buy"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ((401, b'{"error": {"message": "no key", "code": "X"}}'), CarrierKeyRefused),
        ((422, b'{"error": {"message": "bad address", "code": "X"}}'), CarrierRefused),
        ((500, b"oops"), CarrierUnsure),
        ((200, b"<html>"), CarrierUnsure),
    ],
)
def test_bad_answers_through_karrio_are_clear_faults(
    stub: Stub, said: tuple[int, bytes], kind: type[Exception]
) -> None:
    account = karrio_account()
    carrier = labels.open_account(account_id=account.id, moment=NOON, send_of=rerouted(stub, []))
    stub.answers["/buy"] = said

    with pytest.raises(kind):
        carrier.buy(parcel=sent(packed_parcel().pk), service_code="home")


@pytest.mark.django_db
def test_karrio_cannot_say_whether_a_label_was_bought(stub: Stub) -> None:
    carrier = labels.open_account(account_id=karrio_account().id, moment=NOON, send_of=rerouted(stub, []))

    with pytest.raises(CarrierCannotSay):
        carrier.find(parcel=sent(packed_parcel().pk), service_code="home")


def test_without_its_packages_karrio_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "jinja2", None)
    gate.load_karrio.cache_clear()
    try:
        with pytest.raises(CarrierExtraMissing) as told:
            gate.load_karrio()
    finally:
        gate.load_karrio.cache_clear()

    assert told.value.parameters["command"] == "uv sync --extra karrio"


def test_outside_a_conversation_karrio_reaches_nobody() -> None:
    from urllib.request import Request

    gate.load_karrio()

    with pytest.raises(CarrierUnreached):
        gate._go_out(Request("https://api.easypost.com/v2/shipments"))


def test_every_adapter_has_a_card_and_tells_its_abilities() -> None:
    assert [one.name for one in list_cards()] == ["rate_table", "ecpay", "easypost", "karrio"]
    assert get_card(adapter="ecpay").capabilities.forms
    assert get_card(adapter="rate_table").capabilities.finds
