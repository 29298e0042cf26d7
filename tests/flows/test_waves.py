"""Waves: proposed by cut-off, released with their orders, walked, picked by scan into both ledgers."""

import pytest

from reorder.domain.inventory.models import Allocation
from reorder.domain.warehouse.models import FulfilmentOrder, Wave
from tests.factories.order_life import ledger_agrees, placed, state_of
from tests.factories.placing import stock_up
from tests.factories.walking import batch_of, bins_agree, in_bins, lay_floor, lines_of, pick_all, put_in, wave_at

pytestmark = pytest.mark.django_db(transaction=True)


def tea_and_cups(*, tea: int = 10, cups: int = 10) -> None:
    """Oolong in A-02 and cups in B-01."""
    stock_up(sku="OOLONG-150", units=tea)
    stock_up(sku="CUP", units=cups)
    lay_floor()
    put_in("A-02", sku="OOLONG-150", units=tea)
    put_in("B-01", sku="CUP", units=cups)


def test_a_wave_is_released_with_its_orders_and_walked_the_shortest_way() -> None:
    tea_and_cups()
    for number in ("A-1", "A-2"):
        placed(("OOLONG-150", 2), ("CUP", 1), external_id=number)

    wave_id = wave_at()

    batch = batch_of(wave_id)
    assert [state_of(one.order_id) for one in FulfilmentOrder.objects.all()] == ["released", "released"]
    assert sorted(batch.walk) == ["A-02", "B-01"]
    # Out and back through both aisles: 2 × 3 m across, 2 × 10 m along.
    assert (batch.length_mm, batch.by_name_length_mm) == (26_000, 26_000)
    assert batch.totes == 2
    assert sorted(lines_of(wave_id)) == [
        ("A-02", "", 2, "open"), ("A-02", "", 2, "open"), ("B-01", "", 1, "open"), ("B-01", "", 1, "open"),
    ]  # fmt: skip


def test_picking_a_batch_by_scan_moves_goods_in_both_ledgers_and_picks_the_orders() -> None:
    tea_and_cups()
    orders = [placed(("OOLONG-150", 2), ("CUP", 1), external_id=number) for number in ("A-1", "A-2")]
    wave_id = wave_at()

    assert pick_all(batch_of(wave_id)) == "done"

    assert [state_of(one) for one in orders] == ["picked", "picked"]
    assert (in_bins("OOLONG-150"), in_bins("CUP")) == ({"A-02": 6}, {"B-01": 8})
    assert [int(one.picked_units) for one in Allocation.objects.order_by("pk")] == [2, 1, 2, 1]
    assert (Wave.objects.get().state, batch_of(wave_id).state) == ("done", "done")
    assert ledger_agrees()
    assert bins_agree()


def test_goods_in_several_bins_are_taken_where_the_walk_goes_anyway() -> None:
    stock_up(sku="OOLONG-150", units=10)
    stock_up(sku="CUP", units=10)
    lay_floor()
    put_in("A-01", sku="OOLONG-150", units=5)
    put_in("C-01", sku="OOLONG-150", units=5)
    put_in("C-01", sku="CUP", units=10)
    placed(("OOLONG-150", 2), ("CUP", 1))

    wave_id = wave_at()

    # A-01 is nearer, but C-01 is passed for the cup.
    assert sorted(lines_of(wave_id)) == [("C-01", "", 1, "open"), ("C-01", "", 2, "open")]
