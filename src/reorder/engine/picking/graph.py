"""Walking distances where the sweep does not reach: warehouses of any shape, and aisles walked in one direction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from reorder.engine.picking.values import AisleLayout, Bin, GraphLayout, Layout, NoWay, UnknownPoint

Floats = npt.NDArray[np.float64]


def as_graph(*, layout: Layout, bins: Sequence[Bin]) -> tuple[GraphLayout, list[str]]:
    """The layout as points and ways, and the point of each bin. Raises UnknownPoint."""
    if isinstance(layout, GraphLayout):
        known = set(layout.points)
        for each in bins:
            if each.point not in known:
                raise UnknownPoint(point=each.point)
        return layout, [each.point for each in bins]
    return _graph_of(layout, frozenset(_place(each) for each in bins)), [_name(*_place(each)) for each in bins]


def distances(*, graph: GraphLayout, points: Sequence[str]) -> Floats:
    """The shortest way from each point (row) to each other (column). Raises NoWay where there is none."""
    lengths, _ = _search(graph=graph, points=points)
    numbers = _numbers(graph)
    found: Floats = lengths[:, [numbers[point] for point in points]]
    for row, column in zip(*np.nonzero(~np.isfinite(found)), strict=True):
        # What cannot be reached, or what nobody comes back from: name the point that is not the depot.
        raise NoWay(point=points[row] if points[column] == graph.depot_point else points[column])
    return found


def paths(*, graph: GraphLayout, points: Sequence[str]) -> list[str]:
    """Every point that is passed on the way through these, one after the other."""
    _, before = _search(graph=graph, points=points)
    numbers = _numbers(graph)
    way = [points[0]]
    for row, (start, end) in enumerate(pairwise(points)):
        leg, here = [], numbers[end]
        while here != numbers[start]:
            leg.append(graph.points[here])
            here = int(before[row, here])
            if here < 0:
                raise NoWay(point=end)
        way += reversed(leg)
    return way


def position_of(*, name: str) -> tuple[int, float]:
    """Aisle and position of a point that `as_graph` made of a layout of aisles."""
    aisle, at = name.split("@")
    return int(aisle), float(at)


def _search(*, graph: GraphLayout, points: Sequence[str]) -> tuple[Floats, npt.NDArray[np.int32]]:
    from scipy.sparse.csgraph import dijkstra

    numbers = _numbers(graph)
    rows = [numbers[point] for point in points]
    lengths, before = dijkstra(_matrix(graph), directed=True, indices=rows, return_predecessors=True)
    return lengths, before


@lru_cache(maxsize=16)
def _numbers(graph: GraphLayout) -> dict[str, int]:
    return {point: number for number, point in enumerate(graph.points)}


@lru_cache(maxsize=16)
def _matrix(graph: GraphLayout) -> Any:
    from scipy.sparse import csr_array

    numbers = _numbers(graph)
    shortest: dict[tuple[int, int], float] = {}
    for start, end, length, is_one_way in graph.ways:
        for pair in ((start, end),) if is_one_way else ((start, end), (end, start)):
            key = (numbers[pair[0]], numbers[pair[1]])
            shortest[key] = min(shortest.get(key, float("inf")), length)
    rows, columns = np.array([*shortest], dtype=np.int64).reshape(-1, 2).T
    size = len(graph.points)
    return csr_array((np.array([*shortest.values()]), (rows, columns)), shape=(size, size))


@lru_cache(maxsize=64)
def _graph_of(layout: AisleLayout, places: frozenset[tuple[int, float]]) -> GraphLayout:
    """Aisles as points and ways: crossings, bins and depot along each aisle, and the cross-aisles between them."""
    directions = dict(layout.one_way)
    along: dict[int, set[float]] = defaultdict(set)
    for aisle, at in (*places, (layout.depot_aisle, float(layout.depot_at))):
        along[aisle].add(at)
    aisles = _aisles(layout, stops=along)
    ways: list[tuple[str, str, float, bool]] = []
    for aisle in aisles:
        chain = sorted({*along[aisle], *layout.cross_aisles})
        along[aisle] = set(chain)
        inside = (layout.cross_aisles[0], layout.cross_aisles[-1])
        for low, high in pairwise(chain):
            # Dead ends are walked both ways, or nobody would come back.
            is_one_way = aisle in directions and inside[0] <= low and high <= inside[1]
            start, end = (low, high) if directions.get(aisle, True) else (high, low)
            ways.append((_name(aisle, start), _name(aisle, end), high - low, is_one_way))
    for left, right in pairwise(aisles):
        apart = (right - left) * layout.aisle_pitch
        ways += [(_name(left, at), _name(right, at), apart, False) for at in layout.cross_aisles]
    points = tuple(_name(aisle, at) for aisle in aisles for at in sorted(along[aisle]))
    return GraphLayout(points=points, ways=tuple(ways), depot_point=_name(layout.depot_aisle, float(layout.depot_at)))


def _aisles(layout: AisleLayout, *, stops: Iterable[int]) -> list[int]:
    """Aisles that a walk may lead through: those with stops, and all between the outermost that the layout knows of.

    The way back from a one-way aisle may be an aisle where nothing is taken, between the stops or beyond them.
    """
    known = {*stops, *(aisle for aisle, _ in layout.one_way)}
    return list(range(min(known), max(known) + 1))


def _place(each: Bin) -> tuple[int, float]:
    return each.aisle, float(each.at)


def _name(aisle: int, at: float) -> str:
    return f"{aisle}@{float(at)!r}"
