"""Bins as a file: one a line, in metres along the aisle and millimetres of size; what was exported can be imported."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from reorder.domain.warehouse.bins import NewBin, list_bins_of_place, list_faults
from reorder.domain.warehouse.floor_errors import BadFloorPlan
from reorder.domain.warehouse.floor_plans import find_plan, get_plan
from reorder.domain.warehouse.floor_rules import AislePlan, normal_code
from reorder.flows.floor_plan.lines import Line, read_lines, refuse_faults

COLUMNS: Final = (
    "bin", "zone", "aisle", "at_m", "side", "level", "point", "length_mm", "width_mm", "height_mm", "max_kg", "open",
)  # fmt: skip
_COLUMN_OF: Final = (
    ("zone", "zone"),
    ("aisle", "aisle"),
    ("point", "point"),
    ("side", "side"),
    ("levels", "level"),
    ("size", "length_mm"),
)


def bins_to_csv(*, place_code: str) -> Iterator[list[object]]:
    """Every bin of a place, a row each, in the order of `COLUMNS`; none where the place has no floor plan."""
    plan = find_plan(place_code=place_code)
    aisles = plan.aisle_codes if isinstance(plan, AislePlan) else ()
    for one in list_bins_of_place(place_code=place_code):
        yield [
            one.code, one.zone, aisles[one.aisle] if one.aisle < len(aisles) and not one.point else "",
            f"{one.at_mm / 1000:g}", one.side, one.level, one.point, one.length_mm, one.width_mm, one.height_mm,
            "" if one.max_grams is None else f"{one.max_grams / 1000:g}", "yes" if one.is_active else "no",
        ]  # fmt: skip


def example_csv() -> str:
    """The column names with one bin, to begin with."""
    written = io.StringIO()
    csv.writer(written).writerows([COLUMNS, ["A-01-1", "PICK", "A", "2.5", "L", 1, "", 900, 500, 400, 50, "yes"]])
    return written.getvalue()


def read_bins(*, content: bytes, place_code: str) -> list[NewBin]:
    """Bins of a file for a place. Raises NoFloorPlan, and FileFaults with every line that cannot be taken."""
    plan = get_plan(place_code=place_code)
    aisles = {code: n for n, code in enumerate(plan.aisle_codes)} if isinstance(plan, AislePlan) else {}
    needed = ["bin", "zone", "aisle", "at_m"] if aisles else ["bin", "zone", "point"]
    lines = read_lines(content=content, needed=needed, known=COLUMNS)
    bins = [_bin(line, aisles=aisles) for line in lines]
    refuse_faults(lines=lines)
    for fault in list_faults(place_code=place_code, bins=bins, plan=plan):
        lines[fault.position].refuse(_column_of(fault.reason), fault.reason)
    refuse_faults(lines=lines)
    return bins


def _column_of(reason: str) -> str:
    """The column that a reason is about; the bin itself where none is named."""
    return next((column for word, column in _COLUMN_OF if word in reason), "bin")


def _bin(line: Line, *, aisles: dict[str, int]) -> NewBin:
    at = line.number_of("at_m", scale=1000, is_needed=bool(aisles)) or 0
    level = line.number_of("level")
    if at < 0:
        line.refuse("at_m", "it is not above 0")
    if level is not None and level != level.to_integral_value():
        line.refuse("level", "it is no number")
    aisle = _code(line, "aisle") if aisles else ""
    if aisles and aisle not in aisles:
        line.refuse("aisle", "there is no such aisle")
    return NewBin(
        code=_code(line, "bin"),
        zone=_code(line, "zone"),
        aisle=aisles.get(aisle, 0),
        at_mm=max(round(at), 0),
        side=line.text("side").upper() or "L",
        level=1 if level is None else int(level),
        point="" if aisles else _code(line, "point"),
        length_mm=line.size_of("length_mm"),
        width_mm=line.size_of("width_mm"),
        height_mm=line.size_of("height_mm"),
        max_grams=line.size_of("max_kg", scale=1000),
        is_active=line.is_yes("open"),
    )


def _code(line: Line, column: str) -> str:
    try:
        return normal_code(text=line.text(column))
    except BadFloorPlan as fault:
        line.refuse(column, str(fault.parameters["reason"]))
        return ""
