"""Reads of the outbox for lists: one tab, a page at a time by keyset, whatever the size of the table."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection
from django.db.models import Max, Q, QuerySet

from reorder.domain.messaging.models import MessageDecision, OutboxMessage
from reorder.domain.messaging.queries import OutboxRow, outbox_row

OutboxTab = Literal["waiting", "planned", "held_out", "parked", "failed", "sent", "stopped", "supplier"]
# More than anybody acts on; counting on would cost more than the number says.
COUNTED_AT_MOST = 10_000
_CLEARED = Q(approved_at__isnull=False) | ~Q(purpose="marketing")
# In the order of time where the next one matters, else the latest first.
_BY_MOMENT = frozenset({"waiting", "planned"})
_BY_END = frozenset({"failed", "sent", "stopped"})
_GROWING = frozenset({"sent", "stopped"})
_FOUND_AT_MOST = 5000
_COUNTS = """
SELECT {waiting}, {planned},
       (SELECT count(*) FROM (SELECT FROM messaging_outboxmessage
        WHERE state = 'unknown' AND purpose = ANY(%(purposes)s) LIMIT %(most)s) AS counted),
       (SELECT count(*) FROM (SELECT FROM messaging_outboxmessage
        WHERE state = 'failed' AND purpose = ANY(%(purposes)s) AND finished_at > %(since)s LIMIT %(most)s) AS counted)
