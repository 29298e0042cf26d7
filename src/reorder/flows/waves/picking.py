"""Goods off the shelf, line by line: out of their bin, picked in the stock ledger, and the parcel follows.

Locks, in this order: orders by number (with their fulfilment orders), the batch, stock, bins. So two people on one line
wait for each other, and the second is told who was first.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Never

from reorder.domain.inventory.allocating import Settled, settle_units
from reorder.domain.orders.rules import demand_key_of
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse import wave_lines
from reorder.domain.warehouse.bin_stock import NewBinMove, follow_stock, move_between_bins
from reorder.domain.warehouse.life import HeldFulfilment
from reorder.domain.warehouse.wave_errors import (
    BatchFinished,
    BatchTaken,
    GoodsMovedOn,
    LineDone,
    LineDropped,
    UnknownBatch,
)
from reorder.domain.warehouse.wave_goods import list_contents
from reorder.domain.warehouse.wave_lines import BatchRow, LineRow
from reorder.domain.warehouse.wave_rules import Verdict, is_wave_over, judge_lines
from reorder.domain.warehouse.waves import change_wave, leave_waves
from reorder.flows.counting import ask_count
from reorder.flows.fulfil.following import HeldOrder, hold_order_row
from reorder.flows.fulfil.moving import pick_fulfilment
from reorder.kernel.ids import idempotency_key
from reorder.kernel.quantity import plain_decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLines:
    """A batch with its orders, held; `lines` are all lines of the batch, and those of its parcels in other batches."""

    batch: BatchRow
    orders: dict[int, HeldOrder]
    lines: tuple[LineRow, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def open(self) -> list[LineRow]:
        """Lines of the batch that are to be picked, as far as their parcels want them."""
        return open_lines(lines=self.lines, batch_id=self.batch.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """What a pick came to: whether the batch is finished with it, and parcels that are picked whole."""

    is_batch_done: bool
    fulfilment_ids: tuple[int, ...]


def pick_lines(*, batch_id: int, line_ids: Sequence[int], actor: Actor, moment: dt.datetime) -> Picked:
    """Lines of one bin and lot are picked, each with all the units that it wants.

    Of what is not there whole `shorts` is told first. Raises LineDone, LineDropped, BatchTaken, UnknownBatch,
    and what moves of stock raise; nothing has changed then.
    """
    with one_transaction():
        held = hold_lines(batch_id=batch_id, line_ids=line_ids, actor=actor, moment=moment)
        chosen = choose_open(held=held, line_ids=line_ids)
        take_goods(batch=held.batch, lines=chosen, actor=actor, moment=moment)
        whole = finish_parcels(
            orders=held.orders,
            fulfilment_ids=sorted({line.fulfilment_id for line in chosen}),
            lines=chosen,
            actor=actor,
            moment=moment,
        )
        taken = {line.id for line in chosen}
        is_last = not any(line.id not in taken for line in held.open)
        return Picked(is_batch_done=is_last and close_batch(batch_id=batch_id, moment=moment), fulfilment_ids=whole)


def hold_lines(*, batch_id: int, line_ids: Sequence[int], actor: Actor, moment: dt.datetime) -> HeldLines:
    """Hold the orders of lines, then their batch, which becomes the actor's. Raises BatchTaken, UnknownBatch."""
    wanted = wave_lines.list_lines_by_id(line_ids=line_ids)
    orders = {order_id: hold_order_row(order_id=order_id) for order_id in sorted({line.order_id for line in wanted})}
    batch = hold_batch(batch_id=batch_id, actor=actor, moment=moment)
    lines = wave_lines.list_lines(batch_ids=[batch_id])
    parcels = sorted({line.fulfilment_id for line in lines if line.order_id in orders})
    elsewhere = [one for one in wave_lines.list_lines_of(fulfilment_ids=parcels) if one.batch_id != batch_id]
    every = (*lines, *elsewhere)
    return HeldLines(batch=batch, orders=orders, lines=every, verdicts=tuple(judge_lines(lines=every)))


