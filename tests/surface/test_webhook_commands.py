"""`reorder webhooks` in the terminal."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from typer.testing import CliRunner

from reorder.cli.main import app
from reorder.cli.webhooks import BadReplay, BadWebhookFilter, BadWebhookMoment
from reorder.domain.channels.errors import BadEndpoint, UnknownDelivery
from reorder.domain.channels.models import WebhookDelivery, WebhookEndpoint
from reorder.flows import webhooks
from reorder.flows.webhooks import telling
from reorder.kernel.errors import ReorderError
from tests.factories.receiver import Reply, receiving

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW.isoformat())
    monkeypatch.setattr("reorder.cli.webhooks.start_application", lambda: None)
    settings.REORDER = replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",), webhook_seconds=1)
    telling.forget_unwanted()


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["webhooks", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_an_endpoint_is_added_listed_and_tested() -> None:
    assert "No endpoint yet." in run()
    added = run("add", "https://erp.example.org/hook", "--kind", "order.placed", "--description", "ERP")
    assert "whsec_" in added
    listed = run()
    assert "ERP" in listed
    assert "order.placed" in listed
    assert "whsec_" not in listed
    (found,) = json.loads(run("--json"))
    assert (found["url"], found["kinds"], found["waiting"]) == ("https://erp.example.org/hook", ["order.placed"], 0)
    assert "Delivery" in run("test", str(WebhookEndpoint.objects.get().pk))
    assert json.loads(run("--json"))[0]["waiting"] == 1


def test_what_failed_is_listed_and_sent_again() -> None:
    with receiving(Reply(status=410)) as receiver:
        run("add", receiver.url)
        with transaction.atomic():
            webhooks.announce(
                kind="order.placed", subject_kind="order", subject_key="1", event_key="1", payload={}, moment=NOW
            )
        webhooks.send_due_webhooks(moment=NOW)
        (row,) = json.loads(run("deliveries", "--state", "given_up", "--json"))
        assert (row["kind"], row["status"], row["subject"]) == ("order.placed", 410, "order 1")
        assert "order.placed" in run("deliveries")
        endpoint = WebhookEndpoint.objects.get()
        webhooks.resume_endpoint(endpoint_id=endpoint.pk, decided_by="Mei", moment=NOW)
        said = run("replay", "--since", "2026-11-23", "--until", "2026-11-24T00:00", "--endpoint", str(endpoint.pk))
        assert "1 delivery goes out again." in said
        assert WebhookDelivery.objects.get().state == "waiting"
        webhooks.send_due_webhooks(moment=NOW)
        assert "1 delivery goes out again." in run("replay", str(row["id"]))


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("replay",), BadReplay),
        (("replay", "1", "--since", "2026-11-23"), BadReplay),
        (("replay", "--since", "yesterday"), BadWebhookMoment),
        (("replay", "99"), UnknownDelivery),
        (("deliveries", "--state", "lost"), BadWebhookFilter),
        (("deliveries", "--kind", "order.plaecd"), BadWebhookFilter),
        (("add", "http://erp.example.org"), BadEndpoint),
        (("add", "https://erp.example.org", "--kind", "all"), webhooks.UnknownKind),
    ],
)
def test_nonsense_is_refused(words: tuple[str, ...], error: type[ReorderError]) -> None:
    with pytest.raises(error):
        run(*words)
