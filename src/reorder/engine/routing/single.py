"""The best way to serve one order from what is left: exact up to ten lines or twelve places, searched beyond."""

from functools import lru_cache

import numpy as np

from reorder.engine.routing.cases import HAIR, Case, Left, Prepared
from reorder.engine.routing.subsets import (
    MOST_CELLS,
    MOST_LINES,
    MOST_PLACES,
    WAITS,
    Flags,
    Floats,
    Whole,
    cheaper_by_places,
    line_subsets,
    route_by_lines,
    route_by_places,
)

# With so few places their subsets are faster tried than the places compared.
FEW_PLACES = 5


def route_one(
    *,
    case: Case,
    prepared: Prepared,
    left: Left,
    prices: Floats | None = None,
    order_prices: Floats | None = None,
) -> Whole:
    """The place of every line (WAITS: none) at least cost; `prices` [places, SKUs] are added for every unit."""
    cost = prepared.cost
    if prices is not None:
        cost = cost + prices[:, prepared.skus] * prepared.units
    free = left.stock[:, prepared.skus] >= prepared.units - HAIR
    fixed = prepared.fixed if order_prices is None else prepared.fixed + order_prices
    fixed = np.where(left.orders >= 1, fixed, np.inf)
    if case.has_unit_capacity:
        free &= left.units[:, None] >= prepared.units - HAIR
    cost = np.where(free & np.isfinite(fixed)[:, None], cost, np.inf)
    open_places = np.flatnonzero(np.isfinite(cost).any(axis=1))
    if not open_places.size:
        return np.full(prepared.lines_count, WAITS)
    is_plain = _is_plain(case=case, prepared=prepared)
    if prepared.lines_count == 1:
        return _route_single_line(fixed=fixed, cost=cost[:, 0], waiting=case.backorder_cost)
    if prepared.lines_count == 2 and is_plain:
        return _route_two_lines(fixed=fixed, cost=cost, case=case, prepared=prepared)
    fixed, cost = fixed[open_places], cost[open_places]
    if is_plain:
        kept = _undominated(fixed=fixed, cost=cost)
        chosen = _route_plain(fixed=fixed[kept], cost=cost[kept], case=case, prepared=prepared)
        open_places = open_places[kept]
    else:
        chosen = _route_ruled(fixed=fixed, cost=cost, case=case, prepared=prepared, left=left, rows=open_places)
    return np.where(chosen == WAITS, WAITS, open_places[chosen])


def _route_single_line(*, fixed: Floats, cost: Floats, waiting: float) -> Whole:
    total = fixed + cost
    place = int(total.argmin())
    return np.array([place if total[place] < waiting else WAITS])


def _route_two_lines(*, fixed: Floats, cost: Floats, case: Case, prepared: Prepared) -> Whole:
    """Together from one place, each from its own, or one of them or both wait."""
    apart, waiting = cost + fixed[:, None], case.backorder_cost
    together = apart[:, 0] + cost[:, 1]
    one, other, both = int(apart[:, 0].argmin()), int(apart[:, 1].argmin()), int(together.argmin())
    first, second = float(apart[one, 0]), float(apart[other, 1])
    split = first + second + prepared.order.split_penalty if prepared.most > 1 else np.inf
    ways = (
        (float(together[both]), (both, both)),
        (split, (one, other)),
        (first + waiting, (one, WAITS)),
        (second + waiting, (WAITS, other)),
        (2 * waiting, (WAITS, WAITS)),
    )
    return np.array(min(ways, key=lambda way: way[0])[1])


def _is_plain(*, case: Case, prepared: Prepared) -> bool:
    """Whether what a place may ship of the order is decided line by line."""
    return not (prepared.has_twins or case.has_unit_capacity or prepared.order.minimum_shipment_value > 0)


def _undominated(*, fixed: Floats, cost: Floats) -> Whole:
    """Places that no other one beats in everything: moving all lines to the better place never costs more."""
    if len(fixed) <= FEW_PLACES:
        return np.arange(len(fixed))
    no_dearer = (fixed[:, None] <= fixed) & (cost[:, None] <= cost).all(axis=2)
    # Of two equal places the first one stays.
    beaten = no_dearer & (~no_dearer.T | _earlier(places=len(fixed)))
    return np.flatnonzero(~beaten.any(axis=0))


@lru_cache(maxsize=64)
def _earlier(*, places: int) -> Flags:
    return np.triu(np.ones((places, places), dtype=bool), k=1)


def _route_plain(*, fixed: Floats, cost: Floats, case: Case, prepared: Prepared) -> Whole:
    places, lines = cost.shape
    if lines > MOST_LINES and (places > MOST_PLACES or (1 << places) * lines > MOST_CELLS):
        return _search_places(fixed=fixed, cost=cost, case=case, prepared=prepared)
    route = route_by_places if cheaper_by_places(places=places, lines=lines) else route_by_lines
    chosen: Whole = route(
        fixed=fixed[None],
        cost=cost[None],
        waiting=case.backorder_cost,
        penalty=prepared.order.split_penalty,
        most=prepared.most,
    )[0]
    return chosen


def _route_ruled(*, fixed: Floats, cost: Floats, case: Case, prepared: Prepared, left: Left, rows: Whole) -> Whole:
    """Orders in which lines of one place hang together: repeated SKUs, units a day, a least value of each parcel."""
    if prepared.lines_count > MOST_LINES:
        return _settle(fixed=fixed, cost=cost, case=case, prepared=prepared, left=left, rows=rows)
    fits = _fitting_subsets(prepared=prepared, left=left, rows=rows)
    worth = line_subsets(lines=prepared.lines_count).members @ prepared.values
    penalty, least = prepared.order.split_penalty, prepared.order.minimum_shipment_value

    def route(most: int, allowed: Flags) -> Whole:
        chosen: Whole = route_by_lines(
            fixed=fixed[None],
            cost=cost[None],
            waiting=case.backorder_cost,
            penalty=penalty,
            most=most,
            allowed=allowed,
        )[0]
        return chosen

    split = route(prepared.most, fits & (worth >= least))
    if least <= 0:
        return split
    # The only parcel of an order may be worth less.
    alone = route(1, fits)
    priced = [_total(fixed=fixed, cost=cost, chosen=way, case=case, penalty=penalty) for way in (alone, split)]
    return alone if priced[0] <= priced[1] else split


