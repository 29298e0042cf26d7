"""A grid of shelves: so many aisles of so many bays and levels, named by a pattern, between cross-aisles. Pure."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reorder.domain.warehouse.bins import MOST_BINS, NewBin
from reorder.domain.warehouse.floor_errors import BadFloorPlan
from reorder.domain.warehouse.floor_rules import (
    FEWEST_CROSS_AISLES,
    MOST_AISLES,
    MOST_CROSS_AISLES,
    AislePlan,
    Direction,
    normal_code,
    refuse_bad_plan,
)

_PART: Final = re.compile(r"\{(aisle|bay|side|level|slot)(?::(\d))?\}")
_TAIL: Final = re.compile(r"(.*?)(\d*)$")
# Reasons that errors give, for who translates them.
REASON_TEMPLATES: Final = (
    "bays are 0.1 to 20 m wide",
    "cross-aisles are 0 to 20 m wide",
    "fewer bays than stretches between cross-aisles",
    "it makes more than 50,000 bins",
    "the first aisle is a letter or a number, as A or 01",
    "the pattern gives two bins the same code: name aisle, bay, side and level in it",
    "the pattern has a part that is none of aisle, bay, side, level and slot",
    "there are 0 to 500 bays and 0 to 60 levels",
    "there are at most 500 aisles",
    "there are 2 to 6 cross-aisles",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridSpec:
    """What people say about a hall of shelves; sizes of bins are None where they are not known.

    `pattern` names bins by {aisle}, {bay}, {side} (L or R), {level} and {slot} (odd numbers left, even right); `:2` in
    a part fills it with noughts. Levels up to `low_levels` are in `low_zone`, those above in `high_zone`.
    """

    first_aisle: str
    aisles_count: int
    bays_count: int
    levels_count: int
    has_both_sides: bool = True
    pattern: str = "{aisle}-{slot:2}-{level}"
    bay_mm: int = 1000
    aisle_pitch_mm: int = 3000
    cross_aisles_count: int = 2
    cross_aisle_mm: int = 2000
    depot_aisle: str = ""
    one_way_aisles: Mapping[str, Direction] = field(default_factory=dict)
    low_zone: str = "PICK"
    low_levels: int = 60
    high_zone: str = "BULK"
    bin_length_mm: int | None = None
    bin_width_mm: int | None = None
    bin_height_mm: int | None = None
    bin_max_grams: int | None = None


@dataclass(frozen=True, slots=True)
class GridFloor:
    """The plan and the bins that a grid comes to."""

    plan: AislePlan
    bins: tuple[NewBin, ...]


def make_grid(*, spec: GridSpec) -> GridFloor:
    """The plan and bins of a grid. Raises BadFloorPlan with what is wrong."""
    _refuse_bad_spec(spec)
    aisles = name_aisles(first=spec.first_aisle, count=spec.aisles_count)
    positions, cross = _positions(spec)
    depot = normal_code(text=spec.depot_aisle) if spec.depot_aisle.strip() else aisles[0]
    if depot not in aisles:
        raise BadFloorPlan(where=depot, reason="the depot is in no aisle of the plan")
    plan = AislePlan(
        aisle_codes=aisles,
        aisle_pitch_mm=spec.aisle_pitch_mm,
        cross_aisles_mm=cross,
        depot_aisle=aisles.index(depot),
        depot_at_mm=cross[0],
        one_way_aisles=dict(spec.one_way_aisles),
    )
    refuse_bad_plan(plan=plan)
    bins = tuple(
        _bin(spec, aisle=aisle, code=code, bay=bay, side=side, level=level, at_mm=at_mm)
        for aisle, code in enumerate(aisles)
        for bay, at_mm in enumerate(positions, start=1)
        for side in ("LR" if spec.has_both_sides else "L")
        for level in range(1, spec.levels_count + 1)
    )
    codes = Counter(one.code for one in bins)
    twice = next((code for code, count in codes.items() if count > 1), None)
    if twice is not None:
        reason = "the pattern gives two bins the same code: name aisle, bay, side and level in it"
        raise BadFloorPlan(where=twice, reason=reason)
    return GridFloor(plan=plan, bins=bins)


def name_aisles(*, first: str, count: int) -> tuple[str, ...]:
    """`count` names from the first on: after Z comes AA, after 01 comes 02."""
    code = normal_code(text=first)
    stem, digits = _TAIL.fullmatch(code).groups()  # type: ignore[union-attr]  # it matches any text
    if digits:
        start = int(digits)
        return tuple(f"{stem}{start + step:0{len(digits)}d}" for step in range(count))
    if not stem.isalpha() or len(stem) > 2:
        raise BadFloorPlan(where=first, reason="the first aisle is a letter or a number, as A or 01")
    begin = _letters_number(stem)
    return tuple(_letters(begin + step) for step in range(count))


def _refuse_bad_spec(spec: GridSpec) -> None:
    sides = 2 if spec.has_both_sides else 1
    stretches = spec.cross_aisles_count - 1
    checks = (
        (not 1 <= spec.aisles_count <= MOST_AISLES, spec.aisles_count, "there are at most 500 aisles"),
        (
            not (0 <= spec.bays_count <= 500 and 0 <= spec.levels_count <= 60),
            f"{spec.bays_count}, {spec.levels_count}",
            "there are 0 to 500 bays and 0 to 60 levels",
        ),
        (not 100 <= spec.bay_mm <= 20_000, spec.bay_mm / 1000, "bays are 0.1 to 20 m wide"),
        (not 0 <= spec.cross_aisle_mm <= 20_000, spec.cross_aisle_mm / 1000, "cross-aisles are 0 to 20 m wide"),
        (
            not FEWEST_CROSS_AISLES <= spec.cross_aisles_count <= MOST_CROSS_AISLES,
            spec.cross_aisles_count,
            "there are 2 to 6 cross-aisles",
        ),
        (spec.bays_count < stretches, spec.bays_count, "fewer bays than stretches between cross-aisles"),
        (
            spec.aisles_count * spec.bays_count * spec.levels_count * sides > MOST_BINS,
            spec.aisles_count * spec.bays_count * spec.levels_count * sides,
            "it makes more than 50,000 bins",
        ),
        (
            "{" in _PART.sub("", spec.pattern) or "}" in _PART.sub("", spec.pattern),
            spec.pattern,
            "the pattern has a part that is none of aisle, bay, side, level and slot",
        ),
    )
    for is_wrong, where, reason in checks:
        if is_wrong:
            raise BadFloorPlan(where=where, reason=reason)


def _positions(spec: GridSpec) -> tuple[list[int], tuple[int, ...]]:
    """Middles of the bays along an aisle, and of the cross-aisles before, between and behind them."""
    stretches = spec.cross_aisles_count - 1
    shares = [spec.bays_count // stretches + (n < spec.bays_count % stretches) for n in range(stretches)]
    middles, cross = [], [spec.cross_aisle_mm // 2]
    at = spec.cross_aisle_mm
    for bays in shares:
        middles += [at + bay * spec.bay_mm + spec.bay_mm // 2 for bay in range(bays)]
        at += bays * spec.bay_mm
        cross.append(at + spec.cross_aisle_mm // 2)
        at += spec.cross_aisle_mm
    return middles, tuple(cross)


def _bin(spec: GridSpec, *, aisle: int, code: str, bay: int, side: str, level: int, at_mm: int) -> NewBin:
    slot = bay if not spec.has_both_sides else 2 * bay - (side == "L")
    parts = {"aisle": code, "bay": bay, "side": side, "level": level, "slot": slot}
    named = _PART.sub(lambda part: str(parts[part[1]]).zfill(int(part[2] or 0)), spec.pattern)
    return NewBin(
        code=normal_code(text=named),
        zone=normal_code(text=spec.low_zone if level <= spec.low_levels else spec.high_zone),
        aisle=aisle,
        at_mm=at_mm,
        side=side,
        level=level,
        length_mm=spec.bin_length_mm,
        width_mm=spec.bin_width_mm,
        height_mm=spec.bin_height_mm,
        max_grams=spec.bin_max_grams,
    )


def _letters_number(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _letters(number: int) -> str:
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
