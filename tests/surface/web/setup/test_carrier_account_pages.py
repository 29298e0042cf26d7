"""Carrier accounts on pages: added, tested, changed without showing a secret, rested, and what they are for."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from reorder.domain.shipping.accounts import ensure_own_account
from reorder.domain.shipping.carriers import list_cards
from reorder.domain.shipping.models import CarrierAccount
from reorder.domain.staff.models import AuditEntry
from reorder.web.setup.carrier_words import CARD_TEMPLATES
from tests.factories.easypost import KEY, Stub, stub_carrier
from tests.factories.pages import said
from tests.factories.parcels import SENDER, services_of_taiwan
from tests.factories.placing import NOON
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOON.isoformat())
    settings.REORDER = dataclasses.replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",))


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stub_carrier() as made:
        yield made


@pytest.fixture
def owner(client: Client) -> Client:
    sign_in(client, role="owner", name="Mei")
    return client


def fields(stub: Stub, **changed: Any) -> dict[str, Any]:
    given = {f"setting_{name}": value for name, value in SENDER.items()}
    return {
        "name": "EasyPost",
        "setting_address": stub.address,
        "setting_sender_country": "TW",
        "secret_api_key": KEY,
        "secret_webhook_secret": "",
        "is_test": "on",
        **given,
        **changed,
    }


def test_the_embedded_account_is_there_and_other_adapters_are_offered(owner: Client) -> None:
    answer = said(owner.get("/setup/carriers/"))

    assert "all that no other account serves" in answer
    assert "Many carriers of the world through EasyPost" in answer


def test_an_account_is_added_tested_and_told_its_services(owner: Client, stub: Stub) -> None:
    services_of_taiwan()

    added = owner.post("/setup/carriers/create/easypost", fields(stub), follow=True)
    row = CarrierAccount.objects.get(name="EasyPost")
    tested = owner.post(f"/setup/carriers/{row.pk}/test", follow=True)
    owner.post(f"/setup/carriers/{row.pk}/services", {"service_home": "USPS Priority", "service_store": ""})

    row.refresh_from_db()
    assert "The account is added." in said(added)
    assert "It answered: address and keys are right." in said(tested)
    assert (row.services, row.is_test, row.places) == ({"home": "USPS Priority"}, True, [])
    for answer in (added, tested, owner.get(f"/setup/carriers/{row.pk}/edit"), owner.get("/setup/carriers/")):
        assert KEY not in answer.content.decode()
    assert KEY not in repr(list(AuditEntry.objects.values()))


def test_a_secret_that_is_left_empty_stays(owner: Client, stub: Stub) -> None:
    owner.post("/setup/carriers/create/easypost", fields(stub))
    row = CarrierAccount.objects.get(name="EasyPost")

    owner.post(f"/setup/carriers/{row.pk}/change", fields(stub, name="EasyPost 2", secret_api_key=""))
    answer = owner.post(f"/setup/carriers/{row.pk}/test", follow=True)

    row.refresh_from_db()
    assert (row.name, row.secret_names) == ("EasyPost 2", ["api_key"])
    assert "It answered" in said(answer)


@pytest.mark.parametrize(
    "changed", [{"name": ""}, {"secret_api_key": ""}, {"setting_sender_name": ""}, {"name": "Rate table"}]
)
def test_what_is_missing_is_said_and_nothing_is_added(owner: Client, stub: Stub, changed: dict[str, str]) -> None:
    ensure_own_account()

    answer = owner.post("/setup/carriers/create/easypost", fields(stub, **changed))

    assert answer.status_code == 422
    assert list(CarrierAccount.objects.values_list("name", flat=True)) == ["Rate table"]


def test_a_wrong_key_is_said_with_what_to_do(owner: Client, stub: Stub) -> None:
    owner.post("/setup/carriers/create/easypost", fields(stub))
    row = CarrierAccount.objects.get(name="EasyPost")
    stub.answers["page_size=1"] = (401, b'{"error": {"message": "This key is not known."}}')

    answer = owner.post(f"/setup/carriers/{row.pk}/test", follow=True)

    assert "EasyPost does not accept the key of this account: This key is not known." in said(answer)


def test_an_account_rests_and_is_used_again(owner: Client, stub: Stub) -> None:
    owner.post("/setup/carriers/create/easypost", fields(stub))
    row = CarrierAccount.objects.get(name="EasyPost")

    owner.post(f"/setup/carriers/{row.pk}/rest")
    row.refresh_from_db()
    rested = row.is_active
    owner.post(f"/setup/carriers/{row.pk}/use")
    row.refresh_from_db()

    assert (rested, row.is_active) == (False, True)


def test_an_adapter_that_does_not_exist_is_bad_input(owner: Client) -> None:
    assert owner.get("/setup/carriers/new/pigeon").status_code == 422


def test_every_word_of_the_cards_is_known_to_translators() -> None:
    words = set()
    for card in list_cards():
        words |= {card.title, card.summary}
        words |= {text for one in card.fields for text in (one.label, one.help) if text}
        words |= {said for one in card.fields for _value, said in one.choices}

    assert words == set(CARD_TEMPLATES)
