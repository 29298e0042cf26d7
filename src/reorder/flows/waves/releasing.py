"""Waves proposed, made and released: orders go to the warehouse with their wave, and batches with walks are planned.

Making a wave takes its parcels, so that no other wave does. Releasing is safe to run twice: each order is released for
itself, what could not be is left with the reason, and batches are written whole or not at all.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from reorder.domain.inventory.errors import UnknownPlace
from reorder.domain.orders.rules import PAID_ENOUGH, demand_key_of
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction, widened_transaction
from reorder.domain.warehouse import waves
from reorder.domain.warehouse.floor_errors import BadFloorPlan, NoFloorPlan
from reorder.domain.warehouse.floor_plans import FloorLayout, load_layout
from reorder.domain.warehouse.wave_errors import NothingForWave, UnknownWave, WaveMovedOn
from reorder.domain.warehouse.wave_goods import list_pickable, list_promised, list_wanted
from reorder.domain.warehouse.wave_rules import WaveProposal, propose
from reorder.domain.warehouse.waves import HeldWave, NewBatch
from reorder.flows.fulfil.following import SYSTEM
from reorder.flows.fulfil.moving import release_fulfilment
from reorder.flows.waves.planning import Floor, plan_wave
from reorder.kernel.errors import ReorderError
from reorder.kernel.jobs import JobName, defer_job

_TOGETHER: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveReleased:
    """What became of a wave: batches and lines to pick, and orders that were left back with the reason."""

    wave_id: int
    batches_count: int
    lines_count: int
    left: tuple[dict[str, Any], ...]


def propose_waves(*, place_code: str, actor: Actor) -> list[WaveProposal]:
    """Waves that could be picked at a place now: by cut-off, express first, temperatures apart, as large as allowed."""
    _refuse_place(place_code=place_code, actor=actor)
    candidates = waves.list_candidates(place_code=place_code, paid_states=PAID_ENOUGH)
    return propose(candidates=candidates, most_orders=waves.get_settings(place_code=place_code).wave_orders)


def make_wave(*, place_code: str, key: str, actor: Actor, moment: dt.datetime) -> int:
    """Make a wave of a proposal and take its parcels; returns its number. Raises NothingForWave when it is gone.

    It is released by `ask_release`, or at once by `release_wave`.
    """
    with one_transaction():
        found = next((one for one in propose_waves(place_code=place_code, actor=actor) if one.key == key), None)
        if found is None:
            raise NothingForWave(place=place_code)
        return _add(place_code=place_code, proposal=found, actor=actor)


def ask_release(*, wave_id: int, actor: Actor, moment: dt.datetime) -> None:
    """Have a wave released by a worker: releasing and planning a thousand orders takes a while.

    Asking twice is asking once. Raises UnknownWave, WaveMovedOn.
    """
    with one_transaction():
        held = hold_wave(wave_id=wave_id, actor=actor)
        if held.state != "planned":
            raise WaveMovedOn(wave_id=wave_id, wanted="releasing")
        if waves.ask_release(wave_id=wave_id, moment=moment):
            _audit(actor=actor, action="waves.release", wave_id=wave_id, details={"place": held.place_code})
        defer_job(
            name=JobName.RELEASE_WAVE,
            arguments={"wave_id": wave_id, "asked_by": actor.name},
            once_key=f"release_wave {wave_id}",
        )


def release_wave(*, wave_id: int, actor: Actor, moment: dt.datetime) -> WaveReleased:
    """Release the orders of a planned wave and write its batches. Raises UnknownWave, WaveMovedOn."""
    with one_transaction():
        held = hold_wave(wave_id=wave_id, actor=actor)
    if held.state != "planned":
        raise WaveMovedOn(wave_id=wave_id, wanted="releasing")
    left = _release_parcels(held=held, actor=actor, moment=moment)
    with one_transaction():
        batches = _plan(place_code=held.place_code, fulfilment_ids=held.fulfilment_ids)
    with one_transaction():
        waves.lock_wave(wave_id=wave_id)
        waves.change_wave(wave_id=wave_id, from_states=["planned"], to_state="released", moment=moment)
        waves.note_left_back(wave_id=wave_id, left=left)
        lines = waves.save_batches(wave_id=wave_id, batches=batches) if batches else 0
        if not batches:
            waves.change_wave(wave_id=wave_id, from_states=["released"], to_state="done", moment=moment)
        details = {"batches": len(batches), "lines": lines, "left": len(left)}
        _audit(actor=actor, action="waves.released", wave_id=wave_id, details=details)
    return WaveReleased(wave_id=wave_id, batches_count=len(batches), lines_count=lines, left=tuple(left))


def run_release(*, wave_id: int, asked_by: str, moment: dt.datetime) -> WaveReleased | None:
    """`release_wave` as a job that may run twice; None when the wave has moved on meanwhile."""
    try:
        return release_wave(wave_id=wave_id, actor=replace(SYSTEM, name=asked_by), moment=moment)
    except WaveMovedOn:
        return None


def hold_wave(*, wave_id: int, actor: Actor) -> HeldWave:
    """Hold a wave at a place of the actor's. Raises UnknownWave."""
    held = waves.lock_wave(wave_id=wave_id)
    if not actor.may_at(held.place_code):
        raise UnknownWave(wave_id=wave_id)
    return held


