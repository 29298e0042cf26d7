"""Messages for people: what waits and what needs somebody, and of one message why this person and why now.

Marketing and supplier mail are seen and decided by different people, and supplier mail only at the actor's places.
What an actor may not see is not there.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from reorder.domain.customers import queries as customers
from reorder.domain.customers.queries import CustomerRow
from reorder.domain.messaging import of_customer, queries
from reorder.domain.messaging import outbox_pages as pages
from reorder.domain.messaging.errors import UnknownMessage
from reorder.domain.messaging.of_customer import ConsentRow, PauseRow, PersonMessageRow, Reach
from reorder.domain.messaging.outbox_pages import DecisionPageRow, OutboxCounts, OutboxTab
from reorder.domain.messaging.queries import MessageRow, OutboxRow
from reorder.domain.messaging.rules import STAFF_PURPOSE
from reorder.domain.planning import of_customer as planning_of_customer
from reorder.domain.planning import queries as planning
from reorder.domain.planning.of_customer import DueRow
from reorder.domain.purchasing.queries.order_places import find_order_places
from reorder.domain.staff.queries import AuditRow, list_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights import due
from reorder.kernel import clock

CAP_DAYS = 7
_FAILED_DAYS = 7
_FOUND_PEOPLE = 200
_READ_PAST_AT_ONCE = 1000
_DUE_SHOWN = 200


@dataclass(frozen=True, slots=True)
class MessagesSummary:
    """What the outbox needs of this actor; counts stop at 10,000, failures are those of the last seven days."""

    planned_today_count: int
    waiting_count: int
    parked_count: int
    failed_count: int
    is_approval_needed: bool


@dataclass(frozen=True, slots=True)
class MessageList:
    """One page of a tab; `next_after` goes on behind it when more follow."""

    rows: Sequence[OutboxRow]
    next_after: tuple[dt.datetime | None, int] | None


@dataclass(frozen=True, slots=True)
class MessageItem:
    """One product of a message, with what was known when it was planned and what is known today."""

    product_id: int
    name: str
    sku: str
    subject: str
    gap_days: int | None
    hit_percent: int | None
    remind_date: dt.date | None
    last_bought_date: dt.date | None
    is_own_rhythm: bool
    due: DueRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """One message and everything that explains it; what is about a customer is empty for supplier mail."""

    facts: OutboxRow
    message: MessageRow
    customer: CustomerRow | None
    items: Sequence[MessageItem]
    consent: ConsentRow | None
    pause: PauseRow | None
    others: Sequence[PersonMessageRow]
    cap_count: int
    local_send_at: dt.datetime
    has_own_zone: bool
    history: Sequence[AuditRow]
    can_decide: bool
    is_approval_needed: bool

    @property
    def waits_for_approval(self) -> bool:
        """Whether it stays until somebody lets it go."""
        facts = self.facts
        is_open = facts.state == "planned" and facts.purpose == "marketing" and facts.approved_at is None
        return self.is_approval_needed and is_open


def purposes_of(*, actor: Actor) -> tuple[str, ...]:
    """What this actor may see."""
    marketing = ("marketing", "transactional") if actor.may(Ability.VIEW_MARKETING_MESSAGES) else ()
    supplier = ("supplier",) if actor.may(Ability.VIEW_SUPPLIER_MESSAGES) else ()
    # Digests to staff tell what their receivers may see: only owners see those of others.
    staff = (STAFF_PURPOSE,) if actor.may(Ability.MANAGE_USERS) else ()
    return (*marketing, *supplier, *staff)


def may_decide(*, actor: Actor, purpose: str) -> bool:
    """Whether this actor may stop, approve or send again messages of this purpose."""
    is_supplier = purpose == "supplier"
    return actor.may(Ability.DECIDE_SUPPLIER_MESSAGES if is_supplier else Ability.DECIDE_MARKETING_MESSAGES)


def summarise_messages(*, actor: Actor, moment: dt.datetime | None = None) -> MessagesSummary:
    """What the outbox needs of this actor now; all zero for somebody who may see no message."""
    counts = count_messages(actor=actor, moment=moment or clock.current_moment())
    return MessagesSummary(
        planned_today_count=counts.planned_count,
        waiting_count=counts.waiting_count,
        parked_count=counts.parked_count,
        failed_count=counts.failed_count,
        is_approval_needed=settings.REORDER.message_approval,
    )


def count_messages(*, actor: Actor, moment: dt.datetime) -> OutboxCounts:
    """Counts for tabs; supplier mail of all places is no number for somebody who is limited to some."""
    purposes = [one for one in purposes_of(actor=actor) if one != "supplier" or not actor.place_codes]
    zone = settings.REORDER.time_zone
    tomorrow = clock.date_at(moment=moment, time_zone=zone) + dt.timedelta(days=1)
    return pages.count_outbox(
        purposes=purposes,
        is_approval_needed=settings.REORDER.message_approval,
        until=clock.midnight(date=tomorrow, time_zone=zone),
        failed_since=moment - dt.timedelta(days=_FAILED_DAYS),
    )


def list_messages(
    *,
    actor: Actor,
    tab: OutboxTab,
    search: str = "",
    after: tuple[dt.datetime | None, int] | None = None,
    until_id: int | None = None,
    limit: int = 50,
) -> MessageList:
    """One page of messages that this actor may see, none planned after `until_id` when it is given.

    Letters about places that are not the actor's are read past, many at a time.
    """
    people = _find_people(search) if search else None
    seen: list[OutboxRow] = []
    read_count = limit + 1
    while len(seen) <= limit:
        rows = pages.list_outbox_page(
            tab=tab,
            purposes=purposes_of(actor=actor),
            is_approval_needed=settings.REORDER.message_approval,
            customer_ids=people,
            text=search,
            after=after,
            until_id=until_id,
            limit=read_count,
        )
        seen += _visible(rows, actor=actor)
        if len(rows) < read_count:
            break
        after = pages.place_in_tab(tab=tab, row=rows[-1])
        read_count = max(read_count, _READ_PAST_AT_ONCE)
    more = len(seen) > limit
    return MessageList(rows=seen[:limit], next_after=pages.place_in_tab(tab=tab, row=seen[limit - 1]) if more else None)


def find_newest_id() -> int:
    """The message that was planned last: what a page shown now can speak about."""
    return pages.find_newest_id()


def list_decidable_ids(*, actor: Actor, ids: Sequence[int]) -> list[int]:
    """Those of these messages that this actor may decide about; the others are not there."""
    rows = _visible(pages.list_message_facts(ids=ids), actor=actor)
    return [row.id for row in rows if may_decide(actor=actor, purpose=row.purpose)]


def get_message_page(*, actor: Actor, message_id: int) -> MessagePage:
    """One message with its reasons; raises UnknownMessage, also for one that this actor may not see."""
    message = get_message_text(actor=actor, message_id=message_id)
    facts = message.row
    person = _person(facts)
    others = _others(facts) if person else []
    reach = of_customer.get_reach(customer_id=person.id) if person else None
    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    zone, has_own_zone = _zone(person)
    return MessagePage(
        facts=facts,
        message=message,
        customer=person,
        items=_items(message, person),
        consent=_marketing_consent(reach),
        pause=reach.pause_on(day=today) if reach else None,
        others=others[:10],
        cap_count=_count_in_cap(facts, others),
        local_send_at=facts.send_after.astimezone(zone),
        has_own_zone=has_own_zone,
        history=list_audit(subject_kind="message", subject_key=str(message_id), limit=20),
        can_decide=may_decide(actor=actor, purpose=facts.purpose),
        is_approval_needed=settings.REORDER.message_approval,
    )


def get_message_text(*, actor: Actor, message_id: int) -> MessageRow:
    """The words of one message; raises UnknownMessage, also for one that this actor may not see."""
    message = queries.get_message(message_id=message_id) if 0 < message_id < 2**63 else None
    if message is None or not _visible([message.row], actor=actor):
        raise UnknownMessage(message_id=message_id)
    return message


@dataclass(frozen=True, slots=True)
class Suppressions:
    """Why due reminders of one night were not sent: pairs by reason code, the most frequent first."""

    run_id: int
    as_of_date: dt.date
    counts: Sequence[tuple[str, int]]
    due_count: int


def find_suppressions(*, actor: Actor) -> Suppressions | None:
    """The latest night's decisions in numbers; None before the first night."""
    actor.require(Ability.VIEW_MARKETING_MESSAGES)
    run = planning.find_latest_run(kind="night", state="succeeded")
    if run is None:
        return None
    # The step that decides keeps its counts: nobody counts the decisions of a million customers for a page.
    step = next((step for step in planning.list_steps(run_id=run.id) if step.name == "plan_reminders"), None)
    details = step.details if step else {}
    counts = [(code, int(count)) for code, count in details.items() if isinstance(count, int)]
    kept_back = [pair for pair in counts if pair[0] not in {"reminder.planned", "reminder.held_out"}]
    kept_back.sort(key=lambda pair: (-pair[1], pair[0]))
    return Suppressions(run.id, run.as_of_date, kept_back, sum(count for _, count in counts))


