"""Who is in a journey, and what happened to one of them on the way."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from reorder.domain.customers.queries import list_customer_names
from reorder.domain.marketing.journeys.errors import UnknownEnrolment
from reorder.domain.marketing.journeys.tasks import TaskRow
from reorder.kernel.stored_json import read_json

_COLUMNS: Final = """way.id, journey.code, way.customer_id, customer.key, customer.name, way.state, way.step_key,
    way.due_at, way.entered_at, way.finished_at, way.ended_code, version.number, way.context"""
_FROM: Final = """FROM marketing_enrolment AS way JOIN marketing_journey AS journey ON journey.id = way.journey_id
    JOIN marketing_journeyversion AS version ON version.id = way.version_id
    JOIN customers_customer AS customer ON customer.id = way.customer_id"""
_PEOPLE: Final = f"""
SELECT {_COLUMNS} {_FROM}
WHERE way.journey_id = %(journey)s AND (%(after)s::bigint IS NULL OR way.id < %(after)s)
  AND (%(step)s = '' OR (way.step_key = %(step)s AND way.state IN ('active', 'held')))
  AND (%(state)s = '' OR way.state = ANY(%(states)s))
ORDER BY way.id DESC LIMIT %(limit)s
"""
_ONE: Final = f"SELECT {_COLUMNS} {_FROM} WHERE way.id = %(id)s"
_OF_CUSTOMER: Final = f"""
SELECT {_COLUMNS} {_FROM} WHERE way.customer_id = %(customer)s ORDER BY way.entered_at DESC, way.id DESC LIMIT %(limit)s
"""
_EVENTS: Final = """
SELECT happened_at, step_key, code, details FROM marketing_enrolmentevent
WHERE enrolment_id = %(id)s ORDER BY id LIMIT 1000
"""
_STATES: Final = {"inside": ["active", "held"], "done": ["done"], "left": ["left"], "failed": ["failed"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Traveller:
    """A customer on one way through a journey."""

    id: int
    journey_code: str
    customer_id: int
    customer_key: str
    customer_name: str
    state: str
    step_key: str
    due_at: dt.datetime | None
    entered_at: dt.datetime
    finished_at: dt.datetime | None
    ended_code: str
    version_number: int
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TravelEvent:
    """Something that happened on the way."""

    happened_at: dt.datetime
    step_key: str
    code: str
    details: Mapping[str, Any]


def list_travellers(*, journey_id: int, state: str, step: str, after_id: int | None, limit: int) -> list[Traveller]:
    """Who is or was in a journey, the latest first; `state`: inside, done, left, failed, or empty for all."""
    given = {
        "journey": journey_id,
        "after": after_id,
        "step": step,
        "state": state,
        "states": _STATES.get(state, []),
        "limit": limit,
    }
    return _fetch(statement=_PEOPLE, given=given)


def list_ways_of(*, customer_id: int, limit: int = 50) -> list[Traveller]:
    """Every way of one customer, the latest first."""
    return _fetch(statement=_OF_CUSTOMER, given={"customer": customer_id, "limit": limit})


def get_traveller(*, enrolment_id: int) -> Traveller:
    """One way; raises UnknownEnrolment."""
    found = _fetch(statement=_ONE, given={"id": enrolment_id})
    if not found:
        raise UnknownEnrolment(what="way through a journey with the number", key=enrolment_id)
    return found[0]


def list_events(*, enrolment_id: int) -> list[TravelEvent]:
    """What happened on a way, in its order."""
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"id": enrolment_id})
        return [TravelEvent(row[0], row[1], row[2], _plain(row[3])) for row in cursor.fetchall()]


def _fetch(*, statement: str, given: Mapping[str, Any]) -> list[Traveller]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows = cursor.fetchall()
    return [
        Traveller(
            id=row[0],
            journey_code=row[1],
            customer_id=row[2],
            customer_key=row[3],
            customer_name=row[4],
            state=row[5],
            step_key=row[6],
            due_at=row[7],
            entered_at=row[8],
            finished_at=row[9],
            ended_code=row[10],
            version_number=row[11],
            context=_plain(row[12]),
        )
        for row in rows
    ]


def _plain(value: Any) -> Mapping[str, Any]:
    read: Mapping[str, Any] = read_json(value)
    return read


def list_tasks(*, tasks: Sequence[TaskRow]) -> list[tuple[TaskRow, str]]:
    """Tasks with the names of the customers that they are about."""
    people = list_customer_names(ids=sorted({task.customer_id for task in tasks}))
    return [
        (task, people[task.customer_id].name or people[task.customer_id].key if task.customer_id in people else "–")
        for task in tasks
    ]
