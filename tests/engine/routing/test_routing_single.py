"""One order: exact against every possible way, rules kept, bad input named, every line with its reason."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine.routing import (
    BadRouting,
    LineToRoute,
    OrderToRoute,
    RoutingPlan,
    route_orders,
)

WAITING = 60.0
PLACES = ("KEELUNG", "TAICHUNG", "TAINAN", "TEASHOP")


def order(
    order_id: str = "1001",
    lines: tuple[tuple[str, float], ...] = (("oolong", 1), ("teapot", 1)),
    shipment: dict[str, float] | None = None,
    line: dict[tuple[int, str], float] | None = None,
    **rules: float | None,
) -> OrderToRoute:
    """Lines are named 0, 1 …; every place of `shipment` may send every line for 1 unless `line` says otherwise."""
    shipment = shipment or {"KEELUNG": 8.0, "TAICHUNG": 9.0}
    costs = {(str(number), place): 1.0 for number in range(len(lines)) for place in shipment}
    costs |= {(str(number), place): cost for (number, place), cost in (line or {}).items()}
    return OrderToRoute(
        order_id=order_id,
        lines=tuple(
            LineToRoute(line_id=str(number), sku=sku, units=units, value=100.0 * units)
            for number, (sku, units) in enumerate(lines)
        ),
        shipment_cost=shipment,
        line_cost=costs,
        **rules,  # type: ignore[arg-type]
    )


def route(one: OrderToRoute, stock: dict[tuple[str, str], float], **options: object) -> RoutingPlan:
    return route_orders(orders=[one], stock=stock, backorder_cost=WAITING, **options)  # type: ignore[arg-type]


def places_of(plan: RoutingPlan) -> list[str | None]:
    return [each.place for each in plan.assignments]


def price(one: OrderToRoute, places: tuple[str | None, ...]) -> float:
    """The contract's cost, written down a second time."""
    used = {place for place in places if place is not None}
    cost = sum(one.shipment_cost[place] for place in used) + one.split_penalty * max(len(used) - 1, 0)
    for each, place in zip(one.lines, places, strict=True):
        cost += WAITING if place is None else one.line_cost[each.line_id, place]
    return cost


def is_lawful(
    one: OrderToRoute,
    places: tuple[str | None, ...],
    stock: dict[tuple[str, str], float],
    unit_capacity: dict[str, float],
) -> bool:
    used = {place for place in places if place is not None}
    if one.max_places is not None and len(used) > one.max_places:
        return False
    for place in used:
        mine = [each for each, at in zip(one.lines, places, strict=True) if at == place]
        if any((each.line_id, place) not in one.line_cost for each in mine):
            return False
        if any(
            sum(each.units for each in mine if each.sku == sku) > stock.get((place, sku), 0)
            for sku in {each.sku for each in mine}
        ):
            return False
        if sum(each.units for each in mine) > unit_capacity.get(place, math.inf):
            return False
        if len(used) > 1 and sum(each.value for each in mine) < one.minimum_shipment_value:
            return False
    return True


def brute_force(
    one: OrderToRoute, stock: dict[tuple[str, str], float], unit_capacity: dict[str, float] | None = None
) -> float:
    ways = itertools.product([None, *one.shipment_cost], repeat=len(one.lines))
    return min(price(one, way) for way in ways if is_lawful(one, way, stock, unit_capacity or {}))


@st.composite
def cases(draw: st.DrawFn) -> tuple[OrderToRoute, dict[tuple[str, str], float], dict[str, float]]:
    places = PLACES[: draw(st.integers(1, 4))]
    lines = draw(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 3)), min_size=1, max_size=4))
    shipment = {place: float(draw(st.integers(0, 12))) for place in places}
    costs = {
        (number, place): float(draw(st.integers(0, 9)))
        for number in range(len(lines))
        for place in places
        if draw(st.integers(0, 4))
    }
    one = order(
        lines=tuple(lines),
        shipment=shipment,
        max_places=draw(st.sampled_from([None, None, 1, 2])),
        split_penalty=float(draw(st.sampled_from([0, 0, 3]))),
        minimum_shipment_value=float(draw(st.sampled_from([0, 0, 200]))),
    )
    one = OrderToRoute(
        order_id=one.order_id,
        lines=one.lines,
        shipment_cost=shipment,
        line_cost={(str(number), place): cost for (number, place), cost in costs.items()},
        max_places=one.max_places,
        split_penalty=one.split_penalty,
        minimum_shipment_value=one.minimum_shipment_value,
    )
    stock = {(place, sku): float(draw(st.integers(0, 4))) for place in places for sku in "abcd"}
    capacity = {place: float(draw(st.integers(0, 5))) for place in places if not draw(st.integers(0, 3))}
    return one, stock, capacity


@settings(max_examples=150, deadline=None, derandomize=True)
@given(case=cases())
def test_one_order_costs_what_the_best_of_all_lawful_ways_costs(
    case: tuple[OrderToRoute, dict[tuple[str, str], float], dict[str, float]],
) -> None:
    one, stock, capacity = case

    plan = route(one, stock, unit_capacity=capacity)

    assert is_lawful(one, tuple(places_of(plan)), stock, capacity)
    assert price(one, tuple(places_of(plan))) == pytest.approx(plan.cost)
    assert plan.cost == pytest.approx(brute_force(one, stock, capacity))


