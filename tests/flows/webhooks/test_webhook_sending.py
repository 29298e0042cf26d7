"""What receivers get, and what becomes of a delivery whatever they answer."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction

from reorder.domain.channels import webhook_deliveries as deliveries
from reorder.domain.channels.models import WebhookDelivery, WebhookEndpoint, WebhookMessage
from reorder.domain.channels.webhook_deliveries import AttemptResult, claim_due, record_attempt
from reorder.domain.planning.models import Alert
from reorder.flows import webhooks
from reorder.kernel.standard_webhooks import sign
from tests.factories.racing import at_once
from tests.factories.receiver import Received, Receiver, Reply, receiving

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def subscribe(receiver: Receiver, *kinds: str) -> tuple[int, str]:
    """The receiver is told of these kinds (none: all) from now on; its number and secret."""
    row, secret = webhooks.add_endpoint(
        given=webhooks.EndpointForm(url=receiver.url, kinds=kinds), decided_by="Mei", moment=MONDAY
    )
    return row.id, secret


def tell(*events: str, subject: str = "1", kind: str = "order.placed", moment: dt.datetime = MONDAY) -> None:
    """Facts in a transaction of their own."""
    with transaction.atomic():
        for event in events:
            webhooks.announce(
                kind=kind,
                subject_kind="order",
                subject_key=subject,
                event_key=event,
                payload={"n": event},
                moment=moment,
            )


def send(moment: dt.datetime = MONDAY) -> webhooks.SendCounts:
    return webhooks.send_due_webhooks(moment=moment)


def the_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def waits_seconds(delivery: WebhookDelivery, moment: dt.datetime = MONDAY) -> float:
    return (delivery.next_attempt_at - moment).total_seconds()


# --- telling


def test_a_fact_is_delivered_signed_byte_for_byte_emoji_and_chinese_included() -> None:
    with receiving() as receiver:
        _, secret = subscribe(receiver)
        with transaction.atomic():
            webhooks.announce(
                kind="order.placed",
                subject_kind="order",
                subject_key="7",
                event_key="31",
                payload={"note": "凍頂烏龍 🍵 <b>&\"'\u0000"},
                moment=MONDAY,
            )
        assert send().delivered_count == 1
    (heard,) = receiver.heard
    message = WebhookMessage.objects.get()
    assert heard.message_id == message.key
    assert heard.body == message.body.encode()
    assert json.loads(heard.body) == {
        "type": "order.placed",
        "timestamp": "2026-11-23T01:30:00+00:00",
        "data": {"event_id": "31", "note": "凍頂烏龍 🍵 <b>&\"'\u0000"},
    }
    stamp = int(heard.headers["webhook-timestamp"])
    assert abs(stamp - MONDAY.timestamp()) <= 5
    expected = sign(secrets=[secret], message_id=message.key, timestamp=stamp, body=heard.body)
    assert heard.headers["webhook-signature"] == expected
    assert heard.headers["content-type"] == "application/json"
    delivery = the_delivery()
    assert (delivery.state, delivery.status, delivery.attempts_count) == ("delivered", 200, 1)


def test_a_fact_that_is_rolled_back_is_not_told() -> None:
    with receiving() as receiver:
        subscribe(receiver)
        with transaction.atomic():
            tell("1")
            transaction.set_rollback(True)
        send()
    assert receiver.heard == []
    assert not WebhookMessage.objects.exists()


def test_the_same_fact_is_told_once() -> None:
    with receiving() as receiver:
        subscribe(receiver)
        tell("1", "1")
        tell("1")
        send()
    assert len(receiver.heard) == 1


def test_each_endpoint_hears_what_it_wants_and_nothing_is_written_where_nobody_does() -> None:
    with receiving() as placed, receiving() as everything:
        subscribe(placed, "order.placed")
        tell("1", kind="order.shipped")
        assert not WebhookMessage.objects.exists()
        subscribe(everything)
        tell("2", kind="order.shipped")
        tell("3", kind="order.placed")
        send()
    assert [json.loads(one.body)["data"]["n"] for one in placed.heard] == ["3"]
    assert [json.loads(one.body)["data"]["n"] for one in everything.heard] == ["2", "3"]


def test_where_nobody_listens_a_second_fact_asks_the_database_nothing() -> None:
    from django.test.utils import CaptureQueriesContext

    tell("1")
    with CaptureQueriesContext(connection) as captured:
        webhooks.announce(
            kind="order.placed", subject_kind="order", subject_key="1", event_key="2", payload={}, moment=MONDAY
        )
        webhooks.announce_order(order_id=1, kind="order.placed", event_id=2, moment=MONDAY)
    assert captured.captured_queries == []


def test_a_kind_that_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(webhooks.UnknownKind, match="plaecd"):
        tell("1", kind="order.plaecd")


# --- answers


def test_after_an_error_the_same_message_goes_again_and_then_counts_as_delivered() -> None:
    with receiving(Reply(status=500, body=b"oops")) as receiver:
        subscribe(receiver)
        tell("1")
        assert send().put_off_count == 1
        delivery = the_delivery()
        assert (delivery.state, delivery.status, delivery.excerpt) == ("waiting", 500, "oops")
        assert 4 <= waits_seconds(delivery) <= 11  # 5 s ± 20 %, and what the pass took
        assert send() == webhooks.SendCounts()
        assert send(MONDAY + dt.timedelta(seconds=60)).delivered_count == 1
    first, second = receiver.heard
    assert (first.message_id, first.body) == (second.message_id, second.body)
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert [attempt["status"] for attempt in the_delivery().attempts] == [500, 200]
    assert WebhookEndpoint.objects.values_list("failures_in_row", "failing_since").get() == (0, None)


def test_a_receiver_that_hangs_does_not_stop_the_others() -> None:
    with receiving(usual=Reply(hang_seconds=30)) as hanging, receiving() as good:
        subscribe(hanging)
        subscribe(good)
        for number in range(20):
            tell("1", subject=str(number))
        counts = send()
        assert counts.delivered_count == 20
        assert len(good.heard) == 20
        assert len(hanging.heard) == 6  # then it is left alone
    endpoint = WebhookEndpoint.objects.order_by("pk")[0]
    assert endpoint.quiet_until is not None
    attempted = WebhookDelivery.objects.filter(endpoint=endpoint, attempts_count=1)
    assert set(attempted.values_list("state", "error_code", "outcome")) == {("waiting", "outgoing.too_slow", "down")}
    assert WebhookDelivery.objects.filter(endpoint=endpoint, attempts_count=0, state="waiting").count() == 14


def test_when_a_receiver_is_back_everything_goes_at_once_in_the_order_in_which_it_happened() -> None:
    with receiving(usual=Reply(status=503)) as receiver:
        subscribe(receiver)
        for number in range(4):
            tell(str(number), moment=MONDAY + dt.timedelta(seconds=number))
        for minutes in range(6, 126, 6):
            send(MONDAY + dt.timedelta(minutes=minutes))
        back_at = MONDAY + dt.timedelta(minutes=130)
        assert sum(waits_seconds(one, back_at) > 60 for one in WebhookDelivery.objects.all()) >= 2
        receiver.heard.clear()
        receiver.usual = Reply()
        tell("new", moment=back_at)
        send(back_at)
        told = [json.loads(one.body)["data"]["n"] for one in receiver.heard]
    first, *rest = told
    assert sorted(told) == ["0", "1", "2", "3", "new"]
    assert rest == sorted(rest)
    assert first not in rest
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_gone_disables_the_endpoint_gives_up_what_waits_and_raises_an_alert() -> None:
    with receiving(usual=Reply(status=410)) as receiver:
        endpoint_id, _ = subscribe(receiver)
        tell("1", "2", "3")
        assert send().disabled_count == 1
        tell("4")
        send(MONDAY + DAY)
        assert len(receiver.heard) == 1
    assert WebhookEndpoint.objects.values_list("state", "state_reason").get() == ("disabled", "gone")
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"given_up"}
    assert WebhookDelivery.objects.count() == 4  # what happens meanwhile is kept for a replay
    alert = Alert.objects.get(resolved_at=None)
    assert (alert.key, alert.reason_code) == (f"webhook|{endpoint_id}", "alert.bad_data.webhook_gone")
    assert alert.reason_parameters == {"host": f"127.0.0.1:{receiver.port}"}
    webhooks.resume_endpoint(endpoint_id=endpoint_id, decided_by="Mei", moment=MONDAY + DAY)
    assert not Alert.objects.filter(resolved_at=None).exists()


def test_an_endpoint_that_is_removed_between_the_look_and_the_talk_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiving() as gone, receiving() as there:
        gone_id, _ = subscribe(gone)
        subscribe(there)
        tell("1")
        looked = iter(
            (lambda: None, lambda: webhooks.remove_endpoint(endpoint_id=gone_id, decided_by="Mei", moment=MONDAY))
        )
        listed = deliveries.list_open_endpoints

        def look(*, moment: dt.datetime) -> list[tuple[int, bool]]:
            found = listed(moment=moment)
            next(looked, lambda: None)()
            return found

        monkeypatch.setattr(deliveries, "list_open_endpoints", look)
        send()
    assert (len(gone.heard), len(there.heard)) == (0, 1)


def test_an_endpoint_that_fails_for_days_is_disabled_and_one_that_answers_now_and_then_is_not() -> None:
    with receiving(usual=Reply(status=500)) as dead, receiving() as moody:
        dead_id, _ = subscribe(dead)
        moody_id, _ = subscribe(moody)
        for hours in range(0, 24 * 6, 4):
            moody.usual = Reply(status=500 if hours % 24 else 200)
            moment = MONDAY + dt.timedelta(hours=hours)
            tell(str(hours), moment=moment)
            send(moment)
            send(moment + dt.timedelta(minutes=10))
    states = dict(WebhookEndpoint.objects.values_list("pk", "state"))
    assert states == {dead_id: "disabled", moody_id: "active"}
    assert WebhookEndpoint.objects.get(pk=dead_id).state_reason == "failing"


def test_retry_after_is_honoured_in_seconds_and_as_a_date() -> None:
    with receiving(Reply(status=429, headers={"Retry-After": "900"})) as receiver:
        subscribe(receiver)
        tell("1")
        send()
        assert 900 <= waits_seconds(the_delivery()) <= 910
        tell("2")
        assert send(MONDAY + dt.timedelta(minutes=10)) == webhooks.SendCounts()  # all of it waits
        date = "Mon, 23 Nov 2026 03:30:00 GMT"
        receiver.replies = [Reply(status=503, headers={"Retry-After": date})]
        send(MONDAY + dt.timedelta(minutes=16))
        assert WebhookEndpoint.objects.get().quiet_until == MONDAY + dt.timedelta(hours=2)
        assert send(MONDAY + dt.timedelta(hours=1)) == webhooks.SendCounts()
        assert send(MONDAY + dt.timedelta(hours=2, seconds=1)).delivered_count == 2


def test_a_redirect_is_not_followed_and_reaches_no_private_address() -> None:
    with receiving() as secret_service:
        away = Reply(status=307, headers={"Location": secret_service.url})
        with receiving(usual=away) as receiver:
            subscribe(receiver)
            tell("1")
            send()
    assert secret_service.heard == []
    delivery = the_delivery()
    assert (delivery.state, delivery.status, delivery.outcome) == ("waiting", 307, "refused")


def test_a_private_address_is_refused_even_when_it_was_allowed_once(settings: Any) -> None:
    with receiving() as receiver:
        subscribe(receiver)
        settings.REORDER = replace(settings.REORDER, outgoing_networks=())
        tell("1")
        send()
    assert receiver.heard == []
    delivery = the_delivery()
    assert (delivery.state, delivery.error_code) == ("waiting", "outgoing.private")


@pytest.mark.parametrize("size", [60_000, 1_000_000])
def test_a_long_answer_counts_by_its_status_and_only_its_beginning_is_kept(size: int) -> None:
    with receiving(usual=Reply(status=201, body=b"x" * size)) as receiver:
        subscribe(receiver)
        tell("1")
        assert send().delivered_count == 1
    delivery = the_delivery()
    assert (delivery.state, delivery.status) == ("delivered", 201)
    assert len(delivery.excerpt) <= 1_024


@pytest.mark.parametrize(
    ("raw", "error_code"),
    [
        (b"\x00\xff\xfe garbage \x00", "outgoing.failed"),
        (b"", "outgoing.failed"),
        (b"HTTP/1.1 9999 WHAT\r\n\r\n", "outgoing.failed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "outgoing.failed"),
    ],
)
def test_a_garbage_answer_is_a_failed_attempt(raw: bytes, error_code: str) -> None:
    with receiving(usual=Reply(raw=raw)) as receiver:
        subscribe(receiver)
        tell("1")
        send()
    delivery = the_delivery()
    assert (delivery.state, delivery.outcome, delivery.error_code) == ("waiting", "down", error_code)


def test_an_answer_in_no_encoding_is_kept_readable() -> None:
    with receiving(usual=Reply(status=400, body=b"\xff\x00\xe7\x83\x8f")) as receiver:
        subscribe(receiver)
        tell("1")
        send()
    assert the_delivery().excerpt == "��烏"


def test_nobody_listening_is_a_failed_attempt_and_delivered_when_the_receiver_is_there() -> None:
    with receiving() as receiver:
        endpoint_id, _ = subscribe(receiver)
    tell("1")
    send()
    assert the_delivery().error_code == "outgoing.failed"
    with receiving() as other:
        webhooks.change_endpoint(endpoint_id=endpoint_id, given=webhooks.EndpointForm(url=other.url), decided_by="Mei")
        assert send(MONDAY + dt.timedelta(minutes=1)).delivered_count == 1


def test_a_message_that_is_refused_each_time_fails_in_the_end_and_stops_nobody_else() -> None:
    def choose(request: Received) -> Reply:
        return Reply(status=400 if b'"bad"' in request.body else 200)

    with receiving() as receiver:
        receiver.choose = choose
        subscribe(receiver)
        tell("bad", subject="1")
        tell("good", subject="2")
        send()
        assert dict(WebhookDelivery.objects.values_list("subject_key", "state")) == {"1": "waiting", "2": "delivered"}
        for hours in range(1, 24 * 8, 6):
            tell(str(hours), subject="3", moment=MONDAY + dt.timedelta(hours=hours))
            send(MONDAY + dt.timedelta(hours=hours))
    bad = WebhookDelivery.objects.get(subject_key="1")
    assert (bad.state, bad.attempts_count) == ("failed", 12)
    assert set(WebhookDelivery.objects.exclude(subject_key="1").values_list("state", flat=True)) == {"delivered"}
    assert WebhookEndpoint.objects.get().state == "active"


# --- order


def test_two_messages_of_one_order_are_never_under_way_at_once_and_keep_their_order() -> None:
    with receiving(usual=Reply(hang_seconds=0.02)) as receiver:
        subscribe(receiver)
        for event in range(12):
            tell(str(event), subject=str(event % 2), moment=MONDAY + dt.timedelta(milliseconds=event))
        send(MONDAY + dt.timedelta(seconds=1))
    heard = [int(json.loads(one.body)["data"]["n"]) for one in receiver.heard]
    assert [n for n in heard if n % 2 == 0] == [0, 2, 4, 6, 8, 10]
    assert [n for n in heard if n % 2 == 1] == [1, 3, 5, 7, 9, 11]


# --- secrets


def test_during_a_rotation_both_secrets_sign_and_afterwards_the_new_one_alone() -> None:
    with receiving() as receiver:
        endpoint_id, old = subscribe(receiver)
        new = webhooks.rotate_secret(endpoint_id=endpoint_id, overlap_hours=24, decided_by="Mei", moment=MONDAY)
        tell("1")
        send(MONDAY + dt.timedelta(hours=1))
        tell("2")
        send(MONDAY + dt.timedelta(hours=25))
    during, after = receiver.heard
    assert during.headers["webhook-signature"] == signature_of(during, new, old)
    assert after.headers["webhook-signature"] == signature_of(after, new)


def signature_of(heard: Received, *secrets: str) -> str:
    stamp = int(heard.headers["webhook-timestamp"])
    return sign(secrets=secrets, message_id=heard.message_id, timestamp=stamp, body=heard.body)


def test_secrets_stand_encrypted_in_the_database() -> None:
    with receiving() as receiver:
        _, secret = subscribe(receiver)
    assert secret.startswith("whsec_")
    kept = WebhookEndpoint.objects.get().secret
    assert secret not in kept
    assert secret.removeprefix("whsec_") not in kept


def test_an_endpoint_whose_secret_was_sealed_with_another_key_is_disabled_with_an_alert(settings: Any) -> None:
    with receiving() as receiver:
        endpoint_id, _ = subscribe(receiver)
        tell("1")
        settings.SECRET_KEY = "another installation's"
        assert send().disabled_count == 1
        assert receiver.heard == []
        assert Alert.objects.get().reason_code == "alert.bad_data.webhook_unreadable"
        webhooks.rotate_secret(endpoint_id=endpoint_id, overlap_hours=0, decided_by="Mei", moment=MONDAY)
        webhooks.resume_endpoint(endpoint_id=endpoint_id, decided_by="Mei", moment=MONDAY)
        replayed = webhooks.replay_span(
            endpoint_id=endpoint_id, since=MONDAY - DAY, until=MONDAY + DAY, decided_by="Mei", moment=MONDAY
        )
        assert replayed == 1
        assert send().delivered_count == 1


# --- people


def test_what_happens_while_an_endpoint_is_paused_waits_and_goes_when_it_is_resumed() -> None:
    with receiving() as receiver:
        endpoint_id, _ = subscribe(receiver)
        webhooks.pause_endpoint(endpoint_id=endpoint_id, decided_by="Mei", moment=MONDAY)
        tell("1", "2")
        assert send() == webhooks.SendCounts()
        webhooks.resume_endpoint(endpoint_id=endpoint_id, decided_by="Mei", moment=MONDAY)
        assert send().delivered_count == 2


def test_a_replay_sends_the_same_message_with_the_same_id() -> None:
    with receiving() as receiver:
        subscribe(receiver)
        tell("1")
        send()
        webhooks.replay_delivery(delivery_id=the_delivery().pk, decided_by="Mei", moment=MONDAY)
        send(MONDAY + dt.timedelta(seconds=10))
    first, second = receiver.heard
    assert (first.message_id, first.body) == (second.message_id, second.body)
    assert (the_delivery().attempts_count, the_delivery().state) == (2, "delivered")


def test_all_that_failed_in_a_span_is_replayed_and_nothing_else() -> None:
    with receiving(usual=Reply(status=410)) as receiver:
        endpoint_id, _ = subscribe(receiver)
        tell("1", moment=MONDAY)
        send()
        tell("2", moment=MONDAY + DAY)
        tell("3", moment=MONDAY + 3 * DAY)
        receiver.usual = Reply()
        webhooks.resume_endpoint(endpoint_id=endpoint_id, decided_by="Mei", moment=MONDAY + 4 * DAY)
        receiver.heard.clear()
        count = webhooks.replay_span(
            endpoint_id=None, since=MONDAY, until=MONDAY + 2 * DAY, decided_by="Mei", moment=MONDAY + 4 * DAY
        )
        assert count == 2
        send(MONDAY + 4 * DAY + dt.timedelta(seconds=1))
    assert [json.loads(one.body)["data"]["n"] for one in receiver.heard] == ["1", "2"]
    assert list(WebhookDelivery.objects.order_by("pk").values_list("state", flat=True)) == [
        "delivered",
        "delivered",
        "given_up",
    ]


def test_a_test_message_reaches_the_one_endpoint_whatever_it_wants() -> None:
    with receiving() as tested, receiving() as other:
        endpoint_id, _ = subscribe(tested, "order.shipped")
        subscribe(other)
        delivery_id = webhooks.send_test(endpoint_id=endpoint_id, decided_by="Mei", moment=MONDAY)
        send()
    assert (len(tested.heard), len(other.heard)) == (1, 0)
    assert json.loads(tested.heard[0].body)["type"] == "test"
    assert WebhookDelivery.objects.get().pk == delivery_id


def test_a_removed_endpoint_hears_nothing_more_and_its_secret_is_gone() -> None:
    with receiving() as receiver:
        endpoint_id, _ = subscribe(receiver)
        tell("1")
        webhooks.remove_endpoint(endpoint_id=endpoint_id, decided_by="Mei", moment=MONDAY)
        tell("2")
        send()
    assert receiver.heard == []
    assert WebhookEndpoint.objects.values_list("state", "secret", "previous_secret").get() == ("removed", "", "")
    assert list(WebhookDelivery.objects.values_list("state", flat=True)) == ["given_up"]


def test_what_is_older_than_it_is_kept_is_forgotten() -> None:
    with receiving() as receiver:
        subscribe(receiver)
        tell("old", moment=MONDAY - 31 * DAY)
        tell("new", moment=MONDAY)
        assert webhooks.forget_webhooks(moment=MONDAY + dt.timedelta(hours=1)) == 1
    assert list(WebhookMessage.objects.values_list("event_key", flat=True)) == ["new"]
    assert WebhookDelivery.objects.count() == 1


# --- workers that die, and several at once


def test_a_delivery_whose_worker_died_after_the_claim_goes_again_when_the_claim_has_ended() -> None:
    with receiving() as receiver:
        endpoint_id, _ = subscribe(receiver)
        tell("1")
        dead = claim_due(
            endpoint_id=endpoint_id,
            busy_subjects=(),
            limit=6,
            moment=MONDAY,
            claimed_until=MONDAY + dt.timedelta(seconds=31),
        )
        assert [one.attempt for one in dead] == [1]
        assert send(MONDAY + dt.timedelta(seconds=30)) == webhooks.SendCounts()
        assert send(MONDAY + dt.timedelta(seconds=32)).delivered_count == 1
    assert (the_delivery().state, the_delivery().attempts_count) == ("delivered", 2)


def test_a_worker_that_comes_back_from_the_dead_does_not_write_over_what_another_found() -> None:
    with receiving() as receiver:
        endpoint_id, _ = subscribe(receiver)
        tell("1")
        (late,) = claim_due(endpoint_id=endpoint_id, busy_subjects=(), limit=6, moment=MONDAY, claimed_until=MONDAY)
        send(MONDAY + dt.timedelta(seconds=1))
    result = AttemptResult(
        state="failed",
        outcome="refused",
        status=500,
        error_code="",
        error_parameters={},
        excerpt="",
        next_attempt_at=None,
        started_at=MONDAY,
        milliseconds=1,
        signature="",
    )
    assert record_attempt(claimed=late, result=result, moment=MONDAY) is False
    assert (the_delivery().state, the_delivery().status) == ("delivered", 200)


@pytest.mark.django_db(transaction=True)
def test_several_passes_at_once_send_each_message_once() -> None:
    with receiving() as receiver:
        subscribe(receiver)
        for number in range(60):
            tell("1", subject=str(number))
        at_once(lambda _: send(), hands=4)
    assert len(receiver.heard) == 60
    assert len({one.message_id for one in receiver.heard}) == 60
    assert set(WebhookDelivery.objects.values_list("state", "attempts_count")) == {("delivered", 1)}


@pytest.mark.django_db(transaction=True)
def test_orders_told_at_once_with_an_endpoint_that_is_being_removed_wait_for_nobody_and_leave_nothing_stuck() -> None:
    with receiving() as receiver:
        endpoint_id, _ = subscribe(receiver)
        tell("0")

        def work(hand: int) -> None:
            if hand == 0:
                webhooks.remove_endpoint(endpoint_id=endpoint_id, decided_by="Mei", moment=MONDAY)
            elif hand == 1:
                send()
            else:
                for event in range(10):
                    tell(str(event), subject=str(hand))

        at_once(work, hands=8)
        webhooks.forget_webhooks(moment=MONDAY)
    assert not WebhookDelivery.objects.filter(state="waiting").exists()
