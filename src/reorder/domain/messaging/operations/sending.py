"""The sending half of the outbox: planned → sending → sent, failed, planned again, or unknown.

Messages are claimed in lots, each claim one attempt (`attempts_count`); only the holder of that attempt may record its
outcome, also when the message was parked in the meantime, because a late answer is still the answer. How far a sender
came with each message of its lot stands in the journal, so that only what was being handed over when it died is parked:
the rest of the lot goes back, and what had been answered is recorded.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from reorder.domain.messaging.channel_models import SendingStep
from reorder.domain.messaging.channels.base import Outcome
from reorder.domain.messaging.errors import MessageNotInState
from reorder.domain.messaging.models import OutboxAttachment, OutboxMessage
from reorder.domain.messaging.operations.recording import Recorded, record_outcomes, recorded_of
from reorder.domain.messaging.queries import get_message
from reorder.domain.messaging.refusals import REFUSAL_CODE
from reorder.domain.messaging.rules import SENDING_LEASE, DraftAttachment
from reorder.domain.storage import run_sql
from reorder.kernel.clock import date_at
from reorder.kernel.stored_json import read_json

_SENDING_LOCK = "hashtext('reorder.outbox.sending')"
# The claim and its lines in the journal are one statement; a refused message is stopped in the same breath.
_CLAIM: Final = f"""
WITH picked AS MATERIALIZED (
    SELECT id FROM messaging_outboxmessage
    WHERE state = 'planned' AND send_after <= %(moment)s AND channel = ANY(%(channels)s::text[])
      AND {{may_go}}
      AND (channel <> 'email' OR split_part(lower(address), '@', 2) <> ALL(%(shut_domains)s::text[]))
    ORDER BY send_after LIMIT %(limit)s FOR UPDATE SKIP LOCKED),
judged AS MATERIALIZED (
    SELECT message.id, {REFUSAL_CODE} AS refusal, point.details
    FROM picked JOIN messaging_outboxmessage AS message USING (id)
    LEFT JOIN messaging_contactpoint AS point ON point.customer_id = message.customer_id
        AND point.channel = message.channel AND point.address = message.address),
taken AS (
    UPDATE messaging_outboxmessage AS message
    SET state = CASE judged.refusal WHEN '' THEN 'sending' ELSE 'stopped' END,
        sending_at = CASE judged.refusal WHEN '' THEN %(moment)s ELSE sending_at END,
        finished_at = CASE judged.refusal WHEN '' THEN finished_at ELSE %(moment)s END,
        attempts_count = attempts_count + CASE judged.refusal WHEN '' THEN 1 ELSE 0 END,
        outcome_code = judged.refusal, error = ''
    FROM judged WHERE message.id = judged.id
    RETURNING message.*, judged.details AS address_details),
noted AS (
    INSERT INTO messaging_sendingstep (message_id, attempts_count, stage)
    SELECT id, attempts_count, 'claimed' FROM taken WHERE state = 'sending'
    ON CONFLICT (message_id) DO UPDATE
    SET attempts_count = excluded.attempts_count, stage = 'claimed', outcome = NULL)
SELECT id, idempotency_key, message_id, customer_id, channel, purpose, address, subject, body_text, body_html,
       send_after, expires_at, attempts_count, source_kind, source_key, step_key, variant, language,
       template_version_id, variables, coalesce(address_details, '{{{{}}}}'::jsonb), state
