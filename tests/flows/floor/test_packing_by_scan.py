"""A parcel is packed by scans: the right box, the right goods, the right weight; nothing wrong stays unsaid."""

import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.shipping.models import Parcel
from reorder.flows import fulfil
from reorder.flows.floor import pack
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import LATER, ledger_agrees
from tests.factories.packing import boxes, goods, lay_cartons, open_steps, picked, plan, press, scan, state, step_of
from tests.factories.placing import MERCHANT

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipment() -> int:
    """Two tins of oolong and a teapot that breaks."""
    lay_cartons()
    goods("OOLONG-150", 100, 100, 90)
    goods("TEAPOT", 130, 130, 80, grams=700, is_fragile=True)
    return picked(("OOLONG-150", 2), ("TEAPOT", 1))


def test_box_goods_and_scale_end_with_a_packed_parcel(shipment: int) -> None:
    assert open_steps(shipment) == ["0.box", "0.p0", "0.p1", "0.close"]

    box = scan(shipment, "0.box", "m")
    number = Parcel.objects.get(shipment_key=f"fulfilment:{shipment}").number
    tins = scan(shipment, "0.p0", "OOLONG-150", units=2)
    pot = scan(shipment, "0.p1", "TEAPOT")
    closed = scan(shipment, "0.close", units=step_of(shipment, "0.close")["units"])

    assert [one.answer.outcome for one in (box, tins, pot, closed)] == ["right", "right", "right", "done"]
    assert boxes(shipment) == [("M", [("OOLONG-150", "2"), ("TEAPOT", "1")], True)]
    assert closed.answer.values["parcel"] == number
    assert state(shipment) == "packed"
    assert ledger_agrees()


def test_the_parcel_says_what_it_weighs_and_how_large_it_is(shipment: int) -> None:
    scan(shipment, "0.box", "M")
    scan(shipment, "0.p0", "OOLONG-150", units=2)
    scan(shipment, "0.p1", "TEAPOT")
    scan(shipment, "0.close", units=1_500)

    parcel = Parcel.objects.get(shipment_key=f"fulfilment:{shipment}")

    assert (parcel.length_mm, parcel.width_mm, parcel.height_mm, parcel.grams) == (306, 206, 156, 1_500)
    assert (parcel.number, parcel.packed_by) == (f"P{parcel.pk:08d}", "mei")
    assert {one["sku"] for one in parcel.placements} == {"OOLONG-150", "TEAPOT"}


def test_a_fragile_thing_comes_last_and_on_top_of_nothing_else_lies(shipment: int) -> None:
    made = plan(shipment)

    assert [step["sku"] for step in made["steps"] if step["ask"] == "product"] == ["OOLONG-150", "TEAPOT"]
    assert step_of(shipment, "0.p1")["hint"].startswith("Fragile")


def test_a_product_of_another_order_is_told_loudly_and_changes_nothing(shipment: int) -> None:
    goods("SOAP", 80, 60, 30)
    scan(shipment, "0.box", "M")

    answered = scan(shipment, "0.p0", "SOAP")

    assert (answered.answer.outcome, answered.error) == ("wrong", "packing.not_in_shipment")
    assert open_steps(shipment) == ["0.p0", "0.p1", "0.close"]


def test_a_product_that_comes_later_is_not_taken_for_the_first(shipment: int) -> None:
    scan(shipment, "0.box", "M")

    assert scan(shipment, "0.p0", "TEAPOT").error == "packing.not_in_parcel"


def test_one_too_many_is_refused(shipment: int) -> None:
    scan(shipment, "0.box", "M")

    assert scan(shipment, "0.p0", "OOLONG-150", units=3).error == "packing.too_many"
    assert scan(shipment, "0.p0", "OOLONG-150", units=1).answer.values["left"] == "1"
    assert scan(shipment, "0.p0", "OOLONG-150", units=2).error == "packing.too_many"


def test_a_code_that_nobody_knows_says_so(shipment: int) -> None:
    scan(shipment, "0.box", "M")

    assert scan(shipment, "0.p0", "9999999999994").error == "floor.unknown_code_at_all"


def test_a_box_cannot_be_closed_before_everything_is_in_it(shipment: int) -> None:
    scan(shipment, "0.box", "M")
    scan(shipment, "0.p0", "OOLONG-150", units=2)

    assert scan(shipment, "0.close", units=1_500).error == "packing.step_not_now"
    assert state(shipment) == "picked"


def test_a_parcel_that_weighs_too_little_is_asked_about_and_then_believed(shipment: int) -> None:
    scan(shipment, "0.box", "M")
    scan(shipment, "0.p0", "OOLONG-150", units=2)
    scan(shipment, "0.p1", "TEAPOT")

    light = scan(shipment, "0.close", units=900)
    sure = scan(shipment, "0.close", units=900, details={"weight": "accept"})

    assert (light.answer.outcome, light.answer.choices[0].value) == ("wrong", "accept")
    assert (sure.answer.outcome, Parcel.objects.get().grams) == ("done", 900)


def test_a_replayed_scan_counts_once(shipment: int) -> None:
    scan(shipment, "0.box", "M")

    first = scan(shipment, "0.p0", "OOLONG-150", units=1, key="tin")
    again = scan(shipment, "0.p0", "OOLONG-150", units=1, key="tin")

    assert (first.is_replay, again.is_replay) == (False, True)
    assert again.answer.values["left"] == "1"


