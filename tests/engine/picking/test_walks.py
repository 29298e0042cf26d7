"""The planned walk is the shortest there is, visits every bin, and is as long as it says."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine.picking import AisleLayout, BadLayout, Bin, Walk, plan_walk

TWO_BLOCKS = AisleLayout(aisle_pitch=3.0, cross_aisles=(0.0, 10.0, 20.0), depot_aisle=0, depot_at=0.0)


def rewalked(layout: AisleLayout, stops: tuple[Bin, ...]) -> float:
    path = [layout.depot, *stops, layout.depot]
    return sum(layout.distance(one, other) for one, other in pairwise(path))


def shortest(layout: AisleLayout, bins: list[Bin]) -> float:
    """The shortest round by trying every order (Held and Karp)."""
    points = list(dict.fromkeys(bins))
    best = {(1 << index, index): layout.distance(layout.depot, point) for index, point in enumerate(points)}
    for visited in range(1, 1 << len(points)):
        for last, point in enumerate(points):
            here = best.get((visited, last))
            if here is None:
                continue
            for index, other in enumerate(points):
                key = (visited | 1 << index, index)
                if not visited >> index & 1:
                    best[key] = min(best.get(key, float("inf")), here + layout.distance(point, other))
    whole = (1 << len(points)) - 1
    return min(best[whole, last] + layout.distance(point, layout.depot) for last, point in enumerate(points))


LAYOUTS = st.integers(2, 6).flatmap(
    lambda count: st.builds(
        AisleLayout,
        aisle_pitch=st.integers(1, 9).map(float),
        cross_aisles=st.lists(st.integers(1, 12), min_size=count - 1, max_size=count - 1).map(
            lambda gaps: tuple(float(sum(gaps[:index])) for index in range(len(gaps) + 1))
        ),
        depot_aisle=st.integers(0, 4),
        depot_at=st.integers(-4, 20).map(float),
    )
)
BINS = st.lists(st.builds(Bin, aisle=st.integers(0, 5), at=st.integers(-4, 50).map(float)), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(layout=LAYOUTS, bins=BINS)
def test_no_order_of_the_stops_is_shorter_for_two_to_six_cross_aisles(layout: AisleLayout, bins: list[Bin]) -> None:
    walk = plan_walk(layout=layout, bins=bins)

    assert sorted(walk.stops, key=str) == sorted(bins, key=str)
    assert walk.length == pytest.approx(rewalked(layout, walk.stops))
    assert walk.length == pytest.approx(shortest(layout, bins))


def test_a_walk_goes_up_one_aisle_and_down_the_next() -> None:
    bins = [Bin(1, 4.0), Bin(0, 18.0), Bin(0, 5.0), Bin(1, 12.0)]

    walk = plan_walk(layout=TWO_BLOCKS, bins=bins)

    assert walk.length == 46.0
    assert walk.stops in (
        (Bin(0, 5.0), Bin(0, 18.0), Bin(1, 12.0), Bin(1, 4.0)),
        (Bin(1, 4.0), Bin(1, 12.0), Bin(0, 18.0), Bin(0, 5.0)),
    )


def test_a_bin_named_twice_is_stopped_at_twice_in_a_row_and_no_bins_are_no_walk() -> None:
    walk = plan_walk(layout=TWO_BLOCKS, bins=[Bin(0, 5.0), Bin(0, 8.0), Bin(0, 5.0)])

    assert walk == Walk(stops=(Bin(0, 5.0), Bin(0, 5.0), Bin(0, 8.0)), length=16.0)
    assert plan_walk(layout=TWO_BLOCKS, bins=[]) == Walk(stops=(), length=0.0)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"cross_aisles": (0.0,)}, "has 1"),
        ({"cross_aisles": tuple(float(each) for each in range(7))}, "has 7"),
        ({"cross_aisles": (0.0, 9.0, 9.0)}, "rising order"),
        ({"aisle_pitch": 0.0}, "more than 0"),
        ({"depot_at": float("nan")}, "finite"),
    ],
)
def test_what_is_no_layout_is_refused_with_the_reason(more: dict[str, object], said: str) -> None:
    given = {"aisle_pitch": 3.0, "cross_aisles": (0.0, 9.0), "depot_aisle": 0, "depot_at": 0.0} | more
    with pytest.raises(BadLayout, match=said):
        AisleLayout(**given)  # type: ignore[arg-type]


def test_a_bin_that_is_nowhere_is_refused() -> None:
    with pytest.raises(BadLayout, match="aisle 3"):
        plan_walk(layout=TWO_BLOCKS, bins=[Bin(3, float("inf"))])
