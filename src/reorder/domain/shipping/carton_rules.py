"""What a carton of the catalogue is, and what cannot be one. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from reorder.domain.shipping.errors import BadCarton
from reorder.domain.shipping.rules import TEMPERATURES

MATERIALS: Final = ("carton", "insulated", "bag", "tube")
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
# As the engine of packing measures.
_LONGEST_MM: Final = 5_000
_HEAVIEST_GRAMS: Final = 2_000_000
_DEAREST_MINOR: Final = 10**9
# What corrugated board adds to each side where nobody measured the outside.
_BOARD_MM: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CartonRow:
    """A kind of box: inside and outside in millimetres, own weight and most goods in grams, cost in minor units.

    `place_code` empty: it is at hand everywhere.
    """

    code: str
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    outer_length_mm: int
    outer_width_mm: int
    outer_height_mm: int
    own_grams: int = 0
    max_grams: int | None = None
    cost_minor: int = 0
    temperature_classes: tuple[str, ...] = ("ambient",)
    place_code: str = ""
    material: str = "carton"
    is_active: bool = True

    @property
    def inner_mm3(self) -> int:
        """Volume inside."""
        return self.length_mm * self.width_mm * self.height_mm

    @property
    def outer_mm3(self) -> int:
        """Volume that a carrier sees."""
        return self.outer_length_mm * self.outer_width_mm * self.outer_height_mm


def outer_side(*, inner_mm: int) -> int:
    """The outside of a side whose outside nobody measured."""
    return inner_mm + _BOARD_MM


def refuse_bad_carton(*, carton: CartonRow) -> None:
    """Raises BadCarton with the first thing that is wrong."""
    inner = (carton.length_mm, carton.width_mm, carton.height_mm)
    outer = (carton.outer_length_mm, carton.outer_width_mm, carton.outer_height_mm)
    most = carton.max_grams
    reasons = (
        (_CODE.fullmatch(carton.code) is None, "a code has 1 to 40 letters, digits, dots, hyphens or underscores"),
        (not 0 < len(carton.name.strip()) <= 200 or "\x00" in carton.name, "a name has 1 to 200 characters"),
        (min(inner) <= 0, "every side inside must be above 0 mm"),
        (max(outer) > _LONGEST_MM, "no side may be above 5,000 mm"),
        (any(out < within for out, within in zip(outer, inner, strict=True)), "the outside is smaller than the inside"),
        (not 0 <= carton.own_grams <= _HEAVIEST_GRAMS, "its own weight must be 0 to 2,000,000 g"),
        (most is not None and not 0 < most <= _HEAVIEST_GRAMS, "the most goods must be 1 to 2,000,000 g"),
        (not 0 <= carton.cost_minor <= _DEAREST_MINOR, "the cost must not be negative"),
        (not carton.temperature_classes, "choose at least one temperature"),
        (not set(carton.temperature_classes) <= set(TEMPERATURES), "choose temperatures"),
        (carton.material not in MATERIALS, "choose what it is made of"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadCarton(carton=carton.code or "–", reason=reason)
