"""Calls of browsers, apps and servers into the inbox: who sends is found, what is sent is judged, then it is safe.

Nothing is placed here: the drain does that a second later. So an answer costs one short transaction.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from django.conf import settings

from reorder.connectors.base import ShopDefaults
from reorder.domain.behaviour import errors
from reorder.domain.behaviour.bots import is_crawler
from reorder.domain.behaviour.ga4_calls import MOST_EVENTS, calls_of_ga4
from reorder.domain.behaviour.inbox import append_rows
from reorder.domain.behaviour.inbox_rules import InboxRow
from reorder.domain.behaviour.rules import bounds_of
from reorder.domain.behaviour.segment_calls import Refusal, read_calls, refused
from reorder.domain.behaviour.senders import Person, Sender
from reorder.domain.behaviour.sources import SourceRow, get_source_of_key, list_sources, proves_user
from reorder.domain.behaviour.visitors import read_visit
from reorder.flows.throttling import count_roughly, count_tries, seconds_left

# What Segment takes: 32 kB an event, 500 kB a call.
LARGEST_EVENT: Final = 32_000
LARGEST_CALL: Final = 500_000
MOST_CALLS: Final = 2_500
# A call is read to here, so that one event of a megabyte does not cost its sender the others.
LARGEST_BODY: Final = 4_000_000
# How long a sender that was too fast waits at most.
_PACE_SPAN: Final = dt.timedelta(seconds=10)
_REFUSED_SPAN: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """Who asks to be let in: a write key, or a server whose token was looked at already; what its browser says."""

    write_key: str = ""
    is_trusted: bool = False
    origin: str = ""
    user_agent: str = ""
    asks_for_privacy: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a call: how many rows are safe, what was refused, and of which source it was."""

    rows_count: int
    refusals: list[Refusal] = field(default_factory=list)


def take_calls(*, body: bytes, kind: str, knock: Knock, moment: dt.datetime) -> Taken:
    """Take one call (`kind` is its type, or batch); what is not refused is committed when this returns.

    Raises CallUnreadable, CallTooLarge, TooManyEvents, UnknownWriteKey, OriginNotAllowed, TrackingTooFast.
    """
    given = _object(body)
    source = _source(knock, told=given.get("writeKey"))
    sender = _sender(source, knock, moment)
    if kind == "batch":
        calls = given.get("batch")
        if not isinstance(calls, list):
            raise errors.CallUnreadable(reason="batch is not a list")
    else:
        calls = [{**given, "type": kind}]
    _keep_pace(source, count=len(calls), moment=moment)
    return _take(calls, sender=sender, sent_at=given.get("sentAt"), body_size=len(body))


def take_ga4(*, body: bytes, knock: Knock, moment: dt.datetime) -> Taken:
    """Take a call of GA4's Measurement Protocol, of a server with a token; errors as take_calls."""
    given = _object(body)
    source = _source(knock, told=None)
    calls = calls_of_ga4(body=given)
    if len(calls) > MOST_EVENTS:
        raise errors.TooManyEvents(count=len(calls), limit=MOST_EVENTS)
    _keep_pace(source, count=len(calls), moment=moment)
    return _take(calls, sender=_sender(source, knock, moment), sent_at=None, body_size=len(body))


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise errors.CallUnreadable(reason=str(fault)[:200]) from None
    if not isinstance(given, dict):
        raise errors.CallUnreadable(reason="it is not an object")
    return given


def _source(knock: Knock, *, told: object) -> SourceRow | None:
    """The source of the key that the request or its body names. A server needs none, where there is no choice."""
    write_key = knock.write_key or (told if isinstance(told, str) else "")
    if not write_key and knock.is_trusted:
        active = [one for one in list_sources() if one.is_active]
        return active[0] if len(active) == 1 else None
    source = get_source_of_key(write_key=write_key)
    if knock.origin and not knock.is_trusted and knock.origin not in source.origins:
        raise errors.OriginNotAllowed(origin=knock.origin[:200])
    return source


