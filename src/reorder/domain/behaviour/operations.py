"""Writes of events: each is taken once by its message id, in one set-based statement a batch."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from django.db import connection

from reorder.domain.behaviour.months import drop_months, open_months
from reorder.domain.behaviour.rules import NewEvent
from reorder.domain.behaviour.tracking_models import TrackedDay
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
WITH first AS (
    SELECT DISTINCT ON (message_id) *, md5(message_id)::uuid AS key FROM {source} ORDER BY message_id, happened_at
), new_key AS (
    INSERT INTO behaviour_eventkey (key, happened_on)
    SELECT key, (happened_at AT TIME ZONE 'UTC')::date FROM first ORDER BY key ON CONFLICT (key) DO NOTHING
    RETURNING key
), added AS (
    INSERT INTO behaviour_trackedevent (message_id, customer_id, kind, product_id, happened_at, search_text)
    SELECT first.message_id, first.customer_id, first.kind, product.id, first.happened_at,
           coalesce(first.search_text, '')
    FROM first JOIN new_key USING (key) LEFT JOIN catalog_product AS product ON product.sku = first.sku
    RETURNING message_id, customer_id)
"""
_RECORD_NAMED = f"{_RECORD.format(source='incoming_event')} SELECT message_id FROM added"  # noqa: S608 - constants
_RECORD_COUNTED = f"""
{_RECORD.format(source="staged_event")}
SELECT count(*), coalesce(array_agg(DISTINCT customer_id), '{{}}') FROM added
"""  # noqa: S608 - constants of ours
_SPAN = "SELECT min(happened_at), max(happened_at) FROM {source}"
_EXPIRE = """
DELETE FROM behaviour_trackedevent WHERE (id, happened_at) IN (
    SELECT id, happened_at FROM behaviour_trackedevent WHERE happened_at < %(before)s LIMIT %(limit)s)
"""
# The keys go by their day, and a little later: what is told again of the last day is still known.
_EXPIRE_KEYS = """
DELETE FROM behaviour_eventkey WHERE key IN (
    SELECT key FROM behaviour_eventkey WHERE happened_on < %(before)s::timestamptz - interval '2 days' LIMIT %(limit)s)
"""
_EXPIRE_VISITORS = """
WITH gone AS (
    SELECT id FROM behaviour_visitor WHERE last_seen_at < %(before)s LIMIT %(limit)s
), links AS (
    DELETE FROM behaviour_visitorlink WHERE visitor_id IN (SELECT id FROM gone))
DELETE FROM behaviour_visitor WHERE id IN (SELECT id FROM gone)
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
    _open_months_of("incoming_event")
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_NAMED)
        added = frozenset(row[0] for row in cursor.fetchall())
    owners = {event.customer_id for event in events if event.message_id in added and event.customer_id is not None}
    return RecordedEvents(added_ids=added, customer_ids=sorted(owners))


def record_staged_events() -> CountedEvents:
    """Take all events of the temporary relation `staged_event`, which has the columns of `incoming_event`."""
    _open_months_of("staged_event")
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_COUNTED)
        added, customer_ids = cursor.fetchone()
    return CountedEvents(added_count=int(added), customer_ids=sorted(customer_ids))


def _open_months_of(source: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SPAN.format(source=source))
        first_at, last_at = cursor.fetchone()
    if first_at is not None:
        open_months(first_at=first_at, last_at=last_at)


def reassign_events(*, from_customer_id: int, to_customer_id: int) -> int:
    """Give all events of one customer to another, whom the caller has locked with the first; returns how many.

    Browsers that were one's are the other's from then on.
    """
    parameters = [to_customer_id, from_customer_id]
    for table in ("behaviour_visitor", "behaviour_visitorlink"):
        run_sql(
            statement=f"UPDATE {table} SET customer_id = %s WHERE customer_id = %s",  # noqa: S608 - names of ours
            parameters=parameters,
        )
    return run_sql(
        statement="UPDATE behaviour_trackedevent SET customer_id = %s WHERE customer_id = %s",
        parameters=parameters,
    )


def expire_events(*, before: dt.datetime) -> int:
    """Delete events that happened before a moment; returns how many. Not within another transaction.

    Whole months are dropped, the rest goes a block a transaction; then the keys of their message ids, and visitors who
    were not seen since.
    """
    removed = drop_months(before=before) + _expire(_EXPIRE, before=before)
    _expire(_EXPIRE_KEYS, before=before)
    _expire(_EXPIRE_VISITORS, before=before)
    TrackedDay.objects.filter(date__lt=before).delete()
    return removed


def _expire(statement: str, *, before: dt.datetime) -> int:
    removed = 0
    while True:
        block = run_sql(statement=statement, parameters={"before": before, "limit": _EXPIRED_AT_ONCE})
        removed += block
        if block < _EXPIRED_AT_ONCE:
            return removed
