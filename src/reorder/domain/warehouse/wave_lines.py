"""Pick batches and their lines as they stand now: looked at, held, confirmed step by step, closed."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.storage import fetch_prepared, run_sql
from reorder.domain.warehouse.wave_errors import UnknownBatch
from reorder.domain.warehouse.wave_rules import StandingLine, Verdict
from reorder.domain.warehouse.waves import NewPickLine

_LINES: Final = """
SELECT line.id, line.batch_id, line.fulfilment_id, line.order_line_id, line.product_id, line.state, line.units,
       line.picked_units, line.sequence, parcel.state,
       NOT bought.hold_reasons <@ ARRAY['out_of_stock']::text[], wanted.units,
       line.owner, line.lot, line.expires_date, coalesce(bin.code, ''), line.tote, line.why, line.bin_seen_at,
       line.product_seen_at, line.counted_units, line.picked_by, line.picked_at,
       product.sku, product.name, bought.id, bought.external_id
FROM warehouse_pickline AS line
JOIN warehouse_fulfilmentorder AS parcel ON parcel.id = line.fulfilment_id
JOIN orders_order AS bought ON bought.id = parcel.order_id
JOIN catalog_product AS product ON product.id = line.product_id
LEFT JOIN warehouse_bin AS bin ON bin.id = line.bin_id
LEFT JOIN warehouse_fulfilmentline AS wanted ON wanted.fulfilment_id = line.fulfilment_id
    AND wanted.order_line_id = line.order_line_id AND wanted.product_id = line.product_id
"""
_IN_ORDER: Final = "ORDER BY line.batch_id, line.sequence, line.id"
_OF_BATCH: Final = f"{_LINES} WHERE line.batch_id = ANY(%(batch_ids)s::bigint[]) {_IN_ORDER}"
_OF_PARCELS: Final = f"{_LINES} WHERE line.fulfilment_id = ANY(%(fulfilment_ids)s::bigint[]) {_IN_ORDER}"
_BY_IDS: Final = f"{_LINES} WHERE line.id = ANY(%(line_ids)s::bigint[]) {_IN_ORDER}"
_BATCH: Final = """
SELECT batch.id, batch.wave_id, batch.number, batch.state, batch.kind, batch.assigned_to, batch.totes, batch.walk,
       batch.length_mm, batch.by_name_length_mm, batch.started_at, batch.done_at, place.code, wave.state,
       wave.cut_off_at, wave.temperature_class, wave.is_express
FROM warehouse_pickbatch AS batch JOIN warehouse_wave AS wave ON wave.id = batch.wave_id
JOIN inventory_place AS place ON place.id = wave.place_id
"""
_BY_ID: Final = f"{_BATCH} WHERE batch.id = %(batch_id)s::bigint"
_LOCKED: Final = f"""
WITH held AS MATERIALIZED (
    SELECT id FROM warehouse_pickbatch WHERE id = ANY(%(batch_ids)s::bigint[]) ORDER BY id FOR UPDATE
) {_BATCH} JOIN held ON held.id = batch.id ORDER BY batch.id"""  # noqa: S608 - made of constants only
_OF_WAVE: Final = f"{_BATCH} WHERE batch.wave_id = %(wave_id)s::bigint ORDER BY batch.number"
_ADD_LINES: Final = """
INSERT INTO warehouse_pickline (batch_id, fulfilment_id, order_line_id, product_id, owner, lot, expires_date, bin_id,
                                units, sequence, tote)
SELECT %(batch_id)s::bigint, line.fulfilment_id, line.order_line_id, line.product_id, line.owner, line.lot,
       line.expires_date, bin.id, line.units, line.sequence, line.tote
FROM jsonb_to_recordset(%(lines)s::jsonb) AS line (
    turn integer, fulfilment_id bigint, order_line_id bigint, product_id bigint, owner text, lot text,
    expires_date date, bin_code text, units numeric, sequence integer, tote integer)
