"""Consents with proof, sign-ups, and a person's data handed out and erased, by API."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache

from reorder.domain.customers.models import Customer
from reorder.domain.messaging import queries
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.staff.models import StoredAnswer
from tests.factories.api import Caller, make_secret
from tests.factories.messaging import make_reader

pytestmark = pytest.mark.django_db(transaction=True)
NOW = "2026-11-22T02:00:00+00:00"


@pytest.fixture(autouse=True)
def at_home(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW)
    settings.HOME = tmp_path
    cache.clear()


def test_what_was_agreed_elsewhere_is_recorded_with_its_proof() -> None:
    mei = make_reader()
    shop = Caller(secret=make_secret(scopes=["customers:write"]))
    refusal = {"customer": "MEI@example.org", "granted": False, "declared_at": NOW, "source": "call"}
    assert shop.post("/consents", refusal).body == {"customer": mei.pk, "outcome": "new"}
    assert shop.post("/consents", refusal).body["outcome"] == "known"
    assert queries.has_marketing_consent(customer_id=mei.pk) is False
    late = dt.datetime.fromisoformat(NOW) + dt.timedelta(hours=1)
    for wrong, reason in (
        ({"granted": True}, "proof"),
        ({"declared_at": late.isoformat()}, "future"),
        ({"customer": "nobody"}, "no such customer"),
        ({"topic": "no-such"}, "no such topic"),
    ):
        answer = shop.post("/consents", refusal | wrong)
        assert (answer.status, answer.code, reason in answer.body["detail"]) == (
            422,
            "consenting.bad_declaration",
            True,
        )
    assert shop.post("/consents", refusal | {"topic": "offers"}).status == 201
    ledger = shop.get(f"/customers/{mei.pk}/consents").body["items"]
    assert [(one["topic"], one["granted"], one["source"]) for one in ledger] == [
        ("offers", False, "call"), ("", False, "call"), ("", True, "checkout"),
    ]  # fmt: skip


def test_somebody_signs_up_by_a_system_and_still_confirms_by_mail() -> None:
    shop = Caller(secret=make_secret(scopes=["customers:write"]))
    wish = {"email": "lin@example.org", "agreed": True, "source": "till", "client": "192.0.2.7"}
    assert (shop.post("/sign-ups", wish).status, shop.post("/sign-ups", wish | {"agreed": False}).status) == (202, 422)
    assert Customer.objects.count() == 0
    assert re.search(r"/u/sign-up/\S{20,}/", OutboxMessage.objects.get().body_text)


def test_a_person_is_handed_out_and_erased_and_no_answer_keeps_them() -> None:
    mei = make_reader(name="Mei Unverwechsel")
    privacy = Caller(secret=make_secret(scopes=["privacy:write"]))
    assert Caller(secret=make_secret(scopes=["customers:write"])).post(f"/customers/{mei.pk}/erase", {}).status == 403
    handed = privacy.post(f"/customers/{mei.pk}/export", {"how_known": "signed in"})
    assert handed.body["tables"]["customers_customer"][0]["name"] == "Mei Unverwechsel"
    erased = privacy.post(f"/customers/{mei.pk}/erase", {})
    assert (erased.status, erased.body["customer"], erased.body["suppressed_addresses"]) == (200, mei.pk, 1)
    assert erased.body["rows"]["customers_customer"] == 1
    assert not any(b"Unverwechsel" in bytes(one.body) for one in StoredAnswer.objects.all())
    again = privacy.post(f"/customers/{mei.pk}/erase", {})
    assert (again.status, again.code) == (409, "customers.erased")
