"""The drain: rows out of the inbox into events, visitors, links and counts, by a few statements for thousands of rows.

A lot is one transaction with the removal of its rows: killed at any point, it is drained later, once.
Statements write in the order of their keys, so that two drains wait for each other instead of deadlocking.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from django.db import connection

from reorder.domain.behaviour.months import open_months
from reorder.domain.behaviour.stitching import FIND_HOLDER, MOST_PEOPLE, link_visitors
from reorder.domain.storage import copy_frame, run_sql

# People do not do more than this in a minute; what does is no person.
MOST_A_MINUTE: Final = 120
_SUBJECTS_KEPT: Final = 50
_STAGE: Final = (
    """CREATE TEMP TABLE IF NOT EXISTS drained_event (LIKE behaviour_inboxevent, key uuid)
       ON COMMIT DELETE ROWS""",
    """CREATE TEMP TABLE IF NOT EXISTS named_person (user_key text, customer_id bigint) ON COMMIT DELETE ROWS""",
)
_TAKE: Final = """
WITH taken AS (
    DELETE FROM behaviour_inboxevent WHERE id IN (
        SELECT id FROM behaviour_inboxevent ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING *)
INSERT INTO drained_event SELECT *, md5(message_id)::uuid FROM taken ORDER BY id
"""
# What was refused uses no message id up: the sender may mend it and send it again under the same.
_DEDUPE: Final = """
WITH first AS (
    SELECT DISTINCT ON (key) key, id, happened_at FROM drained_event WHERE outcome <> 'refused' ORDER BY key, id
), added AS (
    INSERT INTO behaviour_eventkey (key, happened_on)
    SELECT key, (happened_at AT TIME ZONE 'UTC')::date FROM first ORDER BY key ON CONFLICT (key) DO NOTHING
    RETURNING key
)
UPDATE drained_event SET outcome = 'duplicate', subject = ''
WHERE outcome <> 'refused'
  AND id NOT IN (SELECT first.id FROM first JOIN added USING (key))
"""
_SEE_VISITORS: Final = """
WITH by_minute AS (
    SELECT anonymous_id, date_trunc('minute', happened_at) AS minute_at,
           count(*) FILTER (WHERE proof <> 'server') AS minute_count,
           min(happened_at) AS first_at, max(happened_at) AS last_at
    FROM drained_event WHERE outcome = '' AND anonymous_id <> '' GROUP BY 1, 2
), seen AS (
    SELECT anonymous_id, min(first_at) AS first_at, max(last_at) AS last_at, max(minute_at) AS minute_at,
           (array_agg(minute_count ORDER BY minute_at DESC))[1] AS minute_count, max(minute_count) AS most
    FROM by_minute GROUP BY anonymous_id
)
INSERT INTO behaviour_visitor AS known
    (anonymous_id, first_seen_at, last_seen_at, minute_at, minute_count, is_bot)
SELECT anonymous_id, first_at, last_at, minute_at, minute_count, most > %(most)s FROM seen ORDER BY anonymous_id
ON CONFLICT (anonymous_id) DO UPDATE SET
    first_seen_at = least(known.first_seen_at, EXCLUDED.first_seen_at),
    last_seen_at = greatest(known.last_seen_at, EXCLUDED.last_seen_at),
    minute_at = EXCLUDED.minute_at,
    minute_count = EXCLUDED.minute_count
        + CASE WHEN known.minute_at = EXCLUDED.minute_at THEN known.minute_count ELSE 0 END,
    is_bot = known.is_bot OR known.customer_id IS NULL AND (EXCLUDED.is_bot OR EXCLUDED.minute_count
        + CASE WHEN known.minute_at = EXCLUDED.minute_at THEN known.minute_count ELSE 0 END > %(most)s)
"""
# Who proved to be a customer is none, however fast.
_MARK_BOTS: Final = """
UPDATE drained_event AS event SET outcome = 'bot', subject = 'too_fast' FROM behaviour_visitor AS visitor
WHERE event.outcome = '' AND event.proof = '' AND visitor.anonymous_id = event.anonymous_id AND visitor.is_bot
"""
# A visitor that turned out to be a program: what was taken of it before is no behaviour either.
_FORGET_BOTS: Final = """
DELETE FROM behaviour_trackedevent AS event USING behaviour_visitor AS visitor
WHERE visitor.anonymous_id IN (SELECT anonymous_id FROM drained_event WHERE subject = 'too_fast' AND outcome = 'bot')
  AND event.visitor_id = visitor.id AND event.customer_id IS NULL AND event.happened_at > %(moment)s - interval '1 day'
"""
_SPAN: Final = (
    "SELECT min(happened_at), max(happened_at), count(*) FROM drained_event WHERE outcome = '' AND kind <> ''"
)
_NAMED: Final = "SELECT DISTINCT user_key FROM drained_event WHERE outcome = '' AND user_key <> ''"
_PLACE: Final = f"""
WITH placed AS (
    SELECT event.*, visitor.id AS visitor_id, product.id AS product_id,
           coalesce(named.customer_id, holder.customer_id) AS customer_id
    FROM drained_event AS event
    LEFT JOIN behaviour_visitor AS visitor ON visitor.anonymous_id = event.anonymous_id
    LEFT JOIN named_person AS named ON named.user_key = event.user_key AND event.proof <> 'mail'
    LEFT JOIN LATERAL ({FIND_HOLDER}) AS holder ON true
    LEFT JOIN LATERAL (
        SELECT id FROM catalog_product WHERE sku = ANY(event.items) ORDER BY array_position(event.items, sku) LIMIT 1
    ) AS product ON true
    WHERE event.outcome = '' AND event.kind <> ''
), added AS (
    INSERT INTO behaviour_trackedevent (message_id, customer_id, visitor_id, source_id, kind, product_id, happened_at,
        search_text, results_count, engaged_ms, page_path, details, received_at)
    SELECT message_id, customer_id, visitor_id, source_id, kind, product_id, happened_at, search_text, results_count,
           engaged_ms, page_path,
           CASE WHEN product_id IS NULL AND items <> '{{}}'
                THEN coalesce(details, '{{}}') || jsonb_build_object('item', items[1]) ELSE details END, received_at
    FROM placed WHERE customer_id IS NOT NULL OR visitor_id IS NOT NULL ORDER BY happened_at
    RETURNING id, message_id, customer_id, kind, product_id, happened_at, search_text, results_count, details
)
SELECT added.message_id, added.customer_id, added.kind, product.sku, added.happened_at, added.search_text,
       added.results_count, added.details, placed.may_market
FROM added JOIN placed USING (message_id) LEFT JOIN catalog_product AS product ON product.id = added.product_id
WHERE added.customer_id IS NOT NULL
"""  # noqa: S608 - constants of ours
# Marks in mails outlive their reader's erasure by an hour.
_FORGET_ERASED: Final = """
DELETE FROM named_person USING customers_customer AS person
WHERE person.id = named_person.customer_id AND person.erased_at IS NOT NULL
"""
# A server named somebody whom we do not know, and no browser.
_OF_NOBODY: Final = """
UPDATE drained_event SET outcome = 'of_nobody', subject = kind
WHERE outcome = '' AND anonymous_id = '' AND user_key NOT IN (SELECT user_key FROM named_person)
"""
_COUNT: Final = """
WITH told AS (
    SELECT source_id, (received_at AT TIME ZONE %(time_zone)s)::date AS date,
           CASE WHEN outcome <> '' THEN outcome WHEN kind = '' THEN 'named' ELSE 'taken' END AS what,
           CASE WHEN outcome <> '' THEN subject ELSE kind END AS subject
    FROM drained_event
    UNION ALL
    SELECT source_id, (received_at AT TIME ZONE %(time_zone)s)::date, 'no_product', items[1]
    FROM drained_event WHERE outcome = '' AND items <> '{}'
      AND NOT EXISTS (SELECT FROM catalog_product WHERE sku = ANY(items))
), summed AS (
    SELECT source_id, date, what, subject, count(*) AS count,
           row_number() OVER (PARTITION BY source_id, date, what ORDER BY count(*) DESC) AS place
    FROM told GROUP BY source_id, date, what, subject
)
INSERT INTO behaviour_trackedday AS known (source_id, date, what, subject, count)
SELECT source_id, date, what, CASE WHEN place <= %(kept)s THEN subject ELSE '…' END, sum(count)
FROM summed GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (date, source_id, what, subject) DO UPDATE SET count = known.count + EXCLUDED.count
"""


@dataclass(frozen=True, slots=True)
class PlacedEvent:
    """An event of a known customer that was placed just now, or that turned out to be theirs."""

    message_id: str
    customer_id: int
    kind: str
    sku: str | None
    happened_at: dt.datetime
    search_text: str
    results_count: int | None
    details: Mapping[str, Any]
    may_market: bool


def take_rows(*, limit: int) -> int:
    """Take rows out of the inbox into this transaction, the oldest first; returns how many."""
    for statement in _STAGE:
        run_sql(statement=statement)
    run_sql(statement="DELETE FROM drained_event")
    run_sql(statement="DELETE FROM named_person")
    taken = run_sql(statement=_TAKE, parameters={"limit": limit})
    if taken:
        # Without statistics the planner takes a temporary table for a handful of rows.
        run_sql(statement="ANALYZE drained_event")
        run_sql(statement=_DEDUPE)
    return taken


def see_visitors(*, moment: dt.datetime) -> None:
    """Know the browsers of the lot, and set those apart that send faster than people act."""
    run_sql(statement=_SEE_VISITORS, parameters={"most": MOST_A_MINUTE})
    if run_sql(statement=_MARK_BOTS):
        run_sql(statement=_FORGET_BOTS, parameters={"moment": moment})


def list_named() -> list[str]:
    """What the lot calls the people it could prove: `k:` a key, `c:` a customer's number."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMED)
        return [row[0] for row in cursor.fetchall()]


def place_events(*, people: Mapping[str, int], time_zone: str) -> list[PlacedEvent]:
    """Write the events of the lot; `people` are the customers of `list_named`. Returns those of known customers.

    Earlier events that turn out to be somebody's are among them.
    """
    if people:
        frame = pl.DataFrame({"user_key": list(people), "customer_id": list(people.values())})
        copy_frame(table="named_person", frame=frame)
        run_sql(statement=_FORGET_ERASED)
    run_sql(statement=_OF_NOBODY)
    with connection.cursor() as cursor:
        cursor.execute(_SPAN)
        first_at, last_at, count = cursor.fetchone()
    if count:
        open_months(first_at=first_at, last_at=last_at)
    stitched = link_visitors() if people else []
    found = _rows(_PLACE, {"most_people": MOST_PEOPLE}) if count else []
    run_sql(statement=_COUNT, parameters={"time_zone": time_zone, "kept": _SUBJECTS_KEPT})
    return [_placed(row) for row in (*stitched, *found)]


def _placed(row: tuple[Any, ...]) -> PlacedEvent:
    message_id, customer_id, kind, sku, happened_at, words, results, details, may_market = row
    return PlacedEvent(message_id, customer_id, kind, sku, happened_at, words, results, _details(details), may_market)


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _details(told: object) -> Mapping[str, Any]:
    """Django leaves JSON of raw statements as text."""
    if isinstance(told, str):
        told = json.loads(told)
    return told if isinstance(told, dict) else {}
