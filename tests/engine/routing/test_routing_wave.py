"""A wave: never dearer than first come, optimal on small cases, within stock and capacity, repeatable."""

import itertools
from collections import Counter

import numpy as np
import pytest

from reorder.engine.routing import LineToRoute, OrderToRoute, RoutingPlan, route_orders, routing, wave

WAITING = 60.0


@pytest.fixture(autouse=True)
def clock_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds are counted; on a busy machine the clock would end them earlier."""
    monkeypatch.setattr(wave, "perf_counter", lambda: 0.0)
    monkeypatch.setattr(routing, "perf_counter", lambda: 0.0)


def make_wave(
    *, seed: int, orders: int, places: int, skus: int, units: int
) -> tuple[list[OrderToRoute], dict[tuple[str, str], float]]:
    """Orders of 1 to 4 lines that contend for scarce stock; every number follows from the seed."""
    dice = np.random.default_rng(seed)
    names = [f"P{number}" for number in range(places)]
    made = []
    for number in range(orders):
        picked = dice.permutation(skus)[: int(dice.integers(1, min(4, skus) + 1))]
        lines = tuple(
            LineToRoute(line_id=str(row), sku=f"S{sku}", units=float(dice.integers(1, 3)))
            for row, sku in enumerate(picked)
        )
        made.append(
            OrderToRoute(
                order_id=str(number),
                lines=lines,
                shipment_cost={name: float(dice.integers(40, 90)) / 10 for name in names},
                line_cost={(line.line_id, name): float(dice.integers(5, 25)) / 10 for line in lines for name in names},
            )
        )
    stock = {(name, f"S{sku}"): float(dice.integers(0, units + 1)) for name in names for sku in range(skus)}
    return made, stock


def price(orders: list[OrderToRoute], places: dict[tuple[str, str], str | None]) -> float:
    """The contract's cost, written down a second time."""
    cost = 0.0
    for order in orders:
        mine = {line.line_id: places[order.order_id, line.line_id] for line in order.lines}
        cost += sum(order.shipment_cost[place] for place in {p for p in mine.values() if p is not None})
        cost += sum(WAITING if p is None else order.line_cost[line, p] for line, p in mine.items())
    return cost


def chosen(plan: RoutingPlan) -> dict[tuple[str, str], str | None]:
    return {(each.order_id, each.line_id): each.place for each in plan.assignments}


def assert_lawful(orders: list[OrderToRoute], stock: dict[tuple[str, str], float], plan: RoutingPlan) -> None:
    sku_of = {(order.order_id, line.line_id): line.sku for order in orders for line in order.lines}
    assert set(sku_of) == {(each.order_id, each.line_id) for each in plan.assignments}
    taken: Counter[tuple[str, str]] = Counter()
    for each in plan.assignments:
        if each.place is not None:
            taken[each.place, sku_of[each.order_id, each.line_id]] += each.units
    assert all(units <= stock.get(key, 0.0) for key, units in taken.items())


def first_come(orders: list[OrderToRoute], stock: dict[tuple[str, str], float]) -> float:
    """Each order exactly, from what the ones before it left."""
    left, cost = dict(stock), 0.0
    for order in orders:
        plan = route_orders(orders=[order], stock=left, backorder_cost=WAITING)
        cost += plan.cost
        for line, each in zip(order.lines, plan.assignments, strict=True):
            if each.place is not None:
                left[each.place, line.sku] -= each.units
    return cost


def brute_force(orders: list[OrderToRoute], stock: dict[tuple[str, str], float]) -> float:
    keys = [(order.order_id, line) for order in orders for line in order.lines]
    places = sorted(orders[0].shipment_cost)
    best = float("inf")
    for way in itertools.product([None, *places], repeat=len(keys)):
        left = Counter(stock)
        for (_, line), place in zip(keys, way, strict=True):
            if place is not None:
                left[place, line.sku] -= line.units
        if min(left.values()) >= 0:
            named = {(order_id, line.line_id): place for (order_id, line), place in zip(keys, way, strict=True)}
            best = min(best, price(orders, named))
    return best


