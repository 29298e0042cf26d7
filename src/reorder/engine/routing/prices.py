"""Stock prices: what a unit of scarce stock is worth to the wave, and below which cost no plan can come.

Lagrangian relaxation: stock and capacity may be overdrawn at a price a unit; then every order is best on its own, and
the sum of their costs less the priced stock is a lower bound. Prices rise where more is wanted than there is. Each step
keeps most of the direction of the one before, and gaps are measured against what is wanted of a SKU: with few popular
SKUs and many rare ones that needs a third of the rounds.
Source: Fisher, The Lagrangian relaxation method for solving integer programming problems, Management Science 27 (1981);
Camerini, Fratta, Maffioli, On improving relaxation methods by modified gradient techniques, Math. Prog. Study 3 (1975).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reorder.engine.routing.cases import Case, Prepared
from reorder.engine.routing.subsets import (
    MOST_LINES,
    WAITS,
    Floats,
    Whole,
    cheaper_by_places,
    route_by_lines,
    route_by_places,
)

# A step is this share of the way to the best known cost; it shrinks when the bound stops rising.
FIRST_STEP, SHRINK, PATIENCE, LEAST_STEP, MOMENTUM = 1.0, 0.6, 4, 0.001, 0.7
# A SKU of which the whole wave wants more than there is starts at this share of what a waiting line costs.
SHORT_START_SHARE = 0.5
# So many numbers a table holds at once.
CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a unit [places, SKUs], of an order a place [places] and of a unit of a place's day [places]."""

    stock: Floats
    orders: Floats
    units: Floats

    @property
    def parts(self) -> tuple[Floats, Floats, Floats]:
        """The three tables."""
        return self.stock, self.orders, self.units

    def moved(self, *, heading: tuple[Floats, ...], stride: float) -> "Prices":
        """The prices a stride further; none falls below nothing."""
        return Prices(*(np.maximum(old + stride * way, 0.0) for old, way in zip(self.parts, heading, strict=True)))

    @property
    def a_unit(self) -> Floats:
        """What a unit of each SKU costs at each place, stock and capacity together."""
        return self.stock + self.units[:, None]


@dataclass(frozen=True, slots=True)
class Priced:
    """The best prices found and the bound that they prove; `is_cut_short`: the clock ended the search for them."""

    prices: Prices
    bound: float
    is_cut_short: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """Orders that are solved together: the same number of lines, split penalty and limit on places."""

    fixed: Floats
    cost: Floats
    skus: Whole
    units: Floats
    penalty: float
    most: int


def price_stock(*, case: Case, best_cost: float, rounds: int, is_late: Callable[[], bool]) -> Priced:
    """Prices after at most so many rounds, or fewer when the bound meets `best_cost` or the clock says so."""
    groups, scarce = _groups(case=case), _Scarce.of(case)
    prices = scarce.first_prices(waiting=case.backorder_cost)
    best, bound, step, idle = prices, 0.0, FIRST_STEP, 0
    heading: tuple[Floats, ...] = tuple(np.zeros_like(part) for part in prices.parts)
    for _ in range(rounds):
        value, used = _relaxed(groups=groups, prices=prices, case=case)
        value -= scarce.worth(prices)
        idle = 0 if value > bound + 1e-6 * best_cost else idle + 1
        if idle == 0:
            best, bound = prices, value
        if bound >= best_cost * (1 - 1e-6) or step < LEAST_STEP:
            break
        if is_late():
            return Priced(best, bound, is_cut_short=True)
        if idle >= PATIENCE:
            prices, step, idle = best, step * SHRINK, 0
            heading = tuple(0.0 * part for part in heading)
            continue
        heading = scarce.head(used=used, prices=prices, before=heading)
        length = sum(float((part * part).sum()) for part in heading)
        if length == 0:
            break
        stride = step * max(best_cost - value, 1e-3 * best_cost) / length
        prices = prices.moved(heading=heading, stride=stride)
    return Priced(best, bound, is_cut_short=False)


