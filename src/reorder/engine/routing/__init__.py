"""Which warehouse or supplier serves which order line: exact for one order, joint for a wave, with reasons."""

from reorder.engine.routing.routing import route_orders
from reorder.engine.routing.values import (
    COST_PARAMETERS,
    Assignment,
    BadRouting,
    Candidate,
    LineSplitting,
    LineToRoute,
    OrderToRoute,
    RoutingPlan,
)

__all__ = [
    "COST_PARAMETERS",
    "Assignment",
    "BadRouting",
    "Candidate",
    "LineSplitting",
    "LineToRoute",
    "OrderToRoute",
    "RoutingPlan",
    "route_orders",
]
