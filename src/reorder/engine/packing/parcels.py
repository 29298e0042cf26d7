"""Parcels for goods: as few and as small cartons as possible, for which everything is known to lie in its place."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

import numpy as np

from reorder.engine.packing.many import FARTHEST, Filled, Shapes, fill_many
from reorder.engine.packing.single import GRACE_SECONDS, Packed, Search, Stopwatch
from reorder.engine.packing.values import (
    Carton,
    Item,
    Parcel,
    ParcelPlan,
    Piece,
    Placed,
    Placement,
    refuse_bad,
)

_TRIES_A_CARTON: Final = 3
# More things than this are packed in several goes: nobody packs so many into one carton by a plan.
_MOST_AT_ONCE: Final = 150


def plan_parcels(
    *,
    items: Sequence[Item],
    cartons: Sequence[Carton],
    budget_seconds: float = 0.2,
    seed: int = 0,
    keep_apart: Collection[tuple[str, str]] = (),
) -> ParcelPlan:
    """Put items into cartons, everything turned as it may be, and say where each thing lies.

    The smallest carton by volume (then cost) that holds all; where none does, few parcels in small cartons. Things of
    two groups that `keep_apart` names never share a parcel. Items larger or heavier than every carton allows come back
    as unpackable. A search with hopes left may end 30 ms after the budget, and there is always an answer.
    Loading the solver, once in a process that packs something hard, does not count. Raises BadPacking.
    """
    watch = Stopwatch()
    until = watch.now() + budget_seconds
    refuse_bad(items=list(items), cartons=list(cartons))
    by_size = sorted(cartons, key=lambda carton: (carton.volume, carton.cost_minor, carton.code))
    kinds = [Piece.of(number=0, item=item) for item in items if item.units]
    fitting = [kind for kind in kinds if any(kind.fits(carton) for carton in by_size)]
    unpackable = tuple(kind.item for kind in kinds if kind not in fitting)
    pieces = _numbered(fitting)
    parcels: list[Parcel] = []
    loads = [
        load[at : at + _MOST_AT_ONCE]
        for load in _apart(pieces=pieces, keep_apart=keep_apart)
        for at in range(0, len(load), _MOST_AT_ONCE)
    ]
    grace = GRACE_SECONDS / max(len(loads), 1)
    for index, load in enumerate(loads):
        mine = watch.now() + max(until - watch.now(), 0.0) / (len(loads) - index)
        packed = _pack(pieces=load, cartons=by_size, watch=watch, until=mine, grace_seconds=grace, seed=seed)
        parcels += [_parcel(one, pieces=load) for one in packed]
    return ParcelPlan(parcels=tuple(parcels), unpackable=unpackable)


def _numbered(kinds: Sequence[Piece]) -> list[Piece]:
    """A piece for each unit."""
    units = [kind for kind in kinds for _ in range(kind.item.units)]
    return [Piece(number, kind.item, kind.sizes, kind.volume) for number, kind in enumerate(units)]


def _apart(*, pieces: Sequence[Piece], keep_apart: Collection[tuple[str, str]]) -> list[list[Piece]]:
    """Pieces that may travel together; a group goes with the first load that holds nothing it is kept from."""
    groups: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        groups[piece.item.group].append(piece)
    enemies = {frozenset(pair) for pair in keep_apart}
    loads: list[tuple[set[str], list[Piece]]] = []
    for group in sorted(groups, key=lambda name: -sum(piece.volume for piece in groups[name])):
        friendly = (
            (names, load) for names, load in loads if not any(frozenset((group, name)) in enemies for name in names)
        )
        found = next(friendly, None)
        if found is None:
            loads.append(({group}, list(groups[group])))
        else:
            found[0].add(group)
            found[1].extend(groups[group])
    return [load for _, load in loads]


def _pack(
    *,
    pieces: Sequence[Piece],
    cartons: Sequence[Carton],
    watch: Stopwatch,
    until: float,
    grace_seconds: float,
    seed: int,
) -> list[Packed]:
    """One carton for all; where none is found the fullest first, in the smallest that holds as much, then the rest."""
    search = partial(Search, watch=watch, until=until, seed=seed, grace_seconds=grace_seconds)
    packed: list[Packed] = []
    left = list(pieces)
    while left:
        whole = search(pieces=left, cartons=cartons).run()
        if whole is not None:
            return [*packed, whole]
        one = _fullest(pieces=left, cartons=cartons)
        inside = {number for number, _, _ in one.placed}
        mine = [piece for piece in left if piece.number in inside]
        left = [piece for piece in left if piece.number not in inside]
        smaller = cartons[: cartons.index(one.carton)]
        # The budget is for the question above; what is left of it may be nothing.
        better = search(pieces=mine, cartons=smaller).run() if smaller else None
        packed.append(better or one)
    return packed


def _fullest(*, pieces: Sequence[Piece], cartons: Sequence[Carton]) -> Packed:
    """The carton and way of filling it that hold the most; every piece fits some carton alone."""
    order = sorted(pieces, key=lambda piece: (piece.item.fragile, -piece.volume))
    best: tuple[int, Packed] | None = None
    for limit in dict.fromkeys(carton.max_grams for carton in reversed(cartons)):
        light = _light_enough(pieces=order, max_grams=limit)
        alike = [carton for carton in cartons if carton.max_grams == limit]
        if not light:
            continue
        filled = _filled(pieces=light, cartons=alike)
        number = int(filled.volume.argmax())
        held = int(filled.volume[number])
        if held and (best is None or held > best[0]):
            placed = filled.placed(number=number, pieces=light)
            best = (held, Packed(alike[number // _TRIES_A_CARTON], tuple(placed)))
    if best is None:
        raise RuntimeError("a piece that fits a carton was put into none")
    return best[1]


def _filled(*, pieces: Sequence[Piece], cartons: Sequence[Carton]) -> Filled:
    """Every carton filled by the rules that hold most, in the order of the pieces; smallest cartons first."""
    sizes = np.array([carton.size for carton in cartons], dtype=np.int16).T
    tries = _TRIES_A_CARTON * len(cartons)
    return fill_many(
        shapes=Shapes.of(pieces),
        orders=np.repeat(np.arange(len(pieces))[:, None], tries, axis=1),
        cartons=np.repeat(sizes, _TRIES_A_CARTON, axis=1),
        rules=np.tile(np.array([FARTHEST, FARTHEST - 1, 0]), len(cartons)),
    )


def _light_enough(*, pieces: Sequence[Piece], max_grams: int | None) -> list[Piece]:
    """As many pieces as so many grams allow, in their order."""
    if max_grams is None:
        return list(pieces)
    kept, grams = [], 0
    for piece in pieces:
        if grams + piece.item.grams <= max_grams:
            kept.append(piece)
            grams += piece.item.grams
    return kept


def _parcel(one: Packed, *, pieces: Sequence[Piece]) -> Parcel:
    item_of = {piece.number: piece.item for piece in pieces}
    ordered: list[Placed] = sorted(one.placed, key=lambda placed: (placed[1][2], placed[1][1], placed[1][0]))
    return Parcel(
        carton=one.carton,
        placements=tuple(Placement(item_of[number].sku, *corner, *size) for number, corner, size in ordered),
        grams=sum(item_of[number].grams for number, _, _ in ordered),
    )
