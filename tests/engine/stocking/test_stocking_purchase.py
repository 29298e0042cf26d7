"""Joint purchases: exact against every possible plan on small cases, lawful and repeatable on larger ones."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from reorder.engine import stocking
from reorder.engine.stocking import ProductNeed, PurchasePlan, SupplierOffer, SupplierTerms

LOSS = 0.24


def terms(supplier: str, **given: float) -> SupplierTerms:
    base = {"minimum_value": 0.0, "order_cost": 0.0, "truck_cost": 0.0, "truck_volume": 10.0}
    return SupplierTerms(supplier=supplier, **(base | given))


def offer(sku: str, supplier: str, price: float, pack: float = 1.0, least: float = 0.0) -> SupplierOffer:
    return SupplierOffer(sku=sku, supplier=supplier, unit_price=price, pack_units=pack, minimum_units=least)


def need(sku: str, units: float, volume: float = 1.0, price: float = 10.0) -> ProductNeed:
    return ProductNeed(sku=sku, units=units, volume=volume, reference_price=price)


def plan(
    needs: list[ProductNeed], offers: list[SupplierOffer], suppliers: list[SupplierTerms], budget: float = 20.0
) -> PurchasePlan:
    return stocking.plan_purchase(
        needs=needs, offers=offers, suppliers=suppliers, surplus_loss_share=LOSS, budget_seconds=budget
    )


def price_of(
    units: dict[tuple[str, str], float],
    needs: list[ProductNeed],
    offers: list[SupplierOffer],
    suppliers: list[SupplierTerms],
) -> float:
    """The contract's cost, written down a second time."""
    volume = {each.sku: each.volume for each in needs}
    price = {(each.sku, each.supplier): each.unit_price for each in offers}
    value, load, bought = Counter[str](), Counter[str](), Counter[str]()
    for (sku, supplier), count in units.items():
        value[supplier] += count * price[sku, supplier]
        load[supplier] += count * volume[sku]
        bought[sku] += count
    cost = sum(value.values())
    cost -= (1 - LOSS) * sum((bought[each.sku] - each.units) * each.reference_price for each in needs)
    for each in suppliers:
        if value[each.supplier] > 0:
            trucks = math.ceil(load[each.supplier] / each.truck_volume - 1e-9)
            cost += each.order_cost + each.truck_cost * trucks + max(each.minimum_value - value[each.supplier], 0.0)
    return cost


def brute_force(needs: list[ProductNeed], offers: list[SupplierOffer], suppliers: list[SupplierTerms]) -> float:
    """The least cost over every number of packs up to twice the need."""
    ranges = []
    for each in offers:
        wanted = next(n.units for n in needs if n.sku == each.sku)
        most = max(math.ceil(wanted / each.pack_units), math.ceil(each.minimum_units / each.pack_units), 1)
        ranges.append(
            [0.0, *(k * each.pack_units for k in range(1, most + 3) if k * each.pack_units >= each.minimum_units)]
        )
    best = math.inf
    for counts in itertools.product(*ranges):
        units = {(o.sku, o.supplier): c for o, c in zip(offers, counts, strict=True) if c}
        bought = Counter[str]()
        for (sku, _supplier), count in units.items():
            bought[sku] += count
        if all(bought[n.sku] >= n.units for n in needs):
            best = min(best, price_of(units, needs, offers, suppliers))
    return best


def test_a_full_truck_of_one_supplier_beats_two_cheaper_halves() -> None:
    needs = [need("OOLONG", 5), need("SENCHA", 5)]
    offers = [
        offer("OOLONG", "ALI", 9),
        offer("SENCHA", "ALI", 10),
        offer("OOLONG", "BEI", 10),
        offer("SENCHA", "BEI", 9),
    ]
    suppliers = [terms("ALI", truck_cost=50), terms("BEI", truck_cost=50)]

    made = plan(needs, offers, suppliers)

    assert {line.supplier for line in made.lines} in ({"ALI"}, {"BEI"})
    assert made.cost == pytest.approx(45 + 50 + 50)
    assert [(bill.trucks, bill.truck_cost, bill.volume) for bill in made.bills] == [(1, 50.0, 10.0)]


def test_goods_beyond_the_need_fill_a_minimum_value_when_that_is_cheaper_than_paying_it() -> None:
    made = plan([need("OOLONG", 10)], [offer("OOLONG", "ALI", 10)], [terms("ALI", minimum_value=120)])

    # Two more units cost 20 and are worth 15.2; paying the missing 20 buys nothing.
    assert [(line.sku, line.units) for line in made.lines] == [("OOLONG", 12.0)]
    assert made.cost == pytest.approx(100 + 0.24 * 20)
    assert made.bills[0].minimum_shortfall == 0
    far = plan([need("OOLONG", 10)], [offer("OOLONG", "ALI", 10)], [terms("ALI", minimum_value=180)])
    assert [line.units for line in far.lines] == [18.0]


def test_packs_of_two_suppliers_together_leave_less_over() -> None:
    needs = [need("OOLONG", 170)]
    offers = [offer("OOLONG", "ALI", 10, pack=48, least=48), offer("OOLONG", "BEI", 10.01, pack=6, least=6)]

    made = plan(needs, offers, [terms("ALI"), terms("BEI")])

    assert made.cost == pytest.approx(brute_force(needs, offers, [terms("ALI"), terms("BEI")]))
    assert [(line.supplier, line.units) for line in made.lines] == [("ALI", 144.0), ("BEI", 30.0)]


