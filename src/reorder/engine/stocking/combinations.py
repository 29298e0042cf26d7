"""Ways to cover one need with packs of its suppliers: few, but the ones that some prices would choose."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations as choose

# Combinations kept a SKU besides the corner ones: the cheapest at average truck prices.
KEPT = 8
# A need of more packs than this is walked in steps: a pack more or less is then nothing.
MOST_STEPS = 400
# Whole packs of one supplier are tried up to this many beyond the least, to fill a minimum value.
EXTRA_PACKS = 2
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Rules:
    """A supplier's costs; `truck_volume` is infinite where trucks cost nothing."""

    minimum_value: float
    order_cost: float
    truck_cost: float
    truck_volume: float

    def trucks(self, *, volume: float) -> int:
        """Trucks begun for a volume."""
        return math.ceil(volume / self.truck_volume - SLACK) if self.truck_cost > 0 else 0

    def bill(self, *, value: float, volume: float, lines: int) -> float:
        """What an order costs beyond its goods; nothing without a line."""
        if lines == 0:
            return 0.0
        shortfall = max(self.minimum_value - value, 0.0)
        return self.order_cost + self.truck_cost * self.trucks(volume=volume) + shortfall

    @property
    def volume_rate(self) -> float:
        """Cost of a unit of volume in a full truck."""
        return self.truck_cost / self.truck_volume if self.truck_cost > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Pack:
    """An offer for one SKU: `least` packs of `units`; a spare unit is worth `spare`."""

    supplier: int
    units: float
    least: int
    price: float
    spare: float
    volume: float


@dataclass(frozen=True, slots=True)
class Part:
    """What one supplier delivers of one SKU, with its goods value and volume."""

    supplier: int
    packs: int
    units: float
    value: float
    volume: float


@dataclass(frozen=True, slots=True)
class Combination:
    """One way to cover a need: parts in supplier order, and goods less the worth of spare units."""

    parts: tuple[Part, ...]
    net: float


@dataclass(frozen=True, slots=True)
class Case:
    """A purchase by numbers: `combinations[sku]` are the ways to cover each need, the first the cheapest by itself."""

    skus: list[str]
    suppliers: list[str]
    rules: list[Rules]
    combinations: list[list[Combination]]


def list_combinations(*, need: float, packs: Sequence[Pack], rules: Sequence[Rules]) -> list[Combination]:
    """Ways to cover `need`, cheapest at average truck prices first; each offer alone is always among them.

    Of two suppliers together, those that lie on the lower hull of what is possible are kept: any prices choose one of
    them. Further ones are kept while they are cheap.
    """
    found: dict[tuple[tuple[int, int], ...], bool] = {}
    for position, pack in enumerate(packs):
        least = _least_packs(need=need, pack=pack)
        found[((position, least),)] = True
        limit = max(math.floor(2 * need / pack.units + SLACK), least)
        for count in range(least + 1, min(least + EXTRA_PACKS, limit) + 1):
            found.setdefault(((position, count),), False)
        if pack.price > 0:
            filling = math.ceil(rules[pack.supplier].minimum_value / (pack.price * pack.units) - SLACK)
            found.setdefault(((position, max(least, min(filling, limit))),), False)
    for pair in choose(range(len(packs)), 2):
        # Counting the larger packs names every useful pair: of the smaller ones the least that cover the rest are best.
        one, two = sorted(pair, key=lambda position: -packs[position].units)
        for key, is_corner in _pairs(need=need, packs=packs, one=one, two=two).items():
            found[key] = found.get(key, False) or is_corner
    made = [(_make(key=key, packs=packs, need=need), is_corner) for key, is_corner in found.items()]
    ranked = sorted(made, key=lambda each: (_price(combination=each[0], rules=rules), _order(each[0])))
    return [combination for number, (combination, is_corner) in enumerate(ranked) if number < KEPT or is_corner]


def _least_packs(*, need: float, pack: Pack) -> int:
    return max(pack.least, math.ceil(need / pack.units - SLACK))


def _pairs(*, need: float, packs: Sequence[Pack], one: int, two: int) -> dict[tuple[tuple[int, int], ...], bool]:
    """Some packs of `one`, the rest from `two`; True for corners of the lower hull with both alone as its ends."""
    first, second = packs[one], packs[two]
    most = _least_packs(need=need, pack=first)
    step = max((most - first.least) // MOST_STEPS, 1)
    points = [(0, _least_packs(need=need, pack=second))]
    for count in range(first.least, most, step):
        rest = need - count * first.units
        if rest > SLACK:
            points.append((count, max(second.least, math.ceil(rest / second.units - SLACK))))
    points.append((most, 0))
    corners = set(_lower_hull(points=points))
    return {tuple(sorted([(one, here), (two, there)])): (here, there) in corners for here, there in points[1:-1]}


def _lower_hull(*, points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Corners of the lower hull of points in rising first coordinate (Andrew's monotone chain)."""
    hull: list[tuple[int, int]] = []
    for here, there in points:
        while len(hull) >= 2:
            (x0, y0), (x1, y1) = hull[-2], hull[-1]
            if (x1 - x0) * (there - y0) - (y1 - y0) * (here - x0) > 0:
                break
            hull.pop()
        hull.append((here, there))
    return hull


def _make(*, key: tuple[tuple[int, int], ...], packs: Sequence[Pack], need: float) -> Combination:
    parts, units = [], 0.0
    for position, count in key:
        pack = packs[position]
        bought = count * pack.units
        units += bought
        parts.append(
            Part(
                supplier=pack.supplier,
                packs=count,
                units=bought,
                value=bought * pack.price,
                volume=bought * pack.volume,
            )
        )
    spare = max(units - need, 0.0) * packs[0].spare
    return Combination(parts=tuple(parts), net=sum(part.value for part in parts) - spare)


def _price(*, combination: Combination, rules: Sequence[Rules]) -> float:
    return combination.net + sum(rules[part.supplier].volume_rate * part.volume for part in combination.parts)


def _order(combination: Combination) -> tuple[tuple[int, int], ...]:
    return tuple((part.supplier, part.packs) for part in combination.parts)
