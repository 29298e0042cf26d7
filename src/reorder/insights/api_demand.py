"""The demand plan for the API: expected units by subject, place and day, with the parts that make them up."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from reorder.domain.staff.rules import Actor
from reorder.insights.reading import conditions, read_rows

_PLAN: Final = """
SELECT plan.subject, plan.place_code, plan.date, plan.baseline_units, plan.known_customers_units, plan.committed_units,
       plan.adjustment_units, plan.mean_units, plan.p50_units, plan.p90_units, plan.p95_units, plan.p99_units
FROM planning_demandplanday AS plan
{where} ORDER BY plan.subject, plan.place_code, plan.date LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDay:
    """One day of the plan; mean = baseline + committed + adjustment, never below zero."""

    subject: str
    place_code: str
    date: dt.date
    baseline_units: float
    known_customers_units: float
    committed_units: float
    adjustment_units: float
    mean_units: float
    p50_units: float
    p90_units: float
    p95_units: float
    p99_units: float


def list_plan(
    *,
    actor: Actor,
    limit: int,
    after: tuple[str, str, dt.date] | None = None,
    subject: str | None = None,
    place_code: str | None = None,
    from_date: dt.date | None = None,
    until_date: dt.date | None = None,
) -> list[PlannedDay]:
    """The plan by subject, place and day at the actor's places; what comes after the three when given."""
    places = tuple(sorted(actor.place_codes)) or None
    given: dict[str, object] = {
        "(plan.subject, plan.place_code, plan.date) > (%(after_subject)s, %(after_place)s, %(after_date)s)": after,
        "plan.subject = %(subject)s": subject,
        "plan.place_code = %(place)s": place_code,
        "plan.place_code = ANY(%(places)s)": places,
        "plan.date >= %(from_date)s": from_date,
        "plan.date <= %(until_date)s": until_date,
    }
    after_subject, after_place, after_date = after or (None, None, None)
    parameters = {
        "after_subject": after_subject,
        "after_place": after_place,
        "after_date": after_date,
        "subject": subject,
        "place": place_code,
        "places": list(places or ()),
        "from_date": from_date,
        "until_date": until_date,
        "limit": limit,
    }
    rows = read_rows(statement=_PLAN.format(where=conditions(given=given)), parameters=parameters)
    return [PlannedDay(**row) for row in rows]
