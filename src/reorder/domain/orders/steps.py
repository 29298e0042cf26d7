"""Steps of orders that may need somebody outside our database: written with their cause, taken until they are done."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.orders.models import OrderStep
from reorder.domain.storage import fetch_prepared, run_sql
from reorder.kernel.stored_json import read_json

# After so many failures a person must look.
MOST_ATTEMPTS: Final = 12
_FIRST_WAIT: Final = dt.timedelta(minutes=1)
_LONGEST_WAIT: Final = dt.timedelta(hours=6)
# A taker that dies leaves its step to the next one after this time.
_CLAIMED_FOR: Final = dt.timedelta(minutes=5)
_CLAIM: Final = """
WITH due AS MATERIALIZED (
    SELECT id FROM orders_orderstep WHERE state = 'waiting' AND due_at <= %(now)s::timestamptz
    ORDER BY due_at, id LIMIT %(limit)s::bigint FOR UPDATE SKIP LOCKED
)
UPDATE orders_orderstep AS step SET due_at = %(until)s::timestamptz, attempts = step.attempts + 1
FROM due WHERE step.id = due.id
RETURNING step.id, step.order_id, step.kind, step.idempotency_key, step.details, step.attempts, step.asked_by
"""


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that somebody has claimed and takes now."""

    id: int
    order_id: int
    kind: str
    key: str
    details: Mapping[str, Any]
    attempts: int
    asked_by: str


def add_step(
    *, order_id: int, kind: str, key: str, details: Mapping[str, Any], asked_by: str, moment: dt.datetime
) -> bool:
    """Write down what is to be done for an order; False when the key did so before."""
    return bool(
        run_sql(
            statement="""
            INSERT INTO orders_orderstep (order_id, kind, idempotency_key, details, due_at, asked_at, asked_by)
            VALUES (%s, %s, %s, %s::jsonb, %s, %s, %s) ON CONFLICT (idempotency_key) DO NOTHING""",
            parameters=[order_id, kind, key, json.dumps(dict(details)), moment, moment, asked_by],
        )
    )


def claim_steps(*, moment: dt.datetime, limit: int = 50) -> list[DueStep]:
    """Steps whose moment has come, for this taker; whoever takes one says how it ended, or it comes again."""
    given = {"now": moment, "until": moment + _CLAIMED_FOR, "limit": limit}
    rows = fetch_prepared(statement=_CLAIM, parameters=given)
    due = [DueStep(*(*row[:4], _plain(row[4]), *row[5:])) for row in rows]
    return sorted(due, key=lambda step: step.id)


def sum_waiting_refunds(*, order_id: int) -> int:
    """What is asked to go back to the customer of an order and has not gone yet, in minor units.

    Whoever holds the order's row sees a step either as waiting or with what it gave back: both change together.
    """
    rows = fetch_prepared(
        statement="""
        SELECT coalesce(sum((details ->> 'amount_minor')::bigint), 0)::bigint FROM orders_orderstep
        WHERE order_id = %(order_id)s::bigint AND kind = 'refund' AND state = 'waiting'""",
        parameters={"order_id": order_id},
    )
    return int(rows[0][0])


def end_step(*, step_id: int, moment: dt.datetime) -> bool:
    """It is done; False when it was ended already."""
    return bool(OrderStep.objects.filter(pk=step_id, state="waiting").update(state="done", ended_at=moment, fault=""))


def put_step_off(*, step: DueStep, fault: str, moment: dt.datetime) -> bool:
    """It did not work: again later, each time after twice the wait; False when it has failed for good now."""
    waiting = OrderStep.objects.filter(pk=step.id, state="waiting")
    if step.attempts >= MOST_ATTEMPTS:
        waiting.update(state="failed", ended_at=moment, fault=fault[:500])
        return False
    wait = min(_FIRST_WAIT * 2 ** (step.attempts - 1), _LONGEST_WAIT)
    waiting.update(due_at=moment + wait, fault=fault[:500])
    return True


def move_steps(*, from_order_id: int, to_order_id: int) -> list[int]:
    """What waits for an order is done for the one that it became part of, which has its money; the steps' numbers."""
    rows = fetch_prepared(
        statement="""
        UPDATE orders_orderstep SET order_id = %(to)s::bigint
        WHERE order_id = %(from)s::bigint AND state = 'waiting' RETURNING id""",
        parameters={"from": from_order_id, "to": to_order_id},
    )
    return sorted(int(row[0]) for row in rows)


def return_steps(*, step_ids: Sequence[int], to_order_id: int) -> int:
    """Steps that still wait are done for the order that they came from again; returns how many."""
    return OrderStep.objects.filter(pk__in=list(step_ids), state="waiting").update(order_id=to_order_id)


def fail_step(*, step: DueStep, fault: str, moment: dt.datetime) -> None:
    """It can never work: a person must look."""
    OrderStep.objects.filter(pk=step.id, state="waiting").update(state="failed", ended_at=moment, fault=fault[:500])


def _plain(value: Any) -> dict[str, Any]:
    """Cursors of Django's connection give jsonb as text."""
    return dict(read_json(value))
