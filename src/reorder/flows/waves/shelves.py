"""Which bins lines are served from, out of what stands there and no list is to take yet. Pure but for its own sums.

Pick faces before bulk; one bin before several; then the walk decides.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from reorder.domain.warehouse.floor_plans import FloorLayout
from reorder.domain.warehouse.wave_goods import PickableStock
from reorder.domain.warehouse.waves import NewPickLine
from reorder.engine import picking
from reorder.flows.waves.walks import distance_from_depot

_Goods = tuple[int, str, str]  # product, owner, lot
_NOTHING: Final = Decimal(0)
_CHOOSING_SECONDS: Final = 0.03
# The engine empties earlier dates first: so pick faces come before bulk.
_FACES_FIRST: Final = {False: dt.date(2000, 1, 1), True: dt.date(2000, 1, 2)}


@dataclass(slots=True)
class Shelf:
    """What is left in a bin while lines are given to it."""

    code: str
    units: Decimal
    is_bulk: bool


@dataclass(slots=True)
class Shelves:
    """What is left in bins by product, owner and lot, the best to take from first."""

    layout: FloorLayout | None
    left: dict[_Goods, list[Shelf]] = field(default_factory=dict)

    @classmethod
    def of(cls, *, stock: Sequence[PickableStock], layout: FloorLayout | None) -> "Shelves":
        """Shelves as they are before anything is taken; pick faces first, then the nearest."""
        left: dict[_Goods, list[Shelf]] = defaultdict(list)
        near = {one.bin_code: distance_from_depot(layout=layout, code=one.bin_code) for one in stock}
        for one in sorted(stock, key=lambda each: (each.is_bulk, near[each.bin_code], each.bin_code)):
            left[one.product_id, one.owner, one.lot].append(Shelf(one.bin_code, one.units, one.is_bulk))
        return cls(layout=layout, left=left)

    def take(self, *, lines: Sequence[NewPickLine]) -> list[NewPickLine]:
        """Lines with their bins, each from the first that holds it whole; what no bin holds is in none."""
        chosen: list[NewPickLine] = []
        for line in lines:
            known = self.left.get(_goods(line), [])
            whole = [shelf for shelf in known if shelf.units >= line.units]
            chosen += _take_from(line, shelves=whole[:1] or known)
        return chosen

    def take_with_walk(self, *, lines: Sequence[NewPickLine]) -> list[NewPickLine]:
        """The same for the lines of one walk, bins and walk chosen together where goods lie in several."""
        wanted: dict[_Goods, Decimal] = defaultdict(Decimal)
        for line in lines:
            wanted[_goods(line)] += line.units
        if self.layout is None or not any(self._is_choice(goods) for goods in wanted):
            return self.take(lines=lines)
        turn = self._chosen(wanted=wanted)
        chosen: list[NewPickLine] = []
        for line in lines:
            goods = _goods(line)
            turns = {shelf.code: turn.get((goods, shelf.code), len(turn)) for shelf in self.left.get(goods, ())}
            ordered = sorted(self.left.get(goods, ()), key=lambda shelf: turns[shelf.code])
            chosen += _take_from(line, shelves=ordered)
        return chosen

    def _is_choice(self, goods: _Goods) -> bool:
        return len([shelf for shelf in self.left.get(goods, ()) if shelf.units > 0]) > 1

    def _chosen(self, *, wanted: dict[_Goods, Decimal]) -> dict[tuple[_Goods, str], int]:
        """Bins to take from by goods, numbered in the order of the walk; the rest is not to be taken from."""
        assert self.layout is not None  # noqa: S101 - for the type checker
        candidates: dict[str, list[picking.BinStock]] = {}
        needs: dict[str, float] = {}
        names: dict[str, _Goods] = {}
        codes: dict[tuple[_Goods, picking.Bin], list[str]] = defaultdict(list)
        for number, (goods, units) in enumerate(wanted.items()):
            shelves = [one for one in self.left.get(goods, ()) if one.units > 0 and one.code in self.layout.bins]
            there = sum((one.units for one in shelves), _NOTHING)
            if not shelves:
                continue
            name = str(number)
            names[name], needs[name] = goods, float(min(units, there))
            candidates[name] = [
                picking.BinStock(
                    bin=self.layout.bins[one.code],
                    units=float(one.units),
                    expires_date=_FACES_FIRST[one.is_bulk],
                )
                for one in shelves
            ]
            for one in shelves:
                codes[goods, self.layout.bins[one.code]].append(one.code)
        try:
            choice = picking.choose_bins(
                layout=self.layout.layout, needs=needs, candidates=candidates, budget_seconds=_CHOOSING_SECONDS
            )
        except (picking.BadLayout, picking.NotEnoughInBins):
            return {}
        turn: dict[tuple[_Goods, str], int] = {}
        for take in choice.takes:
            for code in codes[names[take.sku], take.bin]:
                turn.setdefault((names[take.sku], code), len(turn))
        return turn


def joined(*, lines: Sequence[NewPickLine]) -> list[NewPickLine]:
    """Lines before they were divided among bins: one for each parcel, order line, lot and tote."""
    whole: dict[tuple[object, ...], NewPickLine] = {}
    for line in lines:
        key = (line.fulfilment_id, line.order_line_id, *_goods(line), line.tote)
        before = whole.get(key)
        units = line.units + (before.units if before else _NOTHING)
        whole[key] = replace(before or line, units=units, bin_code="")
    return list(whole.values())


def _take_from(line: NewPickLine, *, shelves: Sequence[Shelf]) -> list[NewPickLine]:
    taken = []
    left = line.units
    for shelf in shelves:
        units = min(left, shelf.units)
        if units > 0:
            taken.append(replace(line, bin_code=shelf.code, units=units))
            shelf.units -= units
            left -= units
    if left > 0:
        taken.append(replace(line, bin_code="", units=left))
    return taken


def _goods(line: NewPickLine) -> _Goods:
    return (line.product_id, line.owner, line.lot)
