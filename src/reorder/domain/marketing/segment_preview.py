"""How many customers rules apply to right now, and to whom for example: counted whole, or reckoned from a part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import OperationalError, connection, transaction

from reorder.domain.marketing.segment_compile import Compiled
from reorder.kernel.stored_json import read_json

# One customer in so many is looked at where looking at all takes too long.
SAMPLED: Final = 20
_CANCELLED: Final = "57014"


@dataclass(frozen=True, slots=True)
class ReasonedCustomer:
    """Somebody to whom rules apply, and of each condition whether it holds and what was seen."""

    customer_id: int
    key: str
    name: str
    conditions: Sequence[tuple[bool, Any]]


def count_within(*, compiled: Compiled, context: Mapping[str, Any], seconds: float) -> int | None:
    """How many ids a compiled statement gives; None when that takes longer."""
    rows = _rows_within(
        statement=f"SELECT count(*) FROM ({compiled.sql}) AS held",  # noqa: S608 - words of ours, values are bound
        parameters={**context, **compiled.parameters},
        seconds=seconds,
    )
    return None if rows is None else int(rows[0][0])


def list_some_within(*, compiled: Compiled, context: Mapping[str, Any], limit: int, seconds: float) -> list[int] | None:
    """A few of the ids of a compiled statement; None when that takes longer."""
    rows = _rows_within(
        statement=f"SELECT id FROM ({compiled.sql}) AS held LIMIT %(limit)s",  # noqa: S608 - as above
        parameters={**context, **compiled.parameters, "limit": limit},
        seconds=seconds,
    )
    return None if rows is None else [row[0] for row in rows]


def list_reasons(*, compiled: Compiled, context: Mapping[str, Any]) -> list[ReasonedCustomer]:
    """The answer of `compile_reasons` for the customers of the context."""
    with connection.cursor() as cursor:
        cursor.execute(compiled.sql, {**context, **compiled.parameters})
        rows = cursor.fetchall()
    return [
        ReasonedCustomer(customer_id, key, name, [(holds, seen) for holds, seen in _read(said)])
        for customer_id, key, name, said in rows
    ]


def _read(said: Any) -> Sequence[tuple[bool, Any]]:
    """JSON, which Django's raw cursors hand over as text."""
    read: Sequence[tuple[bool, Any]] = read_json(said)
    return read


def _rows_within(*, statement: str, parameters: Mapping[str, Any], seconds: float) -> list[tuple[Any, ...]] | None:
    try:
        # In a savepoint of its own, so that the caller's transaction survives the cancelling.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
            cursor.execute(statement, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
            return rows
    except OperationalError as fault:
        if getattr(fault.__cause__, "sqlstate", "") != _CANCELLED:
            raise
        return None
