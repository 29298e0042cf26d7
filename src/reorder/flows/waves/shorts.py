"""Less in a bin than the list says: at once another bin of the lot, then another lot here, then another place.

What the picker did not see is booked out at once, so that nobody is promised it meanwhile; a count of the bin is asked
for, which finds it again where it only stood elsewhere.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from reorder.domain.catalog.queries import owners_of
from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.allocating import Settled, Wanted, allocate_units, settle_units
from reorder.domain.inventory.locks import lock_levels
from reorder.domain.inventory.promise_terms import rules_to_promise_by
from reorder.domain.inventory.queries import list_free_lots
from reorder.domain.inventory.rules import ADJUSTMENT, OWN_GOODS, NewMove, stock_of
from reorder.domain.orders.rules import demand_key_of
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse import wave_lines
from reorder.domain.warehouse.bin_stock import NewBinMove, list_loose, move_between_bins
from reorder.domain.warehouse.wave_goods import PickableStock, list_contents, list_pickable
from reorder.domain.warehouse.wave_lines import LineRow
from reorder.domain.warehouse.waves import NewPickLine
from reorder.flows.counting import ask_count
from reorder.flows.fulfil.following import hold_order_row
from reorder.flows.fulfil.shorts import short_pick
from reorder.flows.waves.picking import (
    HeldLines,
    choose_open,
    close_batch,
    finish_parcels,
    hold_lines,
    open_lines,
)
from reorder.flows.waves.releasing import find_layout
from reorder.flows.waves.shelves import Shelves
from reorder.flows.waves.walks import walk_through
from reorder.kernel.ids import idempotency_key
from reorder.kernel.quantity import plain_decimal

_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewalked:
    """What became of units that were not found: bins and lots they come from now, other places, and what waits."""

    missing_units: Decimal
    other_bins: tuple[str, ...]
    other_lots: tuple[str, ...]
    other_places: tuple[str, ...]
    waiting_units: Decimal
    is_batch_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Missing:
    """Units of a line that are not in its bin."""

    line: LineRow
    units: Decimal


def short_lines(
    *, batch_id: int, line_ids: Sequence[int], found_units: Decimal, actor: Actor, moment: dt.datetime
) -> Rewalked:
    """Of the goods of lines of one bin only `found_units` are there: the first lines keep them, the rest moves.

    The lines that keep something stay open for it. Raises what `picking.pick_lines` does.
    """
    with one_transaction():
        held = hold_lines(batch_id=batch_id, line_ids=line_ids, actor=actor, moment=moment)
        missing = _divide(lines=choose_open(held=held, line_ids=line_ids), found=found_units)
        first = missing[0].line
        lock_levels(product_ids=[first.product_id])
        _close(missing=missing)
        if first.bin_code:
            ask_count(bin_code=first.bin_code, cause="short", actor=actor, moment=moment, product_id=first.product_id)
        left = _other_bins(held=held, missing=missing)
        other_bins = [one.bin_code for one in left.lines]
        lost = _other_lots(held=held, missing=left.missing, found=found_units, actor=actor, moment=moment)
        gone = _other_places(missing=lost.missing, actor=actor, moment=moment)
        added = [*left.lines, *lost.lines]
        wave_lines.add_lines(batch_id=batch_id, lines=added)
        finish_parcels(
            orders={order_id: hold_order_row(order_id=order_id) for order_id in held.orders},
            fulfilment_ids=sorted({one.line.fulfilment_id for one in missing}),
            lines=(),
            actor=actor,
            moment=moment,
        )
        is_done = _walk_again(held=held, moment=moment)
        _audit(held=held, missing=missing, added=added, actor=actor)
        return Rewalked(
            missing_units=sum((one.units for one in missing), _NOTHING),
            other_bins=tuple(dict.fromkeys(code or "–" for code in other_bins)),
            other_lots=tuple(dict.fromkeys(one.lot for one in lost.lines)),
            other_places=gone[0],
            waiting_units=gone[1],
            is_batch_done=is_done,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """Lines that serve what was missing, and what is missing still."""

    lines: tuple[NewPickLine, ...]
    missing: tuple[_Missing, ...]


def _divide(*, lines: Sequence[LineRow], found: Decimal) -> list[_Missing]:
    """Which lines lack how many: what was found goes to the first."""
    left = found
    missing = []
    for line in lines:
        kept = min(line.units, left)
        left -= kept
        if kept < line.units:
            missing.append(_Missing(line=line, units=line.units - kept))
    return missing


def _close(*, missing: Sequence[_Missing]) -> None:
    for one in missing:
        if one.units < one.line.units:
            wave_lines.lessen_line(line_id=one.line.id, units=one.line.units - one.units)
        else:
            wave_lines.close_lines(line_ids=[one.line.id], to_state="short", why="not_found")


def _other_bins(*, held: HeldLines, missing: Sequence[_Missing]) -> _Served:
    """The same lot from other bins of the place, or from what is in no bin yet."""
    first = missing[0].line
    place = held.batch.place_code
    stock = [
        one
        for one in list_pickable(place_code=place, product_ids=[first.product_id])
        if (one.owner, one.lot) == (first.owner, first.lot) and one.bin_code != first.bin_code
    ]
    loose = sum(
        (
            one.units
            for one in list_loose(place_code=place, product_ids=[first.product_id])
            if (one.owner, one.lot) == (first.owner, first.lot)
        ),
        _NOTHING,
    )
    if first.bin_code and loose > 0:
        stock.append(
            PickableStock(
                bin_code="",
                product_id=first.product_id,
                owner=first.owner,
                lot=first.lot,
                units=loose,
                is_bulk=True,
            )
        )
    known = sum((one.units for one in stock), _NOTHING)
    served, still = [], []
    for one in missing:
        units = min(one.units, known)
        known -= units
        if units > 0:
            served.append(_line_of(one.line, units=units))
        if units < one.units:
            still.append(replace(one, units=one.units - units))
    chosen = Shelves.of(stock=stock, layout=find_layout(place_code=place)).take(lines=served)
    return _Served(lines=tuple(chosen), missing=tuple(still))


def _other_lots(
    *, held: HeldLines, missing: Sequence[_Missing], found: Decimal, actor: Actor, moment: dt.datetime
) -> _Served:
    """Other lots of the place, what goes off first first; what was not found is booked out before."""
    if not missing:
        return _Served(lines=(), missing=())
    first = missing[0].line
    place = held.batch.place_code
    _book_out_bin(held=held, line=first, found=found, missing=missing, actor=actor, moment=moment)
    served: list[NewPickLine] = []
    still: list[_Missing] = []
    for one in missing:
        order = held.orders[one.line.order_id].order
        rules = rules_to_promise_by(channel=order.channel, product_ids=[first.product_id], moment=moment)
        expires_from = rules.expires_from(product_id=first.product_id)
        keep = rules.keep_units(place_code=place, product_id=first.product_id)
        free = _free_units(place=place, line=first, expires_from=expires_from)
        units = min(one.units, max(free - keep, _NOTHING))
        if units > 0:
            served += _swap(held=held, one=replace(one, units=units), keep=keep, expires=expires_from, moment=moment)
        if units < one.units:
            still.append(replace(one, units=one.units - units))
    stock = list_pickable(place_code=place, product_ids=[first.product_id])
    chosen = Shelves.of(stock=stock, layout=find_layout(place_code=place)).take(lines=served)
    return _Served(lines=tuple(chosen), missing=tuple(still))


def _free_units(*, place: str, line: LineRow, expires_from: dt.date) -> Decimal:
    """Free units that keep long enough, of whoever owns the product; none of what the line's owner owns no more."""
    if line.owner != _owner_of(line):
        return _NOTHING
    lots = list_free_lots(place_code=place, product_id=line.product_id)
    return sum(
        (lot.free_units for lot in lots if lot.expires_date is None or lot.expires_date >= expires_from), _NOTHING
    )


