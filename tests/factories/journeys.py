"""Journeys that run, and Mei who goes through them."""

import datetime as dt
from typing import Any

from reorder.domain.customers.models import Customer
from reorder.domain.marketing.facts import note_facts
from reorder.domain.marketing.models import Enrolment, EnrolmentEvent
from reorder.domain.marketing.rules import NewFact
from reorder.flows.journeys import editing, switching, take_facts_and_step
from tests.factories.messaging import NIGHT

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
EXIT_ON_ORDER: dict[str, Any] = {"facts": ["ordered"], "about": "goods"}


def document(
    *, facts: list[str], steps: dict[str, Any], exits: list[Any] | None = None, **trigger: Any
) -> dict[str, Any]:
    return {
        "trigger": {"facts": facts, **trigger},
        "start": next(iter(steps), None),
        "steps": steps,
        "exits": exits or [],
        "settings": {"channels": ["email"]},
    }


def run_journey(*, code: str, given: dict[str, Any], moment: dt.datetime = NIGHT, **options: Any) -> None:
    """Make a journey of this document, or change it, and switch it on."""
    from reorder.domain.marketing.journeys.keeping import find_journey

    if find_journey(code=code) is None:
        editing.create(code=code, name="", decided_by="ann", moment=moment)
    editing.save(code=code, document=given, seen_number=None, decided_by="ann", moment=moment)
    switching.switch_on(code=code, decided_by="ann", moment=moment, **options)


def happen(customer: Customer, kind: str, *, subject: str = "", at: dt.datetime = NIGHT, **details: Any) -> None:
    """Something happens to a customer, and the journeys hear of it at once."""
    note_facts(
        facts=[
            NewFact(
                kind=kind,
                customer_id=customer.pk,
                happened_at=at,
                subject=subject,
                details=details,
                key=f"{kind}:{customer.pk}:{subject}:{at.timestamp():.0f}",
            )
        ]
    )
    take_facts_and_step(moment=at)


def where(customer: Customer) -> list[tuple[str, str, str]]:
    """State, step and end of each way of a customer, the oldest first."""
    ways = Enrolment.objects.filter(customer=customer).order_by("pk")
    return [(way.state, way.step_key, way.ended_code) for way in ways]


def log_of(customer: Customer) -> list[tuple[str, str]]:
    """Everything that happened on the ways of a customer: step and what."""
    events = EnrolmentEvent.objects.filter(enrolment__customer=customer).order_by("pk")
    return list(events.values_list("step_key", "code"))