def hold_batch(*, batch_id: int, actor: Actor, moment: dt.datetime) -> BatchRow:
    """Hold an unfinished batch and begin it, if nobody else has. Raises BatchTaken, UnknownBatch."""
    found = wave_lines.lock_batches(batch_ids=[batch_id])
    if not found or not actor.may_at(found[0].place_code):
        raise UnknownBatch(batch=batch_id)
    batch = found[0]
    if batch.state in {"done", "cancelled"}:
        raise BatchFinished(batch=batch.name)
    if batch.assigned_to != actor.name or batch.state == "open":
        if not wave_lines.take_batch(batch_id=batch_id, by=actor.name, moment=moment):
            raise BatchTaken(by=batch.assigned_to, batch=batch.name)
        if batch.wave_state == "released":
            change_wave(wave_id=batch.wave_id, from_states=["released", "picking"], to_state="picking", moment=moment)
    return batch


def open_lines(*, lines: Sequence[LineRow], batch_id: int) -> list[LineRow]:
    """Open lines of a batch with the units that their parcels still want; those not wanted are left out."""
    verdicts = {one.line_id: one.units for one in judge_lines(lines=lines)}
    kept = []
    for line in lines:
        units = verdicts.get(line.id, line.units)
        if line.batch_id == batch_id and line.state == "open" and units > 0:
            kept.append(line if units == line.units else replace(line, units=units))
    return kept


def choose_open(*, held: HeldLines, line_ids: Sequence[int]) -> list[LineRow]:
    """The open lines among these. Raises LineDone, LineDropped for the first that is not open any more."""
    still = {line.id: line for line in held.open}
    known = {line.id: line for line in held.lines}
    for line_id in line_ids:
        line = known.get(line_id)
        if line is None:
            raise UnknownBatch(batch=held.batch.name)
        if line_id not in still:
            refuse_closed(line=line)
    return [still[line_id] for line_id in line_ids]


def refuse_closed(*, line: LineRow) -> Never:
    """Raises LineDone, LineDropped: what became of a line that is not to be picked any more."""
    if line.state == "picked":
        said = plain_decimal(number=line.picked_units)
        raise LineDone(by=line.picked_by, units=said, sku=line.sku)
    raise LineDropped(order=line.order, sku=line.sku)


def take_goods(*, batch: BatchRow, lines: Sequence[LineRow], actor: Actor, moment: dt.datetime) -> None:
    """Move the goods of open lines out of their bins and pick them in the stock ledger: exactly these lots.

    Goods that are in no bin by the records, or in another one, stand where the picker says: the records follow, and
    the bin is counted. Raises GoodsMovedOn when these lots are promised to these lines no longer.
    """
    moved = settle_units(
        kind="pick",
        settled=[
            Settled(
                demand_key=demand_key_of(order_line_id=line.order_line_id),
                product_id=line.product_id,
                units=line.units,
                place_code=batch.place_code,
                lot=line.lot,
            )
            for line in lines
        ],
        key=f"pick_line {lines[0].id} {len(lines)}",
        cause_kind="pick_line",
        cause_key=str(lines[0].id),
        moment=moment,
    )
    if sum(one.units for one in moved) != sum(line.units for line in lines):
        raise GoodsMovedOn(order=lines[0].order, sku=lines[0].sku)
    moves, is_other = _moves(lines=lines, actor=actor, moment=moment)
    if moves:
        move_between_bins(moves=moves)
    if is_other:
        follow_stock(
            place_code=batch.place_code,
            product_ids=sorted({line.product_id for line in lines}),
            cause_kind="pick_line",
            cause_key=str(lines[0].id),
            actor=actor.name,
            moment=moment,
        )
    wave_lines.confirm_lines(units=[(line.id, line.units) for line in lines], by=actor.name, moment=moment)


