"""First batches: the two that save most by being walked together are joined, again and again.

Of many orders only those pairs are measured that a rule of thumb says save most: measuring every pair of 500 orders
takes longer than improving the answer afterwards.
"""

import time

import numpy as np
import numpy.typing as npt

from reorder.engine.picking.measuring import Measure

_NO = -np.inf
# Up to so many orders every pair is measured; of more, so many partners of each.
_MOST_WHOLE = 120
_PARTNERS = 16


def merge_by_savings(*, grid: Measure, loads: list[float], capacity: float, until: float) -> list[list[int]]:
    """Orders joined while that saves anything, a cart holds them and the running clock allows.

    Orders are named by their rows in the grid.
    """
    merging = _Merging(grid=grid, loads=loads, capacity=capacity)
    for row in range(len(loads) - 1):
        merging.look(row, later_only=True)
        if time.monotonic() > until:
            break
    while time.monotonic() <= until and merging.join_best():
        pass
    # Two walks together are never longer than apart: where time ran out, the rule of thumb goes on alone.
    merging.join_alike()
    return merging.groups_left()


class _Merging:
    """Groups of orders, and what joining any two would save."""

    def __init__(self, *, grid: Measure, loads: list[float], capacity: float) -> None:
        self.grid, self.capacity = grid, capacity
        self.counts = grid.counts.copy()
        self.load = np.array(loads)
        self.groups: list[list[int]] = [[row] for row in range(len(loads))]
        self.length = grid.measure(counts=self.counts)
        self.alive = np.ones(len(loads), dtype=bool)
        self.saved = np.full((len(loads), len(loads)), _NO)
        # Which aisles a group goes into: the rule of thumb compares these.
        self.aisles: npt.NDArray[np.bool_] = np.asarray(
            (self.counts > 0).reshape(len(loads), self.counts.shape[1], -1).any(axis=2)
        )

    def look(self, row: int, *, later_only: bool = False) -> None:
        """Measure what joining a group with its likeliest partners would save."""
        others = np.flatnonzero(self.alive & (self.load + self.load[row] <= self.capacity))
        others = others[others > row] if later_only else others[others != row]
        if len(self.load) > _MOST_WHOLE and len(others) > _PARTNERS:
            others = others[np.argsort(-self._likeness(row, others), kind="stable")[:_PARTNERS]]
        if not len(others):
            return
        together = self.grid.measure(counts=self.counts[others] + self.counts[row])
        low, high = np.minimum(others, row), np.maximum(others, row)
        self.saved[low, high] = self.length[others] + self.length[row] - together

    def join_best(self) -> bool:
        """Join the two groups that save most; False when none saves anything."""
        one, other = np.unravel_index(int(np.argmax(self.saved)), self.saved.shape)
        if self.saved[one, other] <= 0:
            return False
        self.length[one] += self.length[other] - self.saved[one, other]
        self._join(int(one), int(other))
        self.look(int(one))
        return True

    def join_alike(self) -> None:
        """Join groups by the rule of thumb as long as a cart holds two, the fullest first."""
        for row in np.argsort(-self.load, kind="stable").tolist():
            while self.alive[row]:
                others = np.flatnonzero(self.alive & (self.load + self.load[row] <= self.capacity))
                others = others[others != row]
                if not len(others):
                    break
                self._join(row, int(others[np.argmax(self._likeness(row, others))]))

    def _join(self, one: int, other: int) -> None:
        self.groups[one] += self.groups[other]
        self.counts[one] += self.counts[other]
        self.load[one] += self.load[other]
        self.aisles[one] |= self.aisles[other]
        self.alive[other] = False
        for gone in (one, other):
            self.saved[gone, :] = self.saved[:, gone] = _NO

    def groups_left(self) -> list[list[int]]:
        """The groups as they are."""
        return [group for group, lives in zip(self.groups, self.alive, strict=True) if lives]

    def _likeness(self, row: int, others: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """Aisles in common, less those that joining would add beyond the farther group."""
        mine, theirs = self.aisles[row], self.aisles[others]
        shared = (theirs & mine).sum(axis=1)
        numbers = np.arange(len(mine))
        reach = np.where(theirs, numbers, 0).max(axis=1)
        apart = np.abs(reach - np.where(mine, numbers, 0).max())
        filled = (self.load[others] + self.load[row]) / self.capacity
        return np.asarray(shared - 0.5 * apart + filled)
