"""Frames out of PostgreSQL, columnar, through ADBC."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import quote, urlencode

import polars as pl
from django.db import connection
from psycopg import sql


def read_frame(*, query: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame:
    """The answer of a SELECT as a frame.

    `query` names its parameters in braces (`{as_of}`); they are put in as quoted literals. NUMERIC must be cast to
    float8 or bigint in the query (it would arrive as text). Sees committed rows only.
    """
    return pl.read_database_uri(_written(query=query, parameters=parameters), _uri(), engine="adbc")


class ReadFrame(Protocol):
    """What `read_frame` is called as."""

    def __call__(self, *, query: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame: ...


@contextmanager
def open_reader() -> Iterator[ReadFrame]:
    """`read_frame` over one connection for all questions of the block: opening one costs as much as a small question.

    Each question sees what is committed when it is asked.
    """
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(_uri(), autocommit=True) as opened, opened.cursor() as cursor:

        def read(*, query: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame:
            cursor.execute(_written(query=query, parameters=parameters))
            return pl.DataFrame(cursor.fetch_arrow())

        yield read


def _written(*, query: str, parameters: Mapping[str, object] | None) -> str:
    literals = {name: sql.Literal(value) for name, value in (parameters or {}).items()}
    connection.ensure_connection()
    return sql.SQL(query).format(**literals).as_string(connection.connection)


def _uri() -> str:
    """The address of the database that Django is connected to (tests have one of their own)."""
    given = connection.get_connection_params()
    user, password = quote(str(given.get("user") or "")), quote(str(given.get("password") or ""), safe="")
    credentials = f"{user}:{password}@" if password else f"{user}@" if user else ""
    place = {"host": str(given.get("host") or ""), "port": str(given.get("port") or "")}
    # What else the address says, such as sslmode, holds for reading too.
    wanted = place | {name: text for name, text in connection.settings_dict["OPTIONS"].items() if isinstance(text, str)}
    options = urlencode({name: text for name, text in wanted.items() if text}, quote_via=quote)
    return f"postgresql://{credentials}/{quote(str(given['dbname']))}?{options}"
