"""Goods from bin to bin by scans: checked at each step, moved by the last."""

from decimal import Decimal

import pytest

from reorder.domain.catalog.models import Barcode
from reorder.domain.inventory.operations import record_moves
from reorder.domain.warehouse.bin_stock import NewBinMove, list_excess, move_between_bins
from reorder.domain.warehouse.models import BinMove, BinStock
from reorder.flows.floor.move import plan_of
from tests.factories.catalog import make_product
from tests.factories.floor import MEI, OOLONG_GTIN, SCANNED_AT, make_bin, outcome_of, scanned
from tests.factories.inventory import KEELUNG, make_place, opening

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves() -> int:
    """Twenty oolong in A-01, of two lots; A-02 is empty; T-01 stands in Tainan."""
    make_place()
    make_place(code="TAINAN", name="Tainan")
    product = make_product()
    Barcode.objects.create(product=product, code=OOLONG_GTIN, kind="gtin")
    for code, place in (("A-01", KEELUNG), ("A-02", KEELUNG), ("T-01", "TAINAN")):
        make_bin(code=code, place=place)
    for lot, units in (("", 12), ("L-1", 8)):
        record_moves(moves=[opening(product_id=product.pk, units=units, lot=lot)])
        move_between_bins(
            moves=[
                NewBinMove(
                    key=f"put-{lot}",
                    kind="put_away",
                    product_id=product.pk,
                    units=Decimal(units),
                    source="",
                    target="A-01",
                    cause_kind="test",
                    cause_key="1",
                    actor="mei",
                    happened_at=SCANNED_AT,
                    lot=lot,
                )
            ]
        )
    return product.pk


def step(name: str, code: str = "", **more: object) -> tuple[str, str]:
    return outcome_of(scanned(work="move", task="move-1", step=name, code=code, **more))


def stock() -> dict[tuple[str, str], Decimal]:
    return {(one.bin.code, one.lot): one.units for one in BinStock.objects.select_related("bin")}


def test_four_scans_move_goods_of_one_lot(shelves: int) -> None:
    assert step("source", "a-01") == ("right", "Bin A-01.")
    assert step("product", OOLONG_GTIN, details={"lot": "self|L-1"}) == ("right", "Oolong 150 g: 8 are in A-01.")
    assert step("units", units=5) == ("right", "5 × Oolong 150 g.")
    assert step("target", "A-02") == ("right", "5 × Oolong 150 g moved from A-01 to A-02.")

    assert stock() == {("A-01", ""): 12, ("A-01", "L-1"): 3, ("A-02", "L-1"): 5}
    assert list_excess(place_code=KEELUNG) == []
    assert BinMove.objects.filter(kind="move").count() == 1


def test_several_lots_in_a_bin_are_asked(shelves: int) -> None:
    step("source", "A-01")

    answered = scanned(work="move", task="move-1", step="product", code=OOLONG_GTIN)

    assert answered.answer.outcome == "wrong"
    assert [one.value for one in answered.answer.choices] == ["self|", "self|L-1"]


def test_a_bin_of_another_warehouse_is_told(shelves: int) -> None:
    assert step("source", "T-01") == ("wrong", "Bin T-01 is at TAINAN, not here (KEELUNG). Scan a bin of this place.")
    assert scanned(work="move", task="move-1", step="source", code="Z-99").error == "warehouse.unknown_bin"


def test_more_than_is_in_the_bin_and_the_same_bin_are_refused(shelves: int) -> None:
    step("source", "A-01")
    step("product", OOLONG_GTIN, details={"lot": "self|L-1"})

    assert step("units", units=9)[0] == "conflict"
    step("units", units=8)
    assert scanned(work="move", task="move-1", step="target", code="A-01").error == "floor.same_bin"
    assert stock() == {("A-01", ""): 12, ("A-01", "L-1"): 8}


def test_steps_without_those_before_them_move_nothing(shelves: int) -> None:
    for name in ("product", "units", "target"):
        answered = scanned(work="move", task="move-2", step=name, code=OOLONG_GTIN if name == "product" else "A-02")
        assert answered.error == "floor.bad_scan"
    assert stock() == {("A-01", ""): 12, ("A-01", "L-1"): 8}


def test_after_goods_were_put_down_a_new_move_begins(shelves: int) -> None:
    step("source", "A-01")
    step("product", OOLONG_GTIN, details={"lot": "self|L-1"})
    step("units", units=8)
    step("target", "A-02")

    assert scanned(work="move", task="move-1", step="target", code="A-01").error == "floor.bad_scan"
    assert plan_of(task="move-1", place_code=KEELUNG, actor=MEI)["details"] == {"again": True, "waits": True}
