"""Lines that no place has enough for, shared among several: only where that costs less than waiting."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from reorder.engine.reasons import render
from reorder.engine.routing.cases import HAIR, Case, Left, Prepared
from reorder.engine.routing.subsets import WAITS, Whole
from reorder.engine.routing.values import Assignment


def split_short_lines(
    *, case: Case, chosen: Sequence[Whole], assignments: Sequence[Assignment]
) -> tuple[tuple[Assignment, ...], float]:
    """The assignments with waiting lines shared among places, as far as they go, and the cost that this saves.

    A share costs the whole line cost at its place, and the shipment where the order sends nothing else; a unit that
    still waits costs its share of a waiting line. Shares are found place after place, cheapest a unit first.
    """
    left = Left.of(case)
    for prepared, way in zip(case.orders, chosen, strict=True):
        left.take(prepared=prepared, chosen=way)
    by_line: dict[tuple[str, str], list[Assignment]] = defaultdict(list)
    for each in assignments:
        by_line[each.order_id, each.line_id] = [each]
    saved = 0.0
    for prepared, way in zip(case.orders, chosen, strict=True):
        used = set(way.tolist()) - {WAITS}
        for line in np.flatnonzero(way == WAITS).tolist():
            shares, gain = _share_line(case=case, prepared=prepared, line=line, used=used, left=left)
            saved += gain
            if shares:
                asked = prepared.order.lines[line]
                key = (prepared.order.order_id, asked.line_id)
                by_line[key] = _shared(case=case, whole=by_line[key][0], shares=shares)
    return tuple(each for rows in by_line.values() for each in rows), saved


def _share_line(
    *, case: Case, prepared: Prepared, line: int, used: set[int], left: Left
) -> tuple[list[tuple[int, float]], float]:
    """[(place, units)] for one line and what that saves; nothing when waiting is cheaper."""
    sku, missing = prepared.sku_list[line], prepared.unit_list[line]
    a_unit = case.backorder_cost / missing
    shares: list[tuple[int, float]] = []
    gain = 0.0
    while missing > HAIR:
        best = None
        for place in range(len(case.places)):
            units = np.floor(min(left.stock[place, sku], left.units[place], missing) + HAIR)
            extra = _extra_cost(prepared=prepared, line=line, place=place, used=used, left=left)
            if units <= 0 or place in {taken for taken, _ in shares} or not np.isfinite(extra):
                continue
            saving = units * a_unit - extra
            if saving > 0 and (best is None or saving > best[0]):
                best = (saving, place, float(units))
        if best is None:
            break
        saving, place, units = best
        if place not in used:
            left.orders[place] -= 1
        used.add(place)
        left.stock[place, sku] -= units
        left.units[place] -= units
        shares.append((place, units))
        missing -= units
        gain += saving
    return shares, gain


def _extra_cost(*, prepared: Prepared, line: int, place: int, used: set[int], left: Left) -> float:
    """What one more share at a place costs the order; infinite where the rules forbid it."""
    cost = prepared.cost_rows[place][line]
    if place in used:
        return cost
    limit = prepared.order.max_places
    if left.orders[place] < 1 or (limit is not None and len(used) >= limit):
        return float("inf")
    if used and prepared.order.minimum_shipment_value > 0:
        return float("inf")
    return cost + prepared.fixed_list[place] + (prepared.order.split_penalty if used else 0.0)


def _shared(*, case: Case, whole: Assignment, shares: list[tuple[int, float]]) -> list[Assignment]:
    said: dict[str, object] = {"places": len(shares), "units": f"{whole.units:g}"}
    code = "routing.shared_line"
    rows = [
        replace(
            whole,
            place=case.places[place],
            units=units,
            reason=render(code=code, parameters=said),
            reason_code=code,
            reason_parameters=said,
        )
        for place, units in shares
    ]
    missing = whole.units - sum(units for _, units in shares)
    return [*rows, replace(whole, units=missing)] if missing > HAIR else rows