def list_suppressed(
    *,
    actor: Actor,
    run_id: int,
    reason_code: str = "",
    search: str = "",
    after: tuple[int, str] | None = None,
    limit: int = 50,
) -> tuple[list[DecisionPageRow], bool]:
    """One page of the decisions that left no message, and whether more follow."""
    actor.require(Ability.VIEW_MARKETING_MESSAGES)
    people = _find_people(search) if search else None
    rows = pages.list_decision_page(
        run_key=run_id, reason_code=reason_code, customer_ids=people, after=after, limit=limit + 1
    )
    return rows[:limit], len(rows) > limit


def name_subjects(*, rows: Sequence[DecisionPageRow]) -> dict[str, str]:
    """What to call the products and categories that these decisions are about."""
    return {key: name for key, (name, _) in due.name_subjects(subjects={row.subject_key for row in rows}).items()}


def _find_people(search: str) -> list[int]:
    """Customers whom a person may mean by what they typed: by name or shop's key, or by a whole address."""
    found = customers.find_customers_by_words(text=search, limit=_FOUND_PEOPLE)
    return found + (queries.list_customers_by_address(address=search) if "@" in search else [])


def _visible(rows: Sequence[OutboxRow], *, actor: Actor) -> list[OutboxRow]:
    """Those rows whose purpose this actor may see, supplier mail only at the actor's places."""
    allowed = purposes_of(actor=actor)
    seen = [row for row in rows if row.purpose in allowed]
    if not actor.place_codes:
        return seen
    numbers = {row.id: str(row.reason_parameters.get("number", "")) for row in seen if row.purpose == "supplier"}
    places = find_order_places(numbers=list(numbers.values())) if numbers else {}
    return [row for row in seen if row.id not in numbers or _is_at(places.get(numbers[row.id]), actor)]


