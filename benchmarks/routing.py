"""Order routing, timed and compared in one run: one order of 8 lines over 20 places, and waves against usual practice.

All orders, costs and stock are synthetic, drawn from a fixed seed. Run with `python -m benchmarks.routing`; `--orders`
sets the size of the waves, `--seconds` their budget.
"""

import argparse
import statistics
import time
from typing import Final

import numpy as np

from reorder.engine.routing import LineToRoute, OrderToRoute, RoutingPlan, route_orders

SEED: Final = 20261127
WAITING: Final = 60.0
LINES_SHARES: Final = (0.37, 0.26, 0.13, 0.10, 0.07, 0.05, 0.0, 0.02)


def make_wave(
    *, orders: int, places: int, skus: int, cover: float
) -> tuple[list[OrderToRoute], dict[tuple[str, str], float]]:
    """Orders of 1 to 8 lines with few popular SKUs, and stock of `cover` times what is wanted, spread unevenly."""
    dice = np.random.default_rng(SEED)
    popularity = 1 / np.arange(1, skus + 1)
    popularity /= popularity.sum()
    shares = np.array(LINES_SHARES) / sum(LINES_SHARES)
    names = [f"P{number:02}" for number in range(places)]
    made, wanted = [], np.zeros(skus)
    for number in range(orders):
        picked = dice.choice(skus, int(dice.choice(len(shares), p=shares)) + 1, replace=False, p=popularity)
        units = dice.choice([1.0, 2.0, 3.0], len(picked), p=[0.8, 0.15, 0.05])
        wanted[picked] += units
        far = dice.uniform(0, 1, places)
        lines = tuple(
            LineToRoute(line_id=str(row), sku=f"S{sku}", units=float(many))
            for row, (sku, many) in enumerate(zip(picked, units, strict=True))
        )
        made.append(
            OrderToRoute(
                order_id=str(number),
                lines=lines,
                shipment_cost={name: 5.0 + 4.0 * float(far[row]) for row, name in enumerate(names)},
                line_cost={
                    (line.line_id, name): 0.5 + 1.5 * float(far[row])
                    for line in lines
                    for row, name in enumerate(names)
                },
            )
        )
    shelf = dice.dirichlet(np.full(places, 0.7), skus) * (cover * wanted)[:, None]
    stock = {
        (name, f"S{sku}"): float(np.floor(shelf[sku, row]))
        for row, name in enumerate(names)
        for sku in range(skus)
        if shelf[sku, row] >= 1
    }
    return made, stock


def price(*, orders: list[OrderToRoute], places: dict[tuple[str, str], str | None]) -> float:
    """The cost of a plan, counted beside the engine."""
    cost = 0.0
    for order in orders:
        mine = {line.line_id: places[order.order_id, line.line_id] for line in order.lines}
        cost += sum(order.shipment_cost[place] for place in {one for one in mine.values() if one})
        cost += sum(order.line_cost[line, one] if one else WAITING for line, one in mine.items())
    return cost


def nearest_per_line(*, orders: list[OrderToRoute], stock: dict[tuple[str, str], float]) -> float:
    """Usual practice: each line from the nearest place that has it."""
    left, chosen = dict(stock), {}
    for order in orders:
        for line in order.lines:
            able = [place for place in order.shipment_cost if left.get((place, line.sku), 0) >= line.units]
            place = min(able, key=lambda one: order.line_cost[line.line_id, one], default=None)
            if place:
                left[place, line.sku] -= line.units
            chosen[order.order_id, line.line_id] = place
    return price(orders=orders, places=chosen)


def first_come(*, orders: list[OrderToRoute], stock: dict[tuple[str, str], float]) -> float:
    """Each order exactly, from what those before it left."""
    left, cost = dict(stock), 0.0
    for order in orders:
        plan = route_orders(orders=[order], stock=left, backorder_cost=WAITING)
        cost += plan.cost
        for line, each in zip(order.lines, plan.assignments, strict=True):
            if each.place:
                left[each.place, line.sku] -= line.units
    return cost


def time_one_order() -> None:
    """Milliseconds of one order of 8 lines over 20 places, with checks, reasons and candidates."""
    dice = np.random.default_rng(SEED)
    names, rows = [f"P{number:02}" for number in range(20)], range(8)
    took = []
    for number in range(200):
        order = OrderToRoute(
            order_id=str(number),
            lines=tuple(LineToRoute(line_id=str(row), sku=f"S{row}", units=1.0) for row in rows),
            shipment_cost={name: float(dice.uniform(60, 120)) for name in names},
            line_cost={(str(row), name): float(dice.uniform(5, 40)) for row in rows for name in names},
        )
        stock = {(name, f"S{row}"): 1.0 for name in names for row in rows if dice.random() < 0.5}
        started = time.perf_counter()
        route_orders(orders=[order], stock=stock, backorder_cost=1000.0)
        took.append(1000 * (time.perf_counter() - started))
    print(
        f"one order, 8 lines, 20 places: {statistics.median(took):.2f} ms median, {np.quantile(took, 0.99):.2f} ms p99"
    )


def compare_wave(*, name: str, orders: int, places: int, cover: float, seconds: float) -> None:
    """A wave jointly, against first-come and nearest per line."""
    made, stock = make_wave(orders=orders, places=places, skus=1000, cover=cover)
    nearest = nearest_per_line(orders=made, stock=stock)
    in_turn = first_come(orders=made, stock=stock)
    started = time.perf_counter()
    plan: RoutingPlan = route_orders(orders=made, stock=stock, backorder_cost=WAITING, budget_seconds=seconds, seed=7)
    took = time.perf_counter() - started
    print(
        f"{name}: {orders} orders, {places} places, stock {cover:g}x: joint in {took:.1f} s of {seconds:g}"
        f"{' (cut short)' if plan.is_cut_short else ''}; nearest per line costs {nearest / plan.cost - 1:+.1%}, "
        f"first-come {in_turn / plan.cost - 1:+.1%}; at most {plan.cost / plan.bound - 1:.1%} above any plan"
    )


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args(words)
    time_one_order()
    compare_wave(name="ample", orders=given.orders // 2, places=5, cover=6.0, seconds=given.seconds)
    compare_wave(name="covered", orders=given.orders // 2, places=5, cover=2.5, seconds=given.seconds)
    compare_wave(name="short", orders=given.orders, places=10, cover=1.2, seconds=given.seconds)


if __name__ == "__main__":
    main()
