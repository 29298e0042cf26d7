"""Parcels and batches that leave a wave: given up, or made a wave of their own. The caller holds the batches."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from reorder.domain.storage import fetch_prepared

_GIVE_UP: Final = """
WITH lines AS (
    UPDATE warehouse_pickline SET state = 'dropped', why = %(why)s::text
    WHERE batch_id = ANY(%(batch_ids)s::bigint[]) AND state = 'open'
), parcels AS (
    UPDATE warehouse_waveparcel SET left_at = %(moment)s::timestamptz, left_why = %(why)s::text
    WHERE wave_id = %(wave_id)s::bigint AND left_at IS NULL
      AND (batch_id IS NULL OR batch_id = ANY(%(batch_ids)s::bigint[]))
    RETURNING 1
)
SELECT count(*) FROM parcels
"""
_SPLIT: Final = """
WITH wave AS (
    INSERT INTO warehouse_wave (place_id, state, cut_off_at, temperature_class, is_express, criteria, created_by,
                                release_asked_at, released_at)
    SELECT place_id, 'released', cut_off_at, temperature_class, is_express,
           jsonb_build_object('split_from', id), %(created_by)s::text, release_asked_at, %(moment)s::timestamptz
    FROM warehouse_wave WHERE id = %(wave_id)s::bigint
    RETURNING id
), numbered AS (
    SELECT id, row_number() OVER (ORDER BY number) AS number FROM warehouse_pickbatch
    WHERE id = ANY(%(batch_ids)s::bigint[]) AND wave_id = %(wave_id)s::bigint
), batches AS (
    UPDATE warehouse_pickbatch AS batch SET wave_id = wave.id, number = numbered.number
    FROM wave, numbered WHERE batch.id = numbered.id
), parcels AS (
    UPDATE warehouse_waveparcel AS parcel SET wave_id = wave.id
    FROM wave WHERE parcel.wave_id = %(wave_id)s::bigint AND parcel.batch_id = ANY(%(batch_ids)s::bigint[])
)
SELECT id FROM wave
"""


def give_up(*, wave_id: int, batch_ids: Sequence[int], why: str, moment: dt.datetime) -> int:
    """Parcels of these batches, and those without a batch, leave the wave; returns how many."""
    given = {"wave_id": wave_id, "batch_ids": list(batch_ids), "why": why, "moment": moment}
    return int(fetch_prepared(statement=_GIVE_UP, parameters=given)[0][0])


def split_off(*, wave_id: int, batch_ids: Sequence[int], created_by: str, moment: dt.datetime) -> int:
    """Make a released wave of some batches of a wave; returns its number."""
    given = {"wave_id": wave_id, "batch_ids": list(batch_ids), "created_by": created_by, "moment": moment}
    return int(fetch_prepared(statement=_SPLIT, parameters=given)[0][0])
