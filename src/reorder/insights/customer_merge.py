"""Two records that may be one person: who comes into question, and what a merge of two would leave."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reorder.domain.behaviour.queries import count_events
from reorder.domain.customers import queries as customers
from reorder.domain.customers.errors import CustomerErased, SameCustomer
from reorder.domain.customers.queries import CustomerFacts, CustomerRow
from reorder.domain.messaging import of_customer as messaging
from reorder.domain.messaging.of_customer import ConsentRow, PauseRow, Reach
from reorder.domain.orders import of_customer as orders
from reorder.domain.orders.of_customer import OrdersCount
from reorder.domain.staff.rules import Ability, Actor

CANDIDATES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be the same person; `shares_address`: it has an e-mail address of the other one."""

    row: CustomerRow
    orders: OrdersCount | None
    shares_address: bool


@dataclass(frozen=True, slots=True)
class Candidates:
    """Records to choose from, those with the same address first; `has_more`: the search fits others too."""

    facts: CustomerFacts
    rows: Sequence[Candidate]
    search: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One of two records, as far as a merge is concerned."""

    facts: CustomerFacts
    orders: OrdersCount | None
    reach: Reach
    pause: PauseRow | None
    notes_count: int
    events_count: int

    @property
    def consent(self) -> ConsentRow | None:
        """What this record says about marketing by e-mail; None: never declared."""
        held = self.reach.held_consents
        return next((one for one in held if (one.channel, one.purpose) == ("email", "marketing")), None)


@dataclass(frozen=True, slots=True)
class MergePreview:
    """Both records, and whether marketing mail will be allowed after the merge; None: never declared."""

    keep: Record
    absorb: Record
    will_allow_marketing: bool | None


def list_candidates(*, actor: Actor, customer_id: int, search: str) -> Candidates:
    """Records that may be the same person: by what was typed, else by the same name; and those with the same address.

    Raises NotAllowed, UnknownCustomer, CustomerErased.
    """
    facts = _get(actor=actor, customer_id=customer_id)
    reach = messaging.get_reach(customer_id=customer_id)
    addresses = [point.address for point in reach.contact_points if point.channel == "email"]
    sharing = messaging.list_customers_with_addresses(addresses=addresses) if addresses else []
    text = search or facts.name
    named = customers.find_customers_by_words(text=text, limit=10 * CANDIDATES_SHOWN) if text else []
    if "@" in search:
        named += messaging.list_customers_with_addresses(addresses=[search])
    first = [number for number in sharing if number != customer_id]
    others = sorted({number for number in named if number != customer_id} - set(first))
    # What somebody types is what they want to see; without it, the likeliest come first.
    wanted = [*others, *first] if search else [*first, *others]
    shown = wanted[:CANDIDATES_SHOWN]
    rows = customers.list_customer_names(ids=shown)
    counted = orders.count_orders(customer_ids=shown) if shown else {}
    return Candidates(
        facts=facts,
        rows=[Candidate(rows[one], counted.get(one), one in first) for one in shown if one in rows],
        search=search,
        has_more=len(wanted) > CANDIDATES_SHOWN,
    )


def preview_merge(*, actor: Actor, keep_id: int, absorb_id: int, today: dt.date) -> MergePreview:
    """What two records are, and what would hold after a merge.

    Raises NotAllowed, UnknownCustomer, CustomerErased, SameCustomer.
    """
    if keep_id == absorb_id:
        raise SameCustomer
    keep, absorb = (_record(actor=actor, customer_id=number, today=today) for number in (keep_id, absorb_id))
    said = [one.consent.is_granted for one in (keep, absorb) if one.consent is not None]
    return MergePreview(keep=keep, absorb=absorb, will_allow_marketing=all(said) if said else None)


def _get(*, actor: Actor, customer_id: int) -> CustomerFacts:
    actor.require(Ability.MERGE_CUSTOMERS)
    facts = customers.get_customer(customer_id=customer_id)
    if facts.erased_at is not None:
        raise CustomerErased
    return facts


def _record(*, actor: Actor, customer_id: int, today: dt.date) -> Record:
    facts = _get(actor=actor, customer_id=customer_id)
    reach = messaging.get_reach(customer_id=customer_id)
    return Record(
        facts=facts,
        orders=orders.count_orders(customer_ids=[customer_id]).get(customer_id),
        reach=reach,
        pause=reach.pause_on(day=today),
        notes_count=len(customers.list_notes(customer_id=customer_id)),
        events_count=count_events(customer_id=customer_id),
    )
