"""Waves and their batches: proposed from what can be picked, written whole, split, cancelled, finished.

Lock order: orders and their fulfilment orders, then batches by id, then pick lines, then stock, then bins, then waves.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.storage import fetch_prepared, run_sql
from reorder.domain.warehouse.wave_errors import NothingForWave, UnknownWave, WaveMovedOn
from reorder.domain.warehouse.wave_rules import Candidate, WaveProposal, coldest

_MOST_CANDIDATES: Final = 10_000
_CANDIDATES: Final = """
SELECT parcel.id, parcel.order_id, parcel.ship_by_at, parcel.service_code, bought.ship_method, bought.tags,
       (SELECT array_agg(DISTINCT product.temperature_class) FROM warehouse_fulfilmentline AS line
        JOIN catalog_product AS product ON product.id = line.product_id WHERE line.fulfilment_id = parcel.id),
       goods.lines_count, goods.units
FROM warehouse_fulfilmentorder AS parcel
JOIN inventory_place AS place ON place.id = parcel.place_id AND place.code = %(place_code)s::text
JOIN orders_order AS bought ON bought.id = parcel.order_id
JOIN LATERAL (SELECT count(*) AS lines_count, sum(line.units) AS units FROM warehouse_fulfilmentline AS line
              WHERE line.fulfilment_id = parcel.id) AS goods ON goods.lines_count > 0
WHERE parcel.state IN ('allocated', 'released')
  AND bought.hold_reasons <@ ARRAY['out_of_stock']::text[]
  AND (bought.payment_state = ANY(%(paid_states)s::text[]) OR bought.total_minor = 0 OR bought.total_minor IS NULL)
  AND NOT EXISTS (SELECT FROM warehouse_waveparcel AS taken
                  WHERE taken.fulfilment_id = parcel.id AND taken.left_at IS NULL)
ORDER BY parcel.ship_by_at NULLS LAST, parcel.id LIMIT %(limit)s::int
"""
_UNRELEASED: Final = """
SELECT parcel.id, bought.external_id
FROM warehouse_fulfilmentorder AS parcel JOIN orders_order AS bought ON bought.id = parcel.order_id
WHERE parcel.id = ANY(%(fulfilment_ids)s::bigint[]) AND parcel.state <> 'released' ORDER BY parcel.order_id, parcel.id
"""
_ADD: Final = """
WITH wave AS (
    INSERT INTO warehouse_wave (place_id, cut_off_at, temperature_class, is_express, criteria, created_by)
    SELECT place.id, %(cut_off_at)s::timestamptz, %(temperature_class)s::text, %(is_express)s::boolean,
           %(criteria)s::jsonb, %(created_by)s::text
    FROM inventory_place AS place WHERE place.code = %(place_code)s::text
    RETURNING id
), parcels AS (
    INSERT INTO warehouse_waveparcel (wave_id, fulfilment_id)
    SELECT wave.id, parcel.id FROM wave, warehouse_fulfilmentorder AS parcel
    WHERE parcel.id = ANY(%(fulfilment_ids)s::bigint[]) AND parcel.state IN ('allocated', 'released')
      AND parcel.place_id = (SELECT id FROM inventory_place WHERE code = %(place_code)s::text)
    ORDER BY parcel.id
    ON CONFLICT (fulfilment_id) WHERE left_at IS NULL DO NOTHING
    RETURNING 1
)
SELECT wave.id, (SELECT count(*) FROM parcels) FROM wave
"""
_LOCK: Final = """
WITH held AS MATERIALIZED (SELECT * FROM warehouse_wave WHERE id = %(wave_id)s::bigint FOR UPDATE)
SELECT held.id, place.code, held.state, held.cut_off_at, held.temperature_class, held.is_express, held.release_asked_at,
       coalesce((SELECT array_agg(parcel.fulfilment_id ORDER BY parcel.fulfilment_id)
                 FROM warehouse_waveparcel AS parcel
                 WHERE parcel.wave_id = held.id AND parcel.left_at IS NULL), '{}'),
       coalesce((SELECT array_agg(parcel.fulfilment_id ORDER BY parcel.fulfilment_id)
                 FROM warehouse_waveparcel AS parcel
                 WHERE parcel.wave_id = held.id AND parcel.left_at IS NULL AND parcel.batch_id IS NULL), '{}')
