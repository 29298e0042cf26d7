"""Counts that many processes add to, in the table of the shared cache.

The cache's own `incr` reads and then writes, so it loses counts when several ask at once. Rows end with their moment
and are swept by the cache itself and by `sweep_counters`.
"""

import datetime as dt

from django.conf import settings
from django.core.cache import cache
from django.db import connection

_COUNT = """
INSERT INTO {table} AS known (cache_key, value, expires) VALUES (%(key)s, %(times)s::bigint::text, %(expires_at)s)
ON CONFLICT (cache_key) DO UPDATE SET value = (known.value::bigint + %(times)s)::text
RETURNING value::bigint
"""


def count_up(*, key: str, expires_at: dt.datetime, times: int = 1) -> int:
    """Add to the count of `key` and return it; atomic, in one statement."""
    statement = _COUNT.format(table=_table())
    with connection.cursor() as cursor:
        cursor.execute(statement, {"key": cache.make_key(f"count:{key}"), "times": times, "expires_at": expires_at})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def read_count(*, key: str) -> int:
    """How far `key` has been counted; 0 before the first time."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT value FROM {_table()} WHERE cache_key = %s", [cache.make_key(f"count:{key}")])  # noqa: S608 - the table is a setting
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def sweep_counters(*, moment: dt.datetime) -> int:
    """Remove what has ended in the cache; returns how many rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_table()} WHERE expires < %s", [moment])  # noqa: S608 - the table is a setting
        return max(int(cursor.rowcount), 0)


def _table() -> str:
    return connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
