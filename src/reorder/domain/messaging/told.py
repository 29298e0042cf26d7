"""What was decided about one customer, and the marketing that customer got: for the page that explains it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from reorder.kernel.stored_json import read_json

_DECISIONS: Final = """
SELECT id, source_kind, source_key, step_key, channel, subject_key, outcome, reason_code, reason_parameters, trace,
       decided_at, run_key
FROM messaging_messagedecision WHERE customer_id = %(customer_id)s ORDER BY decided_at DESC, id DESC LIMIT %(limit)s
"""
_MESSAGES: Final = """
SELECT message.id, source_kind, source_key, channel, state, holdout, reason_code, reason_parameters, outcome_code,
       send_after, finished_at, address,
       (SELECT coalesce(array_agg(DISTINCT event.kind ORDER BY event.kind), '{}')
        FROM messaging_messageevent AS event WHERE event.message_id = message.id)
FROM messaging_outboxmessage AS message
WHERE customer_id = %(customer_id)s AND purpose = 'marketing'
ORDER BY planned_at DESC, id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class DecisionTold:
    """One decision; `trace` is [check, verdict, what it saw], empty for reminders of the night."""

    id: int
    source_kind: str
    source_key: str
    step_key: str
    channel: str
    subject_key: str
    outcome: str
    reason_code: str
    reason_parameters: Mapping[str, Any]
    trace: Sequence[Sequence[Any]]
    decided_at: dt.datetime
    run_key: int | None


@dataclass(frozen=True, slots=True)
class MessageTold:
    """One marketing message, what became of it, and what the person did."""

    id: int
    source_kind: str
    source_key: str
    channel: str
    state: str
    holdout: str
    reason_code: str
    reason_parameters: Mapping[str, Any]
    outcome_code: str
    send_after: dt.datetime
    finished_at: dt.datetime | None
    address: str
    events: Sequence[str]


def list_decisions_of(*, customer_id: int, limit: int) -> list[DecisionTold]:
    """Decisions about a customer, the latest first."""
    return [
        DecisionTold(*[read_json(value) if place in {8, 9} else value for place, value in enumerate(row)])
        for row in _fetch(_DECISIONS, customer_id=customer_id, limit=limit)
    ]


def list_marketing_of(*, customer_id: int, limit: int) -> list[MessageTold]:
    """Marketing to a customer, the latest first."""
    return [
        MessageTold(*[read_json(value) if place == 7 else value for place, value in enumerate(row)])
        for row in _fetch(_MESSAGES, customer_id=customer_id, limit=limit)
    ]


def _fetch(statement: str, *, customer_id: int, limit: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"customer_id": customer_id, "limit": limit})
        return list(cursor.fetchall())
