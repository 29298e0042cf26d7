"""Payments that go with their order into another one, and back; the caller holds both orders' rows."""

import json
from collections.abc import Sequence
from typing import Any, Final

from reorder.domain.payments.rules import OPEN_STATES
from reorder.domain.storage import fetch_prepared

# Money that is still asked for is asked for once: the ask of the order that stays grows, the other one ends.
_MOVE: Final = """
WITH moving AS MATERIALIZED (
    -- What came in already is not asked for again.
    SELECT id, provider, state, amount_minor - CASE WHEN state = 'part_paid' THEN received_minor ELSE 0 END
               AS amount_minor
    FROM payments_payment WHERE order_id = %(from)s::bigint
    ORDER BY id FOR UPDATE
), standing AS MATERIALIZED (
    SELECT id, provider FROM payments_payment
    WHERE order_id = %(to)s::bigint AND state = ANY(%(open)s::text[]) FOR UPDATE
), joined AS (
    SELECT moving.id, moving.amount_minor, standing.id AS into_id, standing.provider = moving.provider AS is_one
    FROM moving, standing WHERE moving.state = ANY(%(open)s::text[])
), grown AS (
    UPDATE payments_payment AS one SET amount_minor = one.amount_minor + joined.amount_minor
    FROM joined WHERE one.id = joined.into_id AND joined.is_one
), moved AS (
    UPDATE payments_payment AS one
    SET order_id = %(to)s::bigint,
        state = CASE WHEN one.id IN (SELECT id FROM joined) THEN 'ended' ELSE one.state END
    FROM moving WHERE one.id = moving.id
)
SELECT moving.id, moving.state, moving.amount_minor, joined.into_id, coalesce(joined.is_one, false)
FROM moving LEFT JOIN joined ON joined.id = moving.id ORDER BY moving.id
"""
_RETURN: Final = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(moved)s::jsonb) AS given (
        id bigint, state text, amount_minor bigint, into_id bigint, grew boolean)
), shrunk AS (
    UPDATE payments_payment AS one SET amount_minor = one.amount_minor - given.amount_minor
    FROM given WHERE one.id = given.into_id AND given.grew AND one.amount_minor > given.amount_minor
      AND one.state = ANY(%(open)s::text[])
    RETURNING given.id
)
UPDATE payments_payment AS one
SET order_id = %(to)s::bigint,
    state = CASE WHEN one.id IN (SELECT id FROM shrunk) THEN given.state ELSE one.state END
FROM given WHERE one.id = given.id
RETURNING one.id
"""


def move_payments(*, from_order_id: int, to_order_id: int) -> list[dict[str, Any]]:
    """Give all payments of an order to another one; what `return_payments` needs to give them back, as plain values."""
    given = {"from": from_order_id, "to": to_order_id, "open": list(OPEN_STATES)}
    names = ("id", "state", "amount_minor", "into_id", "grew")
    return [dict(zip(names, row, strict=True)) for row in fetch_prepared(statement=_MOVE, parameters=given)]


def return_payments(*, moved: Sequence[dict[str, Any]], to_order_id: int) -> int:
    """Give payments back to the order that they came from; one that was joined is asked for again. How many."""
    given = {"moved": json.dumps(list(moved)), "to": to_order_id, "open": list(OPEN_STATES)}
    return len(fetch_prepared(statement=_RETURN, parameters=given))
