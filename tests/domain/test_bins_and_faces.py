"""Bins of a place: saved whole or not at all; goods put away, moved and brought to pick faces."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.inventory import operations
from reorder.domain.inventory.keeping_apart import ApartGoods, take_in_apart
from reorder.domain.warehouse.bin_stock import NewBinMove, follow_stock, list_loose
from reorder.domain.warehouse.bins import NewBin, close_other_bins, list_faults, save_bins
from reorder.domain.warehouse.errors import NotInBin, NotThatManyLoose, UnknownBin
from reorder.domain.warehouse.floor_errors import (
    BadBin,
    BadPickFace,
    BinClosed,
    BinElsewhere,
    BinsHoldGoods,
    DoesNotFit,
    NoFloorPlan,
)
from reorder.domain.warehouse.floor_models import Bin, BinMove, BinStock
from reorder.domain.warehouse.floor_plans import ZoneRow, find_plan, list_spots, load_layout, save_plan, save_zone
from reorder.domain.warehouse.floor_rules import AislePlan, GraphPlan, walk_line
from reorder.domain.warehouse.pick_faces import NewPickFace, Refill, list_needs, refill_face, save_pick_faces
from reorder.domain.warehouse.putting_away import (
    PutAway,
    move_checked,
    put_away,
    refuse_misfit,
    suggest_bins,
    suggest_for_many,
)
from reorder.engine import picking
from reorder.flows.floor_plan import lay_out_ways, read_ways
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, MORNING, make_place, shipment
from tests.factories.racing import at_once
from tests.factories.shelves import CHILLED, RETURNS, arrive, make_hall, make_zone, units_in

pytestmark = pytest.mark.django_db


def put(product: Product, *, units: int, code: str, key: str = "put", lot: str = "", place: str = KEELUNG) -> PutAway:
    return PutAway(
        key=key,
        place_code=place,
        product_id=product.pk,
        units=Decimal(units),
        bin_code=code,
        actor="Mei",
        happened_at=MORNING,
        lot=lot,
    )


def new_bin(code: str, **given: object) -> NewBin:
    return NewBin(**({"code": code, "zone": "PICK"} | given))  # type: ignore[arg-type]


@pytest.fixture
def oolong() -> Product:
    make_place()
    make_hall()
    return make_product()


def test_goods_are_put_away_once_however_often_it_is_said(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=10)
    assert put_away(put=put(oolong, units=6, code="A-01-1"))
    assert not put_away(put=put(oolong, units=6, code="A-01-1"))
    assert units_in(code="A-01-1") == 6
    assert [one.units for one in list_loose(place_code=KEELUNG)] == [4]
    assert BinMove.objects.get().actor == "Mei"


def test_more_than_waits_cannot_be_put_away(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=3)
    with pytest.raises(NotThatManyLoose):
        put_away(put=put(oolong, units=4, code="A-01-1"))
    assert not BinStock.objects.exists()


def test_a_bin_of_another_place_is_refused_by_name(oolong: Product) -> None:
    make_place(code="TAINAN", name="Tainan")
    make_hall(place="TAINAN", first_aisle="T")
    arrive(product_id=oolong.pk, units=3)
    with pytest.raises(BinElsewhere) as fault:
        put_away(put=put(oolong, units=1, code="T-01-1"))
    assert str(fault.value) == "Bin T-01-1 is in TAINAN, not in KEELUNG. Scan a bin of this warehouse."
    with pytest.raises(UnknownBin):
        put_away(put=put(oolong, units=1, code="NOWHERE"))


def test_chilled_goods_do_not_go_into_an_ambient_bin_and_nothing_is_moved(oolong: Product) -> None:
    Product.objects.filter(pk=oolong.pk).update(temperature_class="chilled")
    arrive(product_id=oolong.pk, units=3)
    with pytest.raises(DoesNotFit) as fault:
        put_away(put=put(oolong, units=1, code="A-01-1"))
    assert fault.value.parameters["reason"] == "the bin is ambient, the goods are chilled"
    assert not BinMove.objects.exists()
    assert suggest_bins(place_code=KEELUNG, product_id=oolong.pk)[0].plan.left_units == 3
    make_zone(zone=CHILLED)
    save_bins(place_code=KEELUNG, bins=[new_bin("COLD-1", zone="COLD", at_mm=2500)], changed_by="tests")
    assert put_away(put=put(oolong, units=1, code="COLD-1"))


def test_a_bin_takes_no_more_than_its_size_and_weight_allow(oolong: Product) -> None:
    Product.objects.filter(pk=oolong.pk).update(length_mm=100, width_mm=100, height_mm=100, weight_grams=500)
    sizes = {"length_mm": 500, "width_mm": 200, "height_mm": 100, "max_grams": 4000}
    save_bins(place_code=KEELUNG, bins=[new_bin("SMALL", at_mm=2500, **sizes)], changed_by="tests")
    arrive(product_id=oolong.pk, units=30)
    put_away(put=put(oolong, units=8, code="SMALL"))
    with pytest.raises(DoesNotFit) as fault:
        put_away(put=put(oolong, units=1, code="SMALL", key="again"))
    assert fault.value.parameters["reason"] == "it has no room for so many"
    with pytest.raises(DoesNotFit):
        refuse_misfit(place_code=KEELUNG, bin_code="SMALL", product_id=oolong.pk, units=Decimal(1))
    assert units_in(code="SMALL") == 8


def test_a_closed_bin_takes_nothing(oolong: Product) -> None:
    Bin.objects.filter(code="A-01-1").update(is_active=False)
    arrive(product_id=oolong.pk, units=1)
    with pytest.raises(BinClosed):
        put_away(put=put(oolong, units=1, code="A-01-1"))


@pytest.mark.django_db(transaction=True)
def test_of_eight_people_with_the_same_pallet_one_puts_it_away() -> None:
    make_place()
    make_hall()
    oolong = make_product()
    arrive(product_id=oolong.pk, units=12)

    def carry(hand: int) -> int:
        try:
            put_away(put=put(oolong, units=12, code=f"{'AB'[hand % 2]}-0{hand // 2 + 1}-1", key=f"hand-{hand}"))
        except NotThatManyLoose:
            return 0
        return 1

    assert sum(at_once(carry, hands=8)) == 1
    assert BinStock.objects.get().units == 12
    assert list_loose(place_code=KEELUNG) == []


@pytest.mark.django_db(transaction=True)
def test_a_small_bin_that_many_fill_at_once_is_never_overfull() -> None:
    make_place()
    make_hall(length_mm=300, width_mm=100, height_mm=100)
    oolong = make_product()
    Product.objects.filter(pk=oolong.pk).update(length_mm=100, width_mm=100, height_mm=100)
    arrive(product_id=oolong.pk, units=40)

    def carry(hand: int) -> int:
        try:
            put_away(put=put(oolong, units=1, code="A-01-1", key=f"hand-{hand}"))
        except DoesNotFit:
            return 0
        return 1

    assert sum(at_once(carry, hands=6)) == 2
    assert units_in(code="A-01-1") == 2


def test_goods_kept_apart_go_into_quarantine_or_returns_and_nowhere_else(oolong: Product) -> None:
    make_zone(zone=RETURNS)
    save_bins(place_code=KEELUNG, bins=[new_bin("R-1", zone="RETURNS", at_mm=2500)], changed_by="tests")
    arrive(product_id=oolong.pk, units=4)
    with pytest.raises(DoesNotFit) as fault:
        put_away(put=put(oolong, units=1, code="R-1", key="for sale"))
    assert fault.value.parameters["reason"] == "it is for goods that are not for sale"
    apart = ApartGoods(hold_key="return:1", product_id=oolong.pk, place_code=KEELUNG, units=Decimal(3))
    take_in_apart(goods=[apart], cause_kind="return", cause_key="1", moment=MORNING)
    suggested = suggest_bins(place_code=KEELUNG, product_id=oolong.pk)
    assert [(one.goods.is_apart, one.goods.units) for one in suggested] == [(False, 4), (True, 3)]
    assert suggested[1].plan.suggestions[0].bin_code == "R-1"
    with pytest.raises(DoesNotFit) as fault:
        put_away(put=put(oolong, units=5, code="A-01-1", key="mixed"))
    assert "kept apart" in fault.value.parameters["reason"]
    put_away(put=put(oolong, units=4, code="A-01-1", key="sold"))
    with pytest.raises(DoesNotFit):
        put_away(put=put(oolong, units=3, code="A-02-1", key="returned"))
    put_away(put=put(oolong, units=3, code="R-1", key="returned"))
    assert (units_in(code="A-01-1"), units_in(code="R-1")) == (4, 3)


def test_a_suggestion_keeps_a_lot_together_and_says_why(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=4, lot="L1", key="first")
    put_away(put=put(oolong, units=4, code="B-03-2", lot="L1"))
    arrive(product_id=oolong.pk, units=2, lot="L1", key="second")
    arrive(product_id=oolong.pk, units=2, lot="L2", key="third")
    found = {one.goods.lot: one.plan.suggestions[0] for one in suggest_bins(place_code=KEELUNG, product_id=oolong.pk)}
    assert (found["L1"].bin_code, found["L1"].reason) == ("B-03-2", "the same lot stands there")
    assert found["L2"].bin_code != "B-03-2"


def test_suggestions_for_many_goods_do_not_use_a_bin_twice(oolong: Product) -> None:
    matcha = make_product(sku="MATCHA-30")
    arrive(product_id=oolong.pk, units=4)
    arrive(product_id=matcha.pk, units=4)
    made = suggest_for_many(place_code=KEELUNG, loose=list_loose(place_code=KEELUNG))
    assert [one.goods.sku for one in made] == ["OOLONG-150", "MATCHA-30"]
    assert made[0].plan.suggestions[0].bin_code != made[1].plan.suggestions[0].bin_code


def test_bins_are_saved_whole_or_not_at_all_with_every_fault_told(oolong: Product) -> None:
    wrong = [
        new_bin("C-1", at_mm=2500),
        new_bin("C-1", at_mm=2500),
        new_bin("C-2", aisle=9),
        new_bin("C-3", zone="NONE", at_mm=2500),
        new_bin("C-4", side="X", at_mm=2500),
        new_bin("C-5", height_mm=0, at_mm=2500),
        new_bin("4710000000017", at_mm=2500),
    ]
    assert [(one.position, one.reason) for one in list_faults(place_code=KEELUNG, bins=wrong)] == [
        (0, "the code is there twice"),
        (1, "the code is there twice"),
        (2, "there is no such aisle"),
        (3, "the place has no such zone"),
        (4, "the side is L or R"),
        (5, "a size or weight is above 0; leave it empty where it is not known"),
        (6, "it could be taken for the barcode of goods: add a letter"),
    ]
    with pytest.raises(BadBin):
        save_bins(place_code=KEELUNG, bins=wrong, changed_by="tests")
    assert not Bin.objects.filter(code__startswith="C-").exists()


def test_a_code_of_another_place_is_not_taken_away_from_it(oolong: Product) -> None:
    make_place(code="TAINAN", name="Tainan")
    make_hall(place="TAINAN", first_aisle="T")
    faults = list_faults(place_code="TAINAN", bins=[new_bin("A-01-1", at_mm=2500)])
    assert [one.reason for one in faults] == ["a bin of this code stands at another place"]


def test_a_bin_with_goods_is_neither_closed_nor_made_something_else(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=1)
    put_away(put=put(oolong, units=1, code="A-01-1"))
    make_zone(zone=RETURNS)
    with pytest.raises(BinsHoldGoods):
        close_other_bins(place_code=KEELUNG, kept_codes=["A-01-2"], changed_by="tests")
    with pytest.raises(BinsHoldGoods):
        save_zone(place_code=KEELUNG, zone=ZoneRow("PICK", "Picking", "pick", "frozen"), changed_by="tests")
    for changed, reason in (
        (new_bin("A-01-1", at_mm=2500, is_active=False), "goods stand in it: it cannot be closed"),
        (new_bin("A-01-1", at_mm=2500, zone="RETURNS"), "goods stand in it: its zone must be for the same and as cold"),
    ):
        assert [one.reason for one in list_faults(place_code=KEELUNG, bins=[changed])] == [reason]


def test_bins_that_were_used_are_closed_and_unused_ones_deleted(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=1)
    put_away(put=put(oolong, units=1, code="A-01-1"))
    emptied = NewBinMove(
        key="out", kind="move", product_id=oolong.pk, units=Decimal(1), source="A-01-1", target="A-01-2",
        cause_kind="floor_task", cause_key="1", actor="Mei", happened_at=MORNING,
    )  # fmt: skip
    assert move_checked(move=emptied, place_code=KEELUNG)
    closed = close_other_bins(place_code=KEELUNG, kept_codes=["A-01-2"], changed_by="tests")
    assert closed == 23
    assert dict(Bin.objects.values_list("code", "is_active")) == {"A-01-1": False, "A-01-2": True}


def test_bins_keep_their_aisle_when_one_is_added_before_them(oolong: Product) -> None:
    plan = find_plan(place_code=KEELUNG)
    assert isinstance(plan, AislePlan)
    wider = AislePlan(
        aisle_codes=("NEW", "A", "B"), aisle_pitch_mm=plan.aisle_pitch_mm, cross_aisles_mm=plan.cross_aisles_mm
    )
    save_plan(place_code=KEELUNG, plan=wider, changed_by="tests")
    assert Bin.objects.get(code="A-01-1").aisle == 1
    assert Bin.objects.get(code="B-01-1").aisle == 2


def test_an_aisle_whose_bins_hold_goods_does_not_go(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=1)
    put_away(put=put(oolong, units=1, code="B-01-1"))
    plan = find_plan(place_code=KEELUNG)
    assert isinstance(plan, AislePlan)
    only_a = AislePlan(aisle_codes=("A",), aisle_pitch_mm=plan.aisle_pitch_mm, cross_aisles_mm=plan.cross_aisles_mm)
    with pytest.raises(BinsHoldGoods):
        save_plan(place_code=KEELUNG, plan=only_a, changed_by="tests")
    assert find_plan(place_code=KEELUNG) == plan


def test_the_engine_gets_the_layout_in_metres_with_every_open_bin(oolong: Product) -> None:
    found = load_layout(place_code=KEELUNG)
    assert found.layout.aisle_pitch == 3.0
    assert (found.bins["B-01-1"].aisle, found.bins["B-01-1"].at) == (1, 2.5)
    assert len(found.bins) == 24
    make_place(code="TAINAN", name="Tainan")
    with pytest.raises(NoFloorPlan):
        load_layout(place_code="TAINAN")


def test_a_pick_face_that_runs_low_is_filled_with_what_goes_off_first(oolong: Product) -> None:
    early, late = dt.date(2026, 12, 31), dt.date(2027, 6, 30)
    for lot, day, code in (("LATE", late, "A-01-3"), ("EARLY", early, "A-02-3")):
        arrive(product_id=oolong.pk, units=6, lot=lot, key=f"in-{lot}")
        given = put(oolong, units=6, code=code, lot=lot, key=f"put-{lot}")
        put_away(put=replace(given, expires_date=day))
    face = NewPickFace("A-01-1", oolong.pk, min_units=Decimal(3), max_units=Decimal(8))
    save_pick_faces(place_code=KEELUNG, faces=[face], decided_by="Mei")
    need = list_needs(place_code=KEELUNG)[0]
    assert [(one.bin_code, one.lot, one.units) for one in need.takes] == [("A-02-3", "EARLY", 6), ("A-01-3", "LATE", 2)]
    first = need.takes[0]
    refill = Refill(
        key="fill", place_code=KEELUNG, product_id=oolong.pk, source=first.bin_code, target="A-01-1", units=first.units,
        owner=first.owner, lot=first.lot, actor="Mei", happened_at=MORNING,
    )  # fmt: skip
    assert refill_face(refill=refill)
    assert not refill_face(refill=refill)
    moved = BinStock.objects.get(bin__code="A-01-1")
    assert (moved.units, moved.lot, moved.expires_date) == (6, "EARLY", early)
    assert list_needs(place_code=KEELUNG) == []


def test_two_faces_are_not_promised_the_same_bulk(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=5)
    put_away(put=put(oolong, units=5, code="A-01-3"))
    faces = [NewPickFace(code, oolong.pk, Decimal(1), Decimal(4)) for code in ("A-01-1", "A-02-1")]
    save_pick_faces(place_code=KEELUNG, faces=faces, decided_by="Mei")
    needs = list_needs(place_code=KEELUNG)
    assert [sum(take.units for take in one.takes) for one in needs] == [4, 1]
    assert [one.missing_units for one in needs] == [0, 3]


def test_a_bulk_bin_or_a_most_below_its_least_makes_no_pick_face(oolong: Product) -> None:
    for face in (
        NewPickFace("A-01-3", oolong.pk, Decimal(1), Decimal(4)),
        NewPickFace("A-01-1", oolong.pk, Decimal(4), Decimal(4)),
    ):
        with pytest.raises(BadPickFace):
            save_pick_faces(place_code=KEELUNG, faces=[face], decided_by="Mei")


def test_taking_more_from_bulk_than_is_there_moves_nothing(oolong: Product) -> None:
    refill = Refill(
        key="fill", place_code=KEELUNG, product_id=oolong.pk, source="A-01-3", target="A-01-1", units=Decimal(1),
        owner="self", lot="", actor="Mei", happened_at=MORNING,
    )  # fmt: skip
    with pytest.raises(NotInBin):
        refill_face(refill=refill)


def test_bins_follow_goods_that_left_by_a_way_without_bins(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=10)
    put_away(put=put(oolong, units=7, code="A-01-1", key="one"))
    put_away(put=put(oolong, units=3, code="A-02-1", key="two"))
    operations.record_moves(moves=[shipment(product_id=oolong.pk, units=4, key="sold")])
    follow_stock(
        place_code=KEELUNG, product_ids=[oolong.pk], cause_kind="order", cause_key="1", actor="Mei", moment=MORNING
    )
    assert (units_in(code="A-01-1"), units_in(code="A-02-1")) == (6, 0)


def test_a_graph_is_kept_and_bins_lie_at_its_points(oolong: Product) -> None:
    make_place(code="TAINAN", name="Tainan")
    content = b"point,x_m,y_m,depot,from,to,length_m,one_way\nDOOR,0,0,yes,,,,\nP1,6,0,,,,,\n,,,,DOOR,P1,,\n"
    plan = read_ways(content=content)
    assert isinstance(plan, GraphPlan)
    assert plan.ways[0].length_mm == 6000
    lay_out_ways(place_code="TAINAN", plan=plan, changed_by="tests")
    save_bins(place_code="TAINAN", bins=[new_bin("T-1", point="P1")], changed_by="tests")
    assert [one.reason for one in list_faults(place_code="TAINAN", bins=[new_bin("T-2", point="X")])] == [
        "there is no such point"
    ]
    assert find_plan(place_code="TAINAN") == plan
    found = load_layout(place_code="TAINAN")
    assert picking.plan_walk(layout=found.layout, bins=[found.bins["T-1"]]).length == 12.0


def test_one_way_aisles_reach_the_engine(oolong: Product) -> None:
    plan = find_plan(place_code=KEELUNG)
    assert isinstance(plan, AislePlan)
    one_way = replace(plan, one_way_aisles={"A": "up", "B": "down"})
    save_plan(place_code=KEELUNG, plan=one_way, changed_by="tests")
    found = load_layout(place_code=KEELUNG)
    walk = picking.plan_walk(layout=found.layout, bins=[found.bins["A-01-1"]])
    assert walk.length == 14.0
    spot = next(one for one in list_spots(place_code=KEELUNG) if one.code == "A-01-1")
    assert walk_line(plan=one_way, stops=[spot]).length_mm == 14_000