def test_everything_from_one_place_when_that_saves_a_parcel() -> None:
    stock = {("KEELUNG", "oolong"): 5.0, ("TAICHUNG", "oolong"): 5.0, ("TAICHUNG", "teapot"): 5.0}

    plan = route(order(), stock)

    assert places_of(plan) == ["TAICHUNG", "TAICHUNG"]
    assert plan.cost == 11.0
    assert plan.assignments[0].reason == "TAICHUNG sends everything for 11.0; the next best, KEELUNG, would cost 69.0."
    assert [(each.places, each.cost, each.reason) for each in plan.rejected] == [
        (("KEELUNG",), 69.0, "KEELUNG alone would leave 1 of 2 lines waiting; with that it would come to 69.0.")
    ]


def test_two_parcels_when_no_place_has_both() -> None:
    plan = route(order(), {("KEELUNG", "oolong"): 1.0, ("TAICHUNG", "teapot"): 1.0})

    assert places_of(plan) == ["KEELUNG", "TAICHUNG"]
    assert {each.reason_code for each in plan.assignments} == {"routing.split"}
    assert plan.cost == 19.0


def test_an_order_that_may_not_be_split_lets_the_rest_wait() -> None:
    plan = route(order(max_places=1), {("KEELUNG", "oolong"): 1.0, ("TAICHUNG", "teapot"): 1.0})

    assert places_of(plan) == ["KEELUNG", None]
    assert plan.assignments[1].reason_code == "routing.waits.dearer"


def test_a_split_penalty_is_paid_for_the_second_parcel_only() -> None:
    stock = {("KEELUNG", "oolong"): 1.0, ("TAICHUNG", "teapot"): 1.0}

    assert route(order(split_penalty=30.0), stock).cost == 49.0
    assert places_of(route(order(split_penalty=51.0), stock)) == ["KEELUNG", None]


def test_a_place_without_a_parcel_left_today_is_passed_over() -> None:
    stock = {(place, sku): 5.0 for place in ("KEELUNG", "TAICHUNG") for sku in ("oolong", "teapot")}

    plan = route(order(), stock, order_capacity={"KEELUNG": 0})

    assert places_of(plan) == ["TAICHUNG", "TAICHUNG"]


def test_a_supplier_that_may_not_have_it_loses_against_a_dearer_warehouse() -> None:
    one = order(lines=(("oolong", 1),), shipment={"TEASHOP": 4.0, "KEELUNG": 8.0})
    stock = {("TEASHOP", "oolong"): 5.0, ("KEELUNG", "oolong"): 5.0}

    assert places_of(route(one, stock)) == ["TEASHOP"]
    assert places_of(route(one, stock, confidence={"TEASHOP": 0.9})) == ["KEELUNG"]
    assert route(one, stock, confidence={"TEASHOP": 0.95}).cost == pytest.approx(4 + 1 + 0.05 * WAITING)


def test_a_line_that_no_place_has_enough_for_is_shared_only_on_demand() -> None:
    one = order(lines=(("oolong", 5),))
    stock = {("KEELUNG", "oolong"): 3.0, ("TAICHUNG", "oolong"): 4.0}

    assert places_of(route(one, stock)) == [None]
    plan = route(one, stock, line_splitting="when_short")
    assert [(each.place, each.units) for each in plan.assignments] == [("TAICHUNG", 4.0), ("KEELUNG", 1.0)]
    assert plan.assignments[0].reason == "No place has 5 units; they are shared, so far by 2 places."
    # Two parcels and two lines instead of one that waits.
    assert plan.cost == pytest.approx(9 + 1 + 8 + 1)


def test_what_stays_short_after_sharing_waits() -> None:
    plan = route(
        order(lines=(("oolong", 9),)),
        {("KEELUNG", "oolong"): 3.0, ("TAICHUNG", "oolong"): 4.0},
        line_splitting="when_short",
    )

    assert [(each.place, each.units) for each in plan.assignments] == [("TAICHUNG", 4.0), ("KEELUNG", 3.0), (None, 2.0)]
    assert plan.assignments[2].reason_code == "routing.waits.no_stock"


def test_why_a_line_waits() -> None:
    one = OrderToRoute(
        order_id="7",
        lines=(LineToRoute("a", "oolong", 3), LineToRoute("b", "ice", 1)),
        shipment_cost={"KEELUNG": 8.0},
        line_cost={("a", "KEELUNG"): 1.0},
    )

    plan = route(one, {("KEELUNG", "oolong"): 2.0})

    assert [each.reason for each in plan.assignments] == [
        "It waits: 3 units are wanted, and no place that may send it has more than 2 free.",
        "It waits: no place may send it.",
    ]
    assert plan.candidates[0].reason == "No place can send anything of it now."


