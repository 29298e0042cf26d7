"""One customer as a page shows them: what is expected, what they are worth, how they may be reached, what happened."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from reorder.domain.behaviour import queries as behaviour
from reorder.domain.behaviour.queries import EventsDay
from reorder.domain.customers import queries as customers
from reorder.domain.customers.queries import CustomerFacts, NoteRow
from reorder.domain.messaging import of_customer as messaging
from reorder.domain.messaging.of_customer import ConsentRow, ContactPointRow, PauseRow, PersonMessageRow, Reach
from reorder.domain.orders import of_customer as orders
from reorder.domain.orders.of_customer import BoughtLine, CustomerOrder, Favourite, OrdersCount
from reorder.domain.planning import of_customer as planning
from reorder.domain.planning import segmenting
from reorder.domain.planning.of_customer import DueRow, ValueRow
from reorder.domain.planning.segmenting import CustomerMove
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.quality import DateError, remember_date_errors
from reorder.kernel import clock

DUE_A_PAGE = 8
ENTRIES_A_PAGE = 15
_FAVOURITES = 6

# A place in the timeline: moment, kind and id of the last entry seen.
TimelinePlace = tuple[dt.datetime, str, int]
DuePlace = tuple[bool, dt.date, str]


@dataclass(frozen=True, slots=True)
class DueProduct:
    """One product's due date with the parameters of its reason, and the reminder that waits for it."""

    row: DueRow
    reason_parameters: Mapping[str, object]
    reminder_at: dt.datetime | None
    is_held_out: bool
    contact: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DuePage:
    """Products of one page of a customer's due dates; `after` begins the next, None on the last.

    `date_errors`: by evidence, how far off such dates were lately, where that is known.
    """

    products: Sequence[DueProduct]
    after: DuePlace | None
    date_errors: Mapping[str, DateError]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened, or will: exactly one of the last seven is given, by `kind`.

    What a customer viewed, put in the cart and searched for is one entry a day (`behaviour`).
    """

    moment: dt.datetime
    kind: str
    id: int
    order: CustomerOrder | None = None
    message: PersonMessageRow | None = None
    consent: ConsentRow | None = None
    note: NoteRow | None = None
    pause: PauseRow | None = None
    events: EventsDay | None = None
    move: CustomerMove | None = None


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Entries of one page, the latest first; `after` begins the next, None on the last."""

    entries: Sequence[TimelineEntry]
    after: TimelinePlace | None


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Everything on the page of one customer."""

    facts: CustomerFacts
    value: ValueRow | None
    orders: OrdersCount | None
    due: DuePage
    contact_points: Sequence[ContactPointRow]
    consents: Sequence[ConsentRow]
    pause: PauseRow | None
    favourites: Sequence[Favourite]
    notes: Sequence[NoteRow]
    timeline: TimelinePage
    moves: Sequence[CustomerMove] = ()


def get_customer(*, actor: Actor, customer_id: int, ability: Ability = Ability.VIEW_CUSTOMERS) -> CustomerFacts:
    """One customer whom this actor may see; raises NotAllowed, UnknownCustomer."""
    actor.require(ability)
    return customers.get_customer(customer_id=customer_id)


def get_customer_page(*, actor: Actor, customer_id: int, today: dt.date) -> CustomerPage:
    """The page of one customer; raises NotAllowed, UnknownCustomer."""
    told = _Told.load(actor=actor, customer_id=customer_id)
    messages = told.messages(before=None, limit=ENTRIES_A_PAGE + 1)
    value = planning.find_value(customer_id=customer_id)
    buying = orders.get_buying(customer_id=customer_id, limit=_FAVOURITES)
    return CustomerPage(
        facts=told.facts,
        value=value,
        orders=buying.orders,
        due=_due_page(customer_id=customer_id, after=None, limit=DUE_A_PAGE, messages=messages, today=today),
        contact_points=told.reach.contact_points,
        consents=told.reach.held_consents,
        pause=told.reach.pause_on(day=today),
        favourites=buying.favourites,
        notes=told.notes,
        timeline=_timeline(told=told, messages=messages, moves=value.moves if value else (), before=None),
        moves=value.moves if value else (),
    )


def get_essentials(*, actor: Actor, customer_id: int, today: dt.date) -> CustomerPage:
    """What the side panel of a list shows: the page without favourites and history. Raises as get_customer_page."""
    facts = get_customer(actor=actor, customer_id=customer_id)
    reach = messaging.get_reach(customer_id=customer_id)
    messages = messaging.list_person_messages(customer_id=customer_id, before=None, limit=5)
    return CustomerPage(
        facts=facts,
        value=planning.find_value(customer_id=customer_id),
        orders=orders.count_orders(customer_ids=[customer_id]).get(customer_id),
        due=_due_page(customer_id=customer_id, after=None, limit=3, messages=messages, today=today),
        contact_points=reach.contact_points,
        consents=reach.held_consents,
        pause=reach.pause_on(day=today),
        favourites=(),
        notes=customers.list_notes(customer_id=customer_id, limit=2),
        timeline=TimelinePage(entries=(), after=None),
    )


def list_due_products(*, actor: Actor, customer_id: int, after: DuePlace, today: dt.date) -> DuePage:
    """The next page of a customer's due dates. Raises NotAllowed, UnknownCustomer."""
    get_customer(actor=actor, customer_id=customer_id)
    messages = messaging.list_person_messages(customer_id=customer_id, before=None, limit=ENTRIES_A_PAGE)
    return _due_page(customer_id=customer_id, after=after, limit=4 * DUE_A_PAGE, messages=messages, today=today)


