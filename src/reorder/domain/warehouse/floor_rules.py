"""What a floor plan may be: its geometry, where bins lie on it, and the shortest way between two of them. Pure.

Lengths are millimetres; x runs across the aisles from the first, y along them from the front.
"""

import heapq
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from reorder.domain.warehouse.floor_errors import BadFloorPlan

Spot = tuple[int, int]  # x and y
Direction = Literal["up", "down"]
FEWEST_CROSS_AISLES: Final = 2
MOST_CROSS_AISLES: Final = 6
MOST_AISLES: Final = 500
MOST_POINTS: Final = 5000
MOST_MM: Final = 2_000_000
LONGEST_CODE: Final = 32
PURPOSES: Final = ("pick", "bulk", "quarantine", "returns", "hazard")
_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9._-]*")
# Codes of goods have so many digits and nothing else: a bin of that kind could be taken for goods.
_GOODS_DIGITS: Final = frozenset({8, 12, 13, 14, 18})
# Reasons that errors give, for who translates them.
REASON_TEMPLATES: Final = (
    "a bin's code has at most 32 letters, digits, dots and dashes",
    "a one-way aisle is walked up or down",
    "a way leads from one point to another",
    "a way needs a length above 0",
    "aisles are 0.1 to 100 m apart",
    "an aisle is named twice",
    "an aisle needs a code",
    "cross-aisles must be given in rising order",
    "it could be taken for the barcode of goods: add a letter",
    "it is longer than 2 km",
    "one-way aisles leave a part of the floor that nobody can walk to and back from",
    "the depot is in no aisle of the plan",
    "the depot is no point of the plan",
    "there are 2 to 6 cross-aisles",
    "there are at most 500 aisles",
    "there are at most 5,000 points",
    "there is no such aisle",
    "there is no such point",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AislePlan:
    """Parallel aisles between cross-aisles; `depot_aisle` is a position in `aisle_codes`."""

    aisle_codes: tuple[str, ...]
    aisle_pitch_mm: int
    cross_aisles_mm: tuple[int, ...]
    depot_aisle: int = 0
    depot_at_mm: int = 0
    one_way_aisles: Mapping[str, Direction] = field(default_factory=dict)

    @property
    def depth_mm(self) -> int:
        """From the front to the last cross-aisle."""
        return max(*self.cross_aisles_mm, self.depot_at_mm)


@dataclass(frozen=True, slots=True)
class Way:
    """A way between two points of a graph."""

    source: str
    target: str
    length_mm: int
    is_one_way: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphPlan:
    """Points with their places, and the ways between them."""

    points: Mapping[str, Spot]
    ways: tuple[Way, ...]
    depot_point: str


Plan = AislePlan | GraphPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class BinSpot:
    """Where a bin lies, and what its zone is for."""

    code: str
    aisle: int = 0
    at_mm: int = 0
    side: str = "L"
    level: int = 1
    point: str = ""
    purpose: str = "pick"


@dataclass(frozen=True, slots=True)
class WalkDrawn:
    """A walk as a line over the floor, the places where one stops in order, and its length."""

    line: tuple[Spot, ...]
    stops: tuple[tuple[str, Spot], ...]
    length_mm: int


def normal_code(*, text: str) -> str:
    """A bin's, zone's or aisle's code as it is kept: capitals, no spaces. Raises BadFloorPlan."""
    code = "".join(text.split()).upper()
    if len(code) > LONGEST_CODE or not _CODE.fullmatch(code):
        raise BadFloorPlan(where=text[:60], reason="a bin's code has at most 32 letters, digits, dots and dashes")
    if code.isdigit() and len(code) in _GOODS_DIGITS:
        raise BadFloorPlan(where=code, reason="it could be taken for the barcode of goods: add a letter")
    return code


def refuse_bad_plan(*, plan: Plan) -> None:
    """Raises BadFloorPlan with the first thing that is wrong, and where."""
    if isinstance(plan, AislePlan):
        _refuse_bad_aisles(plan)
    else:
        _refuse_bad_graph(plan)
    _refuse_dead_ways(plan)


def spot_of(*, plan: Plan, spot: BinSpot) -> Spot:
    """Where one stands before a bin. Raises BadFloorPlan for one that is nowhere on the plan."""
    if isinstance(plan, GraphPlan):
        if spot.point not in plan.points:
            raise BadFloorPlan(where=f"{spot.code}: {spot.point}", reason="there is no such point")
        return plan.points[spot.point]
    if not 0 <= spot.aisle < len(plan.aisle_codes):
        raise BadFloorPlan(where=f"{spot.code}: {spot.aisle}", reason="there is no such aisle")
    return spot.aisle * plan.aisle_pitch_mm, spot.at_mm


def depot_of(*, plan: Plan) -> Spot:
    """Where walks begin and end."""
    if isinstance(plan, GraphPlan):
        return plan.points[plan.depot_point]
    return plan.depot_aisle * plan.aisle_pitch_mm, plan.depot_at_mm


def walk_line(*, plan: Plan, stops: Sequence[BinSpot]) -> WalkDrawn:
    """The line of the shortest ways from the depot through bins in this order and back, and its length.

    Raises BadFloorPlan for a bin that is nowhere on the plan, or where no way leads.
    """
    floor = _Floor.of(plan=plan, spots=stops)
    names = [floor.depot, *(floor.name_of(spot) for spot in stops), floor.depot]
    line: list[Spot] = [floor.spots[floor.depot]]
    length = 0
    for source, target in pairwise(names):
        way, added = floor.way(source=source, target=target)
        length += added
        line.extend(one for one in way[1:] if one != line[-1])
    shown = tuple((spot.code, spot_of(plan=plan, spot=spot)) for spot in stops)
    return WalkDrawn(line=tuple(line), stops=shown, length_mm=length)


def distances_mm(*, plan: Plan, spots: Sequence[BinSpot]) -> dict[str, int]:
    """How far each bin is from the depot, by code; bins that no way leads to are left out."""
    if isinstance(plan, AislePlan) and not plan.one_way_aisles:
        return {spot.code: _straight_mm(plan=plan, spot=spot) for spot in spots}
    floor = _Floor.of(plan=plan, spots=spots)
    found = floor.distances(source=floor.depot)[0]
    return {spot.code: found[floor.name_of(spot)] for spot in spots if floor.name_of(spot) in found}


def _straight_mm(*, plan: AislePlan, spot: BinSpot) -> int:
    """The distance from the depot where every aisle is walked both ways: thousands of bins need no search."""
    spot_of(plan=plan, spot=spot)
    if spot.aisle == plan.depot_aisle:
        return abs(spot.at_mm - plan.depot_at_mm)
    along = min(abs(spot.at_mm - at) + abs(plan.depot_at_mm - at) for at in plan.cross_aisles_mm)
    return abs(spot.aisle - plan.depot_aisle) * plan.aisle_pitch_mm + along


def graph_of(*, plan: Plan, spots: Sequence[BinSpot]) -> GraphPlan:
    """Any plan as points and ways: of aisles their crossings, the depot, and where these bins lie."""
    if isinstance(plan, GraphPlan):
        return plan
    floor = _Floor.of(plan=plan, spots=spots)
    ways = []
    for source, leading in floor.ways.items():
        for target, length_mm in leading:
            is_one_way = all(back != source for back, _length in floor.ways.get(target, ()))
            if is_one_way or source < target:
                ways.append(Way(source, target, length_mm, is_one_way))
    return GraphPlan(points=floor.spots, ways=tuple(ways), depot_point=floor.depot)


def point_of(*, plan: Plan, spot: BinSpot) -> str:
    """The point of `graph_of` where a bin lies."""
    return spot.point if isinstance(plan, GraphPlan) else _name(spot.aisle, spot.at_mm)


def _name(aisle: int, at_mm: int) -> str:
    return f"{aisle}@{at_mm}"


def _refuse_bad_aisles(plan: AislePlan) -> None:
    cross = plan.cross_aisles_mm
    reasons: Iterable[tuple[bool, object, str]] = (
        (not plan.aisle_codes, "", "an aisle needs a code"),
        (len(plan.aisle_codes) > MOST_AISLES, len(plan.aisle_codes), "there are at most 500 aisles"),
        (not 100 <= plan.aisle_pitch_mm <= 100_000, plan.aisle_pitch_mm, "aisles are 0.1 to 100 m apart"),
        (
            not FEWEST_CROSS_AISLES <= len(cross) <= MOST_CROSS_AISLES,
            _metres(cross),
            "there are 2 to 6 cross-aisles",
        ),
        (
            any(low >= high for low, high in pairwise(cross)),
            _metres(cross),
            "cross-aisles must be given in rising order",
        ),
        (max(cross, default=0) > MOST_MM or plan.depot_at_mm > MOST_MM, "", "it is longer than 2 km"),
        (
            not 0 <= plan.depot_aisle < len(plan.aisle_codes),
            plan.depot_aisle + 1,
            "the depot is in no aisle of the plan",
        ),
    )
    for is_wrong, where, reason in reasons:
        if is_wrong:
            raise BadFloorPlan(where=where, reason=reason)
    _refuse_twice(plan.aisle_codes, reason="an aisle is named twice")
    for code, direction in plan.one_way_aisles.items():
        if code not in plan.aisle_codes:
            raise BadFloorPlan(where=code, reason="there is no such aisle")
        if direction not in {"up", "down"}:
            raise BadFloorPlan(where=code, reason="a one-way aisle is walked up or down")


def _refuse_bad_graph(plan: GraphPlan) -> None:
    if len(plan.points) > MOST_POINTS:
        raise BadFloorPlan(where=len(plan.points), reason="there are at most 5,000 points")
    if plan.depot_point not in plan.points:
        raise BadFloorPlan(where=plan.depot_point, reason="the depot is no point of the plan")
    for way in plan.ways:
        where = f"{way.source} → {way.target}"
        for code in (way.source, way.target):
            if code not in plan.points:
                raise BadFloorPlan(where=f"{where}: {code}", reason="there is no such point")
        if way.source == way.target:
            raise BadFloorPlan(where=where, reason="a way leads from one point to another")
        if not 0 < way.length_mm <= MOST_MM:
            raise BadFloorPlan(where=where, reason="a way needs a length above 0")


def _refuse_dead_ways(plan: Plan) -> None:
    floor = _Floor.of(plan=plan, spots=())
    there = floor.distances(source=floor.depot)[0]
    back = floor.turned().distances(source=floor.depot)[0]
    for name, spot in floor.spots.items():
        if name not in there or name not in back:
            raise BadFloorPlan(
                where=name if isinstance(plan, GraphPlan) else plan.aisle_codes[spot[0] // plan.aisle_pitch_mm],
                reason="one-way aisles leave a part of the floor that nobody can walk to and back from",
            )


def _refuse_twice(codes: Sequence[str], *, reason: str) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise BadFloorPlan(where=code, reason=reason)
        seen.add(code)


def _metres(positions: Sequence[int]) -> str:
    return ", ".join(f"{one / 1000:g}" for one in positions)


@dataclass(slots=True)
class _Floor:
    """Points by name with the ways from each: those of a graph, or crossings and stops of aisles."""

    depot: str
    spots: dict[str, Spot]
    ways: dict[str, list[tuple[str, int]]]
    is_graph: bool

    @classmethod
    def of(cls, *, plan: Plan, spots: Sequence[BinSpot]) -> "_Floor":
        if isinstance(plan, GraphPlan):
            floor = cls(depot=plan.depot_point, spots=dict(plan.points), ways={}, is_graph=True)
            for way in plan.ways:
                floor.join(way.source, way.target, way.length_mm, is_one_way=way.is_one_way)
            for spot in spots:
                spot_of(plan=plan, spot=spot)
            return floor
        depot = f"{plan.depot_aisle}@{plan.depot_at_mm}"
        floor = cls(depot=depot, spots={}, ways={}, is_graph=False)
        positions = [set(plan.cross_aisles_mm) for _ in plan.aisle_codes]
        positions[plan.depot_aisle].add(plan.depot_at_mm)
        for spot in spots:
            spot_of(plan=plan, spot=spot)
            positions[spot.aisle].add(spot.at_mm)
        for aisle, code in enumerate(plan.aisle_codes):
            floor.add_aisle(
                aisle=aisle,
                x_mm=aisle * plan.aisle_pitch_mm,
                positions=sorted(positions[aisle]),
                direction=plan.one_way_aisles.get(code),
            )
            if aisle:
                for at in plan.cross_aisles_mm:
                    floor.join(f"{aisle - 1}@{at}", f"{aisle}@{at}", plan.aisle_pitch_mm, is_one_way=False)
        return floor

    def add_aisle(self, *, aisle: int, x_mm: int, positions: list[int], direction: Direction | None) -> None:
        """An aisle's points, each joined to the next."""
        for at in positions:
            self.spots[f"{aisle}@{at}"] = (x_mm, at)
        for low, high in pairwise(positions):
            source, target = (low, high) if direction != "down" else (high, low)
            self.join(f"{aisle}@{source}", f"{aisle}@{target}", high - low, is_one_way=direction is not None)

    def join(self, source: str, target: str, length_mm: int, *, is_one_way: bool) -> None:
        """A way, and back unless it is one-way."""
        self.ways.setdefault(source, []).append((target, length_mm))
        if not is_one_way:
            self.ways.setdefault(target, []).append((source, length_mm))

    def turned(self) -> "_Floor":
        """The same floor with every way walked the other way round."""
        turned = _Floor(depot=self.depot, spots=self.spots, ways={}, is_graph=self.is_graph)
        for source, ways in self.ways.items():
            for target, length_mm in ways:
                turned.join(target, source, length_mm, is_one_way=True)
        return turned

    def name_of(self, spot: BinSpot) -> str:
        return spot.point if self.is_graph else f"{spot.aisle}@{spot.at_mm}"

    def distances(self, *, source: str) -> tuple[dict[str, int], dict[str, str]]:
        """The length of the shortest way to each point that can be reached (Dijkstra), and the point before it."""
        found: dict[str, int] = {}
        before: dict[str, str] = {}
        waiting: list[tuple[int, str, str]] = [(0, source, "")]
        while waiting:
            length, name, came_from = heapq.heappop(waiting)
            if name in found:
                continue
            found[name] = length
            before[name] = came_from
            for target, added in self.ways.get(name, ()):
                if target not in found:
                    heapq.heappush(waiting, (length + added, target, name))
        return found, before

    def way(self, *, source: str, target: str) -> tuple[list[Spot], int]:
        """The points of the shortest way, and its length."""
        found, before = self.distances(source=source)
        if target not in found:
            raise BadFloorPlan(
                where=target,
                reason="one-way aisles leave a part of the floor that nobody can walk to and back from",
            )
        names = [target]
        while names[-1] != source:
            names.append(before[names[-1]])
        return [self.spots[name] for name in reversed(names)], found[target]