FROM held JOIN inventory_place AS place ON place.id = held.place_id
"""
_SAVE: Final = """
WITH given AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('warehouse_pickbatch', 'id')) AS id, batch.*
    FROM jsonb_to_recordset(%(batches)s::jsonb) AS batch (
        number integer, kind text, totes integer, walk jsonb, length_mm integer, by_name_length_mm integer,
        parcels jsonb, lines jsonb)
), batches AS (
    INSERT INTO warehouse_pickbatch (id, wave_id, number, kind, totes, walk, length_mm, by_name_length_mm)
    OVERRIDING SYSTEM VALUE
    SELECT id, %(wave_id)s::bigint, number + coalesce((SELECT max(known.number) FROM warehouse_pickbatch AS known
                                                       WHERE known.wave_id = %(wave_id)s::bigint), 0),
           kind, totes, ARRAY(SELECT jsonb_array_elements_text(given.walk)), length_mm, by_name_length_mm
    FROM given ORDER BY number
), parcels AS (
    UPDATE warehouse_waveparcel AS known SET batch_id = given.id, tote = parcel.tote
    FROM given, jsonb_to_recordset(given.parcels) AS parcel (fulfilment_id bigint, tote integer)
    WHERE known.wave_id = %(wave_id)s::bigint AND known.fulfilment_id = parcel.fulfilment_id AND known.left_at IS NULL
)
INSERT INTO warehouse_pickline (batch_id, fulfilment_id, order_line_id, product_id, owner, lot, expires_date, bin_id,
                                units, sequence, tote)
SELECT given.id, line.fulfilment_id, line.order_line_id, line.product_id, line.owner, line.lot, line.expires_date,
       bin.id, line.units, line.sequence, line.tote
FROM given, jsonb_to_recordset(given.lines) AS line (
    fulfilment_id bigint, order_line_id bigint, product_id bigint, owner text, lot text, expires_date date,
    bin_code text, units numeric, sequence integer, tote integer)
LEFT JOIN warehouse_bin AS bin ON bin.code = line.bin_code
ORDER BY given.number, line.sequence
RETURNING 1
"""
_LEAVE: Final = """
UPDATE warehouse_waveparcel SET left_at = %(moment)s, left_why = %(why)s
WHERE left_at IS NULL AND fulfilment_id = ANY(%(fulfilment_ids)s)
"""
_DROP: Final = """
UPDATE warehouse_pickline SET state = 'dropped', why = %(why)s
WHERE fulfilment_id = ANY(%(fulfilment_ids)s) AND state = ANY(%(states)s)
"""
_SETTING: Final = """
SELECT place.code, coalesce(known.cart_totes, 12), coalesce(known.tote_units, 20), coalesce(known.wave_orders, 1000),
       coalesce(known.lead_minutes, 240)
FROM inventory_place AS place LEFT JOIN warehouse_wavesetting AS known ON known.place_id = place.id
WHERE place.code = %(place_code)s::text
"""
_SET: Final = """
INSERT INTO warehouse_wavesetting (place_id, cart_totes, tote_units, wave_orders, lead_minutes, changed_at, changed_by)
SELECT id, %(cart_totes)s::int, %(tote_units)s::int, %(wave_orders)s::int, %(lead_minutes)s::int,
       %(moment)s::timestamptz, %(changed_by)s::text
FROM inventory_place WHERE code = %(place_code)s::text
ON CONFLICT (place_id) DO UPDATE
SET cart_totes = excluded.cart_totes, tote_units = excluded.tote_units, wave_orders = excluded.wave_orders,
    lead_minutes = excluded.lead_minutes, changed_at = excluded.changed_at, changed_by = excluded.changed_by
RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class WaveSettings:
    """How a place picks: tote positions of a cart, selling units a tote takes, parcels of a wave, minutes of lead."""

    place_code: str
    cart_totes: int = 12
    tote_units: int = 20
    wave_orders: int = 1000
    lead_minutes: int = 240


@dataclass(frozen=True, slots=True)
class HeldWave:
    """A wave that nobody else changes until the transaction ends; `unplanned_ids` are parcels without a batch."""

    id: int
    place_code: str
    state: str
    cut_off_at: dt.datetime | None
    temperature_class: str
    is_express: bool
    release_asked_at: dt.datetime | None
    fulfilment_ids: tuple[int, ...]
    unplanned_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPickLine:
    """Units of a lot to take out of a bin (empty: it is in none) for a line of a parcel, into a tote position."""

    fulfilment_id: int
    order_line_id: int
    product_id: int
    owner: str
    lot: str
    expires_date: dt.date | None
    bin_code: str
    units: Decimal
    sequence: int
    tote: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """One walk; `totes` by fulfilment order, `walk` bin codes, lengths in millimetres where a floor plan gives them."""

    kind: str
    totes: Mapping[int, int]
    positions: int
    walk: tuple[str, ...]
    length_mm: int | None
    by_name_length_mm: int | None
    lines: tuple[NewPickLine, ...]


def list_candidates(*, place_code: str, paid_states: Sequence[str]) -> list[Candidate]:
    """Parcels of a place that could be picked: promised whole, paid, held by nothing, and in no wave."""
    given = {"place_code": place_code, "paid_states": list(paid_states), "limit": _MOST_CANDIDATES}
    return [
        Candidate(
            fulfilment_id=row[0],
            order_id=row[1],
            ship_by_at=row[2],
            service_code=row[3],
            ship_method=row[4],
            tags=tuple(row[5]),
            temperature_class=coldest(classes=row[6]),
            lines_count=row[7],
            units=row[8],
        )
        for row in fetch_prepared(statement=_CANDIDATES, parameters=given)
    ]


