"""Lists of customers by what the night concluded about them; a million of them are paged by keyset, and never counted.

Each list takes a page of keys from one index first and joins everything else to those few.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

from reorder.domain.customers.rules import SearchWords
from reorder.kernel.stored_json import read_json

# Those of engine.repurchase, which a web process must not load: it brings SciPy along. From the best to the worst.
SEGMENTS = (
    "champions",
    "loyal",
    "promising",
    "new",
    "needs_attention",
    "about_to_sleep",
    "at_risk",
    "cannot_lose",
    "hibernating",
    "lost",
)
Order = Literal["value", "due", "paused"]
# Customers without a value stand behind all others, in the order of their ids, under this place.
UNVALUED = -1.0

_SHOWN = """
SELECT page.place, c.id, c.key, c.name, c.erased_at IS NOT NULL, v.segment, v.expected_value, v.expected_orders,
       v.active_share, v.churn_share, v.r_score, v.f_score, v.m_score, n.subject, coalesce(p.name, g.name, n.subject),
       n.due_date, n.due_p25_date, n.due_p75_date, n.due_p10_date, n.due_p90_date, n.remind_hit_share, n.active_share,
       n.evidence, pause.id IS NOT NULL, pause.resumes_date
FROM ({page}) AS page
JOIN customers_customer AS c ON c.id = page.customer_id
LEFT JOIN planning_customervalue AS v ON v.customer_id = page.customer_id
LEFT JOIN planning_nextdue AS n ON n.customer_id = page.customer_id
LEFT JOIN catalog_product AS p ON p.sku = n.subject
LEFT JOIN catalog_category AS g ON n.subject LIKE 'category:%%' AND g.code = substr(n.subject, 10)
LEFT JOIN LATERAL (
    SELECT id, resumes_date FROM messaging_marketingpause
    WHERE customer_id = page.customer_id AND resumed_at IS NULL AND (resumes_date IS NULL OR resumes_date > %(today)s)
    ORDER BY resumes_date DESC NULLS FIRST, id LIMIT 1
) AS pause ON true
ORDER BY page.place {direction}, page.customer_id {direction}
"""
_PAGES: Mapping[Order, str] = {
    "value": """SELECT s.customer_id, s.expected_value AS place FROM {source} AS s {joined}
        WHERE (%(segment)s::text IS NULL OR s.segment = %(segment)s)
          AND (%(place)s::float8 IS NULL OR (s.expected_value, s.customer_id) < (%(place)s, %(after_id)s)) {matched}
        ORDER BY s.expected_value DESC, s.customer_id DESC LIMIT %(limit)s""",
    "due": """SELECT s.customer_id, s.due_date AS place FROM {source} AS s {joined}
        WHERE s.due_date <= %(until)s
          AND (%(place)s::date IS NULL OR (s.due_date, s.customer_id) > (%(place)s, %(after_id)s)) {matched}
        ORDER BY s.due_date, s.customer_id LIMIT %(limit)s""",
    "paused": """SELECT s.customer_id, s.paused_at AS place FROM {source} AS s {joined}
        WHERE s.resumed_at IS NULL AND (s.resumes_date IS NULL OR s.resumes_date > %(today)s) AND NOT EXISTS (
            SELECT FROM messaging_marketingpause AS later
            WHERE later.customer_id = s.customer_id AND later.id > s.id AND later.resumed_at IS NULL
              AND (later.resumes_date IS NULL OR later.resumes_date > %(today)s))
          AND (%(place)s::timestamptz IS NULL OR (s.paused_at, s.customer_id) < (%(place)s, %(after_id)s)) {matched}
        ORDER BY s.paused_at DESC, s.customer_id DESC LIMIT %(limit)s""",
}
_SOURCES: Mapping[Order, str] = {
    "value": "planning_customervalue",
    "due": "planning_nextdue",
    "paused": "messaging_marketingpause",
}
_UNVALUED = """
SELECT s.id AS customer_id, -1.0::float8 AS place FROM {source} AS s {joined}
WHERE s.merged_into_id IS NULL
  AND NOT EXISTS (SELECT FROM planning_customervalue AS value WHERE value.customer_id = s.id)
  AND (%(after_id)s::bigint IS NULL OR s.id < %(after_id)s) {matched}
ORDER BY s.id DESC LIMIT %(limit)s
"""
# OFFSET 0 keeps the look by key a look by key: a few thousand of them are cheaper than a table of a million read whole.
_FOUND = """(SELECT t.* FROM unnest(%(ids)s::bigint[]) AS found(id)
    CROSS JOIN LATERAL (SELECT * FROM {table} WHERE {table}.{key} = found.id OFFSET 0) AS t)"""
# IS TRUE hides the condition from the index: so many customers match that the next page is met sooner by walking the
# list in its order than by sorting all of them.
_WALKED = "AND c.erased_at IS NULL AND customers_text(c.name, c.key) LIKE ALL(%(patterns)s)"
_WALKED_BY_WORDS = f"{_WALKED} AND (customers_words(c.name, c.key) @@ %(query)s::tsquery) IS TRUE"
# More found customers than these are not looked up one by one: the list is walked in its order, each key of it looked
# for in a hash table of what was found. Adding nothing keeps the index on the key out of it.
_LOOKED_UP = 2_000
_HASHED = "AND (s.customer_id + 0) = ANY(%(ids)s::bigint[])"
_COUNTED = """
SELECT (SELECT count(*) FROM (SELECT FROM planning_nextdue WHERE due_date <= %(week)s LIMIT %(limit)s) AS w),
       (SELECT count(*) FROM (SELECT FROM planning_nextdue WHERE due_date <= %(fortnight)s LIMIT %(limit)s) AS f),
       (SELECT count(*) FROM (SELECT DISTINCT customer_id FROM messaging_marketingpause WHERE resumed_at IS NULL
            AND (resumes_date IS NULL OR resumes_date > %(today)s) LIMIT %(limit)s) AS p)
