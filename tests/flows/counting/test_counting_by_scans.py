"""Counting with a handheld: blind plans, goods in any order, lots by their labels, and a word for what is missing."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from reorder.domain.catalog.models import Barcode
from reorder.domain.warehouse.count_models import CountEntry
from reorder.flows.counting import ask_count
from reorder.flows.floor import count
from reorder.flows.floor.scanning import AnsweredScan, show_plan, take_scan
from reorder.flows.floor.values import FloorScan
from tests.factories.catalog import make_product
from tests.factories.counting import ANN, MEI, NOON, OWNER, fill_bin, in_bin, make_bins
from tests.factories.inventory import KEELUNG, stock_at

pytestmark = pytest.mark.django_db(transaction=True)
GTIN = "4006381333931"


def scan(task: int, step: str, key: str, **more: Any) -> AnsweredScan:
    by = more.pop("by", MEI)
    units = more.pop("units", None)
    return take_scan(
        scan=FloorScan(
            key=key,
            work="count",
            task=str(task),
            step=step,
            place_code=KEELUNG,
            units=None if units is None else Decimal(units),
            scanned_at=more.pop("at", NOON),
            **more,
        ),
        actor=by,
        moment=NOON + dt.timedelta(minutes=30),
    )


def two_lots() -> tuple[int, int]:
    """Oolong of two lots in A01, with a GTIN; the count of that bin."""
    oolong = make_product(unit_cost_minor=100)
    Barcode.objects.create(product=oolong, code=GTIN, kind="gtin")
    make_bins()
    fill_bin(bin_code="A01", product_id=oolong.pk, units=5, lot="L1")
    fill_bin(bin_code="A01", product_id=oolong.pk, units=3, lot="L2")
    return oolong.pk, ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).task_id


def test_a_plan_holds_no_figure_of_what_is_expected() -> None:
    _, task = two_lots()
    plan = show_plan(work="count", task=str(task), place_code=KEELUNG, actor=MEI)
    assert [step["id"].split(":")[0] for step in plan["steps"]] == ["bin", "goods", "goods", "other", "finish"]
    assert all(step["units"] is None for step in plan["steps"])
    told = json.dumps(plan["steps"])
    assert "expected" not in told
    assert '"5"' not in told


def test_a_bin_is_counted_lot_by_lot_from_the_labels_and_done() -> None:
    product, task = two_lots()
    assert scan(task, f"goods:{product}:self:L1", "k0", code=GTIN, units=5).answer.outcome == "wrong"
    assert scan(task, "bin", "k1", code="A02").answer.outcome == "wrong"
    assert scan(task, "bin", "k2", code="a01").answer.outcome == "right"
    # The handheld thought of lot L1, the label says L2: the label counts.
    label = f"\x1d01{GTIN.zfill(14)}10L2"
    answered = scan(task, f"goods:{product}:self:L1", "k3", code=label, units=3)
    assert answered.answer.outcome == "right"
    assert answered.answer.plan is not None
    assert answered.answer.plan["done_steps"] == ["bin", f"goods:{product}:self:L2"]
    unfinished = scan(task, "finish", "k4", code="all").answer
    assert (unfinished.outcome, [one.value for one in unfinished.choices]) == ("wrong", ["missing"])
    assert scan(task, f"goods:{product}:self:L1", "k5", code=GTIN, units=5).answer.outcome == "right"
    assert scan(task, "finish", "k6", code="all").answer.outcome == "done"
    assert CountEntry.objects.count() == 2
    assert stock_at(sku="OOLONG-150") == 8


def test_what_is_not_there_is_said_and_booked() -> None:
    product, task = two_lots()
    scan(task, "bin", "k1", code="A01")
    scan(task, f"goods:{product}:self:L1", "k2", code=GTIN, units=5)
    gone = scan(task, "finish", "k3", code="all", details={"rest": "missing"})
    # Three of three are more than a share that is booked by itself: a person looks.
    assert (gone.answer.outcome, gone.answer.message) == ("done", "Bin {bin} is counted. Somebody will look at it.")
    assert "3" not in json.dumps(dict(gone.answer.values))
    assert in_bin(bin_code="A01", sku="OOLONG-150", lot="L2") == 3


def test_a_replay_of_the_same_scan_counts_once() -> None:
    product, task = two_lots()
    scan(task, "bin", "k1", code="A01")
    first = scan(task, f"goods:{product}:self:L1", "k2", code=GTIN, units=5)
    again = scan(task, f"goods:{product}:self:L1", "k2", code=GTIN, units=5)
    assert (first.is_replay, again.is_replay, again.answer.outcome) == (False, True, "right")
    assert CountEntry.objects.count() == 1


def test_something_else_in_the_bin_is_asked_for_its_lot_and_taken_down() -> None:
    _, task = two_lots()
    matcha = make_product(sku="MATCHA-30", unit_cost_minor=100)
    fill_bin(bin_code="A02", product_id=matcha.pk, units=9, lot="M1")
    scan(task, "bin", "k1", code="A01")
    asked = scan(task, "other", "k2", code="MATCHA-30", units=1).answer
    assert (asked.outcome, [one.value for one in asked.choices]) == ("wrong", ["M1"])
    assert scan(task, "other", "k3", code="MATCHA-30", units=1, details={"lot": "M1"}).answer.outcome == "right"
    entry = CountEntry.objects.get()
    assert (entry.product_id, entry.lot, entry.counted_units, entry.expected_units) == (matcha.pk, "M1", 1, 0)


def test_an_unknown_code_a_half_unit_and_no_number_are_wrong_and_change_nothing() -> None:
    product, task = two_lots()
    scan(task, "bin", "k1", code="A01")
    assert scan(task, "other", "k2", code="9999999999994", units=1).error == "floor.unknown_code_at_all"
    assert scan(task, "other", "k3", code="4006381333932", units=1).answer.outcome == "wrong"
    assert scan(task, f"goods:{product}:self:L1", "k4", code=GTIN, units="0.5").answer.outcome == "wrong"
    assert scan(task, f"goods:{product}:self:L1", "k5", code=GTIN).answer.outcome == "wrong"
    assert CountEntry.objects.count() == 0


def test_another_person_is_told_who_counts() -> None:
    _, task = two_lots()
    scan(task, "bin", "k1", code="A01")
    told = scan(task, "bin", "k2", code="A01", by=ANN)
    assert (told.answer.outcome, told.answer.values["by"]) == ("conflict", "mei")
    assert scan(999, "bin", "k3", code="A01").error == "floor.unknown_task"


def test_due_counts_are_listed_with_who_is_at_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOON.isoformat())
    _, task = two_lots()
    scan(task, "bin", "k1", code="A01")
    (open_task,) = count.list_open(place_code=KEELUNG, actor=ANN)
    assert (open_task.task, open_task.title, open_task.taken_by, open_task.scan) == (str(task), "A01", "mei", ("A01",))
    assert count.count_open(place_code=KEELUNG, actor=ANN) == 1
