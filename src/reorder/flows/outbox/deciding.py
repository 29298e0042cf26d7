"""What people decide about messages: each decision, its audit entries and the job it needs commit together.

`ids` are those that the caller has found the person may decide about. Every function returns the ids that it changed;
one that had left, or that somebody else decided about first, is not among them.
"""

import datetime as dt
from collections.abc import Callable, Sequence

from django.conf import settings

from reorder.domain.messaging import operations
from reorder.domain.messaging.outbox_pages import list_planned_ids_of_customer
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.kernel.jobs import JobName, defer_job

_MOST = 1000


def approve_messages(*, ids: Sequence[int], decided_by: str, moment: dt.datetime) -> list[int]:
    """Let marketing messages go out at their hour where they wait for a person."""
    return _decide(
        action="messages.approve",
        ids=ids,
        decided_by=decided_by,
        change=lambda some: operations.approve_messages(ids=some, approved_by=decided_by, moment=moment),
    )


def take_approval_back(*, ids: Sequence[int], decided_by: str) -> list[int]:
    """Let approved messages wait again."""
    return _decide(
        action="messages.take_approval_back",
        ids=ids,
        decided_by=decided_by,
        change=lambda some: operations.take_approval_back(ids=some),
    )


def stop_messages(*, ids: Sequence[int], decided_by: str, moment: dt.datetime) -> list[int]:
    """Withdraw planned messages."""
    return _decide(
        action="messages.stop",
        ids=ids,
        decided_by=decided_by,
        change=lambda some: operations.stop_messages(ids=some, moment=moment),
    )


def stop_messages_of_customer(*, customer_id: int, decided_by: str, moment: dt.datetime) -> list[int]:
    """Withdraw all marketing that waits for its moment with one customer."""
    return stop_messages(
        ids=list_planned_ids_of_customer(customer_id=customer_id), decided_by=decided_by, moment=moment
    )


def undo_stops(*, ids: Sequence[int], decided_by: str, moment: dt.datetime) -> list[int]:
    """Plan again what a person stopped, while its moment has not come."""
    return _decide(
        action="messages.undo_stop",
        ids=ids,
        decided_by=decided_by,
        change=lambda some: operations.undo_stops(
            ids=some, is_approval_needed=settings.REORDER.message_approval, moment=moment
        ),
    )


def send_messages_now(*, ids: Sequence[int], decided_by: str, moment: dt.datetime) -> list[int]:
    """Let planned messages go out with the worker's next pass; consent is looked at again as always."""

    def change(some: Sequence[int]) -> list[int]:
        changed = operations.send_messages_now(ids=some, approved_by=decided_by, moment=moment)
        if changed:
            defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
        return changed

    return _decide(action="messages.send_now", ids=ids, decided_by=decided_by, change=change)


def resolve_as_sent(*, message_id: int, decided_by: str, moment: dt.datetime) -> None:
    """A person found that a parked message arrived; raises UnknownMessage, MessageNotInState."""
    with one_transaction():
        operations.resolve_as_sent(message_id=message_id, moment=moment)
        _audit(action="messages.resolve_as_sent", ids=[message_id], decided_by=decided_by)


def send_again(*, message_id: int, decided_by: str, moment: dt.datetime) -> None:
    """A person wants a parked or failed message sent again; raises UnknownMessage, MessageNotInState."""
    with one_transaction():
        operations.resolve_by_retry(message_id=message_id, moment=moment)
        _audit(action="messages.send_again", ids=[message_id], decided_by=decided_by)
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")


def _decide(
    *, action: str, ids: Sequence[int], decided_by: str, change: Callable[[Sequence[int]], list[int]]
) -> list[int]:
    with one_transaction():
        changed = change(list(ids)[:_MOST])
        _audit(action=action, ids=changed, decided_by=decided_by)
    return changed


def _audit(*, action: str, ids: Sequence[int], decided_by: str) -> None:
    for message_id in ids:
        record_audit(actor=decided_by, action=action, subject_kind="message", subject_key=str(message_id))
