"""What goes around the goods: filling for the empty room, wrapping for what breaks, ice for what must stay cold. Pure.

Rules of thumb, shown as suggestions: a packer sees what is needed. Weights count into what the parcel should weigh.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Room that is left for ice on top of the goods.
ICE_LAYER_MM: Final = 25
# Wrapping on each side of a fragile thing.
WRAP_MM: Final = 5
_MM3_A_LITRE: Final = 1_000_000
_LEAST_VOID_SHARE: Final = 0.08
_MOST_PAPER_LITRES: Final = 6
_HEAVY_GRAMS: Final = 5_000
_GRAMS_A_LITRE: Final = {"paper": 20, "air_cushions": 2}
_WRAP_GRAMS: Final = 15
_ICE_GRAMS: Final = 400
# Litres that one pack keeps cold until the next day: warm months, cold months.
_LITRES_A_PACK: Final = {"chilled": (5, 9), "frozen": (3, 4)}
_WARM_MONTHS: Final = range(5, 11)
# What is said of each material, for who translates it.
FILLING_TEMPLATES: Final = {
    "paper": "{amount} l of paper",
    "air_cushions": "{amount} l of air cushions",
    "bubble_wrap": "bubble wrap around {amount}",
    "ice_packs": "{amount} ice packs",
    "dry_ice": "{amount} packs of dry ice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """So much of a material: `amount` litres of filling, else pieces; `grams` what it adds, about."""

    material: str
    amount: int
    unit: str
    grams: int


def suggest_filling(
    *,
    inner_mm3: int,
    goods_mm3: int,
    goods_grams: int,
    fragile_count: int,
    temperature_class: str,
    month: int,
) -> list[Filling]:
    """Wrapping, ice and filling for a parcel; `month` (1 to 12) of the day on which it leaves."""
    made: list[Filling] = []
    if fragile_count:
        made.append(
            Filling(material="bubble_wrap", amount=fragile_count, unit="pieces", grams=fragile_count * _WRAP_GRAMS)
        )
    ice = _ice(temperature_class=temperature_class, inner_mm3=inner_mm3, month=month)
    if ice:
        made.append(ice)
    void = inner_mm3 - goods_mm3
    if void > inner_mm3 * _LEAST_VOID_SHARE:
        litres = max(math.ceil(void / _MM3_A_LITRE), 1)
        # Heavy goods press air cushions flat; a large room takes much paper.
        heavy = goods_grams >= _HEAVY_GRAMS
        material = "paper" if heavy or litres <= _MOST_PAPER_LITRES else "air_cushions"
        made.append(Filling(material=material, amount=litres, unit="litres", grams=litres * _GRAMS_A_LITRE[material]))
    return made


def total_grams(*, fillings: Sequence[Filling]) -> int:
    """What all of it adds to a parcel, about."""
    return sum(one.grams for one in fillings)


def _ice(*, temperature_class: str, inner_mm3: int, month: int) -> Filling | None:
    litres = _LITRES_A_PACK.get(temperature_class)
    if litres is None:
        return None
    each = litres[0] if month in _WARM_MONTHS else litres[1]
    count = max(math.ceil(inner_mm3 / _MM3_A_LITRE / each), 1)
    material = "ice_packs" if temperature_class == "chilled" else "dry_ice"
    return Filling(material=material, amount=count, unit="pieces", grams=count * _ICE_GRAMS)
