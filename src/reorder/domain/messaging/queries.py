"""Reading contact points, consent and the outbox."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Count, F

from reorder.domain.messaging.errors import UnknownMessage
from reorder.domain.messaging.models import ConsentEntry, ContactPoint, MessageDecision, OutboxItem, OutboxMessage
from reorder.domain.storage import read_frame


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message as a list shows it; `customer` is the name, or the shop's key where no name is known."""

    id: int
    message_id: str
    customer_id: int | None
    customer: str
    address: str
    purpose: str
    subject: str
    state: str
    reason_code: str
    reason_parameters: dict[str, Any]
    outcome_code: str
    error: str
    planned_at: dt.datetime
    send_after: dt.datetime
    sending_at: dt.datetime | None
    finished_at: dt.datetime | None
    expires_at: dt.datetime | None
    approved_by: str
    approved_at: dt.datetime | None
    attempts_count: int


@dataclass(frozen=True, slots=True)
class ItemRow:
    id: int
    product_id: int
    subject_key: str
    last_bought_date: dt.date | None
    due_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message with what it says and is about."""

    row: OutboxRow
    body_text: str
    body_html: str
    items: list[ItemRow] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """Why a customer got, or did not get, a reminder in one run, or (then it has no run) another message."""

    run_key: int | None
    subject_key: str
    outcome: str
    reason_code: str
    reason_parameters: dict[str, Any]


def list_messages(*, state: str | None = None, limit: int = 200) -> list[OutboxRow]:
    """Messages of one state, or all: the latest moment of sending first, in the order of planning within a moment."""
    messages = OutboxMessage.objects.select_related("customer").order_by("-send_after", "pk")
    messages = messages.filter(state=state) if state else messages
    return [outbox_row(message=message) for message in messages[:limit]]


def get_message(*, message_id: int) -> MessageRow:
    """One message; raises UnknownMessage."""
    message = OutboxMessage.objects.select_related("customer").filter(pk=message_id).first()
    if message is None:
        raise UnknownMessage(message_id=message_id)
    return _message_row(message)


def list_messages_by_key(*, idempotency_keys: Sequence[str]) -> list[OutboxRow]:
    """The messages planned under these keys, in the order of planning; unknown keys are left out."""
    found = OutboxMessage.objects.filter(idempotency_key__in=list(idempotency_keys)).select_related("customer")
    return [outbox_row(message=message) for message in found.order_by("pk")]


def find_states(*, idempotency_keys: Collection[str]) -> dict[str, str]:
    """The states of the messages planned under these keys, by key; unknown keys are left out."""
    if not idempotency_keys:
        return {}
    found = OutboxMessage.objects.filter(idempotency_key__in=list(idempotency_keys))
    return dict(found.values_list("idempotency_key", "state"))


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What is known of a message by its key."""

    key: str
    id: int
    state: str
    holdout: str
    channel: str
    send_after: dt.datetime
    reason_code: str


def find_planned(*, idempotency_keys: Collection[str]) -> list[PlannedRow]:
    """The messages planned under these keys, whatever became of them."""
    found = OutboxMessage.objects.filter(idempotency_key__in=list(idempotency_keys))
    names = ("idempotency_key", "pk", "state", "holdout", "channel", "send_after", "reason_code")
    return [PlannedRow(*row) for row in found.values_list(*names)]


def list_messages_by_id(*, ids: Sequence[int]) -> list[MessageRow]:
    """These messages with what they say and are about; unknown ids are left out."""
    messages = OutboxMessage.objects.filter(pk__in=ids).select_related("customer")
    return [_message_row(one) for one in messages.prefetch_related("items", "attachments").order_by("pk")]


def frame_open_reminders(*, customer_ids: Sequence[int]) -> pl.DataFrame:
    """Products of reminders that wait for their moment, held-out ones included; journeys see to their own messages.

    Columns: message_id, item_id, customer_id, subject_key, last_bought_date.
    """
    return read_frame(
        query="""SELECT message.id AS message_id, item.id AS item_id, message.customer_id, item.subject_key,
                        item.last_bought_date
                 FROM messaging_outboxmessage AS message
                 JOIN messaging_outboxitem AS item ON item.message_id = message.id AND item.cycle_key IS NOT NULL
                 WHERE message.customer_id = ANY({customer_ids}::bigint[])
                   AND message.state IN ('planned', 'held_out') AND message.finished_at IS NULL
                   AND message.source_kind <> 'journey'""",
        parameters={"customer_ids": list(customer_ids)},
    )


def list_customers_with_reminders(*, planned_for: dt.datetime | None = None) -> list[int]:
    """Customers who have a reminder waiting, or one whose moment has come by `planned_for`."""
    waiting = OutboxItem.objects.filter(
        cycle_key__isnull=False,
        message__state__in=["planned", "held_out"],
        message__finished_at__isnull=True,
        message__customer__isnull=False,
    ).exclude(message__source_kind="journey")
    waiting = waiting.filter(message__send_after__lte=planned_for) if planned_for else waiting
    return sorted(int(pk) for pk in waiting.values_list("message__customer_id", flat=True).distinct() if pk)


def list_customers_by_address(*, address: str) -> list[int]:
    """Customers who are known by this e-mail address, written in either case."""
    points = ContactPoint.objects.filter(channel="email", address__iexact=address.strip())
    return sorted(set(points.values_list("customer_id", flat=True)))