def find_layout(*, place_code: str) -> FloorLayout | None:
    """How one walks at a place; None where no plan of its floor can be walked on."""
    try:
        return load_layout(place_code=place_code)
    except (NoFloorPlan, BadFloorPlan):
        return None


def _refuse_place(*, place_code: str, actor: Actor) -> None:
    if not actor.may_at(place_code):
        raise UnknownPlace(place=place_code)


def _add(*, place_code: str, proposal: WaveProposal, actor: Actor) -> int:
    criteria = {"key": proposal.key, "orders": proposal.orders_count, "lines": proposal.lines_count}
    wave_id = waves.add_wave(place_code=place_code, proposal=proposal, criteria=criteria, created_by=actor.name)
    details = {"place": place_code, "orders": proposal.orders_count}
    _audit(actor=actor, action="waves.make", wave_id=wave_id, details=details)
    return wave_id


def _release_parcels(*, held: HeldWave, actor: Actor, moment: dt.datetime) -> list[dict[str, Any]]:
    """Release what is not yet; what cannot be leaves the wave, with the reason."""
    ready = waves.list_unreleased(fulfilment_ids=held.fulfilment_ids)
    left: list[dict[str, Any]] = []
    for start in range(0, len(ready), _TOGETHER):
        # Twenty-five share a commit; one that fails is undone alone.
        with widened_transaction():
            for fulfilment_id, order in ready[start : start + _TOGETHER]:
                try:
                    release_fulfilment(fulfilment_id=fulfilment_id, actor=actor, moment=moment)
                except ReorderError as fault:
                    if not waves.list_unreleased(fulfilment_ids=[fulfilment_id]):
                        # Somebody released it meanwhile, such as a second worker: it stays.
                        continue
                    waves.leave_waves(fulfilment_ids=[fulfilment_id], why=fault.code, moment=moment)
                    left.append(_told(order=order, fault=fault))
    return left


def _told(*, order: str, fault: ReorderError) -> dict[str, Any]:
    values = {name: str(value) for name, value in fault.parameters.items()}
    return {"order": order, "code": fault.code, "template": fault.template, "values": values}


def _plan(*, place_code: str, fulfilment_ids: Sequence[int]) -> list[NewBatch]:
    """Batches of released parcels, from what stands in bins now."""
    wanted = list_wanted(fulfilment_ids=fulfilment_ids)
    if not wanted:
        return []
    promised = list_promised(
        place_code=place_code,
        demand_keys=sorted({demand_key_of(order_line_id=one.order_line_id) for one in wanted}),
    )
    floor = Floor(
        layout=find_layout(place_code=place_code),
        stock=tuple(list_pickable(place_code=place_code, product_ids=sorted({one.product_id for one in wanted}))),
        settings=waves.get_settings(place_code=place_code),
    )
    return plan_wave(wanted=wanted, promised=promised, floor=floor)


def _audit(*, actor: Actor, action: str, wave_id: int, details: dict[str, Any]) -> None:
    record_audit(actor=actor.name, action=action, subject_kind="wave", subject_key=str(wave_id), details=details)
