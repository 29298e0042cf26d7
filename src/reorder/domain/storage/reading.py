"""Frames out of PostgreSQL, columnar, through ADBC."""

from collections.abc import Mapping
from urllib.parse import quote

import polars as pl
from django.db import connection
from psycopg import sql


def read_frame(*, query: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame:
    """The answer of a SELECT as a frame.

    `query` names its parameters in braces (`{as_of}`); they are put in as quoted literals. NUMERIC must be cast to
    float8 or bigint in the query (it would arrive as text). Sees committed rows only.
    """
    literals = {name: sql.Literal(value) for name, value in (parameters or {}).items()}
    connection.ensure_connection()
    text = sql.SQL(query).format(**literals).as_string(connection.connection)
    return pl.read_database_uri(text, _uri(), engine="adbc")


def _uri() -> str:
    """The address of the database that Django is connected to (tests have one of their own)."""
    given = connection.get_connection_params()
    user, password = quote(str(given.get("user") or "")), quote(str(given.get("password") or ""), safe="")
    credentials = f"{user}:{password}@" if password else f"{user}@" if user else ""
    name = quote(str(given["dbname"]))
    host, port = str(given.get("host") or ""), given.get("port")
    options = f"?host={quote(host, safe='')}" + (f"&port={port}" if port else "")
    return f"postgresql://{credentials}/{name}{options}"
