"""What a floor plan may be, and the shortest way over it."""

import pytest

from reorder.domain.warehouse.floor_errors import BadFloorPlan
from reorder.domain.warehouse.floor_rules import (
    AislePlan,
    BinSpot,
    GraphPlan,
    Way,
    distances_mm,
    normal_code,
    refuse_bad_plan,
    walk_line,
)
from reorder.engine import picking

HALL = AislePlan(aisle_codes=("A", "B", "C"), aisle_pitch_mm=3000, cross_aisles_mm=(0, 10_000))


def bin_at(code: str, *, aisle: int, at_mm: int) -> BinSpot:
    return BinSpot(code=code, aisle=aisle, at_mm=at_mm)


def aisles(**changes: object) -> AislePlan:
    given = {"aisle_codes": ("A", "B", "C"), "aisle_pitch_mm": 3000, "cross_aisles_mm": (0, 10_000)} | changes
    return AislePlan(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aisle_codes": ()}, "an aisle needs a code"),
        ({"aisle_codes": ("A", "A")}, "an aisle is named twice"),
        ({"aisle_pitch_mm": 0}, "aisles are 0.1 to 100 m apart"),
        ({"cross_aisles_mm": (0,)}, "there are 2 to 6 cross-aisles"),
        ({"cross_aisles_mm": (0, 1, 2, 3, 4, 5, 6)}, "there are 2 to 6 cross-aisles"),
        ({"cross_aisles_mm": (5000, 5000)}, "cross-aisles must be given in rising order"),
        ({"cross_aisles_mm": (0, 3_000_000)}, "it is longer than 2 km"),
        ({"depot_aisle": 3}, "the depot is in no aisle of the plan"),
        ({"one_way_aisles": {"Z": "up"}}, "there is no such aisle"),
        ({"one_way_aisles": {"A": "left"}}, "a one-way aisle is walked up or down"),
    ],
)
def test_aisles_that_nobody_can_walk_are_refused_with_the_reason(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(BadFloorPlan) as fault:
        refuse_bad_plan(plan=aisles(**changes))
    assert fault.value.parameters["reason"] == reason


def test_one_way_aisles_that_all_lead_up_leave_nobody_a_way_back() -> None:
    with pytest.raises(BadFloorPlan) as fault:
        refuse_bad_plan(plan=aisles(one_way_aisles={"A": "up", "B": "up", "C": "up"}))
    assert "nobody can walk to and back from" in str(fault.value)


def test_one_way_aisles_that_lead_up_and_down_can_be_walked() -> None:
    refuse_bad_plan(plan=aisles(one_way_aisles={"A": "up", "B": "down"}))


def test_a_graph_with_a_point_that_no_way_leads_to_is_refused() -> None:
    plan = GraphPlan(points={"DOOR": (0, 0), "ISLAND": (9000, 0)}, ways=(), depot_point="DOOR")
    with pytest.raises(BadFloorPlan) as fault:
        refuse_bad_plan(plan=plan)
    assert fault.value.parameters["where"] == "ISLAND"


def test_a_graph_way_to_an_unknown_point_or_of_no_length_is_refused() -> None:
    for way, reason in (
        (Way("DOOR", "X", 10), "there is no such point"),
        (Way("DOOR", "B", 0), "a way needs a length above 0"),
    ):
        plan = GraphPlan(points={"DOOR": (0, 0), "B": (1000, 0)}, ways=(way,), depot_point="DOOR")
        with pytest.raises(BadFloorPlan) as fault:
            refuse_bad_plan(plan=plan)
        assert fault.value.parameters["reason"] == reason


def test_a_walk_is_drawn_along_aisles_and_is_as_long_as_the_engine_says() -> None:
    stops = [bin_at("A1", aisle=0, at_mm=4000), bin_at("C1", aisle=2, at_mm=9000)]
    drawn = walk_line(plan=HALL, stops=stops)
    layout = picking.AisleLayout(aisle_pitch=3.0, cross_aisles=(0.0, 10.0), depot_aisle=0, depot_at=0.0)
    planned = picking.plan_walk(layout=layout, bins=[picking.Bin(0, 4.0), picking.Bin(2, 9.0)])
    assert drawn.length_mm == 32_000 == round(planned.length * 1000)
    assert drawn.line[0] == drawn.line[-1] == (0, 0)
    assert drawn.stops == (("A1", (0, 4000)), ("C1", (6000, 9000)))


def test_a_one_way_aisle_makes_the_walk_go_round() -> None:
    stops = [bin_at("B1", aisle=1, at_mm=5000)]
    assert walk_line(plan=HALL, stops=stops).length_mm == 16_000
    assert walk_line(plan=aisles(one_way_aisles={"B": "up"}), stops=stops).length_mm == 26_000


def test_distances_from_the_depot_are_those_one_walks() -> None:
    spots = [bin_at("A1", aisle=0, at_mm=2000), bin_at("B1", aisle=1, at_mm=2000)]
    assert distances_mm(plan=HALL, spots=spots) == {"A1": 2000, "B1": 5000}


def test_a_walk_over_points_follows_one_way_ways() -> None:
    ways = (Way("DOOR", "X", 1000), Way("X", "Y", 1000, is_one_way=True), Way("Y", "DOOR", 5000, is_one_way=True))
    plan = GraphPlan(points={"DOOR": (0, 0), "X": (1000, 0), "Y": (2000, 0)}, ways=ways, depot_point="DOOR")
    assert walk_line(plan=plan, stops=[BinSpot(code="B", point="Y")]).length_mm == 7000


@pytest.mark.parametrize("text", ["", "4710000000017", "12345678", "貨架", "A/1", "X" * 33])
def test_codes_that_no_scanner_could_tell_from_goods_or_read_are_refused(text: str) -> None:
    with pytest.raises(BadFloorPlan):
        normal_code(text=text)


def test_codes_are_kept_in_capitals_without_spaces() -> None:
    assert normal_code(text=" a-01 - 2 ") == "A-01-2"
