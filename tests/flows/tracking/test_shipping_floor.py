"""Shipping with a handheld: the dock and the cages, by the scans that screens send."""

import pytest

from reorder.domain.shipping.models import Manifest, ManifestParcel
from reorder.flows.floor import ship
from reorder.flows.floor.errors import UnknownTask
from reorder.flows.floor.scanning import AnsweredScan, take_scan
from reorder.flows.floor.values import FloorScan
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import LATER, state_of
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.tracked import HOUR, box, packed_order

pytestmark = pytest.mark.django_db
NUMBER = f"M-{KEELUNG}-261127-1"


def sent(code: str, *, task: str = "dock", step: str = "parcel", key: str = "") -> AnsweredScan:
    """What the handheld is answered."""
    scan = FloorScan(
        key=key or f"{task} {step} {code}",
        work="ship",
        task=task,
        step=step,
        place_code=KEELUNG,
        code=code,
        scanned_at=LATER,
    )
    return take_scan(scan=scan, actor=MERCHANT, moment=LATER + HOUR)


def test_at_the_dock_each_parcel_is_told_its_cage() -> None:
    stock_up(units=9)
    order_id = packed_order(("OOLONG-150", 2))
    box(order_id), box(order_id, "P-2")

    first, last = sent("P-1"), sent("tp-2")

    assert (first.answer.outcome, first.answer.values["left"]) == ("right", 1)
    assert (last.answer.outcome, last.answer.values["manifest"], last.answer.values["count"]) == ("right", NUMBER, 2)
    assert state_of(order_id) == "shipped"


def test_a_replayed_scan_is_answered_as_before_and_ships_once() -> None:
    stock_up(units=9)
    box(packed_order(("OOLONG-150", 1)))

    first, again = sent("P-1", key="k"), sent("P-1", key="k")

    assert (again.is_replay, again.answer) == (True, first.answer)
    assert ManifestParcel.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "error", "outcome"),
    [
        ("NOBODY", "floor.unknown_code_at_all", "wrong"),
        ("P-1", "shipping.wrong_cage", "wrong"),
    ],
)
def test_at_a_cage_what_does_not_belong_there_is_loud(code: str, error: str, outcome: str) -> None:
    stock_up(units=9)
    box(packed_order(("OOLONG-150", 1), external_id="A-0"), "P-0", carrier="新竹物流")
    sent("P-0")
    order_id = packed_order(("OOLONG-150", 1))
    box(order_id)

    answered = sent(code, task=NUMBER)

    assert (answered.error, answered.answer.outcome) == (error, outcome)
    assert (state_of(order_id), ManifestParcel.objects.count()) == ("packed", 1)


def test_a_parcel_without_a_label_needs_a_person() -> None:
    stock_up(units=9)
    box(packed_order(("OOLONG-150", 1)), tracking_number="")

    answered = sent("P-1")

    assert (answered.answer.outcome, answered.error) == ("conflict", "shipping.parcel_not_ready")
    assert answered.answer.values["reason"] == "it has no label yet"


def test_the_driver_takes_a_cage_along() -> None:
    stock_up(units=9)
    box(packed_order(("OOLONG-150", 1)))
    sent("P-1")
    (_dock, cage) = ship.list_open(place_code=KEELUNG, actor=MERCHANT)
    assert (cage.task, cage.values["count"]) == (NUMBER, 1)

    done = sent("close", task=NUMBER, step="close")

    assert (done.answer.outcome, done.answer.values["count"]) == ("done", 1)
    assert Manifest.objects.get().closed_by == "mei"
    assert sent("P-1", task=NUMBER).error == "shipping.manifest_closed"


def test_the_plan_shows_what_waits_and_asks_for_any_label() -> None:
    stock_up(units=9)
    box(packed_order(("OOLONG-150", 1)))

    plan = ship.plan_of(task="dock", place_code=KEELUNG, actor=MERCHANT)

    (step,) = plan["steps"]
    assert (step["ask"], step["expect"], step["details"]["again"]) == ("label", [], True)
    assert [one["parcel"] for one in step["details"]["waiting"]] == ["P-1"]
    assert ship.count_open(place_code=KEELUNG, actor=MERCHANT) == 1


@pytest.mark.parametrize("task", ["M-NONE-1", "dock"])
def test_a_task_that_is_none_is_unknown(task: str) -> None:
    with pytest.raises(UnknownTask):
        ship.plan_of(task=task, place_code="NOWHERE", actor=MERCHANT)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("]C1P00000012", "P00000012"),
        ("90 5512 2334 48", "905512233448"),
        ("905512233448", "905512233448"),
        ("p00000012", "P00000012"),
    ],
)
def test_labels_are_found_however_their_codes_are_read(text: str, spelling: str) -> None:
    assert spelling in ship.parcel_codes(text=text)
