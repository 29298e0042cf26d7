"""Waves: proposed by cut-off, released with their orders, walked, picked by scan into both ledgers."""

import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.inventory.models import Allocation
from reorder.domain.warehouse.floor_models import Bin, FloorPlan
from reorder.domain.warehouse.models import FulfilmentOrder, Wave, WaveParcel
from reorder.flows import fulfil, waves
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import ledger_agrees, placed, state_of
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.racing import at_once
from tests.factories.walking import (
    LATER,
    batch_of,
    bins_agree,
    in_bins,
    lay_floor,
    lines_of,
    pick_all,
    put_in,
    wave_at,
)

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


def test_two_workers_release_a_wave_once_and_lose_no_order() -> None:
    tea_and_cups(tea=30, cups=30)
    for number in range(6):
        placed(("OOLONG-150", 2), ("CUP", 1), external_id=f"A-{number}")
    first = waves.propose_waves(place_code=KEELUNG, actor=MERCHANT)[0]
    wave_id = waves.make_wave(place_code=KEELUNG, key=first.key, actor=MERCHANT, moment=LATER)

    done = at_once(lambda _: waves.run_release(wave_id=wave_id, asked_by="mei", moment=LATER), hands=2)

    assert sorted(one is None for one in done) == [False, True]
    assert len(lines_of(wave_id)) == 12
    assert WaveParcel.objects.filter(wave_id=wave_id, left_at=None).count() == 6


def test_an_order_that_is_held_meanwhile_is_left_back_with_the_reason() -> None:
    tea_and_cups()
    orders = [placed(("OOLONG-150", 1), ("CUP", 1), external_id=f"A-{number}") for number in range(2)]
    first = waves.propose_waves(place_code=KEELUNG, actor=MERCHANT)[0]
    wave_id = waves.make_wave(place_code=KEELUNG, key=first.key, actor=MERCHANT, moment=LATER)
    fulfil.hold_order(order_id=orders[0], reason="manual", actor=MERCHANT, moment=LATER)

    done = waves.release_wave(wave_id=wave_id, actor=MERCHANT, moment=LATER)

    assert [(one["order"], one["code"]) for one in done.left] == [("A-0", "orders.held")]
    assert [state_of(one) for one in orders] == ["allocated", "released"]
    assert pick_all(batch_of(wave_id)) == "done"


def test_express_and_cold_goods_have_waves_of_their_own() -> None:
    stock_up(units=20)
    stock_up(sku="ICE", units=20)
    Product.objects.filter(sku="ICE").update(temperature_class="frozen")
    placed(("OOLONG-150", 1), external_id="A-1")
    placed(("ICE", 1), external_id="A-2")
    fast = placed(("OOLONG-150", 1), external_id="A-3")
    fulfil.tag_order(order_id=fast, added=["急件"], actor=MERCHANT, moment=LATER)

    found = waves.propose_waves(place_code=KEELUNG, actor=MERCHANT)

    assert [(one.is_express, one.temperature_class, one.orders_count) for one in found] == [
        (True, "ambient", 1), (False, "ambient", 1), (False, "frozen", 1),
    ]  # fmt: skip


def test_a_floor_of_any_shape_is_walked() -> None:
    tea_and_cups()
    FloorPlan.objects.update(
        kind="graph",
        points=[["DOOR", 0, 0], ["LEFT", 5000, 0], ["RIGHT", 5000, 4000]],
        ways=[["DOOR", "LEFT", 5000, False], ["LEFT", "RIGHT", 4000, False], ["RIGHT", "DOOR", 6000, True]],
        depot_point="DOOR",
    )
    Bin.objects.filter(code="A-02").update(point="RIGHT")
    Bin.objects.exclude(code="A-02").update(point="LEFT")
    placed(("OOLONG-150", 2), ("CUP", 1))

    batch = batch_of(wave_at())

    # The way back from RIGHT is one-way and shorter than through LEFT again; by name one goes RIGHT first.
    assert (batch.walk, batch.length_mm, batch.by_name_length_mm) == (["B-01", "A-02"], 15_000, 18_000)


def test_a_place_without_bins_picks_in_waves_too() -> None:
    stock_up(units=20)
    stock_up(sku="CUP", units=20)
    orders = [placed(("OOLONG-150", 2), ("CUP", 1), external_id=f"A-{number}") for number in range(2)]

    batch = batch_of(wave_at())

    assert (batch.walk, batch.length_mm) == ([], None)
    assert pick_all(batch) == "done"
    assert [state_of(one) for one in orders] == ["picked", "picked"]
    assert ledger_agrees()
