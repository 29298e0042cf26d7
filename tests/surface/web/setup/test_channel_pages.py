"""Channel accounts, sending and posts on pages, and what customers switch on in the portal."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from reorder.domain.messaging import accounts, operations
from reorder.domain.messaging.accounts import ChannelAccountForm
from reorder.domain.messaging.channel_models import ChannelPost, LinkWord
from reorder.domain.messaging.channels import Outcome, Result, list_cards
from reorder.domain.messaging.channels.web_push.keys import new_private_key, public_key_of
from reorder.domain.messaging.models import ChannelAccount, ContactPoint
from reorder.domain.staff.models import AuditEntry
from tests.factories.messaging import MORNING, SUNDAY, ended, letter, make_reader
from tests.factories.pages import said
from tests.factories.portal import Shopper, last_link, open_portal
from tests.factories.provider import Provider, provider
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
# Claims commit on their own, which a test's transaction would hinder.
_REAL = pytest.mark.django_db(transaction=True)


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Provider]:
    monkeypatch.setenv("REORDER_CLOCK", MORNING.isoformat())
    settings.REORDER = dataclasses.replace(
        settings.REORDER, outgoing_networks=("127.0.0.0/8",), public_url="https://tea.example"
    )
    with provider() as known:
        yield known


def test_an_account_is_added_tested_rested_changed_and_removed_without_showing_its_keys(
    client: Client, peer: Provider
) -> None:
    sign_in(client, role="owner", name="Mei")
    peer.answer("/v2/bot/info", (401, b"no"), (200, {"displayName": "Keelung Tea"}))
    given = {
        "name": "Our LINE",
        "code": "line",
        "priority": "0",
        "setting_plan": "medium",
        "setting_address": peer.address,
        "secret_access_token": "t0ken-of-line",
        "secret_channel_secret": "s3cret-of-line",
    }
    for card in list_cards():
        assert client.get(f"/setup/channels/new/{card.name}").status_code == 200
    missing = client.post("/setup/channels/create/line", given | {"secret_access_token": ""})
    assert missing.status_code == 422

    added = client.post("/setup/channels/create/line", given, follow=True)
    row = ChannelAccount.objects.get()
    page = f"/setup/channels/{row.pk}/"
    failed = client.post(f"{page}test", follow=True)
    well = client.post(f"{page}test", follow=True)
    rested = client.post(f"{page}rest", follow=True)
    used = client.post(f"{page}use", follow=True)
    changed = client.post(f"{page}change", {**given, "name": "LINE of Mei", "secret_access_token": ""}, follow=True)

    assert "medium: 3,000 messages" in said(added)
    assert f"https://tea.example/channels/{row.callback_key}/callback" in said(added)
    assert "Our LINE answered 401: no" in said(failed)
    assert "answered" in said(well)
    assert "paused" in said(rested)
    assert "in use" in said(used)
    assert "LINE of Mei" in said(changed)
    shown = [client.get(one).content.decode() for one in ("/setup/channels/", page, f"{page}edit", "/setup/audit/")]
    assert not any("t0ken-of-line" in one or "s3cret-of-line" in one for one in shown)
    assert client.post("/setup/channels/create/line", given).status_code == 422
    assert AuditEntry.objects.filter(action__startswith="channels.").count() == 4
    assert client.post(f"{page}delete", follow=True).status_code == 200
    assert ChannelAccount.objects.count() == 0


@_REAL
def test_what_left_what_it_cost_and_posts_stand_on_the_desk(
    client: Client, peer: Provider, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client, role="owner", name="Mei")
    people = [make_reader(key=f"reader-{number}") for number in range(4)]
    operations.plan_messages(drafts=[letter(number=n, customer=one) for n, one in enumerate(people)])
    claimed = operations.claim_messages(moment=MORNING, limit=4)
    outcomes = [Outcome(result=Result.DELIVERED)] * 3 + [
        Outcome(result=Result.REFUSED, code="outbox.failed.refused", error="550 no such user")
    ]
    rows = [ended(message=one, outcome=out, moment=MORNING) for one, out in zip(claimed, outcomes, strict=True)]
    operations.record_outcomes(rows=rows, today=SUNDAY)
    operations.record_message_events(
        events=[
            operations.NewMessageEvent(kind=kind, happened_at=MORNING, key=kind, outbox_id=claimed[0].id)
            for kind in ("delivered", "opened", "complained")
        ]
    )
    operations.record_message_events(
        events=[operations.NewMessageEvent(kind="bounced", happened_at=MORNING, key="b", outbox_id=claimed[1].id)]
    )
    ChannelAccount.objects.create(
        code="page", channel="chat", provider="facebook_page", name="Page", options={"page_id": "42"}
    )

    # What all pages share is looked up once.
    client.get("/marketing/sending/costs/")
    with django_assert_max_num_queries(12):
        sending = said(client.get("/marketing/sending/"))
    with django_assert_max_num_queries(12):
        costs = said(client.get("/marketing/sending/costs/"))

    assert re.search(r"Mail server of the settings e-mail 3 33\S* 33\S* 0\S* 33\S* 33\S* 0\S* 1 0", sending), sending
    assert "example.org" in sending
    assert "It was refused for good." in sending
    assert "550 no such user" in sending
    assert "Mail server of the settings" in costs
    page = str(ChannelAccount.objects.get().pk)
    wrong = client.post("/marketing/sending/posts/plan", {"account": page, "text": ""})
    assert wrong.status_code == 422
    planned = {
        "account": page,
        "text": "Oolong is back.",
        "link": "https://tea.example/",
        "send_after": "2026-11-23T10:00",
    }
    never = client.post("/marketing/sending/posts/plan", planned | {"send_after": "0001-01-01T00:00"})
    assert "This day is too far away." in said(never)
    listed = said(client.post("/marketing/sending/posts/plan", planned, follow=True))
    post = ChannelPost.objects.get()
    assert "Oolong is back." in listed
    assert post.send_after.isoformat() == "2026-11-23T02:00:00+00:00"
    client.post(f"/marketing/sending/posts/{post.pk}/stop")
    again = client.post(f"/marketing/sending/posts/{post.pk}/stop", follow=True)
    assert f"There is no post {post.pk}." in said(again)
    assert ChannelPost.objects.get().state == "stopped"


def test_customers_let_this_browser_be_notified_and_tie_their_line_account(peer: Provider, settings: Any) -> None:
    open_portal(settings)
    mei = make_reader()
    shopper = Shopper().enter("mei@example.org")
    assert "data-push-key" not in shopper.page("/shop/me/")
    key = new_private_key()
    form = ChannelAccountForm(
        code="browsers",
        provider="web_push",
        name="Browsers",
        options={"contact": "mailto:it@tea.example"},
        secrets={"private_key": key},
    )
    accounts.create_account(form=form, created_by="Mei")

    page = shopper.page("/shop/me/")
    worker = shopper.get("/shop/push-worker.js")
    subscription = {"endpoint": "https://push.example/1", "keys": {"p256dh": "BPkey", "auth": "b"}}
    kept = shopper.client.post("/shop/push/on/", subscription, content_type="application/json")
    broken = shopper.client.post("/shop/push/on/", {"endpoint": "ftp://x"}, content_type="application/json")
    stranger = Client().post("/shop/push/on/", subscription, content_type="application/json")

    assert f'data-push-key="{public_key_of(private_key=key)}"' in page
    assert worker["Content-Type"] == "text/javascript; charset=utf-8"
    assert (kept.status_code, broken.status_code, stranger.status_code) == (200, 422, 302)
    point = ContactPoint.objects.get(channel="web_push")
    assert (point.customer_id, point.address, point.details) == (
        mei.pk,
        "https://push.example/1",
        {"keys": {"p256dh": "BPkey", "auth": "b"}},
    )
    gone = shopper.client.post("/shop/push/off/", {"endpoint": point.address}, content_type="application/json")
    assert gone.json() == {"forgotten": True}
    assert not ContactPoint.objects.filter(channel="web_push").exists()

    # A stranger signs in first, and comes back with the token, in whichever browser the mail is opened.
    asked = Shopper().get("/shop/line/?linkToken=lt%2F1")
    assert asked["Location"] == "/shop/enter/?to=%2Fshop%2Fline%2F%3FlinkToken%3Dlt%252F1"
    page = Shopper().page(asked["Location"])
    assert 'name="to" value="/shop/line/?linkToken=lt%2F1"' in page
    Shopper().post("/shop/enter/", address="mei@example.org", to="/shop/line/?linkToken=lt%2F1")
    there = Shopper()
    came = there.post(last_link("mei@example.org"))
    assert came["Location"] == "/shop/line/?linkToken=lt%2F1"
    assert 'name="linkToken" value="lt/1"' in there.page(came["Location"])
    elsewhere = ("https://evil.example/shop/", "//evil.example", "/shop/\\evil", "/setup/", "/shop/" + "x" * 400)
    for number, address in enumerate(elsewhere):
        Shopper().post("/shop/enter/", address=f"lin-{number}@example.org", to=address)
        assert Shopper().post(last_link(f"lin-{number}@example.org"))["Location"] == "/shop/"
    assert "Remind me by LINE" in shopper.page("/shop/line/?linkToken=lt")
    onward = shopper.post("/shop/line/", linkToken="lt", news="1").content.decode()
    assert "https://access.line.me/dialog/bot/accountLink?linkToken=lt&amp;nonce=c" in onward
    assert LinkWord.objects.get().customer_id == mei.pk
