"""A closed manifest is told to its carrier; what the carrier answers undoes nothing, and can be tried again."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from reorder.domain.shipping.models import Manifest, Parcel
from reorder.flows import fulfil, labels
from reorder.flows.labels import LabelWish
from tests.factories.easypost import Stub, stub_carrier
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import LATER, parcel_of
from tests.factories.parcels import easypost_account, packed_parcel
from tests.factories.placing import MERCHANT
from tests.factories.staff import sign_in
from tests.factories.tracked import HOUR, scanned

pytestmark = pytest.mark.django_db(transaction=True)
GONE = LATER + HOUR
PAGE = f"/warehouse/shipping/manifests/M-{KEELUNG}-261127-1/"


@pytest.fixture
def stub(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setenv("REORDER_CLOCK", (GONE + HOUR).isoformat())
    settings.REORDER = dataclasses.replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",))
    with stub_carrier() as made:
        yield made


def in_the_cage(stub: Stub) -> Parcel:
    """A parcel with a label of the stub, scanned out."""
    parcel = packed_parcel()
    easypost_account(address=stub.address)
    labels.buy_label(wish=LabelWish(parcel_id=parcel.pk, key="k"), actor=MERCHANT, moment=LATER)
    part = parcel_of(parcel.order_id)
    fulfil.pick_fulfilment(fulfilment_id=part, actor=MERCHANT, moment=LATER)
    fulfil.pack_fulfilment(fulfilment_id=part, actor=MERCHANT, moment=LATER)
    scanned(parcel.number, moment=GONE)
    return parcel


def asked(stub: Stub) -> int:
    return stub.asked.count(("POST", "/v2/scan_forms"))


def test_closing_a_manifest_has_the_carrier_make_its_list_once(client: Client, stub: Stub) -> None:
    in_the_cage(stub)
    sign_in(client, role="warehouse")

    page = client.post(f"{PAGE}close/", follow=True).content.decode()
    client.post(f"{PAGE}tell/")

    assert "The carrier was told. Its number for it: sf_1" in page
    assert "Number at the carrier: sf_1." in page
    assert "Tell the carrier" not in page
    assert (Manifest.objects.get().carrier_reference, asked(stub)) == ("sf_1", 1)


def test_a_refusal_leaves_the_manifest_closed_and_is_tried_again(client: Client, stub: Stub) -> None:
    in_the_cage(stub)
    sign_in(client, role="warehouse")
    stub.answers["/scan_forms"] = (422, b'{"error": {"message": "Shipments are of yesterday."}}')

    page = client.post(f"{PAGE}close/", follow=True).content.decode()

    assert "The carrier was not told of the manifest. Stub Post refused: Shipments are of yesterday." in page
    assert "Tell the carrier" in page
    assert Manifest.objects.get().closed_at is not None
    stub.answers.clear()
    client.post(f"{PAGE}tell/")
    assert (Manifest.objects.get().carrier_reference, asked(stub)) == ("sf_1", 2)


def test_a_number_that_somebody_wrote_is_kept_and_the_carrier_is_not_asked(client: Client, stub: Stub) -> None:
    in_the_cage(stub)
    sign_in(client, role="warehouse")

    client.post(f"{PAGE}close/", {"reference": "77"})

    assert (Manifest.objects.get().carrier_reference, asked(stub)) == ("77", 0)
