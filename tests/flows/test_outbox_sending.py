"""The outbox over a real SMTP connection: each message once, each outcome recorded, nothing guessed."""

import dataclasses
import datetime as dt
import threading

import pytest
from django.conf import LazySettings
from django.db import connection

from reorder.domain.messaging import operations, queries
from reorder.domain.messaging.channels import Outcome, Result
from reorder.domain.messaging.errors import MessageNotInState
from reorder.domain.messaging.models import ContactPoint, OutboxMessage
from reorder.domain.messaging.rules import RETRY_WAITS, SENDING_LEASE
from reorder.flows.outbox import SendCounts, send_due_messages, unsubscribe_customer
from tests.factories.messaging import (
    MORNING,
    SUNDAY,
    declare,
    ended,
    letter,
    make_reader,
    only_message,
)
from tests.factories.sender import start_sender
from tests.factories.smtp import SmtpPeer, smtp_peer

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def sender(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_from="hello@tea.example", shop_name="Keelung Tea")


def use(settings: LazySettings, peer: SmtpPeer) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_url=peer.url)


def test_a_due_message_is_sent_once_with_a_way_to_refuse(settings: LazySettings) -> None:
    mei = make_reader()
    operations.plan_messages(drafts=[letter(customer=mei)])
    with smtp_peer() as peer:
        use(settings, peer)
        first = send_due_messages(moment=MORNING)
        second = send_due_messages(moment=MORNING + MINUTE)

    assert (first.sent_count, second) == (1, SendCounts())
    assert peer.message_ids == ["<letter-1@tea.example>"]
    mark = operations.unsubscribe_token(customer_id=mei.pk)
    assert peer.arrived[0]["List-Unsubscribe"].startswith("<mailto:hello@tea.example?subject=unsubscribe%20")
    assert operations.read_unsubscribe_token(token=mark) == mei.pk
    assert only_message().state == "sent"


def test_nothing_leaves_before_its_moment_and_nothing_after_its_days(settings: LazySettings) -> None:
    mei = make_reader()
    operations.plan_messages(
        drafts=[
            letter(number=1, customer=mei, send_after=MORNING + MINUTE),
            letter(number=2, customer=mei, send_after=MORNING - 9 * MINUTE, expires_at=MORNING),
        ]
    )
    with smtp_peer() as peer:
        use(settings, peer)
        counts = send_due_messages(moment=MORNING)

    assert (peer.message_ids, counts.stopped_count) == ([], 1)
    assert list(OutboxMessage.objects.order_by("pk").values_list("state", "outcome_code")) == [
        ("planned", ""),
        ("stopped", "outbox.stopped.expired"),
    ]


def test_consent_withdrawn_between_planning_and_sending_stops_the_message(settings: LazySettings) -> None:
    mei, ann = make_reader(), make_reader(key="ann")
    operations.plan_messages(drafts=[letter(number=1, customer=mei), letter(number=2, customer=ann)])
    declare(customer=mei, is_granted=False, declared_at=MORNING - MINUTE)
    with smtp_peer() as peer:
        use(settings, peer)
        send_due_messages(moment=MORNING)

    assert peer.recipients == ["ann@example.org"]
    stopped = OutboxMessage.objects.get(customer=mei)
    assert (stopped.state, stopped.outcome_code) == ("stopped", "outbox.stopped.no_consent")


def test_the_mark_in_a_mail_unsubscribes_its_reader(settings: LazySettings) -> None:
    mei = make_reader()
    operations.plan_messages(drafts=[letter(customer=mei)])

    key = unsubscribe_customer(mark_or_key=operations.unsubscribe_token(customer_id=mei.pk), moment=MORNING - MINUTE)

    assert key == "mei"
    assert not queries.has_marketing_consent(customer_id=mei.pk)


def test_an_order_to_a_supplier_needs_no_consent(settings: LazySettings) -> None:
    operations.plan_messages(drafts=[letter(address="orders@supplier.example")])
    with smtp_peer() as peer:
        use(settings, peer)
        send_due_messages(moment=MORNING)

    assert peer.recipients == ["orders@supplier.example"]
    assert "List-Unsubscribe" not in peer.arrived[0]


