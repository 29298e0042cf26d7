"""Labels by the API: prices, buying once by a job, reading, papers, giving back."""

import base64
import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from reorder.domain.shipping.models import Label, Parcel
from reorder.flows import labels
from tests.factories.api import Caller, call_as
from tests.factories.easypost import Stub, stub_carrier
from tests.factories.parcels import another_parcel, easypost_account, packed_parcel
from tests.factories.placing import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOON.isoformat())


@pytest.fixture
def stub(settings: Any) -> Iterator[Stub]:
    settings.REORDER = dataclasses.replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",))
    with stub_carrier() as made:
        yield made


@pytest.fixture
def caller() -> Caller:
    return call_as(scopes=["fulfilment:write"])


def test_prices_of_services_with_the_reasons_of_those_that_do_not_take_a_parcel(caller: Caller) -> None:
    parcel = packed_parcel()

    answer = caller.get(f"/parcels/{parcel.pk}/rates")

    assert answer.status == 200
    assert answer.body["best"] == "home"
    assert [(one["service"], one["is_possible"], one["cost_minor"], one["reason"]) for one in answer.body["items"]] == [
        ("home", True, 8000, None),
        ("home-cold", False, None, "it does not keep ambient goods"),
        ("store", False, 6000, "it goes to a store, the customer wants it at the door"),
    ]


def test_a_label_is_claimed_with_the_answer_and_bought_by_a_job_once(caller: Caller, stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)

    first = caller.post(f"/parcels/{parcel.pk}/labels", {}, key="k-1")
    again = caller.post(f"/parcels/{parcel.pk}/labels", {}, key="k-1")
    refused = caller.post(f"/parcels/{parcel.pk}/labels", {}, key="k-2")

    assert (first.status, first.body["state"], again.body) == (202, "claimed", first.body)
    assert (refused.status, refused.body["code"]) == (409, "shipping.parcel_has_label")
    assert stub.asked == []
    for _twice in range(2):
        labels.buy_claimed(label_id=first.body["id"], moment=NOON)
    read = caller.get(f"/labels/{first.body['id']}").body
    assert (read["state"], read["tracking_number"], read["cost_minor"]) == ("bought", "9400000000000000000001", 790)
    assert len(stub.bought) == 1
    papers = caller.get(f"/labels/{first.body['id']}/papers").body
    assert base64.b64decode(papers["pdf_base64"]).startswith(b"%PDF")


def test_a_label_is_given_back_by_a_job(caller: Caller, stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)
    label_id = caller.post(f"/parcels/{parcel.pk}/labels", {"service": "home"}).body["id"]
    early = caller.post(f"/labels/{label_id}/void", {})
    labels.buy_claimed(label_id=label_id, moment=NOON)

    asked = caller.post(f"/labels/{label_id}/void", {})
    labels.void_asked(label_id=label_id, decided_by="token:shop", moment=NOON)

    assert (early.status, early.body["code"]) == (409, "shipping.label_not_in_state")
    assert asked.status == 202
    assert [one["state"] for one in caller.get(f"/parcels/{parcel.pk}/labels").body["items"]] == ["voided"]
    assert stub.refunds == ["shp_1"]


def test_a_fault_of_the_carrier_is_said(caller: Caller, stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)
    stub.answers["/buy"] = (422, b'{"error": {"message": "Insufficient funds."}}')
    label_id = caller.post(f"/parcels/{parcel.pk}/labels", {"service": "home"}).body["id"]

    labels.buy_claimed(label_id=label_id, moment=NOON)

    read = caller.get(f"/labels/{label_id}").body
    assert (read["state"], read["fault"]) == (
        "failed",
        {"code": "carrier.refused", "said": "Stub Post refused: Insufficient funds."},
    )


def test_what_is_not_there_or_not_of_the_tokens_place_is_not_found(caller: Caller) -> None:
    parcel = packed_parcel()
    other = call_as(scopes=["fulfilment:write"], places=["KAOHSIUNG"])

    assert caller.get("/parcels/999/rates").status == 404
    assert caller.get("/labels/999").status == 404
    assert other.get(f"/parcels/{parcel.pk}/rates").status == 404
    assert other.post(f"/parcels/{parcel.pk}/labels", {}).status == 404
    assert Label.objects.count() == 0


def test_a_parcel_that_nobody_takes_says_why(caller: Caller) -> None:
    parcel = another_parcel(order_id=packed_parcel().order_id, grams=40_000)

    answer = caller.post(f"/parcels/{parcel.pk}/labels", {})

    assert (answer.status, answer.body["code"]) == (422, "shipping.no_service_fits")
    assert "it takes up to 20 kg" in answer.body["detail"]
    assert Parcel.objects.get(pk=parcel.pk).tracking_number == ""
