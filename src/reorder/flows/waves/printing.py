"""Pick lists of a wave or of one batch as PDF, of what is still to be picked."""

import datetime as dt
from collections import defaultdict

from django.conf import settings

from reorder.domain.inventory.queries import list_places
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.warehouse import wave_lines
from reorder.domain.warehouse.wave_errors import UnknownWave
from reorder.domain.warehouse.wave_lines import LineRow
from reorder.domain.warehouse.wave_queries import get_wave
from reorder.flows.documents.pick_batches import PrintedBatch, pick_batches_pdf
from reorder.flows.waves.picking import open_lines


def print_wave(*, wave_id: int, language: str, actor: Actor, moment: dt.datetime, batch_id: int | None = None) -> bytes:
    """Lists of all batches of a wave, or of one. Raises NotAllowed, UnknownWave."""
    actor.require(Ability.VIEW_ORDERS)
    wave = get_wave(wave_id=wave_id)
    if not actor.may_at(wave.place_code):
        raise UnknownWave(wave_id=wave_id)
    batches = [one for one in wave_lines.list_batches(wave_id=wave_id) if batch_id in {None, one.id}]
    lines: dict[int, list[LineRow]] = defaultdict(list)
    for line in wave_lines.list_lines(batch_ids=[one.id for one in batches]):
        lines[line.batch_id].append(line)
    names = {one.code: one.name for one in list_places()}
    return pick_batches_pdf(
        batches=[PrintedBatch(one, open_lines(lines=lines[one.id], batch_id=one.id)) for one in batches],
        place=names.get(wave.place_code, wave.place_code),
        language=language,
        shop_name=settings.REORDER.shop_name,
        time_zone=settings.REORDER.time_zone,
        moment=moment,
    )