def test_a_refused_recipient_fails_and_the_address_is_not_used_again(settings: LazySettings) -> None:
    operations.plan_messages(drafts=[letter(customer=make_reader())])
    with smtp_peer(rcpt_answers={"mei@example.org": "550 no such user"}) as peer:
        use(settings, peer)
        counts = send_due_messages(moment=MORNING)

    message = only_message()
    assert (counts.failed_count, message.state, message.error) == (1, "failed", "550 no such user")
    assert ContactPoint.objects.get().unreachable_at is not None


def test_a_put_off_message_waits_longer_each_time_and_fails_after_the_last_attempt(settings: LazySettings) -> None:
    operations.plan_messages(drafts=[letter(address="orders@supplier.example")])
    moment = MORNING
    with smtp_peer(rcpt_answers={"orders@supplier.example": "451 greylisted"}) as peer:
        use(settings, peer)
        for wait in RETRY_WAITS:
            send_due_messages(moment=moment)
            message = only_message()
            assert (message.state, message.error) == ("planned", "451 greylisted")
            assert moment + wait <= message.send_after < moment + wait + MINUTE
            moment = message.send_after
        send_due_messages(moment=moment)

    message = only_message()
    assert (message.state, message.outcome_code) == ("failed", "outbox.failed.too_often")
    assert message.attempts_count == len(RETRY_WAITS) + 1
    assert len(peer.recipients) == len(RETRY_WAITS) + 1


def test_a_message_put_off_once_is_delivered_later_under_the_same_id(settings: LazySettings) -> None:
    operations.plan_messages(drafts=[letter(customer=make_reader())])
    with smtp_peer(rcpt_answers={"mei@example.org": "451 greylisted"}) as peer:
        use(settings, peer)
        send_due_messages(moment=MORNING)
        peer.rcpt_answers.clear()
        send_due_messages(moment=MORNING + 6 * MINUTE)

    assert peer.message_ids == ["<letter-1@tea.example>"]


def test_an_outage_costs_one_attempt_of_one_message(settings: LazySettings) -> None:
    readers = [make_reader(key=f"reader-{number}") for number in range(3)]
    operations.plan_messages(drafts=[letter(number=n, customer=reader) for n, reader in enumerate(readers)])
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_url="smtp://127.0.0.1:1?timeout_seconds=2")

    counts = send_due_messages(moment=MORNING)

    assert counts.put_off_count == 1
    assert sorted(OutboxMessage.objects.values_list("attempts_count", flat=True)) == [0, 0, 1]


@pytest.mark.parametrize("after_content", ["close", "hang"])
def test_a_lost_answer_parks_the_message_and_it_is_never_sent_again_by_itself(
    settings: LazySettings, after_content: str
) -> None:
    operations.plan_messages(drafts=[letter(customer=make_reader())])
    with smtp_peer(after_content=after_content) as peer:
        use(settings, peer)
        counts = send_due_messages(moment=MORNING)
        peer.after_content = "answer"
        # The lease is over, each wait of a retry, and the message's days.
        for hours in (1, 2, 5, 12, 30):
            send_due_messages(moment=MORNING + dt.timedelta(hours=hours))

    message = only_message()
    assert counts.unknown_count == 1
    assert (message.state, message.outcome_code) == ("unknown", "outbox.unknown.no_answer")
    assert peer.message_ids == ["<letter-1@tea.example>"]
    assert [row.id for row in queries.list_messages(state="unknown")] == [message.pk]


def test_a_person_decides_about_a_parked_message(settings: LazySettings) -> None:
    readers = [make_reader(key=key) for key in ("mei", "lin")]
    operations.plan_messages(drafts=[letter(number=n, customer=one) for n, one in enumerate(readers, start=1)])
    with smtp_peer(after_content="close") as peer:
        use(settings, peer)
        send_due_messages(moment=MORNING)
        arrived, lost = (row.id for row in queries.list_messages(state="unknown"))
        operations.resolve_as_sent(message_id=arrived, moment=MORNING)
        operations.resolve_by_retry(message_id=lost, moment=MORNING)
        peer.after_content = "answer"
        send_due_messages(moment=MORNING + MINUTE)

    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"sent"}
    assert sorted(peer.message_ids) == ["<letter-1@tea.example>", "<letter-2@tea.example>", "<letter-2@tea.example>"]
    with pytest.raises(MessageNotInState, match="is sent; only a message that is unknown can be resolved"):
        operations.resolve_by_retry(message_id=lost, moment=MORNING)


