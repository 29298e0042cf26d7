"""Why a line goes where it goes: sentences, and what the other ways to serve the order would have cost."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from reorder.engine.reasons import render
from reorder.engine.routing.cases import HAIR, Case, Left, Prepared, cost_of
from reorder.engine.routing.single import route_one
from reorder.engine.routing.subsets import WAITS, Whole
from reorder.engine.routing.values import Assignment, Candidate

# A difference below this is rounding, not a reason.
_EVEN: Final = 5e-3


def explain_order(*, case: Case, prepared: Prepared, chosen: Whole) -> tuple[list[Assignment], list[Candidate]]:
    """The lines of an order with their reasons, and its candidates, the chosen one first, then by what they cost.

    The others are judged by the stock that the wave started with: each place alone.
    """
    waiting = case.backorder_cost
    cost = cost_of(prepared=prepared, chosen=chosen, backorder_cost=waiting)
    used = tuple(case.places[place] for place in sorted(set(chosen.tolist()) - {WAITS}))
    others = [each for each in _alone(case=case, prepared=prepared) if each[0] != used]
    others.sort(key=lambda each: (each[1], each[0]))
    code, parameters = _reason(used=used, cost=cost, others=others)
    assignments = [
        _assign(case=case, prepared=prepared, line=line, place=place, code=code, parameters=parameters)
        for line, place in enumerate(chosen.tolist())
    ]
    waits = int((chosen == WAITS).sum())
    first = _candidate(
        prepared=prepared, places=used, cost=cost, waits=waits, is_chosen=True, code=code, parameters=parameters
    )
    return assignments, [first, *(_other(prepared=prepared, cost=cost, other=each) for each in others)]


def _alone(*, case: Case, prepared: Prepared) -> list[tuple[tuple[str, ...], float, int]]:
    """(places, cost, lines that wait) of every place that could serve a part of the order on its own."""
    left = Left.of(case)
    free = left.stock[:, prepared.skus] >= prepared.units - HAIR
    free &= (left.units[:, None] >= prepared.units - HAIR) & (left.orders >= 1)[:, None]
    cost = np.where(free, prepared.cost, np.inf)
    able = np.flatnonzero(np.isfinite(cost).any(axis=1) & np.isfinite(prepared.fixed))
    if prepared.has_twins or case.has_unit_capacity:
        return [_restricted(case=case, prepared=prepared, left=left, place=place) for place in able.tolist()]
    served = cost[able] < case.backorder_cost
    totals = np.where(served, cost[able], case.backorder_cost).sum(axis=1) + prepared.fixed[able]
    waits = (~served).sum(axis=1)
    return [
        ((case.places[place],), total, wait)
        for place, total, wait in zip(able.tolist(), totals.tolist(), waits.tolist(), strict=True)
    ]


def _restricted(*, case: Case, prepared: Prepared, left: Left, place: int) -> tuple[tuple[str, ...], float, int]:
    """The order with every other place closed."""
    only = Left(left.stock, np.where(np.arange(len(left.orders)) == place, left.orders, 0.0), left.units)
    chosen = route_one(case=case, prepared=prepared, left=only)
    cost = cost_of(prepared=prepared, chosen=chosen, backorder_cost=case.backorder_cost)
    return (case.places[place],), cost, int((chosen == WAITS).sum())


def _reason(
    *, used: tuple[str, ...], cost: float, others: list[tuple[tuple[str, ...], float, int]]
) -> tuple[str, dict[str, object]]:
    """Code and parameters of what was chosen for the order as a whole."""
    said: dict[str, object] = {"place": ", ".join(used), "cost": round(cost, 2)}
    if not used:
        return "routing.none", said
    if len(used) == 1 and not others:
        return "routing.only_place", said
    if not others:
        return "routing.only_split", said
    best_places, best_cost, _ = others[0]
    said |= {"other": ", ".join(best_places), "other_cost": round(best_cost, 2)}
    if best_cost < cost - _EVEN:
        return "routing.for_others", said | {"more": round(cost - best_cost, 2)}
    if len(used) > 1:
        return "routing.split", said | {"parcels": len(used)}
    return ("routing.cheapest" if best_cost > cost + _EVEN else "routing.even"), said


def _assign(
    *, case: Case, prepared: Prepared, line: int, place: int, code: str, parameters: Mapping[str, object]
) -> Assignment:
    asked = prepared.order.lines[line]
    if place == WAITS:
        code, parameters = _why_waiting(case=case, prepared=prepared, line=line)
    return Assignment(
        order_id=prepared.order.order_id,
        line_id=asked.line_id,
        place=None if place == WAITS else case.places[place],
        units=asked.units,
        reason=render(code=code, parameters=parameters),
        reason_code=code,
        reason_parameters=parameters,
    )


def _why_waiting(*, case: Case, prepared: Prepared, line: int) -> tuple[str, dict[str, object]]:
    allowed = np.isfinite(prepared.cost[:, line])
    units = f"{prepared.unit_list[line]:g}"
    if not allowed.any():
        return "routing.waits.no_place", {}
    free = case.stock[allowed, prepared.sku_list[line]]
    if free.max() < prepared.unit_list[line] - HAIR:
        return "routing.waits.no_stock", {"units": units, "most": f"{free.max():g}"}
    return "routing.waits.dearer", {"units": units, "cost": round(case.backorder_cost, 2)}


def _other(*, prepared: Prepared, cost: float, other: tuple[tuple[str, ...], float, int]) -> Candidate:
    places, price, waits = other
    more = round(price - cost, 2)
    said: dict[str, object] = {"place": ", ".join(places), "cost": round(price, 2), "more": abs(more)}
    if waits:
        code, said = "routing.rejected.short", said | {"waits": waits, "lines": prepared.lines_count}
    elif more < 0:
        code = "routing.rejected.for_others"
    else:
        code = "routing.rejected.dearer" if more > 0 else "routing.rejected.even"
    return _candidate(
        prepared=prepared, places=places, cost=price, waits=waits, is_chosen=False, code=code, parameters=said
    )


def _candidate(
    *,
    prepared: Prepared,
    places: tuple[str, ...],
    cost: float,
    waits: int,
    is_chosen: bool,
    code: str,
    parameters: Mapping[str, object],
) -> Candidate:
    return Candidate(
        order_id=prepared.order.order_id,
        places=places,
        cost=cost,
        waiting_lines=waits,
        is_chosen=is_chosen,
        reason=render(code=code, parameters=parameters),
        reason_code=code,
        reason_parameters=parameters,
    )
