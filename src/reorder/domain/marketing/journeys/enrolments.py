"""Ways in the books: who is where, taken in lots that nobody else takes, and saved by few statements a lot."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection

from reorder.domain.marketing.journeys.keeping import plain
from reorder.domain.marketing.journeys.ways import Running, Way
from reorder.domain.storage import fetch_prepared, run_sql

_COLUMNS: Final = """way.id, way.version_id, way.customer_id, way.entry_key, way.state, way.step_key, way.is_waiting,
    way.awaits, way.due_at, way.context, way.steps_count, way.faults_count, way.entered_at, way.arrived_at"""
_OPEN_OF: Final = f"""
SELECT {_COLUMNS} FROM marketing_enrolment AS way
WHERE way.customer_id = ANY(%(customers)s::bigint[]) AND way.state IN ('active', 'held')
ORDER BY way.id FOR UPDATE
"""  # noqa: S608 - our own words
_DUE: Final = f"""
SELECT {_COLUMNS} FROM marketing_enrolment AS way
WHERE way.state = 'active' AND way.due_at <= %(moment)s::timestamptz
ORDER BY way.due_at, way.id LIMIT %(limit)s::integer FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - our own words
_LAST: Final = """
SELECT journey_id, customer_id, max(entered_at) FROM marketing_enrolment
WHERE customer_id = ANY(%(customers)s::bigint[]) AND journey_id = ANY(%(journeys)s::bigint[])
GROUP BY journey_id, customer_id
"""
_WHO: Final = """
SELECT customer_id FROM marketing_enrolment WHERE id = %(id)s::bigint AND state IN ('active', 'held')
"""
_FIELDS: Final = """journey_id bigint, version_id bigint, customer_id bigint, entry_key text, state text, step_key text,
    is_waiting boolean, awaits jsonb, due_at timestamptz, context jsonb, steps_count integer, faults_count smallint,
    entered_at timestamptz, arrived_at timestamptz, finished_at timestamptz, ended_code text"""
_INSERT: Final = f"""
INSERT INTO marketing_enrolment (journey_id, version_id, customer_id, entry_key, state, step_key, is_waiting, awaits,
    due_at, context, steps_count, faults_count, entered_at, arrived_at, finished_at, ended_code)
SELECT journey_id, version_id, customer_id, entry_key, state, step_key, is_waiting,
    ARRAY(SELECT jsonb_array_elements_text(awaits)), due_at, context, steps_count, faults_count, entered_at, arrived_at,
    finished_at, ended_code
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given({_FIELDS})
ORDER BY journey_id, customer_id, entry_key ON CONFLICT (journey_id, customer_id, entry_key) DO NOTHING
RETURNING id, journey_id, customer_id, entry_key
"""  # noqa: S608 - our own words
_UPDATE: Final = f"""
UPDATE marketing_enrolment AS way
SET version_id = given.version_id, state = given.state, step_key = given.step_key, is_waiting = given.is_waiting,
    awaits = ARRAY(SELECT jsonb_array_elements_text(given.awaits)), due_at = given.due_at, context = given.context,
    steps_count = given.steps_count, faults_count = given.faults_count, arrived_at = given.arrived_at,
    finished_at = given.finished_at, ended_code = given.ended_code
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(id bigint, {_FIELDS}) WHERE way.id = given.id
"""  # noqa: S608 - our own words
_NOTE: Final = """
INSERT INTO marketing_enrolmentevent (enrolment_id, happened_at, step_key, code, details)
SELECT given.id, %(moment)s::timestamptz, given.step_key, given.code, given.details
FROM ROWS FROM (jsonb_to_recordset(%(rows)s::jsonb) AS (id bigint, step_key text, code text, details jsonb))
    WITH ORDINALITY AS given(id, step_key, code, details, place)
ORDER BY given.place
"""
# In one order, so that two lots of the same journey wait for each other instead of deadlocking.
_COUNT: Final = """
INSERT INTO marketing_journeycount AS counted (journey_id, step_key, code, date, count)
SELECT given.journey_id, given.step_key, given.code, %(date)s::date, given.count
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(journey_id bigint, step_key text, code text, count integer)
ORDER BY 1, 2, 3
ON CONFLICT (journey_id, date, step_key, code) DO UPDATE SET count = counted.count + excluded.count
"""
_IS_DUE: Final = """
SELECT EXISTS (SELECT FROM marketing_enrolment WHERE state = 'active' AND due_at <= %(moment)s::timestamptz)
"""


def is_any_due(*, moment: dt.datetime) -> bool:
    """Whether somebody's moment has come."""
    return bool(fetch_prepared(statement=_IS_DUE, parameters={"moment": moment})[0][0])


