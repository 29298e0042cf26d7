"""An irregular floor as a file: a line a point with its place, or a way between two points with its length.

Columns: `point`, `x_m`, `y_m`, `depot` (yes for one of them); `from`, `to`, `length_m` (empty: as the crow flies),
`one_way`. A line is a point or a way.
"""

import math
from typing import Final

from reorder.domain.warehouse.floor_errors import BadFloorPlan
from reorder.domain.warehouse.floor_rules import GraphPlan, Spot, Way, normal_code
from reorder.flows.floor_plan.lines import BadLine, FileFaults, Line, read_lines, refuse_faults

COLUMNS: Final = ("point", "x_m", "y_m", "depot", "from", "to", "length_m", "one_way")
REASON_TEMPLATES: Final = (
    "a line is a point with x and y, or a way from one to another",
    "exactly one point is the depot",
    "the point is there twice",
    "there is no such point",
)


def read_ways(*, content: bytes) -> GraphPlan:
    """The plan of a file. Raises FileFaults with every line that cannot be taken."""
    lines = read_lines(content=content, needed=["point", "x_m", "y_m", "from", "to"], known=COLUMNS)
    points: dict[str, Spot] = {}
    depots: list[str] = []
    for line in lines:
        if line.text("point"):
            _read_point(line, points=points, depots=depots)
        elif not (line.text("from") and line.text("to")):
            line.refuse("point", "a line is a point with x and y, or a way from one to another")
    ways = [way for line in lines if not line.text("point") if (way := _read_way(line, points=points))]
    refuse_faults(lines=lines)
    if len(depots) != 1:
        raise FileFaults(lines=[BadLine(1, "depot", ", ".join(depots)[:60], "exactly one point is the depot")])
    return GraphPlan(points=points, ways=tuple(ways), depot_point=depots[0])


def _read_point(line: Line, *, points: dict[str, Spot], depots: list[str]) -> None:
    code = _code(line, "point")
    x = line.number_of("x_m", scale=1000, is_needed=True)
    y = line.number_of("y_m", scale=1000, is_needed=True)
    if code in points:
        line.refuse("point", "the point is there twice")
    if code and x is not None and y is not None:
        points[code] = (round(x), round(y))
    if line.text("depot") and line.is_yes("depot"):
        depots.append(code)


def _read_way(line: Line, *, points: dict[str, Spot]) -> Way | None:
    if not (line.text("from") and line.text("to")):
        return None
    source, target = _code(line, "from"), _code(line, "to")
    for column, code in (("from", source), ("to", target)):
        if code and code not in points:
            line.refuse(column, "there is no such point")
    length = line.size_of("length_m", scale=1000)
    is_one_way = bool(line.text("one_way")) and line.is_yes("one_way")
    if line.faults:
        return None
    straight = round(math.dist(points[source], points[target]))
    return Way(source, target, straight if length is None else length, is_one_way)


def _code(line: Line, column: str) -> str:
    try:
        return normal_code(text=line.text(column))
    except BadFloorPlan as fault:
        line.refuse(column, str(fault.parameters["reason"]))
        return ""