def _fitting_subsets(*, prepared: Prepared, left: Left, rows: Whole) -> Flags:
    """[places, subsets of lines]: whether a place has enough of every SKU and may still send so many units."""
    members = line_subsets(lines=prepared.lines_count).members
    fits = (members @ prepared.units)[None] <= left.units[rows, None] + HAIR
    if prepared.has_twins:
        for sku in np.unique(prepared.skus):
            wanted = members @ np.where(prepared.skus == sku, prepared.units, 0.0)
            fits &= wanted[None] <= left.stock[rows, sku][:, None] + HAIR
    return fits


def _total(*, fixed: Floats, cost: Floats, chosen: Whole, case: Case, penalty: float) -> float:
    served = np.flatnonzero(chosen != WAITS)
    used = np.unique(chosen[served])
    total = fixed[used].sum() + cost[chosen[served], served].sum()
    return float(total + case.backorder_cost * (len(chosen) - len(served)) + penalty * max(len(used) - 1, 0))


def _search_places(*, fixed: Floats, cost: Floats, case: Case, prepared: Prepared) -> Whole:
    """Long orders over many places: add, drop or exchange a place while that saves anything. Not proven best."""
    places = len(fixed)
    price = _SetPrice(fixed=fixed, cost=cost, waiting=case.backorder_cost, penalty=prepared.order.split_penalty)
    inside = np.zeros(places, dtype=bool)
    least = price.of(inside)
    while True:
        moves: list[tuple[float, tuple[int, ...]]] = [
            (price.of(_flipped(inside, one)), (one,)) for one in range(places)
        ]
        ins, outs = np.flatnonzero(inside), np.flatnonzero(~inside)
        moves += [(price.of(_flipped(inside, a, b)), (a, b)) for a in ins.tolist() for b in outs.tolist()]
        lawful = [(total, flips) for total, flips in moves if _flipped(inside, *flips).sum() <= prepared.most]
        total, flips = min(lawful)
        if total >= least - 1e-9:
            return price.assign(inside)
        inside, least = _flipped(inside, *flips), total


def _flipped(inside: Flags, *places: int) -> Flags:
    after = inside.copy()
    after[list(places)] ^= True
    return after


class _SetPrice:
    """What a set of places costs when every line goes to the cheapest of them or waits."""

    def __init__(self, *, fixed: Floats, cost: Floats, waiting: float, penalty: float) -> None:
        self.fixed, self.cost, self.waiting, self.penalty = fixed, cost, waiting, penalty

    def of(self, inside: Flags) -> float:
        """Its cost."""
        lines = np.minimum(self.cost[inside].min(axis=0, initial=np.inf), self.waiting).sum()
        return float(lines + self.fixed[inside].sum() + self.penalty * max(int(inside.sum()) - 1, 0))

    def assign(self, inside: Flags) -> Whole:
        """The place of every line."""
        offered = np.where(inside[:, None], self.cost, np.inf)
        place: Whole = np.where(offered.min(axis=0) < self.waiting, offered.argmin(axis=0), WAITS)
        return place


def _settle(*, fixed: Floats, cost: Floats, case: Case, prepared: Prepared, left: Left, rows: Whole) -> Whole:
    """Long orders under rules: the best set of places without them, then line by line what really fits."""
    order = prepared.order
    closed: set[int] = set()
    while True:
        offered = cost.copy()
        offered[list(closed)] = np.inf
        chosen = _route_relaxed(fixed=fixed, cost=offered, case=case, prepared=prepared)
        chosen = _fit_lines(cost=offered, chosen=chosen, prepared=prepared, left=left, rows=rows)
        used = np.unique(chosen[chosen != WAITS])
        worth = {int(place): float(prepared.values[chosen == place].sum()) for place in used}
        poor = [place for place, value in worth.items() if value < order.minimum_shipment_value]
        if len(used) <= 1 or not poor:
            return chosen
        closed.add(min(poor, key=lambda place: (worth[place], place)))


def _route_relaxed(*, fixed: Floats, cost: Floats, case: Case, prepared: Prepared) -> Whole:
    if len(fixed) <= MOST_PLACES:
        return _route_plain(fixed=fixed, cost=cost, case=case, prepared=prepared)
    return _search_places(fixed=fixed, cost=cost, case=case, prepared=prepared)


def _fit_lines(*, cost: Floats, chosen: Whole, prepared: Prepared, left: Left, rows: Whole) -> Whole:
    """Give each line, dearest to move first, the cheapest of the chosen places that still has room for it."""
    stock = {(place, int(sku)): left.stock[rows[place], sku] for place in range(len(rows)) for sku in prepared.skus}
    units = left.units[rows].copy()
    used = np.unique(chosen[chosen != WAITS])
    after = np.full(len(chosen), WAITS)
    for line in range(len(chosen)):
        sku, wanted = int(prepared.skus[line]), prepared.units[line]
        for place in sorted(used.tolist(), key=lambda place: (cost[place, line], place)):
            if np.isfinite(cost[place, line]) and min(stock[place, sku], units[place]) >= wanted - HAIR:
                after[line] = place
                stock[place, sku] -= wanted
                units[place] -= wanted
                break
    return after
