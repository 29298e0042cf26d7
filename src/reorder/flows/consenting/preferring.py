"""The preference centre behind the link of a mail: topics, channels, how often, a rest, the language, or nothing more.

The link names a customer by a signed mark; whoever a mail is forwarded to sees choices, never a name or an address.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from reorder.domain.customers import queries as customers
from reorder.domain.customers.operations import hold_merges_off, lock_customer
from reorder.domain.customers.queries import CustomerFacts
from reorder.domain.customers.saved_addresses import change_own_facts
from reorder.domain.messaging import operations, preferences
from reorder.domain.messaging.errors import AlreadyPaused, BadUnsubscribeToken, NotPaused
from reorder.domain.messaging.of_customer import Reach, get_reach
from reorder.domain.messaging.operations import NewConsent
from reorder.domain.messaging.operations.pausing import stop_waiting_of_channel
from reorder.domain.messaging.operations.traces import withdraw_of_source
from reorder.domain.messaging.preferences import MOST_A_WEEK, NewTopicEntry, list_topics, list_waiting_sources
from reorder.domain.messaging.topic_rules import TopicRow, refused_codes, topic_of
from reorder.domain.planning.operations import mark_dirty
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.consenting.signing_up import tell_of_consent
from reorder.flows.repeat_cycle.wording import language_of
from reorder.kernel.clock import date_at
from reorder.kernel.ids import idempotency_key

REST: Final = dt.timedelta(days=30)
PAGE: Final = "preference page"
_BY_CUSTOMER: Final = "customer"
_REST_WORDS: Final = "Asked for a rest on the preference page."


@dataclass(frozen=True, slots=True)
class TopicChoice:
    """A topic as its reader sees it."""

    code: str
    name: str
    words: str
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Centre:
    """What the page shows. `rests_until` is set while news rest because the person asked for it."""

    language: str
    is_subscribed: bool
    topics: Sequence[TopicChoice]
    channels: Mapping[str, bool]
    messages_per_week: int | None
    rests_until: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What somebody chose on the page."""

    topics: Collection[str]
    channels: Collection[str]
    messages_per_week: int | None
    language: str


def open_centre(*, mark: str, moment: dt.datetime) -> Centre:
    """What the person behind the mark of a mail chose so far; changes nothing. Raises BadUnsubscribeToken."""
    person = _person(mark)
    reach = get_reach(customer_id=person.id)
    standing = preferences.get_standing(customer_id=person.id)
    language = language_of(customer_language=person.language, shop_language=settings.REORDER.language)
    channels = _channels(reach)
    pause = reach.pause_on(day=_today(moment))
    return Centre(
        language=language,
        is_subscribed=any(channels.values()),
        topics=[
            TopicChoice(topic.code, *topic.named(language=language), standing.wants(topic)) for topic in list_topics()
        ],
        channels=channels,
        messages_per_week=standing.messages_per_week,
        rests_until=pause.resumes_date if pause and pause.paused_by == _BY_CUSTOMER else None,
    )


def save_choices(*, mark: str, choices: Choices, moment: dt.datetime) -> None:
    """Write down what differs; what waits and is wanted no more is withdrawn. Raises BadUnsubscribeToken."""
    with one_transaction():
        person = _hold(mark)
        centre = open_centre(mark=mark, moment=moment)
        _declare(person=person, mark=mark, granted=set(choices.channels), before=centre.channels, moment=moment)
        _choose_topics(person=person, mark=mark, centre=centre, choices=choices, moment=moment)
        wanted = choices.messages_per_week
        if wanted != centre.messages_per_week and (wanted is None or 1 <= wanted <= MOST_A_WEEK):
            preferences.set_messages_per_week(customer_id=person.id, messages_per_week=wanted, moment=moment)
        if choices.language and choices.language != centre.language:
            change_own_facts(customer_id=person.id, name=person.name, language=choices.language)
        _withdraw_refused(person=person, moment=moment)
        _note(person, action="consents.choose")


def refuse_mail(*, mark: str, source: str, moment: dt.datetime) -> None:
    """No more news by e-mail, as one click in a mail program says; what waits is withdrawn. Again changes nothing.

    Takes marks alone: an id or an address could be guessed by anybody on the web. Raises BadUnsubscribeToken.
    """
    with one_transaction():
        person = _hold(mark)
        before = _channels(get_reach(customer_id=person.id))
        stays = {channel for channel, held in before.items() if held and channel != "email"}
        _declare(person=person, mark=mark, granted=stays, before=before, moment=moment, source=source)
        stop_waiting_of_channel(
            customer_id=person.id, channel="email", outcome_code="outbox.stopped.no_consent", moment=moment
        )
        _note(person, action="messages.unsubscribe")


def refuse_news(*, mark: str, source: str, moment: dt.datetime) -> None:
    """No more news by any channel; what waits is withdrawn. Again changes nothing. Raises BadUnsubscribeToken."""
    with one_transaction():
        person = _hold(mark)
        before = _channels(get_reach(customer_id=person.id))
        _declare(person=person, mark=mark, granted=set(), before=before, moment=moment, source=source)
        operations.stop_waiting_marketing(
            customer_id=person.id, outcome_code="outbox.stopped.no_consent", moment=moment
        )
        _note(person, action="messages.unsubscribe")


