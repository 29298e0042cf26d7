"""Writes of events: each is taken once by its message id, in one set-based statement a batch."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from django.db import connection

from reorder.domain.behaviour.rules import NewEvent
from reorder.domain.storage import copy_frame, run_sql

_STAGED = {
    "message_id": pl.String(),
    "customer_id": pl.Int64(),
    "kind": pl.String(),
    "sku": pl.String(),
    "happened_at": pl.Datetime("us", "UTC"),
    "search_text": pl.String(),
}
_STAGE = """
CREATE TEMP TABLE IF NOT EXISTS incoming_event (
    message_id text, customer_id bigint, kind text, sku text, happened_at timestamptz, search_text text
) ON COMMIT DELETE ROWS
"""
# In the order of message ids, so that two batches with the same events wait for each other instead of deadlocking.
_RECORD = """
INSERT INTO behaviour_trackedevent (message_id, customer_id, kind, product_id, happened_at, search_text)
SELECT DISTINCT ON (given.message_id) given.message_id, given.customer_id, given.kind, product.id, given.happened_at,
       coalesce(given.search_text, '')
FROM {source} AS given LEFT JOIN catalog_product AS product ON product.sku = given.sku
ORDER BY given.message_id, given.happened_at ON CONFLICT (message_id) DO NOTHING
"""
_RECORD_NAMED = f"{_RECORD.format(source='incoming_event')} RETURNING message_id"
_RECORD_COUNTED = f"""
WITH added AS ({_RECORD.format(source="staged_event")} RETURNING customer_id)
SELECT count(*), coalesce(array_agg(DISTINCT customer_id), '{{}}') FROM added
"""  # noqa: S608 - constants of ours
_EXPIRE = """
DELETE FROM behaviour_trackedevent WHERE id IN (
    SELECT id FROM behaviour_trackedevent WHERE happened_at < %(before)s LIMIT %(limit)s)
"""
# So many rows a transaction: nobody waits for a year of events to go.
_EXPIRED_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class RecordedEvents:
    """Message ids that were new; what was known already stays as it was first told."""

    added_ids: frozenset[str]
    customer_ids: list[int]


@dataclass(frozen=True, slots=True)
class CountedEvents:
    """How many staged events were new, and whose they are."""

    added_count: int
    customer_ids: list[int]


def record_events(*, events: Sequence[NewEvent]) -> RecordedEvents:
    """Take events that were judged good; part of the open transaction.

    Customers and products exist; a message id that is known, or stands twice in the batch, is one event.
    """
    if not events:
        return RecordedEvents(added_ids=frozenset(), customer_ids=[])
    frame = pl.DataFrame(
        [
            (event.message_id, event.customer_id, event.kind, event.sku or None, event.happened_at, event.search_text)
            for event in events
        ],
        schema=_STAGED,
        orient="row",
    )
    run_sql(statement=_STAGE)
    run_sql(statement="DELETE FROM incoming_event")
    copy_frame(table="incoming_event", frame=frame)
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_NAMED)
        added = frozenset(row[0] for row in cursor.fetchall())
    owners = {event.customer_id for event in events if event.message_id in added and event.customer_id is not None}
    return RecordedEvents(added_ids=added, customer_ids=sorted(owners))


def record_staged_events() -> CountedEvents:
    """Take all events of the temporary relation `staged_event`, which has the columns of `incoming_event`."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_COUNTED)
        added, customer_ids = cursor.fetchone()
    return CountedEvents(added_count=int(added), customer_ids=sorted(customer_ids))


def reassign_events(*, from_customer_id: int, to_customer_id: int) -> int:
    """Give all events of one customer to another, whom the caller has locked with the first; returns how many."""
    return run_sql(
        statement="UPDATE behaviour_trackedevent SET customer_id = %s WHERE customer_id = %s",
        parameters=[to_customer_id, from_customer_id],
    )


def expire_events(*, before: dt.datetime) -> int:
    """Delete events that happened before a moment, a block a transaction; returns how many. Not within another one."""
    removed = 0
    while True:
        block = run_sql(statement=_EXPIRE, parameters={"before": before, "limit": _EXPIRED_AT_ONCE})
        removed += block
        if block < _EXPIRED_AT_ONCE:
            return removed
