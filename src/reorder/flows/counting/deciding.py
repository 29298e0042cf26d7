"""What a person decides about counts: approve a variance, refuse it, count again, give it to somebody, call it off."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse import counts
from reorder.domain.warehouse.counts import CountedGoods
from reorder.domain.warehouse.errors import CountMovedOn, OwnCount
from reorder.flows.counting.booking import book_variances, is_outdated, move_misplaced
from reorder.flows.counting.errors import BadCount
from reorder.flows.counting.holding import HeldCount, hold_count, is_same_person, somebody_else
from reorder.flows.counting.taking import LATE_NOTE
from reorder.flows.shop_day import shop_date

_APPROVES: Final = (Ability.EDIT_STOCK,)


@dataclass(frozen=True, slots=True)
class DecidedCount:
    """How a count stands after a decision: `approved`, `rejected`, `counted` (less than promised), `open` (again)."""

    state: str
    outcome: str


def approve_count(
    *,
    task_id: int,
    actor: Actor,
    moment: dt.datetime,
    note: str = "",
    found_from: Mapping[int, str] | None = None,
) -> DecidedCount:
    """Book what a count differs by. `found_from`: the bin, by entry, from which goods found here are taken instead.

    What is less than promised is not booked: the count waits with that said. What was moved behind the back of the
    count is counted again. Raises UnknownCount, CountMovedOn, OwnCount (somebody else must approve), NotAllowed,
    BadCount.
    """
    actor.require(Ability.EDIT_STOCK)
    with one_transaction():
        held = _hold_waiting(task_id=task_id, actor=actor, wanted="deciding")
        _refuse_own(held=held, actor=actor)
        if is_outdated(held=held):
            counts.count_again(task=held.task, not_by="", note=LATE_NOTE, due_on=shop_date(moment=moment))
            return DecidedCount(state="open", outcome="late")
        for entry_id, source in (found_from or {}).items():
            _move_from(held=held, entry_id=entry_id, source=source, actor=actor, moment=moment)
        left = HeldCount(task=held.task, goods=tuple(counts.list_goods(task=held.task)))
        if left.differing and not book_variances(held=left, actor=actor, moment=moment):
            counts.wait_for_approval(task=held.task, counted_by=held.task.counted_by, outcome="promised", moment=moment)
            return DecidedCount(state="counted", outcome="promised")
        return _finish(
            held=held,
            state="approved",
            outcome="booked" if left.differing else "misplaced",
            note=note,
            actor=actor,
            moment=moment,
        )


def reject_count(*, task_id: int, actor: Actor, moment: dt.datetime, note: str) -> DecidedCount:
    """The count is wrong and nothing is booked; the bin comes round again. Raises UnknownCount, CountMovedOn."""
    actor.require(Ability.EDIT_STOCK)
    with one_transaction():
        held = _hold_waiting(task_id=task_id, actor=actor, wanted="deciding")
        return _finish(held=held, state="rejected", outcome="rejected", note=note, actor=actor, moment=moment)


def recount(*, task_id: int, actor: Actor, moment: dt.datetime, note: str = "") -> DecidedCount:
    """Have a bin counted again before anything is decided, by somebody else. Raises UnknownCount, CountMovedOn."""
    actor.require(Ability.EDIT_STOCK)
    with one_transaction():
        held = _hold_waiting(task_id=task_id, actor=actor, wanted="counting")
        counts.count_again(task=held.task, not_by=held.task.counted_by, note=note, due_on=shop_date(moment=moment))
        _audit(held=held, action="warehouse.recount", actor=actor, note=note)
    return DecidedCount(state="open", outcome="recount")


def call_off(*, task_id: int, actor: Actor, moment: dt.datetime, note: str = "") -> None:
    """Nobody counts this bin for now. Raises UnknownCount, CountMovedOn, NotAllowed."""
    actor.require(Ability.EDIT_STOCK)
    with one_transaction():
        held = hold_count(task_id=task_id, actor=actor)
        counts.cancel_count(task=held.task, actor=actor.name, note=note, moment=moment)
        _audit(held=held, action="warehouse.cancel_count", actor=actor, note=note)


def give_count(*, task_id: int, assigned_to: str, actor: Actor) -> None:
    """Give a count to somebody, or to nobody; whoever counted before counts on elsewhere. Raises as `call_off`."""
    with one_transaction():
        held = hold_count(task_id=task_id, actor=actor)
        counts.assign_count(task=held.task, assigned_to=assigned_to)
        _audit(held=held, action="warehouse.assign_count", actor=actor, note=assigned_to)


def _hold_waiting(*, task_id: int, actor: Actor, wanted: str) -> HeldCount:
    held = hold_count(task_id=task_id, actor=actor)
    if held.task.state != "counted":
        raise CountMovedOn(bin=held.task.bin_code, state=held.task.state, wanted=wanted)
    return held


def _refuse_own(*, held: HeldCount, actor: Actor) -> None:
    counters = {one.counted_by for one in held.goods if one.counted_by} | {held.task.counted_by}
    if any(is_same_person(one=one, other=actor.name) for one in counters) and somebody_else(
        than=actor.name, abilities=_APPROVES, place_code=held.task.place_code
    ):
        raise OwnCount(bin=held.task.bin_code)


def _move_from(*, held: HeldCount, entry_id: int, source: str, actor: Actor, moment: dt.datetime) -> None:
    found: CountedGoods | None = next((one for one in held.differing if one.entry_id == entry_id), None)
    if found is None or found.open_units <= 0:
        raise BadCount(bin=held.task.bin_code, reason="the bin to take it from holds nothing of it")
    there = next(
        (one.units for one in counts.list_elsewhere(task=held.task, goods=found) if one.bin_code == source), Decimal(0)
    )
    if there <= 0:
        raise BadCount(bin=held.task.bin_code, reason="the bin to take it from holds nothing of it")
    units = min(found.open_units, there)
    move_misplaced(held=held, one=found, source=source, units=units, actor=actor, moment=moment)


def _finish(*, held: HeldCount, state: str, outcome: str, note: str, actor: Actor, moment: dt.datetime) -> DecidedCount:
    counts.finish_count(
        task=held.task,
        state=state,
        counted_by=held.task.counted_by,
        decided_by=actor.name,
        outcome=outcome,
        note=note.strip(),
        moment=moment,
    )
    _audit(
        held=held, action=f"warehouse.{'approve' if state == 'approved' else 'reject'}_count", actor=actor, note=note
    )
    return DecidedCount(state=state, outcome=outcome)


def _audit(*, held: HeldCount, action: str, actor: Actor, note: str) -> None:
    record_audit(
        actor=actor.name,
        action=action,
        subject_kind="bin",
        subject_key=held.task.bin_code,
        details={"count": held.task.id, "note": note},
    )
