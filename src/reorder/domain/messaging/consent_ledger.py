"""Everything that a person declared, to either ledger: about marketing by a channel, and about topics."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import connection

_ALL: Final = """
SELECT channel, purpose, '' AS topic, is_granted, source, text_version, proof, declared_at, recorded_at
FROM messaging_consententry WHERE customer_id = %(id)s
UNION ALL
SELECT '', 'marketing', topic, is_wanted, source, text_version, proof, declared_at, recorded_at
FROM messaging_topicentry WHERE customer_id = %(id)s
ORDER BY declared_at DESC, recorded_at DESC LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One declaration; `channel` is empty for one about a topic."""

    channel: str
    purpose: str
    topic: str
    is_granted: bool
    source: str
    text_version: str
    proof: str
    declared_at: dt.datetime
    recorded_at: dt.datetime


def list_declarations(*, customer_id: int) -> list[LedgerRow]:
    """The latest first; of equal channel, purpose and topic the first holds."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL, {"id": customer_id})
        return [LedgerRow(*row) for row in cursor.fetchall()]