LEFT JOIN warehouse_bin AS bin ON bin.code = line.bin_code
ORDER BY line.turn
RETURNING id
"""
_CONFIRM: Final = """
UPDATE warehouse_pickline AS line
SET state = 'picked', picked_units = given.units, units = given.units, picked_by = %(by)s, picked_at = %(moment)s
FROM unnest(%(ids)s::bigint[], %(units)s::numeric[]) AS given (id, units)
WHERE line.id = given.id AND line.state = 'open'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """A batch with what its wave says."""

    id: int
    wave_id: int
    number: int
    state: str
    kind: str
    assigned_to: str
    totes: int
    walk: tuple[str, ...]
    length_mm: int | None
    by_name_length_mm: int | None
    started_at: dt.datetime | None
    done_at: dt.datetime | None
    place_code: str
    wave_state: str
    cut_off_at: dt.datetime | None
    temperature_class: str
    is_express: bool

    @property
    def name(self) -> str:
        """Its number as people say it: that of the wave and its own."""
        return f"{self.wave_id}-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow(StandingLine):
    """A pick line with what a picker needs; `bin_code` empty: the goods are in no bin by the records."""

    owner: str
    lot: str
    expires_date: dt.date | None
    bin_code: str
    tote: int
    why: str
    bin_seen_at: dt.datetime | None
    product_seen_at: dt.datetime | None
    counted_units: Decimal | None
    picked_by: str
    picked_at: dt.datetime | None
    sku: str
    name: str
    order_id: int
    order: str


_LINE_NAMES: Final = (
    "id", "batch_id", "fulfilment_id", "order_line_id", "product_id", "state", "units", "picked_units", "sequence",
    "parcel_state", "is_held", "wanted_units", "owner", "lot", "expires_date", "bin_code", "tote", "why", "bin_seen_at",
    "product_seen_at", "counted_units", "picked_by", "picked_at", "sku", "name", "order_id", "order",
)  # fmt: skip
_BATCH_NAMES: Final = (
    "id", "wave_id", "number", "state", "kind", "assigned_to", "totes", "walk", "length_mm", "by_name_length_mm",
    "started_at", "done_at", "place_code", "wave_state", "cut_off_at", "temperature_class", "is_express",
)  # fmt: skip


def get_batch(*, batch_id: int) -> BatchRow:
    """One batch. Raises UnknownBatch."""
    rows = _batches(_BY_ID, batch_id=batch_id)
    if not rows:
        raise UnknownBatch(batch=batch_id)
    return rows[0]


def lock_batches(*, batch_ids: Sequence[int]) -> list[BatchRow]:
    """Hold batches, by id, until the transaction ends; the caller holds the orders that it will change already."""
    return _batches(_LOCKED, batch_ids=list(batch_ids))


def list_batches(*, wave_id: int) -> list[BatchRow]:
    """The batches of a wave by number."""
    return _batches(_OF_WAVE, wave_id=wave_id)


def list_lines(*, batch_ids: Sequence[int]) -> list[LineRow]:
    """All lines of batches, whatever became of them, in walking order."""
    return _lines(_OF_BATCH, batch_ids=list(batch_ids))


def list_lines_by_id(*, line_ids: Sequence[int]) -> list[LineRow]:
    """These lines, in walking order."""
    return _lines(_BY_IDS, line_ids=list(line_ids))


def list_lines_of(*, fulfilment_ids: Sequence[int]) -> list[LineRow]:
    """All lines of parcels, in whatever batches."""
    return _lines(_OF_PARCELS, fulfilment_ids=list(fulfilment_ids))


def take_batch(*, batch_id: int, by: str, moment: dt.datetime) -> bool:
    """Let somebody begin a batch that nobody else has; False when somebody else does, or it is finished."""
    return bool(
        run_sql(
            statement="""UPDATE warehouse_pickbatch
                         SET state = 'picking', assigned_to = %(by)s, started_at = coalesce(started_at, %(moment)s)
                         WHERE id = %(id)s AND state IN ('open', 'picking') AND assigned_to IN ('', %(by)s)""",
            parameters={"id": batch_id, "by": by, "moment": moment},
        )
    )


def assign_batch(*, batch_id: int, to: str) -> bool:
    """Give an unfinished batch to somebody (empty: to nobody); False when it is finished."""
    return bool(
        run_sql(
            statement="""UPDATE warehouse_pickbatch SET assigned_to = %s
                         WHERE id = %s AND state IN ('open', 'picking')""",
            parameters=[to, batch_id],
        )
    )


def end_batches(*, batch_ids: Sequence[int], to_state: str, moment: dt.datetime) -> int:
    """Finish or cancel batches that are not finished; returns how many."""
    return run_sql(
        statement="""UPDATE warehouse_pickbatch SET state = %s, done_at = %s
                     WHERE id = ANY(%s) AND state IN ('open', 'picking')""",
        parameters=[to_state, moment, list(batch_ids)],
    )


def redraw_walk(*, batch_id: int, walk: Sequence[str], length_mm: int | None, by_name_length_mm: int | None) -> None:
    """Write the walk of a held batch anew."""
    run_sql(
        statement="""UPDATE warehouse_pickbatch SET walk = %s, length_mm = %s, by_name_length_mm = %s WHERE id = %s""",
        parameters=[list(walk), length_mm, by_name_length_mm, batch_id],
    )


