"""Putting messages into the outbox, changing them while they wait, and recording why somebody got none."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from django.conf import settings
from django.db import connection, transaction

from reorder.domain.messaging.errors import MessageNotInState
from reorder.domain.messaging.models import OutboxAttachment, OutboxItem, OutboxMessage
from reorder.domain.messaging.queries import get_message
from reorder.domain.messaging.rules import MessageDraft, message_id_of
from reorder.domain.storage import copy_frame, run_sql

_MOMENT = pl.Datetime("us", "UTC")
_MESSAGE_COLUMNS = pl.Schema(
    {
        "idempotency_key": pl.String(),
        "message_id": pl.String(),
        "customer_id": pl.Int64(),
        "channel": pl.String(),
        "purpose": pl.String(),
        "address": pl.String(),
        "subject": pl.String(),
        "body_text": pl.String(),
        "body_html": pl.String(),
        "state": pl.String(),
        "reason_code": pl.String(),
        "reason_parameters": pl.String(),
        "run_key": pl.Int64(),
        "send_after": _MOMENT,
        "expires_at": _MOMENT,
        "source_kind": pl.String(),
        "source_key": pl.String(),
        "step_key": pl.String(),
        "variant": pl.String(),
        "language": pl.String(),
        "template_version_id": pl.Int64(),
        "variables": pl.String(),
        "holdout": pl.String(),
        "value_minor": pl.Float64(),
        "planned_at": _MOMENT,
    }
)
_ITEM_COLUMNS = pl.Schema(
    {
        "message_id": pl.Int64(),
        "product_id": pl.Int64(),
        "subject_key": pl.String(),
        "due_date": pl.Date(),
        "last_bought_date": pl.Date(),
        "cycle_key": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class PlannedMessages:
    """How many drafts became messages, and how many were known already."""

    new_count: int
    known_count: int


@transaction.atomic
def plan_messages(*, drafts: Sequence[MessageDraft]) -> PlannedMessages:
    """Put drafts into the outbox, set-based; a known idempotency key changes nothing.

    Raises IntegrityError when a purchase cycle is reminded a second time: the database keeps that rule.
    """
    if not drafts:
        return PlannedMessages(0, 0)
    names = ", ".join(_MESSAGE_COLUMNS)
    given = names.replace("planned_at", "coalesce(planned_at, now())")
    run_sql(
        statement=f"""CREATE TEMP TABLE IF NOT EXISTS staged_message ON COMMIT DELETE ROWS AS
            SELECT {names} FROM messaging_outboxmessage WITH NO DATA"""  # noqa: S608 - our own column list
    )
    run_sql(statement="DELETE FROM staged_message")
    copy_frame(table="staged_message", frame=_message_frame(drafts))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO messaging_outboxmessage ({names}) SELECT {given} FROM staged_message
                ON CONFLICT (idempotency_key) DO NOTHING RETURNING idempotency_key, id"""  # noqa: S608 - as above
        )
        made: dict[str, int] = dict(cursor.fetchall())
    _add_items(drafts=drafts, made=made)
    OutboxAttachment.objects.bulk_create(
        OutboxAttachment(
            message_id=made[draft.idempotency_key],
            filename=attachment.filename,
            media_type=attachment.media_type,
            content=attachment.content,
        )
        for draft in drafts
        for attachment in draft.attachments
        if draft.idempotency_key in made
    )
    return PlannedMessages(new_count=len(made), known_count=len(drafts) - len(made))


def _message_frame(drafts: Sequence[MessageDraft]) -> pl.DataFrame:
    rows = [
        (
            draft.idempotency_key,
            message_id_of(key=draft.idempotency_key, sender=settings.REORDER.mail_from),
            draft.customer_id,
            draft.channel,
            draft.purpose,
            draft.address,
            draft.subject,
            draft.body_text,
            draft.body_html,
            draft.state,
            draft.reason_code,
            json.dumps(dict(draft.reason_parameters), ensure_ascii=False, default=str),
            draft.run_key,
            draft.send_after,
            draft.expires_at,
            draft.source_kind,
            draft.source_key,
            draft.step_key,
            draft.variant,
            draft.language,
            draft.template_version_id,
            json.dumps(dict(draft.variables), ensure_ascii=False, default=str),
            draft.holdout,
            draft.value_minor,
            draft.planned_at,
        )
        for draft in drafts
    ]
    return pl.DataFrame(rows, schema=_MESSAGE_COLUMNS, orient="row")


