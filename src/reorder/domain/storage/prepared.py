"""Statements of the hot path, planned once a connection instead of once a call."""

from collections.abc import Mapping
from typing import Any, LiteralString, cast

import psycopg
from django.db import connection
from psycopg.pq import ExecStatus


def fetch_prepared(*, statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one long statement of ours on Django's own connection, prepared there; returns its rows.

    Planning a statement of a dozen common table expressions costs more than running it on a few rows. Parameters are
    bound by the server, so each needs a type in the statement (`%(key)s::text`). Part of the open transaction.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(cast("LiteralString", statement), parameters, prepare=True)
        # Not `description`: it makes an object of every column.
        has_rows = cursor.pgresult is not None and cursor.pgresult.status == ExecStatus.TUPLES_OK
        return cursor.fetchall() if has_rows else []
