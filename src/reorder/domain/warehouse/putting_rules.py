"""Where goods go: which bins they may stand in, and which of those is best. Pure.

Asked in this order: may they stand there at all (zone, temperature, hazard, size, weight); then their pick face, the
same lot, an empty bin as near to the depot as they are often sold, the same product's other lots, and what is left.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final, Literal

VelocityClass = Literal["A", "B", "C", ""]
# Of a bin's volume: goods of different shapes leave gaps, and hands need room.
FILL_SHARE: Final = Decimal("0.85")
HEAVY_GRAMS: Final = 15_000
HEAVY_LEVELS: Final = 2
NOT_FOR_SALE: Final = frozenset({"quarantine", "returns"})
KEPT_APART: Final = "the goods are kept apart: they need a bin for quarantine or returns"
_FAR: Final = 10**9
# How near to the depot goods of a class want to stand, as a share of all bins by distance.
_WANTED_SHARE: Final = {"A": 0.0, "B": 0.4, "C": 0.8, "": 0.0}
# Why goods may not stand in a bin; parameters stay out, so that the sentence is translated whole.
FIT_TEMPLATES: Final = (
    "it is closed",
    "it is for goods that are not for sale",
    "it has no room for so many",
    "it is for hazardous goods only",
    "hazardous goods need a bin of a hazard zone",
    "the bin is ambient, the goods are chilled",
    "the bin is ambient, the goods are frozen",
    "the bin is chilled, the goods are ambient",
    "the bin is chilled, the goods are frozen",
    "the bin is frozen, the goods are ambient",
    "the bin is frozen, the goods are chilled",
    KEPT_APART,
    "the goods are larger than the bin",
    "the goods are heavier than the bin bears",
)
# Why a bin was suggested.
SUGGESTION_TEMPLATES: Final = (
    "its pick face, which has room",
    "the same lot stands there",
    "the same product stands there",
    "empty, and near the depot: it sells fast",
    "empty, half-way: it sells sometimes",
    "empty, and out of the way: it sells slowly",
    "empty, and the nearest: how fast it sells is not known yet",
    "shared with other goods: no bin is empty",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsToPlace:
    """Units of a product and lot that need a bin; sizes are None where nobody entered them.

    `is_apart`: they are kept apart (returned, in quarantine) and must not stand among what is for sale.
    """

    product_id: int
    sku: str
    owner: str
    lot: str
    units: Decimal
    expires_date: dt.date | None = None
    temperature_class: str = "ambient"
    is_hazardous: bool = False
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    grams: int | None = None
    velocity: VelocityClass = ""
    is_apart: bool = False

    @property
    def volume_mm3(self) -> int | None:
        """Of one unit."""
        if self.length_mm is None or self.width_mm is None or self.height_mm is None:
            return None
        return self.length_mm * self.width_mm * self.height_mm


@dataclass(frozen=True, slots=True, kw_only=True)
class BinChoice:
    """A bin with what stands in it: of this product, of this lot, and anything at all.

    `face_max_units`: it is a pick face of the product; `is_kept_for_other`: it is one of another product.
    """

    code: str
    place_code: str
    purpose: str
    temperature_class: str
    level: int = 1
    is_active: bool = True
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    max_grams: int | None = None
    used_mm3: Decimal = Decimal(0)
    used_grams: Decimal = Decimal(0)
    is_empty: bool = True
    held_units: Decimal = Decimal(0)
    product_units: Decimal = Decimal(0)
    lot_units: Decimal = Decimal(0)
    distance_mm: int | None = None
    face_max_units: Decimal | None = None
    is_kept_for_other: bool = False

    @property
    def volume_mm3(self) -> int | None:
        """Outer limits multiplied; None where one of them is not known."""
        if self.length_mm is None or self.width_mm is None or self.height_mm is None:
            return None
        return self.length_mm * self.width_mm * self.height_mm


@dataclass(frozen=True, slots=True)
class Suggestion:
    """So many units into a bin, and why (a sentence of `SUGGESTION_TEMPLATES`)."""

    bin_code: str
    units: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class PutAwayPlan:
    """Where goods go; `left_units` find no bin."""

    suggestions: tuple[Suggestion, ...]
    left_units: Decimal


def why_not(*, goods: GoodsToPlace, choice: BinChoice, has_hazard_zone: bool) -> str:
    """Why goods may not stand in a bin; empty where they may. Room is another question: `room_units`."""
    if not choice.is_active:
        return "it is closed"
    if goods.is_apart != (choice.purpose in NOT_FOR_SALE):
        return KEPT_APART if goods.is_apart else "it is for goods that are not for sale"
    if choice.purpose == "hazard" and not goods.is_hazardous:
        return "it is for hazardous goods only"
    if goods.is_hazardous and has_hazard_zone and choice.purpose != "hazard" and not goods.is_apart:
        return "hazardous goods need a bin of a hazard zone"
    if goods.temperature_class != choice.temperature_class:
        return f"the bin is {choice.temperature_class}, the goods are {goods.temperature_class}"
    return _too_large(goods=goods, choice=choice)


def room_units(*, goods: GoodsToPlace, choice: BinChoice) -> Decimal | None:
    """How many more units the bin takes, by volume and weight; None where its size or the goods' is not known."""
    limits = []
    if choice.volume_mm3 is not None and goods.volume_mm3:
        limits.append((choice.volume_mm3 * FILL_SHARE - choice.used_mm3) / goods.volume_mm3)
    if choice.max_grams is not None and goods.grams:
        limits.append((choice.max_grams - choice.used_grams) / goods.grams)
    if not limits:
        return None
    found = max(min(limits), Decimal(0)).to_integral_value(rounding=ROUND_FLOOR)
    # One unit that fits by its sides fits an empty bin, whatever share of it that is.
    return max(found, Decimal(1)) if choice.is_empty and min(limits) > 0 else found


