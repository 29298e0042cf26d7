"""The best choice among known batches so that every order is in exactly one (set partitioning, by HiGHS)."""

import time
from dataclasses import dataclass

import numpy as np

from reorder.engine.picking.measuring import Measure

_LEAST_SECONDS = 0.05
# Batches that cost far more than their orders' share in the best answer are hardly ever in a better one.
_MOST_SETS = 20_000


# Loads are sums of fractions, which differ in their last digits by the order in which they were added.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best batches known, and sets of orders that a cart holds, each with the length of its walk."""

    best: list[list[int]]
    best_cost: float
    sets: list[tuple[int, ...]]
    costs: list[float]


def every_set(*, grid: Measure, loads: list[float], capacity: float, first: list[list[int]]) -> Found:
    """Every set of a few orders that a cart holds: 2 to the power of their number are looked at."""
    masks = np.arange(1, 1 << len(loads))
    is_in = (masks[:, np.newaxis] >> np.arange(len(loads)) & 1).astype(np.int16)
    is_in = is_in[is_in @ np.array(loads) <= capacity + ROUNDING]
    costs = grid.measure(counts=np.tensordot(is_in, grid.counts, axes=1).astype(np.int16))
    sets = [tuple(np.flatnonzero(row).tolist()) for row in is_in]
    cost_of = dict(zip(sets, costs.tolist(), strict=True))
    return Found(first, sum(cost_of[tuple(sorted(group))] for group in first), sets, list(cost_of.values()))


def best_partition(*, found: Found, orders_count: int, until: float) -> list[list[int]]:
    """The cheapest choice of sets with each order once, or the best known where the time finds none better."""
    # Heavy imports stay out of the web process.
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csc_array

    seconds = until - time.monotonic()
    if seconds < _LEAST_SECONDS:
        return found.best
    sets, cost = found.sets, np.array(found.costs)
    if len(sets) > _MOST_SETS:
        kept = np.argsort(cost / np.array([len(each) for each in sets]), kind="stable")[:_MOST_SETS]
        sets, cost = [sets[index] for index in kept], cost[kept]
    starts = np.cumsum([0, *(len(each) for each in sets)])
    rows = np.fromiter((order for each in sets for order in each), dtype=np.int64, count=int(starts[-1]))
    once = csc_array((np.ones(len(rows)), rows, starts), shape=(orders_count, len(sets)))
    solved = milp(
        c=cost,
        constraints=LinearConstraint(once, 1.0, 1.0),
        integrality=np.ones(len(sets)),
        bounds=Bounds(0.0, 1.0),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if solved.x is None or solved.fun >= found.best_cost - 1e-9:
        return found.best
    return [list(sets[index]) for index in np.flatnonzero(solved.x > 0.5)]
