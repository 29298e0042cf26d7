"""One pass over the outbox, for all channels. A crash at any line loses no message and sends none twice.

A lot is claimed (committed); before a conversation begins the journal says so, and what came of it; outcomes are
recorded in lots (committed). Conversations run in lanes; only the thread of the pass speaks with the database. What a
dead process left is decided by the next pass: see operations/sending.
"""

import datetime as dt
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from reorder.domain.messaging import link_words, operations, paces, queries
from reorder.domain.messaging.channels import Outcome, Outgoing, Result
from reorder.domain.messaging.operations import MessageToSend, Recorded
from reorder.domain.messaging.suppressing import has_suppressions, list_suppressed
from reorder.flows.contacting import recheck_due
from reorder.flows.outbox.composing import compose_messages
from reorder.flows.outbox.lanes import Answered, Group
from reorder.flows.outbox.ways import Way, open_ways
from reorder.flows.repeat_cycle import withdraw_outdated
from reorder.kernel.clock import date_at
from reorder.kernel.errors import ReorderError
from reorder.kernel.jobs import JobName, defer_job

# Of a way that has answered; before that few are claimed, so that another sender may be the one that gets through.
_LOT: Final = 64
_FIRST_LOT: Final = 8
_RECORD_AT: Final = 100
_RECORD_SECONDS: Final = 0.5
_POLL_SECONDS: Final = 0.1
# A pass that always finds more ends all the same, and asks for another: the worker has other jobs, and must be able to
# stop.
_PASS_SECONDS: Final = 20.0
Clock = Callable[[], dt.datetime]


@dataclass(slots=True)
class SendCounts:
    """What a pass did, by outcome; `parked_count` are those that dead processes left behind."""

    sent_count: int = 0
    failed_count: int = 0
    put_off_count: int = 0
    unknown_count: int = 0
    stopped_count: int = 0
    parked_count: int = 0


@dataclass(slots=True)
class _Pass:
    """One pass: its ways, what it claimed and has not begun, what is under way, what waits to be recorded."""

    now: Clock
    ways: dict[str, Way]
    counts: SendCounts
    room: int
    answers: "SimpleQueue[Answered]" = field(default_factory=SimpleQueue)
    hand: dict[str, deque[tuple[MessageToSend, Outgoing]]] = field(default_factory=dict)
    under_way: int = 0
    recorded: list[Recorded] = field(default_factory=list)
    recorded_at: float = field(default_factory=time.monotonic)
    dry: set[str] = field(default_factory=set)


def send_due_messages(*, moment: dt.datetime, limit: int = 50_000, seconds: float = _PASS_SECONDS) -> SendCounts:
    """Send planned messages whose moment has come; several processes may do so at once.

    Parks what dead senders left, stops what has expired or is outdated, checks consent again at the last moment. A
    channel that is down, or asks for patience, is left alone for a while: an outage costs one attempt of one message.

    Args:
        moment: now, UTC; moments recorded during the pass are this one plus the time that has gone by.
        limit: messages to claim at most.
        seconds: after these nothing more is claimed, and another pass is asked for.
    """
    now = _running_clock(moment)
    counts = SendCounts(parked_count=operations.park_lost_messages(moment=moment))
    with transaction.atomic():
        counts.stopped_count = operations.stop_expired_messages(moment=moment)
        withdraw_outdated(customer_ids=queries.list_customers_with_reminders(planned_for=moment))
        operations.close_held_out_messages(moment=moment)
    recheck_due(moment=moment)
    operations.hold_sending_lock()
    try:
        tour = _Pass(now=now, ways=open_ways(now=now), counts=counts, room=limit)
        _run(tour, until=time.monotonic() + seconds)
    finally:
        operations.release_sending_lock()
    if _open_ways(tour):
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
    return counts


def _running_clock(moment: dt.datetime) -> Clock:
    started = time.monotonic()
    return lambda: moment + dt.timedelta(seconds=time.monotonic() - started)


def _run(tour: _Pass, *, until: float) -> None:
    try:
        while True:
            is_over = time.monotonic() >= until
            if is_over:
                _give_back(tour, list(tour.hand))
            else:
                _claim(tour)
            begun = _begin(tour)
            if not tour.under_way and not tour.hand and (is_over or not _open_ways(tour)):
                return
            _collect(tour, has_begun=begun > 0)
    finally:
        _give_back(tour, list(tour.hand))
        for way in tour.ways.values():
            way.close()
        while tour.under_way:
            _collect(tour, has_begun=False)
        _record(tour)


