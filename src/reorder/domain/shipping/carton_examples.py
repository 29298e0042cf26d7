"""An example catalogue of cartons, loaded on demand; sizes are usual ones, prices are round examples in TWD."""

from typing import Final

from reorder.domain.shipping.carton_rules import CartonRow, outer_side
from reorder.domain.shipping.cartons import list_cartons, take_cartons
from reorder.domain.shipping.errors import BadCarton
from reorder.domain.shipping.operations import shop_currency

CURRENCY: Final = "TWD"
# Code, English and Chinese name, inside in mm, own grams, most goods in grams, cost in minor units.
_BOXES: Final = (
    ("BOX-1", "Carton 1 號", (230, 140, 130), 120, 5_000, 900),
    ("BOX-2", "Carton 2 號", (230, 180, 190), 180, 8_000, 1_200),
    ("BOX-3", "Carton 3 號", (310, 220, 180), 260, 10_000, 1_600),
    ("BOX-4", "Carton 4 號", (390, 270, 230), 420, 15_000, 2_400),
    ("BOX-5", "Carton 5 號", (450, 330, 300), 620, 20_000, 3_400),
    ("BOX-FLAT", "Flat carton 扁箱", (330, 240, 60), 160, 5_000, 1_100),
)
_COLD: Final = ("COOL-1", "Insulated box 保冷箱", (300, 220, 200), 480, 8_000, 4_500)


def load_example(*, decided_by: str) -> int:
    """Load the example into a shop without cartons; how many. Raises BadCarton."""
    if shop_currency() != CURRENCY:
        raise BadCarton(carton="–", reason="the example counts in TWD, and the shop in another currency")
    if list_cartons():
        raise BadCarton(carton="–", reason="the shop has cartons of its own already")
    return take_cartons(cartons=example_cartons(), decided_by=decided_by)


def example_cartons() -> list[CartonRow]:
    """The example: six boxes, and an insulated one for what must stay cold."""
    cold = _row(*_COLD, temperature_classes=("chilled", "frozen"), material="insulated")
    return [*(_row(*one) for one in _BOXES), cold]


def _row(
    code: str,
    name: str,
    inside: tuple[int, int, int],
    own_grams: int,
    max_grams: int,
    cost_minor: int,
    *,
    temperature_classes: tuple[str, ...] = ("ambient",),
    material: str = "carton",
) -> CartonRow:
    length, width, height = inside
    return CartonRow(
        code=code,
        name=name,
        length_mm=length,
        width_mm=width,
        height_mm=height,
        outer_length_mm=outer_side(inner_mm=length),
        outer_width_mm=outer_side(inner_mm=width),
        outer_height_mm=outer_side(inner_mm=height),
        own_grams=own_grams,
        max_grams=max_grams,
        cost_minor=cost_minor,
        temperature_classes=temperature_classes,
        material=material,
    )