@pytest.mark.parametrize("seed", range(6))
def test_small_purchases_cost_what_the_best_of_all_plans_costs(seed: int) -> None:
    generator = np.random.default_rng(seed)
    names = ["ALI", "BEI", "CHI"]
    suppliers = [
        terms(
            name,
            minimum_value=float(generator.choice([0, 60, 150])),
            order_cost=float(generator.integers(5, 30)),
            truck_cost=float(generator.integers(20, 60)),
            truck_volume=float(generator.choice([8, 15])),
        )
        for name in names
    ]
    needs = [need(f"SKU{k}", float(generator.integers(3, 14)), float(generator.uniform(0.4, 1.5))) for k in range(3)]
    offers = [
        offer(
            each.sku,
            name,
            float(generator.uniform(9, 12)),
            float(generator.choice([2, 3, 5])),
            float(generator.choice([0, 4])),
        )
        for each in needs
        for name in generator.choice(names, 2, replace=False)
    ]

    made = plan(needs, offers, suppliers)

    best = brute_force(needs, offers, suppliers)
    units = {(line.sku, line.supplier): line.units for line in made.lines}
    assert made.cost == pytest.approx(price_of(units, needs, offers, suppliers))
    assert made.bound <= best + 1e-6  # `best` goes two packs beyond the need at most, the plan may go further
    assert made.cost <= best * 1.001


def test_the_same_purchase_is_planned_the_same_way_in_any_order() -> None:
    generator = np.random.default_rng(4)
    suppliers = [terms(f"S{k}", order_cost=20, truck_cost=60, truck_volume=9, minimum_value=90) for k in range(4)]
    needs = [need(f"P{k:02}", float(generator.integers(4, 30)), 0.3) for k in range(25)]
    offers = [
        offer(each.sku, f"S{k}", float(generator.uniform(9, 11)), float(generator.choice([1, 4, 6])))
        for each in needs
        for k in generator.choice(4, 2, replace=False)
    ]

    one, two = plan(needs, offers, suppliers), plan(needs[::-1], offers[::-1], suppliers[::-1])

    assert not one.is_cut_short
    assert one == two
    assert one.bound <= one.cost <= one.bound * 1.01


def test_without_time_every_need_is_still_covered_by_whole_packs() -> None:
    needs = [need(f"P{k}", 7 + k) for k in range(40)]
    offers = [offer(each.sku, name, 10 + len(name) / 10, 4, 8) for each in needs for name in ("ALI", "BEIMEN")]

    made = plan(needs, offers, [terms("ALI", order_cost=5), terms("BEIMEN", order_cost=5)], budget=1e-6)

    bought = Counter[str]()
    for line in made.lines:
        assert line.units % 4 == 0
        assert line.units >= 8
        bought[line.sku] += line.units
    assert all(bought[each.sku] >= each.units for each in needs)
    assert made.is_cut_short


def test_what_nobody_offers_is_told_and_the_rest_is_bought() -> None:
    made = plan([need("OOLONG", 5), need("GHOST", 3), need("NOTHING", 0)], [offer("OOLONG", "ALI", 10)], [terms("ALI")])

    assert made.unserved == ("GHOST",)
    assert [(line.sku, line.units) for line in made.lines] == [("OOLONG", 5.0)]
    assert plan([], [], []).lines == ()


def test_a_thousand_million_units_are_planned_without_counting_them_one_by_one() -> None:
    offers = [offer("OOLONG", "ALI", 10, pack=1), offer("OOLONG", "BEI", 10.5, pack=7)]

    made = plan([need("OOLONG", 1e9, volume=1e-6)], offers, [terms("ALI"), terms("BEI")])

    assert [(line.supplier, line.units) for line in made.lines] == [("ALI", 1e9)]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"offers": [offer("OOLONG", "ALI", 10, pack=0)]}, "offer OOLONG of ALI: a pack of 0 units"),
        ({"offers": [offer("OOLONG", "GHOST", 10)]}, "offer OOLONG of GHOST: the supplier has no terms"),
        ({"offers": [offer("OOLONG", "ALI", -1)]}, "finite and not negative"),
        ({"needs": [need("OOLONG", float("nan"))]}, "need OOLONG: numbers must be finite"),
        ({"needs": [need("OOLONG", 1), need("OOLONG", 2)]}, "need OOLONG: is given twice"),
        ({"suppliers": [terms("ALI", truck_cost=5, truck_volume=0)]}, "a truck that costs must have a volume"),
        ({"surplus_loss_share": 1.5}, "from 0 to 1"),
        ({"budget_seconds": 0.0}, "above zero"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_place(given: dict[str, object], fault: str) -> None:
    whole = {
        "needs": [need("OOLONG", 5)],
        "offers": [offer("OOLONG", "ALI", 10)],
        "suppliers": [terms("ALI")],
        "surplus_loss_share": LOSS,
        "budget_seconds": 1.0,
    }
    with pytest.raises(stocking.BadPurchase, match=fault):
        stocking.plan_purchase(**(whole | given))  # type: ignore[arg-type]