def _open_ways(tour: _Pass) -> dict[str, Way]:
    """Ways for which there may be more to claim."""
    if not tour.room:
        return {}
    return {name: way for name, way in tour.ways.items() if name not in tour.dry and way.is_open}


def _claim(tour: _Pass) -> None:
    """Fill the hand of every way that has fewer messages than its lanes will soon want."""
    wanting = {name: way for name, way in _open_ways(tour).items() if len(tour.hand.get(name, ())) < way.lanes_most * 2}
    if not wanting:
        return
    most = max(max(_LOT, way.most_at_once) if way.is_proven else _FIRST_LOT for way in wanting.values())
    claimed = operations.claim_messages(
        moment=tour.now(),
        limit=min(most, tour.room),
        channels=sorted(wanting),
        shut_domains=wanting["email"].shut_domains if "email" in wanting else [],
    )
    if not claimed:
        tour.dry |= set(wanting)
    tour.room -= len(claimed)
    _ready(tour, claimed=_without_suppressed(tour, claimed))


def _without_suppressed(tour: _Pass, claimed: list[MessageToSend]) -> list[MessageToSend]:
    """Stop marketing to addresses that are written to no more; the list knows them by their hashes only."""
    asked = {(one.channel, one.address) for one in claimed if one.purpose == "marketing"}
    if not asked or not has_suppressions():
        return claimed
    held = list_suppressed(addresses=asked)
    for one in claimed:
        if one.purpose == "marketing" and (one.channel, one.address) in held:
            tour.counts.stopped_count += 1
            tour.recorded.append(
                Recorded(
                    message_id=one.id,
                    attempts_count=one.attempts_count,
                    state="stopped",
                    outcome_code="outbox.stopped.suppressed",
                    moment=tour.now(),
                    finished_at=tour.now(),
                )
            )
    return [one for one in claimed if one.purpose != "marketing" or (one.channel, one.address) not in held]


def _reply_tokens(tour: _Pass, claimed: list[MessageToSend]) -> dict[str, str]:
    """Passes of people who have just written, by address; each is used up by being taken."""
    addresses = [one.address for one in claimed if one.channel == "line"]
    if not addresses:
        return {}
    return link_words.take_reply_passes(way=tour.ways["line"].code, addresses=addresses, moment=tour.now())


def _ready(tour: _Pass, *, claimed: list[MessageToSend]) -> None:
    """Compose what was claimed; what cannot be written fails, what is beyond today's room waits an hour."""
    fitting: list[MessageToSend] = []
    for message in claimed:
        way = tour.ways[message.channel]
        if way.may_send(address=message.address):
            way.spend(address=message.address)
            fitting.append(message)
    beyond = {one.id for one in claimed} - {one.id for one in fitting}
    if beyond:
        late = [one for one in claimed if one.id in beyond]
        operations.release_claims(messages=late, send_after=tour.now() + dt.timedelta(hours=1))
    senders = {name: way.sender for name, way in tour.ways.items()}
    composed = compose_messages(messages=fitting, senders=senders, reply_tokens=_reply_tokens(tour, fitting))
    for message, outgoing in zip(fitting, composed, strict=True):
        if isinstance(outgoing, ReorderError):
            refused = Outcome(result=Result.REFUSED, code="outbox.failed.content", error=str(outgoing)[:500])
            _note(tour, way=tour.ways[message.channel], message=message, outcome=refused)
        else:
            tour.hand.setdefault(message.channel, deque()).append((message, outgoing))


def _begin(tour: _Pass) -> int:
    """Give free lanes what is at hand, after the journal was told; returns how many conversations begin."""
    started: list[tuple[Any, Group]] = []
    for name, hand in list(tour.hand.items()):
        way = tour.ways[name]
        while hand and (lane := way.free_lane(answers=tour.answers)) is not None:
            group = _group(hand, most=way.most_at_once)
            lane.held += 1
            way.took(count=len(group.messages))
            started.append((lane, group))
        if not hand:
            del tour.hand[name]
    begun = [one.id for _, group in started for one in group.messages]
    if begun:
        operations.note_steps(begun=begun, done={})
        tour.under_way += len(started)
        for lane, group in started:
            lane.held -= 1
            lane.take(group)
    return len(started)


