"""Facts: noted in the transaction of what happened, taken once by the journeys (mark, then drain)."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from reorder.domain.marketing.rules import FACT_KINDS, NewFact
from reorder.domain.storage import fetch_prepared, run_sql
from reorder.kernel.stored_json import read_json

_WANTED: Final = "SELECT kind FROM marketing_wantedfact"
# In the order of their keys, so that two transactions with the same facts wait for each other instead of deadlocking.
_NOTE: Final = """
INSERT INTO marketing_fact (kind, customer_id, subject, details, happened_at, key)
SELECT given.kind, given.customer_id, given.subject, given.details, given.happened_at, given.key
FROM jsonb_to_recordset(%(facts)s::jsonb) AS given(
    kind text, customer_id bigint, subject text, details jsonb, happened_at timestamptz, key text)
JOIN marketing_wantedfact AS wanted ON wanted.kind = given.kind
ORDER BY given.key ON CONFLICT (key) DO NOTHING
"""
_TAKE: Final = """
WITH taken AS (
    DELETE FROM marketing_fact WHERE id IN (
        SELECT id FROM marketing_fact ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, customer_id, subject, details, happened_at)
SELECT id, kind, customer_id, subject, details, happened_at FROM taken ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class FactRow:
    id: int
    kind: str
    customer_id: int
    subject: str
    details: dict[str, Any]
    happened_at: dt.datetime


def list_wanted_kinds() -> frozenset[str]:
    """Kinds that somebody listens to: who would have to look for facts asks first."""
    return frozenset(row[0] for row in fetch_prepared(statement=_WANTED, parameters={}))


def set_wanted_kinds(*, kinds: Sequence[str]) -> None:
    """Listen to these kinds and no others; part of the transaction that switches journeys on or off."""
    unknown = sorted(set(kinds) - set(FACT_KINDS))
    if unknown:
        raise ValueError(f"no such facts: {', '.join(unknown)}")
    run_sql(statement="DELETE FROM marketing_wantedfact WHERE kind <> ALL(%s)", parameters=[list(kinds)])
    run_sql(
        statement="INSERT INTO marketing_wantedfact (kind) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING",
        parameters=[sorted(set(kinds))],
    )


def note_facts(*, facts: Sequence[NewFact]) -> int:
    """Write down what happened, as far as a journey listens to it; part of the open transaction. Returns how many."""
    if not facts:
        return 0
    rows = [
        {
            "kind": one.kind,
            "customer_id": one.customer_id,
            "subject": one.subject,
            "details": dict(one.details),
            "happened_at": one.happened_at.isoformat(),
            "key": one.key,
        }
        for one in facts
    ]
    return run_sql(statement=_NOTE, parameters={"facts": json.dumps(rows, ensure_ascii=False, default=str)})


def take_facts(*, limit: int) -> list[FactRow]:
    """Take facts out, the oldest first; the caller acts on them in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"limit": limit})
        return [FactRow(row[0], row[1], row[2], row[3], read_json(row[4]), row[5]) for row in cursor.fetchall()]