def list_timeline(*, actor: Actor, customer_id: int, before: TimelinePlace) -> TimelinePage:
    """The next page of what happened with a customer. Raises NotAllowed, UnknownCustomer."""
    told = _Told.load(actor=actor, customer_id=customer_id)
    return _timeline(
        told=told,
        messages=told.messages(before=before, limit=ENTRIES_A_PAGE + 1),
        moves=segmenting.list_settled_moves(customer_id=customer_id),
        before=before,
    )


def list_order_lines(*, actor: Actor, customer_id: int, order_id: int) -> Sequence[BoughtLine]:
    """What one order of a customer was about; empty when there is no such order. Raises NotAllowed, UnknownCustomer."""
    actor.require(Ability.VIEW_ORDERS)
    get_customer(actor=actor, customer_id=customer_id)
    return orders.list_lines_of_order(customer_id=customer_id, order_id=order_id) if order_id < 2**63 else ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What a timeline is made of; the few declarations, pauses and notes of a person are read whole."""

    facts: CustomerFacts
    may_see_orders: bool
    may_see_messages: bool
    reach: Reach
    notes: Sequence[NoteRow]

    @classmethod
    def load(cls, *, actor: Actor, customer_id: int) -> "_Told":
        """Raises NotAllowed, UnknownCustomer."""
        actor.require(Ability.VIEW_CUSTOMERS)
        known = customers.get_customer_with_notes(customer_id=customer_id)
        return cls(
            facts=known.facts,
            may_see_orders=actor.may(Ability.VIEW_ORDERS),
            may_see_messages=actor.may(Ability.VIEW_MARKETING_MESSAGES),
            reach=messaging.get_reach(customer_id=customer_id),
            notes=known.notes,
        )

    @property
    def customer_id(self) -> int:
        return self.facts.id

    def messages(self, *, before: TimelinePlace | None, limit: int) -> Sequence[PersonMessageRow]:
        if not self.may_see_messages:
            return ()
        return messaging.list_person_messages(customer_id=self.customer_id, before=before, limit=limit)

    def orders(self, *, before: TimelinePlace | None, limit: int) -> Sequence[CustomerOrder]:
        if not self.may_see_orders:
            return ()
        return orders.list_orders_of_customer(customer_id=self.customer_id, before=before, limit=limit)

    def event_days(self, *, before: TimelinePlace | None, limit: int) -> Sequence[EventsDay]:
        """What somebody looks at is as personal as what they buy."""
        if not self.may_see_orders:
            return ()
        return behaviour.list_event_days(
            customer_id=self.customer_id, before=before, limit=limit, time_zone=settings.REORDER.time_zone
        )


def _timeline(
    *,
    told: _Told,
    messages: Sequence[PersonMessageRow],
    moves: Sequence[CustomerMove],
    before: TimelinePlace | None,
) -> TimelinePage:
    placed = told.orders(before=before, limit=ENTRIES_A_PAGE + 1)
    days = told.event_days(before=before, limit=ENTRIES_A_PAGE + 1)
    entries = [
        *(TimelineEntry(one.last_at, "behaviour", one.day_number, events=one) for one in days),
        *(TimelineEntry(one.ordered_at, "order", one.id, order=one) for one in placed),
        *(TimelineEntry(one.happened_at, "message", one.id, message=one) for one in messages),
        *(TimelineEntry(one.declared_at, "consent", one.id, consent=one) for one in told.reach.consents),
        *(TimelineEntry(one.written_at, "note", one.id, note=one) for one in told.notes),
        *(TimelineEntry(_night_of(one), "segment", one.id, move=one) for one in moves),
        *(TimelineEntry(one.paused_at, "pause", one.id, pause=one) for one in told.reach.pauses),
        *(
            TimelineEntry(one.resumed_at, "resume", one.id, pause=one)
            for one in told.reach.pauses
            if one.resumed_at is not None
        ),
    ]
    later_first = sorted((one for one in entries if before is None or _place(one) < before), key=_place, reverse=True)
    shown = later_first[:ENTRIES_A_PAGE]
    return TimelinePage(entries=shown, after=_place(shown[-1]) if len(later_first) > ENTRIES_A_PAGE else None)


def _night_of(move: CustomerMove) -> dt.datetime:
    """The beginning of the day on which a night saw the move."""
    return clock.midnight(date=move.date, time_zone=settings.REORDER.time_zone)


def _place(entry: TimelineEntry) -> TimelinePlace:
    return entry.moment, entry.kind, entry.id


def _due_page(
    *,
    customer_id: int,
    after: DuePlace | None,
    limit: int,
    messages: Sequence[PersonMessageRow],
    today: dt.date,
) -> DuePage:
    rows = planning.list_due_of_customer(customer_id=customer_id, after=after, limit=limit + 1)
    waiting = {subject: message for message in messages if message.is_waiting for subject in message.subject_keys}
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return DuePage(
        products=[_due_product(row=row, reminder=waiting.get(row.subject), today=today) for row in shown],
        after=(last.has_ended, last.due_date, last.subject) if last else None,
        date_errors=remember_date_errors() if shown else {},
    )


def _due_product(*, row: DueRow, reminder: PersonMessageRow | None, today: dt.date) -> DueProduct:
    return DueProduct(
        row=row,
        reason_parameters={
            "orders_count": row.orders_count,
            "last_bought": row.last_bought_date.isoformat(),
            "gap_days": max(round(row.usual_gap_days), 1),
            "elapsed_days": (today - row.last_bought_date).days,
            "category": row.category_code,
        },
        reminder_at=reminder.send_after if reminder else None,
        is_held_out=reminder is not None and reminder.state == "held_out",
        contact=(reminder.reason_parameters.get("contact") or {}) if reminder else {},
    )
