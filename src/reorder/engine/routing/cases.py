"""A wave as arrays, and what is left of stock and capacity while orders take their share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reorder.engine.routing.subsets import WAITS, Floats, Whole
from reorder.engine.routing.values import OrderToRoute

# Units come as floats of decimals: half a thousandth is nothing.
HAIR = 5e-4


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order over all places of the wave: `fixed` [places], `cost` [places, lines]; inf where impossible."""

    order: OrderToRoute
    fixed: Floats
    cost: Floats
    skus: Whole
    units: Floats
    values: Floats
    most: int
    has_twins: bool  # two lines of one SKU: together they may be more than a place has
    # The same once more for loops.
    sku_list: list[int]
    unit_list: list[float]
    fixed_list: list[float]
    cost_rows: list[list[float]]

    @property
    def lines_count(self) -> int:
        """How many lines it has."""
        return len(self.unit_list)


@dataclass(frozen=True, slots=True)
class Case:
    """All orders of a wave; rows of every array are `places`, columns of `stock` the SKUs that the orders ask for."""

    places: tuple[str, ...]
    orders: tuple[Prepared, ...]
    stock: Floats
    order_capacity: Floats
    unit_capacity: Floats
    backorder_cost: float

    @property
    def has_unit_capacity(self) -> bool:
        """Whether any place may send only so many units."""
        return bool(np.isfinite(self.unit_capacity).any())


@dataclass(slots=True)
class Left:
    """What is still free; every choice is taken from it and can be given back."""

    stock: Floats
    orders: Floats
    units: Floats

    @classmethod
    def of(cls, case: Case) -> "Left":
        """All that the wave starts with."""
        return cls(case.stock.copy(), case.order_capacity.copy(), case.unit_capacity.copy())

    def take(self, *, prepared: Prepared, chosen: Whole, sign: float = -1.0) -> None:
        """Take a choice's units and parcels out; sign 1 gives them back."""
        # Loops over a few lines beat calls into NumPy, and this runs thousands of times a second.
        used = set()
        for place, sku, units in zip(chosen.tolist(), prepared.sku_list, prepared.unit_list, strict=True):
            if place != WAITS:
                self.stock[place, sku] += sign * units
                self.units[place] += sign * units
                used.add(place)
        for place in used:
            self.orders[place] += sign


def make_case(
    *,
    orders: Sequence[OrderToRoute],
    stock: Mapping[tuple[str, str], float],
    backorder_cost: float,
    order_capacity: Mapping[str, float],
    unit_capacity: Mapping[str, float],
    confidence: Mapping[str, float],
) -> Case:
    """The wave as arrays; places are those that any order may be sent from, in order of their names."""
    places = sorted({place for order in orders for place in order.shipment_cost})
    skus = {line.sku: 0 for order in orders for line in order.lines}
    skus = {sku: number for number, sku in enumerate(skus)}
    row = {place: number for number, place in enumerate(places)}
    free = np.zeros((len(places), len(skus)))
    for (place, sku), units in stock.items():
        if place in row and sku in skus:
            free[row[place], skus[sku]] = units
    # A place that may not have what it says costs the share of cases in which the line waits after all.
    risk = {place: (1 - share) * backorder_cost for place, share in confidence.items()}
    return Case(
        places=tuple(places),
        orders=tuple(_prepare(order=order, row=row, skus=skus, risk=risk) for order in orders),
        stock=free,
        order_capacity=np.array([float(order_capacity.get(place, np.inf)) for place in places]),
        unit_capacity=np.array([float(unit_capacity.get(place, np.inf)) for place in places]),
        backorder_cost=float(backorder_cost),
    )


def _prepare(
    *, order: OrderToRoute, row: Mapping[str, int], skus: Mapping[str, int], risk: Mapping[str, float]
) -> Prepared:
    fixed = np.full(len(row), np.inf)
    for place, price in order.shipment_cost.items():
        fixed[row[place]] = price
    cost = np.full((len(row), len(order.lines)), np.inf)
    column = {line.line_id: number for number, line in enumerate(order.lines)}
    for (line_id, place), price in order.line_cost.items():
        cost[row[place], column[line_id]] = price + risk.get(place, 0.0)
    wanted = np.array([skus[line.sku] for line in order.lines])
    return Prepared(
        order=order,
        fixed=fixed,
        cost=cost,
        skus=wanted,
        units=np.array([float(line.units) for line in order.lines]),
        values=np.array([float(line.value) for line in order.lines]),
        most=min(order.max_places or len(order.lines), len(order.lines)),
        has_twins=len(set(wanted.tolist())) < len(order.lines),
        sku_list=wanted.tolist(),
        unit_list=[float(line.units) for line in order.lines],
        fixed_list=fixed.tolist(),
        cost_rows=cost.tolist(),
    )


def cost_of(*, prepared: Prepared, chosen: Whole, backorder_cost: float) -> float:
    """What a choice costs: shipments, lines, waiting lines and the split penalty."""
    cost, used = 0.0, set[int]()
    for line, place in enumerate(chosen.tolist()):
        if place == WAITS:
            cost += backorder_cost
        else:
            cost += prepared.cost_rows[place][line]
            used.add(place)
    cost += sum(prepared.fixed_list[place] for place in sorted(used))
    return float(cost + prepared.order.split_penalty * max(len(used) - 1, 0))