def plan_put_away(
    *, goods: GoodsToPlace, choices: Sequence[BinChoice], most_bins: int = 6, has_hazard_zone: bool | None = None
) -> PutAwayPlan:
    """Bins for goods, the best first, with units for each until all have one, or `most_bins` are named."""
    if has_hazard_zone is None:
        has_hazard_zone = any(one.purpose == "hazard" for one in choices)
    shares = _shares_by_distance(choices)
    fits = _Fits(goods=goods, has_hazard_zone=has_hazard_zone)
    open_bins = [one for one in choices if fits.may_take(one)]
    ordered = sorted(open_bins, key=lambda one: _rank(goods=goods, choice=one, shares=shares))
    left = goods.units
    made: list[Suggestion] = []
    for one in ordered:
        if left <= 0 or len(made) == most_bins:
            break
        units = min(left, _units_for(goods=goods, choice=one, left=left))
        if units > 0:
            made.append(_suggestion(goods=goods, choice=one, units=units))
            left -= units
    return PutAwayPlan(suggestions=tuple(made), left_units=left)


@dataclass(slots=True)
class _Fits:
    """What fits, asked once for bins that are alike: a hall of thousands has a handful of kinds."""

    goods: GoodsToPlace
    has_hazard_zone: bool
    known: dict[tuple[Any, ...], bool] = field(default_factory=dict)

    def may_take(self, one: BinChoice) -> bool:
        kind = (
            one.is_active, one.purpose, one.temperature_class, one.length_mm, one.width_mm, one.height_mm,
            one.max_grams,
        )  # fmt: skip
        if kind not in self.known:
            self.known[kind] = not why_not(goods=self.goods, choice=one, has_hazard_zone=self.has_hazard_zone)
        return self.known[kind]


def _units_for(*, goods: GoodsToPlace, choice: BinChoice, left: Decimal) -> Decimal:
    room = room_units(goods=goods, choice=choice)
    if choice.face_max_units is not None:
        face = max(choice.face_max_units - choice.product_units, Decimal(0))
        return face if room is None else min(face, room)
    return left if room is None else room


def _too_large(*, goods: GoodsToPlace, choice: BinChoice) -> str:
    sides = sorted(one for one in (goods.length_mm, goods.width_mm, goods.height_mm) if one is not None)
    limits = sorted(one for one in (choice.length_mm, choice.width_mm, choice.height_mm) if one is not None)
    # Only what is known can rule out: the longest side needs the longest limit, and so on down.
    if len(limits) == 3 and any(side > limit for side, limit in zip(sides[::-1], limits[::-1], strict=False)):
        return "the goods are larger than the bin"
    if choice.max_grams is not None and goods.grams is not None and goods.grams > choice.max_grams:
        return "the goods are heavier than the bin bears"
    return ""


def _shares_by_distance(choices: Sequence[BinChoice]) -> dict[str, float]:
    """Each bin's place among all of the same purpose, from 0, the nearest, to 1; what is level counts a little."""
    ordered = sorted(choices, key=lambda one: (_far(one), one.level, one.code))
    most = max(len(ordered) - 1, 1)
    return {one.code: position / most for position, one in enumerate(ordered)}


def _far(choice: BinChoice) -> int:
    return _FAR if choice.distance_mm is None else choice.distance_mm


def _rank(*, goods: GoodsToPlace, choice: BinChoice, shares: Mapping[str, float]) -> tuple[Any, ...]:
    is_too_high = bool(goods.grams and goods.grams >= HEAVY_GRAMS and choice.level > HEAVY_LEVELS)
    away = abs(shares[choice.code] - _WANTED_SHARE[goods.velocity])
    is_bulk = choice.purpose == "bulk"
    return _kind(choice), is_too_high, is_bulk, away, choice.level, choice.code


def _kind(choice: BinChoice) -> int:
    if choice.face_max_units is not None:
        return 0
    if choice.lot_units > 0:
        return 1
    if choice.is_empty and not choice.is_kept_for_other:
        return 2
    return 3 if choice.product_units > 0 else 4


def _suggestion(*, goods: GoodsToPlace, choice: BinChoice, units: Decimal) -> Suggestion:
    empty = {
        "A": "empty, and near the depot: it sells fast",
        "B": "empty, half-way: it sells sometimes",
        "C": "empty, and out of the way: it sells slowly",
        "": "empty, and the nearest: how fast it sells is not known yet",
    }
    reasons = (
        "its pick face, which has room",
        "the same lot stands there" if goods.lot else "the same product stands there",
        empty[goods.velocity],
        "the same product stands there",
        "shared with other goods: no bin is empty",
    )
    return Suggestion(bin_code=choice.code, units=units, reason=reasons[_kind(choice)])
