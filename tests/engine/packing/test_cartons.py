"""Parcels hold every thing once, inside their carton, beside each other, no heavier than allowed, and the right way up."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine.packing import BadPacking, Carton, Item, Parcel, ParcelPlan, Placement, plan_parcels
from reorder.engine.packing.bounds import may_hold
from reorder.engine.packing.exact import Answer, solve_exactly
from reorder.engine.packing.many import RULE_COUNT, Shapes, fill_many
from reorder.engine.packing.values import Piece

SMALL = Carton(code="S", length_mm=200, width_mm=150, height_mm=100, max_grams=5_000, cost_minor=800)
MIDDLE = Carton(code="M", length_mm=300, width_mm=200, height_mm=150, max_grams=10_000, cost_minor=1_200)
LARGE = Carton(code="L", length_mm=400, width_mm=300, height_mm=300, max_grams=20_000, cost_minor=2_000)
CARTONS = [SMALL, MIDDLE, LARGE]
SIDES = st.integers(min_value=1, max_value=450)
ITEMS = st.lists(
    st.builds(
        Item,
        sku=st.sampled_from(["oolong", "teapot", "cups", "kettle", "rice", "soap"]),
        length_mm=SIDES,
        width_mm=SIDES,
        height_mm=SIDES,
        grams=st.integers(min_value=0, max_value=25_000),
        units=st.integers(min_value=0, max_value=5),
        upright=st.booleans(),
        fragile=st.booleans(),
        group=st.sampled_from(["", "food", "poison"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda item: item.sku,
)


def box(placement: Placement) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    return (
        (placement.x_mm, placement.x_mm + placement.length_mm),
        (placement.y_mm, placement.y_mm + placement.width_mm),
        (placement.z_mm, placement.z_mm + placement.height_mm),
    )


def meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def refuse_impossible(parcel: Parcel, items: dict[str, Item]) -> None:
    """Fails when something sticks out, overlaps, lies on a fragile thing, is turned wrongly, or is too heavy."""
    for one in parcel.placements:
        ends = [end for _, end in box(one)]
        assert min(one.x_mm, one.y_mm, one.z_mm) >= 0
        assert all(end <= inner for end, inner in zip(ends, parcel.carton.size, strict=True))
        item = items[one.sku]
        turned = (one.length_mm, one.width_mm, one.height_mm)
        assert sorted(turned) == sorted((item.length_mm, item.width_mm, item.height_mm))
        assert not item.upright or one.height_mm == item.height_mm
    for one, other in combinations(parcel.placements, 2):
        (x, y, z), (u, v, w) = box(one), box(other)
        assert not (meet(x, u) and meet(y, v) and meet(z, w))
        if meet(x, u) and meet(y, v):
            lower = one if z[1] <= w[0] else other
            assert not items[lower.sku].fragile
            assert lower is one, "what lies above is put in later"
    assert parcel.grams == sum(items[one.sku].grams for one in parcel.placements)
    assert parcel.carton.max_grams is None or parcel.grams <= parcel.carton.max_grams


@settings(max_examples=60, deadline=None)
@given(items=ITEMS, seed=st.integers(min_value=0, max_value=3))
def test_every_thing_is_packed_once_where_it_can_lie(items: list[Item], seed: int) -> None:
    apart = {("food", "poison")}

    plan = plan_parcels(items=items, cartons=CARTONS, budget_seconds=0.01, seed=seed, keep_apart=apart)

    by_sku = {item.sku: item for item in items}
    for parcel in plan.parcels:
        refuse_impossible(parcel, by_sku)
        assert not {"food", "poison"} <= {by_sku[one.sku].group for one in parcel.placements}
    packed = Counter(one.sku for parcel in plan.parcels for one in parcel.placements)
    left = Counter({item.sku: item.units for item in plan.unpackable})
    assert packed + left == Counter({item.sku: item.units for item in items})


@settings(max_examples=40, deadline=None)
@given(items=ITEMS, seed=st.integers(min_value=0, max_value=99))
def test_many_tries_at_once_put_things_where_they_can_lie(items: list[Item], seed: int) -> None:
    pieces = [Piece.of(number=number, item=item) for number, item in enumerate(items)]
    rng, tries = np.random.default_rng(seed), 12
    orders = np.argsort(rng.random((len(pieces), tries)), axis=0)
    cartons = np.repeat(np.array(LARGE.size, dtype=np.int16)[:, None], tries, axis=1)

    filled = fill_many(
        shapes=Shapes.of(pieces), orders=orders, cartons=cartons, rules=rng.integers(RULE_COUNT, size=tries)
    )

    for number in range(tries):
        placed = sorted(filled.placed(number=number, pieces=pieces), key=lambda one: one[1][2])
        goods = tuple(Placement(items[which].sku, *corner, *size) for which, corner, size in placed)
        carton = Carton(code="L", length_mm=400, width_mm=300, height_mm=300)
        grams = sum(items[which].grams for which, _, _ in placed)
        refuse_impossible(Parcel(carton=carton, placements=goods, grams=grams), {item.sku: item for item in items})
        assert filled.volume[number] == sum(pieces[which].volume for which, _, _ in placed)


@settings(max_examples=30, deadline=None)
@given(items=ITEMS)
def test_no_carton_that_the_bounds_refuse_is_packed_by_the_solver(items: list[Item]) -> None:
    pieces = [Piece.of(number=number, item=item) for number, item in enumerate(items[:4])]
    carton = Carton(code="L", length_mm=400, width_mm=300, height_mm=300)
    if not all(piece.fits(carton) for piece in pieces) or may_hold(pieces=pieces, carton=carton):
        return

    answer, _ = solve_exactly(pieces=pieces, carton=carton.size, seconds=1, seed=0, prepares=True)

    assert answer is Answer.IMPOSSIBLE


def codes(plan: ParcelPlan) -> list[str]:
    return [parcel.carton.code for parcel in plan.parcels]


def test_two_tea_tins_take_the_smallest_carton_that_holds_both() -> None:
    tins = Item(sku="oolong", length_mm=100, width_mm=100, height_mm=150, grams=300, units=2)

    plan = plan_parcels(items=[tins], cartons=CARTONS)

    assert codes(plan) == ["S"]
    assert plan.parcels[0].grams == 600


def test_the_same_question_has_the_same_answer() -> None:
    items = [Item(sku=str(n), length_mm=60 + 9 * n, width_mm=50 + 7 * n, height_mm=40 + 5 * n) for n in range(6)]

    first = plan_parcels(items=items, cartons=CARTONS, budget_seconds=0.3, seed=3)
    again = plan_parcels(items=items, cartons=CARTONS, budget_seconds=0.3, seed=3)

    assert first == again


def test_twelve_bricks_that_fill_a_carton_to_the_brim_are_found() -> None:
    brick = Item(sku="brick", length_mm=100, width_mm=75, height_mm=50, units=12)
    brim = Carton(code="brim", length_mm=200, width_mm=150, height_mm=150)

    assert codes(plan_parcels(items=[brick], cartons=[brim, LARGE])) == ["brim"]


def test_heavy_things_go_into_as_many_parcels_as_their_weight_asks_for() -> None:
    rice = Item(sku="rice", length_mm=100, width_mm=100, height_mm=100, grams=9_000, units=4)

    plan = plan_parcels(items=[rice], cartons=CARTONS)

    assert [parcel.grams for parcel in plan.parcels] == [18_000, 18_000]


def test_a_thing_of_forty_kilograms_and_one_too_long_come_back() -> None:
    anvil = Item(sku="anvil", length_mm=100, width_mm=100, height_mm=100, grams=40_000)
    pole = Item(sku="pole", length_mm=2_000, width_mm=20, height_mm=20, units=3)
    tea = Item(sku="oolong", length_mm=100, width_mm=100, height_mm=100, grams=300)

    plan = plan_parcels(items=[anvil, pole, tea], cartons=CARTONS)

    assert [item.sku for item in plan.unpackable] == ["anvil", "pole"]
    assert codes(plan) == ["S"]


def test_without_cartons_everything_comes_back() -> None:
    tea = Item(sku="oolong", length_mm=100, width_mm=100, height_mm=100)

    assert plan_parcels(items=[tea], cartons=[]).unpackable == (tea,)


def test_a_bottle_stands_though_it_would_lie_in_a_smaller_carton() -> None:
    lying = Item(sku="oil", length_mm=70, width_mm=70, height_mm=190)
    standing = Item(sku="oil", length_mm=70, width_mm=70, height_mm=190, upright=True)

    assert codes(plan_parcels(items=[lying], cartons=CARTONS)) == ["S"]
    assert codes(plan_parcels(items=[standing], cartons=CARTONS)) == ["L"]


def test_nothing_lies_on_a_cake() -> None:
    cake = Item(sku="cake", length_mm=200, width_mm=150, height_mm=50, fragile=True)
    tin = Item(sku="tin", length_mm=200, width_mm=150, height_mm=50)

    plan = plan_parcels(items=[cake, tin], cartons=CARTONS)

    assert [(one.sku, one.z_mm) for one in plan.parcels[0].placements] == [("tin", 0), ("cake", 50)]


def test_of_equal_volumes_the_cheaper_carton_is_taken() -> None:
    dear = Carton(code="A", length_mm=100, width_mm=100, height_mm=100, cost_minor=900)
    cheap = Carton(code="B", length_mm=100, width_mm=100, height_mm=100, cost_minor=100)
    soap = Item(sku="soap", length_mm=90, width_mm=60, height_mm=30)

    assert codes(plan_parcels(items=[soap], cartons=[dear, cheap])) == ["B"]


def test_five_hundred_things_are_packed_whole() -> None:
    soap = Item(sku="soap", length_mm=90, width_mm=60, height_mm=30, grams=100, units=500)

    plan = plan_parcels(items=[soap], cartons=CARTONS, budget_seconds=0.05)

    assert sum(len(parcel.placements) for parcel in plan.parcels) == 500
    assert all(parcel.grams <= 20_000 for parcel in plan.parcels)


@pytest.mark.parametrize(
    ("item", "carton"),
    [
        (Item(sku="nothing", length_mm=0, width_mm=10, height_mm=10), SMALL),
        (Item(sku="light", length_mm=10, width_mm=10, height_mm=10, grams=-1), SMALL),
        (Item(sku="minus", length_mm=10, width_mm=10, height_mm=10, units=-1), SMALL),
        (Item(sku="tea", length_mm=10, width_mm=10, height_mm=10), Carton("flat", 10, 10, 0)),
        (Item(sku="tea", length_mm=10, width_mm=10, height_mm=10), Carton("house", 16_000, 10, 10)),
        (Item(sku="tea", length_mm=10, width_mm=10, height_mm=10), Carton("minus", 10, 10, 10, max_grams=-1)),
    ],
)
def test_what_cannot_be_meant_is_refused(item: Item, carton: Carton) -> None:
    with pytest.raises(BadPacking):
        plan_parcels(items=[item], cartons=[carton])
