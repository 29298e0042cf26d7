"""What becomes of a wanted message: ten checks in one order, each of them told; pure, so that it can be argued with.

No message is planned without consent, into quiet hours, above a cap, to somebody who is held out, or for stock that is
not there.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reorder.engine.contact.allowing import (
    Case,
    End,
    check_consent,
    check_pause,
    check_stock,
    check_suppression,
)
from reorder.engine.contact.assigning import is_held_out
from reorder.engine.contact.choosing import choose_offer, is_worth_its_cost, rank_channels
from reorder.engine.contact.slots import Blocked, find_blocked, list_slots
from reorder.engine.contact.values import (
    UTC,
    Cap,
    Check,
    Contact,
    Decision,
    Moved,
    Person,
    Reach,
    Rules,
    Shelf,
    Wanted,
    caps_of,
)

# How late a planned message may come that says nothing of it.
_UNNAMED_PATIENCE = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class _Slot:
    at: dt.datetime
    reach: Reach
    gives_way: tuple[Contact, ...]


def decide(
    *, wanted: Wanted, person: Person, rules: Rules, moment: dt.datetime, shelves: Mapping[str, Shelf] | None = None
) -> Decision:
    """Decide about one message to one person.

    Args:
        wanted: the message.
        person: whom it is for, with every marketing message of the last and the coming days.
        rules: what the shop laid down.
        moment: now, UTC.
        shelves: stock of its goods, less what open messages promise; goods without a shelf are not counted by us.
    """
    case = Case(wanted=wanted, person=person, rules=rules, shelves=shelves or {}, moment=moment)
    if case.start > wanted.latest_at:
        return _ended(case, End(outcome="suppressed", code="message.too_late"))
    checks = (check_consent, check_suppression, check_pause, check_stock)
    for check in checks if case.is_marketing else checks[:2]:
        end = check(case)
        if end is not None:
            return _ended(case, end)
    return _timed(case) if case.is_marketing else _plain(case)


def _timed(case: Case) -> Decision:
    ranked = rank_channels(case=case)
    # What costs more than it wins is chosen only where all do, to be refused by its own check.
    worthy = [one for one in ranked if is_worth_its_cost(case=case, channel=one.channel)]
    slot = _find_slot(case, worthy or ranked)
    if isinstance(slot, End):
        return _ended(case, case.ends("cap", slot))
    case.passes("cap", gives_way=[one.message_id for one in slot.gives_way])
    case.passes("quiet_hours", waking=list(case.waking), zone=case.person.zone.key)
    local = slot.at.astimezone(case.person.zone).isoformat()
    case.passes("best_hour", hour=case.hour, is_own=case.person.best_hour is not None, at=local)
    if not worthy:
        cost = case.rules.costs_minor.get(slot.reach.channel, 0.0)
        parameters = {"cost_minor": round(cost), "value_minor": round(case.wanted.value_minor)}
        end = End(outcome="suppressed", code="message.too_dear", parameters=parameters)
        return _ended(case, case.ends("channel", end))
    case.passes("channel", chosen=slot.reach.channel, ranked=[one.channel for one in ranked])
    return _arm(case, slot)


def _find_slot(case: Case, ranked: Sequence[Reach]) -> _Slot | End:
    """A place under every cap: the first one, if need be in place of what is worth less, or word of a later one."""
    caps = caps_of(rules=case.rules, person=case.person)
    blocked: Blocked | None = None
    for at in list_slots(
        start=case.start,
        latest=case.wanted.latest_at,
        zone=case.person.zone,
        waking=case.waking,
        hour=case.hour,
        goes_at_once=case.wanted.goes_at_once,
    ):
        tried = [(reach, *_make_room(case, at=at, channel=reach.channel, caps=caps)) for reach in ranked]
        free = next(((reach, gives_way) for reach, found, gives_way in tried if found is None), None)
        if free is not None and blocked is None:
            return _Slot(at, *free)
        if free is not None and blocked is not None:
            # It does not take that place yet: by then, what is worth more may want it.
            return End(outcome="rescheduled", code="message.cap", parameters=_of_cap(blocked), at=at)
        blocked = blocked or tried[0][1]
    if blocked is not None:
        return End(outcome="suppressed", code="message.cap_too_late", parameters=_of_cap(blocked))
    return End(outcome="suppressed", code="message.too_late")


def _make_room(
    case: Case, *, at: dt.datetime, channel: str, caps: Sequence[Cap]
) -> tuple[Blocked | None, tuple[Contact, ...]]:
    """Let go what is planned and worth less, the least first, until there is room; or say what is in the way."""
    left, given = list(case.person.contacts), list[Contact]()
    while True:
        blocked = find_blocked(at=at, channel=channel, contacts=left, caps=caps)
        if blocked is None:
            return None, tuple(given)
        lesser = [one for one in blocked.contacts if one.is_movable and one.value_minor < case.wanted.value_minor]
        if not lesser:
            return blocked, ()
        least = min(lesser, key=lambda one: (one.value_minor, one.message_id))
        left.remove(least)
        given.append(least)


def _of_cap(blocked: Blocked) -> dict[str, object]:
    return {"limit": blocked.cap.limit, "hours": blocked.cap.hours, "channel": blocked.cap.channel}


def _move(case: Case, slot: _Slot) -> tuple[Moved, ...]:
    """New places for what gives way, the most valuable first; they take nobody else's."""
    if not slot.gives_way:
        return ()
    gone = {one.message_id for one in slot.gives_way}
    taken = [one for one in case.person.contacts if one.message_id not in gone]
    taken.append(Contact(message_id=0, channel=slot.reach.channel, at=slot.at))
    caps, moved = caps_of(rules=case.rules, person=case.person), list[Moved]()
    for one in sorted(slot.gives_way, key=lambda one: (-one.value_minor, one.message_id)):
        again = next((at for at in _slots_of(case, one) if not _is_full(one, at=at, taken=taken, caps=caps)), None)
        moved.append(Moved(one.message_id, again))
        if again is not None:
            taken.append(replace(one, at=again))
    return tuple(moved)


