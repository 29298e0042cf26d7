"""What came of attempts: decided by a pure function, recorded set-based with what it cost and counts."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db import connection

from reorder.domain.messaging.channels.base import Outcome, Result
from reorder.domain.messaging.channels.pacing import domain_of
from reorder.domain.messaging.rules import retry_at
from reorder.domain.storage import run_sql

_RECORD: Final = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
        message_id bigint, attempts_count int, state text, send_after timestamptz, finished_at timestamptz,
        outcome_code text, error text, way text, provider_key text, cost_micros bigint)),
changed AS (
    UPDATE messaging_outboxmessage AS message
    SET state = given.state, send_after = coalesce(given.send_after, message.send_after),
        finished_at = coalesce(given.finished_at, message.finished_at), outcome_code = given.outcome_code,
        error = given.error, provider = given.way,
        provider_key = CASE given.provider_key WHEN '' THEN message.provider_key ELSE given.provider_key END,
        cost_micros = coalesce(given.cost_micros, message.cost_micros)
    FROM given
    WHERE message.id = given.message_id AND message.state IN ('sending', 'unknown')
      AND message.attempts_count = given.attempts_count
    RETURNING message.id),
gone AS (
    DELETE FROM messaging_sendingstep AS step USING given
    WHERE step.message_id = given.message_id AND step.attempts_count = given.attempts_count)
SELECT id FROM changed
"""
_COUNT: Final = """
INSERT INTO messaging_channelday AS kept (way, day_date, domain, sent_count, billed_count, cost_micros)
SELECT way, %(today)s, domain, count(*), sum(billed_count), sum(coalesce(cost_micros, 0))
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (way text, domain text, billed_count int, cost_micros bigint)
GROUP BY way, domain ORDER BY way, domain
ON CONFLICT ON CONSTRAINT channel_day_once DO UPDATE
SET sent_count = kept.sent_count + excluded.sent_count, billed_count = kept.billed_count + excluded.billed_count,
    cost_micros = kept.cost_micros + excluded.cost_micros
"""
_UNREACHABLE: Final = """
UPDATE messaging_contactpoint AS point SET unreachable_at = given.moment
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (customer_id bigint, channel text, address text, moment timestamptz)
WHERE point.customer_id = given.customer_id AND point.channel = given.channel AND point.address = given.address
  AND point.unreachable_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What one attempt makes of its message."""

    message_id: int
    attempts_count: int
    state: str
    outcome_code: str
    moment: dt.datetime
    error: str = ""
    way: str = ""
    provider_key: str = ""
    send_after: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    cost_micros: int | None = None
    billed_count: int = 0
    domain: str = ""
    customer_id: int | None = None
    channel: str = ""
    address: str = ""
    is_address_unknown: bool = False


def recorded_of(
    *,
    message_id: int,
    attempts_count: int,
    address: str,
    customer_id: int | None,
    channel: str,
    outcome: Outcome,
    way: str,
    price_micros: int,
    moment: dt.datetime,
) -> Recorded:
    """What an outcome makes of its message: sent, failed, planned again with a growing wait, or parked. Pure.

    A wait that the other side asks for is heeded where it is longer than ours; after the last attempt it has failed.
    """
    fate = _fate(outcome, attempts_count=attempts_count, price_micros=price_micros, moment=moment)
    is_counted = outcome.result is Result.DELIVERED and channel == "email"
    return Recorded(
        message_id=message_id,
        attempts_count=attempts_count,
        error=outcome.error,
        way=way,
        provider_key=outcome.provider_key,
        moment=moment,
        customer_id=customer_id,
        channel=channel,
        address=address,
        is_address_unknown=outcome.is_address_unknown,
        domain=domain_of(address=address) if is_counted else "",
        **fate,
    )


def _fate(outcome: Outcome, *, attempts_count: int, price_micros: int, moment: dt.datetime) -> dict[str, Any]:
    """State, reason, moments and costs that an outcome leads to."""
    match outcome.result:
        case Result.DELIVERED:
            cost = outcome.cost_micros if outcome.cost_micros is not None else price_micros * outcome.billed_count
            return {
                "state": "sent",
                "finished_at": moment,
                "outcome_code": outcome.code or "outbox.sent",
                "cost_micros": cost,
                "billed_count": outcome.billed_count,
            }
        case Result.REFUSED:
            return {"state": "failed", "finished_at": moment, "outcome_code": outcome.code}
        case Result.UNKNOWN:
            return {"state": "unknown", "outcome_code": outcome.code}
    again_at = retry_at(attempts_count=attempts_count, moment=moment)
    if again_at is None:
        return {"state": "failed", "finished_at": moment, "outcome_code": "outbox.failed.too_often"}
    asked = moment + dt.timedelta(seconds=outcome.retry_after_seconds or 0)
    return {"state": "planned", "send_after": max(again_at, asked), "outcome_code": outcome.code}


def record_outcomes(*, rows: Sequence[Recorded], today: dt.date) -> int:
    """Record outcomes with what was counted and spent; part of the caller's transaction.

    An outcome whose attempt is no longer the message's own (a person decided meanwhile) changes nothing. Returns how
    many were recorded.
    """
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, {"rows": _json([_row(one) for one in rows])})
        changed = {row[0] for row in cursor.fetchall()}
    sent = [one for one in rows if one.state == "sent" and one.message_id in changed]
    if sent:
        run_sql(statement=_COUNT, parameters={"rows": _json([_row(one) for one in sent]), "today": today})
    dead = [one for one in rows if one.is_address_unknown and one.customer_id is not None]
    if dead:
        run_sql(statement=_UNREACHABLE, parameters={"rows": _json([_row(one) for one in dead])})
    return len(changed)


def note_steps(*, begun: Sequence[int], done: Mapping[int, Mapping[str, Any]]) -> None:
    """Write into the journal which conversations begin and what others came to: one statement, no wait for the disk."""
    rows: list[dict[str, Any]] = [{"id": pk, "stage": "begun"} for pk in begun]
    rows += [{"id": pk, "stage": "done", "outcome": told} for pk, told in done.items()]
    run_sql(
        statement="""UPDATE messaging_sendingstep AS step SET stage = given.stage, outcome = given.outcome
            FROM jsonb_to_recordset(%s::jsonb) AS given (id bigint, stage text, outcome jsonb)
            WHERE step.message_id = given.id""",
        parameters=[_json(rows)],
    )


def told_of(*, outcome: Outcome, way: str, price_micros: int, moment: dt.datetime) -> dict[str, Any]:
    """An outcome as the journal keeps it."""
    return {"outcome": asdict(outcome), "way": way, "price_micros": price_micros, "moment": moment.isoformat()}


def _row(one: Recorded) -> dict[str, Any]:
    return asdict(one)


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    # PostgreSQL's text cannot hold NUL, wherever it came from.
    return json.dumps(rows, ensure_ascii=False, default=str).replace("\\u0000", "\N{REPLACEMENT CHARACTER}")
