"""A box and what lies in it as a picture, seen from above the front right corner. Pure; colours stand in attributes.

Stands alone as an image too, so nothing in it needs a style sheet: it brings its own light ground.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from reorder.flows.packing.planning import Lying

_WIDE: Final = 420.0
_HIGH: Final = 340.0
_MARGIN: Final = 26.0
_COS: Final = 0.8660254
_SIN: Final = 0.5
_GROUND: Final = "#ffffff"
_INK: Final = "#1c2420"
_BOX_LINE: Final = "#8a7a5c"
_BOX_FLOOR: Final = "#efe6d3"
# Top, front and side of a thing: lying there already, and put in now.
_OLD: Final = ("#e6e9e7", "#d3d8d5", "#c2c8c4")
_NEW: Final = ("#8fd0b5", "#5bb391", "#3d9474")
_FRAGILE: Final = ("#f6c7a0", "#eba36c", "#d98848")
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One thing to draw: where it lies, the number on it, and whether it is put in at this step."""

    lying: Lying
    label: str
    is_new: bool


def box_svg(*, inner_mm: tuple[int, int, int], things: Sequence[Drawn], title: str) -> SafeString:
    """The picture as an SVG element; `title` says the same in words."""
    paper = _Paper.of(inner_mm)
    parts = [*_box_behind(inner_mm, paper), *_things(things, paper), *_box_before(inner_mm, paper)]
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">'
        '<title>{}</title><rect width="100%" height="100%" fill="{}"/>{}</svg>',
        round(_WIDE),
        round(_HIGH),
        round(_WIDE),
        round(_HIGH),
        title,
        title,
        _GROUND,
        mark_safe("".join(parts)),  # noqa: S308 - every part is escaped where it is made
    )


@dataclass(frozen=True, slots=True)
class _Paper:
    """From millimetres in the box to the picture."""

    scale: float
    left: float
    top: float

    @classmethod
    def of(cls, inner: tuple[int, int, int]) -> "_Paper":
        length, width, height = inner
        across = (length + width) * _COS
        down = (length + width) * _SIN + height
        scale = min((_WIDE - 2 * _MARGIN) / across, (_HIGH - 2 * _MARGIN) / down)
        left = (_WIDE - across * scale) / 2 + width * _COS * scale
        return cls(scale=scale, left=left, top=(_HIGH - down * scale) / 2 + height * scale)

    def at(self, x: float, y: float, z: float) -> Point:
        return (
            self.left + (x - y) * _COS * self.scale,
            self.top + ((x + y) * _SIN - z) * self.scale,
        )


def _box_behind(inner: tuple[int, int, int], paper: _Paper) -> Iterable[str]:
    length, width, height = inner
    floor = [paper.at(0, 0, 0), paper.at(length, 0, 0), paper.at(length, width, 0), paper.at(0, width, 0)]
    yield _polygon(floor, fill=_BOX_FLOOR, stroke=_BOX_LINE, width=1)
    for x, y in ((0, 0), (length, 0), (0, width)):
        yield _line(paper.at(x, y, 0), paper.at(x, y, height))
    yield _line(paper.at(0, 0, height), paper.at(length, 0, height))
    yield _line(paper.at(0, 0, height), paper.at(0, width, height))


def _box_before(inner: tuple[int, int, int], paper: _Paper) -> Iterable[str]:
    """The edges nearest to the eye, dashed: one looks through them."""
    length, width, height = inner
    corner = paper.at(length, width, height)
    for other in (paper.at(length, width, 0), paper.at(length, 0, height), paper.at(0, width, height)):
        yield _line(corner, other, dashed=True)
    for (x, y), text in (((length / 2, width), str(length)), ((length, width / 2), str(width))):
        at = paper.at(x, y, 0)
        shift = -14 if x < length else 14
        yield _text((at[0] + shift, at[1] + 14), text, size=11)


def _things(things: Sequence[Drawn], paper: _Paper) -> Iterable[str]:
    for one in _far_first(things):
        yield from _thing(one, paper)


def _far_first(things: Sequence[Drawn]) -> list[Drawn]:
    """What another one hides comes before it; where all hide each other, the farther middle first."""
    left = sorted(things, key=lambda one: _middle(one.lying))
    ordered: list[Drawn] = []
    while left:
        free = next((one for one in left if not any(_hides(one.lying, other.lying) for other in left)), left[0])
        left.remove(free)
        ordered.append(free)
    return ordered


def _hides(near: Lying, far: Lying) -> bool:
    """Whether `near` may cover a part of `far` in the picture: it lies beyond it on the side of the eye."""
    if near is far:
        return False
    ends = (far.x_mm + far.length_mm, far.y_mm + far.width_mm, far.z_mm + far.height_mm)
    mine = (near.x_mm + near.length_mm, near.y_mm + near.width_mm, near.z_mm + near.height_mm)
    starts, others = (near.x_mm, near.y_mm, near.z_mm), (far.x_mm, far.y_mm, far.z_mm)
    is_before = any(start >= end for start, end in zip(starts, ends, strict=True))
    is_behind = any(other >= end for other, end in zip(others, mine, strict=True))
    return is_before and not is_behind


def _middle(one: Lying) -> float:
    return one.x_mm + one.y_mm + one.z_mm + (one.length_mm + one.width_mm + one.height_mm) / 2


def _thing(one: Drawn, paper: _Paper) -> Iterable[str]:
    lies = one.lying
    x, y, z = lies.x_mm, lies.y_mm, lies.z_mm
    right, front, up = x + lies.length_mm, y + lies.width_mm, z + lies.height_mm
    colours = (_FRAGILE if lies.is_fragile else _NEW) if one.is_new else _OLD
    at = paper.at
    top = [at(x, y, up), at(right, y, up), at(right, front, up), at(x, front, up)]
    yield _polygon(top, fill=colours[0], stroke=_INK, width=1)
    yield _polygon([at(x, front, up), at(right, front, up), at(right, front, z), at(x, front, z)],
                   fill=colours[1], stroke=_INK, width=1)  # fmt: skip
    yield _polygon([at(right, y, up), at(right, front, up), at(right, front, z), at(right, y, z)],
                   fill=colours[2], stroke=_INK, width=1)  # fmt: skip
    if one.label:
        middle = at((x + right) / 2, (y + front) / 2, up)
        yield _text((middle[0], middle[1] + 4), one.label, size=13 if one.is_new else 10)


def _polygon(points: Sequence[Point], *, fill: str, stroke: str, width: float) -> str:
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{told}" fill="{fill}" stroke="{stroke}" stroke-width="{width}" stroke-linejoin="round"/>'


def _line(start: Point, end: Point, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="4 4"' if dashed else ""
    return (
        f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
        f' stroke="{_BOX_LINE}" stroke-width="1.5"{dash}/>'
    )


def _text(at: Point, text: str, *, size: int) -> str:
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" text-anchor="middle" font-size="{size}" font-family="sans-serif"'
        f' fill="{_INK}">{conditional_escape(text)}</text>'
    )
