"""How read models ask across rooms: one statement with named parameters, rows by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection


def read_rows(*, statement: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All rows of the answer; `statement` is limited by its own LIMIT."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def conditions(*, given: Mapping[str, object]) -> str:
    """The WHERE clause of those conditions whose value was given; values go in as parameters by the caller."""
    wanted: Sequence[str] = [condition for condition, value in given.items() if value not in {None, ""}]
    return f"WHERE {' AND '.join(wanted)}" if wanted else ""
