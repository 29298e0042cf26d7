"""Facts as they are told: one statement writes a message with a delivery for each endpoint that wants it.

Part of the transaction of the fact, so that neither exists without the other.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from reorder.domain.storage import fetch_prepared

# What happens while an endpoint is disabled is kept for a replay, but not sent.
_TELL: Final = """
WITH wanted AS MATERIALIZED (
    SELECT id, state = 'disabled' AS is_disabled FROM channels_webhookendpoint
    WHERE state <> 'removed' AND (kinds = '{}' OR %(kind)s::text = ANY (kinds) OR id = %(endpoint_id)s::bigint)
      AND (%(endpoint_id)s::bigint IS NULL OR id = %(endpoint_id)s::bigint)
), told AS (
    INSERT INTO channels_webhookmessage (key, kind, subject_kind, subject_key, event_key, body, created_at)
    SELECT given.key, %(kind)s::text, %(subject_kind)s::text, given.subject_key, given.event_key, given.body,
           %(moment)s::timestamptz
    FROM unnest(%(keys)s::text[], %(subjects)s::text[], %(events)s::text[], %(bodies)s::text[])
         WITH ORDINALITY AS given (key, subject_key, event_key, body, position)
    WHERE EXISTS (SELECT FROM wanted)
    ORDER BY given.position
    ON CONFLICT (subject_kind, subject_key, kind, event_key) DO NOTHING
    RETURNING id, subject_key
)
INSERT INTO channels_webhookdelivery
    (endpoint_id, message_id, kind, subject_key, state, next_attempt_at, created_at, finished_at)
SELECT wanted.id, told.id, %(kind)s::text, told.subject_key,
       CASE WHEN is_disabled THEN 'given_up' ELSE 'waiting' END, %(moment)s::timestamptz, %(moment)s::timestamptz,
       CASE WHEN is_disabled THEN %(moment)s::timestamptz END
FROM told CROSS JOIN wanted ORDER BY told.id, wanted.id
RETURNING id
"""
_WANTED: Final = """
SELECT EXISTS (SELECT FROM channels_webhookendpoint
               WHERE state <> 'removed' AND (kinds = '{}' OR kinds && %s::text[]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """One fact: `event_key` tells it from other facts of the same kind about the same subject."""

    subject_key: str
    event_key: str
    body: str


def is_any_wanted(*, kinds: Sequence[str]) -> bool:
    """Whether any endpoint wants one of these kinds."""
    with connection.cursor() as cursor:
        cursor.execute(_WANTED, [list(kinds)])
        row = cursor.fetchone()
    return bool(row and row[0])


def record_messages(
    *,
    kind: str,
    subject_kind: str,
    messages: Sequence[NewMessage],
    moment: dt.datetime,
    endpoint_id: int | None = None,
) -> int:
    """Write messages and their deliveries, in the order given; what was told already is not told again.

    Nothing is written when no endpoint wants the kind. With `endpoint_id` only this one is told, whatever it wants.
    Returns the deliveries written.
    """
    written = fetch_prepared(
        statement=_TELL,
        parameters={
            "kind": kind,
            "subject_kind": subject_kind,
            "keys": [new_key() for _ in messages],
            "subjects": [message.subject_key for message in messages],
            "events": [message.event_key for message in messages],
            "bodies": [message.body for message in messages],
            "moment": moment,
            "endpoint_id": endpoint_id,
        },
    )
    return len(written)


def new_key() -> str:
    """A webhook-id that no other installation makes."""
    return f"msg_{secrets.token_hex(14)}"
