"""The walk through bins, by their codes: the shortest one, and that in the order of location names. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from reorder.domain.warehouse.floor_plans import FloorLayout
from reorder.engine import picking

_MM: Final = 1000


@dataclass(frozen=True, slots=True)
class Walked:
    """Bin codes in walking order, its length and that of the walk by location name, in millimetres."""

    codes: tuple[str, ...]
    length_mm: int | None
    by_name_length_mm: int | None


def walk_through(*, codes: Sequence[str], layout: FloorLayout | None) -> Walked:
    """The shortest walk through bins and how long it is; by name where the place has no plan of its floor."""
    by_name = sorted({code for code in codes if code})
    known = [code for code in by_name if layout is not None and code in layout.bins]
    if layout is None or not known:
        return Walked(tuple(by_name), None, None)
    at: dict[picking.Bin, list[str]] = defaultdict(list)
    for code in known:
        at[layout.bins[code]].append(code)
    try:
        walk = picking.plan_walk(layout=layout.layout, bins=list(at))
        length = length_in_order(layout=layout.layout, stops=[layout.bins[code] for code in known])
    except picking.BadLayout:
        # A bin that no way leads to: the list is walked by name, and the floor plan says what is wrong.
        return Walked(tuple(by_name), None, None)
    ordered = [code for stop in walk.stops for code in at[stop]]
    strays = [code for code in by_name if code not in layout.bins]
    return Walked((*ordered, *strays), round(walk.length * _MM), round(length * _MM))


def length_in_order(*, layout: picking.Layout, stops: Sequence[picking.Bin]) -> float:
    """The length of the shortest ways from the depot through stops in this order and back. Raises BadLayout."""
    passed = picking.trace_walk(layout=layout, stops=stops)
    if isinstance(layout, picking.GraphLayout):
        ways: dict[tuple[str, str], float] = {}
        for start, end, length, is_one_way in layout.ways:
            for way in [(start, end)] if is_one_way else [(start, end), (end, start)]:
                ways[way] = min(length, ways.get(way, length))
        return sum(ways[one.point, other.point] for one, other in pairwise(passed) if one.point != other.point)
    pitch = layout.aisle_pitch
    return sum(abs(one.aisle - other.aisle) * pitch + abs(one.at - other.at) for one, other in pairwise(passed))


def distance_from_depot(*, layout: FloorLayout | None, code: str) -> float:
    """How far a bin is from the depot in parallel aisles; 0 where that is not known at a glance."""
    if layout is None or code not in layout.bins or not isinstance(layout.layout, picking.AisleLayout):
        return 0.0
    return layout.layout.distance(layout.layout.depot, layout.bins[code])
