"""Waves and batches as an actor may see them: only those of their places."""

from collections.abc import Sequence
from dataclasses import dataclass

from reorder.domain.inventory.queries import list_places
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.warehouse import wave_lines, wave_queries
from reorder.domain.warehouse.wave_errors import UnknownBatch, UnknownWave
from reorder.domain.warehouse.wave_lines import BatchRow, LineRow
from reorder.domain.warehouse.wave_queries import BatchSummary, WaveSummary
from reorder.domain.warehouse.wave_rules import StandingLine, judge_lines

STATES = ("planned", "released", "picking", "done", "cancelled")
LIVE = ("planned", "released", "picking")


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePage:
    """A wave with its batches."""

    wave: WaveSummary
    batches: Sequence[BatchSummary]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPage:
    """A batch with its lines: those still to be picked first, in walking order."""

    batch: BatchRow
    lines: Sequence[LineRow]
    open_ids: frozenset[int]


def list_waves(
    *,
    actor: Actor,
    place_code: str | None = None,
    states: Sequence[str] = LIVE,
    before_id: int | None = None,
    limit: int = 50,
) -> list[WaveSummary]:
    """Waves of the actor's places, or of one of them, the newest first. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    places = [one.code for one in list_places() if actor.may_at(one.code) and place_code in {None, one.code}]
    return wave_queries.list_waves(place_codes=places, states=states, before_id=before_id, limit=limit)


def get_wave(*, actor: Actor, wave_id: int) -> WavePage:
    """A wave of a place of the actor's. Raises NotAllowed, UnknownWave."""
    actor.require(Ability.VIEW_ORDERS)
    wave = wave_queries.get_wave(wave_id=wave_id)
    if not actor.may_at(wave.place_code):
        raise UnknownWave(wave_id=wave_id)
    return WavePage(wave=wave, batches=wave_queries.list_batches_of(wave_id=wave_id))


def get_batch(*, actor: Actor, batch_id: int) -> BatchPage:
    """A batch of a place of the actor's with its lines. Raises NotAllowed, UnknownBatch."""
    actor.require(Ability.VIEW_ORDERS)
    batch = wave_lines.get_batch(batch_id=batch_id)
    if not actor.may_at(batch.place_code):
        raise UnknownBatch(batch=batch_id)
    lines = wave_lines.list_lines(batch_ids=[batch_id])
    return BatchPage(batch=batch, lines=lines, open_ids=frozenset(open_ids(lines=lines)))


def open_ids(*, lines: Sequence[StandingLine]) -> set[int]:
    """Lines that are to be picked, as their parcels stand now."""
    gone = {one.line_id for one in judge_lines(lines=lines) if not one.units}
    return {line.id for line in lines if line.state == "open" and line.id not in gone}
