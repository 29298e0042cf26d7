"""Which supplier gets which part of a purchase: prices, packs, minimum values and full trucks weighed together.

Every line is a whole number of packs and at least the offer's minimum; every need with an offer is covered.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from reorder.engine.stocking.combinations import Case, Combination, Pack, Rules, list_combinations
from reorder.engine.stocking.consolidating import Basket, improve, start_basket
from reorder.kernel.errors import BadInput

# Shares of the budget at which each stage stops; the rest is for what cannot be stopped: building and reading programs.
STARTING_SHARE, RELAXING_SHARE, SETTLING_SHARE, IMPROVING_SHARE = 0.2, 0.55, 0.78, 0.9
LEAST_SECONDS = 0.02
# Further programs around the best plan, while they save at least this share of the cost.
ROUNDS, LEAST_GAIN_SHARE = 3, 1e-6


class BadPurchase(BadInput):
    """Needs, offers and suppliers do not fit together, or a number is outside its range."""

    code = "stocking.bad_purchase"
    template = "{what} {key}: {reason}"


@dataclass(frozen=True, slots=True)
class ProductNeed:
    """`units` to buy of a SKU; `volume` a unit in the trucks' measure; `reference_price`: what one is worth."""

    sku: str
    units: float
    volume: float
    reference_price: float


@dataclass(frozen=True, slots=True)
class SupplierOffer:
    """A supplier sells a SKU in whole packs of `pack_units`, at least `minimum_units` when it is ordered at all."""

    sku: str
    supplier: str
    unit_price: float
    pack_units: float
    minimum_units: float


@dataclass(frozen=True, slots=True)
class SupplierTerms:
    """An order costs `order_cost`, each truck begun `truck_cost`, and what is missing to `minimum_value` is paid."""

    supplier: str
    minimum_value: float
    order_cost: float
    truck_cost: float
    truck_volume: float


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """Units (whole packs) of a SKU to order from a supplier."""

    sku: str
    supplier: str
    units: float


@dataclass(frozen=True, slots=True)
class SupplierBill:
    """What one supplier's order comes to: goods, order cost, trucks, and what is missing to the minimum value."""

    supplier: str
    goods_value: float
    order_cost: float
    trucks: int
    truck_cost: float
    minimum_shortfall: float
    volume: float


@dataclass(frozen=True, slots=True)
class PurchasePlan:
    """`lines` and `bills` sorted by SKU and supplier; `unserved` are SKUs that nobody offers.

    `cost` = goods + orders + trucks + shortfalls below minimum values − what spare units are worth. `bound`: no plan
    costs less that takes each SKU from at most two suppliers, with at most a few packs to spare.
    `is_cut_short`: the budget ended the search, so another run or machine may find another plan.
    """

    lines: tuple[PurchaseLine, ...]
    bills: tuple[SupplierBill, ...]
    unserved: tuple[str, ...]
    cost: float
    bound: float
    is_cut_short: bool

    @property
    def gap_share(self) -> float:
        """How much of the cost might at most be saved: 0.001 is a tenth of a percent."""
        return (self.cost - self.bound) / self.cost if self.cost > 0 else 0.0


def plan_purchase(
    *,
    needs: Sequence[ProductNeed],
    offers: Sequence[SupplierOffer],
    suppliers: Sequence[SupplierTerms],
    surplus_loss_share: float,
    budget_seconds: float,
) -> PurchasePlan:
    """The cheapest way to cover `needs`, all suppliers' orders looked at together.

    A unit bought beyond its need loses `surplus_loss_share` of its reference price. A mixed-integer program chooses
    combinations of packs, with trucks whole and SKUs in shares (its value is the bound); a second one and a search by
    exchanges make SKUs whole. The same input gives the same plan as long as the budget does not end the search.
    At most twice a need is bought unless packs and minimum ask for more.

    Raises BadPurchase.
    Source: supplier selection with order quantities, minimum values and full truckloads as in Aissaoui, Haouari,
    Hassini, Supplier selection and order lot sizing modeling, Computers & Operations Research 34 (2007).
    """
    started = time.perf_counter()
    _refuse_bad(needs=needs, offers=offers, suppliers=suppliers, loss=surplus_loss_share, budget=budget_seconds)
    case = _make_case(needs=needs, offers=offers, suppliers=suppliers, loss=surplus_loss_share)
    basket, bound, is_cut = _search(case=case, started=started, budget=budget_seconds)
    offered = set(case.skus)
    return PurchasePlan(
        lines=_lines(case=case, chosen=basket.chosen()),
        bills=_bills(basket=basket),
        unserved=tuple(sorted(need.sku for need in needs if need.units > 0 and need.sku not in offered)),
        cost=basket.cost(),
        bound=min(bound, basket.cost()),
        is_cut_short=is_cut,
    )


def _search(*, case: Case, started: float, budget: float) -> tuple[Basket, float, bool]:
    """The best basket found, the bound, and whether the clock ended anything."""
    best = start_basket(case=case)
    improve(basket=best, until=started + STARTING_SHARE * budget)
    if not case.skus:
        return best, best.cost(), False
    from reorder.engine.stocking.solving import relax, settle

    relaxed = relax(case=case, seconds=RELAXING_SHARE * budget - (time.perf_counter() - started))
    if relaxed.shares is None:
        improve(basket=best, until=started + SETTLING_SHARE * budget)
    for attempt in (*relaxed.attempts(), *[None] * ROUNDS):
        left = SETTLING_SHARE * budget - (time.perf_counter() - started)
        if left < LEAST_SECONDS:
            improve(basket=best, until=started + IMPROVING_SHARE * budget)
            return best, relaxed.bound, True
        shares, trucks = attempt if attempt is not None else (best.shares(), None)
        tried = settle(case=case, shares=shares, rates=best.rates(), trucks=trucks, seconds=left)
        gain = 0.0
        if tried is not None:
            improve(basket=tried, until=started + IMPROVING_SHARE * budget)
            gain = best.cost() - tried.cost()
            best = tried if gain > 0 else best
        if attempt is None and gain <= LEAST_GAIN_SHARE * best.cost():
            break
    return best, relaxed.bound, relaxed.is_cut_short or time.perf_counter() > started + IMPROVING_SHARE * budget


