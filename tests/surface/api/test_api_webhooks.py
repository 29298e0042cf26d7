"""Webhooks by the API: endpoints, secrets, deliveries, sending again."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from reorder.domain.channels.models import WebhookDelivery
from reorder.domain.staff.models import AuditEntry, StoredAnswer
from reorder.flows import webhooks
from reorder.flows.webhooks import telling
from tests.factories.api import Caller, call_as
from tests.factories.receiver import Reply, receiving

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
ERP = {"url": "https://erp.example.org/hook", "description": "ERP 正航", "kinds": ["order.placed"]}


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW.isoformat())
    settings.REORDER = replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",), webhook_seconds=1)
    telling.forget_unwanted()


@pytest.fixture
def owner() -> Caller:
    return call_as(scopes=["webhooks:write"])


def tell(event: str) -> None:
    with transaction.atomic():
        webhooks.announce(
            kind="order.placed", subject_kind="order", subject_key="12", event_key=event, payload={}, moment=NOW
        )


def test_an_endpoint_is_added_shown_changed_and_removed(owner: Caller) -> None:
    made = owner.post("/webhooks/endpoints", ERP)
    assert made.status == 201
    assert made.body == {
        "id": made.body["id"],
        **ERP,
        "state": "active",
        "state_reason": None,
        "state_at": "2026-11-23T01:30:00Z",
        "previous_secret_until": None,
        "failing_since": None,
        "failures_in_row": 0,
        "created_by": "token:shop",
        "created_at": "2026-11-23T01:30:00Z",
    }
    page = f"/webhooks/endpoints/{made.body['id']}"
    assert owner.get(page).body == made.body
    changed = owner.put(page, {"url": "https://erp.example.org/other"})
    assert (changed.body["url"], changed.body["description"], changed.body["kinds"]) == (
        "https://erp.example.org/other", "", [],
    )  # fmt: skip
    assert owner.get("/webhooks/endpoints").body["items"] == [changed.body]
    assert owner.send("DELETE", page).status == 200
    assert owner.get("/webhooks/endpoints").body == {"items": []}
    assert owner.get(page).code == "channels.unknown_endpoint"
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert [one for one in actions if one.startswith("webhooks.")] == [
        "webhooks.add", "webhooks.change", "webhooks.remove",
    ]  # fmt: skip


def test_the_secret_is_read_on_its_own_and_stands_in_no_stored_answer(owner: Caller) -> None:
    page = f"/webhooks/endpoints/{owner.post('/webhooks/endpoints', ERP).body['id']}"
    before = owner.get(f"{page}/secret").body["secret"]
    rotated = owner.post(f"{page}/rotate", {"overlap_hours": 48})
    assert rotated.body["previous_secret_until"] == "2026-11-25T01:30:00Z"
    after = owner.get(f"{page}/secret").body["secret"]
    assert before != after
    own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    owner.post(f"{page}/rotate", {"overlap_hours": 0, "secret": own})
    assert owner.get(f"{page}/secret").body["secret"] == own
    kept = " ".join(bytes(answer.body).decode() for answer in StoredAnswer.objects.all())
    assert "whsec_" not in kept
    assert AuditEntry.objects.filter(action="webhooks.reveal").count() == 3
    assert "whsec_" not in json.dumps(list(AuditEntry.objects.values_list("details", flat=True)))
    assert call_as(scopes=["webhooks:read"]).get(f"{page}/secret").code == "staff.not_allowed"


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://erp.example.org/hook", "https://"),
        ("http://10.0.0.5/", "https://"),
        ("ftp://erp.example.org/", "must start with"),
        ("https://user:pw@erp.example.org/", "user name"),
        ("javascript:alert(1)", "must start with"),
        ("https://", "must start with"),
        ("erp.example.org", "must start with"),
        ("https://[", "no address"),
        ("https://a b.example.org/", "no address"),
        ("https://-/", "no address"),
        ("'; DROP TABLE channels_webhookendpoint; --", "must start with"),
    ],
)
def test_an_address_that_cannot_be_asked_is_refused_with_the_reason(owner: Caller, url: str, word: str) -> None:
    answer = owner.post("/webhooks/endpoints", {"url": url})
    assert (answer.status, answer.code) == (422, "channels.bad_endpoint")
    assert word in answer.body["detail"]


def test_nonsense_is_refused_field_by_field(owner: Caller) -> None:
    for body in (
        {"url": ""},
        {"url": "https://x" + "x" * 2000},
        {"url": "https://a\x00b"},
        {**ERP, "kinds": ["order.plaecd"]},
        {**ERP, "kinds": ["test"]},
        {**ERP, "secret": "whsec_short"},
        {**ERP, "secret": "whsec_" + "A" * 33},
        {**ERP, "surprise": 1},
    ):
        answer = owner.post("/webhooks/endpoints", body)
        assert answer.status == 422, body
    assert owner.get("/webhooks/endpoints").body == {"items": []}


def test_deliveries_are_listed_filtered_shown_and_sent_again(owner: Caller) -> None:
    with receiving(Reply(status=500, body="錯誤".encode())) as receiver:
        made = owner.post("/webhooks/endpoints", {"url": receiver.url})
        for event in ("1", "2", "3"):
            tell(event)
        webhooks.send_due_webhooks(moment=NOW)
        first = owner.get("/webhooks/deliveries", limit=2, order_id=12)
        rest = owner.get("/webhooks/deliveries", limit=2, order_id=12, cursor=first.body["next_cursor"])
        assert [len(first.body["items"]), len(rest.body["items"]), rest.body["next_cursor"]] == [2, 1, None]
        failed = rest.body["items"][0]
        assert (failed["state"], failed["status"], failed["attempts"]) == ("waiting", 500, 1)
        assert len(owner.get("/webhooks/deliveries", state="delivered").body["items"]) == 2
        assert owner.get("/webhooks/deliveries", kind="order.shipped").body["items"] == []
        assert owner.get("/webhooks/deliveries", order_id=13).body["items"] == []
        detail = owner.get(f"/webhooks/deliveries/{failed['id']}").body
        assert detail["body"]["data"] == {"event_id": "1"}
        assert detail["answer_beginning"] == "錯誤"
        assert [one["status"] for one in detail["attempt_log"]] == [500]
        again = owner.post(f"/webhooks/deliveries/{failed['id']}/replay")
        assert again.status == 202
        webhooks.send_due_webhooks(moment=NOW + dt.timedelta(seconds=30))
        assert owner.get(f"/webhooks/deliveries/{failed['id']}").body["state"] == "delivered"
        assert made.body["id"] == failed["endpoint_id"]


def test_what_was_given_up_in_a_span_goes_again(owner: Caller) -> None:
    with receiving(Reply(status=410)) as receiver:
        number = owner.post("/webhooks/endpoints", {"url": receiver.url}).body["id"]
        tell("1")
        webhooks.send_due_webhooks(moment=NOW)
        tell("2")
        span = {"since": "2026-11-23T00:00:00Z", "until": "2026-11-24T00:00:00Z", "endpoint_id": number}
        assert owner.post("/webhooks/replay", span).code == "channels.endpoint_not_in_state"
        assert owner.post(f"/webhooks/endpoints/{number}/resume").body["state"] == "active"
        assert owner.post("/webhooks/replay", span).body == {"replayed": 2}
        assert owner.post("/webhooks/replay", {**span, "until": span["since"]}).code == "channels.bad_endpoint"
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"waiting"}


def test_a_test_message_waits_for_the_worker_and_a_paused_endpoint_gets_none(owner: Caller) -> None:
    number = owner.post("/webhooks/endpoints", ERP).body["id"]
    answer = owner.post(f"/webhooks/endpoints/{number}/test")
    assert (answer.status, answer.body["kind"], answer.body["state"]) == (202, "test", "waiting")
    assert owner.post(f"/webhooks/endpoints/{number}/pause").body["state"] == "paused"
    assert owner.post(f"/webhooks/endpoints/{number}/pause").code == "channels.endpoint_not_in_state"
    assert owner.post(f"/webhooks/endpoints/{number}/test").status == 409