def count_refused_today(*, source_id: int, moment: dt.datetime) -> int:
    """How many events of a source were turned away today (UTC) because it sent faster than it may."""
    return count_tries(key=f"tracking-refused:{source_id}", moment=moment, span=_REFUSED_SPAN)


def _keep_pace(source: SourceRow | None, *, count: int, moment: dt.datetime) -> None:
    """Refuse a call once its source has sent more than it may; servers without a source are held by their token."""
    if source is None:
        return
    most = source.events_per_second * int(_PACE_SPAN.total_seconds())
    times = max(count, 1)
    so_far = count_roughly(key=f"tracking:{source.id}", times=times, moment=moment, most=most, span=_PACE_SPAN)
    # A first call is taken however large it is: waiting would not make it smaller.
    if so_far > most and so_far > times:
        count_roughly(key=f"tracking-refused:{source.id}", times=times, moment=moment, most=most, span=_REFUSED_SPAN)
        raise errors.TrackingTooFast(
            limit=source.events_per_second,
            span=int(_PACE_SPAN.total_seconds()),
            seconds=seconds_left(moment=moment, span=_PACE_SPAN),
        )


def _sender(source: SourceRow | None, knock: Knock, moment: dt.datetime) -> Sender:
    channel = source.channel if source else "file"
    defaults = ShopDefaults(
        time_zone=settings.REORDER.time_zone, currency=settings.REORDER.currency, latest_at=moment, channel=channel
    )

    def prove(user_id: str, proof: str) -> bool:
        return source is not None and proves_user(source=source, user_id=user_id, proof=proof)

    def read_mark(mark: str) -> Person | None:
        found = read_visit(mark=mark, moment=moment)
        return Person(f"c:{found.customer_id}", found.proof) if found else None

    return Sender(
        source_id=source.id if source else None,
        id_prefix=defaults.id_prefix,
        before_consent=source.before_consent if source else "events",
        address_patterns=source.address_patterns if source else (),
        received_at=moment,
        bounds=bounds_of(moment=moment, kept_days=settings.REORDER.events_kept_days),
        is_trusted=knock.is_trusted,
        user_agent=knock.user_agent,
        asks_for_privacy=knock.asks_for_privacy,
        prove=prove,
        read_mark=read_mark,
        is_crawler=is_crawler,
    )


def _take(calls: list[Any], *, sender: Sender, sent_at: object, body_size: int) -> Taken:
    if len(calls) > MOST_CALLS:
        raise errors.TooManyEvents(count=len(calls), limit=MOST_CALLS)
    small, large = _by_size(calls, sender=sender, body_size=body_size)
    read = read_calls(calls=small, sender=sender, sent_at=sent_at)
    append_rows(rows=[*read.rows, *(row for row, _ in large)])
    return Taken(len(read.rows), sorted([*read.refusals, *(one for _, one in large)], key=lambda one: one.entry))


def _by_size(
    calls: list[Any], *, sender: Sender, body_size: int
) -> tuple[list[tuple[int, Mapping[str, Any]]], list[tuple[InboxRow, Refusal]]]:
    """The calls that are small enough, each with its place; and those that are not, refused."""
    if body_size <= LARGEST_EVENT:
        return list(enumerate(calls)), []
    sizes = [len(orjson.dumps(call)) for call in calls]
    limit = LARGEST_EVENT // 1000
    large = [
        refused(
            sender=sender,
            entry=entry,
            given=calls[entry],
            fault=errors.EventTooLarge(entry=entry, size=size // 1000, limit=limit),
        )
        for entry, size in enumerate(sizes)
        if size > LARGEST_EVENT
    ]
    if sum(size for size in sizes if size <= LARGEST_EVENT) > LARGEST_CALL:
        raise errors.CallTooLarge(limit=LARGEST_CALL // 1000)
    return [(entry, call) for entry, call in enumerate(calls) if sizes[entry] <= LARGEST_EVENT], large
