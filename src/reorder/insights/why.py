"""The page that tells support why somebody got a message, or none."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reorder.domain.customers.queries import CustomerFacts, get_customer
from reorder.domain.marketing.telling import CustomerTold, tell_customer
from reorder.domain.staff.errors import NotAllowed
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights import due


@dataclass(frozen=True, slots=True)
class WhyPage:
    """A customer and everything that was decided about marketing to them; `subjects` are names of what it was about."""

    customer: CustomerFacts
    told: CustomerTold
    subjects: Mapping[str, str] = field(default_factory=dict)


def get_why(*, actor: Actor, customer_id: int) -> WhyPage:
    """Raises UnknownCustomer, NotAllowed."""
    if not actor.may(Ability.VIEW_CUSTOMERS):
        raise NotAllowed(actor=actor.name, ability="view customers")
    told = tell_customer(customer_id=customer_id)
    named = due.name_subjects(subjects={one.subject_key for one in told.decisions if one.subject_key})
    subjects = {key: name for key, (name, _) in named.items()}
    return WhyPage(customer=get_customer(customer_id=customer_id), told=told, subjects=subjects)
