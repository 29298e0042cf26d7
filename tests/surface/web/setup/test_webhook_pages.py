"""Webhooks on pages: adding, the secret shown once, testing, rotating, pausing, sending again."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.channels.models import WebhookDelivery, WebhookEndpoint
from reorder.flows import webhooks
from reorder.flows.webhooks import telling
from tests.factories.pages import said
from tests.factories.receiver import Receiver, Reply, receiving
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
ERP = {"url": "https://erp.example.org/hook", "description": "ERP 正航 <b>", "kinds": ["order.placed"]}


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW.isoformat())
    settings.REORDER = replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",), webhook_seconds=1)
    telling.forget_unwanted()


@pytest.fixture
def owner(client: Client) -> Client:
    sign_in(client, role="owner", name="Mei")
    return client


def subscribe(receiver: Receiver) -> int:
    given = webhooks.EndpointForm(url=receiver.url, description="ERP")
    return webhooks.add_endpoint(given=given, decided_by="Mei", moment=NOW)[0].id


def tell(count: int = 1) -> None:
    with transaction.atomic():
        for number in range(count):
            webhooks.announce(
                kind="order.placed",
                subject_kind="order",
                subject_key=str(number),
                event_key="1",
                payload={"note": "<script>alert(1)</script>"},
                moment=NOW,
            )


def test_an_endpoint_is_added_and_its_secret_shown_once(owner: Client) -> None:
    answer = owner.post("/setup/webhooks/create", ERP)
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.content.decode())
    assert secret is not None
    assert answer.headers["Cache-Control"].startswith("max-age=0")
    endpoint = WebhookEndpoint.objects.get()
    for page in ("/setup/webhooks/", f"/setup/webhooks/{endpoint.pk}/", f"/setup/webhooks/{endpoint.pk}/edit"):
        shown = owner.get(page)
        assert shown.status_code == 200
        assert "ERP 正航 &lt;b&gt;" in shown.content.decode()
        assert "whsec_" not in shown.content.decode()


@pytest.mark.parametrize(
    "url", ["http://erp.example.org/", "erp", "https://u:p@erp.example.org/", "", "https://" * 500]
)
def test_a_bad_address_is_said_on_the_form_which_keeps_what_was_typed(owner: Client, url: str) -> None:
    answer = owner.post("/setup/webhooks/create", {**ERP, "url": url})
    assert answer.status_code == 422
    assert "ERP 正航 &lt;b&gt;" in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_an_endpoint_is_changed_paused_resumed_and_removed(owner: Client) -> None:
    owner.post("/setup/webhooks/create", ERP)
    page = f"/setup/webhooks/{WebhookEndpoint.objects.get().pk}/"
    owner.post(f"{page}change", {"url": "https://erp.example.org/2", "description": "ERP", "kinds": []})
    assert WebhookEndpoint.objects.values_list("url", "kinds").get() == ("https://erp.example.org/2", [])
    owner.post(f"{page}pause")
    assert "Paused since" in said(owner.get(page))
    assert owner.post(f"{page}pause").status_code == 409
    owner.post(f"{page}resume")
    assert WebhookEndpoint.objects.get().state == "active"
    owner.post(f"{page}remove")
    assert owner.get(page).status_code == 404
    assert "No endpoint yet." in said(owner.get("/setup/webhooks/"))


def test_a_test_message_leads_to_its_delivery_which_tells_how_it_fares(owner: Client) -> None:
    with receiving(Reply(status=404, body=b"<h1>no</h1>")) as receiver:
        number = subscribe(receiver)
        page = owner.post(f"/setup/webhooks/{number}/test").headers["Location"]
        waiting = owner.get(page)
        assert "waiting" in said(waiting)
        assert f'hx-get="{page}progress"' in waiting.content.decode()
        webhooks.send_due_webhooks(moment=NOW)
        failed = owner.get(page)
        assert "answered 404" in said(failed)
        assert "&lt;h1&gt;no&lt;/h1&gt;" in failed.content.decode()
        assert "v1," in said(failed)
        owner.post(f"{page}replay")
        webhooks.send_due_webhooks(moment=NOW + dt.timedelta(seconds=1))
        done = owner.get(page)
    assert "delivered" in said(done)
    assert "hx-get" not in owner.get(f"{page}progress").content.decode()


def test_a_new_secret_is_shown_once_and_the_page_says_how_long_both_are_valid(owner: Client) -> None:
    owner.post("/setup/webhooks/create", ERP)
    page = f"/setup/webhooks/{WebhookEndpoint.objects.get().pk}/"
    assert "whsec_" in said(owner.post(f"{page}rotate", {"overlap_hours": "24"}))
    assert "the older one is valid until 2026-11-24 09:30" in said(owner.get(page))
    assert owner.post(f"{page}rotate", {"overlap_hours": "5"}).status_code == 422


def test_missed_messages_of_a_span_go_out_again(owner: Client) -> None:
    with receiving(usual=Reply(status=410)) as receiver:
        number = subscribe(receiver)
        tell(3)
        webhooks.send_due_webhooks(moment=NOW)
    page = f"/setup/webhooks/{number}/"
    assert "It answered that it is gone for good (410)." in said(owner.get(page))
    assert "1 endpoint does not answer or was disabled." in said(owner.get("/setup/"))
    owner.post(f"{page}resume")
    span = {"since": "2026-11-23T09:00", "until": "2026-11-23T10:00"}
    answer = owner.post(f"{page}replay", span, follow=True)
    assert "3 deliveries go out again." in said(answer)
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"waiting"}
    for bad in ({"since": "x", "until": ""}, {"since": "2026-11-23T10:00", "until": "2026-11-23T09:00"}):
        assert owner.post(f"{page}replay", bad).status_code == 422


def test_deliveries_are_filtered_and_a_bad_filter_is_said(owner: Client) -> None:
    with receiving() as receiver:
        number = subscribe(receiver)
        tell(2)
        webhooks.send_due_webhooks(moment=NOW)
    base = "/setup/webhooks/deliveries/"
    assert "Order no. 1" in said(owner.get(f"{base}?tab=delivered&kind=order.placed&endpoint={number}&order=1"))
    assert "Order no. 0" not in said(owner.get(f"{base}?order=1"))
    for bad in ("endpoint=x", "order=-1", "order=99999999999999999999"):
        assert owner.get(f"{base}?{bad}").status_code == 422
    assert "&lt;script&gt;" in owner.get(f"{base}{WebhookDelivery.objects.first().pk}/").content.decode()  # type: ignore[union-attr]


def test_pages_ask_the_same_number_of_questions_whatever_their_rows(owner: Client) -> None:
    with receiving() as receiver:
        number = subscribe(receiver)
        tell(1)
        few = [queries_of(owner, page) for page in pages(number)]
        for _ in range(5):
            subscribe(receiver)
        telling.forget_unwanted()
        with transaction.atomic():
            webhooks.announce(
                kind="order.placed", subject_kind="order", subject_key="x", event_key="9", payload={}, moment=NOW
            )
    assert [queries_of(owner, page) for page in pages(number)] == few
    assert max(few) <= 12


def pages(number: int) -> list[str]:
    return ["/setup/webhooks/", f"/setup/webhooks/{number}/", "/setup/webhooks/deliveries/"]


def queries_of(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)
