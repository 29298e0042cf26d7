"""Marks of days and of what waits to be counted or predicted again; those of single subjects are in `operations`.

Kinds: `customer` and `day` (facts changed, count again), `ahead` (a customer with an order of a day to come), `rescore`
(counted again, predict again), `segment` (something happened to a customer whom segments may ask about), `position`
(stock changed).
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final

from django.db import connection

from reorder.domain.planning.operations import mark_many
from reorder.domain.storage import run_sql

_TAKE_DAYS: Final = """
DELETE FROM planning_dirtymark WHERE id IN (
    SELECT id FROM planning_dirtymark WHERE kind = 'day' AND left(subject_key, 10) <= %s
    ORDER BY id FOR UPDATE SKIP LOCKED)
RETURNING left(subject_key, 10)::date
"""
_TURN: Final = """
WITH taken AS (
    DELETE FROM planning_dirtymark WHERE id IN (
        SELECT id FROM planning_dirtymark WHERE kind = %(old)s ORDER BY id FOR UPDATE SKIP LOCKED)
    RETURNING subject_key)
INSERT INTO planning_dirtymark (kind, subject_key) SELECT %(new)s, subject_key FROM taken ORDER BY subject_key
ON CONFLICT (kind, subject_key) DO UPDATE SET marked_at = now()
"""


def mark_days(*, dates: Collection[dt.date]) -> None:
    """Remember days of the shop's calendar whose orders changed; part of the transaction of the change."""
    mark_many(marks=[("day", key) for key in day_keys(dates=dates)])


def day_keys(*, dates: Collection[dt.date]) -> list[str]:
    """The subject keys of marks of kind `day`, for who marks several kinds at once within the open transaction."""
    # Every order marks its day. Were it one mark, all orders of a moment would wait for each other; so each database
    # session has one of sixteen to itself, nearly always.
    connection.ensure_connection()
    share = connection.connection.info.backend_pid % 16
    return [f"{date.isoformat()}|{share}" for date in sorted(set(dates))]


def take_days(*, until_date: dt.date) -> list[dt.date]:
    """Take out the marks of days up to and with `until_date`; the caller counts them in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_DAYS, [until_date.isoformat()])
        return sorted({row[0] for row in cursor.fetchall()})


def turn_marks(*, old_kind: str, new_kind: str) -> int:
    """Let all marks of one kind be of another one; returns how many there were."""
    return run_sql(statement=_TURN, parameters={"old": old_kind, "new": new_kind})


def drop_marks(*, kind: str, subject_keys: Sequence[str] | None = None) -> None:
    """Take marks out whose work is done, all of a kind or those of some subjects."""
    with_keys = "" if subject_keys is None else "AND subject_key = ANY(%(keys)s::text[])"
    run_sql(
        statement=f"DELETE FROM planning_dirtymark WHERE kind = %(kind)s {with_keys}",  # noqa: S608 - our own words
        parameters={"kind": kind, "keys": list(subject_keys or ())},
    )
