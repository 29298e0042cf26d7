"""Refuses what cannot be routed, naming the order, the line and the field."""

import math
from collections.abc import Iterable, Mapping, Sequence

from reorder.engine.routing.values import BadRouting, LineToRoute, OrderToRoute


def refuse_bad(
    *,
    orders: Sequence[OrderToRoute],
    stock: Mapping[tuple[str, str], float],
    backorder_cost: float,
    budget_seconds: float,
    order_capacity: Mapping[str, float],
    unit_capacity: Mapping[str, float],
    confidence: Mapping[str, float],
) -> None:
    """Raises BadRouting for the first thing that is wrong."""
    _refuse_number(what="backorder_cost", key="of the wave", value=backorder_cost)
    if not budget_seconds > 0 or math.isinf(budget_seconds):
        raise BadRouting(
            what="budget_seconds", key="of the wave", reason=f"{budget_seconds} is no time; give more than 0"
        )
    _refuse_numbers(what="stock", numbers=stock.items())
    _refuse_numbers(what="order_capacity", numbers=order_capacity.items())
    _refuse_numbers(what="unit_capacity", numbers=unit_capacity.items())
    for place, share in confidence.items():
        if not 0 <= share <= 1:
            raise BadRouting(what="confidence", key=place, reason=f"{share} is not between 0 and 1")
    seen: set[str] = set()
    for order in orders:
        if order.order_id in seen:
            raise BadRouting(what="order", key=order.order_id, reason="comes twice")
        seen.add(order.order_id)
        _refuse_order(order=order)


def _refuse_order(*, order: OrderToRoute) -> None:
    key = order.order_id
    if not order.lines:
        raise BadRouting(what="order", key=key, reason="has no lines")
    if order.max_places is not None and order.max_places < 1:
        raise BadRouting(
            what="order", key=key, reason=f"max_places {order.max_places} lets nobody ship; give 1 or more"
        )
    _refuse_number(what="split_penalty of order", key=key, value=order.split_penalty)
    _refuse_number(what="minimum_shipment_value of order", key=key, value=order.minimum_shipment_value)
    _refuse_numbers(what=f"shipment_cost of order {key} from", numbers=order.shipment_cost.items())
    _refuse_numbers(what=f"line_cost of order {key} of", numbers=order.line_cost.items())
    lines: set[str] = set()
    for line in order.lines:
        _refuse_line(line=line, order_id=key, seen=lines)
        lines.add(line.line_id)
    for line_id, place in order.line_cost:
        if line_id not in lines:
            raise BadRouting(what="line_cost of order", key=key, reason=f"the order has no line {line_id}")
        if place not in order.shipment_cost:
            raise BadRouting(what="line_cost of order", key=key, reason=f"place {place} has no shipment_cost")


def _refuse_line(*, line: LineToRoute, order_id: str, seen: set[str]) -> None:
    key = f"{line.line_id} of order {order_id}"
    if line.line_id in seen:
        raise BadRouting(what="line", key=key, reason="comes twice")
    if not line.units > 0 or math.isinf(line.units):
        raise BadRouting(what="line", key=key, reason=f"{line.units} units cannot be served; give more than 0")
    _refuse_number(what="value of line", key=key, value=line.value)


def _refuse_numbers(*, what: str, numbers: Iterable[tuple[object, float]]) -> None:
    for key, value in numbers:
        if not 0 <= value < math.inf:
            _refuse_number(what=what, key=" ".join(key) if isinstance(key, tuple) else str(key), value=value)


def _refuse_number(*, what: str, key: str, value: float) -> None:
    if not 0 <= value < math.inf:
        raise BadRouting(what=what, key=key, reason=f"{value} is not a number of 0 or more")
