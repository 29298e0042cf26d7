"""The months of the table of events: opened before somebody writes into them, dropped whole when they are too old."""

import datetime as dt
import re
from typing import Final

from django.db import connection

from reorder.domain.storage import run_sql

_OPEN: Final = "SELECT behaviour_open_months(%s, %s)"
_MONTHS: Final = """
SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'behaviour_trackedevent'::regclass ORDER BY child.relname
"""
_NAME: Final = re.compile(r"behaviour_trackedevent_(\d{4})_(\d{2})")


def open_months(*, first_at: dt.datetime, last_at: dt.datetime) -> int:
    """Have a month ready for every moment from the first to the last; returns how many were opened.

    Whoever writes events calls it first, in the same transaction: months that are there cost one look each.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [first_at, last_at])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def drop_months(*, before: dt.datetime) -> int:
    """Drop months that ended before a moment; returns how many events went with them."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS)
        names = [row[0] for row in cursor.fetchall()]
    return sum(_drop(name) for name in names if _end_of(name) <= before)


def _drop(name: str) -> int:
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {quoted}")  # noqa: S608 - a name out of the catalogue
        count = int(cursor.fetchone()[0])
    # Detached first, which waits for whoever reads all months; the drop itself then waits for nobody.
    run_sql(statement=f"ALTER TABLE behaviour_trackedevent DETACH PARTITION {quoted}")
    run_sql(statement=f"DROP TABLE {quoted}")
    return count


def _end_of(name: str) -> dt.datetime:
    found = _NAME.fullmatch(name)
    if found is None:
        return dt.datetime.max.replace(tzinfo=dt.UTC)
    year, month = int(found[1]), int(found[2])
    return dt.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=dt.UTC)
