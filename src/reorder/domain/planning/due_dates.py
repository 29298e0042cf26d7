"""Due dates in and out of the database: all at once, or those of some customers or pairs while the others stand.

Whoever writes holds `counting.lock_statistics`, so that a prediction never replaces one that knows more. Of each
customer the first due product is kept a second time, for the lists that are sorted by it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from django.db import connection

from reorder.domain.storage import copy_frame, run_sql

COLUMNS: Final = (
    "subject", "due_date", "due_p10_date", "due_p25_date", "due_p75_date", "due_p90_date", "active_share",
    "within_7_days", "within_14_days", "within_30_days", "remind_date", "remind_hit_share", "expected_units",
    "orders_count", "evidence", "usual_gap_days", "last_bought_date", "reason_code",
)  # fmt: skip
_NEXT: Final = (
    "run_id", "customer_id", "subject", "due_date", "due_p10_date", "due_p25_date", "due_p75_date", "due_p90_date",
    "active_share", "remind_date", "remind_hit_share", "evidence",
)  # fmt: skip
# A pair with a smaller active share has more likely ended than not.
LIKELY_SHARE: Final = 0.5

_DROP_PAIRS: Final = """
DELETE FROM planning_duedate AS known USING predicted_pair AS given
WHERE known.customer_id = given.customer_id AND known.subject = given.subject
"""
# A pair that has probably ended comes first only where there is no other.
_FIRST_DUE: Final = f"""
CREATE TEMP TABLE first_due ON COMMIT DROP AS
SELECT DISTINCT ON (customer_id) {", ".join(_NEXT)} FROM planning_duedate {{condition}}
ORDER BY customer_id, active_share < {LIKELY_SHARE}, due_date, remind_hit_share DESC, subject
"""  # noqa: S608 - constants of ours
_DROP_NEXT: Final = """
DELETE FROM planning_nextdue AS known WHERE {among} NOT EXISTS (
    SELECT FROM first_due AS given WHERE given.customer_id = known.customer_id)
"""
_SAVE_NEXT: Final = f"""
INSERT INTO planning_nextdue AS known ({", ".join(_NEXT)}) SELECT {", ".join(_NEXT)} FROM first_due ORDER BY customer_id
ON CONFLICT (customer_id) DO UPDATE SET {", ".join(f"{n} = excluded.{n}" for n in _NEXT if n != "customer_id")}
WHERE ({", ".join(f"known.{n}" for n in _NEXT)}) IS DISTINCT FROM ({", ".join(f"excluded.{n}" for n in _NEXT)})
"""  # noqa: S608 - constants of ours
# Who has something to predict again tonight though nothing happened: pairs whose days come near, whose predicted day
# has gone by, or that were predicted too long ago or from a later day. Not those that were predicted tonight already.
_WAITING: Final = """
SELECT DISTINCT customer_id FROM planning_duedate
WHERE as_of_date IS DISTINCT FROM %(as_of)s AND (
    as_of_date IS NULL OR as_of_date > %(as_of)s OR as_of_date < %(oldest)s OR due_date <= %(near)s
    OR (remind_date <= %(near)s AND remind_hit_share >= %(share)s))
