"""The page that tells support why somebody got a message, or none."""

from dataclasses import dataclass

from reorder.domain.customers.queries import CustomerFacts, get_customer
from reorder.domain.marketing.telling import CustomerTold, tell_customer
from reorder.domain.staff.errors import NotAllowed
from reorder.domain.staff.rules import Ability, Actor


@dataclass(frozen=True, slots=True)
class WhyPage:
    """A customer and everything that was decided about marketing to them."""

    customer: CustomerFacts
    told: CustomerTold


def get_why(*, actor: Actor, customer_id: int) -> WhyPage:
    """Raises UnknownCustomer, NotAllowed."""
    if not actor.may(Ability.VIEW_CUSTOMERS):
        raise NotAllowed(actor=actor.name, ability="view customers")
    return WhyPage(customer=get_customer(customer_id=customer_id), told=tell_customer(customer_id=customer_id))