def _add_items(*, drafts: Sequence[MessageDraft], made: Mapping[str, int]) -> None:
    rows = [
        (
            made[draft.idempotency_key],
            item.product_id,
            item.subject_key,
            item.due_date,
            item.last_bought_date,
            item.cycle_key,
        )
        for draft in drafts
        if draft.idempotency_key in made
        for item in draft.items
    ]
    if rows:
        copy_frame(table="messaging_outboxitem", frame=pl.DataFrame(rows, schema=_ITEM_COLUMNS, orient="row"))


@transaction.atomic
def record_decisions(*, run_key: int, decisions: pl.DataFrame) -> int:
    """Record why due customers got, or did not get, a message in one run; a known decision stays as it was.

    Args:
        run_key: the planning run.
        decisions: customer_id Int64, subject_key, outcome, reason_code, reason_parameters (JSON text).
    """
    columns = ["run_key", "customer_id", "subject_key", "outcome", "reason_code", "reason_parameters"]
    names = ", ".join(columns)
    run_sql(
        statement=f"""CREATE TEMP TABLE IF NOT EXISTS staged_decision ON COMMIT DELETE ROWS AS
            SELECT {names} FROM messaging_messagedecision WITH NO DATA"""  # noqa: S608 - our own column list
    )
    run_sql(statement="DELETE FROM staged_decision")
    copy_frame(table="staged_decision", frame=decisions.with_columns(pl.lit(run_key).alias("run_key")).select(columns))
    return run_sql(
        statement=f"""INSERT INTO messaging_messagedecision ({names}) SELECT {names} FROM staged_decision
            ON CONFLICT ON CONSTRAINT message_decision_once DO NOTHING"""  # noqa: S608 - as above
    )


def forget_decisions(*, decided_before: dt.datetime) -> int:
    """Remove decisions older than a moment: every due pair leaves one a night. Returns how many there were."""
    return run_sql(statement="DELETE FROM messaging_messagedecision WHERE decided_at < %s", parameters=[decided_before])


def stop_message(*, message_id: int, moment: dt.datetime, outcome_code: str = "outbox.stopped.by_person") -> None:
    """Withdraw a planned message; raises UnknownMessage, or MessageNotInState when it is no longer waiting."""
    stopped = OutboxMessage.objects.filter(pk=message_id, state="planned").update(
        state="stopped", finished_at=moment, outcome_code=outcome_code
    )
    if not stopped:
        state = get_message(message_id=message_id).row.state
        raise MessageNotInState(message_id=message_id, state=state, wanted="planned", action="stopped")


def stop_reminder(*, message_id: int, outcome_code: str) -> bool:
    """Withdraw a reminder that still waits, planned or held out; False when its moment came first."""
    return (
        run_sql(
            statement="""UPDATE messaging_outboxmessage
                SET state = 'stopped', finished_at = now(), outcome_code = %(code)s
                WHERE id = %(id)s AND state IN ('planned', 'held_out') AND finished_at IS NULL""",
            parameters={"id": message_id, "code": outcome_code},
        )
        > 0
    )


def rewrite_reminder(
    *,
    message_id: int,
    removed_item_ids: Sequence[int],
    subject: str,
    body_text: str,
    body_html: str,
    reason_parameters: Mapping[str, object],
) -> bool:
    """Take products out of a reminder that still waits and put its new words in; False when its moment came first."""
    changed = OutboxMessage.objects.filter(
        pk=message_id, state__in=["planned", "held_out"], finished_at__isnull=True
    ).update(subject=subject, body_text=body_text, body_html=body_html, reason_parameters=dict(reason_parameters))
    if changed:
        OutboxItem.objects.filter(message_id=message_id, pk__in=removed_item_ids).delete()
    return changed > 0