@dataclass(frozen=True, slots=True)
class _Scarce:
    """Stock and capacity with those that have no limit left out of every sum, and how much is wanted of each."""

    amounts: tuple[Floats, ...]
    limited: tuple[Floats, ...]
    wanted: tuple[Floats, ...]

    @classmethod
    def of(cls, case: Case) -> "_Scarce":
        """Of a wave."""
        amounts = (case.stock, case.order_capacity, case.unit_capacity)
        wanted = np.zeros(case.stock.shape[1])
        for prepared in case.orders:
            np.add.at(wanted, prepared.skus, prepared.units)
        places = np.ones(len(case.places))
        return cls(
            amounts=tuple(np.where(np.isfinite(amount), amount, 0.0) for amount in amounts),
            limited=tuple(np.isfinite(amount) * 1.0 for amount in amounts),
            wanted=(np.maximum(wanted, 1.0), places * len(case.orders), places * max(wanted.sum(), 1.0)),
        )

    def first_prices(self, *, waiting: float) -> Prices:
        """Only what is short in the whole wave has a price before the first round."""
        short = self.amounts[0].sum(axis=0) < self.wanted[0]
        nothing = np.zeros(len(self.amounts[1]))
        start = np.where(short, SHORT_START_SHARE * waiting, 0.0)
        return Prices(np.tile(start, (len(nothing), 1)), nothing, nothing)

    def worth(self, prices: Prices) -> float:
        """The priced stock."""
        return sum(float((price * amount).sum()) for price, amount in zip(prices.parts, self.amounts, strict=True))

    def head(self, *, used: Prices, prices: Prices, before: tuple[Floats, ...]) -> tuple[Floats, ...]:
        """Where the prices move next: shares wanted too much, where that may move a price, and the way they went."""
        found = []
        for number, price in enumerate(prices.parts):
            gap = (used.parts[number] - self.amounts[number]) * self.limited[number] / self.wanted[number]
            way = MOMENTUM * before[number] + np.where((gap < 0) & (price <= 0), 0.0, gap)
            found.append(np.where((way < 0) & (price <= 0), 0.0, way))
        return tuple(found)


def _groups(*, case: Case) -> list[_Group]:
    """Orders by shape; a line that nowhere has enough for is impossible there already now."""
    shapes: dict[tuple[int, float, int], list[Prepared]] = defaultdict(list)
    for prepared in case.orders:
        shapes[prepared.lines_count, prepared.order.split_penalty, prepared.most].append(prepared)
    groups = []
    for (lines, penalty, most), members in sorted(shapes.items(), key=lambda pair: pair[0]):
        places = len(case.places)
        table = 1 << places if cheaper_by_places(places=places, lines=lines) else places * 3 ** min(lines, MOST_LINES)
        size = max(1, CHUNK // (table * lines))
        groups += [
            _group(case=case, members=members[start : start + size], penalty=penalty, most=most)
            for start in range(0, len(members), size)
        ]
    return groups


def _group(*, case: Case, members: list[Prepared], penalty: float, most: int) -> _Group:
    skus = np.array([each.skus for each in members])
    units = np.array([each.units for each in members])
    possible = case.stock[:, skus].transpose(1, 0, 2) >= units[:, None, :]
    cost = np.where(possible, np.array([each.cost for each in members]), np.inf)
    fixed = np.where(case.order_capacity >= 1, np.array([each.fixed for each in members]), np.inf)
    return _Group(fixed=fixed, cost=cost, skus=skus, units=units, penalty=penalty, most=most)


def _relaxed(*, groups: list[_Group], prices: Prices, case: Case) -> tuple[float, Prices]:
    """The priced cost of all orders, each best on its own, and what they take together."""
    total = 0.0
    used = Prices(np.zeros_like(prices.stock), np.zeros_like(prices.orders), np.zeros_like(prices.units))
    a_unit = prices.a_unit
    for group in groups:
        cost = group.cost + a_unit[:, group.skus].transpose(1, 0, 2) * group.units[:, None, :]
        fixed = group.fixed + prices.orders
        chosen = _choose(fixed=fixed, cost=cost, group=group, waiting=case.backorder_cost)
        order, line = np.nonzero(chosen != WAITS)
        place = chosen[order, line]
        parcels = np.zeros(fixed.shape, dtype=bool)
        parcels[order, place] = True
        total += cost[order, place, line].sum() + fixed[parcels].sum()
        total += case.backorder_cost * (chosen.size - len(order))
        total += group.penalty * np.maximum(parcels.sum(axis=1) - 1, 0).sum()
        np.add.at(used.stock, (place, group.skus[order, line]), group.units[order, line])
        np.add.at(used.units, place, group.units[order, line])
        used.orders[:] += parcels.sum(axis=0)
    return float(total), used


def _choose(*, fixed: Floats, cost: Floats, group: _Group, waiting: float) -> Whole:
    _, places, lines = cost.shape
    route = route_by_places if cheaper_by_places(places=places, lines=lines) else route_by_lines
    return route(fixed=fixed, cost=cost, waiting=waiting, penalty=group.penalty, most=group.most)