ORDER BY customer_id
"""
_WAITING_PAIRS: Final = """
SELECT customer_id::text AS customer_id, subject AS sku FROM planning_duedate
WHERE customer_id = ANY({ids}::bigint[]) AND as_of_date IS DISTINCT FROM {as_of} AND (
    as_of_date IS NULL OR as_of_date > {as_of} OR as_of_date < {oldest} OR due_date <= {near}
    OR (remind_date <= {near} AND remind_hit_share >= {share}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Which due dates a night makes anew though nothing was bought.

    `near`: the last day that counts as near; `share`: reminders less likely than this are none; `oldest`: a prediction
    of an earlier day is too old.
    """

    as_of: dt.date
    near: dt.date
    share: float
    oldest: dt.date


def replace_due_dates(*, run_id: int, as_of: dt.date | None, due: pl.DataFrame) -> int:
    """Replace all due dates; `due` as `RepurchaseModel.due` returns it, customer_id being the primary key as text."""
    run_sql(statement="DELETE FROM planning_duedate")
    written = _copy(due, run_id=run_id, as_of=as_of)
    _save_first(condition="", among="", ids=[])
    return written


def save_due_dates_of(*, run_id: int, as_of: dt.date, customer_ids: Sequence[int], due: pl.DataFrame) -> int:
    """Replace all due dates of these customers; whoever has no row in `due` has none afterwards."""
    ids = list(customer_ids)
    run_sql(statement="DELETE FROM planning_duedate WHERE customer_id = ANY(%s::bigint[])", parameters=[ids])
    written = _copy(due, run_id=run_id, as_of=as_of)
    save_first_due(customer_ids=ids)
    return written


def save_due_pairs(*, run_id: int, as_of: dt.date, due: pl.DataFrame) -> int:
    """Put `due` in the place of what was predicted of the same pairs; all others stand. NextDue is left behind."""
    keys = due.select(pl.col("customer_id").cast(pl.Int64), pl.col("sku").alias("subject"))
    run_sql(statement="DROP TABLE IF EXISTS predicted_pair")
    run_sql(statement="CREATE TEMP TABLE predicted_pair (customer_id bigint, subject text) ON COMMIT DROP")
    copy_frame(table="predicted_pair", frame=keys)
    run_sql(statement="ANALYZE predicted_pair")
    run_sql(statement=_DROP_PAIRS)
    return _copy(due, run_id=run_id, as_of=as_of)


def save_first_due(*, customer_ids: Sequence[int]) -> None:
    """Keep of these customers the product that is due first."""
    _save_first(
        condition="WHERE customer_id = ANY(%(ids)s::bigint[])",
        among="customer_id = ANY(%(ids)s::bigint[]) AND",
        ids=customer_ids,
    )


def drop_uncounted_due_dates() -> int:
    """Remove due dates of customers of whom nothing is counted any more; returns how many."""
    for table in ("planning_nextdue", "planning_duedate"):
        gone = run_sql(
            statement=f"""DELETE FROM {table} AS known WHERE NOT EXISTS (
                SELECT FROM planning_customerstatistic AS s WHERE s.customer_id = known.customer_id)"""  # noqa: S608
        )
    return gone


def list_waiting_customers(*, waiting: Waiting) -> list[int]:
    """Customers with a due date to be made anew, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, _parameters(waiting))
        return [row[0] for row in cursor.fetchall()]


def waiting_pairs_query(*, waiting: Waiting, customer_ids: Sequence[int]) -> tuple[str, dict[str, object]]:
    """The pairs of these customers that wait, as a query for `read_frame`: customer_id (text), sku."""
    return _WAITING_PAIRS, {**_parameters(waiting), "ids": list(customer_ids)}


def _parameters(waiting: Waiting) -> dict[str, Any]:
    return {"as_of": waiting.as_of, "near": waiting.near, "share": waiting.share, "oldest": waiting.oldest}


def _copy(due: pl.DataFrame, *, run_id: int, as_of: dt.date | None) -> int:
    rows = due.with_columns(
        pl.lit(run_id).alias("run_id"),
        pl.lit(as_of, pl.Date).alias("as_of_date"),
        pl.col("customer_id").cast(pl.Int64),
        pl.col("sku").alias("subject"),
    )
    return copy_frame(table="planning_duedate", frame=rows.select("run_id", "customer_id", *COLUMNS, "as_of_date"))


def _save_first(*, condition: str, among: str, ids: Sequence[int]) -> None:
    given = {"ids": list(ids)}
    run_sql(statement="DROP TABLE IF EXISTS first_due")
    run_sql(statement=_FIRST_DUE.format(condition=condition), parameters=given)
    run_sql(statement=_DROP_NEXT.format(among=among), parameters=given)
    run_sql(statement=_SAVE_NEXT)