def _is_at(place_code: str | None, actor: Actor) -> bool:
    return place_code is not None and actor.may_at(place_code)


def _person(facts: OutboxRow) -> CustomerRow | None:
    if facts.customer_id is None:
        return None
    return customers.list_customer_names(ids=[facts.customer_id]).get(facts.customer_id)


def _marketing_consent(reach: Reach | None) -> ConsentRow | None:
    held = reach.held_consents if reach else []
    return next((one for one in held if (one.channel, one.purpose) == ("email", "marketing")), None)


def _others(facts: OutboxRow) -> list[PersonMessageRow]:
    rows = of_customer.list_person_messages(customer_id=facts.customer_id or 0, before=None, limit=50)
    return [row for row in rows if row.id != facts.id]


def _count_in_cap(facts: OutboxRow, others: Collection[PersonMessageRow]) -> int:
    """Marketing messages of the seven days before this one, as the weekly cap counts them."""
    counted = {"planned", "held_out", "sending", "sent", "unknown"}
    since = facts.send_after - dt.timedelta(days=CAP_DAYS)
    return sum(
        1
        for one in others
        if one.purpose == "marketing" and one.state in counted and since < one.happened_at <= facts.send_after
    )


def _zone(person: CustomerRow | None) -> tuple[ZoneInfo, bool]:
    """Whose clock counts, and whether it is the person's own."""
    given = person.time_zone if person else ""
    zone = clock.zone_of(time_zone=given, otherwise=settings.REORDER.time_zone)
    return zone, zone.key == given


def _items(message: MessageRow, person: CustomerRow | None) -> list[MessageItem]:
    told = {str(one.get("subject", "")): one for one in message.row.reason_parameters.get("items", [])}
    due = _due(person, subjects=set(told)) if person and told else {}
    items = []
    for item in message.items:
        one = told.get(item.subject_key, {})
        sku = str(one.get("sku", item.subject_key))
        items.append(
            MessageItem(
                product_id=item.product_id,
                name=str(one.get("product", item.subject_key)),
                sku=sku,
                subject=item.subject_key,
                gap_days=one.get("gap_days"),
                hit_percent=one.get("hit_percent"),
                remind_date=_day(one.get("remind_date")),
                last_bought_date=item.last_bought_date,
                is_own_rhythm=bool(one.get("is_own_rhythm", False)),
                due=due.get(item.subject_key),
            )
        )
    return items


def _due(person: CustomerRow, *, subjects: Collection[str]) -> dict[str, DueRow]:
    rows = planning_of_customer.list_due_of_customer(customer_id=person.id, after=None, limit=_DUE_SHOWN)
    return {row.subject: row for row in rows if row.subject in subjects}


def _day(text: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        return None