def rest_from_news(*, mark: str, moment: dt.datetime) -> dt.date:
    """No news for 30 days, and then again; returns the first day on which they may come.

    Where marketing rests already it stays as it is. Raises BadUnsubscribeToken.
    """
    today = _today(moment)
    until = today + REST
    with one_transaction():
        person = _hold(mark)
        try:
            operations.start_pause(
                customer_id=person.id,
                reason=_REST_WORDS,
                resumes_date=until,
                paused_by=_BY_CUSTOMER,
                moment=moment,
                today=today,
            )
        except AlreadyPaused:
            return until
        operations.stop_waiting_marketing(customer_id=person.id, outcome_code="outbox.stopped.paused", moment=moment)
        _note(person, action="consents.rest")
    return until


def end_rest(*, mark: str, moment: dt.datetime) -> None:
    """News may come again; only a rest that the person asked for is ended. Raises BadUnsubscribeToken."""
    with one_transaction():
        person = _hold(mark)
        pause = get_reach(customer_id=person.id).pause_on(day=_today(moment))
        if pause is None or pause.paused_by != _BY_CUSTOMER:
            return
        try:
            operations.end_pause(customer_id=person.id, resumed_by=_BY_CUSTOMER, moment=moment, today=_today(moment))
        except NotPaused:
            return
        _note(person, action="consents.end_rest")


def _declare(
    *,
    person: CustomerFacts,
    mark: str,
    granted: set[str],
    before: Mapping[str, bool],
    moment: dt.datetime,
    source: str = PAGE,
) -> None:
    """One entry for each channel that changed; a channel that the person has no address for cannot be granted.

    A refusal is told of the message whose link was used.
    """
    changed = {channel: channel in granted for channel, held in before.items() if held != (channel in granted)}
    operations.record_consents(
        consents=[
            NewConsent(
                customer_id=person.id,
                channel=channel,
                is_granted=is_granted,
                source=source,
                declared_at=moment,
                idempotency_key=idempotency_key("preferences", person.id, channel, moment.isoformat()),
                proof=mark.strip(),
            )
            for channel, is_granted in changed.items()
        ]
    )
    for channel, is_granted in changed.items():
        if is_granted:
            tell_of_consent(
                customer_id=person.id, channel=channel, key=f"{person.id}:{channel}:{moment.isoformat()}", moment=moment
            )
    if False in changed.values():
        operations.note_unsubscribed(mark=operations.read_mark(token=mark), moment=moment)
    mark_dirty(kind="segment", subject_keys=[str(person.id)])


def _choose_topics(*, person: CustomerFacts, mark: str, centre: Centre, choices: Choices, moment: dt.datetime) -> None:
    wanted = set(choices.topics)
    preferences.record_topics(
        entries=[
            NewTopicEntry(
                customer_id=person.id,
                topic=topic.code,
                is_wanted=topic.code in wanted,
                source=PAGE,
                declared_at=moment,
                idempotency_key=idempotency_key("topic", person.id, topic.code, moment.isoformat()),
                proof=mark.strip(),
            )
            for topic in centre.topics
            if topic.is_wanted != (topic.code in wanted)
        ]
    )


def _withdraw_refused(*, person: CustomerFacts, moment: dt.datetime) -> None:
    """What waits and belongs to a topic that is not wanted any more does not go."""
    topics: Sequence[TopicRow] = list_topics()
    refused = refused_codes(topics=topics, standing=preferences.get_standing(customer_id=person.id))
    for source_kind, source_key in list_waiting_sources(customer_id=person.id):
        # Reminders of the night that no journey plans name no source.
        topic = topic_of(topics=topics, source_kind=source_kind or "reminder", source_key=source_key)
        if topic is not None and topic.code in refused:
            withdraw_of_source(
                source_kind=source_kind,
                source_key=source_key,
                customer_id=person.id,
                outcome_code="outbox.stopped.topic",
                moment=moment,
            )


def _channels(reach: Reach) -> dict[str, bool]:
    """Channels by which the person can be reached, e-mail first, each with whether marketing may come by it."""
    held = {one.channel: one.is_granted for one in reach.held_consents if one.purpose == "marketing"}
    known = dict.fromkeys(["email", *(one.channel for one in reach.contact_points), *held])
    return {channel: held.get(channel, False) for channel in known}


def _hold(mark: str) -> CustomerFacts:
    hold_merges_off()
    person = _person(mark)
    lock_customer(customer_id=person.id)
    return person


def _person(mark: str) -> CustomerFacts:
    customer_id = operations.read_mark(token=mark).customer_id
    # A mail may have gone out before its customer's record was merged into another.
    kept_id = customers.find_kept_ids(ids=[customer_id]).get(customer_id)
    if kept_id is None:
        raise BadUnsubscribeToken(token=mark)
    person = customers.get_customer(customer_id=kept_id)
    if person.erased_at is not None:
        raise BadUnsubscribeToken(token=mark)
    return person


def _today(moment: dt.datetime) -> dt.date:
    return date_at(moment=moment, time_zone=settings.REORDER.time_zone)


def _note(person: CustomerFacts, *, action: str) -> None:
    record_audit(actor=f"customer:{person.id}", action=action, subject_kind="customer", subject_key=str(person.id))
