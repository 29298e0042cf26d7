"""What the pages of journeys show: the journeys, and what their editor offers to choose from."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reorder.domain.catalog.queries import list_categories
from reorder.domain.customers.queries import list_customer_names
from reorder.domain.marketing.effect_figures import list_bounds
from reorder.domain.marketing.journeys import keeping, tasks
from reorder.domain.marketing.journeys.keeping import JourneyRow
from reorder.domain.marketing.journeys.naming import Choices, Named, look_up
from reorder.domain.planning.due_examples import list_soonest_customers
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.journey_numbers import StepNumbers, list_step_numbers

_MOST_TASKS = 500


@dataclass(frozen=True, slots=True)
class JourneyList:
    """Every journey, and how many tasks of theirs wait for a person."""

    journeys: Sequence[JourneyRow]
    tasks_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyPage:
    """One journey with the numbers of its steps, and what its forms offer.

    `bounds`: between what the extra orders of one message were measured to lie, by journey and step.
    """

    row: JourneyRow
    numbers: Mapping[str, StepNumbers]
    named: Named
    categories: Choices
    bounds: Mapping[tuple[str, str], tuple[float, float]]


def list_journeys(*, actor: Actor) -> JourneyList:
    """Every journey; raises NotAllowed."""
    actor.require(Ability.VIEW_MARKETING)
    return JourneyList(keeping.list_journeys(), len(tasks.list_open_tasks(limit=_MOST_TASKS)))


def get_journey(*, actor: Actor, code: str) -> JourneyRow:
    """One journey; raises NotAllowed, UnknownJourney."""
    actor.require(Ability.VIEW_MARKETING)
    return keeping.get_journey(code=code)


def get_journey_page(*, actor: Actor, code: str, today: dt.date, moment: dt.datetime) -> JourneyPage:
    """One journey and all that its page shows; raises NotAllowed, UnknownJourney."""
    row = get_journey(actor=actor, code=code)
    return JourneyPage(
        row=row,
        numbers=list_step_numbers(journey_id=row.id, code=row.code, today=today, moment=moment),
        named=look_up(moment=moment),
        categories=list_categories(),
        bounds=list_bounds(source_kind="journey", source_keys=[code]),
    )


def list_named(*, actor: Actor, moment: dt.datetime) -> Named:
    """What documents name, with its names; raises NotAllowed."""
    actor.require(Ability.VIEW_MARKETING)
    return look_up(moment=moment)


def list_settings_choices(*, actor: Actor, moment: dt.datetime) -> tuple[Choices, Choices]:
    """Offers that messages of journeys may carry, and product types with settings of their own; raises NotAllowed."""
    return list_named(actor=actor, moment=moment).offers, list_categories()


def list_examples(*, actor: Actor) -> list[tuple[str, str]]:
    """A few customers who are due for something, to try a journey with: key and name."""
    actor.require(Ability.VIEW_MARKETING)
    found = list_customer_names(ids=list_soonest_customers(limit=8))
    return [(row.key, row.name or row.key) for row in found.values()]
