"""Walks, batches and choice of bins: timed, and compared with usual practice and OR-Tools in one run.

All warehouses and orders are synthetic, drawn from a fixed seed. Run with `python -m benchmarks.picking`; `--walks`
sets how many of each kind, `--orders` the size of the set to batch.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import numpy as np

from reorder.engine.picking import AisleLayout, Bin, BinStock, GraphLayout, choose_bins, plan_batches, plan_walk

SEED: Final = 20261127
AISLES: Final = 12
PITCH: Final = 3.0
BLOCK: Final = 20.0


def layout_of(*, blocks: int) -> AisleLayout:
    cross = tuple(BLOCK * number for number in range(blocks + 1))
    return AisleLayout(aisle_pitch=PITCH, cross_aisles=cross, depot_aisle=0, depot_at=0.0)


def draw_bins(*, dice: np.random.Generator, count: int, blocks: int) -> list[Bin]:
    found: dict[Bin, None] = {}
    while len(found) < count:
        at = float(dice.integers(1, int(BLOCK * blocks)))
        found[Bin(int(dice.integers(AISLES)), at if at % BLOCK else at + 1.0)] = None
    return list(found)


def as_graph(layout: AisleLayout, bins: list[Bin]) -> tuple[GraphLayout, list[Bin]]:
    """The same warehouse told as points and ways, so that the short round can be held against the proof."""
    along = {
        aisle: {*layout.cross_aisles, *(each.at for each in bins if each.aisle == aisle)} for aisle in range(AISLES)
    }
    ways = [
        (f"{aisle}@{low}", f"{aisle}@{high}", high - low, False)
        for aisle, chain in along.items()
        for low, high in pairwise(sorted(chain))
    ]
    ways += [
        (f"{aisle}@{at}", f"{aisle + 1}@{at}", PITCH, False)
        for aisle in range(AISLES - 1)
        for at in layout.cross_aisles
    ]
    points = tuple(f"{aisle}@{at}" for aisle, chain in along.items() for at in sorted(chain))
    graph = GraphLayout(points=points, ways=tuple(ways), depot_point="0@0.0")
    return graph, [Bin(0, 0.0, f"{each.aisle}@{each.at}") for each in bins]


def length_of(layout: AisleLayout, stops: list[Bin]) -> float:
    return sum(layout.distance(one, other) for one, other in pairwise([layout.depot, *stops, layout.depot]))


def solve_with_or_tools(layout: AisleLayout, bins: list[Bin]) -> float:
    """The round of OR-Tools' routing library: cheapest insertion, then guided local search for a second."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    points = [layout.depot, *bins]
    table = [[round(1000 * layout.distance(one, other)) for other in points] for one in points]
    manager = pywrapcp.RoutingIndexManager(len(points), 1, 0)
    routing = pywrapcp.RoutingModel(manager)
    number = routing.RegisterTransitCallback(
        lambda one, other: table[manager.IndexToNode(one)][manager.IndexToNode(other)]
    )
    routing.SetArcCostEvaluatorOfAllVehicles(number)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.time_limit.FromMilliseconds(1000)
    return float(routing.SolveWithParameters(search).ObjectiveValue()) / 1000


def timed(work: Callable[[], float]) -> tuple[float, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def compare_walks(*, walks: int, blocks: int, picks: int) -> None:
    dice = np.random.default_rng(SEED + blocks)
    layout = layout_of(blocks=blocks)
    rows: dict[str, list[tuple[float, float]]] = {"ours": [], "by name": [], "as a graph": [], "OR-Tools 1 s": []}
    plan_walk(layout=layout, bins=draw_bins(dice=dice, count=2, blocks=blocks))
    for number in range(walks):
        bins = draw_bins(dice=dice, count=picks, blocks=blocks)
        best, seconds = timed(lambda bins=bins: plan_walk(layout=layout, bins=bins).length)  # type: ignore[misc]
        rows["ours"].append((0.0, seconds))
        by_name = sorted(bins, key=lambda each: (each.aisle, each.at))
        rows["by name"].append((length_of(layout, by_name) / best - 1, 0.0))
        graph, stops = as_graph(layout, bins)
        length, seconds = timed(lambda graph=graph, stops=stops: plan_walk(layout=graph, bins=stops).length)  # type: ignore[misc]
        rows["as a graph"].append((length / best - 1, seconds))
        if number < min(walks, 5):
            length, seconds = timed(lambda bins=bins: solve_with_or_tools(layout, bins))  # type: ignore[misc]
            rows["OR-Tools 1 s"].append((length / best - 1, seconds))
    print(f"{picks} picks, {blocks + 1} cross-aisles, {walks} walks (OR-Tools: the first {len(rows['OR-Tools 1 s'])})")
    for name, found in rows.items():
        longer = statistics.mean(gap for gap, _ in found)
        milliseconds = 1000 * statistics.median(seconds for _, seconds in found)
        print(f"  {name:<13} {longer:+8.2%} of the proven shortest, {milliseconds:8.2f} ms")


def compare_batches(*, orders: int) -> None:
    dice = np.random.default_rng(SEED)
    layout = layout_of(blocks=2)
    bins = {str(n): draw_bins(dice=dice, count=int(dice.integers(1, 6)), blocks=2) for n in range(orders)}
    units = {order: float(len(each)) for order, each in bins.items()}
    started = time.perf_counter()
    plan = plan_batches(layout=layout, orders=bins, units=units, capacity_units=30, budget_seconds=5.0, seed=1)
    seconds = time.perf_counter() - started
    came, load = 0.0, 0.0
    cart: list[Bin] = []
    for order, each in bins.items():
        if load + units[order] > 30:
            came, cart, load = came + plan_walk(layout=layout, bins=cart).length, [], 0.0
        cart, load = cart + each, load + units[order]
    came += plan_walk(layout=layout, bins=cart).length
    gap = came / plan.length - 1
    print(f"{orders} orders batched in {seconds:.2f} s: {plan.length:.0f} m; first come, first batched {gap:+.1%}")


def compare_bins(*, walks: int, options: int) -> None:
    dice = np.random.default_rng(SEED)
    layout = layout_of(blocks=1)
    ours, nearest, spent = [], [], []
    for _ in range(walks):
        found = {
            str(sku): [BinStock(bin=each, units=9.0) for each in draw_bins(dice=dice, count=options, blocks=1)]
            for sku in range(20)
        }
        needs = dict.fromkeys(found, 1.0)
        long = choose_bins(layout=layout, needs=needs, candidates=found, budget_seconds=1.0, seed=2).walk.length
        length, seconds = timed(
            lambda needs=needs, found=found: choose_bins(layout=layout, needs=needs, candidates=found).walk.length  # type: ignore[misc]
        )
        best = min(long, length)
        near = [min(each, key=lambda stock: stock.bin.aisle * PITCH + stock.bin.at).bin for each in found.values()]
        ours.append(length / best - 1)
        nearest.append(plan_walk(layout=layout, bins=near).length / best - 1)
        spent.append(seconds)
    print(
        f"20 products in {options} bins each: {statistics.mean(ours):+.2%} in {1000 * statistics.median(spent):.0f} ms "
        f"against the best of a second; nearest bins {statistics.mean(nearest):+.1%}"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--walks", type=int, default=30)
    asked.add_argument("--orders", type=int, default=500)
    given = asked.parse_args()
    for blocks in (1, 2, 4):
        compare_walks(walks=given.walks, blocks=blocks, picks=30)
    compare_batches(orders=given.orders)
    for options in (2, 5, 10):
        compare_bins(walks=given.walks, options=options)


if __name__ == "__main__":
    main()
