"""Bins and walk are chosen together; what goes off first is taken first; graphs and one-way aisles are walked too."""

import datetime as dt
from itertools import pairwise, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine.picking import (
    AisleLayout,
    BadLayout,
    Bin,
    BinStock,
    GraphLayout,
    NotEnoughInBins,
    NoWay,
    Take,
    choose_bins,
    plan_batches,
    plan_walk,
    trace_walk,
)

LAYOUT = AisleLayout(aisle_pitch=3.0, cross_aisles=(0.0, 10.0), depot_aisle=0, depot_at=0.0)
# A ring of four points around the depot, one way half round, and a dead end.
RING = GraphLayout(
    points=("depot", "a", "b", "c", "end"),
    ways=(
        ("depot", "a", 1.0, False),
        ("a", "b", 1.0, True),
        ("b", "c", 1.0, True),
        ("c", "depot", 1.0, True),
        ("b", "end", 2.0, False),
    ),
    depot_point="depot",
)


def stock(aisle: int, at: float, units: float, expires: dt.date | None = None) -> BinStock:
    return BinStock(bin=Bin(aisle, at), units=units, expires_date=expires)


def test_a_bin_on_the_way_is_taken_before_a_nearer_one_off_it() -> None:
    choice = choose_bins(
        layout=LAYOUT,
        needs={"tea": 2.0, "oil": 1.0},
        candidates={"tea": [stock(0, 2.0, 9), stock(3, 5.0, 9)], "oil": [stock(3, 6.0, 9)]},
    )

    assert choice.takes == (Take("tea", Bin(3, 5.0), 2.0), Take("oil", Bin(3, 6.0), 1.0))
    assert choice.walk.length == 30.0


def test_what_goes_off_first_is_taken_first_however_far_it_lies() -> None:
    soon, later = dt.date(2026, 12, 1), dt.date(2027, 1, 1)
    choice = choose_bins(
        layout=LAYOUT,
        needs={"milk": 5.0},
        candidates={"milk": [stock(0, 1.0, 9, later), stock(5, 1.0, 3, soon), stock(0, 2.0, 9)]},
    )

    assert sorted(choice.takes, key=lambda each: each.units) == [
        Take("milk", Bin(0, 1.0), 2.0),
        Take("milk", Bin(5, 1.0), 3.0),
    ]


def test_several_bins_are_taken_together_where_none_holds_enough() -> None:
    choice = choose_bins(
        layout=LAYOUT, needs={"rice": 5.0}, candidates={"rice": [stock(0, 1.0, 2), stock(1, 1.0, 2), stock(2, 1.0, 2)]}
    )

    assert sum(each.units for each in choice.takes) == 5.0
    assert {each.bin for each in choice.takes} == {Bin(0, 1.0), Bin(1, 1.0), Bin(2, 1.0)}


@settings(max_examples=40, deadline=None)
@given(
    bins=st.lists(
        st.lists(st.builds(Bin, aisle=st.integers(0, 3), at=st.integers(1, 9).map(float)), min_size=1, max_size=3),
        min_size=1,
        max_size=4,
    )
)
def test_few_products_are_chosen_as_well_as_by_trying_everything(bins: list[list[Bin]]) -> None:
    choice = choose_bins(
        layout=LAYOUT,
        needs={str(number): 1.0 for number in range(len(bins))},
        candidates={str(number): [BinStock(bin=each, units=1.0) for each in row] for number, row in enumerate(bins)},
        budget_seconds=0.2,
    )

    best = min(plan_walk(layout=LAYOUT, bins=chosen).length for chosen in product(*bins))
    assert choice.walk.length == pytest.approx(best)


def test_bins_that_hold_too_little_are_named() -> None:
    with pytest.raises(NotEnoughInBins, match=r"hold 2\.0 units of tea; 3\.0 are needed"):
        choose_bins(layout=LAYOUT, needs={"tea": 3.0}, candidates={"tea": [stock(0, 1.0, 2)]})


def test_a_graph_is_walked_in_its_directions() -> None:
    bins = [Bin(0, 0.0, "c"), Bin(0, 0.0, "end"), Bin(0, 0.0, "a")]

    walk = plan_walk(layout=RING, bins=bins)

    assert [each.point for each in walk.stops] == ["a", "end", "c"]
    assert walk.length == 8.0
    corners = [each.point for each in trace_walk(layout=RING, stops=walk.stops)]
    assert corners == ["depot", "a", "b", "end", "b", "c", "depot"]