"""
_LAST_VALUED = """
SELECT run.as_of_date, step.details FROM planning_runstep AS step JOIN planning_run AS run ON run.id = step.run_id
WHERE run.kind = 'night' AND step.name = 'value_customers' AND step.state = 'succeeded' ORDER BY run.id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """Which customers, and in which order: by value (of one segment), by the day they are due, or the paused ones.

    `found_ids` narrows to these customers, `words` to those a search matches; at most one of the two is given.
    """

    order: Order
    today: dt.date
    segment: str | None = None
    until: dt.date | None = None
    found_ids: Sequence[int] | None = None
    words: SearchWords | None = None


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """One customer of a list; what the night has not concluded is None. `place` is its sort value in the list."""

    place: float | dt.date | dt.datetime
    id: int
    key: str
    name: str
    is_erased: bool
    segment: str | None
    expected_value: float | None
    expected_orders: float | None
    active_share: float | None
    churn_share: float | None
    r_score: int | None
    f_score: int | None
    m_score: int | None
    subject: str | None
    product_name: str | None
    due_date: dt.date | None
    due_p25_date: dt.date | None
    due_p75_date: dt.date | None
    due_p10_date: dt.date | None
    due_p90_date: dt.date | None
    remind_hit_share: float | None
    due_active_share: float | None
    evidence: str | None
    is_paused: bool
    resumes_date: dt.date | None


@dataclass(frozen=True, slots=True)
class LastValued:
    """The day of the last night that valued customers, how many it put into each segment, and all it left behind."""

    as_of_date: dt.date
    segments: Mapping[str, int]
    details: Mapping[str, Any]


def list_customers(
    *, chosen: CustomerFilter, after: tuple[float | dt.date | dt.datetime, int] | None, limit: int
) -> list[CustomerLine]:
    """Up to `limit` customers behind `after` (place and id of the last one seen)."""
    place, after_id = after or (None, None)
    is_past_valued = chosen.order == "value" and place is not None and place == UNVALUED
    lines = (
        []
        if is_past_valued
        else _read(chosen, template=_PAGES[chosen.order], place=place, after_id=after_id, limit=limit)
    )
    if chosen.order == "value" and chosen.segment is None and len(lines) < limit:
        start_id = after_id if is_past_valued else None
        lines += _read(chosen, template=_UNVALUED, place=None, after_id=start_id, limit=limit - len(lines))
    return lines


def _read(
    chosen: CustomerFilter,
    *,
    template: str,
    place: float | dt.date | dt.datetime | None,
    after_id: int | None,
    limit: int,
) -> list[CustomerLine]:
    page = _page_sql(chosen, template=template)
    parameters: dict[str, Any] = {
        "today": chosen.today,
        "segment": chosen.segment,
        "until": chosen.until,
        "ids": list(chosen.found_ids or ()),
        "query": chosen.words.query if chosen.words else "",
        "patterns": list(chosen.words.patterns) if chosen.words else [],
        "place": place,
        "after_id": after_id,
        "limit": limit,
    }
    statement = _SHOWN.format(page=page, direction="ASC" if chosen.order == "due" else "DESC")
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [CustomerLine(*row) for row in cursor.fetchall()]


def _page_sql(chosen: CustomerFilter, *, template: str) -> str:
    """The statement of the page's keys, with a search done in the way that fits how many match."""
    table, key = ("customers_customer", "id") if template is _UNVALUED else (_SOURCES[chosen.order], "customer_id")
    if chosen.words is not None:
        return template.format(
            source=table,
            joined=f"JOIN customers_customer AS c ON c.id = s.{key}",
            matched=_WALKED if chosen.words.text_decides else _WALKED_BY_WORDS,
        )
    if chosen.found_ids is None:
        return template.format(source=table, joined="", matched="")
    if len(chosen.found_ids) > _LOOKED_UP and template is not _UNVALUED:
        return template.format(source=table, joined="", matched=_HASHED)
    return template.format(source=_FOUND.format(table=table, key=key), joined="", matched="")


def count_waiting(*, today: dt.date, limit: int) -> tuple[int, int, int]:
    """Customers due within 7 and within 14 days, and paused ones, each counted up to `limit`."""
    parameters: dict[str, Any] = {
        "week": today + dt.timedelta(days=7),
        "fortnight": today + dt.timedelta(days=14),
        "today": today,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, parameters)
        week, fortnight, paused = cursor.fetchone()
    return week, fortnight, paused


def find_last_valued() -> LastValued | None:
    """When customers were last valued, with the counts of that night; None before the first night."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_VALUED)
        row: Sequence[Any] | None = cursor.fetchone()
    if row is None:
        return None
    details = as_json(row[1])
    segments = details.get("segments")
    return LastValued(as_of_date=row[0], segments=segments if isinstance(segments, dict) else {}, details=details)


def as_json(value: object) -> dict[str, Any]:
    """A jsonb value, which Django's raw cursors hand over as text."""
    read = read_json(value)
    return read if isinstance(read, dict) else {}
