"""Statistics counted in SQL from the temporary table `bought` (see `domain.orders.purchases`), set by set.

What is written is a pure function of the live order lines up to and with one day, so it does not matter in what order
or how often they came: customers are counted again whole, days are counted again whole, and sums over customers move
by the difference. Every function runs inside the caller's transaction, which holds `lock_statistics`.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from reorder.domain.catalog.rules import SUBJECT_SQL
from reorder.domain.storage import run_sql, take_transaction_locks

# Raised when the meaning of a counted column changes: everything is then counted anew.
VERSION: Final = 1
# What products sold on single days is asked for no further back than the engine's longest window of 84 days.
PRODUCT_DAYS_KEPT: Final = 120
RECENT_VISITS: Final = 20

_VISITED: Final = """
CREATE TEMP TABLE visited ON COMMIT DROP AS
SELECT customer_id, date, sum(value) AS value, count(*)::int AS purchases,
       (row_number() OVER (PARTITION BY customer_id ORDER BY date))::int AS number
FROM bought GROUP BY customer_id, date
"""
_COUNT_PAIRS: Final = """
CREATE TEMP TABLE counted_pair ON COMMIT DROP AS
SELECT customer_id, subject, count(*)::int AS purchases_count, min(date) AS first_date, max(date) AS last_date,
       max(date) FILTER (WHERE back = 2) AS previous_date, max(date) FILTER (WHERE back = 3) AS earlier_date,
       coalesce(sum(gap::bigint * gap), 0)::bigint AS gap_square_days, sum(units) AS units,
       max(units) FILTER (WHERE back = 1) AS last_units, min(number) AS first_visit_number,
       max(number) AS last_visit_number
FROM (SELECT b.customer_id, b.subject, b.date, b.units, v.number, row_number() OVER latest AS back,
             lag(b.date) OVER latest - b.date AS gap
      FROM bought AS b JOIN visited AS v USING (customer_id, date)
      WINDOW latest AS (PARTITION BY b.customer_id, b.subject ORDER BY b.date DESC)) AS numbered
GROUP BY customer_id, subject
"""
_COUNT_CUSTOMERS: Final = f"""
CREATE TEMP TABLE counted_customer ON COMMIT DROP AS
SELECT customer_id, count(*)::int AS visits_count, sum(purchases)::int AS purchases_count, min(date) AS first_date,
       max(date) AS last_date, max(date) FILTER (WHERE back = 2) AS previous_date,
       coalesce(sum(gap::bigint * gap), 0)::bigint AS gap_square_days,
       array_agg(date ORDER BY date DESC) FILTER (WHERE back <= {RECENT_VISITS}) AS recent_visit_dates,
       sum(value) AS monetary, count(*) FILTER (WHERE value > 0)::int AS valued_orders,
       count(*) FILTER (WHERE value > 0 AND number > 1)::int AS later_orders,
       coalesce(sum(value) FILTER (WHERE number > 1), 0) AS later_value
FROM (SELECT v.*, row_number() OVER latest AS back, lag(date) OVER latest - date AS gap FROM visited AS v
      WINDOW latest AS (PARTITION BY customer_id ORDER BY date DESC)) AS numbered
