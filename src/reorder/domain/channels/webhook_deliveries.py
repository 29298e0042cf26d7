"""Messages on their way: claimed before the endpoint is asked, recorded by whoever claimed, replayed by people.

A worker that dies between claim and record leaves a claim that ends by itself: the delivery is then due again.
"""

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from reorder.domain.channels.errors import EndpointNotInState, UnknownDelivery
from reorder.domain.channels.models import WebhookDelivery
from reorder.domain.storage import run_sql
from reorder.kernel.stored_json import read_json

ATTEMPTS_KEPT: Final = 20
_LOT_ROWS: Final = 5_000
_OPEN: Final = """
SELECT endpoint.id, endpoint.failures_in_row FROM channels_webhookendpoint AS endpoint
WHERE endpoint.state = 'active' AND (endpoint.quiet_until IS NULL OR endpoint.quiet_until <= %(moment)s)
  AND EXISTS (SELECT FROM channels_webhookdelivery AS due
              WHERE due.endpoint_id = endpoint.id AND due.state = 'waiting' AND due.next_attempt_at <= %(moment)s
                AND (due.claimed_until IS NULL OR due.claimed_until <= %(moment)s))
ORDER BY endpoint.id
"""
_CANDIDATES: Final = """
SELECT id, subject_key FROM channels_webhookdelivery
WHERE endpoint_id = %(endpoint_id)s AND state = 'waiting' AND next_attempt_at <= %(moment)s
  AND (claimed_until IS NULL OR claimed_until <= %(moment)s)
ORDER BY next_attempt_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
_CLAIM: Final = """
UPDATE channels_webhookdelivery AS delivery
SET claimed_until = %(claimed_until)s, attempts_count = attempts_count + 1, round_count = round_count + 1
FROM channels_webhookmessage AS message, channels_webhookendpoint AS endpoint
WHERE delivery.id = ANY (%(ids)s) AND message.id = delivery.message_id AND endpoint.id = delivery.endpoint_id
RETURNING delivery.id, delivery.endpoint_id, endpoint.url, message.key, delivery.kind, delivery.subject_key,
          message.body, delivery.attempts_count, delivery.round_count, delivery.attempts
"""
# Only a claim's own worker records; that a message arrived is recorded whatever happened to it meanwhile.
_RECORD: Final = """
UPDATE channels_webhookdelivery
SET state = %(state)s, outcome = %(outcome)s, status = %(status)s, error_code = %(error_code)s,
    error_parameters = %(error_parameters)s::jsonb, excerpt = %(excerpt)s, attempts = %(attempts)s::jsonb,
    next_attempt_at = coalesce(%(next_attempt_at)s, next_attempt_at), claimed_until = NULL,
    finished_at = CASE WHEN %(state)s <> 'waiting' THEN %(moment)s END
WHERE id = %(id)s AND attempts_count = %(attempt)s AND (state = 'waiting' OR %(state)s = 'delivered')
"""
_FORGET: Final = """
WITH old AS (SELECT id FROM channels_webhookmessage WHERE created_at < %(before)s ORDER BY created_at LIMIT %(limit)s),
gone AS (DELETE FROM channels_webhookdelivery WHERE message_id IN (SELECT id FROM old))
SELECT id FROM old
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker may attempt, with all that it needs; `attempts` are the earlier ones."""

    id: int
    endpoint_id: int
    url: str
    key: str
    kind: str
    subject_key: str
    body: str
    attempt: int
    round: int
    attempts: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """What came of an attempt: the delivery's state after it, and what people want to know of the answer."""

    state: str
    outcome: str
    status: int | None
    error_code: str
    error_parameters: Mapping[str, Any]
    excerpt: str
    next_attempt_at: dt.datetime | None
    started_at: dt.datetime
    milliseconds: int
    signature: str


def list_open_endpoints(*, moment: dt.datetime) -> list[tuple[int, bool]]:
    """Endpoints with something to send now, and whether their last attempt succeeded."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"moment": moment})
        return [(int(number), not failures) for number, failures in cursor.fetchall()]


def claim_due(
    *,
    endpoint_id: int,
    busy_subjects: Collection[str],
    limit: int,
    moment: dt.datetime,
    claimed_until: dt.datetime,
) -> list[Claimed]:
    """Claim the oldest due deliveries of an endpoint, one a subject, and none of subjects that are being sent.

    Committed when this returns, so that a dead worker's attempt counts.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, {"endpoint_id": endpoint_id, "moment": moment, "limit": limit * 4})
        chosen: dict[str, int] = {}
        for number, subject in cursor.fetchall():
            if subject not in busy_subjects and len(chosen) < limit:
                chosen.setdefault(subject, number)
        if not chosen:
            return []
        cursor.execute(_CLAIM, {"ids": list(chosen.values()), "claimed_until": claimed_until})
        return [_claimed(row) for row in sorted(cursor.fetchall())]