def list_decisions(*, customer_ids: Sequence[int], limit: int = 50) -> list[DecisionRow]:
    """The decisions about these customers, the newest run first."""
    newest_run = F("run_key").desc(nulls_last=True)
    decisions = MessageDecision.objects.filter(customer_id__in=list(customer_ids)).order_by(newest_run, "subject_key")
    return [
        DecisionRow(one.run_key, one.subject_key, one.outcome, one.reason_code, one.reason_parameters)
        for one in decisions[:limit]
    ]


def count_messages(*, state: str) -> int:
    """Messages in one state."""
    return OutboxMessage.objects.filter(state=state).count()


def count_messages_by_state() -> dict[str, int]:
    """Messages a state."""
    counted = OutboxMessage.objects.values_list("state").annotate(count=Count("pk")).order_by("state")
    return dict(counted)


def frame_reachable(*, customer_ids: Sequence[int], day: dt.date) -> pl.DataFrame:
    """Where each customer can be written to: customer_id, address?, is_granted? (null: never declared), the pause.

    The newest address that is not known to be unreachable, the latest declaration about marketing by e-mail, and
    whether staff keep marketing back on that day: is_paused, resumes_date?.
    """
    return read_frame(
        query="""SELECT asked.customer_id, point.address, consent.is_granted, pause.id IS NOT NULL AS is_paused,
                   pause.resumes_date
            FROM unnest({customer_ids}::bigint[]) AS asked (customer_id)
            LEFT JOIN LATERAL (
                SELECT address FROM messaging_contactpoint
                WHERE customer_id = asked.customer_id AND channel = 'email' AND unreachable_at IS NULL
                ORDER BY created_at DESC, id DESC LIMIT 1) AS point ON true
            LEFT JOIN LATERAL (
                SELECT is_granted FROM messaging_consententry
                WHERE customer_id = asked.customer_id AND channel = 'email' AND purpose = 'marketing'
                ORDER BY declared_at DESC, id DESC LIMIT 1) AS consent ON true
            LEFT JOIN LATERAL (
                SELECT id, resumes_date FROM messaging_marketingpause
                WHERE customer_id = asked.customer_id AND resumed_at IS NULL
                  AND (resumes_date IS NULL OR resumes_date > {day})
                ORDER BY resumes_date DESC NULLS FIRST, id LIMIT 1) AS pause ON true""",
        parameters={"customer_ids": list(customer_ids), "day": day},
    )


def frame_recent_marketing(*, since: dt.datetime) -> pl.DataFrame:
    """Marketing mail that counts against the weekly cap: customer_id, messages_count, oldest_at.

    Held-out messages count as sent ones do, so that both arms of the comparison are planned alike.
    """
    return read_frame(
        query="""SELECT customer_id, count(*) AS messages_count,
                        min(coalesce(finished_at, sending_at, send_after)) AS oldest_at
                 FROM messaging_outboxmessage
                 WHERE purpose = 'marketing' AND customer_id IS NOT NULL
                   AND state IN ('planned', 'held_out', 'sending', 'sent', 'unknown')
                   AND coalesce(finished_at, sending_at, send_after) > {since}
                 GROUP BY customer_id""",
        parameters={"since": since},
    )


def list_reminded_cycles(*, cycle_keys: Sequence[str]) -> set[str]:
    """Those of the given purchase cycles that a message is or was about."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cycle_key FROM messaging_outboxitem WHERE cycle_key = ANY(%s::text[])", [list(cycle_keys)]
        )
        return {row[0] for row in cursor.fetchall()}


def has_marketing_consent(*, customer_id: int) -> bool:
    """Whether the person's latest declaration allows marketing mail."""
    return find_marketing_consent(customer_id=customer_id) is True


def find_marketing_consent(*, customer_id: int) -> bool | None:
    """What the person's latest declaration about marketing mail says; None when there is none."""
    latest = (
        ConsentEntry.objects.filter(customer_id=customer_id, channel="email", purpose="marketing")
        .order_by("-declared_at", "-pk")
        .first()
    )
    return latest.is_granted if latest is not None else None


def _message_row(message: OutboxMessage) -> MessageRow:
    return MessageRow(
        row=outbox_row(message=message),
        body_text=message.body_text,
        body_html=message.body_html,
        items=[
            ItemRow(item.pk, item.product_id, item.subject_key, item.last_bought_date, item.due_date)
            for item in message.items.all()
        ],
        attachments=[attachment.filename for attachment in message.attachments.all()],
    )


def outbox_row(*, message: OutboxMessage) -> OutboxRow:
    """A message with its customer read along."""
    customer = message.customer
    return OutboxRow(
        id=message.pk,
        message_id=message.message_id,
        customer_id=message.customer_id,
        customer=(customer.name or customer.key) if customer else "",
        address=message.address,
        purpose=message.purpose,
        subject=message.subject,
        state=message.state,
        reason_code=message.reason_code,
        reason_parameters=message.reason_parameters,
        outcome_code=message.outcome_code,
        error=message.error,
        planned_at=message.planned_at,
        send_after=message.send_after,
        sending_at=message.sending_at,
        finished_at=message.finished_at,
        expires_at=message.expires_at,
        approved_by=message.approved_by,
        approved_at=message.approved_at,
        attempts_count=message.attempts_count,
    )
