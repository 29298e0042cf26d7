"""Events into the books: those that can be taken are, the others are told apart with the reason, in one transaction."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from reorder.connectors.base import ShopDefaults
from reorder.domain.behaviour import operations
from reorder.domain.behaviour.rules import NewEvent, bounds_of, judge_events
from reorder.domain.catalog.queries import list_known_skus
from reorder.domain.customers import operations as customers
from reorder.domain.storage import one_transaction
from reorder.flows.event_intake.people import find_people
from reorder.flows.event_intake.telling import KnownEvent, tell_events
from reorder.kernel.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingEvent:
    """What a sender tells: who (the shop's own id, else the e-mail address), what, of which product, when."""

    message_id: str
    kind: str
    happened_at: dt.datetime
    customer_key: str = ""
    email: str = ""
    sku: str = ""
    search_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOutcome:
    """What became of one event: added, known (told before under this message id), or refused with its fault."""

    message_id: str
    outcome: str
    fault: BadInput | None = None


def take_events(*, events: Sequence[IncomingEvent], channel: str, moment: dt.datetime) -> list[EventOutcome]:
    """Take the events of one channel that can be taken; the outcomes stand in the order of `events`.

    An event is known by (channel, message id). Only known customers' events are taken: `customer_key` as in orders of
    this channel, the key of a merged record included; an e-mail address where exactly one customer has it. Everybody
    with a new event is marked, so that conclusions are drawn again, and journeys that listen to it are told. Raises
    TooManyEvents.
    """
    prefix = ShopDefaults(
        time_zone=settings.REORDER.time_zone, currency=settings.REORDER.currency, latest_at=moment, channel=channel
    ).id_prefix
    with one_transaction():
        customers.hold_merges_off()
        named = _resolve(events=events, prefix=prefix)
        faults = judge_events(
            events=named,
            skus=list_known_skus(skus=sorted({event.sku for event in named if event.sku})),
            bounds=bounds_of(moment=moment, kept_days=settings.REORDER.events_kept_days),
        )
        good = [event for event, fault in zip(named, faults, strict=True) if fault is None]
        recorded = operations.record_events(events=good)
        tell_events(events=_known(good, added_ids=recorded.added_ids), moment=moment)
    return _outcomes(events=events, named=named, faults=faults, added_ids=set(recorded.added_ids))


def _resolve(*, events: Sequence[IncomingEvent], prefix: str) -> list[NewEvent]:
    keys = {f"{prefix}{event.customer_key}" for event in events if event.customer_key}
    addresses = {event.email.strip().lower() for event in events if not event.customer_key and event.email}
    known = find_people(keys=keys, addresses=addresses)
    return [_named(event=event, prefix=prefix, known=known) for event in events]


def _named(*, event: IncomingEvent, prefix: str, known: Mapping[str, int]) -> NewEvent:
    customer_id = known.get(f"{prefix}{event.customer_key}" if event.customer_key else event.email.strip().lower())
    return NewEvent(
        message_id=f"{prefix}{event.message_id}" if event.message_id else "",
        customer_id=customer_id,
        kind=event.kind,
        happened_at=event.happened_at,
        sku=event.sku,
        search_text=" ".join(event.search_text.split()),
        customer=event.customer_key or event.email or "nothing",
    )


def _known(events: Sequence[NewEvent], *, added_ids: Collection[str]) -> list[KnownEvent]:
    """Those that are new, once each."""
    first = {event.message_id: event for event in reversed(events) if event.message_id in added_ids}
    return [
        KnownEvent(
            key=event.message_id,
            customer_id=event.customer_id,
            kind=event.kind,
            happened_at=event.happened_at,
            sku=event.sku,
            search_text=event.search_text,
        )
        for event in first.values()
        if event.customer_id is not None
    ]


def _outcomes(
    *,
    events: Sequence[IncomingEvent],
    named: Sequence[NewEvent],
    faults: Sequence[BadInput | None],
    added_ids: set[str],
) -> list[EventOutcome]:
    outcomes = []
    for event, given, fault in zip(events, named, faults, strict=True):
        is_new = fault is None and given.message_id in added_ids
        # The same id a second time in one batch is the same event.
        added_ids.discard(given.message_id)
        word = "refused" if fault else "added" if is_new else "known"
        outcomes.append(EventOutcome(message_id=event.message_id, outcome=word, fault=fault))
    return outcomes
