"""The sending half of the outbox: planned → sending → sent, failed, planned again, or unknown.

Every change is a guarded UPDATE. A claim is one attempt (`attempts_count`); only the holder of that attempt may record
its outcome, also when the message was parked in the meantime, because a late answer is still the answer.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from reorder.domain.messaging.errors import MessageNotInState
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.messaging.of_customer import has_pause
from reorder.domain.messaging.queries import get_message, has_marketing_consent
from reorder.domain.messaging.rules import SENDING_LEASE, DraftAttachment, retry_at
from reorder.domain.storage import run_sql
from reorder.kernel.clock import date_at

_SENDING_LOCK = "hashtext('reorder.outbox.sending')"


@dataclass(frozen=True, slots=True)
class MessageToSend:
    """A claimed message: this attempt belongs to the caller alone."""

    id: int
    message_id: str
    customer_id: int | None
    channel: str
    purpose: str
    address: str
    subject: str
    body_text: str
    body_html: str
    dated_at: dt.datetime
    attempts_count: int
    attachments: tuple[DraftAttachment, ...] = field(default=())


def stop_expired_messages(*, moment: dt.datetime) -> int:
    """Stop messages whose days have passed, held-out ones as those that would have been sent; returns how many."""
    waiting = OutboxMessage.objects.filter(
        state__in=["planned", "held_out"], finished_at__isnull=True, expires_at__lte=moment
    )
    return waiting.update(state="stopped", finished_at=moment, outcome_code="outbox.stopped.expired")


def close_held_out_messages(*, moment: dt.datetime) -> int:
    """Give held-out messages the moment at which they would have gone out, so that later purchases count for them.

    Those of people who have withdrawn consent since planning, or whose marketing is paused, are stopped, as they would
    have been at their claim. Returns how many changed.
    """
    return run_sql(
        statement="""WITH due AS MATERIALIZED (
                SELECT message.id, coalesce((
                    SELECT is_granted FROM messaging_consententry AS entry
                    WHERE entry.customer_id = message.customer_id AND entry.channel = 'email'
                      AND entry.purpose = 'marketing' ORDER BY declared_at DESC, id DESC LIMIT 1), false) AS is_granted,
                    EXISTS (SELECT FROM messaging_marketingpause AS pause
                        WHERE pause.customer_id = message.customer_id AND resumed_at IS NULL
                          AND (resumes_date IS NULL OR resumes_date > %(today)s)) AS is_paused
                FROM messaging_outboxmessage AS message
                WHERE state = 'held_out' AND finished_at IS NULL AND send_after <= %(moment)s
                ORDER BY message.id FOR UPDATE OF message)
            UPDATE messaging_outboxmessage AS message
            SET state = CASE WHEN due.is_granted AND NOT due.is_paused THEN 'held_out' ELSE 'stopped' END,
                outcome_code = CASE WHEN NOT due.is_granted THEN 'outbox.stopped.no_consent'
                                    WHEN due.is_paused THEN 'outbox.stopped.paused' ELSE outcome_code END,
                finished_at = CASE WHEN due.is_granted AND NOT due.is_paused THEN send_after ELSE %(moment)s END
            FROM due WHERE message.id = due.id""",
        parameters={"moment": moment, "today": date_at(moment=moment, time_zone=settings.REORDER.time_zone)},
    )


def claim_next_message(*, moment: dt.datetime) -> MessageToSend | None:
    """Take the next due message into `sending` and commit that; None when none is due.

    A marketing message whose person has withdrawn consent since planning, or is spared marketing by staff, is stopped
    instead, and the next one taken.
    Two callers never get the same message (SKIP LOCKED). Must not run inside another transaction.
    """
    while True:
        with transaction.atomic(durable=True):
            message = (
                OutboxMessage.objects.select_for_update(skip_locked=True)
                .filter(_may_go(), state="planned", send_after__lte=moment)
                # By the index alone: a second sort key would sort all messages of one moment for each claim.
                .order_by("send_after")
                .first()
            )
            if message is None:
                return None
            refusal = _refusal_code(message, moment=moment)
            if refusal:
                OutboxMessage.objects.filter(pk=message.pk).update(
                    state="stopped", finished_at=moment, outcome_code=refusal
                )
                continue
            attempt = message.attempts_count + 1
            OutboxMessage.objects.filter(pk=message.pk).update(
                state="sending", sending_at=moment, attempts_count=attempt, outcome_code="", error=""
            )
        return _to_send(message, attempt)


def _may_go() -> Q:
    """Where the shop wants to see marketing before it goes, only what somebody approved; written as the index is."""
    if not settings.REORDER.message_approval:
        return Q()
    return Q(approved_at__isnull=False) | ~Q(purpose="marketing")


def _refusal_code(message: OutboxMessage, *, moment: dt.datetime) -> str:
    """Why marketing must not go to this person after all; empty when it may."""
    if message.purpose != "marketing" or message.customer_id is None:
        return ""
    if not has_marketing_consent(customer_id=message.customer_id):
        return "outbox.stopped.no_consent"
    today = date_at(moment=moment, time_zone=settings.REORDER.time_zone)
    return "outbox.stopped.paused" if has_pause(customer_id=message.customer_id, day=today) else ""


def _to_send(message: OutboxMessage, attempt: int) -> MessageToSend:
    return MessageToSend(
        id=message.pk,
        message_id=message.message_id,
        customer_id=message.customer_id,
        channel=message.channel,
        purpose=message.purpose,
        address=message.address,
        subject=message.subject,
        body_text=message.body_text,
        body_html=message.body_html,
        dated_at=message.send_after,
        attempts_count=attempt,
        attachments=tuple(
            DraftAttachment(filename=one.filename, media_type=one.media_type, content=bytes(one.content))
            for one in message.attachments.order_by("pk")
        ),
    )


def record_sent(*, message: MessageToSend, moment: dt.datetime) -> bool:
    """The channel took it; False when somebody else decided about this message in the meantime."""
    return _finish(message, state="sent", finished_at=moment, outcome_code="outbox.sent", error="")


def record_failed(*, message: MessageToSend, moment: dt.datetime, outcome_code: str, error: str) -> bool:
    """The channel refused it for good; never tried again."""
    return _finish(message, state="failed", finished_at=moment, outcome_code=outcome_code, error=error)


def record_not_delivered(*, message: MessageToSend, moment: dt.datetime, outcome_code: str, error: str) -> bool:
    """Surely nothing was delivered: back to planned with a growing wait, failed after the last attempt."""
    again_at = retry_at(attempts_count=message.attempts_count, moment=moment)
    if again_at is None:
        return record_failed(message=message, moment=moment, outcome_code="outbox.failed.too_often", error=error)
    return _finish(message, state="planned", send_after=again_at, outcome_code=outcome_code, error=error)


def record_unknown(*, message: MessageToSend, outcome_code: str, error: str) -> bool:
    """The answer was lost after the mail was handed over: parked for a person, never sent again by itself."""
    return _finish(message, state="unknown", outcome_code=outcome_code, error=error)


def _finish(message: MessageToSend, **changes: object) -> bool:
    claimed = OutboxMessage.objects.filter(
        pk=message.id, state__in=["sending", "unknown"], attempts_count=message.attempts_count
    )
    return claimed.update(**changes) > 0


def hold_sending_lock() -> None:
    """Show that this process sends; PostgreSQL drops the lock when the process dies. Shared: many may send at once."""
    run_sql(statement=f"SELECT pg_advisory_lock_shared({_SENDING_LOCK})")


def release_sending_lock() -> None:
    """Stop showing that this process sends."""
    run_sql(statement=f"SELECT pg_advisory_unlock_shared({_SENDING_LOCK})")


def park_lost_messages(*, moment: dt.datetime) -> int:
    """Park messages left in `sending` by a process that died; returns how many.

    While nobody sends, every one of them is lost; while somebody does, only those older than any conversation lasts.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_try_advisory_xact_lock({_SENDING_LOCK})")
            is_alone = bool(cursor.fetchone()[0])
        lost = OutboxMessage.objects.filter(state="sending")
        lost = lost if is_alone else lost.filter(sending_at__lte=moment - SENDING_LEASE)
        return lost.update(state="unknown", outcome_code="outbox.unknown.sender_died")


def resolve_as_sent(*, message_id: int, moment: dt.datetime) -> None:
    """A person found out that a parked message was delivered; raises UnknownMessage or MessageNotInState."""
    resolved = OutboxMessage.objects.filter(pk=message_id, state="unknown").update(
        state="sent", finished_at=moment, outcome_code="outbox.sent.by_person"
    )
    _require_resolved(message_id=message_id, resolved=resolved)


def resolve_by_retry(*, message_id: int, moment: dt.datetime) -> None:
    """A person wants a parked or failed message sent again, under the same Message-ID."""
    resolved = OutboxMessage.objects.filter(pk=message_id, state__in=["unknown", "failed"]).update(
        state="planned",
        send_after=moment,
        approved_at=moment,
        expires_at=None,
        finished_at=None,
        outcome_code="outbox.retry.by_person",
    )
    _require_resolved(message_id=message_id, resolved=resolved)


def _require_resolved(*, message_id: int, resolved: int) -> None:
    if not resolved:
        state = get_message(message_id=message_id).row.state
        raise MessageNotInState(message_id=message_id, state=state, wanted="unknown", action="resolved")
