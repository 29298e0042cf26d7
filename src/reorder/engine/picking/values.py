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
    template = "This floor plan cannot be walked."


class CrossAislesCount(BadLayout):
    """Too few cross-aisles, or more than the sweep can hold."""

    code = "picking.cross_aisles_count"
    template = "A floor plan has 2 to {most} cross-aisles; this one has {count}."


class CrossAislesNotRising(BadLayout):
    """Cross-aisles out of order, or two at one position."""

    code = "picking.cross_aisles_not_rising"
    template = "Give the positions of the cross-aisles in rising order, each once: {first} is not before {second}."


class NotFinite(BadLayout):
    """A position that is no number."""

    code = "picking.not_finite"
    template = "A position of the floor plan is {value}, which is not a finite number."


class PitchNotPositive(BadLayout):
    """Aisles on top of each other."""

    code = "picking.pitch_not_positive"
    template = "Aisles are {pitch} apart; the distance must be more than 0."


class BinNowhere(BadLayout):
    """A bin that no position can be found for."""

    code = "picking.bin_nowhere"
    template = "A bin of aisle {aisle} lies at {at}, which is not a finite number."


class UnknownPoint(BadLayout):
    """A way, a bin or the depot names a point that the floor plan does not have."""

    code = "picking.unknown_point"
    template = "The floor plan has no point {point}."


class WayNotPositive(BadLayout):
    """A way with no length, or one to where it begins."""

    code = "picking.way_not_positive"
    template = "The way from {start} to {end} is {length} long; it must join two points and be more than 0."


class NoWay(BadLayout):
    """A point that cannot be reached from the depot, or from which nobody comes back."""

    code = "picking.no_way"
    template = "There is no way from the depot to {point} and back. Add one, or change the one-way aisles."


class BadBatching(BadInput):
    """Orders that no batch can be made of."""

    code = "picking.bad_batching"
    template = "Order {order} cannot be batched."


class NoUnits(BadBatching):
    """An order whose size was not given."""

    code = "picking.no_units"
    template = "It is not known how many units order {order} is."


class CartTooSmall(BadBatching):
    """An order that no cart holds, or one below nothing."""

    code = "picking.cart_too_small"
    template = "Order {order} is {units} units; a cart holds 0 to {capacity}."


class NotEnoughInBins(BadInput):
    """Bins that together hold less than is needed."""

    code = "picking.not_enough_in_bins"
    template = "Bins hold {there} units of {sku}; {wanted} are needed."


@dataclass(frozen=True, slots=True)
class Bin:
    """A place to pick from: the number of its aisle, and how far along the aisle it lies (units of the layout).

    In a graph it lies at a point; aisle and position then say nothing.
    """

    aisle: int
    at: float
    point: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AisleLayout:
    """Parallel aisles so many units apart, joined by cross-aisles at these positions along them.

    The walk begins and ends at the depot. Bins and depot may lie beyond the outer cross-aisles: in dead ends. Aisles in
    `one_way` are walked in that direction only: (aisle, True) towards higher positions, (aisle, False) towards lower.
    """

    aisle_pitch: float
    cross_aisles: tuple[float, ...]
    depot_aisle: int
    depot_at: float
    one_way: tuple[tuple[int, bool], ...] = ()

    def __post_init__(self) -> None:
        """Raise BadLayout for what is no layout."""
        cross = self.cross_aisles
        if not 2 <= len(cross) <= MOST_CROSS_AISLES:
            raise CrossAislesCount(count=len(cross), most=MOST_CROSS_AISLES)
        for value in (*cross, self.aisle_pitch, self.depot_at):
            if not isfinite(value):
                raise NotFinite(value=value)
        for low, high in pairwise(cross):
            if low >= high:
                raise CrossAislesNotRising(first=low, second=high)
        if self.aisle_pitch <= 0:
            raise PitchNotPositive(pitch=self.aisle_pitch)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphLayout:
    """A warehouse of any shape: points, and ways between them as (from, to, length, whether it is one-way).

    The walk begins and ends at the depot's point; bins lie at points.
    """

    points: tuple[str, ...]
    ways: tuple[tuple[str, str, float, bool], ...]
    depot_point: str

    def __post_init__(self) -> None:
        """Raise BadLayout for what is no layout."""
        known = set(self.points)
        for start, end, length, _ in self.ways:
            for point in (start, end):
                if point not in known:
                    raise UnknownPoint(point=point)
            if start == end or not isfinite(length) or length <= 0:
                raise WayNotPositive(start=start, end=end, length=length)
        if self.depot_point not in known:
            raise UnknownPoint(point=self.depot_point)

    @property
    def depot(self) -> Bin:
        """Where walks begin and end."""
        return Bin(aisle=0, at=0.0, point=self.depot_point)


Layout = AisleLayout | GraphLayout


@dataclass(frozen=True, slots=True)
class Walk:
    """Bins in walking order, without the depot, and the length with the way out and back."""

    stops: tuple[Bin, ...]
    length: float


def refuse_bad_bins(*, bins: Sequence[Bin]) -> None:
    """Raise BadLayout for a bin that is nowhere."""
    for each in bins:
        if not isfinite(each.at):
            raise BinNowhere(aisle=each.aisle, at=each.at)
