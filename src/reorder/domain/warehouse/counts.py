"""Counts of bins: asked for, taken, counted, decided; a bin has at most one that is not finished."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from reorder.domain.storage import fetch_prepared
from reorder.domain.warehouse.errors import UnknownBin

CountCause = Literal["cycle", "zero", "short", "asked", "follow"]

# A count of one product that is wanted for another one, too, becomes a count of the whole bin. The cause of a task that
# was only planned gives way to a reason: what happened there matters more than that it was its turn.
_ASK: Final = """
WITH given AS (
    SELECT bin.id AS bin_id, bin.place_id, bin.code FROM warehouse_bin AS bin WHERE bin.code = %(bin_code)s::text
), asked AS (
    INSERT INTO warehouse_counttask AS known (place_id, bin_id, product_id, cause, due_on, asked_by)
    SELECT place_id, bin_id, %(product_id)s::bigint, %(cause)s::text, %(due_on)s::date, %(asked_by)s::text FROM given
    ON CONFLICT (bin_id) WHERE state IN ('open', 'counting', 'counted') DO UPDATE
    SET due_on = CASE WHEN known.state = 'open' THEN least(known.due_on, excluded.due_on) ELSE known.due_on END,
        cause = CASE WHEN known.state = 'open' AND known.cause = 'cycle' THEN excluded.cause ELSE known.cause END,
        product_id = CASE WHEN known.state = 'counted' OR known.product_id IS NOT DISTINCT FROM excluded.product_id
                          THEN known.product_id END
    RETURNING id, state, xmax = 0 AS is_new
)
SELECT asked.id, given.code, asked.state, asked.is_new FROM given JOIN asked ON true
"""


@dataclass(frozen=True, slots=True)
class AskedCount:
    """The unfinished count of a bin; `is_new` unless it was there before."""

    task_id: int
    bin_code: str
    state: str
    is_new: bool


def ask_for_count(
    *, bin_code: str, cause: CountCause, due_on: dt.date, asked_by: str, product_id: int | None = None
) -> AskedCount:
    """Have a bin counted, or one product of it; a count that is open already is hastened. Raises UnknownBin."""
    given = {
        "bin_code": bin_code,
        "cause": cause,
        "due_on": due_on,
        "asked_by": asked_by,
        "product_id": product_id,
    }
    rows = fetch_prepared(statement=_ASK, parameters=given)
    if not rows:
        raise UnknownBin(bin=bin_code)
    return AskedCount(*rows[0])
