"""Why somebody got, or did not get, a message of a journey or a campaign; and messages that give way to better ones."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reorder.domain.storage import run_sql

_RECORD: Final = """
INSERT INTO messaging_messagedecision (decision_key, source_kind, source_key, step_key, channel, trace, customer_id,
    subject_key, outcome, reason_code, reason_parameters, decided_at)
SELECT given.decision_key, given.source_kind, given.source_key, given.step_key, given.channel, given.trace,
    given.customer_id, given.subject_key, given.outcome, given.reason_code, given.reason_parameters, %(moment)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(decision_key text, source_kind text, source_key text, step_key text,
    channel text, trace jsonb, customer_id bigint, subject_key text, outcome text, reason_code text,
    reason_parameters jsonb)
ORDER BY given.decision_key ON CONFLICT (decision_key) DO NOTHING
"""
_MOVE: Final = """
UPDATE messaging_outboxmessage AS message SET
    send_after = coalesce(given.at, send_after), outcome_code = given.code,
    state = CASE WHEN given.at IS NULL THEN 'stopped' ELSE state END,
    finished_at = CASE WHEN given.at IS NULL THEN %(moment)s ELSE finished_at END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(id bigint, at timestamptz, code text)
WHERE message.id = given.id AND message.state IN ('planned', 'held_out') AND message.finished_at IS NULL
"""
_WITHDRAW: Final = """
UPDATE messaging_outboxmessage
SET state = 'stopped', finished_at = coalesce(%(moment)s::timestamptz, now()), outcome_code = %(code)s
WHERE source_kind = %(source_kind)s AND source_key = %(source_key)s AND state IN ('planned', 'held_out')
  AND finished_at IS NULL
"""
_WITHDRAW_KEYS: Final = """
UPDATE messaging_outboxmessage SET state = 'stopped', finished_at = %(moment)s, outcome_code = %(code)s
WHERE idempotency_key = ANY(%(keys)s::text[]) AND state IN ('planned', 'held_out') AND finished_at IS NULL
"""
# By the person's few messages, not by the source's many.
_OF_PERSON: Final = " AND customer_id = %(customer_id)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTrace:
    """One decision; `trace` is [check, verdict, what it saw] in the order of the checks."""

    decision_key: str
    source_kind: str
    source_key: str
    customer_id: int
    outcome: str
    reason_code: str
    step_key: str = ""
    channel: str = ""
    subject_key: str = ""
    reason_parameters: Mapping[str, object] = field(default_factory=dict)
    trace: Sequence[Sequence[object]] = ()


@dataclass(frozen=True, slots=True)
class MovedMessage:
    """A planned message's new moment; None: there is none left, and it is withdrawn."""

    id: int
    at: dt.datetime | None
    code: str


def record_traces(*, traces: Sequence[NewTrace], moment: dt.datetime) -> int:
    """Keep decisions, set-based; a known decision key changes nothing. Part of the caller's transaction."""
    if not traces:
        return 0
    rows = [{name: getattr(one, name) for name in NewTrace.__slots__} for one in traces]
    return run_sql(statement=_RECORD, parameters={"rows": _written(rows), "moment": moment})


def move_messages(*, moved: Sequence[MovedMessage], moment: dt.datetime) -> int:
    """Give messages that still wait another moment, or withdraw them; returns how many there were."""
    if not moved:
        return 0
    rows = [{"id": one.id, "at": one.at.isoformat() if one.at else None, "code": one.code} for one in moved]
    return run_sql(statement=_MOVE, parameters={"rows": _written(rows), "moment": moment})


def withdraw_of_source(
    *, source_kind: str, source_key: str, customer_id: int | None, outcome_code: str, moment: dt.datetime | None
) -> int:
    """Withdraw what a journey or campaign has planned and nobody has got yet, of one customer or (None) of all."""
    return run_sql(
        statement=_WITHDRAW if customer_id is None else _WITHDRAW + _OF_PERSON,
        parameters={
            "source_kind": source_kind,
            "source_key": source_key,
            "customer_id": customer_id,
            "code": outcome_code,
            "moment": moment,
        },
    )


def withdraw_by_keys(*, keys: Sequence[str], outcome_code: str, moment: dt.datetime) -> int:
    """Withdraw messages by their idempotency keys, as far as nobody has got them yet; returns how many."""
    return run_sql(statement=_WITHDRAW_KEYS, parameters={"keys": list(keys), "code": outcome_code, "moment": moment})


def _written(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, default=str)