def _owner_of(line: LineRow) -> str:
    """Whose goods the product is: what is promised of it is that owner's."""
    return owners_of(product_ids=[line.product_id]).get(line.product_id, OWN_GOODS)


def _swap(*, held: HeldLines, one: _Missing, keep: Decimal, expires: dt.date, moment: dt.datetime) -> list[NewPickLine]:
    """Promise a line other lots of its place in place of units that are lost."""
    line = one.line
    place = held.batch.place_code
    demand = demand_key_of(order_line_id=line.order_line_id)
    key = f"lot swap {line.id} {moment.isoformat()}"
    gone = Settled(demand_key=demand, product_id=line.product_id, units=one.units, place_code=place, lot=line.lot)
    settle_units(kind="release", settled=[gone], key=key, cause_kind="pick_line", cause_key=str(line.id), moment=moment)
    _book_out(line=line, place=place, units=one.units, kind="swap", moment=moment)
    promise = allocate_units(
        wanted=[
            Wanted(
                demand_key=demand,
                product_id=line.product_id,
                place_code=place,
                units=one.units,
                expires_from=expires,
                keep_units=keep,
            )
        ],
        key=key,
        cause_kind="pick_line",
        cause_key=str(line.id),
        moment=moment,
    )
    if promise.short:
        raise RuntimeError(f"line {line.id}: the free stock that was seen under lock is not there")
    return [
        replace(_line_of(line, units=taken.units), lot=taken.lot, expires_date=taken.expires_date)
        for taken in promise.taken
    ]