"""
_COUNT = """(SELECT count(*) FROM (SELECT FROM messaging_outboxmessage
        WHERE state = 'planned' AND purpose = ANY(%(purposes)s) {condition} LIMIT %(most)s) AS counted)"""
_IS_CLEARED = "(approved_at IS NOT NULL OR NOT purpose = 'marketing')"


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """What needs somebody, up to COUNTED_AT_MOST each; `planned_count` are those that go out by themselves today."""

    waiting_count: int
    planned_count: int
    parked_count: int
    failed_count: int


@dataclass(frozen=True, slots=True)
class DecisionPageRow:
    """Why one customer got, or did not get, a reminder of one product."""

    customer_id: int
    customer: str
    subject_key: str
    outcome: str
    reason_code: str
    reason_parameters: dict[str, Any]


def list_outbox_page(
    *,
    tab: OutboxTab,
    purposes: Collection[str],
    is_approval_needed: bool,
    customer_ids: Sequence[int] | None = None,
    text: str = "",
    after: tuple[dt.datetime | None, int] | None = None,
    until_id: int | None = None,
    limit: int = 50,
) -> list[OutboxRow]:
    """One page of a tab.

    Args:
        tab: which messages.
        purposes: only these, because the reader may see no others.
        is_approval_needed: whether marketing waits for a person; decides what `waiting` and `planned` are.
        customer_ids: only messages to these people, or with `text` in subject or address; None: everybody.
        text: see there; not looked for in `sent` and `stopped`, which grow for ever.
        after: moment (send_after or finished_at, None where the tab goes by number) and id of the last row seen.
        until_id: only messages up to this one, because the reader has seen no later ones; None: all.
        limit: rows at most.
    """
    rows = OutboxMessage.objects.select_related("customer").filter(_of_tab(tab, is_approval_needed))
    rows = rows.filter(purpose__in=list(purposes))
    rows = rows.filter(pk__lte=until_id) if until_id is not None else rows
    if customer_ids is not None:
        rows = rows.filter(_of_people(tab=tab, customer_ids=customer_ids, text=text))
    return [outbox_row(message=message) for message in _ordered(rows, tab=tab, after=after)[:limit]]


def _of_people(*, tab: OutboxTab, customer_ids: Sequence[int], text: str) -> Q:
    if tab not in _GROWING:
        return Q(customer_id__in=list(customer_ids)) | Q(subject__icontains=text) | Q(address__icontains=text)
    # Asked apart: with the order of the page in sight the planner would walk all that was ever sent.
    found = OutboxMessage.objects.filter(customer_id__in=list(customer_ids), state=tab)
    return Q(pk__in=list(found.values_list("pk", flat=True)[:_FOUND_AT_MOST]))


def _of_tab(tab: OutboxTab, is_approval_needed: bool) -> Q:  # noqa: FBT001 - said by name at the only call
    if tab == "waiting":
        return Q(state="planned", purpose="marketing", approved_at__isnull=True)
    if tab == "planned":
        return Q(state="planned") & _CLEARED if is_approval_needed else Q(state="planned")
    if tab == "supplier":
        return Q(purpose="supplier")
    return Q(state="unknown" if tab == "parked" else tab)


def _ordered(
    rows: "QuerySet[OutboxMessage]", *, tab: OutboxTab, after: tuple[dt.datetime | None, int] | None
) -> "QuerySet[OutboxMessage]":
    moment, last_id = after or (None, 0)
    if tab in _BY_MOMENT:
        if after:
            rows = rows.filter(Q(send_after__gt=moment) | Q(pk__gt=last_id), send_after__gte=moment)
        return rows.order_by("send_after", "pk")
    if tab in _BY_END:
        if after:
            rows = rows.filter(Q(finished_at__lt=moment) | Q(pk__lt=last_id), finished_at__lte=moment)
        return rows.order_by("-finished_at", "-pk")
    return (rows.filter(pk__lt=last_id) if after else rows).order_by("-pk")


def find_newest_id() -> int:
    """The message that was planned last; 0 before the first."""
    return OutboxMessage.objects.aggregate(newest=Max("pk"))["newest"] or 0


def place_in_tab(*, tab: OutboxTab, row: OutboxRow) -> tuple[dt.datetime | None, int]:
    """What `list_outbox_page` takes as `after` to go on behind this row."""
    if tab in _BY_MOMENT:
        return row.send_after, row.id
    return (row.finished_at if tab in _BY_END else None), row.id


def count_outbox(
    *, purposes: Collection[str], is_approval_needed: bool, until: dt.datetime, failed_since: dt.datetime
) -> OutboxCounts:
    """What waits for approval, goes out by itself until a moment, is parked, and failed since a moment."""
    waiting = _COUNT.format(condition="AND purpose = 'marketing' AND approved_at IS NULL")
    cleared = f"AND {_IS_CLEARED}" if is_approval_needed else ""
    planned = _COUNT.format(condition=f"{cleared} AND send_after <= %(until)s")
    statement = _COUNTS.format(waiting=waiting if is_approval_needed else "0", planned=planned)
    parameters: dict[str, Any] = {
        "purposes": list(purposes),
        "most": COUNTED_AT_MOST,
        "until": until,
        "since": failed_since,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row: Sequence[int] = cursor.fetchone() or (0, 0, 0, 0)
    return OutboxCounts(*(int(count) for count in row))


def list_message_facts(*, ids: Sequence[int]) -> list[OutboxRow]:
    """These messages as a list shows them, in the order of planning; unknown ids are left out."""
    found = OutboxMessage.objects.select_related("customer").filter(pk__in=[one for one in ids if 0 < one < 2**63])
    return [outbox_row(message=message) for message in found.order_by("pk")]


def list_planned_ids_of_customer(*, customer_id: int) -> list[int]:
    """Marketing messages to a customer that still wait for their moment."""
    waiting = OutboxMessage.objects.filter(customer_id=customer_id, state="planned", purpose="marketing")
    return [int(pk) for pk in waiting.order_by("pk").values_list("pk", flat=True)]


def list_decision_page(
    *,
    run_key: int,
    reason_code: str = "",
    customer_ids: Sequence[int] | None = None,
    after: tuple[int, str] | None = None,
    limit: int = 50,
) -> list[DecisionPageRow]:
    """Decisions of one night that left no message, by customer, of one reason when named."""
    rows = MessageDecision.objects.select_related("customer").filter(run_key=run_key)
    rows = rows.exclude(outcome__in=["planned", "held_out"])
    rows = rows.filter(reason_code=reason_code) if reason_code else rows
    rows = rows.filter(customer_id__in=list(customer_ids)) if customer_ids is not None else rows
    if after:
        customer_id, subject = after
        rows = rows.filter(Q(customer_id__gt=customer_id) | Q(subject_key__gt=subject), customer_id__gte=customer_id)
    return [
        DecisionPageRow(
            one.customer_id,
            one.customer.name or one.customer.key,
            one.subject_key,
            one.outcome,
            one.reason_code,
            one.reason_parameters,
        )
        for one in rows.order_by("customer_id", "subject_key")[:limit]
    ]
