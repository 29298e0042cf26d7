"""A whole wave: first come, first served exactly, then prices of scarce stock and destroy-and-repair.

Never dearer than first-come. Rounds are counted, not timed: the same seed gives the same plan unless the clock ends the
search early, and then the plan says so.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from reorder.engine.routing.cases import HAIR, Case, Left, Prepared, cost_of
from reorder.engine.routing.prices import Priced, Prices, price_stock
from reorder.engine.routing.single import route_one
from reorder.engine.routing.subsets import MOST_LINES, MOST_PLACES, WAITS, Floats, Whole

# Work is counted in lines routed: so many a second are done on a slow core, and are planned for.
LINES_A_SECOND = 18_000
PRICE_ROUNDS_A_SECOND = 24.0
# Share of the budget at which the clock ends each stage.
PRICING_SHARE, SEARCHING_SHARE = 0.45, 0.9
LEAST_GAIN = 1e-9
LEAST_TAKEN, MOST_TAKEN, RIVALS_EACH = 2, 6, 3
ANY_SKU = -1
# While orders are put back, scarce stock costs this share of its price, drawn anew each time.
SHARES = (0.6, 1.0)
# Dearer rounds are accepted while the search is hot: up to this share of an order's mean cost.
HEAT_SHARE = 0.03


@dataclass(frozen=True, slots=True)
class Routed:
    """The place of every line of every order, what it costs, the bound, and whether the clock ended the search."""

    chosen: tuple[Whole, ...]
    cost: float
    bound: float
    is_cut_short: bool


def route_first_come(*, case: Case) -> list[Whole]:
    """Each order exactly, in the order of the wave, from what those before it left."""
    left = Left.of(case)
    return _fill(case=case, left=left, sequence=range(len(case.orders)), prices=None)


def route_wave(*, case: Case, budget_seconds: float, seed: int, started: float) -> Routed:
    """The best plan found within the budget, counted from `started` (time.perf_counter)."""
    chosen = route_first_come(case=case)
    costs = _costs(case=case, chosen=chosen)
    alone = costs if len(case.orders) == 1 else _costs_alone(case=case)
    floor = float(alone.sum())
    if costs.sum() <= floor + LEAST_GAIN:
        # Nothing that is scarce was wanted twice: first come is the best there is.
        cost = float(costs.sum())
        return Routed(tuple(chosen), cost, min(floor, cost), is_cut_short=False)
    priced = _price(case=case, best_cost=float(costs.sum()), floor=floor, budget=budget_seconds, started=started)
    ways = [chosen]
    for sequence in _sequences(case=case, costs=costs, alone=alone):
        if perf_counter() - started > PRICING_SHARE * budget_seconds + 0.1 * budget_seconds:
            break
        ways.append(_fill(case=case, left=Left.of(case), sequence=sequence, prices=priced.prices))
    best = min(ways, key=lambda way: _costs(case=case, chosen=way).sum())
    search = _Search(case=case, chosen=best, alone=alone, prices=priced.prices, dice=np.random.default_rng(seed))
    is_cut = search.run(
        lines_budget=int(LINES_A_SECOND * budget_seconds),
        is_late=lambda: perf_counter() - started > SEARCHING_SHARE * budget_seconds,
        bound=priced.bound,
    )
    return Routed(
        tuple(search.best), search.best_cost, min(priced.bound, search.best_cost), priced.is_cut_short or is_cut
    )


def _price(*, case: Case, best_cost: float, floor: float, budget: float, started: float) -> Priced:
    nothing = Prices(np.zeros_like(case.stock), np.zeros(len(case.places)), np.zeros(len(case.places)))
    if any(each.lines_count > MOST_LINES for each in case.orders) and len(case.places) > MOST_PLACES:
        return Priced(nothing, floor, is_cut_short=False)
    priced = price_stock(
        case=case,
        best_cost=best_cost,
        rounds=max(1, int(PRICE_ROUNDS_A_SECOND * budget)),
        is_late=lambda: perf_counter() - started > PRICING_SHARE * budget,
    )
    return priced if priced.bound > floor else Priced(priced.prices, floor, priced.is_cut_short)


def _sequences(*, case: Case, costs: Floats, alone: Floats) -> list[list[int]]:
    """Orders in which the wave is filled anew: those that first-come hurt most, then as they came, then the longest."""
    every = range(len(case.orders))
    return [
        sorted(every, key=lambda number: (alone[number] - costs[number], number)),
        list(every),
        sorted(every, key=lambda number: (-case.orders[number].lines_count, number)),
    ]


def _fill(*, case: Case, left: Left, sequence: "list[int] | range", prices: Prices | None) -> list[Whole]:
    chosen: list[Whole] = [np.empty(0, dtype=np.int64)] * len(case.orders)
    a_unit = None if prices is None else prices.a_unit
    an_order = None if prices is None else prices.orders
    for number in sequence:
        prepared = case.orders[number]
        way = route_one(case=case, prepared=prepared, left=left, prices=a_unit, order_prices=an_order)
        left.take(prepared=prepared, chosen=way)
        chosen[number] = way
    return chosen


def _costs(*, case: Case, chosen: list[Whole]) -> Floats:
    waiting = case.backorder_cost
    return np.array(
        [
            cost_of(prepared=prepared, chosen=way, backorder_cost=waiting)
            for prepared, way in zip(case.orders, chosen, strict=True)
        ]
    )


def _costs_alone(*, case: Case) -> Floats:
    """What each order would cost if it were the only one: no plan is cheaper than their sum."""
    left = Left.of(case)
    return _costs(case=case, chosen=[route_one(case=case, prepared=each, left=left) for each in case.orders])


class _Search:
    """Takes a few orders that contend for stock out of the plan and puts them back in another order."""

    def __init__(
        self, *, case: Case, chosen: list[Whole], alone: Floats, prices: Prices, dice: np.random.Generator
    ) -> None:
        self.case, self.alone, self.dice = case, alone, dice
        self.a_unit, self.an_order = prices.a_unit, prices.orders
        self.chosen = list(chosen)
        self.costs = _costs(case=case, chosen=self.chosen)
        self.best, self.best_cost = list(self.chosen), float(self.costs.sum())
        self.left = Left.of(case)
        for prepared, way in zip(case.orders, self.chosen, strict=True):
            self.left.take(prepared=prepared, chosen=way)
        self.rivals = _Rivals(case=case)
        for number, way in enumerate(self.chosen):
            self.rivals.note(number=number, chosen=way)

    def run(self, *, lines_budget: int, is_late: Callable[[], bool], bound: float) -> bool:
        """Search until so many lines have been routed again; True when the clock ended it before."""
        spent, heat = 0, HEAT_SHARE * self.best_cost / len(self.case.orders)
        while spent < lines_budget and self.best_cost > bound + 1e-6 * abs(bound):
            if is_late():
                return True
            taken = self._choose_orders()
            if not taken:
                return False
            spent += self._try(taken=taken, heat=heat * (1 - spent / lines_budget))
        return False

    def _choose_orders(self) -> list[int]:
        """An order that pays for others, and some that hold what it would rather have, and what those would."""
        regret = np.maximum(self.costs - self.alone, 0.0).cumsum()
        if regret[-1] <= LEAST_GAIN:
            return []
        taken = [int(regret.searchsorted(self.dice.random() * regret[-1], side="right"))]
        count = int(self.dice.integers(LEAST_TAKEN, MOST_TAKEN + 1))
        for number in taken:
            for rival in self.rivals.of(number, dice=self.dice, count=RIVALS_EACH):
                if rival not in taken:
                    taken.append(rival)
            if len(taken) >= count:
                break
        return taken

    def _try(self, *, taken: list[int], heat: float) -> int:
        """Route the orders anew; keep that when it is cheaper or the search is hot enough. Returns lines routed."""
        before = [self.chosen[number] for number in taken]
        old = float(self.costs[taken].sum())
        for number, way in zip(taken, before, strict=True):
            self.left.take(prepared=self.case.orders[number], chosen=way, sign=1.0)
        share = float(self.dice.uniform(*SHARES))
        after, sequence = {}, [taken[0], *self.dice.permutation(taken[1:]).tolist()]
        for number in sequence:
            prepared = self.case.orders[number]
            after[number] = route_one(
                case=self.case,
                prepared=prepared,
                left=self.left,
                prices=share * self.a_unit,
                order_prices=share * self.an_order,
            )
            self.left.take(prepared=prepared, chosen=after[number])
        waiting = self.case.backorder_cost
        new = {n: cost_of(prepared=self.case.orders[n], chosen=w, backorder_cost=waiting) for n, w in after.items()}
        gain = old - sum(new.values())
        if gain >= 0 or self.dice.random() < np.exp(gain / max(heat, 1e-12)):
            self._keep(after=after, costs=new)
        else:
            self._undo(taken=taken, before=before, after=after)
        return sum(self.case.orders[number].lines_count for number in taken)

    def _keep(self, *, after: dict[int, Whole], costs: dict[int, float]) -> None:
        for number, way in after.items():
            self.rivals.forget(number=number, chosen=self.chosen[number])
            self.rivals.note(number=number, chosen=way)
            self.chosen[number] = way
            self.costs[number] = costs[number]
        total = float(self.costs.sum())
        if total < self.best_cost - LEAST_GAIN:
            self.best, self.best_cost = list(self.chosen), total

    def _undo(self, *, taken: list[int], before: list[Whole], after: dict[int, Whole]) -> None:
        for number in taken:
            self.left.take(prepared=self.case.orders[number], chosen=after[number], sign=1.0)
        for number, way in zip(taken, before, strict=True):
            self.left.take(prepared=self.case.orders[number], chosen=way)


class _Rivals:
    """Who holds which scarce stock at the moment: whom an order would have to push out."""

    def __init__(self, *, case: Case) -> None:
        self.orders = case.orders
        wanted = np.zeros(case.stock.shape[1])
        for prepared in case.orders:
            np.add.at(wanted, prepared.skus, prepared.units)
        # Stock, or room for a parcel or for units (SKU -1), of which a place may have too little for all who want it.
        self.scarce = case.stock < wanted - HAIR
        limited = np.isfinite(case.order_capacity) | np.isfinite(case.unit_capacity)
        self.limited = np.flatnonzero(limited).tolist()
        self.holders: dict[tuple[int, int], dict[int, None]] = defaultdict(dict)
        self.contended = [self._contended(prepared=prepared) for prepared in case.orders]

    def _contended(self, *, prepared: Prepared) -> list[tuple[int, int]]:
        """The scarce stock that an order could use."""
        pairs = [
            (int(place), sku)
            for line, sku in enumerate(prepared.sku_list)
            for place in np.flatnonzero(self.scarce[:, sku] & np.isfinite(prepared.cost[:, line])).tolist()
        ]
        return pairs + [(place, ANY_SKU) for place in self.limited if np.isfinite(prepared.fixed[place])]

    def note(self, *, number: int, chosen: Whole) -> None:
        """An order now holds what it was given."""
        for pair in self._held(number=number, chosen=chosen):
            self.holders[pair][number] = None

    def forget(self, *, number: int, chosen: Whole) -> None:
        """An order gave back what it held."""
        for pair in self._held(number=number, chosen=chosen):
            self.holders[pair].pop(number, None)

    def _held(self, *, number: int, chosen: Whole) -> list[tuple[int, int]]:
        places = chosen.tolist()
        pairs = [
            (place, sku) for place, sku in zip(places, self.orders[number].sku_list, strict=True) if place != WAITS
        ]
        return pairs + [(place, ANY_SKU) for place in self.limited if place in places]

    def of(self, number: int, *, dice: np.random.Generator, count: int) -> list[int]:
        """So many others that hold stock which this order could use, drawn stock by stock."""
        pairs = [pair for pair in self.contended[number] if self.holders[pair]]
        found: list[int] = []
        for _ in range(count if pairs else 0):
            holders = list(self.holders[pairs[int(dice.random() * len(pairs))]])
            found.append(holders[int(dice.random() * len(holders))])
        return found