def _slots_of(case: Case, contact: Contact) -> Iterator[dt.datetime]:
    return list_slots(
        start=max(contact.at, case.moment),
        latest=contact.latest_at or contact.at + _UNNAMED_PATIENCE,
        zone=case.person.zone,
        waking=case.waking,
        hour=case.hour,
    )


def _is_full(contact: Contact, *, at: dt.datetime, taken: Sequence[Contact], caps: Sequence[Cap]) -> bool:
    return find_blocked(at=at, channel=contact.channel, contacts=taken, caps=caps) is not None


def _arm(case: Case, slot: _Slot) -> Decision:
    """The offer, and the last question: whether this customer is kept back to measure what messages earn."""
    offer = choose_offer(case=case)
    code = offer.code if offer else ""
    case.passes("offer", chosen=code, ladder=list(case.wanted.offers))
    held = _holdout_of(case)
    if held:
        case.trace.append(Check("holdout", "waits", {"of": held}))
    else:
        case.passes("holdout")
    wanted = case.wanted
    return Decision(
        key=wanted.key,
        customer_id=wanted.customer_id,
        outcome="held_out" if held else "planned",
        reason_code=f"message.held_out.{held}" if held else wanted.reason_code,
        at=slot.at,
        channel=slot.reach.channel,
        address=slot.reach.address,
        skus=case.skus,
        offer=code,
        holdout=held,
        moved=_move(case, slot),
        trace=tuple(case.trace),
    )


def _holdout_of(case: Case) -> str:
    wanted, rules = case.wanted, case.rules
    everything = rules.global_holdout
    if is_held_out(salt=everything.salt, customer_id=wanted.customer_id, share=everything.share):
        return "global"
    own = rules.holdouts.get((wanted.source_kind, wanted.source_key))
    if own and is_held_out(salt=own.salt, customer_id=wanted.customer_id, share=own.share):
        return "source"
    return ""


def _plain(case: Case) -> Decision:
    """A message that people need, such as that of a parcel: it goes at once, by the first way that is named."""
    reach = case.reaches[0]
    case.passes("channel", chosen=reach.channel, ranked=[one.channel for one in case.reaches])
    return Decision(
        key=case.wanted.key,
        customer_id=case.wanted.customer_id,
        outcome="planned",
        reason_code=case.wanted.reason_code,
        at=case.start.astimezone(UTC),
        channel=reach.channel,
        address=reach.address,
        skus=case.wanted.skus,
        trace=tuple(case.trace),
    )


def _ended(case: Case, end: End) -> Decision:
    return Decision(
        key=case.wanted.key,
        customer_id=case.wanted.customer_id,
        outcome=end.outcome,
        reason_code=end.code,
        reason_parameters=end.parameters,
        at=end.at.astimezone(UTC) if end.at else None,
        trace=tuple(case.trace),
    )
