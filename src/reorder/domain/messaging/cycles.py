"""Messages that name purchase cycles they were not planned with: those that a journey wrote about due goods."""

import json
from collections.abc import Sequence
from typing import Final

from django.db import connection

from reorder.domain.messaging.rules import DraftItem

_ATTACH: Final = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS one(message_key text, product_id bigint, subject_key text,
        due_date date, last_bought_date date, cycle_key text)
), written AS (
    INSERT INTO messaging_outboxitem AS item
        (message_id, product_id, subject_key, due_date, last_bought_date, cycle_key)
    SELECT DISTINCT ON (message.id, given.product_id) message.id, given.product_id, given.subject_key, given.due_date,
        given.last_bought_date, given.cycle_key
    FROM given JOIN messaging_outboxmessage AS message ON message.idempotency_key = given.message_key
    WHERE NOT EXISTS (SELECT FROM messaging_outboxitem AS other WHERE other.cycle_key = given.cycle_key)
    ORDER BY message.id, given.product_id, given.cycle_key
    ON CONFLICT (message_id, product_id) DO UPDATE
    SET subject_key = excluded.subject_key, due_date = excluded.due_date,
        last_bought_date = excluded.last_bought_date, cycle_key = excluded.cycle_key
)
SELECT DISTINCT given.cycle_key FROM given
JOIN messaging_outboxmessage AS message ON message.idempotency_key = given.message_key
"""


def attach_cycles(*, items: Sequence[tuple[str, DraftItem]]) -> list[str]:
    """Let messages, named by their idempotency keys, name these cycles; returns the cycles whose message is there."""
    rows = [
        {
            "message_key": key,
            "product_id": item.product_id,
            "subject_key": item.subject_key,
            "due_date": item.due_date,
            "last_bought_date": item.last_bought_date,
            "cycle_key": item.cycle_key,
        }
        for key, item in items
    ]
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ATTACH, {"rows": json.dumps(rows, default=str)})
        return [row[0] for row in cursor.fetchall()]
