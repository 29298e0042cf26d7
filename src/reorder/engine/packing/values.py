"""What is packed, into what, and how it lies there. Lengths in millimetres, weights in grams."""

from dataclasses import dataclass
from itertools import permutations
from typing import Final

from reorder.kernel.errors import BadInput

# Length, width, height; also a corner.
Size = tuple[int, int, int]
# The longest side of a carton.
LONGEST_MM: Final = 15_000


class BadPacking(BadInput):
    """An item or a carton that cannot be meant."""

    code = "packing.bad"
    template = "{problem}"


@dataclass(frozen=True, slots=True)
class Item:
    """So many equal things. `upright`: its height stays up. `fragile`: nothing lies on it.

    Things of two `group`s that are kept apart travel in parcels of their own.
    """

    sku: str
    length_mm: int
    width_mm: int
    height_mm: int
    grams: int = 0
    units: int = 1
    upright: bool = False
    fragile: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Carton:
    """A box by its inner size; `max_grams` of goods, None: as many as fit. `cost_minor` settles equal sizes."""

    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    max_grams: int | None = None
    cost_minor: int = 0

    @property
    def size(self) -> Size:
        """Length, width and height inside."""
        return (self.length_mm, self.width_mm, self.height_mm)

    @property
    def volume(self) -> int:
        """Cubic millimetres inside."""
        return self.length_mm * self.width_mm * self.height_mm


@dataclass(frozen=True, slots=True)
class Placement:
    """One thing in a carton: its corner nearest to the origin, and its size as it lies there."""

    sku: str
    x_mm: int
    y_mm: int
    z_mm: int
    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """A packed carton; placements stand in the order in which they are put in."""

    carton: Carton
    placements: tuple[Placement, ...]
    grams: int


@dataclass(frozen=True, slots=True)
class ParcelPlan:
    """Parcels, and what no carton holds."""

    parcels: tuple[Parcel, ...]
    unpackable: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to pack: the sizes it may lie in, each once."""

    number: int
    item: Item
    sizes: tuple[Size, ...]
    volume: int

    @classmethod
    def of(cls, *, number: int, item: Item) -> "Piece":
        """One unit of an item."""
        length, width, height = item.length_mm, item.width_mm, item.height_mm
        turned: list[Size] = (
            [(length, width, height), (width, length, height)]
            if item.upright
            else sorted(((a, b, c) for a, b, c in permutations((length, width, height))), key=lambda size: size[2])
        )
        return cls(number=number, item=item, sizes=tuple(dict.fromkeys(turned)), volume=length * width * height)

    def fits(self, carton: Carton) -> bool:
        """Whether it alone goes into the carton."""
        if max(carton.size) > LONGEST_MM:
            raise BadPacking(problem=f"carton {carton.code} has a side above {LONGEST_MM} mm")
        if carton.max_grams is not None and self.item.grams > carton.max_grams:
            return False
        return any(all(mine <= inner for mine, inner in zip(size, carton.size, strict=True)) for size in self.sizes)


# A piece in a carton: its number, corner and size.
Placed = tuple[int, Size, Size]


def refuse_bad(*, items: "list[Item]", cartons: "list[Carton]") -> None:
    """Raise BadPacking for sizes, weights and numbers that cannot be meant."""
    for item in items:
        if min(item.length_mm, item.width_mm, item.height_mm) <= 0:
            raise BadPacking(problem=f"{item.sku} has no size: every side must be more than 0 mm")
        if item.grams < 0 or item.units < 0:
            raise BadPacking(problem=f"{item.sku} weighs {item.grams} g, {item.units} units: neither may be below 0")
    for carton in cartons:
        if min(carton.size) <= 0:
            raise BadPacking(problem=f"carton {carton.code} has no size: every side must be more than 0 mm")
        if max(carton.size) > LONGEST_MM:
            raise BadPacking(problem=f"carton {carton.code} has a side above {LONGEST_MM} mm")
        if carton.max_grams is not None and carton.max_grams < 0:
            raise BadPacking(problem=f"carton {carton.code} holds {carton.max_grams} g: that may not be below 0")