def _group(hand: deque[tuple[MessageToSend, Outgoing]], *, most: int) -> Group:
    """The next message, and for channels that can what says the same to others."""
    first = hand.popleft()
    chosen = [first]
    if most > 1 and not first[1].reply_token:
        key = _content_key(first[1])
        rest = [one for one in hand if _content_key(one[1]) == key and not one[1].reply_token][: most - 1]
        taken = {one[0].id for one in rest}
        kept = [one for one in hand if one[0].id not in taken]
        hand.clear()
        hand.extend(kept)
        chosen += rest
    return Group(messages=tuple(one for one, _ in chosen), outgoings=tuple(one for _, one in chosen))


def _content_key(outgoing: Outgoing) -> tuple[str, str, str]:
    """What the channel will show: its own form where there is one, with the subject as what stands for it."""
    return (outgoing.subject, "" if outgoing.payload else outgoing.text, repr(outgoing.payload))


def _collect(tour: _Pass, *, has_begun: bool) -> None:
    """Take what lanes answered, waiting for the first a moment; record when there is enough."""
    found: list[Answered] = []
    try:
        if tour.under_way:
            found.append(tour.answers.get(timeout=_POLL_SECONDS))
            while True:
                found.append(tour.answers.get_nowait())
        elif not has_begun:
            time.sleep(_POLL_SECONDS / 10)
    except Empty:
        pass
    done: dict[int, dict[str, Any]] = {}
    for answered in found:
        done |= _take(tour, answered)
    if done:
        operations.note_steps(begun=[], done=done)
    if len(tour.recorded) >= _RECORD_AT or time.monotonic() - tour.recorded_at >= _RECORD_SECONDS:
        _record(tour)


def _take(tour: _Pass, answered: Answered) -> dict[int, dict[str, Any]]:
    """What a lane answered; the outcomes as the journal keeps them."""
    tour.under_way -= 1
    answered.lane.held -= 1
    way = tour.ways[answered.group.messages[0].channel]
    if not answered.outcomes:
        operations.release_claims(messages=answered.group.messages)
        return {}
    moment = tour.now()
    told = {
        message.id: operations.told_of(outcome=outcome, way=way.code, price_micros=way.price_micros, moment=moment)
        for message, outcome in zip(answered.group.messages, answered.outcomes, strict=True)
    }
    for message, outcome in zip(answered.group.messages, answered.outcomes, strict=True):
        _note(tour, way=way, message=message, outcome=outcome)
    down = next((one for one in answered.outcomes if one.is_channel_down), None)
    if down is not None:
        _rest(tour, way=way, outcome=down)
    elif not way.is_proven:
        way.is_proven = True
        paces.wake_way(way=way.code)
    return told


def _note(tour: _Pass, *, way: Way, message: MessageToSend, outcome: Outcome) -> None:
    tour.recorded.append(
        operations.recorded_of(
            message_id=message.id,
            attempts_count=message.attempts_count,
            address=message.address,
            customer_id=message.customer_id,
            channel=message.channel,
            outcome=outcome,
            way=way.code,
            price_micros=way.price_micros,
            moment=tour.now(),
        )
    )
    match outcome.result:
        case Result.DELIVERED:
            tour.counts.sent_count += 1
        case Result.REFUSED:
            tour.counts.failed_count += 1
        case Result.NOT_DELIVERED:
            tour.counts.put_off_count += 1
        case Result.UNKNOWN:
            tour.counts.unknown_count += 1


def _rest(tour: _Pass, *, way: Way, outcome: Outcome) -> None:
    """Leave a way alone that is down or asks for patience, and give back what it was to send."""
    if way.is_down:
        return
    way.is_down = True
    wait = outcome.retry_after_seconds
    paces.rest_way(
        way=way.code,
        reason_code=outcome.code,
        error=outcome.error,
        retry_after=dt.timedelta(seconds=wait) if wait is not None else None,
        moment=tour.now(),
    )
    _give_back(tour, [way.channel])


def _give_back(tour: _Pass, names: list[str]) -> None:
    for name in names:
        hand = tour.hand.pop(name, None)
        if hand:
            operations.release_claims(messages=[message for message, _ in hand])


def _record(tour: _Pass) -> None:
    tour.recorded_at = time.monotonic()
    if not tour.recorded:
        return
    today = date_at(moment=tour.now(), time_zone=settings.REORDER.time_zone)
    with transaction.atomic(durable=True):
        operations.record_outcomes(rows=tour.recorded, today=today)
    tour.recorded = []
