"""All channels through the one sender, against servers that answer as providers do: once each, paced, told, counted."""

import base64
import dataclasses
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.test import Client

from reorder.domain.customers.models import Customer
from reorder.domain.messaging import accounts, operations, paces, posts
from reorder.domain.messaging.accounts import ChannelAccountForm, ChannelAccountRow
from reorder.domain.messaging.channel_models import ChannelDay, ReplyPass, SendingStep, StrayEvent
from reorder.domain.messaging.channels import Outcome, Result
from reorder.domain.messaging.channels.base import BadAccountOption
from reorder.domain.messaging.errors import BadChannelAccount
from reorder.domain.messaging.models import ChannelAccount, ConsentEntry, ContactPoint, MessageEvent, OutboxMessage
from reorder.domain.messaging.operations import NewConsent, NewContactPoint
from reorder.domain.messaging.prices import list_channel_prices
from reorder.domain.messaging.quotas import LINE_PLANS, state_of
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows import channel_setup, outbox
from reorder.flows.outbox import send_due_messages, send_due_posts
from reorder.insights.deliverability import list_costs, list_ways, read_deliverability
from reorder.kernel.standard_webhooks import new_secret
from tests.factories.messaging import MORNING, NIGHT, letter, make_reader
from tests.factories.provider import Provider, provider
from tests.factories.sender import start_sender
from tests.factories.smtp import smtp_peer

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = dt.timedelta(minutes=1)
MAY = Actor(name="owner", abilities=frozenset(Ability))


@pytest.fixture(scope="module")
def peer() -> Iterator[Provider]:
    with provider() as known:
        yield known


