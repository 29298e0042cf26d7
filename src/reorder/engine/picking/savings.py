"""First batches: the two that save most by being walked together are joined, again and again."""

import numpy as np
import numpy.typing as npt

from reorder.engine.picking.lengths import Grid

_NO = -np.inf


def merge_by_savings(*, grid: Grid, loads: list[float], capacity: float) -> list[list[int]]:
    """Orders joined while that saves anything and a cart holds them; orders by their rows in the grid."""
    counts = grid.counts.copy()
    load = np.array(loads)
    groups: list[list[int]] = [[row] for row in range(len(loads))]
    length = grid.measure(counts=counts)
    alive = np.ones(len(loads), dtype=bool)
    saved = np.full((len(loads), len(loads)), _NO)
    for row in range(len(loads) - 1):
        _look(grid, saved, row, np.arange(row + 1, len(loads)), counts, load, length, capacity)
    while True:
        one, other = np.unravel_index(int(np.argmax(saved)), saved.shape)
        if saved[one, other] <= 0:
            return [group for group, lives in zip(groups, alive, strict=True) if lives]
        groups[one] += groups[other]
        counts[one] += counts[other]
        load[one] += load[other]
        length[one] += length[other] - saved[one, other]
        alive[other] = False
        saved[other, :] = saved[:, other] = saved[one, :] = saved[:, one] = _NO
        others = np.flatnonzero(alive)
        _look(grid, saved, int(one), others[others != one], counts, load, length, capacity)


def _look(
    grid: Grid,
    saved: npt.NDArray[np.float64],
    row: int,
    others: npt.NDArray[np.intp],
    counts: npt.NDArray[np.int16],
    load: npt.NDArray[np.float64],
    length: npt.NDArray[np.float64],
    capacity: float,
) -> None:
    """What joining this row with each of the others would save, where a cart holds both."""
    fitting = others[load[others] + load[row] <= capacity]
    if not len(fitting):
        return
    together = grid.measure(counts=counts[fitting] + counts[row])
    low, high = np.minimum(fitting, row), np.maximum(fitting, row)
    saved[low, high] = length[fitting] + length[row] - together
