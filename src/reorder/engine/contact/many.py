"""Many messages at one moment: the most valuable first, and what one takes of stock and caps is gone for the next.

So that five hundred reminders do not promise twenty units, and two of one evening do not both take the last place.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from reorder.engine.contact.deciding import decide
from reorder.engine.contact.values import MARKETING, Contact, Decision, Person, Rules, Shelf, Wanted


def decide_many(
    *,
    wanted: Sequence[Wanted],
    people: Mapping[int, Person],
    shelves: Mapping[str, Shelf],
    rules: Rules,
    moment: dt.datetime,
) -> list[Decision]:
    """One decision for each wanted message, in the order given; decided by value, the key between equals.

    A person who is not among `people` can be reached by nothing. See `decide`.
    """
    people, shelves = dict(people), dict(shelves)
    decisions: dict[str, Decision] = {}
    for one in sorted(wanted, key=lambda one: (-one.value_minor, one.key)):
        person = people.get(one.customer_id) or Person(customer_id=one.customer_id)
        decision = decide(wanted=one, person=person, rules=rules, moment=moment, shelves=shelves)
        decisions[one.key] = decision
        if one.purpose == MARKETING and decision.outcome in {"planned", "held_out"}:
            people[one.customer_id] = replace(person, contacts=_with(person.contacts, one, decision))
            if decision.outcome == "planned":
                _promise(shelves, decision.skus, units=rules.promise_units)
    return [decisions[one.key] for one in wanted]


def _with(contacts: Sequence[Contact], wanted: Wanted, decision: Decision) -> tuple[Contact, ...]:
    """A person's messages after a decision: those that gave way at their new hour, and the new one."""
    moved = {one.message_id: one.at for one in decision.moved}
    kept = [
        replace(one, at=moved.get(one.message_id) or one.at)
        for one in contacts
        if one.message_id not in moved or moved[one.message_id] is not None
    ]
    # What is decided in this lot is worth at least as much as what follows: it need not be movable.
    at = decision.at or wanted.earliest_at
    return (*kept, Contact(message_id=0, channel=decision.channel, at=at, value_minor=wanted.value_minor))


def _promise(shelves: dict[str, Shelf], skus: Sequence[str], *, units: float) -> None:
    for sku in skus:
        if sku in shelves:
            shelves[sku] = replace(shelves[sku], free_units=shelves[sku].free_units - units)
