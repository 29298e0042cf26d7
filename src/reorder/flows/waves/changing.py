"""Waves changed after they were made: cancelled, split, given to somebody, and how a place picks."""

import datetime as dt
from collections.abc import Sequence

from reorder.domain.inventory.errors import UnknownPlace
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse import wave_lines, wave_splits, waves
from reorder.domain.warehouse.wave_errors import BadWave, UnknownBatch, UnknownWave, WaveMovedOn
from reorder.domain.warehouse.waves import WaveSettings
from reorder.flows.waves.picking import close_wave

_MOST_TOTES = 200
_MOST = 100_000


def cancel_wave(*, wave_id: int, actor: Actor, moment: dt.datetime) -> None:
    """What nobody has begun to pick is in no wave any more; its orders stay with the warehouse, for another wave.

    Batches under way are picked to their end: somebody has their goods on a cart. Raises UnknownWave, WaveMovedOn.
    """
    with one_transaction():
        batches = wave_lines.lock_batches(batch_ids=[one.id for one in wave_lines.list_batches(wave_id=wave_id)])
        held = waves.lock_wave(wave_id=wave_id)
        if not actor.may_at(held.place_code):
            raise UnknownWave(wave_id=wave_id)
        if held.state not in {"planned", "released", "picking"}:
            raise WaveMovedOn(wave_id=wave_id, wanted="cancelling")
        free = [one.id for one in batches if one.state == "open"]
        wave_splits.give_up(wave_id=wave_id, batch_ids=free, why="wave_cancelled", moment=moment)
        wave_lines.end_batches(batch_ids=free, to_state="cancelled", moment=moment)
        if any(one.state in {"picking", "done"} for one in batches):
            close_wave(wave_id=wave_id, moment=moment)
        else:
            waves.change_wave(wave_id=wave_id, from_states=[held.state], to_state="cancelled", moment=moment)
        _audit(actor=actor, action="waves.cancel", wave_id=wave_id, details={"batches": len(free)})


def split_wave(*, wave_id: int, batch_ids: Sequence[int], actor: Actor, moment: dt.datetime) -> int:
    """Make a wave of its own of batches that nobody has begun; returns its number. Raises UnknownWave, BadWave."""
    with one_transaction():
        every = wave_lines.list_batches(wave_id=wave_id)
        chosen = wave_lines.lock_batches(batch_ids=[one.id for one in every if one.id in set(batch_ids)])
        held = waves.lock_wave(wave_id=wave_id)
        if not actor.may_at(held.place_code):
            raise UnknownWave(wave_id=wave_id)
        if not chosen or any(one.state != "open" for one in chosen):
            raise BadWave(reason="Choose at least one batch that nobody has begun.")
        if not any(one.id not in set(batch_ids) for one in every if one.state != "cancelled"):
            raise BadWave(reason="A wave keeps one batch at least: cancel the wave instead.")
        new_id = wave_splits.split_off(
            wave_id=wave_id, batch_ids=[one.id for one in chosen], created_by=actor.name, moment=moment
        )
        close_wave(wave_id=wave_id, moment=moment)
        _audit(actor=actor, action="waves.split", wave_id=wave_id, details={"batches": len(chosen), "into": new_id})
        return new_id


def assign_batch(*, batch_id: int, to: str, actor: Actor, moment: dt.datetime) -> None:
    """Give a batch to somebody else, also one under way (empty: to whoever comes). Raises UnknownBatch, BadWave."""
    with one_transaction():
        found = wave_lines.lock_batches(batch_ids=[batch_id])
        if not found or not actor.may_at(found[0].place_code):
            raise UnknownBatch(batch=batch_id)
        if not wave_lines.assign_batch(batch_id=batch_id, to=to.strip()):
            raise BadWave(reason="A batch that is finished has nobody.")
        record_audit(
            actor=actor.name,
            action="waves.assign",
            subject_kind="pick_batch",
            subject_key=found[0].name,
            details={"from": found[0].assigned_to, "to": to.strip()},
        )


def set_picking(*, settings: WaveSettings, actor: Actor, moment: dt.datetime) -> None:
    """Say how a place picks. Raises UnknownPlace, BadWave."""
    if not actor.may_at(settings.place_code):
        raise UnknownPlace(place=settings.place_code)
    counts = (settings.cart_totes, settings.tote_units, settings.wave_orders)
    is_right = all(1 <= one <= _MOST for one in counts) and 0 <= settings.lead_minutes <= _MOST
    if not is_right or settings.cart_totes > _MOST_TOTES:
        raise BadWave(
            reason="Tote positions, units of a tote and orders of a wave are whole numbers from 1; minutes from 0."
        )
    with one_transaction():
        if not waves.write_settings(settings=settings, changed_by=actor.name, moment=moment):
            raise UnknownPlace(place=settings.place_code)
        record_audit(
            actor=actor.name,
            action="waves.settings",
            subject_kind="place",
            subject_key=settings.place_code,
            details={"cart_totes": settings.cart_totes, "tote_units": settings.tote_units},
        )


def _audit(*, actor: Actor, action: str, wave_id: int, details: dict[str, object]) -> None:
    record_audit(actor=actor.name, action=action, subject_kind="wave", subject_key=str(wave_id), details=details)
