"""Rows into PostgreSQL, in bulk, on Django's own connection."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from django.db import connection
from psycopg import sql

_ROWS_A_BLOCK = 50_000


def copy_frame(*, table: str, frame: pl.DataFrame) -> int:
    """Append all rows of `frame` to `table` by COPY, columns by name; returns the number of rows.

    Lists are written as PostgreSQL arrays, dicts must be JSON text already. Part of the open transaction.
    """
    prepared = frame.with_columns(
        pl.concat_str(
            pl.lit("{"),
            pl.col(name)
            .list.eval(pl.lit('"') + pl.element().cast(pl.String).str.replace_all(r'(["\\])', r"\${1}") + pl.lit('"'))
            .list.join(","),
            pl.lit("}"),
        ).alias(name)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.List)
    )
    command = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(sql.Identifier(name) for name in prepared.columns)
    )
    with connection.cursor() as cursor, cursor.cursor.copy(command) as copy:
        for block in prepared.iter_slices(_ROWS_A_BLOCK):
            copy.write(_as_csv(block))
    return prepared.height


def _as_csv(block: pl.DataFrame) -> str:
    try:
        return block.write_csv(
            include_header=False, quote_style="non_numeric", datetime_format="%Y-%m-%d %H:%M:%S%.6f%:z"
        )
    except KeyboardInterrupt:
        # Ctrl-C comes twice: once from Polars, and once from Python at its next call. That must be this one: at the
        # first line of COPY's end it would leave the connection locked, and the process would wait for it for ever.
        time.sleep(0)
        raise


def run_sql(*, statement: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> int:
    """Run one set-based statement on Django's connection; returns the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return max(int(cursor.rowcount), 0)


@contextmanager
def without_key_checks() -> Iterator[None]:
    """Write rows without the foreign key check of each one, which costs as much as writing it.

    Only for set-based inserts that took every key from a join with the parent rows and hold a lock on those (FOR KEY
    SHARE), so that the check could find nothing. Triggers of the tables do not run either. A server role that may not
    do this (managed databases) checks row by row, with the same result.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
        row = cursor.fetchone()
        is_allowed = bool(row and row[0])
        if is_allowed:
            cursor.execute("SET LOCAL session_replication_role = 'replica'")
    yield
    if is_allowed:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = 'origin'")
