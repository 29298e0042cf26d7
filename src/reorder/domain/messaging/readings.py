"""What readers do with a message: it was opened, a link of it was followed. Kept once a key."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

_NOTE: Final = """
INSERT INTO messaging_messageevent (message_id, kind, happened_at, url, details, key)
SELECT message.id, %(kind)s, %(moment)s, %(url)s, %(details)s::jsonb, %(key)s
FROM messaging_outboxmessage AS message
WHERE message.id = %(message)s AND message.customer_id IS NOT NULL
ON CONFLICT (key) DO NOTHING RETURNING message_id
"""
_WHOSE: Final = """
SELECT message.customer_id, message.message_id FROM messaging_outboxmessage AS message
JOIN customers_customer AS customer ON customer.id = message.customer_id
WHERE message.id = %s AND customer.erased_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`kind` is opened or clicked; equal keys are one event."""

    message_id: int
    kind: str
    happened_at: dt.datetime
    key: str
    url: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose message it is, and its own number for people."""

    customer_id: int
    message_number: str


def find_reader(*, message_id: int) -> Reader | None:
    """Who got a message; None where nobody knows it, or the person was erased."""
    with connection.cursor() as cursor:
        cursor.execute(_WHOSE, [message_id])
        row = cursor.fetchone()
    return Reader(row[0], row[1]) if row else None


def note_reading(*, reading: Reading) -> bool:
    """Keep what a reader did; False where it was known or there is no such message. Part of the open transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "message": reading.message_id,
                "kind": reading.kind,
                "moment": reading.happened_at,
                "url": reading.url,
                "details": json.dumps(dict(reading.details)),
                "key": reading.key,
            },
        )
        return cursor.fetchone() is not None
