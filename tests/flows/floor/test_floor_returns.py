"""Goods that come back, at the dock: scanned, refused where they are not of the order, graded, put where they belong."""

import pytest

from reorder.domain.catalog.models import Barcode, Product
from reorder.domain.inventory.models import Hold
from reorder.domain.warehouse.bin_stock import list_in_bins, list_loose
from reorder.domain.warehouse.models import Return, ReturnPiece
from reorder.flows.floor.return_ import list_open
from reorder.flows.floor.scanning import AnsweredScan, show_plan, take_scan
from tests.factories.floor import OOLONG_GTIN, STRANGE_GTIN, make_bin, scan_of
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import ledger_agrees
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.returning import BACK, delivered, opened

pytestmark = pytest.mark.django_db(transaction=True)


def scanned(**given: object) -> AnsweredScan:
    return take_scan(scan=scan_of(work="return", **given), actor=MERCHANT, moment=BACK)  # type: ignore[arg-type]


def tea() -> int:
    """Oolong with its barcode, delivered to Mei; the order."""
    product_id = stock_up(units=10)
    Barcode.objects.create(product_id=product_id, code=OOLONG_GTIN, kind="gtin")
    return delivered(("OOLONG-150", 3))


def test_a_parcel_nobody_announced_is_scanned_graded_and_put_where_it_belongs() -> None:
    tea()
    make_bin(code="R-1", purpose="returns")
    make_bin(code="Q-1", purpose="quarantine")
    found = scanned(task="new", step="find", code="A-1")
    assert (found.answer.outcome, found.answer.message) == ("done", "Return {number}. Scan what is in the parcel.")
    one = Return.objects.get()
    task = str(one.pk)
    assert [row.title for row in list_open(place_code=KEELUNG, actor=MERCHANT)] == ["RMA"]

    taken = scanned(task=task, step="goods", code=OOLONG_GTIN, units=2)
    assert (taken.answer.outcome, taken.answer.values["units"]) == ("right", "2")
    assert [row.title for row in list_open(place_code=KEELUNG, actor=MERCHANT)] == ["RMA", one.number]
    (stands,) = list_in_bins(place_code=KEELUNG, product_ids=[Product.objects.get().pk])
    assert (stands.bin_code, stands.units) == ("R-1", 2)

    ended = scanned(task=task, step="finish", code="finish")
    assert ended.answer.plan is not None
    (step,) = ended.answer.plan["steps"]
    assert [choice["value"] for choice in step["choices"]] == ["A", "B", "C", "D"]
    kept = scanned(task=task, step=step["id"], code="C", units=1, details=step["details"])
    assert kept.answer.message == "{name}: into quarantine{where}."
    assert kept.answer.values["where"] == " (Q-1)"
    rest = ReturnPiece.objects.get(grade="")
    last = scanned(task=task, step=f"grade-{rest.pk}", code="A", details={"seen_units": "1"})
    assert last.answer.outcome == "done"
    one.refresh_from_db()
    assert (one.state, Hold.objects.get().units, ledger_agrees()) == ("inspected", 1, True)
    bins = [(row.bin_code, row.units) for row in list_in_bins(place_code=KEELUNG, product_ids=[rest.product_id])]
    assert bins == [("Q-1", 1)]
    (loose,) = list_loose(place_code=KEELUNG, product_ids=[rest.product_id])
    assert loose.units == 8


def test_wrong_scans_say_what_to_do_and_change_nothing() -> None:
    order_id = tea()
    stock_up(sku="MATCHA-30", units=5)
    Barcode.objects.create(product=Product.objects.get(sku="MATCHA-30"), code="036000291452", kind="gtin")
    task = str(opened(order_id, 1))
    assert scanned(task="new", step="find", code="STRANGE-1").error == "returns.unknown_code"
    wrong = scanned(task=task, step="goods", code="036000291452", units=1)
    assert (wrong.answer.outcome, wrong.error) == ("wrong", "returns.wrong_goods")
    assert scanned(task=task, step="goods", code=STRANGE_GTIN, units=1).error == "floor.unknown_code_at_all"
    assert scanned(task=task, step="goods", code=OOLONG_GTIN, units=4).error == "returns.too_many"
    assert scanned(task=task, step="finish", code="finish").error == "returns.nothing_received"
    assert scanned(task="77777", step="goods", code=OOLONG_GTIN, units=1).error == "floor.unknown_task"
    assert (ReturnPiece.objects.count(), ledger_agrees()) == (0, True)


def test_a_replayed_scan_counts_once_and_two_grades_of_one_piece_are_one() -> None:
    task = str(opened(tea(), 2))
    plan = show_plan(work="return", task=task, place_code=KEELUNG, actor=MERCHANT)
    line = plan["steps"][0]
    assert (line["ask"], line["units"], line["name"]) == ("product", "2", "Oolong 150 g")
    assert "0" + OOLONG_GTIN in line["expect"]
    for _ in range(2):
        scanned(task=task, step=line["id"], code=OOLONG_GTIN, units=2, key="same")
    scanned(task=task, step="finish", code="finish")
    piece = ReturnPiece.objects.get()
    seen = {"seen_units": "2"}
    assert scanned(task=task, step=f"grade-{piece.pk}", code="A", details=seen).answer.outcome == "done"
    late = scanned(task=task, step=f"grade-{piece.pk}", code="D", details=seen)
    assert (late.answer.outcome, late.error) == ("conflict", "returns.moved_on")
    assert ledger_agrees()