FROM taken ORDER BY send_after, id
"""  # noqa: S608 - constants of ours
# Where the shop wants to see marketing before it goes, only what somebody approved; written as the index is.
_APPROVED: Final = "(approved_at IS NOT NULL OR NOT purpose = 'marketing')"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageToSend:
    """A claimed message: this attempt belongs to the caller alone."""

    id: int
    idempotency_key: str
    message_id: str
    customer_id: int | None
    channel: str
    purpose: str
    address: str
    subject: str
    body_text: str
    body_html: str
    dated_at: dt.datetime
    expires_at: dt.datetime | None
    attempts_count: int
    source_kind: str
    source_key: str
    step_key: str
    variant: str
    language: str
    template_version_id: int | None
    variables: Mapping[str, Any] = field(default_factory=dict)
    address_details: Mapping[str, Any] = field(default_factory=dict)
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
        statement=f"""WITH due AS MATERIALIZED (
                SELECT message.id, {REFUSAL_CODE} AS refusal
                FROM messaging_outboxmessage AS message
                WHERE state = 'held_out' AND finished_at IS NULL AND send_after <= %(moment)s
                ORDER BY message.id FOR UPDATE OF message)
            UPDATE messaging_outboxmessage AS message
            SET state = CASE due.refusal WHEN '' THEN 'held_out' ELSE 'stopped' END,
                outcome_code = CASE due.refusal WHEN '' THEN outcome_code ELSE due.refusal END,
                finished_at = CASE due.refusal WHEN '' THEN send_after ELSE %(moment)s END
            FROM due WHERE message.id = due.id""",  # noqa: S608 - constants of ours
        parameters={"moment": moment, "today": _today(moment)},
    )


def claim_messages(
    *, moment: dt.datetime, limit: int, channels: Sequence[str] = ("email",), shut_domains: Sequence[str] = ()
) -> list[MessageToSend]:
    """Take due messages of these channels into `sending` and commit that, the longest due first; at most `limit`.

    Marketing whose person has withdrawn consent since planning, or is spared it, is stopped instead and does not come
    back. Two callers never get the same message (SKIP LOCKED). Must not run inside another transaction. An empty answer
    means that nothing is due.
    """
    while True:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(
                _CLAIM.format(may_go=_APPROVED if settings.REORDER.message_approval else "true"),
                {
                    "moment": moment,
                    "today": _today(moment),
                    "channels": list(channels),
                    "shut_domains": list(shut_domains),
                    "limit": limit,
                },
            )
            rows = cursor.fetchall()
        taken = [row for row in rows if row[-1] == "sending"]
        if taken or not rows:
            return _to_send(taken)


def claim_next_message(*, moment: dt.datetime) -> MessageToSend | None:
    """Take the next due mail; None when none is due. As `claim_messages`."""
    return next(iter(claim_messages(moment=moment, limit=1)), None)


def release_claims(*, messages: Sequence[MessageToSend], send_after: dt.datetime | None = None) -> int:
    """Give back what was claimed and surely not begun, as if it had never been claimed; perhaps for later."""
    with transaction.atomic():
        return run_sql(
            statement="""WITH given AS (
                    SELECT * FROM unnest(%(ids)s::bigint[], %(attempts)s::int[]) AS given (id, attempt)),
                gone AS (DELETE FROM messaging_sendingstep AS step USING given
                    WHERE step.message_id = given.id AND step.attempts_count = given.attempt)
                UPDATE messaging_outboxmessage AS message
                SET state = 'planned', attempts_count = message.attempts_count - 1, sending_at = NULL,
                    send_after = coalesce(%(send_after)s::timestamptz, message.send_after)
                FROM given WHERE message.id = given.id AND message.state = 'sending'
                  AND message.attempts_count = given.attempt""",
            parameters={
                "ids": [one.id for one in messages],
                "attempts": [one.attempts_count for one in messages],
                "send_after": send_after,
            },
        )


def _today(moment: dt.datetime) -> dt.date:
    return date_at(moment=moment, time_zone=settings.REORDER.time_zone)


def _to_send(rows: Sequence[tuple[Any, ...]]) -> list[MessageToSend]:
    attached: dict[int, list[DraftAttachment]] = {}
    for one in OutboxAttachment.objects.filter(message_id__in=[row[0] for row in rows]).order_by("pk") if rows else ():
        attached.setdefault(one.message_id, []).append(
            DraftAttachment(filename=one.filename, media_type=one.media_type, content=bytes(one.content))
        )
    return [_message(row, tuple(attached.get(row[0], ()))) for row in rows]


def _message(row: tuple[Any, ...], attachments: tuple[DraftAttachment, ...]) -> MessageToSend:
    return MessageToSend(
        id=row[0],
        idempotency_key=row[1],
        message_id=row[2],
        customer_id=row[3],
        channel=row[4],
        purpose=row[5],
        address=row[6],
        subject=row[7],
        body_text=row[8],
        body_html=row[9],
        dated_at=row[10],
        expires_at=row[11],
        attempts_count=row[12],
        source_kind=row[13],
        source_key=row[14],
        step_key=row[15],
        variant=row[16],
        language=row[17],
        template_version_id=row[18],
        variables=_object(row[19]),
        address_details=_object(row[20]),
        attachments=attachments,
    )


def _object(found: Any) -> dict[str, Any]:
    # A bare cursor of Django's gives JSON as text.
    read: dict[str, Any] = read_json(found)
    return read


def hold_sending_lock() -> None:
    """Show that this process sends; PostgreSQL drops the lock when the process dies. Shared: many may send at once."""
    run_sql(statement=f"SELECT pg_advisory_lock_shared({_SENDING_LOCK})")


def release_sending_lock() -> None:
    """Stop showing that this process sends."""
    run_sql(statement=f"SELECT pg_advisory_unlock_shared({_SENDING_LOCK})")


def park_lost_messages(*, moment: dt.datetime) -> int:
    """Decide about messages left in `sending` by a process that died; returns how many were parked.

    While nobody sends, every one of them is lost; while somebody does, only those older than any conversation lasts.
    By the journal: what was not begun is planned again, what had been answered is recorded so, the rest is parked.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_try_advisory_xact_lock({_SENDING_LOCK})")
            is_alone = bool(cursor.fetchone()[0])
        lost = OutboxMessage.objects.filter(state="sending")
        lost = lost if is_alone else lost.filter(sending_at__lte=moment - SENDING_LEASE)
        found = {one.pk: one for one in lost.select_for_update(skip_locked=True).order_by("pk")}
        if not found:
            return 0
        steps = SendingStep.objects.filter(message_id__in=found)
        known = {one.message_id: one for one in steps if one.attempts_count == found[one.message_id].attempts_count}
        _put_back([pk for pk, one in known.items() if one.stage == "claimed"])
        done = {pk: one.outcome for pk, one in known.items() if one.stage == "done" and one.outcome}
        answered = [_answered(found[pk], outcome) for pk, outcome in done.items()]
        record_outcomes(rows=answered, today=_today(moment))
        left = OutboxMessage.objects.filter(pk__in=found, state="sending")
        parked = left.update(state="unknown", outcome_code="outbox.unknown.sender_died")
        SendingStep.objects.filter(message_id__in=found).delete()
        return parked


def _put_back(ids: Sequence[int]) -> None:
    run_sql(
        statement="""UPDATE messaging_outboxmessage SET state = 'planned', sending_at = NULL,
            attempts_count = attempts_count - 1 WHERE id = ANY(%s) AND state = 'sending'""",
        parameters=[list(ids)],
    )


def _answered(message: OutboxMessage, told: Mapping[str, Any]) -> Recorded:
    return recorded_of(
        message_id=message.pk,
        attempts_count=message.attempts_count,
        address=message.address,
        customer_id=message.customer_id,
        channel=message.channel,
        outcome=Outcome(**told["outcome"]),
        way=told["way"],
        price_micros=told["price_micros"],
        moment=dt.datetime.fromisoformat(told["moment"]),
    )


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
