"""Waves and batches as lists and pages show them: how far they are, counted from their lines."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.storage import fetch_prepared
from reorder.domain.warehouse.wave_errors import UnknownWave
from reorder.kernel.stored_json import read_json

_LIVE: Final = ("planned", "released", "picking")
_BATCHES: Final = """
SELECT batch.id, batch.wave_id, batch.number, batch.state, batch.kind, batch.assigned_to, batch.totes, batch.length_mm,
       batch.by_name_length_mm, batch.started_at, batch.done_at, place.code, wave.cut_off_at, wave.is_express,
       wave.temperature_class, coalesce(told.parcels_count, 0), coalesce(told.lines_count, 0),
       coalesce(told.done_count, 0), coalesce(told.units, 0), coalesce(told.bins_count, 0)
FROM warehouse_pickbatch AS batch
JOIN warehouse_wave AS wave ON wave.id = batch.wave_id
JOIN inventory_place AS place ON place.id = wave.place_id
LEFT JOIN LATERAL (
    SELECT count(DISTINCT line.fulfilment_id) AS parcels_count, count(*) AS lines_count,
           count(*) FILTER (WHERE line.state = 'picked') AS done_count, sum(line.units) AS units,
           count(DISTINCT line.bin_id) AS bins_count
    FROM warehouse_pickline AS line WHERE line.batch_id = batch.id AND line.state IN ('open', 'picked')
) AS told ON true
"""
_OPEN_BATCHES: Final = f"""{_BATCHES}
WHERE place.code = %(place_code)s::text AND wave.state IN ('released', 'picking')
  AND batch.state IN ('open', 'picking')
ORDER BY wave.cut_off_at NULLS LAST, wave.is_express DESC, wave.id, batch.number LIMIT %(limit)s::int
"""
_OF_WAVE: Final = f"{_BATCHES} WHERE batch.wave_id = %(wave_id)s::bigint ORDER BY batch.number"
_COUNT_OPEN: Final = """
SELECT count(*) FROM warehouse_pickbatch AS batch JOIN warehouse_wave AS wave ON wave.id = batch.wave_id
JOIN inventory_place AS place ON place.id = wave.place_id
WHERE place.code = %(place_code)s::text AND wave.state IN ('released', 'picking')
  AND batch.state IN ('open', 'picking') AND batch.assigned_to IN ('', %(by)s::text)
"""
_WAVES: Final = """
SELECT wave.id, place.code, wave.state, wave.cut_off_at, wave.temperature_class, wave.is_express, wave.created_at,
       wave.created_by, wave.release_asked_at, wave.released_at, wave.done_at, wave.left_back,
       (SELECT count(*) FROM warehouse_waveparcel AS parcel WHERE parcel.wave_id = wave.id AND parcel.left_at IS NULL),
       coalesce(told.batches_count, 0), coalesce(told.batches_done_count, 0), coalesce(told.lines_count, 0),
       coalesce(told.done_count, 0), coalesce(told.units, 0), told.length_mm, told.by_name_length_mm
FROM warehouse_wave AS wave JOIN inventory_place AS place ON place.id = wave.place_id
LEFT JOIN LATERAL (
    SELECT count(*) AS batches_count, count(*) FILTER (WHERE batch.state = 'done') AS batches_done_count,
           sum(batch.length_mm) AS length_mm, sum(batch.by_name_length_mm) AS by_name_length_mm,
           sum(line.lines_count)::bigint AS lines_count, sum(line.done_count)::bigint AS done_count,
           sum(line.units) AS units
    FROM warehouse_pickbatch AS batch
    LEFT JOIN LATERAL (
        SELECT count(*) AS lines_count, count(*) FILTER (WHERE each.state = 'picked') AS done_count,
               sum(each.units) AS units
        FROM warehouse_pickline AS each WHERE each.batch_id = batch.id AND each.state IN ('open', 'picked')
    ) AS line ON true
    WHERE batch.wave_id = wave.id AND batch.state <> 'cancelled'
) AS told ON true
"""
_LIST: Final = f"""{_WAVES}
WHERE place.code = ANY(%(places)s::text[]) AND wave.state = ANY(%(states)s::text[])
  AND wave.id < %(before)s::bigint
ORDER BY wave.id DESC LIMIT %(limit)s::int
"""
_BY_ID: Final = f"{_WAVES} WHERE wave.id = %(wave_id)s::bigint"
_NO_ID: Final = 2**62


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """A batch and how far it is; lines that are not to be picked any more are not counted."""

    id: int
    wave_id: int
    number: int
    state: str
    kind: str
    assigned_to: str
    totes: int
    length_mm: int | None
    by_name_length_mm: int | None
    started_at: dt.datetime | None
    done_at: dt.datetime | None
    place_code: str
    cut_off_at: dt.datetime | None
    is_express: bool
    temperature_class: str
    parcels_count: int
    lines_count: int
    done_count: int
    units: Decimal
    bins_count: int

    @property
    def name(self) -> str:
        """Its number as people say it."""
        return f"{self.wave_id}-{self.number}"


@dataclass(frozen=True, slots=True)
class WaveSummary:
    """A wave and how far it is; lengths in millimetres, of all walks, where a floor plan gives them."""

    id: int
    place_code: str
    state: str
    cut_off_at: dt.datetime | None
    temperature_class: str
    is_express: bool
    created_at: dt.datetime
    created_by: str
    release_asked_at: dt.datetime | None
    released_at: dt.datetime | None
    done_at: dt.datetime | None
    left_back: Sequence[dict[str, Any]]
    parcels_count: int
    batches_count: int
    batches_done_count: int
    lines_count: int
    done_count: int
    units: Decimal
    length_mm: int | None
    by_name_length_mm: int | None

    @property
    def is_releasing(self) -> bool:
        """Whether a worker is at it, or is to be."""
        return self.state == "planned" and self.release_asked_at is not None


def list_open_batches(*, place_code: str, limit: int = 200) -> list[BatchSummary]:
    """Batches that are not finished, the earliest cut-off first."""
    rows = fetch_prepared(statement=_OPEN_BATCHES, parameters={"place_code": place_code, "limit": limit})
    return [BatchSummary(*row) for row in rows]


def count_open_batches(*, place_code: str, by: str) -> int:
    """Batches that somebody could pick: free ones, and their own."""
    return int(fetch_prepared(statement=_COUNT_OPEN, parameters={"place_code": place_code, "by": by})[0][0])


def list_batches_of(*, wave_id: int) -> list[BatchSummary]:
    """The batches of a wave by number, cancelled ones too."""
    return [BatchSummary(*row) for row in fetch_prepared(statement=_OF_WAVE, parameters={"wave_id": wave_id})]


def list_waves(
    *, place_codes: Sequence[str], states: Sequence[str] = _LIVE, before_id: int | None = None, limit: int = 50
) -> list[WaveSummary]:
    """Waves of places in some states, the newest first; those before `before_id`."""
    given = {
        "places": list(place_codes),
        "states": list(states),
        "before": _NO_ID if before_id is None else before_id,
        "limit": limit,
    }
    return [_summary(row) for row in fetch_prepared(statement=_LIST, parameters=given)]


def get_wave(*, wave_id: int) -> WaveSummary:
    """One wave. Raises UnknownWave."""
    rows = fetch_prepared(statement=_BY_ID, parameters={"wave_id": wave_id})
    if not rows:
        raise UnknownWave(wave_id=wave_id)
    return _summary(rows[0])


def _summary(row: Sequence[Any]) -> WaveSummary:
    left = read_json(row[11])
    return WaveSummary(*(*row[:11], left, *row[12:]))