GROUP BY customer_id
"""  # noqa: S608 - a constant of ours
_PAIR: Final = (
    "purchases_count", "first_date", "last_date", "previous_date", "earlier_date", "gap_square_days", "units",
    "last_units", "first_visit_number", "last_visit_number",
)  # fmt: skip
_CUSTOMER: Final = (
    "visits_count", "purchases_count", "first_date", "last_date", "previous_date", "gap_square_days",
    "recent_visit_dates", "monetary", "valued_orders", "later_orders", "later_value",
)  # fmt: skip


def _insert(*, table: str, key: tuple[str, ...], columns: tuple[str, ...], source: str) -> str:
    names = ", ".join((*key, *columns))
    return f"INSERT INTO {table} AS known ({names}) SELECT {names} FROM {source}"  # noqa: S608 - constants of ours


def _upsert(*, table: str, key: tuple[str, ...], columns: tuple[str, ...], source: str) -> str:
    """Rows that do not differ stay untouched."""
    known, given = (", ".join(f"{side}.{name}" for name in columns) for side in ("known", "excluded"))
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return (
        f"{_insert(table=table, key=key, columns=columns, source=source)} ORDER BY {', '.join(key)} "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes} WHERE ({known}) IS DISTINCT FROM ({given})"
    )


# What the counted customers meant to each product before and mean after; before is read ahead of writing.
_CHANGE_PRODUCTS: Final = """
CREATE TEMP TABLE product_change ON COMMIT DROP AS
SELECT subject, coalesce(a.pairs, 0) - coalesce(b.pairs, 0) AS pairs,
       coalesce(a.purchases, 0) - coalesce(b.purchases, 0) AS purchases,
       coalesce(a.units, 0) - coalesce(b.units, 0) AS units, a.first_date, a.last_date,
       b.first_date AS first_before, b.last_date AS last_before
FROM (SELECT subject, count(*) AS pairs, sum(purchases_count) AS purchases, sum(units) AS units,
             min(first_date) AS first_date, max(last_date) AS last_date FROM counted_pair GROUP BY subject) AS a
FULL JOIN (SELECT subject, count(*) AS pairs, sum(purchases_count) AS purchases, sum(units) AS units,
             min(first_date) AS first_date, max(last_date) AS last_date
      FROM planning_pairstatistic WHERE customer_id = ANY(%(ids)s::bigint[]) GROUP BY subject) AS b USING (subject)
"""
# Units have three decimals: rounding takes away what adding and subtracting floats leaves.
_ADD_PRODUCTS: Final = """
INSERT INTO planning_productstatistic AS known
    (subject, pairs_count, purchases_count, units, first_date, last_date)
SELECT subject, pairs, purchases, round(units::numeric, 3)::float8, coalesce(first_date, first_before),
       coalesce(last_date, last_before)
FROM product_change ORDER BY subject
ON CONFLICT (subject) DO UPDATE SET
    pairs_count = known.pairs_count + excluded.pairs_count,
    purchases_count = known.purchases_count + excluded.purchases_count,
    units = round((known.units + excluded.units)::numeric, 3)::float8,
    first_date = least(known.first_date, excluded.first_date), last_date = greatest(known.last_date, excluded.last_date)
"""
_DROP_PRODUCTS: Final = "DELETE FROM planning_productstatistic WHERE pairs_count <= 0"
# A first or last purchase that is no more: those of the other customers are looked up again.
_MEND_PRODUCTS: Final = """
UPDATE planning_productstatistic AS known SET first_date = pairs.first_date, last_date = pairs.last_date
FROM (SELECT p.subject, min(p.first_date) AS first_date, max(p.last_date) AS last_date
      FROM product_change AS c JOIN planning_productstatistic AS k USING (subject)
      JOIN planning_pairstatistic AS p USING (subject)
      WHERE (c.last_before = k.last_date AND c.last_before > coalesce(c.last_date, '-infinity'))
         OR (c.first_before = k.first_date AND c.first_before < coalesce(c.first_date, 'infinity'))
      GROUP BY p.subject) AS pairs
WHERE known.subject = pairs.subject
"""
_NAME_CATEGORIES: Final = """
UPDATE planning_productstatistic AS known SET category_code = named.code
FROM (SELECT s.subject, coalesce(g.code, c.code, '') AS code FROM planning_productstatistic AS s
      LEFT JOIN catalog_product AS p ON p.sku = s.subject LEFT JOIN catalog_category AS c ON c.id = p.category_id
      LEFT JOIN catalog_category AS g ON s.subject LIKE 'category:%%' AND g.code = substr(s.subject, 10)) AS named