def test_a_point_that_nobody_comes_back_from_is_named() -> None:
    trap = GraphLayout(points=("depot", "pit"), ways=(("depot", "pit", 1.0, True),), depot_point="depot")

    with pytest.raises(NoWay, match="to pit and back"):
        plan_walk(layout=trap, bins=[Bin(0, 0.0, "pit")])
    with pytest.raises(BadLayout, match="no point nowhere"):
        plan_walk(layout=RING, bins=[Bin(0, 0.0, "nowhere")])


def test_a_one_way_aisle_is_left_at_its_other_end() -> None:
    one_way = AisleLayout(aisle_pitch=3.0, cross_aisles=(0.0, 10.0), depot_aisle=0, depot_at=0.0, one_way=((1, True),))

    walk = plan_walk(layout=one_way, bins=[Bin(1, 2.0)])

    assert plan_walk(layout=LAYOUT, bins=[Bin(1, 2.0)]).length == 10.0
    assert walk.length == 26.0
    corners = [(each.aisle, each.at) for each in trace_walk(layout=one_way, stops=walk.stops)]
    assert corners == [(0, 0.0), (1, 0.0), (1, 2.0), (1, 10.0), (0, 10.0), (0, 0.0)]


@pytest.mark.parametrize(
    ("one_way", "stops", "back"),
    [
        # The way back is an aisle without stops: one-way itself between the stops, open between them, beyond them.
        (((0, True), (1, False), (2, True)), [Bin(2, 2.0)], [(1, 10.0), (1, 0.0)]),
        (((0, True), (2, True)), [Bin(2, 2.0)], [(1, 10.0), (1, 0.0)]),
        (((0, True), (1, True), (2, False)), [Bin(1, 2.0)], [(2, 10.0), (2, 0.0)]),
    ],
)
def test_the_way_back_may_lead_through_an_aisle_where_nothing_is_taken(
    one_way: tuple[tuple[int, bool], ...], stops: list[Bin], back: list[tuple[int, float]]
) -> None:
    layout = AisleLayout(aisle_pitch=3.0, cross_aisles=(0.0, 10.0), depot_aisle=0, depot_at=0.0, one_way=one_way)

    walk = plan_walk(layout=layout, bins=stops)

    corners = [(each.aisle, each.at) for each in trace_walk(layout=layout, stops=walk.stops)]
    outer = max(aisle for aisle, _ in corners)
    assert walk.length == 20.0 + 2 * 3.0 * outer
    assert tuple(back) in pairwise(corners)


def test_aisles_walked_as_a_graph_are_walked_nearly_as_short_as_the_proof() -> None:
    bins = [Bin(aisle, float(1 + (aisle * 7 + step * 5) % 9)) for aisle in range(8) for step in range(3)]
    names = {each: f"{each.aisle}-{each.at}" for each in bins}
    ways = []
    for aisle in range(8):
        chain = [0.0, *sorted({each.at for each in bins if each.aisle == aisle}), 10.0]
        ways += [(f"{aisle}-{low}", f"{aisle}-{high}", high - low, False) for low, high in pairwise(chain)]
        if aisle:
            ways += [(f"{aisle - 1}-{at}", f"{aisle}-{at}", 3.0, False) for at in (0.0, 10.0)]
    points = tuple(dict.fromkeys(point for way in ways for point in way[:2]))
    shape = GraphLayout(points=points, ways=tuple(ways), depot_point="0-0.0")

    short = plan_walk(layout=shape, bins=[Bin(0, 0.0, names[each]) for each in bins])

    assert short.length <= 1.02 * plan_walk(layout=LAYOUT, bins=bins).length


def test_orders_of_a_graph_share_walks() -> None:
    orders = {"x": [Bin(0, 0.0, "end")], "y": [Bin(0, 0.0, "end")], "z": [Bin(0, 0.0, "a")]}

    plan = plan_batches(
        layout=RING, orders=orders, units=dict.fromkeys(orders, 1.0), capacity_units=2, budget_seconds=0.3
    )

    assert sorted(each for batch in plan.batches for each in batch.order_ids) == ["x", "y", "z"]
    # x and y together, and z alone (out to a and back); or one of them with z, and the other alone.
    assert plan.length == 10.0


def test_few_points_are_walked_in_the_shortest_order() -> None:
    bins = [Bin(0, 0.0, point) for point in ("c", "b", "a")]
    lengths = {}
    for order in permutations(bins):
        corners = trace_walk(layout=RING, stops=order)
        lengths[order] = sum(
            next(way[2] for way in RING.ways if {way[0], way[1]} == {one.point, other.point})
            for one, other in pairwise(corners)
        )

    assert plan_walk(layout=RING, bins=bins).length == min(lengths.values())
