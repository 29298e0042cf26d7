"""Which place serves which line: one order exactly, a wave jointly, every decision with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import perf_counter

from reorder.engine.routing.cases import make_case
from reorder.engine.routing.checking import refuse_bad
from reorder.engine.routing.explain import explain_order
from reorder.engine.routing.splitting import split_short_lines
from reorder.engine.routing.values import Assignment, Candidate, LineSplitting, OrderToRoute, RoutingPlan
from reorder.engine.routing.wave import route_wave

_NO_LIMIT: Mapping[str, float] = {}


def route_orders(
    *,
    orders: Sequence[OrderToRoute],
    stock: Mapping[tuple[str, str], float],
    backorder_cost: float,
    budget_seconds: float = 1.0,
    seed: int = 0,
    order_capacity: Mapping[str, float] = _NO_LIMIT,
    unit_capacity: Mapping[str, float] = _NO_LIMIT,
    confidence: Mapping[str, float] = _NO_LIMIT,
    line_splitting: LineSplitting = "never",
) -> RoutingPlan:
    """The place of every line at least cost: shipments + lines + `backorder_cost` for every line that waits.

    `stock` holds free units by (place, SKU). `order_capacity` and `unit_capacity`: parcels and units that a place can
    still send; a place without an entry has no limit. `confidence`: probability that a place has what it says; the
    rest costs as often a waiting line. `line_splitting` `when_short` lets several places share a line that none of
    them has enough for.

    One order is exact (subsets of at most 10 lines or 12 places; searched beyond). Several are never dearer than
    exact first come, first served, and improved jointly until the bound proves the plan, a number of rounds that
    follows from the budget is done, or the budget is spent; only then is the plan `is_cut_short`, and otherwise the
    same input and seed give the same plan.

    Raises BadRouting.
    Source: subset dynamic programme as in Xu, Allgor, Graves, Benefits of reevaluating real-time order fulfillment
    decisions, M&SOM 11 (2009); ruin and recreate, Schrimpf et al., J. Computational Physics 159 (2000).
    """
    started = perf_counter()
    refuse_bad(
        orders=orders,
        stock=stock,
        backorder_cost=backorder_cost,
        budget_seconds=budget_seconds,
        order_capacity=order_capacity,
        unit_capacity=unit_capacity,
        confidence=confidence,
    )
    if not orders:
        return RoutingPlan(assignments=(), candidates=(), cost=0.0, bound=0.0, is_cut_short=False)
    case = make_case(
        orders=orders,
        stock=stock,
        backorder_cost=backorder_cost,
        order_capacity=order_capacity,
        unit_capacity=unit_capacity,
        confidence=confidence,
    )
    routed = route_wave(case=case, budget_seconds=budget_seconds, seed=seed, started=started)
    assignments: list[Assignment] = []
    candidates: list[Candidate] = []
    for prepared, chosen in zip(case.orders, routed.chosen, strict=True):
        lines, ways = explain_order(case=case, prepared=prepared, chosen=chosen)
        assignments += lines
        candidates += ways
    plan = RoutingPlan(
        assignments=tuple(assignments),
        candidates=tuple(candidates),
        cost=routed.cost,
        bound=routed.bound,
        is_cut_short=routed.is_cut_short,
    )
    if line_splitting == "never":
        return plan
    shared, saved = split_short_lines(case=case, chosen=routed.chosen, assignments=plan.assignments)
    return replace(plan, assignments=shared, cost=plan.cost - saved, bound=min(plan.bound, plan.cost - saved))
