"""From what parcels want and where it stands to batches with walks: lots kept, bins chosen, totes given. Pure.

Lots were promised when the order was taken, what goes off first first; a wave changes nothing of that. Goods whose lot
is in no bin are on the list all the same, without one: somebody must put them away or say that they are not there.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil
from typing import Final

from reorder.domain.orders.rules import demand_key_of
from reorder.domain.warehouse.floor_plans import FloorLayout
from reorder.domain.warehouse.wave_goods import PickableStock, PromisedLot, WantedGoods
from reorder.domain.warehouse.waves import NewBatch, NewPickLine, WaveSettings
from reorder.engine import picking
from reorder.flows.waves.shelves import Shelves, joined
from reorder.flows.waves.walks import walk_through

_MOST_SECONDS: Final = 4.0
_SECONDS_A_PARCEL: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The place as a wave sees it; without a layout nothing is known of lengths, and bins are walked by name."""

    layout: FloorLayout | None
    stock: tuple[PickableStock, ...]
    settings: WaveSettings


@dataclass(slots=True)
class _Lot:
    """What is left of a promise while parcels share it."""

    lot: PromisedLot
    units: Decimal


def plan_wave(*, wanted: Sequence[WantedGoods], promised: Sequence[PromisedLot], floor: Floor) -> list[NewBatch]:
    """Batches for parcels: those of one line together without totes, the others on carts with a tote for each."""
    lines = _lots_of(wanted=wanted, promised=promised)
    # The nearest bins say which parcels go well together; which bins it is then is chosen with the walk of each batch.
    near = Shelves.of(stock=floor.stock, layout=floor.layout).take(lines=lines)
    parcels: dict[int, list[NewPickLine]] = defaultdict(list)
    for line in near:
        parcels[line.fulfilment_id].append(line)
    counts: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for one in wanted:
        counts[one.fulfilment_id].add((one.order_line_id, one.product_id))
    singles = {key: each for key, each in parcels.items() if len(counts[key]) == 1}
    if len(singles) < 2:
        singles = {}
    carts = {key: each for key, each in parcels.items() if key not in singles}
    shelves = Shelves.of(stock=floor.stock, layout=floor.layout)
    batches = _batches(parcels=singles, kind="singles", floor=floor, shelves=shelves)
    return batches + _batches(parcels=carts, kind="cart", floor=floor, shelves=shelves)


def in_walking_order(*, lines: Sequence[NewPickLine], codes: Sequence[str]) -> list[NewPickLine]:
    """Lines as they are met on a walk, numbered from 1; those in no bin come last."""
    turn = {code: number for number, code in enumerate(codes)}
    ordered = sorted(
        lines,
        key=lambda line: (turn.get(line.bin_code, len(turn)), line.product_id, line.owner, line.lot, line.tote),
    )
    return [replace(line, sequence=number) for number, line in enumerate(ordered, start=1)]


def _lots_of(*, wanted: Sequence[WantedGoods], promised: Sequence[PromisedLot]) -> list[NewPickLine]:
    """What is wanted, by the lots that were promised; parcels that share an order line share its lots in turn."""
    lots: dict[tuple[str, int], list[_Lot]] = defaultdict(list)
    for each in promised:
        lots[each.demand_key, each.product_id].append(_Lot(each, each.units))
    lines = []
    for one in wanted:
        left = one.units
        for known in lots[demand_key_of(order_line_id=one.order_line_id), one.product_id]:
            units = min(left, known.units)
            if units > 0:
                lines.append(_line(one, lot=known.lot, units=units))
                known.units -= units
                left -= units
    return lines


def _line(one: WantedGoods, *, lot: PromisedLot, units: Decimal) -> NewPickLine:
    return NewPickLine(
        fulfilment_id=one.fulfilment_id,
        order_line_id=one.order_line_id,
        product_id=one.product_id,
        owner=lot.owner,
        lot=lot.lot,
        expires_date=lot.expires_date,
        bin_code="",
        units=units,
        sequence=0,
        tote=0,
    )


def _batches(
    *, parcels: Mapping[int, Sequence[NewPickLine]], kind: str, floor: Floor, shelves: Shelves
) -> list[NewBatch]:
    settings = floor.settings
    capacity = settings.cart_totes * settings.tote_units if kind == "singles" else settings.cart_totes
    loads = {key: min(_load(lines, kind=kind, settings=settings), float(capacity)) for key, lines in parcels.items()}
    groups = _groups(parcels=parcels, loads=loads, capacity=capacity, layout=floor.layout)
    return [
        _batch(parcels={key: parcels[key] for key in group}, kind=kind, floor=floor, shelves=shelves)
        for group in groups
    ]


def _load(lines: Sequence[NewPickLine], *, kind: str, settings: WaveSettings) -> float:
    """Of single lines the units, else the tote positions."""
    units = sum((line.units for line in lines), Decimal(0))
    return float(units) if kind == "singles" else float(max(ceil(units / settings.tote_units), 1))


def _groups(
    *,
    parcels: Mapping[int, Sequence[NewPickLine]],
    loads: Mapping[int, float],
    capacity: int,
    layout: FloorLayout | None,
) -> list[list[int]]:
    if layout is None:
        return _first_come(loads=loads, capacity=capacity)
    try:
        made = _planned(parcels=parcels, loads=loads, capacity=capacity, layout=layout)
    except picking.BadLayout:
        # A bin that no way leads to must not keep the orders from being picked.
        return _first_come(loads=loads, capacity=capacity)
    return [sorted(int(key) for key in batch.order_ids) for batch in made.batches]


def _planned(
    *,
    parcels: Mapping[int, Sequence[NewPickLine]],
    loads: Mapping[int, float],
    capacity: int,
    layout: FloorLayout,
) -> picking.BatchPlan:
    return picking.plan_batches(
        layout=layout.layout,
        orders={
            str(key): list(dict.fromkeys(layout.bins[line.bin_code] for line in lines if line.bin_code in layout.bins))
            for key, lines in parcels.items()
        },
        units={str(key): load for key, load in loads.items()},
        capacity_units=float(capacity),
        budget_seconds=min(_MOST_SECONDS, _SECONDS_A_PARCEL * len(parcels)),
    )


def _first_come(*, loads: Mapping[int, float], capacity: int) -> list[list[int]]:
    groups: list[list[int]] = []
    room = 0.0
    for key in sorted(loads):
        if loads[key] > room:
            groups.append([])
            room = float(capacity)
        groups[-1].append(key)
        room -= loads[key]
    return groups


def _batch(*, parcels: Mapping[int, Sequence[NewPickLine]], kind: str, floor: Floor, shelves: Shelves) -> NewBatch:
    totes: dict[int, int] = {}
    lines: list[NewPickLine] = []
    position = 0
    for key, each in parcels.items():
        totes[key] = position + 1 if kind == "cart" else 0
        taken = Decimal(0)
        for line in each:
            number = min(int(taken // floor.settings.tote_units), floor.settings.cart_totes - 1)
            lines.append(replace(line, tote=position + 1 + number if kind == "cart" else 0))
            taken += line.units
        position = max([position + 1, *(line.tote for line in lines)]) if kind == "cart" else 0
    lines = shelves.take_with_walk(lines=joined(lines=lines))
    walked = walk_through(codes=[line.bin_code for line in lines], layout=floor.layout)
    return NewBatch(
        kind=kind,
        totes=totes,
        positions=position,
        walk=walked.codes,
        length_mm=walked.length_mm,
        by_name_length_mm=walked.by_name_length_mm,
        lines=tuple(in_walking_order(lines=lines, codes=walked.codes)),
    )
