"""What tables hold about a person, as each room declares it, and the statements that show it and let it go.

A room declares its tables (`PersonalTable`); who erases or shows a person goes through all declarations, so that no
table can be forgotten without a test failing (docs/reference/personal-data.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from django.db import connection
from psycopg import sql

from reorder.domain.storage.writing import run_sql
from reorder.kernel.stored_json import read_json

# More rows of one table than anybody reads; an export says where it stops.
MOST_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Everything by which rows of one person are found; merged records count as the person's."""

    customer_ids: tuple[int, ...]
    keys: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    order_ids: tuple[int, ...] = ()
    new_keys: Mapping[int, str] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """What `where` and `empties` of a declaration may name; `words` are texts that a stored answer may hold."""
        texts = [text for text in (*self.keys, *self.addresses, *self.phones, *self.names) if len(text) > 2]
        return {
            "ids": list(self.customer_ids),
            "texts_of_ids": [str(number) for number in self.customer_ids],
            "actors": [f"customer:{number}" for number in self.customer_ids],
            "keys": list(self.keys),
            "addresses": list(self.addresses),
            "orders": list(self.order_ids),
            "texts_of_orders": [str(number) for number in self.order_ids],
            "words": texts,
            "new_ids": list(self.new_keys),
            "new_keys": list(self.new_keys.values()),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalTable:
    """Rows of one table that are about a person.

    Attributes:
        table: its name.
        where: SQL condition that finds the person's rows, by the names of `Person.parameters`.
        erasure: delete the rows; empty the personal columns, because others point to the row or the law wants it kept;
            or keep all of it.
        empties: what erasing sets columns to, SQL by column; only with `empty`.
        personal: columns with facts of the person; with `empty` each of them is emptied.
        hidden: columns that an export leaves out: secrets, hashes, numbers that mean nothing outside.
        why: why it is kept, where it is; English, for the reference.
        is_shown: whether an export has it.
    """

    table: str
    where: str
    erasure: Literal["delete", "empty", "keep"]
    personal: tuple[str, ...] = ()
    empties: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    why: str = ""
    is_shown: bool = True

    def __post_init__(self) -> None:
        if (self.erasure == "empty") != bool(self.empties):
            raise ValueError(f"{self.table}: columns are emptied where rows are kept without them, and only there")
        if self.erasure == "empty" and set(self.personal) - set(self.empties):
            raise ValueError(f"{self.table}: a personal column is not emptied")


@contextmanager
def erasing() -> Iterator[None]:
    """Within it append-only tables let personal words go, and nothing else; part of the open transaction."""
    run_sql(statement="SELECT set_config('reorder.erasing', 'on', true)")
    yield
    run_sql(statement="SELECT set_config('reorder.erasing', '', true)")


def erase_rows(*, tables: Sequence[PersonalTable], person: Person) -> dict[str, int]:
    """Delete or empty the person's rows, in the order of `tables`; how many by table, untouched ones left out."""
    counts: dict[str, int] = {}
    with erasing():
        for one in tables:
            statement = _erasure_of(one)
            changed = run_sql(statement=statement, parameters=person.parameters) if statement else 0
            if changed:
                counts[one.table] = counts.get(one.table, 0) + changed
    return counts


def read_rows(*, table: PersonalTable, person: Person) -> list[dict[str, Any]]:
    """The person's rows of one table as plain values, without what an export hides."""
    query = sql.SQL("SELECT to_jsonb(t) - %(hidden)s::text[] FROM {table} AS t WHERE ").format(
        table=sql.Identifier(table.table)
    )
    statement = f"{_text(query)}{table.where} ORDER BY 1 LIMIT {MOST_ROWS}"
    with connection.cursor() as cursor:
        cursor.execute(statement, person.parameters | {"hidden": list(table.hidden)})
        return [read_json(row[0]) for row in cursor.fetchall()]


def count_rows(*, tables: Sequence[PersonalTable], person: Person) -> dict[str, int]:
    """How many rows of each table are about the person, in the order of `tables`; tables without any are left out."""
    parts = [
        f"SELECT {place}, count(*) FROM {_text(sql.Identifier(one.table))} AS t WHERE {one.where}"  # noqa: S608 - declarations of ours
        for place, one in enumerate(tables)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), person.parameters)
        counts = dict(cursor.fetchall())
    found: dict[str, int] = {}
    for place, one in enumerate(tables):
        if counts.get(place):
            found[one.table] = found.get(one.table, 0) + counts[place]
    return found


def _erasure_of(one: PersonalTable) -> str:
    name = _text(sql.Identifier(one.table))
    if one.erasure == "delete":
        return f"DELETE FROM {name} AS t WHERE {one.where}"  # noqa: S608 - declarations of ours
    if one.erasure == "empty":
        settings = ", ".join(f"{_text(sql.Identifier(column))} = {value}" for column, value in one.empties.items())
        return f"UPDATE {name} AS t SET {settings} WHERE {one.where}"  # noqa: S608 - declarations of ours
    return ""


def _text(part: sql.Composable) -> str:
    connection.ensure_connection()
    return part.as_string(connection.connection)
