"""From which bins to take goods that lie in several: bins and walk are chosen together.

What goes off first is taken first, whatever the walk: among bins of one date the walk decides.
"""

import datetime as dt
import time
from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from reorder.engine.picking.measuring import Measure, measure_for
from reorder.engine.picking.values import AisleLayout, Bin, Layout, NotEnoughInBins, Walk, refuse_bad_bins
from reorder.engine.picking.walk import plan_walk

_LEAST_GAIN = 1e-9
# Of one need: more ways of covering it than these are not looked at.
_MOST_COVERS = 40
# Choices to begin with, how many of them are improved, changes taken at one look, and needs changed by chance.
_BEGINNINGS, _DESCENTS, _TOGETHER, _KICKED = 160, 2, 10, 3


Counts = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class BinStock:
    """Units of a product in a bin; goods without a date are taken last."""

    bin: Bin
    units: float
    expires_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """So many units of a product from one bin."""

    sku: str
    bin: Bin
    units: float


@dataclass(frozen=True, slots=True)
class BinChoice:
    """What to take from where, in walking order, and the walk."""

    takes: tuple[Take, ...]
    walk: Walk


@dataclass(frozen=True, slots=True)
class _Need:
    """Units of a product out of bins that are equally good to take, and the ways of covering them."""

    sku: str
    units: float
    covers: tuple[tuple[int, ...], ...]


def choose_bins(
    *,
    layout: Layout,
    needs: Mapping[str, float],
    candidates: Mapping[str, Sequence[BinStock]],
    budget_seconds: float = 0.05,
    seed: int = 0,
) -> BinChoice:
    """Take what is needed of each product (units) from its bins so that the walk is short.

    Of bins with goods of different dates the earliest are emptied first. Raises NotEnoughInBins, BadLayout.
    """
    until = time.monotonic() + budget_seconds
    stocks = [each for sku in needs for each in candidates.get(sku, ())]
    refuse_bad_bins(bins=[each.bin for each in stocks])
    bins = list(dict.fromkeys(each.bin for each in stocks))
    number_of = {each: number for number, each in enumerate(bins)}
    tiers = _tiers(needs=needs, candidates=candidates)
    choosing = [
        _Need(sku=sku, units=units, covers=_covers(layout=layout, units=units, tier=tier, number_of=number_of))
        for sku, units, tier in tiers
    ]
    if not choosing:
        return BinChoice(takes=(), walk=Walk(stops=(), length=0.0))
    grid = measure_for(layout=layout, orders=[[each] for each in bins])
    stretches = [_stretch_of(layout, each) for each in bins]
    chosen = _search(grid=grid, stretches=stretches, needs=choosing, until=until, rng=np.random.default_rng(seed))
    return _answer(layout=layout, bins=bins, tiers=tiers, needs=choosing, chosen=chosen)


def _tiers(
    *, needs: Mapping[str, float], candidates: Mapping[str, Sequence[BinStock]]
) -> list[tuple[str, float, list[BinStock]]]:
    """Each need divided by date: units, and the bins of that date they come from. Raises NotEnoughInBins."""
    found = []
    for sku, wanted in needs.items():
        left = wanted
        stocks = [each for each in candidates.get(sku, ()) if each.units > 0]
        stocks.sort(key=lambda each: each.expires_date or dt.date.max)
        for _, tier in groupby(stocks, key=lambda each: each.expires_date):
            here = list(tier)
            units = min(left, sum(each.units for each in here))
            if units > 0:
                found.append((sku, units, here))
                left -= units
        if left > 0:
            raise NotEnoughInBins(sku=sku, there=wanted - left, wanted=wanted)
    return found


def _covers(
    *, layout: Layout, units: float, tier: Sequence[BinStock], number_of: Mapping[Bin, int]
) -> tuple[tuple[int, ...], ...]:
    """Sets of bins that hold enough: each alone where one does, else each with the fullest or the nearest others."""
    alone = [each for each in tier if each.units >= units]
    if alone:
        return tuple(dict.fromkeys((number_of[each.bin],) for each in alone[:_MOST_COVERS]))
    covers: dict[tuple[int, ...], None] = {}
    fullest = sorted(tier, key=lambda each: -each.units)
    for first in fullest[:_MOST_COVERS]:
        nearest = sorted(tier, key=lambda each, here=first.bin: _apart(layout, here, each.bin))  # type: ignore[misc]
        for others in (fullest, nearest):
            covers[_filled(first=first, others=others, units=units, number_of=number_of)] = None
    return tuple(covers)


