"""Switching journeys on, off, and in between; and taking people out of them."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from reorder.domain.marketing.journeys import enrolments, keeping
from reorder.domain.marketing.journeys.errors import JourneyBroken, UnknownEnrolment, WrongJourneyState
from reorder.domain.marketing.journeys.keeping import JourneyRow
from reorder.domain.marketing.journeys.naming import find_faults
from reorder.domain.marketing.journeys.sorting import Around, sort_facts
from reorder.domain.marketing.journeys.ways import SeenFact, Way
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows import contacting
from reorder.flows.journeys.acting import LEFT, SOURCE, withdraw_waiting
from reorder.flows.shop_day import shop_date

# Who is on an older version when a new one is switched on.
OnChange = Literal["finish", "move"]


def switch_on(
    *,
    code: str,
    decided_by: str,
    moment: dt.datetime,
    on_change: OnChange = "finish",
    translate: Callable[[str], str] = str,
) -> JourneyRow:
    """Let people in by the draft as it stands; of a journey that runs already, by its changes from now on.

    Args:
        code: the journey.
        decided_by: who switches it.
        moment: now, UTC.
        on_change: whether those on an older version finish that one, or move to the new one where their step is still
            there (the others finish).
        translate: says the first fault in the reader's language.

    Raises UnknownJourney, JourneyBroken.
    """
    with one_transaction():
        journey = keeping.lock_journey(code=code)
        faults = find_faults(document=journey.draft, moment=moment)
        if faults:
            raise JourneyBroken(step=faults[0].step, first=faults[0].say(translate=translate), count=len(faults))
        version_id = keeping.publish_version(journey=journey, decided_by=decided_by, moment=moment)
        if on_change == "move":
            keeping.move_ways(journey_id=journey.id, version_id=version_id, steps=list(journey.draft["steps"]))
        if journey.state == "paused":
            keeping.release_ways(journey_id=journey.id)
        return _switched(journey=journey, state="live", decided_by=decided_by, moment=moment)


def pause(*, code: str, decided_by: str, moment: dt.datetime) -> JourneyRow:
    """Nobody enters, and whoever is in it waits where they are; what ends a way still does.

    Raises UnknownJourney, WrongJourneyState.
    """
    with one_transaction():
        journey = _require(keeping.lock_journey(code=code), states=("live",), reason="only one that is on can pause")
        keeping.hold_ways(journey_id=journey.id)
        return _switched(journey=journey, state="paused", decided_by=decided_by, moment=moment)


def resume(*, code: str, decided_by: str, moment: dt.datetime) -> JourneyRow:
    """A paused journey goes on as it was; whose moment has come meanwhile goes on at once.

    Raises UnknownJourney, WrongJourneyState.
    """
    with one_transaction():
        journey = _require(keeping.lock_journey(code=code), states=("paused",), reason="it is not paused")
        keeping.release_ways(journey_id=journey.id)
        return _switched(journey=journey, state="live", decided_by=decided_by, moment=moment)


def switch_off(*, code: str, decided_by: str, moment: dt.datetime) -> JourneyRow:
    """Nobody enters, everybody in it leaves, and what waits to be sent is not sent.

    Raises UnknownJourney, WrongJourneyState.
    """
    with one_transaction():
        journey = _require(
            keeping.lock_journey(code=code), states=("live", "paused"), reason="only one that is on can be switched off"
        )
        keeping.end_ways_of_journey(journey_id=journey.id, code="switched_off", moment=moment)
        contacting.withdraw(source_kind=SOURCE, source_key=code, customer_id=None, outcome_code=LEFT, moment=moment)
        return _switched(journey=journey, state="off", decided_by=decided_by, moment=moment)


def leave_on(
    *,
    kind: str,
    customer_id: int,
    moment: dt.datetime,
    subject: str = "",
    skus: Sequence[str] = (),
    details: Mapping[str, Any] | None = None,
) -> int:
    """A customer leaves every journey that this fact ends, at once; part of the caller's transaction.

    For what must stop messages in the transaction of its cause, where a noted fact would come seconds later. Lets
    nobody in. Returns how many ways ended.
    """
    running = keeping.list_running()
    ways = enrolments.lock_open_ways(customer_ids=[customer_id], running=running)
    if not ways:
        return 0
    fact = SeenFact(
        kind=kind,
        customer_id=customer_id,
        happened_at=moment,
        subject=subject,
        skus=tuple(skus),
        details=dict(details or {}),
    )
    changed = sort_facts(facts=[fact], around=Around(running=[], ways=ways), moment=moment)
    return _save(ways=changed, moment=moment)


def leave_all(*, customer_id: int, code: str, moment: dt.datetime) -> int:
    """A customer leaves every journey (`code`: merged, person, …); part of the caller's transaction."""
    ways = enrolments.lock_open_ways(customer_ids=[customer_id], running=keeping.list_running())
    for way in ways:
        way.end(state="left", code=code, moment=moment)
    return _save(ways=ways, moment=moment)


def take_out(*, enrolment_id: int, decided_by: str, moment: dt.datetime) -> None:
    """Staff take one customer out of one journey; raises UnknownEnrolment where nobody is on that way."""
    with one_transaction():
        customer_id = enrolments.find_customer_of(enrolment_id=enrolment_id)
        if customer_id is None:
            raise UnknownEnrolment(what="way through a journey with the number", key=enrolment_id)
        ways = [
            way
            for way in enrolments.lock_open_ways(customer_ids=[customer_id], running=keeping.list_running())
            if way.number == enrolment_id
        ]
        for way in ways:
            way.end(state="left", code="person", moment=moment, details={"by": decided_by})
        _save(ways=ways, moment=moment)
        record_audit(
            actor=decided_by, action="journeys.take_out", subject_kind="customer", subject_key=str(customer_id)
        )


def _save(*, ways: Sequence[Way], moment: dt.datetime) -> int:
    left = [way for way in ways if way.state == "left"]
    withdraw_waiting(ways=left, moment=moment)
    enrolments.save_ways(ways=ways, moment=moment, date=shop_date(moment=moment))
    return len(left)


def _require(journey: JourneyRow, *, states: Sequence[str], reason: str) -> JourneyRow:
    if journey.state not in states:
        raise WrongJourneyState(key=journey.code, state=journey.state, reason=reason)
    return journey


def _switched(*, journey: JourneyRow, state: str, decided_by: str, moment: dt.datetime) -> JourneyRow:
    if journey.state != state:
        keeping.set_state(journey_id=journey.id, state=state, moment=moment)
    keeping.listen_to_what_runs()
    record_audit(actor=decided_by, action=f"journeys.{state}", subject_kind="journey", subject_key=journey.code)
    return keeping.get_journey(code=journey.code)