def _make_case(
    *,
    needs: Sequence[ProductNeed],
    offers: Sequence[SupplierOffer],
    suppliers: Sequence[SupplierTerms],
    loss: float,
) -> Case:
    """The problem by numbers, SKUs and suppliers in the order of their names."""
    wanted = {need.sku: need for need in needs if need.units > 0}
    terms = sorted(suppliers, key=lambda each: each.supplier)
    number = {each.supplier: position for position, each in enumerate(terms)}
    by_sku: dict[str, list[SupplierOffer]] = {}
    for offer in sorted(offers, key=lambda each: (each.sku, each.supplier)):
        if offer.sku in wanted:
            by_sku.setdefault(offer.sku, []).append(offer)
    rules = [
        Rules(
            minimum_value=each.minimum_value,
            order_cost=each.order_cost,
            truck_cost=each.truck_cost,
            truck_volume=each.truck_volume if each.truck_cost > 0 else math.inf,
        )
        for each in terms
    ]
    skus = sorted(by_sku)
    combinations = [
        list_combinations(
            need=wanted[sku].units,
            packs=[
                Pack(
                    supplier=number[offer.supplier],
                    units=offer.pack_units,
                    least=max(math.ceil(offer.minimum_units / offer.pack_units - 1e-9), 1),
                    price=offer.unit_price,
                    spare=(1 - loss) * wanted[sku].reference_price,
                    volume=wanted[sku].volume,
                )
                for offer in by_sku[sku]
            ],
            rules=rules,
        )
        for sku in skus
    ]
    return Case(skus=skus, suppliers=[each.supplier for each in terms], rules=rules, combinations=combinations)


def _lines(*, case: Case, chosen: Sequence[Combination]) -> tuple[PurchaseLine, ...]:
    return tuple(
        PurchaseLine(sku=sku, supplier=case.suppliers[part.supplier], units=part.units)
        for sku, combination in zip(case.skus, chosen, strict=True)
        for part in combination.parts
    )


def _bills(*, basket: Basket) -> tuple[SupplierBill, ...]:
    case = basket.case
    return tuple(
        SupplierBill(
            supplier=case.suppliers[number],
            goods_value=basket.value[number],
            order_cost=rules.order_cost,
            trucks=rules.trucks(volume=basket.volume[number]),
            truck_cost=rules.truck_cost * rules.trucks(volume=basket.volume[number]),
            minimum_shortfall=max(rules.minimum_value - basket.value[number], 0.0),
            volume=basket.volume[number],
        )
        for number, rules in enumerate(case.rules)
        if basket.lines[number]
    )


def _refuse_bad(
    *,
    needs: Sequence[ProductNeed],
    offers: Sequence[SupplierOffer],
    suppliers: Sequence[SupplierTerms],
    loss: float,
    budget: float,
) -> None:
    if not 0 <= loss <= 1:
        raise BadPurchase(what="surplus_loss_share", key=loss, reason="must lie from 0 to 1")
    if not (budget > 0 and math.isfinite(budget)):
        raise BadPurchase(what="budget_seconds", key=budget, reason="must be above zero")
    for need in needs:
        _refuse_number(what="need", key=need.sku, numbers=(need.units, need.volume, need.reference_price))
    for terms in suppliers:
        costs = (terms.minimum_value, terms.order_cost, terms.truck_cost)
        _refuse_number(what="supplier", key=terms.supplier, numbers=costs)
        if terms.truck_cost > 0 and not terms.truck_volume > 0:
            raise BadPurchase(what="supplier", key=terms.supplier, reason="a truck that costs must have a volume")
    _refuse_twice(what="need", keys=[need.sku for need in needs])
    _refuse_twice(what="supplier", keys=[terms.supplier for terms in suppliers])
    _refuse_offers(offers=offers, known={terms.supplier for terms in suppliers})


def _refuse_offers(*, offers: Sequence[SupplierOffer], known: set[str]) -> None:
    keys = [f"{offer.sku} of {offer.supplier}" for offer in offers]
    _refuse_twice(what="offer", keys=keys)
    for offer, key in zip(offers, keys, strict=True):
        _refuse_number(what="offer", key=key, numbers=(offer.unit_price, offer.pack_units, offer.minimum_units))
        if offer.pack_units == 0:
            raise BadPurchase(what="offer", key=key, reason="a pack of 0 units cannot be ordered")
        if offer.supplier not in known:
            raise BadPurchase(what="offer", key=key, reason="the supplier has no terms")


def _refuse_number(*, what: str, key: str, numbers: tuple[float, ...]) -> None:
    if not all(number >= 0 and math.isfinite(number) for number in numbers):
        raise BadPurchase(what=what, key=key, reason="numbers must be finite and not negative")


def _refuse_twice(*, what: str, keys: Sequence[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise BadPurchase(what=what, key=key, reason="is given twice")
        seen.add(key)
