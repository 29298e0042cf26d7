"""Statements of the hot path, planned once a connection instead of once a call."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import psycopg
from django.db import connection
from psycopg.pq import ExecStatus

_PLACEHOLDER: Final = re.compile(r"%(?:\((\w+)\)s|(%))")


def fetch_prepared(*, statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one long statement of ours on Django's own connection, prepared there; returns its rows.

    Planning a statement of a dozen common table expressions costs more than running it on a few rows. Parameters are
    bound by the server, so each needs a type in the statement (`%(key)s::text`). Part of the open transaction.
    """
    numbered, names = _numbered(statement)
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(numbered, [parameters[name] for name in names], prepare=True)
        # Not `description`: it makes an object of every column.
        has_rows = cursor.pgresult is not None and cursor.pgresult.status == ExecStatus.TUPLES_OK
        return cursor.fetchall() if has_rows else []


@lru_cache(maxsize=512)
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """The statement with $1, $2 … for its names, and the names in that order.

    psycopg does the same, but reads a statement of more than 4,096 characters again at every call.
    """
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        if match[2]:
            return "%"
        return f"${numbers.setdefault(match[1], len(numbers) + 1)}"

    return _PLACEHOLDER.sub(number, statement), tuple(numbers)