WHERE known.subject = named.subject AND known.category_code <> named.code
"""

_REPLACE_DAYS: Final = (
    "DELETE FROM planning_shopday WHERE date = ANY(%(dates)s::date[])",
    """INSERT INTO planning_shopday (date, visits_count, purchases_count)
       SELECT date, count(DISTINCT customer_id), count(*) FROM bought GROUP BY date ORDER BY date""",
    "DELETE FROM planning_productday WHERE date = ANY(%(dates)s::date[])",
    """INSERT INTO planning_productday (subject, date, purchases_count, units)
       SELECT subject, date, count(*), sum(units) FROM bought WHERE date > %(kept_after)s
       GROUP BY subject, date ORDER BY date, subject""",
    "DELETE FROM planning_productday WHERE date <= %(kept_after)s",
)
_ADD_DAYS: Final = (
    """INSERT INTO planning_shopday AS known (date, visits_count, purchases_count)
       SELECT date, count(*), sum(purchases) FROM visited GROUP BY date ORDER BY date
       ON CONFLICT (date) DO UPDATE SET visits_count = known.visits_count + excluded.visits_count,
           purchases_count = known.purchases_count + excluded.purchases_count""",
    """INSERT INTO planning_productday AS known (subject, date, purchases_count, units)
       SELECT subject, date, count(*), sum(units) FROM bought WHERE date > %(kept_after)s
       GROUP BY subject, date ORDER BY date, subject
       ON CONFLICT (date, subject) DO UPDATE SET purchases_count = known.purchases_count + excluded.purchases_count,
           units = round((known.units + excluded.units)::numeric, 3)::float8""",
)
# Effects outlive a full count: they are those of the last fit.
_REBUILD_PRODUCTS: Final = (
    """CREATE TEMP TABLE counted_product ON COMMIT DROP AS
       SELECT subject, count(*)::int AS pairs_count, sum(purchases_count)::bigint AS purchases_count,
              min(first_date) AS first_date, max(last_date) AS last_date,
              round(sum(units)::numeric, 3)::float8 AS units
       FROM planning_pairstatistic GROUP BY subject""",
    "DELETE FROM planning_productstatistic WHERE subject NOT IN (SELECT subject FROM counted_product)",
    _upsert(
        table="planning_productstatistic",
        key=("subject",),
        columns=("pairs_count", "purchases_count", "first_date", "last_date", "units"),
        source="counted_product",
    ),
)
_CHANGED_SUBJECTS: Final = f"""
SELECT product.id FROM catalog_product AS product
LEFT JOIN catalog_category AS category ON category.id = product.category_id
LEFT JOIN planning_countedsubject AS counted ON counted.product_id = product.id
WHERE counted.subject IS DISTINCT FROM {SUBJECT_SQL} ORDER BY product.id
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours
_NOTE_SUBJECTS: Final = f"""
INSERT INTO planning_countedsubject AS known (product_id, subject)
SELECT product.id, {SUBJECT_SQL} FROM catalog_product AS product
LEFT JOIN catalog_category AS category ON category.id = product.category_id ORDER BY product.id
ON CONFLICT (product_id) DO UPDATE SET subject = excluded.subject WHERE known.subject <> excluded.subject
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours
_NOTE_STATE: Final = """
INSERT INTO planning_statisticsstate AS known (id, version, time_zone, currency)
VALUES (1, %(version)s, %(time_zone)s, %(currency)s)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, time_zone = excluded.time_zone,
    currency = excluded.currency, rebuilt_at = now(), is_refresh_needed = true
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of statistics written."""

    pairs: int
    customers: int


def lock_statistics() -> None:
    """Count and predict one at a time: held until the open transaction ends, taken before any mark or row."""
    take_transaction_locks(names=["planning.statistics"])


def recount_customers(*, customer_ids: Sequence[int]) -> Counted:
    """Count these customers again from `bought`, which holds all their purchases; products follow by difference."""
    given = {"ids": list(customer_ids)}
    _count_bought()
    _run("DROP TABLE IF EXISTS product_change")
    _run(_CHANGE_PRODUCTS, given)
    gone = _run(
        """DELETE FROM planning_pairstatistic AS known WHERE customer_id = ANY(%(ids)s::bigint[]) AND NOT EXISTS (
               SELECT FROM counted_pair AS c WHERE c.customer_id = known.customer_id AND c.subject = known.subject)""",
        given,
    )
    _run(
        """DELETE FROM planning_customerstatistic WHERE customer_id = ANY(%(ids)s::bigint[])
           AND customer_id NOT IN (SELECT customer_id FROM counted_customer)""",
        given,
    )
    key = ("customer_id", "subject")
    pairs = _run(_upsert(table="planning_pairstatistic", key=key, columns=_PAIR, source="counted_pair"))
    customers = _run(
        _upsert(table="planning_customerstatistic", key=("customer_id",), columns=_CUSTOMER, source="counted_customer")
    )
    for statement in (_ADD_PRODUCTS, _DROP_PRODUCTS, _MEND_PRODUCTS):
        _run(statement)
    return Counted(pairs=pairs + gone, customers=customers)


def recount_days(*, dates: Sequence[dt.date], until_date: dt.date) -> None:
    """Count these days again from `bought`, which holds everything bought on them."""
    given = {"dates": list(dates), "kept_after": until_date - dt.timedelta(days=PRODUCT_DAYS_KEPT)}
    for statement in _REPLACE_DAYS:
        _run(statement, given)


def begin_rebuild() -> None:
    """Empty what is counted; `add_counted` fills it in parts, `end_rebuild` makes it whole."""
    # The sorts and hashes of a whole history; a night does it once in the life of a shop.
    _run("SET LOCAL work_mem = '192MB'")
    _run("SET LOCAL synchronous_commit = 'off'")
    for table in ("pairstatistic", "customerstatistic", "productday", "shopday"):
        _run(f"TRUNCATE planning_{table}")


def add_counted(*, until_date: dt.date) -> Counted:
    """Add what `bought` holds: all purchases of customers who are not counted yet."""
    _count_bought()
    key = ("customer_id", "subject")
    pairs = _run(
        _insert(table="planning_pairstatistic", key=key, columns=_PAIR, source="counted_pair")
        + " ORDER BY customer_id, subject"
    )
    customers = _run(
        _insert(table="planning_customerstatistic", key=("customer_id",), columns=_CUSTOMER, source="counted_customer")
    )
    for statement in _ADD_DAYS:
        _run(statement, {"kept_after": until_date - dt.timedelta(days=PRODUCT_DAYS_KEPT)})
    return Counted(pairs=pairs, customers=customers)


def end_rebuild(*, time_zone: str, currency: str) -> None:
    """Sum products up and note by what everything was counted; every pair is to be predicted again."""
    for statement in _REBUILD_PRODUCTS:
        _run(statement)
    name_categories()
    note_subjects()
    _run(_NOTE_STATE, {"version": VERSION, "time_zone": time_zone, "currency": currency})
    for table in ("pairstatistic", "customerstatistic", "productstatistic", "productday", "shopday"):
        _run(f"ANALYZE planning_{table}")


def name_categories() -> None:
    """Bring the category of each counted subject up to date with the catalogue."""
    _run(_NAME_CATEGORIES, {})


def list_changed_products() -> list[int]:
    """Products that are new since the last `note_subjects`, or that are planned under another subject now."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED_SUBJECTS)
        return [row[0] for row in cursor.fetchall()]


def note_subjects() -> None:
    """Remember under which subject each product is counted."""
    _run(_NOTE_SUBJECTS)


def _count_bought() -> None:
    for name in ("visited", "counted_pair", "counted_customer"):
        _run(f"DROP TABLE IF EXISTS {name}")
    _run(_VISITED)
    _run("ANALYZE visited")
    _run(_COUNT_PAIRS)
    _run(_COUNT_CUSTOMERS)


def _run(statement: str, parameters: dict[str, Any] | None = None) -> int:
    return run_sql(statement=statement, parameters=parameters)