def add_lines(*, batch_id: int, lines: Sequence[NewPickLine]) -> list[int]:
    """Write more lines for a held batch; returns their ids in the order given."""
    rows = [
        {
            "turn": turn,
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
        for turn, line in enumerate(lines)
    ]
    added = fetch_prepared(statement=_ADD_LINES, parameters={"batch_id": batch_id, "lines": json.dumps(rows)})
    return [row[0] for row in added]


def note_bin(*, line_ids: Sequence[int], moment: dt.datetime) -> int:
    """The picker stands before the bin of open lines."""
    return run_sql(
        statement="UPDATE warehouse_pickline SET bin_seen_at = %s WHERE id = ANY(%s) AND state = 'open'",
        parameters=[moment, list(line_ids)],
    )


def note_product(*, line_id: int, units: Decimal, moment: dt.datetime) -> int:
    """The picker has so many units of an open line's product in the hand."""
    return run_sql(
        statement="""UPDATE warehouse_pickline SET product_seen_at = %s, counted_units = %s
                     WHERE id = %s AND state = 'open'""",
        parameters=[moment, units, line_id],
    )


def confirm_lines(*, units: Sequence[tuple[int, Decimal]], by: str, moment: dt.datetime) -> int:
    """Open lines of a held batch are picked with so many units each; returns how many were open."""
    return run_sql(
        statement=_CONFIRM,
        parameters={
            "ids": [line_id for line_id, _ in units],
            "units": [each for _, each in units],
            "by": by,
            "moment": moment,
        },
    )


def close_lines(*, line_ids: Sequence[int], to_state: str, why: str) -> int:
    """Open lines come to nothing: short, moved or dropped."""
    return run_sql(
        statement="UPDATE warehouse_pickline SET state = %s, why = %s WHERE id = ANY(%s) AND state = 'open'",
        parameters=[to_state, why, list(line_ids)],
    )


def forget_picked(*, line_id: int, why: str) -> int:
    """The goods of a picked line of a cancelled parcel were taken off the cart again; 0 when its parcel wants them."""
    return run_sql(
        statement="""UPDATE warehouse_pickline AS line SET state = 'dropped', why = %s
                     FROM warehouse_fulfilmentorder AS parcel
                     WHERE line.id = %s AND line.state = 'picked' AND parcel.id = line.fulfilment_id
                       AND parcel.state = 'cancelled'""",
        parameters=[why, line_id],
    )


def lessen_line(*, line_id: int, units: Decimal) -> int:
    """An open line wants fewer units than before."""
    return run_sql(
        statement="UPDATE warehouse_pickline SET units = %s WHERE id = %s AND state = 'open' AND units > %s",
        parameters=[units, line_id, units],
    )


def write_verdicts(*, verdicts: Sequence[Verdict]) -> None:
    """Bring open lines to what their parcels still want."""
    gone: dict[str, list[int]] = {}
    for one in verdicts:
        if one.units:
            lessen_line(line_id=one.line_id, units=one.units)
        else:
            gone.setdefault(one.why, []).append(one.line_id)
    for why, ids in gone.items():
        close_lines(line_ids=ids, to_state="dropped", why=why)


def order_lines(*, batch_id: int, line_ids: Sequence[int]) -> None:
    """Number open lines of a batch as given, after those that are not open any more."""
    run_sql(
        statement="""UPDATE warehouse_pickline AS line SET sequence = given.turn + (
                         SELECT coalesce(max(done.sequence), 0) FROM warehouse_pickline AS done
                         WHERE done.batch_id = %s AND done.state <> 'open')
                     FROM unnest(%s::bigint[]) WITH ORDINALITY AS given (id, turn)
                     WHERE line.id = given.id AND line.batch_id = %s""",
        parameters=[batch_id, list(line_ids), batch_id],
    )


def _lines(statement: str, **given: object) -> list[LineRow]:
    rows = fetch_prepared(statement=statement, parameters=given)
    return [LineRow(**dict(zip(_LINE_NAMES, row, strict=True))) for row in rows]


def _batches(statement: str, **given: object) -> list[BatchRow]:
    rows = fetch_prepared(statement=statement, parameters=given)
    found = [dict(zip(_BATCH_NAMES, row, strict=True)) for row in rows]
    return [BatchRow(**(one | {"walk": tuple(one["walk"])})) for one in found]