def _book_out_bin(
    *,
    held: HeldLines,
    line: LineRow,
    found: Decimal,
    missing: Sequence[_Missing],
    actor: Actor,
    moment: dt.datetime,
) -> None:
    """Take out of the bin what is not in it, and out of the stock what of that nobody is promised."""
    if not line.bin_code:
        return
    contents = list_contents(bin_codes=[line.bin_code])[line.bin_code]
    there = sum(
        (units for product_id, owner, lot, units in contents if (product_id, owner, lot) == _goods(line)), _NOTHING
    )
    gone = max(there - found, _NOTHING)
    if not gone:
        return
    place = held.batch.place_code
    free = sum(
        (
            lot.free_units
            for lot in list_free_lots(place_code=place, product_id=line.product_id)
            if lot.lot == line.lot and line.owner == _owner_of(line)
        ),
        _NOTHING,
    )
    extra = min(max(gone - sum((one.units for one in missing), _NOTHING), _NOTHING), free)
    if extra > 0:
        _book_out(line=line, place=place, units=extra, kind="bin", moment=moment)
    move_between_bins(
        moves=[
            NewBinMove(
                key=idempotency_key("short_pick", line.id, "bin", moment.isoformat()),
                kind="follow",
                product_id=line.product_id,
                units=gone,
                source=line.bin_code,
                target="",
                cause_kind="short_pick",
                cause_key=str(line.id),
                actor=actor.name,
                happened_at=moment,
                owner=line.owner,
                lot=line.lot,
            )
        ]
    )


def _book_out(*, line: LineRow, place: str, units: Decimal, kind: str, moment: dt.datetime) -> None:
    inventory.record_moves(
        moves=[
            NewMove(
                key=idempotency_key("short_pick", kind, line.id, moment.isoformat()),
                kind="adjust",
                product_id=line.product_id,
                units=units,
                source=stock_of(place_code=place),
                target=ADJUSTMENT,
                cause_kind="short_pick",
                cause_key=str(line.order_id),
                happened_at=moment,
                owner=line.owner,
                lot=line.lot,
            )
        ]
    )


def _other_places(*, missing: Sequence[_Missing], actor: Actor, moment: dt.datetime) -> tuple[tuple[str, ...], Decimal]:
    """What no shelf here has comes from another place or waits; the parcel goes on without it."""
    places: list[str] = []
    waiting = _NOTHING
    for one in missing:
        line = one.line
        wanted = _wanted_now(line=line)
        done = short_pick(
            fulfilment_id=line.fulfilment_id,
            order_line_id=line.order_line_id,
            product_id=line.product_id,
            found_units=wanted - one.units,
            lot=line.lot,
            actor=actor,
            moment=moment,
        )
        places += done.other_places
        waiting += done.waiting_units
    return tuple(dict.fromkeys(places)), waiting


def _wanted_now(*, line: LineRow) -> Decimal:
    """What the parcel wants of the line now: an earlier part of this short pick may have changed it."""
    return wave_lines.list_lines_by_id(line_ids=[line.id])[0].wanted_units or _NOTHING


def _walk_again(*, held: HeldLines, moment: dt.datetime) -> bool:
    """Order what is left of the batch by the shortest walk; True when nothing is left and the batch is finished."""
    batch = held.batch
    lines = open_lines(lines=wave_lines.list_lines(batch_ids=[batch.id]), batch_id=batch.id)
    if not lines:
        return close_batch(batch_id=batch.id, moment=moment)
    walked = walk_through(codes=[line.bin_code for line in lines], layout=find_layout(place_code=batch.place_code))
    turn = {code: number for number, code in enumerate(walked.codes)}
    ordered = sorted(lines, key=lambda line: (turn.get(line.bin_code, len(turn)), line.product_id, line.lot, line.tote))
    wave_lines.order_lines(batch_id=batch.id, line_ids=[line.id for line in ordered])
    wave_lines.redraw_walk(
        batch_id=batch.id,
        walk=walked.codes,
        length_mm=walked.length_mm,
        by_name_length_mm=walked.by_name_length_mm,
    )
    return False


def _line_of(line: LineRow, *, units: Decimal) -> NewPickLine:
    return NewPickLine(
        fulfilment_id=line.fulfilment_id,
        order_line_id=line.order_line_id,
        product_id=line.product_id,
        owner=line.owner,
        lot=line.lot,
        expires_date=line.expires_date,
        bin_code="",
        units=units,
        sequence=line.sequence,
        tote=line.tote,
    )


def _goods(line: LineRow) -> tuple[int, str, str]:
    return (line.product_id, line.owner, line.lot)


def _audit(*, held: HeldLines, missing: Sequence[_Missing], added: Sequence[NewPickLine], actor: Actor) -> None:
    first = missing[0].line
    record_audit(
        actor=actor.name,
        action="waves.short",
        subject_kind="pick_batch",
        subject_key=held.batch.name,
        details={
            "sku": first.sku,
            "bin": first.bin_code,
            "lot": first.lot,
            "missing_units": plain_decimal(number=sum((one.units for one in missing), _NOTHING)),
            "taken_from": sorted({line.bin_code or "-" for line in added}),
        },
    )