def _filled(
    *, first: BinStock, others: Sequence[BinStock], units: float, number_of: Mapping[Bin, int]
) -> tuple[int, ...]:
    left, taken = units - first.units, [first]
    for each in others:
        if left <= 0:
            break
        if each is not first:
            taken.append(each)
            left -= each.units
    return tuple(sorted({number_of[each.bin] for each in taken}))


def _stretch_of(layout: Layout, each: Bin) -> Hashable:
    """Bins of one stretch of an aisle are walked to together."""
    if isinstance(layout, AisleLayout):
        return each.aisle, bisect_left(layout.cross_aisles[1:-1], each.at)
    return each.point


def _apart(layout: Layout, one: Bin, other: Bin) -> float:
    return layout.distance(one, other) if isinstance(layout, AisleLayout) else float(one.point != other.point)


def _search(
    *, grid: Measure, stretches: Sequence[Hashable], needs: Sequence[_Need], until: float, rng: np.random.Generator
) -> list[int]:
    """The number of the cover for each need: the best of several descents from good beginnings."""
    looked = _Looked(grid=grid, needs=needs)
    if not looked.free:
        return [0] * len(needs)
    beginnings = looked.gathered(stretches=stretches, rng=rng)
    lengths = looked.lengths(beginnings)
    best: tuple[float, list[int]] = (float("inf"), beginnings[0])
    for number in np.argsort(lengths, kind="stable")[:_DESCENTS].tolist():
        best = min(best, looked.descended(beginnings[number], until=until), key=lambda each: each[0])
    while time.monotonic() < until:
        kicked = list(best[1])
        for index in rng.choice(looked.free, size=min(_KICKED, len(looked.free)), replace=False).tolist():
            kicked[index] = int(rng.integers(len(needs[index].covers)))
        best = min(best, looked.descended(kicked, until=until), key=lambda each: each[0])
    return best[1]


class _Looked:
    """The covers of all needs as rows of one grid."""

    def __init__(self, *, grid: Measure, needs: Sequence[_Need]) -> None:
        self.grid, self.needs = grid, needs
        self.rows = [_rows(grid, each) for each in needs]
        self.free = [index for index, each in enumerate(needs) if len(each.covers) > 1]
        if self.free:
            self.everything = np.concatenate([self.rows[index] for index in self.free])
            self.counts_of = [len(self.rows[index]) for index in self.free]
            self.starts = np.cumsum([0, *self.counts_of])

    def total(self, choice: Sequence[int]) -> Counts:
        """All that is taken, as one row."""
        taken: Counts = np.stack([self.rows[index][number] for index, number in enumerate(choice)])
        total: Counts = taken.sum(axis=0, dtype=np.int16)
        return total

    def lengths(self, choices: Sequence[Sequence[int]]) -> npt.NDArray[np.float64]:
        """The length of the walk of each choice."""
        return self.grid.measure(counts=np.stack([self.total(choice) for choice in choices]))

    def gathered(self, *, stretches: Sequence[Hashable], rng: np.random.Generator) -> list[list[int]]:
        """Choices that go into few stretches: those that serve most needs for the way into them, with some chance."""
        groups = list(dict.fromkeys(stretches))
        group_of = np.array([groups.index(each) for each in stretches])
        # Of each need: which groups each of its covers goes into.
        goes = [
            np.array([np.bincount(group_of[list(cover)], minlength=len(groups)) > 0 for cover in each.covers])
            for each in self.needs
        ]
        cost = self.grid.measure(
            counts=np.stack([self.grid.counts[group_of == group][0] for group in range(len(groups))])
        )
        is_open = _opened(goes=goes, cost=np.maximum(cost, 1e-9), rng=rng)
        chosen = np.zeros((_BEGINNINGS, len(self.needs)), dtype=np.intp)
        for index in self.free:
            inside = is_open.astype(float) @ goes[index].T / goes[index].sum(axis=1)
            chosen[:, index] = np.argmax(inside + 1e-3 * rng.random(inside.shape), axis=1)
        return [list(map(int, each)) for each in np.unique(chosen, axis=0)]

    def descended(self, chosen: Sequence[int], *, until: float) -> tuple[float, list[int]]:
        """Change covers, those that shorten the walk most first, until none does."""
        choice = list(chosen)
        total = self.total(choice)
        length = float(self.grid.measure(counts=total[np.newaxis])[0])
        while time.monotonic() < until:
            current = np.stack([self.rows[index][choice[index]] for index in self.free])
            base = total - np.repeat(current, self.counts_of, axis=0)
            lengths = self.grid.measure(counts=base + self.everything)
            steps = self._steps(lengths=lengths, below=length)
            if not steps:
                break
            # Several changes at once where they do not spoil one another: a descent then takes few looks.
            totals = [total]
            for index, option in steps:
                totals.append(totals[-1] - self.rows[index][choice[index]] + self.rows[index][option])
            together = self.grid.measure(counts=np.stack(totals[1:]))
            many = int(np.argmin(together)) + 1
            for index, option in steps[:many]:
                choice[index] = option
            total, length = totals[many], float(together[many - 1])
        return length, choice

    def _steps(self, *, lengths: npt.NDArray[np.float64], below: float) -> list[tuple[int, int]]:
        """The best change of each need that shortens the walk, the best first."""
        found = []
        for place, index in enumerate(self.free):
            mine = lengths[self.starts[place] : self.starts[place + 1]]
            option = int(np.argmin(mine))
            if mine[option] < below - _LEAST_GAIN:
                found.append((float(mine[option]), index, option))
        return [(index, option) for _, index, option in sorted(found)[:_TOGETHER]]


