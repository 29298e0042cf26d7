"""People as the decision sees them: one look a kind for a whole lot, all within the transaction that holds them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from reorder.domain.customers.reached import HeldPerson
from reorder.domain.marketing.segments import list_segment_codes_of
from reorder.domain.messaging import preferences, reached
from reorder.domain.messaging.compliance import Policy
from reorder.domain.messaging.prices import list_channel_prices
from reorder.domain.messaging.reached import AnswerRow, ContactRow, HeldPause, ReachRow
from reorder.domain.messaging.suppressing import has_suppressions, list_suppressed
from reorder.domain.messaging.topic_rules import NOBODY_SAID, Standing, TopicRow, allowed_categories, refused_codes
from reorder.domain.orders.hours import list_order_hours
from reorder.domain.planning.reached import PersonStanding, list_standings
from reorder.engine import contact, repurchase
from reorder.flows.shop_day import shop_date
from reorder.kernel import clock

# Hours change with jobs and seasons; older orders say little of them.
_HOURS_KEPT: Final = dt.timedelta(days=365)
# The widest cap; a message before it stands in nobody's way.
LONGEST_CAP: Final = dt.timedelta(days=7)
_HIGH_MONEY_SCORE: Final = 5
_HIGH_SEGMENTS: Final = frozenset({"champions", "cannot_lose"})
PRICE_SENSITIVE: Final = frozenset({"price_sensitive", "price-sensitive"})
# What a channel's messages are usually answered with weighs as much as so many of one person's own.
_USUAL_MESSAGES: Final = 5.0
_Row = TypeVar("_Row", ReachRow, HeldPause, ContactRow)


@dataclass(frozen=True, slots=True)
class Laid:
    """What the shop laid down that bears on people: answers to expect by channel, topics, and rules of compliance."""

    usual: Mapping[str, float]
    topics: Sequence[TopicRow]
    policy: Policy


@dataclass(frozen=True, slots=True)
class _Facts:
    reaches: Mapping[int, list[ReachRow]]
    suppressed: Collection[tuple[str, str]] = frozenset()
    answers: Mapping[tuple[int, str], AnswerRow] = field(default_factory=dict)
    pauses: Mapping[int, list[HeldPause]] = field(default_factory=dict)
    contacts: Mapping[int, list[ContactRow]] = field(default_factory=dict)
    standings: Mapping[int, PersonStanding] = field(default_factory=dict)
    segments: Mapping[int, frozenset[str]] = field(default_factory=dict)
    hours: Mapping[int, int] = field(default_factory=dict)
    said: Mapping[int, Standing] = field(default_factory=dict)


def load_people(
    *, people: Sequence[HeldPerson], laid: Laid, moment: dt.datetime, with_marketing: bool
) -> dict[int, contact.Person]:
    """Everything about held people that a decision asks for; of those who only get what they need, the ways to them.

    Args:
        people: held by the caller.
        laid: what the shop laid down.
        moment: now, UTC.
        with_marketing: whether anything but letters that people need is to be decided.
    """
    ids = [one.id for one in people]
    facts = _load(people=people, moment=moment) if with_marketing else _load_ways(ids=ids, moment=moment)
    today = shop_date(moment=moment)
    return {one.id: _person(one, facts=facts, laid=laid, today=today) for one in people}


def _load_ways(*, ids: Sequence[int], moment: dt.datetime) -> _Facts:
    reaches = _list_reaches(ids=ids, moment=moment)
    return _Facts(_by_customer(reaches), _suppressed(reaches))


def _list_reaches(*, ids: Sequence[int], moment: dt.datetime) -> list[ReachRow]:
    """Ways to people; a channel whose month is used up is none until the next."""
    prices = list_channel_prices(today=shop_date(moment=moment))
    used_up = {name for name, price in prices.items() if price.left_count == 0}
    return [row for row in reached.list_reaches(customer_ids=ids) if row.channel not in used_up]


def _suppressed(reaches: Sequence[ReachRow]) -> Collection[tuple[str, str]]:
    if not has_suppressions():
        return frozenset()
    return list_suppressed(addresses={(row.channel, row.address) for row in reaches})


def _load(*, people: Sequence[HeldPerson], moment: dt.datetime) -> _Facts:
    ids = [one.id for one in people]
    reaches = _list_reaches(ids=ids, moment=moment)
    return _Facts(
        reaches=_by_customer(reaches),
        suppressed=_suppressed(reaches),
        answers={(one.customer_id, one.channel): one for one in reached.list_answers(customer_ids=ids, moment=moment)},
        pauses=_by_customer(reached.list_held_pauses(customer_ids=ids, day=shop_date(moment=moment))),
        contacts=_by_customer(reached.hold_contacts(customer_ids=ids, since=moment - LONGEST_CAP, moment=moment)),
        standings=list_standings(customer_ids=ids),
        segments=list_segment_codes_of(customer_ids=ids),
        hours=_best_hours(people=people, moment=moment),
        said=preferences.list_standings(customer_ids=ids),
    )


def _by_customer(rows: Iterable[_Row]) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row.customer_id].append(row)
    return found


def _best_hours(*, people: Sequence[HeldPerson], moment: dt.datetime) -> dict[int, int]:
    """The own hours of those who order around some hour."""
    rows = list_order_hours(
        zones={one.id: one.time_zone for one in people},
        since=moment - _HOURS_KEPT,
        time_zone=settings.REORDER.time_zone,
    )
    schema = {"customer_id": pl.Int64, "hour": pl.Int64, "orders_count": pl.Float64}
    hours = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("customer_id").cast(pl.String))
    best = repurchase.find_best_hours(order_hours=hours, send_hour=settings.REORDER.send_hour)
    own = best.filter("is_own").select("customer_id", "hour")
    return {int(customer_id): hour for customer_id, hour in own.iter_rows()}


def _person(one: HeldPerson, *, facts: _Facts, laid: Laid, today: dt.date) -> contact.Person:
    standing = facts.standings.get(one.id)
    segments = facts.segments.get(one.id, frozenset())
    said = facts.said.get(one.id, NOBODY_SAID)
    return contact.Person(
        customer_id=one.id,
        zone=zone_of(time_zone=one.time_zone),
        reaches=tuple(_reach(row, facts=facts, usual=laid.usual) for row in facts.reaches.get(one.id, ())),
        pauses=tuple(_pause(row) for row in facts.pauses.get(one.id, ())),
        contacts=tuple(_contact(row) for row in facts.contacts.get(one.id, ())),
        best_hour=facts.hours.get(one.id),
        waking=laid.policy.waking_hours(country=one.country),
        own_cap=said.messages_per_week,
        is_erased=one.is_gone,
        refused_topics=refused_codes(topics=laid.topics, standing=said),
        sensitive_allowed=allowed_categories(topics=laid.topics, standing=said),
        age_years=_age(one.birthday, today=today),
        is_high_value=standing is not None
        and (standing.m_score >= _HIGH_MONEY_SCORE or standing.segment in _HIGH_SEGMENTS),
        is_price_sensitive=bool(segments & PRICE_SENSITIVE),
        churn_share=standing.churn_share if standing else 0.0,
        segment_codes=segments,
    )


def _age(birthday: dt.date | None, *, today: dt.date) -> int | None:
    if birthday is None:
        return None
    return today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))


def _reach(row: ReachRow, *, facts: _Facts, usual: Mapping[str, float]) -> contact.Reach:
    answers = facts.answers.get((row.customer_id, row.channel))
    response = None
    if answers is not None and row.channel in usual:
        whole = answers.answered_count + usual[row.channel] * _USUAL_MESSAGES
        response = whole / (answers.sent_count + _USUAL_MESSAGES)
    return contact.Reach(
        channel=row.channel,
        address=row.address,
        is_granted=row.is_granted,
        is_reachable=row.is_reachable and (row.channel, row.address) not in facts.suppressed,
        has_complained=answers is not None and answers.has_complained,
        response_share=response,
    )


def _pause(row: HeldPause) -> contact.Pause:
    if row.resumes_date is None:
        return contact.Pause(cause=row.cause)
    # Pauses end with a day of the shop's calendar.
    ends = clock.midnight(date=row.resumes_date, time_zone=settings.REORDER.time_zone)
    return contact.Pause(cause=row.cause, resumes_at=ends)


def _contact(row: ContactRow) -> contact.Contact:
    return contact.Contact(
        message_id=row.id,
        channel=row.channel,
        at=row.at,
        value_minor=row.value_minor,
        is_movable=row.is_movable,
        latest_at=row.expires_at,
        key=row.key,
    )


def zone_of(*, time_zone: str) -> ZoneInfo:
    """A person's clock; the shop's where none, or none that exists, is known."""
    return clock.zone_of(time_zone=time_zone, otherwise=settings.REORDER.time_zone)
