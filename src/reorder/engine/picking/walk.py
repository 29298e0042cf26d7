"""The shortest walk through the bins of a pick list: proven in parallel aisles, short everywhere else."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from reorder.engine.picking import graph
from reorder.engine.picking.states import FROM_LOWER, FROM_UPPER, PASS_BY, THROUGH, TO_GAP, TWICE
from reorder.engine.picking.sweep import Aisle, Swept, sweep
from reorder.engine.picking.tours import shortest_round
from reorder.engine.picking.values import AisleLayout, Bin, GraphLayout, Layout, Walk, refuse_bad_bins

# A point of the warehouse: its aisle and how far along.
Point = tuple[int, float]


def plan_walk(*, layout: Layout, bins: Sequence[Bin]) -> Walk:
    """The shortest closed walk from the depot through all bins; proven, for 2 to 6 cross-aisles.

    In a graph, and where aisles are one-way, it is proven for up to nine points and short beyond
    (`benchmarks/picking.py` measures how short). Bins that are named twice are stopped at twice, one right after the
    other. Raises BadLayout.
    """
    refuse_bad_bins(bins=bins)
    if not bins:
        return Walk(stops=(), length=0.0)
    if isinstance(layout, GraphLayout) or layout.one_way:
        return _through_graph(layout=layout, bins=bins)
    depot: Point = (layout.depot_aisle, layout.depot_at)
    points = {(each.aisle, float(each.at)) for each in bins}
    if all(aisle == layout.depot_aisle for aisle, _ in points):
        return _in_one_aisle(layout=layout, bins=bins)
    aisles = _aisles(layout=layout, points=points | {depot})
    swept = sweep(aisles=aisles, cross_aisles=layout.cross_aisles, aisle_pitch=layout.aisle_pitch)
    edges = _edges(layout=layout, aisles=aisles, swept=swept)
    length = swept.length + _dead_ends(layout=layout, points=points | {depot}, edges=edges)
    at: dict[Point, list[Bin]] = defaultdict(list)
    for each in bins:
        at[each.aisle, float(each.at)].append(each)
    order = dict.fromkeys(_round(edges=edges, start=depot))
    return Walk(stops=tuple(each for point in order for each in at.get(point, ())), length=length)


def trace_walk(*, layout: Layout, stops: Sequence[Bin]) -> tuple[Bin, ...]:
    """Every corner of the walk from the depot through these stops and back, to be drawn. Raises BadLayout.

    In aisles the corners are where an aisle is entered or left; in a graph every point that is passed.
    """
    round_trip = [layout.depot, *stops, layout.depot]
    if isinstance(layout, GraphLayout) or layout.one_way:
        made, points = graph.as_graph(layout=layout, bins=round_trip)
        passed = graph.paths(graph=made, points=points)
        if isinstance(layout, GraphLayout):
            return tuple(Bin(aisle=0, at=0.0, point=point) for point in passed)
        return tuple(Bin(*graph.position_of(name=point)) for point in passed)
    corners = [round_trip[0]]
    for one, other in pairwise(round_trip):
        if one.aisle != other.aisle:
            cross = min(layout.cross_aisles, key=lambda each: abs(one.at - each) + abs(other.at - each))
            corners += [Bin(one.aisle, cross), Bin(other.aisle, cross)]
        corners.append(other)
    return tuple(corners)


def _through_graph(*, layout: Layout, bins: Sequence[Bin]) -> Walk:
    made, points = graph.as_graph(layout=layout, bins=bins)
    at: dict[str, list[Bin]] = defaultdict(list)
    for each, point in zip(bins, points, strict=True):
        at[point].append(each)
    here = at.pop(made.depot_point, [])
    names = [made.depot_point, *at]
    order, length = shortest_round(lengths=graph.distances(graph=made, points=names))
    return Walk(stops=(*here, *(each for stop in order for each in at[names[stop]])), length=length)


def _in_one_aisle(*, layout: AisleLayout, bins: Sequence[Bin]) -> Walk:
    """Out to the farthest bin on either side and back; no cross-aisle needs to be touched."""
    stops = sorted(bins, key=lambda each: (each.at < layout.depot_at, abs(each.at - layout.depot_at)))
    farthest = (max(each.at for each in bins), layout.depot_at, min(each.at for each in bins))
    return Walk(stops=tuple(stops), length=2.0 * (max(farthest) - min(farthest)))


def _aisles(*, layout: AisleLayout, points: set[Point]) -> list[Aisle]:
    """Aisles with points, rising; what lies in a dead end counts as lying at its crossing."""
    cross = layout.cross_aisles
    inside: dict[int, set[float]] = defaultdict(set)
    for aisle, at in points:
        inside[aisle].add(min(max(at, cross[0]), cross[-1]))
    found = []
    for number, all_at in sorted(inside.items()):
        stretches: list[list[float]] = [[] for _ in cross[1:]]
        for at in sorted(all_at):
            stretch = next(index for index, upper in enumerate(cross[1:]) if at <= upper)
            stretches[stretch].append(at)
        found.append(Aisle(number=number, stretches=tuple(tuple(each) for each in stretches)))
    return found


def _edges(*, layout: AisleLayout, aisles: Sequence[Aisle], swept: Swept) -> dict[Point, list[Point]]:
    """The ways that are walked, from point to point, each in both directions."""
    edges: dict[Point, list[Point]] = defaultdict(list)
    cross = layout.cross_aisles
    for aisle, ways in zip(aisles, swept.ways, strict=True):
        for stretch, way in enumerate(ways):
            chain = _chain(lower=cross[stretch], upper=cross[stretch + 1], points=aisle.stretches[stretch], way=way)
            for part in chain:
                for low, high in pairwise(part):
                    _join(edges, (aisle.number, low), (aisle.number, high), 1 if way == THROUGH else 2)
    for (left, right), across in zip(pairwise(aisles), swept.across, strict=True):
        for at, many in zip(cross, across, strict=True):
            _join(edges, (left.number, at), (right.number, at), many)
    return edges


def _chain(*, lower: float, upper: float, points: Sequence[float], way: int) -> list[list[float]]:
    """The parts of a stretch that are walked, as rising points."""
    if way == PASS_BY:
        return []
    if way in (THROUGH, TWICE):
        return [[lower, *points, upper]]
    if way == FROM_UPPER:
        return [[*points, upper]]
    if way == FROM_LOWER:
        return [[lower, *points]]
    if way != TO_GAP:
        raise ValueError(f"no way of serving a stretch: {way}")
    cut = max(range(1, len(points)), key=lambda index: points[index] - points[index - 1])
    return [[lower, *points[:cut]], [*points[cut:], upper]]


def _dead_ends(*, layout: AisleLayout, points: set[Point], edges: dict[Point, list[Point]]) -> float:
    """Walk into dead ends beyond the outer cross-aisles and back; returns how long that is."""
    low, high = layout.cross_aisles[0], layout.cross_aisles[-1]
    beyond: dict[Point, set[float]] = defaultdict(set)
    for aisle, at in points:
        if not low <= at <= high:
            beyond[aisle, low if at < low else high].add(at)
    length = 0.0
    for (aisle, crossing), all_at in beyond.items():
        chain = sorted({crossing, *all_at})
        length += 2 * (chain[-1] - chain[0])
        for one, other in pairwise(chain):
            _join(edges, (aisle, one), (aisle, other), 2)
    return length


def _join(edges: dict[Point, list[Point]], one: Point, other: Point, many: int) -> None:
    if one != other:
        edges[one] += [other] * many
        edges[other] += [one] * many


def _round(*, edges: dict[Point, list[Point]], start: Point) -> list[Point]:
    """A round that walks every way once (Hierholzer)."""
    left = {point: list(others) for point, others in edges.items()}
    path, tour = [start], []
    while path:
        here = path[-1]
        if left.get(here):
            there = left[here].pop()
            left[there].remove(here)
            path.append(there)
        else:
            tour.append(path.pop())
    return tour
