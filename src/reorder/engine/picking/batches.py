"""Orders picked together: which ones share a walk, so that all walks together are short.

Savings give a first answer (Clarke and Wright); annealing with the exact walk inside improves it, many chains side by
side; set partitioning at last picks the best of all batches that any chain came by. Of a few orders every batch that
there can be is measured instead, and the best choice among them is the best there is.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reorder.engine.picking.annealing import anneal
from reorder.engine.picking.lengths import Grid
from reorder.engine.picking.measuring import Measure, measure_for
from reorder.engine.picking.partition import best_partition, every_set
from reorder.engine.picking.savings import merge_by_savings
from reorder.engine.picking.values import Bin, CartTooSmall, Layout, NoUnits, Walk, refuse_bad_bins
from reorder.engine.picking.walk import plan_walk

# The share of the budget that is kept for choosing among the batches found, and for the walks themselves.
_CHOOSING_SHARE, _MARGIN_SECONDS = 0.2, 0.05
# First batches take at most so much of it.
_JOINING_SHARE = 0.4
# So many orders make few enough batches to measure them all within these seconds, where a walk is measured quickly.
_FEW_ORDERS, _FEW_SECONDS = 12, 0.2
_MOST_CROSS_AISLES = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """Orders that one walk picks."""

    order_ids: tuple[str, ...]
    walk: Walk


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Every order in exactly one batch; `length` is that of all walks."""

    batches: tuple[Batch, ...]
    length: float


def plan_batches(
    *,
    layout: Layout,
    orders: Mapping[str, Sequence[Bin]],
    units: Mapping[str, float],
    capacity_units: float,
    budget_seconds: float = 5.0,
    seed: int = 0,
) -> BatchPlan:
    """Batches of at most so many units whose walks together are as short as the time allows.

    The same orders and seed need not give the same answer: more time gives a better one. Raises BadBatching for an
    order that no cart holds, and BadLayout.
    """
    started = time.monotonic()
    _refuse(orders=orders, units=units, capacity_units=capacity_units)
    if not orders:
        return BatchPlan(batches=(), length=0.0)
    ids = list(orders)
    grid = measure_for(layout=layout, orders=list(orders.values()))
    loads = [float(units[each]) for each in ids]
    first = merge_by_savings(
        grid=grid,
        loads=loads,
        capacity=float(capacity_units),
        until=started + budget_seconds * _JOINING_SHARE,
    )
    groups = _improved(
        grid=grid,
        loads=loads,
        capacity=float(capacity_units),
        first=first,
        until=started + budget_seconds - _MARGIN_SECONDS,
        seed=seed,
    )
    batches = tuple(_batch(layout=layout, orders=orders, ids=[ids[each] for each in group]) for group in groups)
    return BatchPlan(batches=batches, length=sum(each.walk.length for each in batches))


def _improved(
    *, grid: Measure, loads: list[float], capacity: float, first: list[list[int]], until: float, seed: int
) -> list[list[int]]:
    if len(first) < 2:
        return first
    left = until - time.monotonic()
    if left <= 0:
        return first
    if len(loads) <= _FEW_ORDERS and left >= _FEW_SECONDS and _is_quick(grid):
        found = every_set(grid=grid, loads=loads, capacity=capacity, first=first)
    else:
        found = anneal(
            grid=grid,
            loads=loads,
            capacity=capacity,
            first=first,
            until=time.monotonic() + left * (1 - _CHOOSING_SHARE),
            seed=seed,
        )
    chosen = best_partition(found=found, orders_count=len(loads), until=until)
    return [sorted(group) for group in chosen if group]


def _is_quick(grid: Measure) -> bool:
    """The states of a sweep grow manifold with each cross-aisle; rounds through a graph take longer still."""
    return isinstance(grid, Grid) and len(grid.layout.cross_aisles) <= _MOST_CROSS_AISLES


def _batch(*, layout: Layout, orders: Mapping[str, Sequence[Bin]], ids: Sequence[str]) -> Batch:
    bins = list(dict.fromkeys(each for order_id in ids for each in orders[order_id]))
    return Batch(order_ids=tuple(ids), walk=plan_walk(layout=layout, bins=bins))


def _refuse(*, orders: Mapping[str, Sequence[Bin]], units: Mapping[str, float], capacity_units: float) -> None:
    for order_id, bins in orders.items():
        refuse_bad_bins(bins=bins)
        if order_id not in units:
            raise NoUnits(order=order_id)
        if not 0 <= units[order_id] <= capacity_units:
            raise CartTooSmall(order=order_id, units=units[order_id], capacity=capacity_units)
