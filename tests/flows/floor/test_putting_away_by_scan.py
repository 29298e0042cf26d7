"""Goods are put away and pick faces filled by scans; a wrong scan is told and changes nothing."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.catalog.models import Barcode, Product
from reorder.domain.warehouse.bin_stock import list_loose
from reorder.domain.warehouse.floor_models import BinMove, BinStock
from reorder.domain.warehouse.pick_faces import NewPickFace, save_pick_faces
from reorder.domain.warehouse.putting_away import PutAway, put_away
from reorder.flows.floor import put_away as putting
from reorder.flows.floor import replenish
from reorder.flows.floor.errors import UnknownTask
from reorder.flows.floor.scanning import AnsweredScan, take_scan
from tests.factories.catalog import make_product
from tests.factories.floor import MEI, OOLONG_GTIN, SCANNED_AT, scan_of
from tests.factories.inventory import KEELUNG, MORNING, make_place
from tests.factories.racing import at_once
from tests.factories.shelves import arrive, make_hall, units_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def oolong() -> Product:
    make_place()
    make_hall()
    product = make_product()
    Barcode.objects.create(product=product, code=OOLONG_GTIN, kind="gtin")
    return product


def scan(work: str, *, task: str, key: str = "", **more: object) -> AnsweredScan:
    given = scan_of(task=task, work=work, key=key, **more)  # type: ignore[arg-type]
    return take_scan(scan=given, actor=MEI, moment=SCANNED_AT)


def test_the_plan_names_the_bin_and_why_and_the_scan_puts_the_goods_there(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=5)
    task = putting.task_of(product_id=oolong.pk)
    plan = putting.plan_of(task=task, place_code=KEELUNG, actor=MEI)
    (step,) = plan["steps"]
    assert (step["ask"], step["needs"], step["units"]) == ("product", ["units", "bin"], "5")
    assert f"0{OOLONG_GTIN}" in step["expect"]
    answered = scan(
        "put_away", task=task, step=step["id"], code=OOLONG_GTIN, bin_code=step["bin"], units=5, key="scan-put-1"
    )
    assert answered.answer.outcome == "done"
    assert units_in(code=step["bin"]) == 5
    again = scan(
        "put_away", task=task, step=step["id"], code=OOLONG_GTIN, bin_code=step["bin"], units=5, key="scan-put-1"
    )
    assert again.is_replay
    assert BinMove.objects.count() == 1


def test_any_other_bin_that_fits_will_do_and_the_plan_says_what_is_left(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=5)
    task = putting.task_of(product_id=oolong.pk)
    answered = scan("put_away", task=task, code=OOLONG_GTIN, bin_code="b-04-1", units=2)
    assert answered.answer.outcome == "right"
    assert answered.answer.plan is not None
    assert [one["units"] for one in answered.answer.plan["steps"]] == ["3"]
    assert units_in(code="B-04-1") == 2


def test_what_is_in_hand_chooses_the_task(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=5)
    answered = scan("put_away", task="any", code=OOLONG_GTIN)
    assert answered.answer.plan is not None
    assert answered.answer.plan["task"] == putting.task_of(product_id=oolong.pk)
    (task,) = putting.list_open(place_code=KEELUNG, actor=MEI)
    assert (task.task, task.values["units"], putting.count_open(place_code=KEELUNG, actor=MEI)) == (
        putting.task_of(product_id=oolong.pk),
        "5",
        1,
    )


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"code": "MATCHA-30", "bin_code": "A-01-1", "units": 1}, "floor.wrong_thing"),
        ({"code": OOLONG_GTIN, "bin_code": "NOWHERE", "units": 1}, "warehouse.unknown_bin"),
        ({"code": OOLONG_GTIN, "bin_code": "T-01-1", "units": 1}, "warehouse.bin_elsewhere"),
        ({"code": OOLONG_GTIN, "bin_code": "A-01-1", "units": 9}, "warehouse.not_that_many_loose"),
        ({"code": OOLONG_GTIN, "bin_code": "A-01-1", "units": "0.5"}, "floor.bad_units"),
        ({"code": OOLONG_GTIN, "bin_code": "A-01-1"}, "floor.bad_scan"),
        ({"code": OOLONG_GTIN, "units": 1}, "floor.bad_scan"),
        ({"code": "4006381333932", "bin_code": "A-01-1", "units": 1}, "floor.wrong_check_digit"),
    ],
)
def test_a_wrong_scan_is_told_and_moves_nothing(oolong: Product, given: dict[str, object], error: str) -> None:
    make_product(sku="MATCHA-30")
    make_place(code="TAINAN", name="Tainan")
    make_hall(place="TAINAN", first_aisle="T")
    arrive(product_id=oolong.pk, units=5)
    answered = scan("put_away", task=putting.task_of(product_id=oolong.pk), **given)
    assert answered.error == error
    assert answered.answer.outcome in {"wrong", "conflict"}
    assert not BinStock.objects.exists()


def test_of_several_lots_the_one_in_hand_is_asked_for(oolong: Product) -> None:
    for lot in ("L1", "L2"):
        arrive(product_id=oolong.pk, units=5, lot=lot, key=lot)
    task = putting.task_of(product_id=oolong.pk)
    asked = scan("put_away", task=task, code=OOLONG_GTIN, bin_code="A-01-1", units=1).answer
    assert [one.values["lot"] for one in asked.choices] == ["L1", "L2"]
    told = {asked.choices[1].detail: asked.choices[1].value}
    scan("put_away", task=task, code=OOLONG_GTIN, bin_code="A-01-1", units=1, details=told)
    assert BinStock.objects.get().lot == "L2"
    scan("put_away", task=task, code=OOLONG_GTIN, bin_code="A-02-1", units=1, lot="L1")
    assert {one.lot: one.units for one in list_loose(place_code=KEELUNG)} == {"L1": 4, "L2": 4}


@pytest.mark.django_db(transaction=True)
def test_two_people_who_scan_the_same_goods_away_at_once_do_it_once() -> None:
    make_place()
    make_hall()
    oolong = make_product()
    Barcode.objects.create(product=oolong, code=OOLONG_GTIN, kind="gtin")
    arrive(product_id=oolong.pk, units=5)
    task = putting.task_of(product_id=oolong.pk)

    def carry(hand: int) -> str:
        given = {"code": OOLONG_GTIN, "bin_code": f"A-0{hand + 1}-1", "units": 5}
        return scan("put_away", task=task, key=f"scan-hand-{hand}", **given).answer.outcome

    assert sorted(at_once(carry, hands=2)) == ["conflict", "done"]
    assert BinStock.objects.get().units == 5


def test_a_pick_face_is_filled_by_scans_and_a_wrong_bin_is_told(oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=9, lot="L1")
    put_away(
        put=PutAway(
            key="put", place_code=KEELUNG, product_id=oolong.pk, units=Decimal(9), bin_code="A-01-3", actor="Mei",
            happened_at=MORNING, lot="L1", expires_date=dt.date(2027, 1, 31),
        )
    )  # fmt: skip
    face = NewPickFace("A-01-1", oolong.pk, min_units=Decimal(2), max_units=Decimal(6))
    save_pick_faces(place_code=KEELUNG, faces=[face], decided_by="Mei")
    (task,) = replenish.list_open(place_code=KEELUNG, actor=MEI)
    assert (task.task, task.is_urgent, replenish.count_open(place_code=KEELUNG, actor=MEI)) == ("A-01-1", True, 1)
    (step,) = replenish.plan_of(task="A-01-1", place_code=KEELUNG, actor=MEI)["steps"]
    assert (step["bin"], step["units"], step["lot"]) == ("A-01-3", "6", "L1")
    wrong = scan("replenish", task="A-01-1", step=step["id"], code=OOLONG_GTIN, bin_code="A-02-1", units=6)
    assert wrong.error == "floor.wrong_thing"
    too_many = scan("replenish", task="A-01-1", step=step["id"], code=OOLONG_GTIN, bin_code="A-01-1", units=10)
    assert too_many.error == "warehouse.not_in_bin"
    done = scan("replenish", task="A-01-1", step=step["id"], code=OOLONG_GTIN, bin_code="A-01-1", units=6)
    assert done.answer.outcome == "done"
    moved = BinStock.objects.get(bin__code="A-01-1")
    assert (moved.units, moved.expires_date) == (6, dt.date(2027, 1, 31))


def test_a_task_that_is_none_or_of_another_place_is_not_there(oolong: Product) -> None:
    make_place(code="TAINAN", name="Tainan")
    for task in ("p0", "x", "p" + "9" * 30):
        with pytest.raises(UnknownTask):
            putting.plan_of(task=task, place_code=KEELUNG, actor=MEI)
    for task, place in (("NOWHERE", KEELUNG), ("A-01-1", "TAINAN")):
        with pytest.raises(UnknownTask):
            replenish.plan_of(task=task, place_code=place, actor=MEI)
