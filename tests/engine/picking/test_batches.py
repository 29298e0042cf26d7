"""Batches hold every order once, no more than a cart, and their walks are the shortest through what they hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine.picking import AisleLayout, BadBatching, BatchPlan, Bin, plan_batches, plan_walk
from reorder.engine.picking.lengths import Grid
from tests.engine.picking.test_walks import BINS, LAYOUTS

ONE_BLOCK = AisleLayout(aisle_pitch=5.0, cross_aisles=(0.0, 47.0), depot_aisle=0, depot_at=0.0)


@settings(max_examples=60, deadline=None)
@given(layout=LAYOUTS, orders=st.lists(BINS, min_size=1, max_size=4))
def test_many_sets_measured_at_once_are_as_long_as_their_walks(layout: AisleLayout, orders: list[list[Bin]]) -> None:
    grid = Grid.make(layout=layout, orders=orders)
    whole = grid.counts.sum(axis=0, keepdims=True).astype(np.int16)

    measured = grid.measure(counts=np.concatenate((grid.counts, whole))).tolist()

    everything = [each for bins in orders for each in bins]
    assert measured == pytest.approx([plan_walk(layout=layout, bins=bins).length for bins in (*orders, everything)])


def planned(orders: dict[str, list[Bin]], capacity: float, **more: float) -> BatchPlan:
    units = {order_id: float(len(bins)) for order_id, bins in orders.items()}
    return plan_batches(
        layout=ONE_BLOCK, orders=orders, units=units, capacity_units=capacity, budget_seconds=0.4, **more
    )


def test_orders_of_the_same_aisles_share_a_walk() -> None:
    left, right = [Bin(1, 10.0), Bin(1, 40.0)], [Bin(9, 10.0), Bin(9, 40.0)]

    plan = planned({"a": left, "b": right, "c": left, "d": right}, 4)

    assert sorted(each.order_ids for each in plan.batches) == [("a", "c"), ("b", "d")]
    assert plan.length == plan_walk(layout=ONE_BLOCK, bins=left).length + plan_walk(layout=ONE_BLOCK, bins=right).length
    assert [len(each.walk.stops) for each in plan.batches] == [2, 2]


def test_every_order_is_in_one_batch_and_no_cart_is_over_full() -> None:
    rng = np.random.default_rng(3)
    orders = {
        f"o{number}": [Bin(int(rng.integers(10)), float(rng.integers(1, 46))) for _ in range(int(rng.integers(1, 6)))]
        for number in range(40)
    }

    plan = planned(orders, 12)

    assert sorted(each for batch in plan.batches for each in batch.order_ids) == sorted(orders)
    for batch in plan.batches:
        assert sum(len(orders[each]) for each in batch.order_ids) <= 12
        assert set(batch.walk.stops) == {each for order_id in batch.order_ids for each in orders[order_id]}
    assert plan.length == pytest.approx(sum(batch.walk.length for batch in plan.batches))
    alone = sum(plan_walk(layout=ONE_BLOCK, bins=bins).length for bins in orders.values())
    assert plan.length < alone * 0.5


def test_carts_that_are_full_to_the_last_unit_are_shared_in_the_best_way() -> None:
    # Nine orders fill three carts exactly: hardly any two can change places. 552 m by trying every sharing out.
    rng = np.random.default_rng(12)
    units = [int(each) for each in rng.integers(3, 10, size=9)]
    orders = {
        f"o{number}": [Bin(int(rng.integers(0, 8)), float(rng.integers(1, 30))) for _ in range(3)]
        for number in range(9)
    }
    layout = AisleLayout(aisle_pitch=4.0, cross_aisles=(0.0, 31.0), depot_aisle=0, depot_at=0.0)

    plan = plan_batches(
        layout=layout,
        orders=orders,
        units={f"o{number}": float(each) for number, each in enumerate(units)},
        capacity_units=17,
        budget_seconds=1.0,
        seed=1,
    )

    assert sum(units) == 3 * 17
    assert (len(plan.batches), plan.length) == (3, pytest.approx(552.0))


def test_units_that_add_up_otherwise_in_another_order_still_fit_the_cart_that_holds_them() -> None:
    # 0.2 + 0.3 + 0.1 is 0.6 to a computer, 0.1 + 0.2 + 0.3 a little more.
    orders = {"a": [Bin(3, 5.0)], "b": [Bin(9, 40.0)], "c": [Bin(9, 41.0)], "d": [Bin(1, 2.0)]}

    plan = plan_batches(
        layout=ONE_BLOCK,
        orders=orders,
        units={"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.6},
        capacity_units=0.6,
        budget_seconds=0.5,
    )

    assert sorted(each.order_ids for each in plan.batches) == [("a", "b", "c"), ("d",)]


def test_no_orders_are_no_batches_and_what_no_cart_holds_is_refused() -> None:
    assert planned({}, 4) == BatchPlan(batches=(), length=0.0)
    with pytest.raises(BadBatching, match="Order big is 5"):
        planned({"big": [Bin(1, float(at)) for at in range(5)]}, 4)
    with pytest.raises(BadBatching, match="units order b is"):
        plan_batches(layout=ONE_BLOCK, orders={"b": [Bin(1, 1.0)]}, units={}, capacity_units=4)


def test_many_orders_without_time_to_measure_still_share_walks() -> None:
    rng = np.random.default_rng(5)
    orders = {f"o{number}": [Bin(int(rng.integers(10)), float(rng.integers(1, 46)))] for number in range(200)}

    plan = plan_batches(
        layout=ONE_BLOCK, orders=orders, units=dict.fromkeys(orders, 1.0), capacity_units=20, budget_seconds=0.0
    )

    assert len(plan.batches) == 10
    assert {len(batch.order_ids) for batch in plan.batches} == {20}