@pytest.mark.parametrize("seed", range(8))
def test_a_small_wave_is_joint_optimal(seed: int) -> None:
    orders, stock = make_wave(seed=seed, orders=3, places=2, skus=4, units=2)

    plan = route_orders(orders=orders, stock=stock, backorder_cost=WAITING, budget_seconds=0.3)

    assert_lawful(orders, stock, plan)
    assert plan.cost == pytest.approx(price(orders, chosen(plan)))
    assert plan.cost == pytest.approx(brute_force(orders, stock))
    assert plan.bound <= plan.cost + 1e-9


@pytest.mark.parametrize("seed", [1, 2])
def test_a_wave_is_never_dearer_than_first_come(seed: int) -> None:
    orders, stock = make_wave(seed=seed, orders=60, places=5, skus=20, units=4)

    plan = route_orders(orders=orders, stock=stock, backorder_cost=WAITING, budget_seconds=0.3)

    assert_lawful(orders, stock, plan)
    assert plan.bound <= plan.cost < first_come(orders, stock)


def test_the_same_seed_gives_the_same_plan() -> None:
    orders, stock = make_wave(seed=5, orders=40, places=4, skus=15, units=3)

    plans = [
        route_orders(orders=orders, stock=stock, backorder_cost=WAITING, budget_seconds=0.2, seed=3) for _ in range(2)
    ]

    assert not plans[0].is_cut_short
    assert plans[0] == plans[1]


def test_the_last_unit_goes_where_it_saves_most_though_another_order_came_first() -> None:
    def one(order_id: str, skus: list[str]) -> OrderToRoute:
        lines = tuple(LineToRoute(line_id=sku, sku=sku, units=1) for sku in skus)
        costs = {"KEELUNG": 8.0, "TAICHUNG": 9.0}
        return OrderToRoute(order_id, lines, costs, {(sku, place): 1.0 for sku in skus for place in costs})

    orders = [one("first", ["oolong"]), one("second", ["oolong", "teapot"])]
    stock = {("KEELUNG", "oolong"): 1.0, ("KEELUNG", "teapot"): 1.0, ("TAICHUNG", "oolong"): 1.0}

    plan = route_orders(orders=orders, stock=stock, backorder_cost=WAITING)

    assert chosen(plan) == {
        ("first", "oolong"): "TAICHUNG",
        ("second", "oolong"): "KEELUNG",
        ("second", "teapot"): "KEELUNG",
    }
    assert plan.cost == 20.0
    assert plan.assignments[0].reason == (
        "TAICHUNG sends it for 10.0. KEELUNG would cost 1.0 less, but other orders need its stock or its time more."
    )


def test_a_place_gets_no_more_orders_than_it_can_send_today() -> None:
    orders, _ = make_wave(seed=9, orders=30, places=3, skus=10, units=9)
    stock = {(f"P{place}", f"S{sku}"): 99.0 for place in range(3) for sku in range(10)}

    plan = route_orders(
        orders=orders, stock=stock, backorder_cost=WAITING, order_capacity={"P0": 5, "P1": 7}, budget_seconds=0.3
    )

    parcels = Counter(place for _, place in {(each.order_id, each.place) for each in plan.assignments})
    assert parcels["P0"] <= 5
    assert parcels["P1"] <= 7
    assert parcels[None] == 0


def test_a_place_gets_no_more_units_than_it_can_send_today() -> None:
    orders, _ = make_wave(seed=9, orders=30, places=3, skus=10, units=9)
    stock = {(f"P{place}", f"S{sku}"): 99.0 for place in range(3) for sku in range(10)}

    plan = route_orders(
        orders=orders, stock=stock, backorder_cost=WAITING, unit_capacity={"P0": 11, "P1": 6}, budget_seconds=0.3
    )

    units: Counter[str | None] = Counter()
    for each in plan.assignments:
        units[each.place] += each.units
    assert units["P0"] <= 11
    assert units["P1"] <= 6
    assert units[None] == 0


def test_a_search_that_the_clock_ends_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    orders, stock = make_wave(seed=5, orders=40, places=4, skus=15, units=3)
    ticks = iter(range(10**6))
    monkeypatch.setattr(wave, "perf_counter", lambda: float(next(ticks)))

    plan = route_orders(orders=orders, stock=stock, backorder_cost=WAITING, budget_seconds=0.5)

    assert plan.is_cut_short
    assert_lawful(orders, stock, plan)
    assert plan.cost <= first_come(orders, stock) + 1e-9
