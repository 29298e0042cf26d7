"""The floor of a place as a picture: aisles, bins, the depot, and a walk over them. Pure; light or dark by its page.

Colours come from classes of `warehouse.css`; bins above each other are one cell. A page shows the same as a table.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from reorder.domain.warehouse.floor_rules import (
    AislePlan,
    BinSpot,
    GraphPlan,
    Plan,
    Spot,
    WalkDrawn,
    depot_of,
    spot_of,
)

HEAT_STEPS: Final = 5
_WIDE_PX, _HIGH_PX, _MARGIN_PX = 1080.0, 620.0, 40.0
_LEAST_PITCH_PX, _MOST_PITCH_PX = 30.0, 90.0
_BAY_MM: Final = 1000
# Of the distance between two aisles: what one walks in, and the shelves on either side.
_CORRIDOR_SHARE, _SHELF_SHARE = 0.34, 0.31
_POINT_CELL_PX = 16.0
Cell = tuple[float, float, float, float]  # x, y, width, height


@dataclass(frozen=True, slots=True)
class _Paper:
    """From millimetres of the floor to the picture; the front of the aisles lies below."""

    across: float
    along: float
    left_mm: int
    low_mm: int
    width: float
    height: float

    def x(self, x_mm: float) -> float:
        return _MARGIN_PX + (x_mm - self.left_mm) * self.across

    def y(self, y_mm: float) -> float:
        return self.height - _MARGIN_PX - (y_mm - self.low_mm) * self.along

    def at(self, spot: Spot) -> tuple[float, float]:
        return self.x(spot[0]), self.y(spot[1])


def floor_svg(
    *,
    plan: Plan,
    bins: Sequence[BinSpot],
    walk: WalkDrawn | None = None,
    highlights: Collection[str] = (),
    heat: Mapping[str, float] | None = None,
    title: str = "",
) -> SafeString:
    """The picture as an SVG element.

    `heat` colours bins by a number (units that stand there, picks …) in five steps, a quarter of the bins each;
    without it by the purpose of their zone. `highlights` are codes of bins to outline. `walk` is drawn with its stops
    numbered in order (`floor_rules.walk_line` makes it). `title` is what a screen reader says. Bins that are not on the
    plan are left out.
    """
    shown = [one for one in bins if _is_on(plan=plan, spot=one)]
    paper = _paper(plan=plan, bins=shown)
    parts = [
        *_floor(plan=plan, paper=paper),
        *_cells(plan=plan, bins=shown, paper=paper, highlights=set(highlights), heat=heat),
        *_depot(plan=plan, paper=paper),
        *_walk(walk=walk, paper=paper),
    ]
    return format_html(
        '<svg class="floor-svg" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}</svg>',
        _n(paper.width), _n(paper.height), _n(paper.width), _n(paper.height),
        title or _("Floor plan"), mark_safe("".join(parts)),  # noqa: S308 - every part is escaped where it is made
    )  # fmt: skip


def _is_on(*, plan: Plan, spot: BinSpot) -> bool:
    if isinstance(plan, GraphPlan):
        return spot.point in plan.points
    return 0 <= spot.aisle < len(plan.aisle_codes)


def _paper(*, plan: Plan, bins: Sequence[BinSpot]) -> _Paper:
    if isinstance(plan, GraphPlan):
        xs = [spot[0] for spot in plan.points.values()]
        ys = [spot[1] for spot in plan.points.values()]
        wide, high = max(max(xs) - min(xs), 1), max(max(ys) - min(ys), 1)
        scale = min((_WIDE_PX - 2 * _MARGIN_PX) / wide, (_HIGH_PX - 2 * _MARGIN_PX) / high)
        return _Paper(
            across=scale, along=scale, left_mm=min(xs), low_mm=min(ys),
            width=wide * scale + 2 * _MARGIN_PX, height=high * scale + 2 * _MARGIN_PX,
        )  # fmt: skip
    count = len(plan.aisle_codes)
    pitch = min(max(_WIDE_PX / count, _LEAST_PITCH_PX), _MOST_PITCH_PX)
    ends = [*plan.cross_aisles_mm, plan.depot_at_mm, *(one.at_mm for one in bins)]
    depth = max(max(ends) - min(ends), 1)
    long = min(_HIGH_PX, max(depth * pitch / plan.aisle_pitch_mm, 160.0))
    across = pitch / plan.aisle_pitch_mm
    return _Paper(
        across=across, along=long / depth, left_mm=-plan.aisle_pitch_mm // 2, low_mm=min(ends),
        width=count * pitch + 2 * _MARGIN_PX, height=long + 2 * _MARGIN_PX,
    )  # fmt: skip


def _floor(*, plan: Plan, paper: _Paper) -> Iterable[str]:
    if isinstance(plan, GraphPlan):
        for way in plan.ways:
            (x1, y1), (x2, y2) = paper.at(plan.points[way.source]), paper.at(plan.points[way.target])
            css = "floor-way is-one-way" if way.is_one_way else "floor-way"
            yield f'<line class="{css}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>'
        return
    half = plan.aisle_pitch_mm * _CORRIDOR_SHARE / 2
    first, last = min(plan.cross_aisles_mm), max(plan.cross_aisles_mm)
    for at in plan.cross_aisles_mm:
        left, right = paper.x(-plan.aisle_pitch_mm / 2), paper.x((len(plan.aisle_codes) - 0.5) * plan.aisle_pitch_mm)
        yield _rect("floor-walkway", (left, paper.y(at) - 6, right - left, 12))
    for position, code in enumerate(plan.aisle_codes):
        x_mm = position * plan.aisle_pitch_mm
        box = (paper.x(x_mm - half), paper.y(last), 2 * half * paper.across, (last - first) * paper.along)
        yield _rect("floor-walkway", box)
        arrow = {"up": " ↑", "down": " ↓"}.get(plan.one_way_aisles.get(code, ""), "")
        yield _text("floor-label", paper.x(x_mm), paper.height - 8, f"{code}{arrow}")


def _cells(
    *, plan: Plan, bins: Sequence[BinSpot], paper: _Paper, highlights: set[str], heat: Mapping[str, float] | None
) -> Iterable[str]:
    stacks: dict[tuple[int, str, int, str], list[BinSpot]] = defaultdict(list)
    for one in bins:
        stacks[(one.aisle, one.side, one.at_mm, one.point)].append(one)
    bay = _bay_mm(stacks)
    warmth = {key: sum(heat.get(one.code, 0.0) for one in stack) for key, stack in stacks.items()} if heat else {}
    warm = sorted(one for one in warmth.values() if one > 0)
    paths: dict[str, list[Cell]] = defaultdict(list)
    for key, stack in stacks.items():
        box = _box(plan=plan, spot=stack[0], paper=paper, bay_mm=bay)
        if heat is None:
            css = f"floor-cell is-{stack[0].purpose}"
        else:
            css = f"floor-cell heat-{_step(warmth.get(key, 0.0), warm=warm)}"
        paths[css].append(box)
        if any(one.code in highlights for one in stack):
            paths["floor-cell is-marked"].append(box)
    # One path a colour: thousands of bins stay a small picture. Marks come last, above the rest.
    for css in sorted(paths, key=lambda name: (name.endswith("is-marked"), name)):
        line = "".join(f"M{_n(x)} {_n(y)}h{_n(w)}v{_n(h)}h-{_n(w)}z" for x, y, w, h in paths[css])
        yield f'<path class="{css}" d="{line}"/>'


def _box(*, plan: Plan, spot: BinSpot, paper: _Paper, bay_mm: int) -> Cell:
    x, y = paper.at(spot_of(plan=plan, spot=spot))
    if not isinstance(plan, AislePlan):
        offset = -_POINT_CELL_PX - 4 if spot.side == "L" else 4
        return x + offset, y - _POINT_CELL_PX / 2, _POINT_CELL_PX, _POINT_CELL_PX
    pitch = plan.aisle_pitch_mm * paper.across
    wide, high = pitch * _SHELF_SHARE - 1, max(bay_mm * paper.along - 1, 1.0)
    half = pitch * _CORRIDOR_SHARE / 2
    left = x - half - wide if spot.side == "L" else x + half
    return left, y - high / 2, wide, high


def _bay_mm(stacks: Iterable[tuple[int, str, int, str]]) -> int:
    """The distance between two neighbours: that is how wide bins are drawn."""
    sides: dict[tuple[int, str], set[int]] = defaultdict(set)
    for aisle, side, at_mm, _point in stacks:
        sides[(aisle, side)].add(at_mm)
    gaps = [high - low for one in sides.values() for low, high in zip(sorted(one), sorted(one)[1:], strict=False)]
    return min(gaps, default=_BAY_MM)


def _step(value: float, *, warm: Sequence[float]) -> int:
    """0 for nothing, else the quarter of all bins with something (`warm`, rising): a few bins hold most of it."""
    return -(-(HEAT_STEPS - 1) * bisect_right(warm, value) // len(warm)) if value > 0 else 0


def _depot(*, plan: Plan, paper: _Paper) -> Iterable[str]:
    x, y = paper.at(depot_of(plan=plan))
    yield f'<circle class="floor-depot" cx="{_n(x)}" cy="{_n(y)}" r="8"/>'
    yield f'<text class="floor-depot-label" x="{_n(x + 12)}" y="{_n(y + 4)}">{conditional_escape(_("depot"))}</text>'


def _walk(*, walk: WalkDrawn | None, paper: _Paper) -> Iterable[str]:
    if walk is None:
        return
    line = " ".join(f"{_n(paper.x(x))},{_n(paper.y(y))}" for x, y in walk.line)
    yield f'<polyline class="floor-walk" points="{line}"/>'
    numbers: dict[Spot, list[int]] = defaultdict(list)
    for number, (_code, spot) in enumerate(walk.stops, start=1):
        numbers[spot].append(number)
    for spot, there in numbers.items():
        x, y = paper.at(spot)
        said = (
            str(there[0])
            if len(there) == 1
            else f"{there[0]}–{there[-1]}"
            if _is_run(there)
            else ",".join(map(str, there))
        )
        yield f'<circle class="floor-stop" cx="{_n(x)}" cy="{_n(y)}" r="{9 if len(said) < 3 else 13}"/>'
        yield _text("floor-stop-number", x, y + 4, said)


def _is_run(numbers: Sequence[int]) -> bool:
    return numbers[-1] - numbers[0] == len(numbers) - 1


def _rect(css: str, box: Cell) -> str:
    x, y, wide, high = box
    return f'<rect class="{css}" x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}" height="{_n(high)}"/>'


def _text(css: str, x: float, y: float, said: str) -> str:
    return f'<text class="{css}" x="{_n(x)}" y="{_n(y)}" text-anchor="middle">{conditional_escape(said)}</text>'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