def record_attempt(*, claimed: Claimed, result: AttemptResult, moment: dt.datetime) -> bool:
    """Write down what came of an attempt; False when another worker has taken the delivery over."""
    entry = {
        "number": claimed.attempt,
        "at": result.started_at.isoformat(),
        "ms": result.milliseconds,
        "status": result.status,
        "error_code": result.error_code,
        "error_parameters": dict(result.error_parameters),
        "signature": result.signature,
    }
    touched = run_sql(
        statement=_RECORD,
        parameters={
            "id": claimed.id,
            "attempt": claimed.attempt,
            "state": result.state,
            "outcome": result.outcome,
            "status": result.status,
            "error_code": result.error_code,
            "error_parameters": _json(dict(result.error_parameters)),
            "excerpt": result.excerpt,
            "attempts": _json([*claimed.attempts, entry][-ATTEMPTS_KEPT:]),
            "next_attempt_at": result.next_attempt_at,
            "moment": moment,
        },
    )
    return bool(touched)


def hurry_waiting(*, endpoint_id: int, moment: dt.datetime) -> int:
    """Its receiver is back: what only waited for that goes at once, in the order in which it happened."""
    return run_sql(
        statement="""UPDATE channels_webhookdelivery SET next_attempt_at = created_at
                     WHERE endpoint_id = %s AND state = 'waiting' AND outcome = 'down' AND next_attempt_at > %s""",
        parameters=[endpoint_id, moment],
    )


def replay_delivery(*, delivery_id: int, moment: dt.datetime) -> None:
    """Send it again at once, with a fresh round of attempts and the same webhook-id.

    Raises UnknownDelivery, and EndpointNotInState when nothing is sent to its endpoint.
    """
    found = WebhookDelivery.objects.select_related("endpoint").filter(pk=delivery_id).first()
    if found is None:
        raise UnknownDelivery(delivery_id=delivery_id)
    if found.endpoint.state not in {"active", "paused"}:
        raise EndpointNotInState(state=found.endpoint.state, action="sent to")
    _replay("delivery.id = %(id)s", {"id": delivery_id, "moment": moment})


def replay_span(
    *, endpoint_id: int | None, since: dt.datetime, until: dt.datetime, states: Sequence[str], moment: dt.datetime
) -> int:
    """Send again what happened in a span and ended in these states, oldest first; returns how many deliveries.

    Those of endpoints to which nothing is sent are left out.
    """
    return _replay(
        """delivery.created_at >= %(since)s AND delivery.created_at < %(until)s
           AND delivery.state = ANY (%(states)s)
           AND (%(endpoint_id)s::bigint IS NULL OR delivery.endpoint_id = %(endpoint_id)s)""",
        {"since": since, "until": until, "states": list(states), "endpoint_id": endpoint_id, "moment": moment},
    )


def _replay(condition: str, parameters: Mapping[str, Any]) -> int:
    return run_sql(
        statement=f"""UPDATE channels_webhookdelivery AS delivery
                      SET state = 'waiting', round_count = 0, claimed_until = NULL, finished_at = NULL,
                          next_attempt_at = CASE WHEN delivery.state = 'waiting' THEN least(next_attempt_at, %(moment)s)
                                            ELSE %(moment)s END
                      FROM channels_webhookendpoint AS endpoint
                      WHERE endpoint.id = delivery.endpoint_id AND endpoint.state IN ('active', 'paused')
                        AND (delivery.claimed_until IS NULL OR delivery.claimed_until <= %(moment)s)
                        AND {condition}""",  # noqa: S608 - conditions are constants of this module
        parameters=parameters,
    )


def forget_messages(*, before: dt.datetime) -> int:
    """Delete messages from before a moment with their deliveries, lot by lot; returns how many messages."""
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FORGET, {"before": before, "limit": _LOT_ROWS})
            ids = [row[0] for row in cursor.fetchall()]
            cursor.execute("DELETE FROM channels_webhookmessage WHERE id = ANY (%s)", [ids])
        total += len(ids)
        if len(ids) < _LOT_ROWS:
            return total


def give_up_orphans(*, moment: dt.datetime) -> int:
    """Give up what waits for endpoints that were removed while it was written; returns how many."""
    orphans = WebhookDelivery.objects.filter(state="waiting", endpoint__state="removed")
    return orphans.update(state="given_up", finished_at=moment, claimed_until=None)


def _claimed(row: Sequence[Any]) -> Claimed:
    number, endpoint_id, url, key, kind, subject_key, body, attempt, round_number, attempts = row
    return Claimed(
        id=number,
        endpoint_id=endpoint_id,
        url=url,
        key=key,
        kind=kind,
        subject_key=subject_key,
        body=body,
        attempt=attempt,
        round=round_number,
        attempts=_read(attempts),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _read(value: Any) -> list[Mapping[str, Any]]:
    return list(read_json(value) or [])
