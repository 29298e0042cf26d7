"""Old ways go: what happened on them, what they came in with, and, but for each customer's last one, the ways.

The last way of a customer through a journey stays, bare: by it is known who was in a journey that lets in only once.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import connection

# Ways are numbered as they begin, so a window of numbers is one of time, and no index on the end is needed.
_WINDOW: Final = """
SELECT max(id), count(*) FROM (
    SELECT id FROM marketing_enrolment WHERE id > %(after)s AND entered_at < %(before)s ORDER BY id LIMIT %(limit)s
) AS old
"""
_FORGET: Final = """
WITH old AS MATERIALIZED (
    SELECT way.id, way.context, EXISTS (
        SELECT FROM marketing_enrolment AS later WHERE later.customer_id = way.customer_id
            AND later.journey_id = way.journey_id AND later.id > way.id) AS has_later
    FROM marketing_enrolment AS way
    WHERE way.id > %(after)s AND way.id <= %(until)s AND way.finished_at < %(before)s
      AND NOT EXISTS (SELECT FROM marketing_journeytask AS task
                      WHERE task.enrolment_id = way.id AND task.done_at IS NULL)
    FOR UPDATE OF way SKIP LOCKED
), tasks AS (
    DELETE FROM marketing_journeytask WHERE enrolment_id IN (SELECT id FROM old) RETURNING 1
), events AS (
    DELETE FROM marketing_enrolmentevent WHERE enrolment_id IN (SELECT id FROM old) RETURNING 1
), bared AS (
    UPDATE marketing_enrolment AS way
    SET context = jsonb_build_object('kind', old.context -> 'kind', 'at', old.context -> 'at')
    FROM old WHERE way.id = old.id AND NOT old.has_later AND old.context - ARRAY['kind', 'at'] <> '{}'
    RETURNING 1
)
SELECT (SELECT count(*) FROM tasks), (SELECT count(*) FROM events), (SELECT count(*) FROM bared),
    (SELECT array_agg(id) FROM old WHERE has_later)
"""


@dataclass(frozen=True, slots=True)
class ForgottenLot:
    """The number after which the next lot begins (None: there is none), and what was deleted."""

    next_after: int | None
    ways_count: int = 0
    events_count: int = 0
    tasks_count: int = 0


def forget_lot(*, after: int, before: dt.datetime, limit: int) -> ForgottenLot:
    """Forget the next lot of ways that ended before a moment; part of the caller's transaction.

    Whose task still waits for a person stays as it is.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WINDOW, {"after": after, "before": before, "limit": limit})
        until, count = cursor.fetchone()
        if until is None:
            return ForgottenLot(None)
        cursor.execute(_FORGET, {"after": after, "until": until, "before": before})
        tasks, events, _bared, gone = cursor.fetchone()
        # After their tasks and events: one statement would not see those deleted yet.
        cursor.execute("DELETE FROM marketing_enrolment WHERE id = ANY(%s)", [gone or []])
    return ForgottenLot(until if count == limit else None, len(gone or ()), events, tasks)
