"""Whose messages went out or were answered lately, which nobody marks customers for."""

import datetime as dt
from typing import Final

from django.db import connection

_LATELY: Final = """
SELECT message.customer_id FROM messaging_outboxmessage AS message
WHERE message.state = 'sent' AND message.finished_at >= %(since)s AND message.purpose = 'marketing'
  AND message.customer_id IS NOT NULL
UNION
SELECT message.customer_id FROM messaging_messageevent AS event
JOIN messaging_outboxmessage AS message ON message.id = event.message_id
WHERE event.recorded_at >= %(since)s AND message.purpose = 'marketing' AND message.customer_id IS NOT NULL
"""


def list_written_to_since(*, since: dt.datetime) -> list[int]:
    """Customers whose marketing was sent, or told of by its provider or reader, since a moment; in no order."""
    with connection.cursor() as cursor:
        cursor.execute(_LATELY, {"since": since})
        return [row[0] for row in cursor.fetchall()]
