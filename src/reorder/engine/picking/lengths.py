"""Lengths of the shortest walks through many sets of orders at once: the sweep of one walk, for an array of sets."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reorder.engine.picking.states import (
    FROM_LOWER,
    FROM_UPPER,
    PASS_BY,
    THROUGH,
    TO_GAP,
    TWICE,
    Steps,
    Tables,
    tables_for,
)
from reorder.engine.picking.values import AisleLayout, Bin

Counts = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
_NEVER = float("inf")
# Sets looked at in one go: enough to hide what a call costs, few enough for the cache of a small processor.
_CHUNK = 512


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """All points that any of the orders has, as slots: (aisle, stretch, slot), padded; and the orders' points in it.

    `counts` are 1 where an order (first axis) has a bin, else 0: those of a set are the sum of its orders'. What lies
    in a dead end counts as lying at its crossing in `positions`; where it truly is says `true_positions`.
    """

    layout: AisleLayout
    tables: Tables
    numbers: npt.NDArray[np.int64]
    positions: Floats
    true_positions: Floats
    counts: Counts
    depot: tuple[int, int, int]

    @classmethod
    def make(cls, *, layout: AisleLayout, orders: Sequence[Sequence[Bin]]) -> "Grid":
        """Lay the bins of the orders out, and the depot."""
        cross = layout.cross_aisles
        everything = dict.fromkeys([layout.depot, *(each for bins in orders for each in bins)])
        numbers = np.unique([each.aisle for each in everything])
        columns: dict[tuple[int, int], list[Bin]] = defaultdict(list)
        for each in sorted(everything, key=lambda each: each.at):
            columns[int(np.searchsorted(numbers, each.aisle)), _stretch(each.at, cross=cross)].append(each)
        shape = (len(numbers), len(cross) - 1, max(len(column) for column in columns.values()))
        positions, true_positions = np.zeros(shape), np.zeros(shape)
        place_of: dict[Bin, tuple[int, int, int]] = {}
        for (aisle, stretch), column in columns.items():
            for slot, each in enumerate(column):
                place_of[each] = (aisle, stretch, slot)
                true_positions[aisle, stretch, slot] = each.at
                positions[aisle, stretch, slot] = min(max(each.at, cross[0]), cross[-1])
        counts = np.zeros((len(orders), *shape), dtype=np.int16)
        for row, bins in enumerate(orders):
            for each in bins:
                counts[(row, *place_of[each])] = 1
        return cls(
            layout=layout,
            tables=tables_for(cross_aisles_count=len(cross)),
            numbers=numbers,
            positions=positions,
            true_positions=true_positions,
            counts=counts,
            depot=place_of[layout.depot],
        )

    def measure(self, *, counts: Counts) -> Floats:
        """The length of the shortest walk through each set (its orders' counts summed); 0 for an empty one."""
        parts = [self._measure(counts[start : start + _CHUNK]) for start in range(0, len(counts), _CHUNK)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _measure(self, counts: Counts) -> Floats:
        there = counts > 0
        is_empty = ~there.any(axis=(1, 2, 3))
        there[:, self.depot[0], self.depot[1], self.depot[2]] = True
        used: Mask = np.asarray(there.any(axis=(2, 3)))
        length = self._sweep(lengths=self._stretch_lengths(there), used=used)
        if not np.array_equal(self.positions, self.true_positions):
            length += self._dead_ends(there)
        alone = used.sum(axis=1) == 1
        if alone.any():
            length[alone] = self._in_one_aisle(there[alone, self.depot[0]])
        length[is_empty] = 0.0
        return length

    def _dead_ends(self, there: Mask) -> Floats:
        """Into each dead end as far as a set goes there, and back."""
        low, high = self.layout.cross_aisles[0], self.layout.cross_aisles[-1]
        below: Floats = np.where(there, low - self.true_positions, 0.0).max(axis=(2, 3), initial=0.0)
        above: Floats = np.where(there, self.true_positions - high, 0.0).max(axis=(2, 3), initial=0.0)
        return np.asarray(2.0 * (below + above).sum(axis=1))

    def _stretch_lengths(self, there: Mask) -> Floats:
        """By set, aisle, stretch and way, what it costs; infinite where a way leaves something out."""
        cross = np.array(self.layout.cross_aisles)
        lower, upper = cross[:-1], cross[1:]
        whole = upper - lower
        reached = np.maximum.accumulate(np.where(there, self.positions, -_NEVER), axis=3)
        last = reached[..., -1]
        first = np.where(there, self.positions, _NEVER).min(axis=3)
        steps = np.where(there[..., 1:], self.positions[..., 1:] - reached[..., :-1], 0.0)
        gap = np.where(np.isfinite(steps), steps, 0.0).max(axis=3, initial=0.0)
        some = there.any(axis=3)
        lengths = np.empty((*some.shape, 6))
        lengths[..., PASS_BY] = np.where(some, _NEVER, 0.0)
        lengths[..., THROUGH] = whole
        lengths[..., TWICE] = 2 * whole
        lengths[..., FROM_UPPER] = np.where(some, 2 * (upper - first), _NEVER)
        lengths[..., FROM_LOWER] = np.where(some, 2 * (last - lower), _NEVER)
        lengths[..., TO_GAP] = np.where(gap > 0, 2 * (whole - gap), _NEVER)
        return lengths

    def _sweep(self, *, lengths: Floats, used: Mask) -> Floats:
        tables, sets = self.tables, len(lengths)
        first = used.argmax(axis=1)
        last = used.shape[1] - 1 - used[:, ::-1].argmax(axis=1)
        # States first: a step then takes whole rows.
        costs = np.full((len(tables.states), sets), _NEVER)
        costs[tables.begin] = 0.0
        found = np.full(sets, _NEVER)
        for aisle in range(used.shape[1]):
            for stretch, steps in enumerate(tables.stretches):
                cost = lengths[:, aisle, stretch].T[steps.kinds]
                costs = self._taken(costs=costs, steps=steps, lengths=cost)
            ends = last == aisle
            if ends.any():
                found[ends] = costs[tables.ends][:, ends].min(axis=0)
            if aisle + 1 < used.shape[1]:
                apart = float(self.numbers[aisle + 1] - self.numbers[aisle]) * self.layout.aisle_pitch
                costs = self._taken(
                    costs=costs,
                    steps=tables.across,
                    lengths=np.multiply(tables.across.kinds, apart, dtype=np.float64)[:, np.newaxis],
                )
                # Nothing was walked to the left of the first aisle that has something.
                costs[tables.begin] = np.where(first > aisle, 0.0, _NEVER)
        return found

    @staticmethod
    def _taken(*, costs: Floats, steps: Steps, lengths: Floats) -> Floats:
        after = np.full(costs.shape, _NEVER)
        after[steps.into] = np.minimum.reduceat(costs[steps.sources] + lengths, steps.starts, axis=0)
        return after

    def _in_one_aisle(self, there: Mask) -> Floats:
        positions = self.true_positions[self.depot[0]]
        high = np.where(there, positions, -_NEVER).max(axis=(1, 2))
        low = np.where(there, positions, _NEVER).min(axis=(1, 2))
        return np.asarray(2.0 * (high - low))


def _stretch(at: float, *, cross: Sequence[float]) -> int:
    """The stretch that a position belongs to; one in a dead end to that before it."""
    return next((index for index, upper in enumerate(cross[1:]) if at <= upper), len(cross) - 2)
