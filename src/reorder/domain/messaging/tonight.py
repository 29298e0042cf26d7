"""What goes out in the coming hours, by its source: to be looked at, and let go, before it goes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.storage import fetch_prepared, run_sql

_PLANNED: Final = """
FROM messaging_outboxmessage AS message
WHERE message.state IN ('planned', 'held_out') AND message.finished_at IS NULL AND message.purpose = 'marketing'
  AND message.send_after < %(until)s::timestamptz
"""
_SOURCES: Final = f"""
SELECT source_kind, source_key, count(*) FILTER (WHERE state = 'planned'), count(*) FILTER (WHERE state = 'held_out'),
       count(*) FILTER (WHERE state = 'planned' AND approved_at IS NULL), min(send_after), max(send_after),
       array_agg(DISTINCT channel ORDER BY channel), max(id),
       coalesce(sum(value_minor) FILTER (WHERE state = 'planned'), 0)
{_PLANNED} GROUP BY source_kind, source_key ORDER BY 10 DESC, 1, 2 LIMIT 200
"""
_MESSAGES: Final = f"""
SELECT message.id, message.customer_id, coalesce(nullif(customer.name, ''), customer.key), message.channel,
       message.state, message.send_after, message.value_minor, message.reason_code, message.reason_parameters,
       message.approved_by,
       (SELECT coalesce(array_agg(item.subject_key ORDER BY item.id), '{{}}') FROM messaging_outboxitem AS item
        WHERE item.message_id = message.id)
FROM (SELECT * {_PLANNED} AND source_kind = %(source_kind)s::text AND source_key = %(source_key)s::text
      AND (send_after, id) > (%(after_at)s::timestamptz, %(after_id)s::bigint)
      ORDER BY send_after, id LIMIT %(limit)s::int) AS message
JOIN customers_customer AS customer ON customer.id = message.customer_id
ORDER BY message.send_after, message.id
"""  # noqa: S608 - constants of ours
_DECIDED: Final = """
SELECT outcome, reason_code, count(*) FROM messaging_messagedecision
WHERE decided_at > %(since)s::timestamptz AND outcome NOT IN ('planned', 'held_out')
GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT 40
"""
_APPROVE: Final = """
UPDATE messaging_outboxmessage SET approved_by = %(by)s, approved_at = %(moment)s
WHERE state = 'planned' AND purpose = 'marketing' AND approved_at IS NULL AND id <= %(until_id)s
  AND source_kind = %(source_kind)s AND source_key = %(source_key)s AND send_after < %(until)s
"""
_STOP: Final = """
UPDATE messaging_outboxmessage
SET state = 'stopped', finished_at = %(moment)s, outcome_code = 'outbox.stopped.by_person'
WHERE state IN ('planned', 'held_out') AND finished_at IS NULL AND purpose = 'marketing' AND id <= %(until_id)s
  AND source_kind = %(source_kind)s AND source_key = %(source_key)s AND send_after < %(until)s
"""


@dataclass(frozen=True, slots=True)
class TonightSource:
    """What one source sends; `newest_id` is the last message that was seen, `value_minor` what they win together."""

    source_kind: str
    source_key: str
    planned: int
    held_out: int
    unapproved: int
    first_at: dt.datetime
    last_at: dt.datetime
    channels: Sequence[str]
    newest_id: int
    value_minor: float


@dataclass(frozen=True, slots=True)
class TonightMessage:
    id: int
    customer_id: int
    customer: str
    channel: str
    state: str
    send_after: dt.datetime
    value_minor: float
    reason_code: str
    reason_parameters: Any
    approved_by: str
    subjects: Sequence[str]


@dataclass(frozen=True, slots=True)
class KeptBack:
    """How many were decided otherwise, and why."""

    outcome: str
    reason_code: str
    count: int


def list_tonight(*, until: dt.datetime) -> list[TonightSource]:
    """Marketing that goes before a moment, by source, what wins most first."""
    return [TonightSource(*row) for row in fetch_prepared(statement=_SOURCES, parameters={"until": until})]


def list_tonight_messages(
    *,
    source_kind: str,
    source_key: str,
    until: dt.datetime,
    after: tuple[dt.datetime, int] | None,
    limit: int,
) -> list[TonightMessage]:
    """The messages of one source that go before a moment, by their hour."""
    after_at, after_id = after or (dt.datetime(2000, 1, 1, tzinfo=dt.UTC), 0)
    given = {
        "source_kind": source_kind,
        "source_key": source_key,
        "until": until,
        "after_at": after_at,
        "after_id": after_id,
        "limit": limit,
    }
    return [TonightMessage(*row) for row in fetch_prepared(statement=_MESSAGES, parameters=given)]


def count_kept_back(*, since: dt.datetime) -> list[KeptBack]:
    """Decisions since a moment that left no message, by outcome and reason, the most first."""
    return [KeptBack(*row) for row in fetch_prepared(statement=_DECIDED, parameters={"since": since})]


def approve_of_source(
    *, source_kind: str, source_key: str, until: dt.datetime, until_id: int, approved_by: str, moment: dt.datetime
) -> int:
    """Let a source's messages of the coming hours go, as far as somebody has seen them; returns how many."""
    return _change(_APPROVE, source_kind, source_key, until, until_id, moment, by=approved_by)


def stop_of_source(*, source_kind: str, source_key: str, until: dt.datetime, until_id: int, moment: dt.datetime) -> int:
    """Withdraw a source's messages of the coming hours, as far as somebody has seen them; returns how many."""
    return _change(_STOP, source_kind, source_key, until, until_id, moment)


def _change(
    statement: str, kind: str, key: str, until: dt.datetime, until_id: int, moment: dt.datetime, by: str = ""
) -> int:
    given = {"source_kind": kind, "source_key": key, "until": until, "until_id": until_id, "moment": moment, "by": by}
    return run_sql(statement=statement, parameters=given)