def _opened(
    *, goes: Sequence[npt.NDArray[np.bool_]], cost: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """For each beginning the stretches that it goes into, opened one by one until every need is served in one."""
    reaches = np.stack([each.any(axis=0) for each in goes]).astype(float)
    is_open = np.zeros((_BEGINNINGS, len(cost)), dtype=bool)
    forced = [each[0] for each in goes if len(each) == 1]
    if forced:
        is_open |= np.any(forced, axis=0)
    rows = np.arange(_BEGINNINGS)
    while True:
        unserved = (is_open @ reaches.T.astype(bool)) == 0
        left = unserved.any(axis=1)
        if not left.any():
            return is_open
        votes = np.where(is_open, 0.0, unserved.astype(float) @ reaches) / cost
        best = np.argmax(votes * rng.uniform(0.5, 1.5, size=votes.shape), axis=1)
        is_open[rows[left], best[left]] = True


def _rows(grid: Measure, need: _Need) -> npt.NDArray[np.int16]:
    return np.stack([grid.counts[list(cover)].sum(axis=0) for cover in need.covers]).astype(np.int16)


def _answer(
    *,
    layout: Layout,
    bins: Sequence[Bin],
    tiers: Sequence[tuple[str, float, list[BinStock]]],
    needs: Sequence[_Need],
    chosen: Sequence[int],
) -> BinChoice:
    units: dict[tuple[str, Bin], float] = {}
    for (sku, wanted, tier), need, number in zip(tiers, needs, chosen, strict=True):
        cover = {bins[index] for index in need.covers[number]}
        left = wanted
        # The fullest last: what is nearly empty is emptied, so that its bin is free.
        for each in sorted((each for each in tier if each.bin in cover), key=lambda each: each.units):
            taken = min(left, each.units)
            if taken > 0:
                units[sku, each.bin] = units.get((sku, each.bin), 0.0) + taken
                left -= taken
    walk = plan_walk(layout=layout, bins=list(dict.fromkeys(place for _, place in units)))
    order = {each: number for number, each in enumerate(walk.stops)}
    takes = sorted(units.items(), key=lambda item: (order[item[0][1]], item[0][0]))
    return BinChoice(takes=tuple(Take(sku=sku, bin=place, units=many) for (sku, place), many in takes), walk=walk)
