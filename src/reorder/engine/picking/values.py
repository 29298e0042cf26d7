"""What a walk is planned from, and what it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Final

from reorder.kernel.errors import BadInput

# Each cross-aisle more multiplies the states of the sweep by about five.
MOST_CROSS_AISLES: Final = 6


class BadLayout(BadInput):
    """A layout or a bin that no walk can be planned for."""

    code = "picking.bad_layout"
    template = "{problem}"


class BadBatching(BadInput):
    """Orders that no batch can be made of."""

    code = "picking.bad_batching"
    template = "{problem}"


@dataclass(frozen=True, slots=True)
class Bin:
    """A place to pick from: the number of its aisle, and how far along the aisle it lies (units of the layout)."""

    aisle: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AisleLayout:
    """Parallel aisles so many units apart, joined by cross-aisles at these positions along them.

    The walk begins and ends at the depot. Bins and depot may lie beyond the outer cross-aisles: in dead ends.
    """

    aisle_pitch: float
    cross_aisles: tuple[float, ...]
    depot_aisle: int
    depot_at: float

    def __post_init__(self) -> None:
        """Raise BadLayout for what is no layout."""
        cross = self.cross_aisles
        if not 2 <= len(cross) <= MOST_CROSS_AISLES:
            raise BadLayout(problem=f"there are {len(cross)} cross-aisles; 2 to {MOST_CROSS_AISLES} can be planned")
        if any(not isfinite(each) for each in (*cross, self.aisle_pitch, self.depot_at)):
            raise BadLayout(problem="a position is not a finite number")
        if any(low >= high for low, high in pairwise(cross)):
            raise BadLayout(problem="cross-aisles must be given in rising order")
        if self.aisle_pitch <= 0:
            raise BadLayout(problem=f"aisles are {self.aisle_pitch} apart; the distance must be more than 0")

    @property
    def depot(self) -> Bin:
        """Where walks begin and end."""
        return Bin(aisle=self.depot_aisle, at=self.depot_at)

    def distance(self, one: Bin, other: Bin) -> float:
        """The shortest way between two points."""
        if one.aisle == other.aisle:
            return abs(one.at - other.at)
        along = min(abs(one.at - each) + abs(other.at - each) for each in self.cross_aisles)
        return abs(one.aisle - other.aisle) * self.aisle_pitch + along


@dataclass(frozen=True, slots=True)
class Walk:
    """Bins in walking order, without the depot, and the length with the way out and back."""

    stops: tuple[Bin, ...]
    length: float


def refuse_bad_bins(*, bins: Sequence[Bin]) -> None:
    """Raise BadLayout for a bin that is nowhere."""
    for each in bins:
        if not isfinite(each.at):
            raise BadLayout(problem=f"a bin of aisle {each.aisle} lies at {each.at}, which is not a finite number")