def list_unreleased(*, fulfilment_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Those parcels that the warehouse does not have yet, with the number of their order, by order."""
    rows = fetch_prepared(statement=_UNRELEASED, parameters={"fulfilment_ids": list(fulfilment_ids)})
    return [(row[0], row[1]) for row in rows]


def get_settings(*, place_code: str) -> WaveSettings:
    """How a place picks; the usual where nobody said."""
    rows = fetch_prepared(statement=_SETTING, parameters={"place_code": place_code})
    return WaveSettings(*rows[0]) if rows else WaveSettings(place_code)


def write_settings(*, settings: WaveSettings, changed_by: str, moment: dt.datetime) -> bool:
    """Say how a place picks; False when there is no such place."""
    given = {
        "place_code": settings.place_code,
        "cart_totes": settings.cart_totes,
        "tote_units": settings.tote_units,
        "wave_orders": settings.wave_orders,
        "lead_minutes": settings.lead_minutes,
        "moment": moment,
        "changed_by": changed_by,
    }
    return bool(fetch_prepared(statement=_SET, parameters=given))


def add_wave(*, place_code: str, proposal: WaveProposal, criteria: Mapping[str, Any], created_by: str) -> int:
    """Write a wave of those parcels that no other wave took meanwhile; raises NothingForWave when that is none."""
    given = {
        "place_code": place_code,
        "cut_off_at": proposal.cut_off_at,
        "temperature_class": proposal.temperature_class,
        "is_express": proposal.is_express,
        "criteria": json.dumps(dict(criteria), ensure_ascii=False),
        "created_by": created_by,
        "fulfilment_ids": list(proposal.fulfilment_ids),
    }
    rows = fetch_prepared(statement=_ADD, parameters=given)
    if not rows or not rows[0][1]:
        raise NothingForWave(place=place_code)
    return int(rows[0][0])


def lock_wave(*, wave_id: int) -> HeldWave:
    """Hold a wave. Raises UnknownWave."""
    rows = fetch_prepared(statement=_LOCK, parameters={"wave_id": wave_id})
    if not rows:
        raise UnknownWave(wave_id=wave_id)
    row = rows[0]
    return HeldWave(*(*row[:7], tuple(row[7]), tuple(row[8])))


def ask_release(*, wave_id: int, moment: dt.datetime) -> bool:
    """Note that a wave is to be released; False when it was asked for before, or is no longer planned."""
    return bool(
        run_sql(
            statement="""UPDATE warehouse_wave SET release_asked_at = %s
                         WHERE id = %s AND state = 'planned' AND release_asked_at IS NULL""",
            parameters=[moment, wave_id],
        )
    )


def note_left_back(*, wave_id: int, left: Sequence[Mapping[str, Any]]) -> None:
    """Remember orders that could not be released with a wave, and why."""
    run_sql(
        statement="UPDATE warehouse_wave SET left_back = %s::jsonb WHERE id = %s",
        parameters=[json.dumps(list(left), ensure_ascii=False), wave_id],
    )


def change_wave(*, wave_id: int, from_states: Sequence[str], to_state: str, moment: dt.datetime) -> None:
    """Bring a held wave to a state. Raises WaveMovedOn when it is in none of `from_states`."""
    stamp = {"released": "released_at", "done": "done_at", "cancelled": "done_at"}.get(to_state)
    stamped = f", {stamp} = coalesce({stamp}, %(moment)s)" if stamp else ""
    changed = run_sql(
        statement=f"""UPDATE warehouse_wave SET state = %(state)s{stamped}
                      WHERE id = %(id)s AND state = ANY(%(from_states)s)""",  # noqa: S608 - our own words
        parameters={"state": to_state, "id": wave_id, "from_states": list(from_states), "moment": moment},
    )
    if not changed:
        raise WaveMovedOn(wave_id=wave_id, wanted=to_state)


def save_batches(*, wave_id: int, batches: Sequence[NewBatch]) -> int:
    """Write the batches of a held wave with their lines, numbered after those that it has; returns how many lines."""
    rows = [_batch(one, number=number) for number, one in enumerate(batches, start=1)]
    given = {"wave_id": wave_id, "batches": json.dumps(rows, default=str)}
    return len(fetch_prepared(statement=_SAVE, parameters=given))


def leave_waves(*, fulfilment_ids: Sequence[int], why: str, moment: dt.datetime) -> int:
    """Take parcels out of the wave that each is in, if any; they can be in another one from now on."""
    return run_sql(statement=_LEAVE, parameters={"moment": moment, "why": why, "fulfilment_ids": list(fulfilment_ids)})


def forget_picks(*, fulfilment_ids: Sequence[int], why: str, moment: dt.datetime) -> int:
    """Lines of parcels whose goods went back, open or picked, count no longer; returns how many that were."""
    ids = list(fulfilment_ids)
    dropped = run_sql(statement=_DROP, parameters={"why": why, "fulfilment_ids": ids, "states": ["open", "picked"]})
    leave_waves(fulfilment_ids=ids, why=why, moment=moment)
    return dropped


def _batch(one: NewBatch, *, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "kind": one.kind,
        "totes": one.positions,
        "walk": list(one.walk),
        "length_mm": one.length_mm,
        "by_name_length_mm": one.by_name_length_mm,
        "parcels": [{"fulfilment_id": key, "tote": tote} for key, tote in one.totes.items()],
        "lines": [
            {
                "fulfilment_id": line.fulfilment_id,
                "order_line_id": line.order_line_id,
                "product_id": line.product_id,
                "owner": line.owner,
                "lot": line.lot,
                "expires_date": line.expires_date.isoformat() if line.expires_date else None,
                "bin_code": line.bin_code,
                "units": str(line.units),
                "sequence": line.sequence,
                "tote": line.tote,
            }
            for line in one.lines
        ],
    }