def test_two_senders_at_once_send_every_message_exactly_once(settings: LazySettings) -> None:
    readers = [make_reader(key=f"reader-{number}") for number in range(40)]
    operations.plan_messages(drafts=[letter(number=n, customer=reader) for n, reader in enumerate(readers)])
    counts: list[SendCounts] = []
    start = threading.Barrier(2)

    def work() -> None:
        try:
            start.wait()
            counts.append(send_due_messages(moment=MORNING))
        finally:
            connection.close()

    with smtp_peer() as peer:
        use(settings, peer)
        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    assert sorted(peer.message_ids) == sorted(f"<letter-{number}@tea.example>" for number in range(40))
    assert sum(one.sent_count for one in counts) == 40
    assert all(one.sent_count > 0 for one in counts)
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"sent"}


def test_a_sender_killed_in_mid_conversation_leaves_its_message_parked_and_the_others_planned(
    settings: LazySettings,
) -> None:
    readers = [make_reader(key=f"reader-{number}") for number in range(3)]
    operations.plan_messages(drafts=[letter(number=n, customer=reader) for n, reader in enumerate(readers)])
    with smtp_peer(after_content="hang") as peer:
        sender = start_sender(peer)
        assert peer.has_content.wait(timeout=60)
        sender.kill()
        peer.after_content = "answer"
        use(settings, peer)
        counts = send_due_messages(moment=MORNING + MINUTE)
        again = send_due_messages(moment=MORNING + dt.timedelta(days=1))

    assert (counts.parked_count, counts.sent_count, again) == (1, 2, SendCounts())
    assert sorted(peer.message_ids) == [f"<letter-{number}@tea.example>" for number in range(3)]
    parked = OutboxMessage.objects.get(state="unknown")
    assert parked.outcome_code == "outbox.unknown.sender_died"


def test_a_message_in_a_living_senders_hands_is_not_parked_until_its_lease_is_over() -> None:
    operations.plan_messages(drafts=[letter(customer=make_reader())])
    with smtp_peer(after_content="hang") as peer:
        sender = start_sender(peer)
        assert peer.has_content.wait(timeout=60)
        early = operations.park_lost_messages(moment=MORNING + MINUTE)
        late = operations.park_lost_messages(moment=MORNING + SENDING_LEASE + MINUTE)
        sender.kill()

    assert (early, late) == (0, 1)


def test_a_late_answer_still_counts_for_a_parked_message() -> None:
    operations.plan_messages(drafts=[letter(customer=make_reader())])
    claimed = operations.claim_next_message(moment=MORNING)
    assert claimed is not None
    operations.note_steps(begun=[claimed.id], done={})
    operations.park_lost_messages(moment=MORNING + MINUTE)

    late = {"message": claimed, "moment": MORNING + MINUTE}
    assert operations.record_outcomes(rows=[ended(outcome=Outcome(result=Result.DELIVERED), **late)], today=SUNDAY) == 1
    assert operations.record_outcomes(rows=[ended(outcome=Outcome(result=Result.REFUSED), **late)], today=SUNDAY) == 0
    assert only_message().state == "sent"


def test_a_held_out_message_is_closed_at_its_moment_and_never_sent(settings: LazySettings) -> None:
    operations.plan_messages(drafts=[letter(customer=make_reader(), state="held_out")])
    with smtp_peer() as peer:
        use(settings, peer)
        send_due_messages(moment=MORNING)

    message = only_message()
    assert (peer.message_ids, message.state, message.finished_at) == ([], "held_out", MORNING)


def test_consent_withdrawn_before_its_moment_stops_a_held_out_message_too(settings: LazySettings) -> None:
    mei = make_reader()
    operations.plan_messages(drafts=[letter(customer=mei, state="held_out")])
    declare(customer=mei, is_granted=False, declared_at=MORNING - MINUTE)
    with smtp_peer() as peer:
        use(settings, peer)
        send_due_messages(moment=MORNING)

    message = only_message()
    assert (message.state, message.outcome_code) == ("stopped", "outbox.stopped.no_consent")


def test_a_held_out_message_expires_as_a_planned_one_does(settings: LazySettings) -> None:
    operations.plan_messages(
        drafts=[letter(customer=make_reader(), state="held_out", expires_at=MORNING + dt.timedelta(days=3))]
    )
    with smtp_peer() as peer:
        use(settings, peer)
        send_due_messages(moment=MORNING + dt.timedelta(days=4))

    message = only_message()
    assert (message.state, message.outcome_code) == ("stopped", "outbox.stopped.expired")
