"""Where goods go: what fits, what must not, and which bin is best, each with its reason."""

from decimal import Decimal

import pytest

from reorder.domain.warehouse.putting_rules import (
    BinChoice,
    GoodsToPlace,
    plan_put_away,
    room_units,
    why_not,
)


def goods(**given: object) -> GoodsToPlace:
    usual = {"product_id": 1, "sku": "OOLONG-150", "owner": "self", "lot": "", "units": Decimal(10)}
    return GoodsToPlace(**(usual | given))  # type: ignore[arg-type]


def choice(code: str = "A-01-1", **given: object) -> BinChoice:
    usual = {"code": code, "place_code": "KEELUNG", "purpose": "pick", "temperature_class": "ambient"}
    return BinChoice(**(usual | given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("about", "bin_given", "reason"),
    [
        ({"temperature_class": "chilled"}, {}, "the bin is ambient, the goods are chilled"),
        ({}, {"temperature_class": "frozen"}, "the bin is frozen, the goods are ambient"),
        ({}, {"purpose": "quarantine"}, "it is for goods that are not for sale"),
        ({}, {"purpose": "returns"}, "it is for goods that are not for sale"),
        ({}, {"purpose": "hazard"}, "it is for hazardous goods only"),
        ({"is_hazardous": True}, {}, "hazardous goods need a bin of a hazard zone"),
        ({}, {"is_active": False}, "it is closed"),
        ({"grams": 40_000}, {"max_grams": 30_000}, "the goods are heavier than the bin bears"),
        (
            {"length_mm": 700, "width_mm": 10, "height_mm": 10},
            {"length_mm": 600, "width_mm": 600, "height_mm": 600},
            "the goods are larger than the bin",
        ),
    ],
)
def test_goods_that_must_not_stand_in_a_bin_are_refused_with_the_reason(
    about: dict[str, object], bin_given: dict[str, object], reason: str
) -> None:
    assert why_not(goods=goods(**about), choice=choice(**bin_given), has_hazard_zone=True) == reason


def test_goods_fit_lying_on_any_side() -> None:
    long = goods(length_mm=100, width_mm=590, height_mm=300)
    shelf = choice(length_mm=600, width_mm=400, height_mm=200)
    assert why_not(goods=long, choice=shelf, has_hazard_zone=False) == ""


def test_hazardous_goods_stand_among_others_where_the_place_has_no_hazard_zone() -> None:
    assert why_not(goods=goods(is_hazardous=True), choice=choice(), has_hazard_zone=False) == ""


def test_room_is_what_volume_and_weight_leave_whichever_is_less() -> None:
    box = goods(length_mm=100, width_mm=100, height_mm=100, grams=1000)
    shelf = choice(length_mm=1000, width_mm=1000, height_mm=100, max_grams=20_000)
    assert room_units(goods=box, choice=shelf) == 20
    assert room_units(goods=box, choice=choice(length_mm=1000, width_mm=1000, height_mm=100)) == 85
    assert room_units(goods=goods(), choice=shelf) is None


def test_a_unit_that_just_fits_an_empty_bin_has_room_although_no_gap_is_left() -> None:
    box = goods(length_mm=100, width_mm=100, height_mm=100)
    shelf = choice(length_mm=100, width_mm=100, height_mm=100)
    assert room_units(goods=box, choice=shelf) == 1


def test_the_pick_face_comes_first_then_the_same_lot_then_an_empty_bin() -> None:
    choices = [
        choice("EMPTY", distance_mm=1),
        choice("SAME", is_empty=False, product_units=Decimal(1), lot_units=Decimal(1), distance_mm=9),
        choice("FACE", is_empty=False, product_units=Decimal(2), face_max_units=Decimal(5), distance_mm=9),
    ]
    made = plan_put_away(goods=goods(units=Decimal(8)), choices=choices)
    assert [(one.bin_code, one.units, one.reason) for one in made.suggestions] == [
        ("FACE", 3, "its pick face, which has room"),
        ("SAME", 5, "the same product stands there"),
    ]
    assert made.left_units == 0


@pytest.mark.parametrize(("velocity", "code"), [("A", "NEAR"), ("B", "MIDDLE"), ("C", "FAR"), ("", "NEAR")])
def test_an_empty_bin_is_as_near_as_the_goods_sell(velocity: str, code: str) -> None:
    choices = [choice(name, distance_mm=far) for name, far in (("NEAR", 1), ("MIDDLE", 20), ("FAR", 30))]
    made = plan_put_away(goods=goods(velocity=velocity), choices=choices)
    assert made.suggestions[0].bin_code == code


def test_heavy_goods_stay_low() -> None:
    choices = [choice("HIGH", level=4, distance_mm=1), choice("LOW", level=1, distance_mm=50)]
    made = plan_put_away(goods=goods(grams=20_000, velocity="A"), choices=choices)
    assert made.suggestions[0].bin_code == "LOW"


def test_what_no_bin_takes_is_told_as_left() -> None:
    made = plan_put_away(goods=goods(temperature_class="chilled"), choices=[choice()])
    assert (made.suggestions, made.left_units) == ((), 10)


def test_the_pick_face_of_other_goods_is_taken_last() -> None:
    choices = [choice("KEPT", is_kept_for_other=True, distance_mm=1), choice("FREE", distance_mm=99)]
    assert plan_put_away(goods=goods(velocity="A"), choices=choices).suggestions[0].bin_code == "FREE"


def test_goods_are_spread_over_bins_until_all_have_one() -> None:
    box = goods(length_mm=100, width_mm=100, height_mm=100, units=Decimal(3))
    shelf = {"length_mm": 100, "width_mm": 100, "height_mm": 100}
    made = plan_put_away(goods=box, choices=[choice(code, **shelf) for code in ("A", "B")])
    assert [(one.bin_code, one.units) for one in made.suggestions] == [("A", 1), ("B", 1)]
    assert made.left_units == 1