def test_another_carton_is_taken_where_everything_fits(shipment: int) -> None:
    answered = scan(shipment, "0.box", "L")

    assert answered.answer.outcome == "right"
    assert answered.answer.plan is not None
    assert boxes(shipment)[0][0] == "L"


def test_a_carton_too_small_for_everything_is_refused(shipment: int) -> None:
    assert scan(shipment, "0.box", "S").error == "packing.carton_too_small"
    assert boxes(shipment) == []


def test_a_carton_for_chilled_goods_only_is_refused_for_tea(shipment: int) -> None:
    assert scan(shipment, "0.box", "ICE").error == "packing.carton_too_warm"


def test_without_room_the_rest_goes_into_another_box(shipment: int) -> None:
    scan(shipment, "0.box", "M")
    scan(shipment, "0.p0", "OOLONG-150", units=1)

    answered = press(shipment, "0.p1", "rest")

    assert answered.answer.outcome == "right"
    assert open_steps(shipment) == ["0.close", "1.box", "1.p0", "1.p1", "1.close"]
    press(shipment, "0.close", "unweighed")
    second = step_of(shipment, "1.box")["details"]["carton"]
    scan(shipment, "1.box", second)
    for step in ("1.p0", "1.p1"):
        scan(shipment, step, step_of(shipment, step)["sku"])
    assert press(shipment, "1.close", "unweighed").answer.outcome == "done"
    assert [(code, packed) for code, _, packed in boxes(shipment)] == [("M", True), (second, True)]
    assert sorted(row for _, rows, _ in boxes(shipment) for row in rows) == [
        ("OOLONG-150", "1"),
        ("OOLONG-150", "1"),
        ("TEAPOT", "1"),
    ]


def test_a_size_that_nobody_entered_is_asked_for_and_kept() -> None:
    lay_cartons()
    goods("VASE")
    shipment = picked(("VASE", 1))

    assert open_steps(shipment)[0] == "s.VASE"
    assert scan(shipment, "s.VASE", "large").error == "packing.bad_size"
    assert scan(shipment, "s.VASE", "190x140x90 800").answer.outcome == "right"
    assert open_steps(shipment) == ["0.box", "0.p0", "0.close"]
    vase = Product.objects.get(sku="VASE")
    assert (vase.length_mm, vase.width_mm, vase.height_mm, vase.weight_grams) == (190, 140, 90, 800)
    assert step_of(shipment, "0.box")["details"]["carton"] == "S"


def test_an_estimate_goes_on_and_is_called_one() -> None:
    lay_cartons()
    goods("VASE", grams=0)
    shipment = picked(("VASE", 1))

    press(shipment, "s.VASE", "estimate")

    assert open_steps(shipment) == ["0.box", "0.p0", "0.close"]
    assert "an estimate" in step_of(shipment, "0.close")["prompt"]
    assert Product.objects.get(sku="VASE").length_mm is None


def test_a_thing_larger_than_every_carton_travels_as_it_is() -> None:
    lay_cartons()
    goods("POLE", 1_800, 50, 50, grams=2_000)
    shipment = picked(("POLE", 1))

    scan(shipment, "0.box", "own")
    scan(shipment, "0.p0", "POLE")
    press(shipment, "0.close", "unweighed")

    parcel = Parcel.objects.get()
    assert (parcel.carton_code, parcel.length_mm, parcel.grams, state(shipment)) == ("", 1_800, 2_000, "packed")


def test_a_shop_without_cartons_packs_all_the_same() -> None:
    goods("OOLONG-150", 100, 100, 90)
    shipment = picked(("OOLONG-150", 2))

    scan(shipment, "0.box", "own")
    scan(shipment, "0.p0", "OOLONG-150", units=2)

    assert press(shipment, "0.close", "unweighed").answer.outcome == "done"
    assert boxes(shipment) == [("", [("OOLONG-150", "2")], True)]


def test_goods_of_a_picked_order_that_changed_are_packed_anew(shipment: int) -> None:
    scan(shipment, "0.box", "M")
    fulfil.unpick_fulfilment(fulfilment_id=shipment, actor=MERCHANT, moment=LATER)

    assert scan(shipment, "0.p0", "OOLONG-150", units=2).error == "packing.not_packable"


def test_an_unpacked_parcel_is_planned_anew_and_the_old_one_is_no_more(shipment: int) -> None:
    scan(shipment, "0.box", "M")
    scan(shipment, "0.p0", "OOLONG-150", units=2)
    scan(shipment, "0.p1", "TEAPOT")
    press(shipment, "0.close", "unweighed")
    fulfil.unpack_fulfilment(fulfilment_id=shipment, actor=MERCHANT, moment=LATER)

    assert open_steps(shipment) == ["0.box", "0.p0", "0.p1", "0.close"]
    assert list(Parcel.objects.values_list("state", flat=True)) == ["cancelled"]


def test_what_waits_is_listed_and_counted(shipment: int) -> None:
    (task,) = pack.list_open(place_code=KEELUNG, actor=MERCHANT)

    assert (task.task, task.title, task.scan) == (str(shipment), "A-1", ("A-1",))
    assert pack.count_open(place_code=KEELUNG, actor=MERCHANT) == 1
