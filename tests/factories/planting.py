"""Rows of any table, made of words that can be found again: what must be gone is planted first.

Foreign keys are not checked while planting (session_replication_role), so that a row needs no family; CHECK constraints
are. Columns that are not named get the least that their type and constraints allow.
"""

from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection

_COLUMNS = """
SELECT column_name, data_type, udt_name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position
"""
_LEAST: Mapping[str, Any] = {
    "text": "",
    "character varying": "",
    "jsonb": "{}",
    "bytea": b"",
    "ARRAY": "{}",
    "date": "2026-11-22",
    "timestamp with time zone": "2026-11-21T18:30:00+00:00",
    "boolean": False,
    "uuid": "00000000-0000-0000-0000-000000000001",
    "inet": "127.0.0.1",
}
# Everything that a word can stand in.
TEXT_TYPES = frozenset({"text", "character varying", "jsonb", "json", "bytea", "ARRAY", "inet", "tsvector"})


@contextmanager
def without_families() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = 'replica'")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = 'origin'")


def plant(table: str, **values: object) -> None:
    """One row of `table` with these values."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [table])
        columns = cursor.fetchall()
        row = {
            name: values.get(name, _LEAST.get(kind, 1))
            for name, kind, _, needs_value in columns
            if name in values or needs_value
        }
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(["%s"] * len(row))
        cursor.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(row.values()))


def text_columns() -> dict[str, list[str]]:
    """Columns that can hold words, by table, in the order of the schema; partitions are part of their parent."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns AS c
               JOIN pg_class AS t ON t.relname = c.table_name AND t.relnamespace = 'public'::regnamespace
               WHERE c.table_schema = 'public' AND t.relkind IN ('r', 'p') AND NOT t.relispartition
               ORDER BY c.table_name, c.ordinal_position"""
        )
        found: dict[str, list[str]] = {}
        for table, column, kind in cursor.fetchall():
            found.setdefault(table, [])
            if kind in TEXT_TYPES:
                found[table].append(column)
    return found


def tables_with(*, words: list[str]) -> dict[str, int]:
    """Rows by table in which any of these words stands, in whatever column and spelled as text, JSON or bytes."""
    found: dict[str, int] = {}
    wanted = [f"%{word}%" for word in words] + [f"%{word.encode().hex()}%" for word in words]
    with connection.cursor() as cursor:
        for table in text_columns():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text ILIKE ANY(%s)', [wanted])
            count = cursor.fetchone()[0]
            if count:
                found[table] = count
    return found