def lock_open_ways(*, customer_ids: Sequence[int], running: Sequence[Running]) -> list[Way]:
    """Open ways of these customers, held until the transaction ends."""
    return _fetch(statement=_OPEN_OF, parameters={"customers": list(customer_ids)}, running=running)


def take_due_ways(*, moment: dt.datetime, limit: int, running: Sequence[Running]) -> list[Way]:
    """Ways whose moment has come and that nobody else holds, the most overdue first; held until the commit."""
    return _fetch(statement=_DUE, parameters={"moment": moment, "limit": limit}, running=running)


def find_customer_of(*, enrolment_id: int) -> int | None:
    """Who is on a way; None where nobody is, or it is over."""
    rows = fetch_prepared(statement=_WHO, parameters={"id": enrolment_id})
    return rows[0][0] if rows else None


def list_last_entries(*, journey_ids: Sequence[int], customer_ids: Sequence[int]) -> dict[tuple[int, int], dt.datetime]:
    """When each of these customers last came into each of these journeys."""
    rows = fetch_prepared(statement=_LAST, parameters={"customers": list(customer_ids), "journeys": list(journey_ids)})
    return {(row[0], row[1]): row[2] for row in rows}


def save_ways(*, ways: Sequence[Way], moment: dt.datetime, date: dt.date) -> int:
    """Write changed ways, what happened on them, and the counts of the shop's day; returns how many were written.

    Somebody who comes in twice for the same (two facts at once) comes in once: the second way is dropped.
    """
    known = [way for way in ways if way.number is not None and way.is_changed]
    new = _insert([way for way in ways if way.number is None])
    if known:
        rows = [{"id": way.number, **_plain_row(way)} for way in known]
        run_sql(statement=_UPDATE, parameters={"rows": _json(rows)})
    told = [*new, *known]
    _write_events(ways=told, moment=moment, date=date)
    for way in told:
        way.events.clear()
        way.is_changed = False
    return len(told)


def _insert(ways: Sequence[Way]) -> list[Way]:
    if not ways:
        return []
    # The same key twice in one lot: the first one came first.
    by_key = {(way.running.journey_id, way.customer_id, way.entry_key): way for way in reversed(ways)}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {"rows": _json([_plain_row(way) for way in by_key.values()])})
        made = {(row[1], row[2], row[3]): row[0] for row in cursor.fetchall()}
    for key, number in made.items():
        by_key[key].number = number
    return [by_key[key] for key in made]


def _write_events(*, ways: Sequence[Way], moment: dt.datetime, date: dt.date) -> None:
    rows: list[dict[str, Any]] = []
    counts: Counter[tuple[int, str, str]] = Counter()
    for way in ways:
        for one in way.events:
            rows.append({"id": way.number, "step_key": one.step_key, "code": one.code, "details": dict(one.details)})
            counts[way.running.journey_id, one.step_key, one.code] += 1
    if not rows:
        return
    run_sql(statement=_NOTE, parameters={"rows": _json(rows), "moment": moment})
    counted = [
        {"journey_id": journey_id, "step_key": step_key, "code": code, "count": count}
        for (journey_id, step_key, code), count in counts.items()
    ]
    run_sql(statement=_COUNT, parameters={"rows": _json(counted), "date": date})


def _fetch(*, statement: str, parameters: Mapping[str, Any], running: Sequence[Running]) -> list[Way]:
    by_version = {one.version_id: one for one in running}
    rows = fetch_prepared(statement=statement, parameters=parameters)
    return [_way(row, running=by_version[row[1]]) for row in rows if row[1] in by_version]


def _way(row: tuple[Any, ...], *, running: Running) -> Way:
    return Way(
        running=running,
        number=row[0],
        customer_id=row[2],
        entry_key=row[3],
        state=row[4],
        step_key=row[5],
        is_waiting=row[6],
        awaits=tuple(row[7]),
        due_at=row[8],
        context=plain(row[9]),
        steps_count=row[10],
        faults_count=row[11],
        entered_at=row[12],
        arrived_at=row[13],
    )


def _plain_row(way: Way) -> dict[str, Any]:
    return {
        "journey_id": way.running.journey_id,
        "version_id": way.running.version_id,
        "customer_id": way.customer_id,
        "entry_key": way.entry_key,
        "state": way.state,
        "step_key": way.step_key,
        "is_waiting": way.is_waiting,
        "awaits": list(way.awaits),
        "due_at": way.due_at,
        "context": way.context,
        "steps_count": way.steps_count,
        "faults_count": way.faults_count,
        "entered_at": way.entered_at,
        "arrived_at": way.arrived_at,
        "finished_at": way.finished_at,
        "ended_code": way.ended_code,
    }


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, default=str)