def close_batch(*, batch_id: int, moment: dt.datetime) -> bool:
    """Finish a held batch that has nothing left to pick, and its wave with its last one; True when it is finished.

    Lines that nobody wants any more are closed with it, and parcels that were not picked leave the wave.
    """
    lines = wave_lines.list_lines(batch_ids=[batch_id])
    verdicts = judge_lines(lines=lines)
    if open_lines(lines=lines, batch_id=batch_id):
        return False
    wave_lines.write_verdicts(verdicts=verdicts)
    unpicked = {line.fulfilment_id for line in lines if line.parcel_state in {"released", "allocated", "waiting"}}
    leave_waves(fulfilment_ids=sorted(unpicked), why="changed", moment=moment)
    wave_lines.end_batches(batch_ids=[batch_id], to_state="done", moment=moment)
    close_wave(wave_id=wave_lines.get_batch(batch_id=batch_id).wave_id, moment=moment)
    return True


def close_wave(*, wave_id: int, moment: dt.datetime) -> None:
    """Finish a wave whose batches are all finished."""
    if is_wave_over(states=[one.state for one in wave_lines.list_batches(wave_id=wave_id)]):
        change_wave(wave_id=wave_id, from_states=["released", "picking", "done"], to_state="done", moment=moment)


def finish_parcels(
    *,
    orders: Mapping[int, HeldOrder],
    fulfilment_ids: Sequence[int],
    lines: Sequence[LineRow],
    actor: Actor,
    moment: dt.datetime,
) -> tuple[int, ...]:
    """Released parcels of held orders of which nothing is left on the shelf, once `lines` are picked, are picked."""
    whole = []
    for parcel in (each for held in orders.values() for each in held.fulfilments if each.id in set(fulfilment_ids)):
        if parcel.state == "released" and is_whole(parcel=parcel, lines=lines):
            pick_fulfilment(fulfilment_id=parcel.id, actor=actor, moment=moment)
            whole.append(parcel.id)
    return tuple(whole)


def is_whole(*, parcel: HeldFulfilment, lines: Sequence[LineRow]) -> bool:
    """Whether nothing of a parcel is left on the shelf once `lines` are picked."""
    return all(
        goods.picked_units
        + sum(
            (
                line.units
                for line in lines
                if (line.fulfilment_id, line.order_line_id, line.product_id)
                == (parcel.id, goods.order_line_id, goods.product_id)
            ),
            Decimal(0),
        )
        >= goods.units
        for goods in parcel.lines
    )


def _moves(*, lines: Sequence[LineRow], actor: Actor, moment: dt.datetime) -> tuple[list[NewBinMove], bool]:
    """Moves out of bins, as far as the bins hold the goods by their records; whether anything stood elsewhere."""
    codes = sorted({line.bin_code for line in lines if line.bin_code})
    there = {
        (code, product_id, owner, lot): units
        for code, goods in (list_contents(bin_codes=codes) if codes else {}).items()
        for product_id, owner, lot, units in goods
    }
    moves, is_other = [], False
    for line in lines:
        key = (line.bin_code, line.product_id, line.owner, line.lot)
        units = min(line.units, there.get(key, Decimal(0)))
        if units > 0:
            there[key] -= units
            moves.append(_move(line, units=units, actor=actor, moment=moment))
        if units < line.units:
            is_other = True
            if line.bin_code:
                ask_count(bin_code=line.bin_code, cause="asked", actor=actor, moment=moment, product_id=line.product_id)
    return moves, is_other


def _move(line: LineRow, *, units: Decimal, actor: Actor, moment: dt.datetime) -> NewBinMove:
    return NewBinMove(
        key=idempotency_key("pick_line", line.id),
        kind="pick",
        product_id=line.product_id,
        units=units,
        source=line.bin_code,
        target="",
        cause_kind="pick_line",
        cause_key=str(line.id),
        actor=actor.name,
        happened_at=moment,
        owner=line.owner,
        lot=line.lot,
    )