def test_fifty_lines_over_three_places_are_exact() -> None:
    lines = tuple((f"sku{number}", 1.0) for number in range(50))
    shipment = {"A": 30.0, "B": 25.0, "C": 200.0}
    line = {(number, place): float((number * 7 + ord(place) * 3) % 11) for number in range(50) for place in shipment}
    one = order(lines=lines, shipment=shipment, line=line)
    stock = {(place, f"sku{number}"): 1.0 for number in range(50) for place in shipment}

    plan = route(one, stock)

    every = [
        sum(shipment[place] for place in used) + sum(min(line[number, place] for place in used) for number in range(50))
        for size in (1, 2, 3)
        for used in itertools.combinations(shipment, size)
    ]
    assert plan.cost == pytest.approx(min(every))


def test_a_long_order_over_many_places_is_lawful_and_no_dearer_than_any_single_place() -> None:
    places = [f"P{number:02}" for number in range(16)]
    lines = tuple((f"sku{number}", 1.0) for number in range(30))
    shipment = {place: 20.0 + number for number, place in enumerate(places)}
    line = {
        (number, place): float((number * 5 + row * 11) % 17) for number in range(30) for row, place in enumerate(places)
    }
    one = order(lines=lines, shipment=shipment, line=line)
    stock = {(place, f"sku{number}"): 1.0 for number in range(30) for place in places}

    plan = route(one, stock)

    alone = [shipment[place] + sum(line[number, place] for number in range(30)) for place in places]
    assert plan.cost == pytest.approx(price(one, tuple(places_of(plan))))
    assert plan.cost < min(alone)


def test_a_long_order_with_one_sku_twice_takes_no_more_than_there_is() -> None:
    lines = (*((f"sku{number}", 1.0) for number in range(12)), ("sku0", 2.0))
    stock = {("KEELUNG", f"sku{number}"): 2.0 for number in range(12)} | {("TAICHUNG", "sku0"): 2.0}

    plan = route(order(lines=tuple(lines)), stock)

    taken = {
        place: sum(each.units for each in plan.assignments if each.place == place and each.line_id in {"0", "12"})
        for place in ("KEELUNG", "TAICHUNG")
    }
    assert taken["KEELUNG"] <= 2
    assert taken["TAICHUNG"] <= 2
    assert sum(each.place is None for each in plan.assignments) <= 1


GOOD = order()


@pytest.mark.parametrize(
    ("orders", "options", "words"),
    [
        ([GOOD, GOOD], {}, "order 1001: comes twice"),
        ([order(lines=())], {}, "order 1001: has no lines"),
        ([order(lines=(("oolong", 0),))], {}, "line 0 of order 1001: 0 units cannot be served"),
        ([order(lines=(("oolong", math.nan),))], {}, "line 0 of order 1001: nan units cannot be served"),
        ([order(max_places=0)], {}, "order 1001: max_places 0 lets nobody ship"),
        ([order(split_penalty=-1.0)], {}, "split_penalty of order 1001: -1.0 is not a number of 0 or more"),
        ([order(shipment={"KEELUNG": math.inf})], {}, "shipment_cost of order 1001 from KEELUNG: inf"),
        ([order(line={(0, "KEELUNG"): -2.0})], {}, "line_cost of order 1001 of 0 KEELUNG: -2.0"),
        ([order(line={(5, "KEELUNG"): 2.0})], {}, "line_cost of order 1001: the order has no line 5"),
        ([order(line={(0, "MARS"): 2.0})], {}, "line_cost of order 1001: place MARS has no shipment_cost"),
        ([GOOD], {"stock": {("KEELUNG", "oolong"): -1.0}}, "stock KEELUNG oolong: -1.0"),
        ([GOOD], {"confidence": {"KEELUNG": 1.5}}, "confidence KEELUNG: 1.5 is not between 0 and 1"),
        ([GOOD], {"order_capacity": {"KEELUNG": math.nan}}, "order_capacity KEELUNG: nan"),
        ([GOOD], {"budget_seconds": 0}, "budget_seconds of the wave: 0 is no time"),
        ([GOOD], {"backorder_cost": -1}, "backorder_cost of the wave: -1"),
    ],
)
def test_bad_input_is_named(orders: list[OrderToRoute], options: dict[str, object], words: str) -> None:
    asked: dict[str, object] = {"stock": {}, "backorder_cost": WAITING} | options

    with pytest.raises(BadRouting) as caught:
        route_orders(orders=orders, **asked)  # type: ignore[arg-type]

    assert words in str(caught.value)


def test_nothing_to_route_is_an_empty_plan() -> None:
    plan = route_orders(orders=[], stock={}, backorder_cost=WAITING)

    assert (plan.assignments, plan.cost, plan.is_cut_short) == ((), 0.0, False)


def test_five_thousand_lines_are_routed() -> None:
    lines = tuple((f"sku{number}", 1.0) for number in range(5000))
    stock = {(place, f"sku{number}"): 1.0 for number in range(4999) for place in PLACES}

    plan = route(order(lines=lines, shipment={place: 10.0 + row for row, place in enumerate(PLACES)}), stock)

    assert {each.place for each in plan.assignments[:-1]} == {"KEELUNG"}
    assert plan.assignments[-1].place is None
