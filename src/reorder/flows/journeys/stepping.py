"""Facts in, steps on: each lot is one transaction, and what fails in it stops nobody else.

Whoever dies in the middle loses nothing and sends nothing twice: facts and ways go on only with the commit, and a
message has a key of its own.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import InterfaceError, OperationalError, transaction

from reorder.domain.customers.queries import list_customer_names
from reorder.domain.marketing.facts import take_facts
from reorder.domain.marketing.journeys import enrolments, keeping
from reorder.domain.marketing.journeys.sorting import Around, is_in_audience, sort_facts
from reorder.domain.marketing.journeys.walking import Walk, go_on
from reorder.domain.marketing.journeys.ways import Running, Way
from reorder.domain.marketing.segments import list_segment_codes_of
from reorder.domain.storage import try_transaction_lock
from reorder.flows.contacting.people import zone_of
from reorder.flows.journeys.acting import carry_out, withdraw_waiting
from reorder.flows.journeys.asking import answer_questions
from reorder.flows.journeys.seeing import see_facts
from reorder.flows.shop_day import shop_date

log = logging.getLogger(__name__)
LOT: Final = 1000
# A customer whose step failed is tried again after so many minutes, a little later each time, and then no more.
RETRY_MINUTES: Final = (1, 5, 30, 120)
# A job that still has work after so many lots lets others of the worker go first; its next period is near.
_MOST_LOTS: Final = 300
_FACTS_LOCK: Final = "journeys.facts"


@dataclass(frozen=True, slots=True)
class Stepped:
    """What one pass did: facts taken, ways that went on, and steps that failed."""

    facts_count: int
    ways_count: int
    faults_count: int


def take_facts_and_step(*, moment: dt.datetime) -> Stepped:
    """Let facts begin, move and end ways, then let everybody go on whose moment has come."""
    facts = 0
    for _ in range(_MOST_LOTS):
        taken = _take_lot(moment=moment)
        facts += taken
        if taken < LOT:
            break
    ways, faults = step_due(moment=moment)
    return Stepped(facts, ways, faults)


def step_due(*, moment: dt.datetime) -> tuple[int, int]:
    """Let everybody go on whose moment has come; several processes may do so at once. Returns ways and faults."""
    ways = faults = 0
    if not enrolments.is_any_due(moment=moment):
        return 0, 0
    for _ in range(_MOST_LOTS):
        taken, failed = _step_lot(moment=moment)
        ways, faults = ways + taken, faults + failed
        if taken + failed < LOT:
            break
    return ways, faults


def _take_lot(*, moment: dt.datetime) -> int:
    with transaction.atomic():
        # One at a time, so that a fact that ends a way is never read before the one that begins it.
        if not try_transaction_lock(name=_FACTS_LOCK):
            return 0
        rows = take_facts(limit=LOT)
        if not rows:
            return 0
        running = keeping.list_running()
        facts = see_facts(rows=rows)
        people = sorted({fact.customer_id for fact in facts})
        ways = sort_facts(
            facts=facts,
            around=Around(
                running=running,
                ways=enrolments.lock_open_ways(customer_ids=people, running=running),
                entered=enrolments.list_last_entries(
                    journey_ids=[one.journey_id for one in running if one.lets_in], customer_ids=people
                ),
                segments=list_segment_codes_of(customer_ids=people) if _asks_segments(running) else {},
            ),
            moment=moment,
        )
        withdraw_waiting(ways=[way for way in ways if way.state == "left"], moment=moment)
        enrolments.save_ways(ways=ways, moment=moment, date=shop_date(moment=moment))
        return len(rows)


def _asks_segments(running: Sequence[Running]) -> bool:
    return any(one.definition.trigger.segments or one.definition.trigger.not_segments for one in running)


def _step_lot(*, moment: dt.datetime) -> tuple[int, int]:
    """A lot at once; where something in it fails, one by one, so that only who is to blame waits."""
    try:
        return _step(moment=moment, limit=LOT), 0
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("a lot of journey steps failed; its ways go on one by one")
    taken = failed = 0
    for _ in range(LOT):
        try:
            done = _step(moment=moment, limit=1)
        except (OperationalError, InterfaceError):
            raise
        except Exception as fault:
            log.exception("a step of a journey failed")
            done = _put_off(moment=moment, fault=fault)
            failed += done
        else:
            taken += done
        if not done:
            break
    return taken, failed


def _step(*, moment: dt.datetime, limit: int) -> int:
    with transaction.atomic():
        ways = enrolments.take_due_ways(moment=moment, limit=limit, running=keeping.list_running())
        if ways:
            walk_on(ways=ways, moment=moment)
            enrolments.save_ways(ways=ways, moment=moment, date=shop_date(moment=moment))
        return len(ways)


def walk_on(*, ways: Sequence[Way], moment: dt.datetime) -> None:
    """Let ways take their steps and do what those do; part of the caller's transaction, which saves the ways."""
    _leave_audience(ways=ways, moment=moment)
    going = [way for way in ways if way.is_open]
    people = list_customer_names(ids=sorted({way.customer_id for way in going}))
    walks = [
        Walk(way=way, zone=zone_of(time_zone=people[way.customer_id].time_zone if way.customer_id in people else ""))
        for way in going
    ]
    pending, answers = walks, dict[tuple[int, str], bool]()
    while pending:
        pending = go_on(walks=pending, answers=answers, moment=moment)
        # Before the next question: it may ask for what these steps do, such as a tag.
        carry_out(walks=walks, moment=moment)
        answers = answer_questions(walks=pending, moment=moment)


def _leave_audience(*, ways: Sequence[Way], moment: dt.datetime) -> None:
    """Who is no longer whom a journey is for leaves it, whether or not a fact told of that."""
    bound = [way for way in ways if way.running.definition.trigger.stays]
    segments = list_segment_codes_of(customer_ids=sorted({way.customer_id for way in bound})) if bound else {}
    gone = [
        way
        for way in bound
        if not is_in_audience(
            trigger=way.running.definition.trigger, segments=segments.get(way.customer_id, frozenset())
        )
    ]
    for way in gone:
        way.end(state="left", code="audience", moment=moment)
    withdraw_waiting(ways=gone, moment=moment)


def _put_off(*, moment: dt.datetime, fault: Exception) -> int:
    """The way that failed waits for its next try, or ends after the last one; returns how many that were."""
    with transaction.atomic():
        ways = enrolments.take_due_ways(moment=moment, limit=1, running=keeping.list_running())
        for way in ways:
            told = {"error": f"{type(fault).__name__}: {fault}"[:300]}
            if way.faults_count >= len(RETRY_MINUTES):
                way.end(state="failed", code="fault", moment=moment, details=told)
                continue
            way.note(code="fault", details=told)
            way.due_at = moment + dt.timedelta(minutes=RETRY_MINUTES[way.faults_count])
            way.faults_count += 1
        enrolments.save_ways(ways=ways, moment=moment, date=shop_date(moment=moment))
        return len(ways)
