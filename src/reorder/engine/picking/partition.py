"""The best choice among known batches so that every order is in exactly one (set partitioning, by HiGHS)."""

import time

import numpy as np

_LEAST_SECONDS = 0.05
# Batches that cost far more than their orders' share in the best answer are hardly ever in a better one.
_MOST_SETS = 20_000


def best_partition(
    *,
    sets: list[tuple[int, ...]],
    costs: list[float],
    orders_count: int,
    known: list[list[int]],
    known_cost: float,
    until: float,
) -> list[list[int]]:
    """The cheapest choice of sets with each order once, or `known` where the time finds none better."""
    # Heavy imports stay out of the web process.
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csc_array

    seconds = until - time.monotonic()
    if seconds < _LEAST_SECONDS:
        return known
    cost = np.array(costs)
    if len(sets) > _MOST_SETS:
        kept = np.argsort(cost / np.array([len(each) for each in sets]), kind="stable")[:_MOST_SETS]
        sets, cost = [sets[index] for index in kept], cost[kept]
    starts = np.cumsum([0, *(len(each) for each in sets)])
    rows = np.fromiter((order for each in sets for order in each), dtype=np.int64, count=int(starts[-1]))
    once = csc_array((np.ones(len(rows)), rows, starts), shape=(orders_count, len(sets)))
    found = milp(
        c=cost,
        constraints=LinearConstraint(once, 1.0, 1.0),
        integrality=np.ones(len(sets)),
        bounds=Bounds(0.0, 1.0),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if found.x is None or found.fun >= known_cost - 1e-9:
        return known
    return [list(sets[index]) for index in np.flatnonzero(found.x > 0.5)]