@pytest.fixture(autouse=True)
def shop(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(
        settings.REORDER,
        mail_from="hello@tea.example",
        shop_name="Keelung Tea",
        outgoing_networks=("127.0.0.0/8",),
        public_url="https://shop.example",
    )


def add(
    provider: str, *, code: str = "", priority: int = 0, options: dict[str, str] | None = None, **secrets: str
) -> ChannelAccountRow:
    return accounts.create_account(
        form=ChannelAccountForm(
            code=code or provider.replace("_", "-"),
            provider=provider,
            name=f"Our {code or provider}",
            options=options or {},
            secrets=secrets,
            priority=priority,
        ),
        created_by="owner",
    )


def reach(person: Customer, channel: str, address: str, **details: Any) -> None:
    operations.upsert_contact_points(points=[NewContactPoint(customer_id=person.pk, channel=channel, address=address)])
    if details:
        ContactPoint.objects.filter(channel=channel, address=address).update(details=details)
    consent = NewConsent(
        customer_id=person.pk,
        channel=channel,
        is_granted=True,
        source="checkout",
        declared_at=NIGHT,
        idempotency_key=f"{person.key}-{channel}",
    )
    operations.record_consents(consents=[consent])


def states() -> dict[str, str]:
    return dict(OutboxMessage.objects.order_by("pk").values_list("idempotency_key", "state"))


def test_line_answers_first_sends_the_rest_at_once_and_its_month_is_counted(
    peer: Provider, settings: LazySettings
) -> None:
    row = add("line", options={"address": peer.address, "plan": "light"}, access_token="t", channel_secret="s3cret")
    people = [make_reader(key=f"reader-{number}") for number in range(4)]
    for number, person in enumerate(people):
        reach(person, "line", f"U{number}")
    ReplyPass.objects.create(way="line", address="U0", token="pass", expires_at=MORNING + MINUTE)
    ReplyPass.objects.create(way="line", address="U1", token="late", expires_at=MORNING - MINUTE)
    drafts = [
        # Of an order, so that nothing in it is a person's own, as the way to refuse in marketing is.
        letter(number=n, customer=one, channel="line", address=f"U{n}", purpose="transactional", subject="Oolong")
        for n, one in enumerate(people)
    ]
    operations.plan_messages(drafts=drafts)
    peer.answer("/reply", (200, {}))
    peer.answers |= {"/push": [(200, {}, {"x-line-request-id": "r1"})], "/multicast": [(200, {})]}

    first = send_due_messages(moment=MORNING)

    assert (first.sent_count, set(states().values())) == (4, {"sent"})
    asked = {one.path.rpartition("/")[2]: one.json for one in peer.asked}
    assert asked["reply"]["replyToken"] == "pass"
    assert sorted(asked["multicast"]["to"]) == ["U1", "U2", "U3"]
    assert "push" not in asked
    costs = list_costs(moment=MORNING)
    assert [(one.code, one.sent_count, one.billed_count) for one in costs] == [("line", 4, 3)]
    assert costs[0].quota == state_of(plan=LINE_PLANS["light"], used_count=3)
    assert (state_of(plan=LINE_PLANS["light"], used_count=200).left_count, costs[0].quota.left_count) == (0, 197)
    high = state_of(plan=LINE_PLANS["high"], used_count=6_010)
    assert (high.left_count, high.next_micros, high.month_micros) == (None, 200_000, 1_202_000_000)

    # The plan is used up: what is planned then waits, nothing is asked, and nobody is planned to be reached there.
    today = MORNING.date()
    assert list_channel_prices(today=today)["line"].left_count == 197
    ChannelDay.objects.filter(way=row.code).update(billed_count=200)
    assert list_channel_prices(today=today)["line"].left_count == 0
    operations.plan_messages(
        drafts=[letter(number=9, customer=people[1], channel="line", address="U1", purpose="transactional")]
    )
    peer.asked.clear()
    send_due_messages(moment=MORNING + MINUTE)
    assert (states()["letter-9"], peer.asked) == ("planned", [])


def test_an_account_that_is_down_rests_and_the_next_one_takes_over(peer: Provider, settings: LazySettings) -> None:
    with smtp_peer() as mail:
        add("smtp", code="first", options={"host": "127.0.0.1", "port": "1", "security": "none"})
        port = str(mail.port)
        add("smtp", code="second", priority=1, options={"host": "127.0.0.1", "port": port, "security": "none"})
        people = [make_reader(key=f"reader-{number}") for number in range(3)]
        operations.plan_messages(drafts=[letter(number=n, customer=one) for n, one in enumerate(people)])

        down = send_due_messages(moment=MORNING)
        attempts = sorted(OutboxMessage.objects.values_list("attempts_count", flat=True))
        taken_over = send_due_messages(moment=MORNING + 6 * MINUTE / 60)

        assert (down.put_off_count, attempts) == (1, [0, 0, 1])
        assert (taken_over.sent_count, len(mail.arrived)) == (2, 2)
        assert set(OutboxMessage.objects.filter(state="sent").values_list("provider", flat=True)) == {"second"}
        rows = {one.code: one for one in list_ways(moment=MORNING + 6 * MINUTE / 60)}
        assert rows["first"].rests_until is not None
        assert rows["first"].rest_code == "outbox.retry.no_contact"
        assert (rows["settings"].is_active, rows["second"].sent_today_count) == (False, 2)
        assert channel_setup.wake_way(way="first", actor=MAY)
        assert paces.list_resting(moment=MORNING) == {}


def test_a_wait_that_a_provider_asks_for_is_heeded_and_one_faulty_message_harms_no_other(peer: Provider) -> None:
    add("webhook", options={"url": f"{peer.address}/hook"}, secret=new_secret())
    mei = make_reader()
    reach(mei, "webhook", "m-1")
    drafts = [
        letter(number=n, customer=mei, channel="webhook", address="m-1", purpose="transactional") for n in range(3)
    ]
    drafts[0] = dataclasses.replace(drafts[0], template_version_id=987_654_321, body_text="", subject="")
    operations.plan_messages(drafts=drafts)
    peer.answer("/hook", (429, b"", {"retry-after": "120"}), (200, b""))

    first = send_due_messages(moment=MORNING)
    early = send_due_messages(moment=MORNING + MINUTE)
    calls = len(peer.asked)
    send_due_messages(moment=MORNING + 3 * MINUTE)
    send_due_messages(moment=MORNING + 6 * MINUTE)

    assert (first.failed_count, first.put_off_count, first.sent_count) == (1, 1, 0)
    assert (early.sent_count, calls) == (0, 1)
    assert states() == {"letter-0": "failed", "letter-1": "sent", "letter-2": "sent"}
    broken = OutboxMessage.objects.get(idempotency_key="letter-0")
    assert broken.outcome_code == "outbox.failed.content"
    assert broken.error != ""
    assert SendingStep.objects.count() == 0
    fates = read_deliverability(moment=MORNING + 10 * MINUTE)
    assert [(one.way, one.sent_count, one.failed_count) for one in fates.ways] == [("webhook", 2, 1)]


def test_a_browser_that_is_gone_gets_nothing_more_and_days_and_domains_have_their_limits(peer: Provider) -> None:
    made = channel_setup.add_account(
        form=ChannelAccountForm(
            code="browsers",
            provider="web_push",
            name="Browsers",
            options={"contact": "mailto:it@x.example"},
            secrets={},
        ),
        actor=MAY,
    )
    assert made.secret_names == ("private_key",)
    assert len(channel_setup.browser_key()) == 87
    mei = make_reader()
    browser = {
        "endpoint": f"{peer.address}/push/1",
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    }
    channel_setup.subscribe_browser(customer_id=mei.pk, subscription=browser, text_version="1", moment=NIGHT)
    drafts = [letter(number=n, customer=mei, channel="web_push", address=browser["endpoint"]) for n in range(2)]
    later = dataclasses.replace(drafts[1], send_after=MORNING + MINUTE)
    operations.plan_messages(drafts=[drafts[0], later])
    peer.answer("/push/1", (410, b""))
    assert send_due_messages(moment=MORNING).failed_count == 1
    send_due_messages(moment=MORNING + 2 * MINUTE)
    stopped = OutboxMessage.objects.get(idempotency_key="letter-1")
    assert (stopped.state, stopped.outcome_code, len(peer.asked)) == ("stopped", "outbox.stopped.unreachable", 1)

    with smtp_peer() as mail:
        options = {
            "host": "127.0.0.1",
            "port": str(mail.port),
            "security": "none",
            "domain_per_day": "gmail.example=2",
            "price": "0.01",
        }
        row = add("smtp", options=options)
        people = [make_reader(key=f"g{number}") for number in range(5)]
        drafts = [
            letter(number=10 + n, customer=one, address=f"g{n}@{'gmail' if n < 4 else 'other'}.example")
            for n, one in enumerate(people)
        ]
        operations.plan_messages(drafts=drafts)
        send_due_messages(moment=MORNING)
        sent = sorted(str(one["To"]) for one in mail.arrived)
        assert len(sent) == 3
        assert "g4@other.example" in sent
        assert paces.count_day(way=row.code, day=MORNING.date()) == {"gmail.example": 2, "other.example": 1}
        send_due_messages(moment=MORNING + 60 * MINUTE)
        assert len(mail.arrived) == 3
        send_due_messages(moment=MORNING + dt.timedelta(days=1))
        assert len(mail.arrived) == 5
        assert sum(one.cost_micros for one in paces.list_days(since=MORNING.date()) if one.way == row.code) == 50_000


def test_what_a_dead_sender_left_is_decided_by_how_far_it_came() -> None:
    people = [make_reader(key=f"reader-{number}") for number in range(4)]
    operations.plan_messages(drafts=[letter(number=n, customer=one) for n, one in enumerate(people)])
    claimed = operations.claim_messages(moment=MORNING, limit=10)
    by_key = {one.idempotency_key: one.id for one in claimed}
    delivered = operations.told_of(
        outcome=Outcome(result=Result.DELIVERED, provider_key="p1"), way="settings", price_micros=5, moment=MORNING
    )
    refused = operations.told_of(
        outcome=Outcome(result=Result.REFUSED, code="outbox.failed.refused", error="550 no"),
        way="settings",
        price_micros=0,
        moment=MORNING,
    )
    operations.note_steps(begun=[by_key["letter-1"]], done={by_key["letter-2"]: delivered, by_key["letter-3"]: refused})

    parked = operations.park_lost_messages(moment=MORNING + MINUTE)

    assert parked == 1
    assert states() == {"letter-0": "planned", "letter-1": "unknown", "letter-2": "sent", "letter-3": "failed"}
    found = {one.idempotency_key: one for one in OutboxMessage.objects.all()}
    assert (found["letter-0"].attempts_count, found["letter-2"].cost_micros) == (0, 5)
    assert (found["letter-2"].provider_key, found["letter-3"].error) == ("p1", "550 no")
    assert SendingStep.objects.count() == 0
    # What is told of the parked one later settles it; told twice it is one event.
    event = operations.NewMessageEvent(kind="delivered", happened_at=MORNING, key="e1", outbox_id=found["letter-1"].pk)
    assert [one.is_new for one in operations.record_message_events(events=[event])] == [True]
    assert [one.is_new for one in operations.record_message_events(events=[event])] == [False]
    assert states()["letter-1"] == "sent"


def test_a_sender_killed_in_mid_lot_doubles_nothing_and_loses_nothing(settings: LazySettings) -> None:
    people = [make_reader(key=f"reader-{number}") for number in range(60)]
    operations.plan_messages(drafts=[letter(number=n, customer=one) for n, one in enumerate(people)])
    with smtp_peer() as mail:
        sender = start_sender(mail)
        mail.wait_for(count=25)
        sender.kill()
        settings.REORDER = dataclasses.replace(settings.REORDER, mail_url=mail.url)
        passes = [send_due_messages(moment=MORNING + MINUTE + dt.timedelta(days=day)) for day in range(2)]

    # Two lanes hold two messages each: no more can have been in the air.
    assert sum(one.parked_count for one in passes) <= 4
    assert passes[-1] == outbox.SendCounts()
    assert len(mail.message_ids) == len(set(mail.message_ids))
    parked = set(OutboxMessage.objects.filter(state="unknown").values_list("message_id", flat=True))
    assert set(mail.message_ids) | parked == {f"<letter-{number}@tea.example>" for number in range(60)}


def test_what_providers_and_readers_tell_is_heeded_once(client: Client, peer: Provider) -> None:
    line = add("line", options={"address": peer.address}, access_token="t", channel_secret="s3cret")
    sms = add("twilio", options={"account_sid": "AC1", "sender": "+1", "address": peer.address}, auth_token="t0ken")
    mei = make_reader()
    reach(mei, "sms", "+886911111111")
    operations.plan_messages(drafts=[letter(customer=mei, channel="sms", address="+886911111111")])
    peer.answer("/Messages.json", (201, {"sid": "SM1"}))
    send_due_messages(moment=MORNING)

    def tell_line(*events: dict[str, Any]) -> int:
        body = json.dumps({"events": events}).encode()
        digest = base64.b64encode(hmac.new(b"s3cret", body, hashlib.sha256).digest()).decode()
        path = f"/channels/{line.callback_key}/callback"
        return client.post(
            path, body, content_type="application/json", headers={"x-line-signature": digest}
        ).status_code

    def tell_sms(**form: str) -> int:
        path = f"/channels/{sms.callback_key}/callback"
        signed = f"https://shop.example{path}" + "".join(f"{name}{form[name]}" for name in sorted(form))
        digest = base64.b64encode(hmac.new(b"t0ken", signed.encode(), hashlib.sha1).digest()).decode()
        kind = "application/x-www-form-urlencoded"
        return client.post(path, urlencode(form), content_type=kind, headers={"x-twilio-signature": digest}).status_code

    # The text was undelivered for good; told twice it is one event.
    told = [tell_sms(MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30006") for _ in range(2)]
    stray = tell_sms(MessageSid="SM9", MessageStatus="delivered")
    assert [*told, stray] == [200, 200, 200]
    assert list(MessageEvent.objects.values_list("kind", flat=True)) == ["bounced"]
    assert ContactPoint.objects.get(channel="sms").unreachable_at is not None
    assert list(StrayEvent.objects.values_list("way", "kind")) == [("twilio", "delivered")]
    # STOP is a refusal, START takes it back.
    assert tell_sms(MessageSid="SM2", From="+886911111111", Body="STOP") == 200
    assert _consent(mei, "sms") is False
    assert tell_sms(MessageSid="SM3", From="+886911111111", Body="start") == 200
    assert _consent(mei, "sms") is True
    # A follower is greeted with a link, carries our word back, and is known from then on.
    peer.answer("/linkToken", (200, {"linkToken": "lt"}))
    peer.answers["/reply"] = [(200, {})]
    source = {"type": "user", "userId": "U7"}
    assert tell_line({"type": "follow", "source": source, "replyToken": "p1", "webhookEventId": "1"}) == 200
    assert "shop.example/shop/line/?linkToken=lt" in peer.asked[-1].body.decode()
    link = channel_setup.line_link(customer_id=mei.pk, link_token="lt", wants_news=True, moment=MORNING)
    word = link.rpartition("nonce=")[2]
    event = {"type": "accountLink", "source": source, "link": {"result": "ok", "nonce": word}, "webhookEventId": "2"}
    with _at(MORNING):
        assert [tell_line(event), tell_line(event)] == [200, 200]
    point = ContactPoint.objects.get(channel="line")
    assert (point.customer_id, point.address, _consent(mei, "line")) == (mei.pk, "U7", True)
    assert tell_line({"type": "unfollow", "source": source, "webhookEventId": "3"}) == 200
    assert ContactPoint.objects.get(channel="line").unreachable_at is not None
    # What is forged, or comes to no address, is refused.
    bad = client.post(f"/channels/{line.callback_key}/callback", b"{}", content_type="application/json")
    none = client.post("/channels/no-such/callback", b"{}", content_type="application/json")
    assert (bad.status_code, none.status_code) == (403, 404)


def test_posts_go_once_each_and_wait_where_a_page_does_not_answer(peer: Provider) -> None:
    page = add("facebook_page", options={"page_id": "42", "address": peer.address}, access_token="t")
    peer.answer("/42/feed", (503, {}), (200, {"id": "42_1"}), (0, b""))
    for number in range(2):
        post = outbox.NewPost(
            account_id=page.id, title="", text=f"Oolong {number}", link="https://x.example/", send_after=MORNING
        )
        outbox.plan_post(post=post, actor=MAY)

    assert send_due_posts(moment=MORNING, now=lambda: MORNING) == 0
    again = MORNING + 20 * MINUTE
    assert send_due_posts(moment=again, now=lambda: again) == 1
    rows = posts.list_posts(since=NIGHT, until=MORNING + dt.timedelta(days=1))
    assert sorted(one.state for one in rows) == ["sent", "unknown"]
    assert send_due_posts(moment=again + MINUTE, now=lambda: again + MINUTE) == 0
    outbox.post_again(post_id=next(one.id for one in rows if one.state == "unknown"), actor=MAY, moment=again)
    peer.answer("/42/feed", (200, {"id": "42_2"}))
    assert send_due_posts(moment=again + MINUTE, now=lambda: again + MINUTE) == 1


def test_secrets_are_sealed_and_an_account_is_kept_only_with_what_it_needs(peer: Provider) -> None:
    row = add("line", options={"address": peer.address}, access_token="t0ken-of-line", channel_secret="s3cret")
    assert "t0ken" not in ChannelAccount.objects.get().secret
    changed = dataclasses.replace(_form(row), options={"plan": "medium"}, secrets={"access_token": ""})
    channel_setup.change_account(account_id=row.id, form=changed, actor=MAY, moment=MORNING)
    opened = accounts.open_account(account_id=row.id)
    assert (opened.secret("access_token"), opened.option("plan")) == ("t0ken-of-line", "medium")
    peer.answer("/v2/bot/info", (200, {"displayName": "Tea"}), (401, b"no"))
    with_address = dataclasses.replace(changed, options={"plan": "medium", "address": peer.address})
    channel_setup.change_account(account_id=row.id, form=with_address, actor=MAY, moment=MORNING)
    assert channel_setup.try_account(account_id=row.id, actor=MAY, moment=MORNING).check_fault is None
    fault = channel_setup.try_account(account_id=row.id, actor=MAY, moment=MORNING).check_fault
    assert fault is not None
    assert fault["code"] == "channels.check_failed"
    for wrong, error in (
        (
            dataclasses.replace(_form(row), code="Other", secrets={"access_token": "t", "channel_secret": "s"}),
            BadChannelAccount,
        ),
        (
            dataclasses.replace(_form(row), code="settings", secrets={"access_token": "t", "channel_secret": "s"}),
            BadChannelAccount,
        ),
        (dataclasses.replace(_form(row), code="two", secrets={"access_token": "t"}), BadAccountOption),
    ):
        with pytest.raises(error):
            accounts.create_account(form=wrong, created_by="owner")


def _form(row: ChannelAccountRow) -> ChannelAccountForm:
    return ChannelAccountForm(code=row.code, provider=row.provider, name=row.name, options={}, secrets={})


def _consent(person: Customer, channel: str) -> bool | None:
    found = ConsentEntry.objects.filter(customer=person, channel=channel).order_by("-declared_at", "-pk").first()
    return found.is_granted if found else None


def _at(moment: dt.datetime) -> Any:
    return patch("reorder.api.provider_callbacks.clock.current_moment", return_value=moment)
