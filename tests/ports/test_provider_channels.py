"""Every channel against a server that answers as its provider does, and as providers should not."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from reorder.connectors.base.outgoing import OutgoingLimits, is_host_allowed
from reorder.domain.messaging.channels import Outgoing, Result, list_cards, make_channel, make_reader
from reorder.domain.messaging.channels.base import (
    AccountValues,
    BadAccountOption,
    BadCallback,
    Callback,
    ChannelTools,
    MessageChannel,
    Outcome,
)
from reorder.domain.messaging.channels.twilio.segments import count_parts
from reorder.domain.messaging.channels.web_push.keys import new_private_key, public_key_of, read_private_key
from reorder.flows.outbox.tools import channel_send
from reorder.kernel.standard_webhooks import new_secret, sign
from reorder.web.setup.channel_words import CHANNEL_TEMPLATES
from tests.factories.provider import Provider, provider

NOW = dt.datetime(2026, 11, 27, 2, 0, tzinfo=dt.UTC)
LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture(scope="module")
def peer() -> Iterator[Provider]:
    with provider() as known:
        yield known


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> ChannelTools:
    import dataclasses

    settings.REORDER = dataclasses.replace(settings.REORDER, outgoing_networks=LOOPBACK)
    return ChannelTools(
        send=channel_send(way="stand-in", limits=OutgoingLimits(seconds=3.0, redirects=0)),
        now=lambda: NOW,
        public_url="https://shop.example",
        home=tmp_path,
        is_address_allowed=lambda host: is_host_allowed(host=host, networks=LOOPBACK),
    )


def account(provider: str, channel: str, options: dict[str, str], secrets: dict[str, str]) -> AccountValues:
    return AccountValues(
        code=provider,
        channel=channel,
        provider=provider,
        name=f"Our {provider}",
        options=options,
        secrets=secrets,
        callback_key="abc",
    )


def outgoing(number: int = 1, **changes: Any) -> Outgoing:
    values: dict[str, Any] = {
        "message_id": f"<letter-{number}@tea.example>",
        "address": f"person-{number}",
        "subject": "Oolong",
        "text": "Your Oolong comes to its end, Mei.",
        "sender": "hello@tea.example",
        "sender_name": "Keelung Tea",
        "dated": "Fri, 27 Nov 2026 02:00:00 +0000",
    }
    return Outgoing(**(values | changes))


def send(channel: MessageChannel, *messages: Outgoing) -> list[Outcome]:
    with channel as way:
        return [way.send(outgoing=one) for one in messages or (outgoing(),)]


def say(outcome: Outcome) -> tuple[str, str, bool, bool]:
    return (outcome.result, outcome.code, outcome.is_channel_down, outcome.is_address_unknown)


def line(peer: Provider, tools: ChannelTools) -> Any:
    given = account(
        "line",
        "line",
        {"address": peer.address, "plan": "light"},
        {"access_token": "token", "channel_secret": "s3cret"},
    )
    return make_channel(account=given, tools=tools)


def test_line_replies_first_then_pushes_under_one_key_and_knows_what_was_taken(
    peer: Provider, tools: ChannelTools
) -> None:
    peer.answer("/reply", (200, {}), (400, {"message": "Invalid reply token"}))
    peer.answers["/push"] = [(200, {"sentMessages": [{"id": "1"}]}, {"x-line-request-id": "req-1"})]
    first, second = send(line(peer, tools), outgoing(reply_token="pass-1"), outgoing(reply_token="pass-2"))
    assert (first.result, first.cost_micros, first.billed_count) == (Result.DELIVERED, 0, 0)
    assert (second.result, second.provider_key, second.billed_count) == (Result.DELIVERED, "req-1", 1)
    assert peer.paths() == ["/v2/bot/message/reply", "/v2/bot/message/reply", "/v2/bot/message/push"]
    assert peer.asked[2].json == {
        "to": "person-1",
        "messages": [{"type": "text", "text": "Your Oolong comes to its end, Mei."}],
    }

    peer.answer("/push", (0, b""), (500, {"message": "oops"}), (200, b"<html>"), (409, {"message": "accepted already"}))
    lost, broken, garbage, taken = send(line(peer, tools), *[outgoing()] * 4)
    assert [say(one) for one in (lost, broken, garbage)] == [
        ("not_delivered", "outbox.retry.no_contact", True, False),
        ("not_delivered", "outbox.retry.put_off", True, False),
        ("not_delivered", "outbox.retry.put_off", True, False),
    ]
    assert taken.result is Result.DELIVERED
    keys = {one.headers["x-line-retry-key"] for one in peer.asked}
    assert len(keys) == 1

    peer.answer(
        "/push",
        (429, {"message": "The API rate limit has been exceeded."}, {"retry-after": "7"}),
        (429, {"message": "You have reached your monthly limit."}),
        (400, {"message": "The property, 'to', in the request body is invalid"}),
        (401, {"message": "Authentication failed"}),
    )
    busy, month, gone, unknown = send(line(peer, tools), *[outgoing()] * 4)
    assert say(busy) == ("not_delivered", "outbox.retry.limited", True, False)
    assert busy.retry_after_seconds == 7.0
    assert (month.code, month.retry_after_seconds) == ("outbox.retry.quota", 86_400.0)
    assert say(gone) == ("refused", "outbox.failed.refused", False, True)
    assert say(unknown) == ("not_delivered", "outbox.retry.account", True, False)


def test_line_sends_one_multicast_for_equal_content_and_repeats_it_only_as_it_was(
    peer: Provider, tools: ChannelTools
) -> None:
    bubble = {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": []}}
    peer.answer("/multicast", (0, b""), (200, {}))
    with line(peer, tools) as channel:
        outcomes = channel.send_many(outgoings=[outgoing(number, payload=bubble) for number in range(3)])
    assert [one.result for one in outcomes] == [Result.DELIVERED] * 3
    lost, again = peer.asked
    assert again.json["to"] == ["person-0", "person-1", "person-2"]
    assert again.json["messages"] == [{"type": "flex", "altText": "Oolong", "contents": bubble}]
    assert lost.headers["x-line-retry-key"] == again.headers["x-line-retry-key"]

    peer.answer("/multicast", (500, {}))
    with line(peer, tools) as channel:
        parked = channel.send_many(outgoings=[outgoing(1), outgoing(2)])
    assert {say(one) for one in parked} == {("unknown", "outbox.unknown.no_answer", False, False)}
    assert len(peer.asked) == 3

    peer.answer("/quota", (200, {"type": "limited", "value": 3000}))
    peer.answers["/consumption"] = [(200, {"totalUsage": 12})]
    assert line(peer, tools).ask_quota() == (3000, 12)


def test_what_people_do_at_line_is_believed_when_signed(tools: ChannelTools) -> None:
    given = account("line", "line", {}, {"access_token": "t", "channel_secret": "s3cret"})
    source = {"type": "user", "userId": "U1"}
    events = [
        {"type": "follow", "source": source, "replyToken": "pass", "timestamp": 1, "webhookEventId": "e1"},
        {"type": "unfollow", "source": source, "timestamp": 2, "webhookEventId": "e2"},
        {"type": "message", "source": source, "message": {"type": "text", "text": "Hi"}, "webhookEventId": "e3"},
        {"type": "accountLink", "source": source, "link": {"result": "ok", "nonce": "word"}, "webhookEventId": "e4"},
        {"type": "accountLink", "source": source, "link": {"result": "failed"}, "webhookEventId": "e5"},
        {"type": "message", "source": {"type": "group", "groupId": "G"}, "webhookEventId": "e6"},
    ]
    body = json.dumps({"destination": "us", "events": events}).encode()
    signature = base64.b64encode(hmac.new(b"s3cret", body, hashlib.sha256).digest()).decode()
    reader = make_reader(account=given, tools=tools)

    read = reader.read_callback(callback=_callback(body, {"X-Line-Signature": signature}))

    told = [(one.kind, one.address, one.reply_token, one.link_word) for one in read.words]
    assert told == [
        ("followed", "U1", "pass", ""),
        ("left", "U1", "", ""),
        ("wrote", "U1", "", ""),
        ("linked", "U1", "", "word"),
    ]
    for wrong in ({"X-Line-Signature": signature[:-2] + "AA"}, {}):
        with pytest.raises(BadCallback, match="signature is wrong"):
            reader.read_callback(callback=_callback(body, wrong))


def test_texts_are_counted_in_parts_and_a_lost_answer_parks_them(peer: Provider, tools: ChannelTools) -> None:
    given = account(
        "twilio",
        "sms",
        {"address": peer.address, "account_sid": "AC1", "sender": "+886900000000", "price": "1.2"},
        {"auth_token": "t0ken"},
    )
    channel = make_channel(account=given, tools=tools)
    long = "茶" * 71
    peer.answer("/Messages.json", (201, {"sid": "SM1", "num_segments": "1"}), (201, {"sid": "SM2"}))
    one, two = send(channel, outgoing(address="+886911111111"), outgoing(2, text=long))
    assert (one.provider_key, one.cost_micros, one.billed_count) == ("SM1", 1_200_000, 1)
    assert (two.cost_micros, two.billed_count) == (2_400_000, 2)
    form = parse_qs(peer.asked[0].body.decode())
    assert form == {
        "To": ["+886911111111"],
        "From": ["+886900000000"],
        "Body": ["Your Oolong comes to its end, Mei."],
        "StatusCallback": ["https://shop.example/channels/abc/callback"],
    }
    assert [count_parts(text=one) for one in ("a" * 160, "a" * 161, "€" * 80, "€" * 81, "茶" * 70, "茶" * 135)] == [
        1,
        2,
        1,
        2,
        1,
        3,
    ]

    peer.answer(
        "/Messages.json",
        (0, b""),
        (500, {"message": "x"}),
        (201, b"garbage"),
        (400, {"code": 21211, "message": "not a number"}),
        (400, {"code": 21602, "message": "Body is required"}),
        (429, {"code": 20429}, {"retry-after": "3"}),
        (503, {}),
    )
    outcomes = send(channel, *[outgoing()] * 7)
    assert [say(one)[:2] + say(one)[3:] for one in outcomes] == [
        ("unknown", "outbox.unknown.no_answer", False),
        ("unknown", "outbox.unknown.no_answer", False),
        ("unknown", "outbox.unknown.no_answer", False),
        ("refused", "outbox.failed.refused", True),
        ("refused", "outbox.failed.refused", False),
        ("not_delivered", "outbox.retry.limited", False),
        ("not_delivered", "outbox.retry.put_off", False),
    ]


def test_states_and_answers_of_texts_are_believed_when_signed(tools: ChannelTools) -> None:
    given = account("twilio", "sms", {"account_sid": "AC1", "sender": "+1"}, {"auth_token": "t0ken"})
    reader = make_reader(account=given, tools=tools)

    def signed(**form: str) -> Callback:
        url = "https://shop.example/channels/abc/callback"
        text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
        digest = base64.b64encode(hmac.new(b"t0ken", text.encode(), hashlib.sha1).digest()).decode()
        return _callback(urlencode(form).encode(), {"X-Twilio-Signature": digest}, url=url)

    event = reader.read_callback(callback=signed(MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30006"))
    stop = reader.read_callback(callback=signed(MessageSid="SM2", From="+886911111111", Body=" stop. "))
    start = reader.read_callback(callback=signed(MessageSid="SM3", From="+886911111111", Body="訂閱"))

    assert [(one.kind, one.provider_key, one.is_permanent) for one in event.events] == [("bounced", "SM1", True)]
    assert [one.kind for one in stop.words + start.words] == ["stopped", "started"]
    assert stop.reply_type == "text/xml; charset=utf-8"
    forged = signed(MessageSid="SM2", From="+886911111111", Body="STOP")
    with pytest.raises(BadCallback):
        reader.read_callback(callback=_callback(forged.body + b"&x=1", dict(forged.headers), url=forged.url))


def test_a_browser_can_read_what_is_pushed_and_one_that_is_gone_is_dropped(peer: Provider, tools: ChannelTools) -> None:
    key = new_private_key()
    given = account("web_push", "web_push", {"contact": "mailto:it@tea.example"}, {"private_key": key})
    browser = ec.generate_private_key(ec.SECP256R1())
    public = browser.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    auth = b"0123456789abcdef"
    details = {"keys": {"p256dh": _plain(public), "auth": _plain(auth)}}
    channel = make_channel(account=given, tools=tools)
    message = outgoing(
        address=f"{peer.address}/push/1",
        address_details=details,
        payload={"url": "https://shop.example/again"},
        expires_at=NOW + dt.timedelta(hours=1),
    )
    peer.answer(
        "/push/1", (201, b"", {"location": "https://push.example/m/1"}), (410, b""), (404, b""), (429, b""), (413, b"")
    )

    sent, gone, unknown, busy, large = send(channel, *[message] * 5)

    assert (sent.result, sent.provider_key) == (Result.DELIVERED, "https://push.example/m/1")
    assert [say(one) for one in (gone, unknown)] == [("refused", "outbox.failed.gone", False, True)] * 2
    # The others' push services are well.
    assert say(busy) == ("not_delivered", "outbox.retry.limited", False, False)
    assert say(large) == ("refused", "outbox.failed.refused", False, False)
    asked = peer.asked[0]
    shown = json.loads(http_ece.decrypt(asked.body, private_key=browser, auth_secret=auth, version="aes128gcm"))
    assert (shown["title"], shown["body"], shown["url"]) == (
        "Oolong",
        "Your Oolong comes to its end, Mei.",
        "https://shop.example/again",
    )
    assert (asked.headers["ttl"], asked.headers["urgency"], len(asked.headers["topic"])) == ("3600", "normal", 32)
    assert len({one.headers["topic"] for one in peer.asked}) == 1
    _verify_pass(asked.headers["authorization"], key=key, origin=peer.address)

    broken = outgoing(address=f"{peer.address}/push/1", address_details={"keys": {"p256dh": "AAAA", "auth": ""}})
    assert say(send(channel, broken)[0]) == ("refused", "outbox.failed.unwritable", False, True)


def test_a_push_to_a_private_address_is_not_made(tools: ChannelTools, settings: Any, peer: Provider) -> None:
    import dataclasses

    settings.REORDER = dataclasses.replace(settings.REORDER, outgoing_networks=())
    given = account("webhook", "webhook", {"url": f"{peer.address}/hook"}, {"secret": new_secret()})
    peer.answer("/hook", (200, b""))

    outcome = send(make_channel(account=given, tools=tools))[0]

    assert (say(outcome), peer.asked) == (("not_delivered", "outbox.retry.no_contact", True, False), [])


def test_notifications_in_apps_carry_googles_pass_and_a_removed_app_is_dropped(
    peer: Provider, tools: ChannelTools
) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = {
        "type": "service_account",
        "project_id": "tea",
        "private_key_id": "k1",
        "private_key": private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "client_email": "push@tea.iam.example",
        "token_uri": f"{peer.address}/token",
    }
    given = account("fcm", "app_push", {"address": peer.address}, {"service_account": json.dumps(file)})
    channel = make_channel(account=given, tools=tools)
    unregistered = {"error": {"status": "NOT_FOUND", "details": [{"errorCode": "UNREGISTERED"}]}}
    peer.answer("/token", (200, {"access_token": "pass", "expires_in": 3600, "token_type": "Bearer"}))
    peer.answers["messages:send"] = [
        (200, {"name": "projects/tea/messages/1"}),
        (404, unregistered),
        (200, b"[]"),
        (0, b""),
    ]

    sent, gone, garbage, lost = send(channel, *[outgoing(payload={"url": "https://shop.example/x"})] * 4)

    assert (sent.result, sent.provider_key) == (Result.DELIVERED, "projects/tea/messages/1")
    assert say(gone) == ("refused", "outbox.failed.gone", False, True)
    assert [one.result for one in (garbage, lost)] == [Result.UNKNOWN, Result.UNKNOWN]
    told = next(one for one in peer.asked if one.path.endswith("messages:send"))
    assert told.headers["authorization"] == "Bearer pass"
    assert told.json["message"]["notification"] == {"title": "Oolong", "body": "Your Oolong comes to its end, Mei."}
    assert told.json["message"]["android"]["collapse_key"] == "letter-1"
    with pytest.raises(BadAccountOption, match="not the file of a service account"):
        make_channel(account=account("fcm", "app_push", {}, {"service_account": "{}"}), tools=tools)


def test_a_webhook_is_signed_and_asked_for_again_under_its_id(peer: Provider, tools: ChannelTools) -> None:
    secret = new_secret()
    given = account("webhook", "webhook", {"url": f"{peer.address}/hook"}, {"secret": secret})
    peer.answer("/hook", (204, b""), (0, b""), (500, b""), (400, b"no"))

    outcomes = send(make_channel(account=given, tools=tools), *[outgoing()] * 4)

    assert [one.result for one in outcomes] == ["delivered", "not_delivered", "not_delivered", "refused"]
    asked = peer.asked[0]
    stamp = int(asked.headers["webhook-timestamp"])
    expected = sign(secrets=[secret], message_id="letter-1", timestamp=stamp, body=asked.body)
    assert asked.headers["webhook-signature"] == expected


def test_mail_services_are_asked_by_the_guarded_way_and_their_words_are_believed_when_signed(
    peer: Provider, tools: ChannelTools
) -> None:
    options = {"service": "mailgun", "domain": "mg.tea.example", "address": peer.address}
    given = account("mail_service", "email", options, {"api_key": "k", "webhook_secret": "signing"})
    headers = {"List-Unsubscribe": "<https://shop.example/u/1>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail = outgoing(address="mei@example.org", html="<p>Hi</p>", headers=headers)
    peer.answer(
        "/messages",
        (200, {"id": "<1@mg>", "message": "Queued."}),
        (200, b"garbage"),
        (0, b""),
        (429, {}, {"retry-after": "9"}),
        (401, b"Forbidden"),
        (400, {"message": "to parameter is not a valid address"}),
    )

    sent, garbage, lost, busy, wrong_key, refused = send(make_channel(account=given, tools=tools), *[mail] * 6)

    assert (sent.result, sent.provider_key) == (Result.DELIVERED, "<1@mg>")
    assert [one.result for one in (garbage, lost)] == [Result.UNKNOWN, Result.UNKNOWN]
    assert (busy.code, busy.retry_after_seconds) == ("outbox.retry.limited", 9.0)
    assert say(wrong_key) == ("not_delivered", "outbox.retry.account", True, False)
    assert refused.result is Result.REFUSED
    posted = peer.asked[0].body.decode()
    assert "One-Click" in posted
    assert "letter-1%40tea.example" in posted or "letter-1@tea.example" in posted

    token, stamp = "t" * 50, "1795744800"
    signature = hmac.new(b"signing", f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    told = {
        "signature": {"timestamp": stamp, "token": token, "signature": signature},
        "event-data": {
            "event": "failed",
            "severity": "permanent",
            "id": "ev1",
            "timestamp": 1795744800.0,
            "recipient": "mei@example.org",
            "reason": "bounce",
            "message": {"headers": {"message-id": "1@mg"}},
            "user-variables": {"reorder": "<letter-1@tea.example>"},
            "delivery-status": {"code": 550, "message": "no such user"},
        },
    }
    reader = make_reader(account=given, tools=tools)
    read = reader.read_callback(callback=_callback(json.dumps(told).encode(), {}, content_type="application/json"))
    assert [(one.kind, one.message_id, one.is_permanent) for one in read.events] == [
        ("bounced", "<letter-1@tea.example>", True)
    ]
    told["signature"]["signature"] = "0" * 64
    with pytest.raises(BadCallback, match="signature is wrong"):
        reader.read_callback(callback=_callback(json.dumps(told).encode(), {}, content_type="application/json"))


@pytest.mark.parametrize(
    ("service", "end", "said", "key"),
    [
        ("sendgrid", "/mail/send", b"", ""),
        ("postmark", "/email", {"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": "mei@example.org"}, "pm-1"),
        ("brevo", "/smtp/email", {"messageId": "<b1@brevo>"}, "<b1@brevo>"),
    ],
)
def test_other_mail_services_take_a_mail(
    peer: Provider, tools: ChannelTools, service: str, end: str, said: Any, key: str
) -> None:
    options = {"service": service, "address": f"{peer.address}/"}
    given = account("mail_service", "email", options, {"api_key": "k"})
    peer.answer(end, (202 if service == "sendgrid" else 200, said))

    outcome = send(make_channel(account=given, tools=tools), outgoing(address="mei@example.org"))[0]

    assert outcome.result is Result.DELIVERED, outcome.error
    assert outcome.provider_key == key or not key


def test_chats_and_pages_are_posted_to_and_only_known_services_are_taken(peer: Provider, tools: ChannelTools) -> None:
    room = account("chat_room", "chat", {}, {"url": f"json://127.0.0.1:{peer.port}/room/{{address}}"})
    peer.answer("/room/person-1", (200, {}))
    assert send(make_channel(account=room, tools=tools))[0].result is Result.DELIVERED
    assert peer.asked[0].json["message"] == "Your Oolong comes to its end, Mei."
    for url in ("syslog://", "json://10.0.0.1/x", "mailtos://a:b@gmail.com", "file:///etc/passwd"):
        with pytest.raises(BadAccountOption):
            make_channel(account=account("chat_room", "chat", {}, {"url": url}), tools=tools)

    page = account("facebook_page", "chat", {"page_id": "42", "address": peer.address}, {"access_token": "t"})
    peer.answer("/42/feed", (200, {"id": "42_1"}), (400, {"error": {"message": "bad token"}}))
    posted, refused = send(
        make_channel(account=page, tools=tools), outgoing(payload={"link": "https://x.example"}), outgoing()
    )
    assert (posted.provider_key, peer.asked[0].json["link"]) == ("42_1", "https://x.example")
    assert (refused.result, refused.error) == (Result.REFUSED, "400 bad token")


def test_every_adapter_has_a_card_that_says_what_it_needs() -> None:
    cards = list_cards()
    assert {one.channel for one in cards} == {"email", "line", "web_push", "app_push", "sms", "chat", "webhook"}
    assert all(one.title and one.summary and one.lanes_most >= 1 for one in cards)
    for card in cards:
        needed = [one for one in card.fields if one.is_needed and not one.default]
        empty = account(card.name, card.channel, {}, {})
        with pytest.raises(BadAccountOption, match="it is needed"):
            make_channel(account=empty, tools=None)  # type: ignore[arg-type]
        assert needed


def _callback(
    body: bytes, headers: dict[str, str], *, url: str = "https://shop.example/x", content_type: str = ""
) -> Callback:
    return Callback(body=body, headers=headers, url=url, received_at=NOW, content_type=content_type)


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _verify_pass(header: str, *, key: str, origin: str) -> None:
    """RFC 8292: signed by our key for the origin of the endpoint, good for less than a day."""
    scheme, _, rest = header.partition(" ")
    parts = dict(one.strip().split("=", 1) for one in rest.split(","))
    head, claims, signature = parts["t"].split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    read_private_key(text=key).public_key().verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert (scheme, parts["k"]) == ("vapid", public_key_of(private_key=key))
    assert (said["aud"], said["sub"]) == (origin, "mailto:it@tea.example")
    assert NOW.timestamp() < said["exp"] <= NOW.timestamp() + 86_400


def test_whatever_cards_say_can_be_translated() -> None:
    said: set[str] = set()
    for card in list_cards():
        said |= {card.title, card.summary}
        for one in card.fields:
            said |= {one.label, one.help} | ({words for _, words in one.choices} if one.name != "service" else set())
    assert said - {""} <= set(CHANNEL_TEMPLATES)
