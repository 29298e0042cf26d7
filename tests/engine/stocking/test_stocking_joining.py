"""Orders of a night joined: small cases whose best answer can be found by hand."""

import io
import sys
from datetime import date

import polars as pl
import pytest
from absl import logging as absl_logging

from reorder.engine.stocking import JoinedOrders, join_orders, plan_restock
from reorder.engine.stocking.solving import load_solver

MONDAY = date(2026, 11, 23)


def lines(*, shelf_life_days: float | None = None, **wanted: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What each SKU alone would be ordered as; everything is offered by NEAR at 10 and by FAR at 9."""
    skus = sorted(wanted)
    position = pl.DataFrame({"sku": skus, "place": "P"}).with_columns(
        **{name: pl.lit(0.0) for name in ("on_hand", "incoming", "allocated", "held", "backordered")}
    )
    targets = pl.DataFrame(
        {
            "sku": skus,
            "place": "P",
            "reorder_point_units": 1.0,
            "order_up_to_units": [wanted[sku] for sku in skus],
            "daily_units": 1.0,
            "expected_units": 1.0,
            "lost_unit_cost": 1.0,
        }
    )
    offers = pl.DataFrame({"supplier": ["NEAR", "FAR"], "unit_cost": [10.0, 9.0]})
    constraints = (
        pl.DataFrame({"sku": skus, "place": "P"})
        .join(offers, how="cross")
        .with_columns(
            pack_units=pl.lit(1.0),
            minimum_units=pl.lit(1.0),
            maximum_cover_days=pl.lit(None, dtype=pl.Float64),
            shelf_life_days=pl.lit(shelf_life_days, dtype=pl.Float64),
            order_weekdays=pl.lit(None, dtype=pl.List(pl.Int64)),
        )
    )
    plan = plan_restock(position=position, targets=targets, constraints=constraints, as_of=MONDAY)
    return plan.lines, constraints


def joined(*, minimums: dict[str, float], shelf_life_days: float | None = None, **wanted: float) -> JoinedOrders:
    made, constraints = lines(shelf_life_days=shelf_life_days, **wanted)
    return join_orders(
        lines=made, constraints=constraints, minimum_values=minimums, surplus_loss_share=0.1, budget_seconds=2.0
    )


def said(made: JoinedOrders) -> list[tuple[str, str, float]]:
    return made.lines.select("sku", "supplier", "units").rows()


def test_without_minimum_values_the_cheapest_supplier_of_each_stays() -> None:
    made = joined(minimums={}, A=4, B=6)

    assert said(made) == [("A", "FAR", 4.0), ("B", "FAR", 6.0)]
    assert (made.changed_count, made.saved_value) == (0, 0.0)


def test_a_minimum_value_out_of_reach_sends_the_order_to_the_dearer_supplier() -> None:
    # Ten units cost 90 at FAR, and 200 with what is missing to its minimum; 100 at NEAR.
    made = joined(minimums={"FAR": 200.0}, A=4, B=6)

    assert said(made) == [("A", "NEAR", 4.0), ("B", "NEAR", 6.0)]
    assert made.changed_count == 2
    assert made.saved_value == pytest.approx(100.0)
    assert made.lines["order_value"].to_list() == [40.0, 60.0]
    assert set(made.lines["reason_code"]) == {"stocking.order.joined"}
    assert "4 units from FAR would do; 4 units from NEAR cost less" in made.lines["reason"][0]


def test_a_minimum_value_within_reach_is_filled_up() -> None:
    # 90 of 99 are ordered: one more unit costs 9 and is worth 8.1 later, NEAR would cost 10 more.
    made = joined(minimums={"FAR": 99.0}, A=4, B=6)

    assert sum(units for _sku, _supplier, units in said(made)) == 11.0
    assert {supplier for _sku, supplier, _units in said(made)} == {"FAR"}
    assert made.saved_value == pytest.approx(9.0 - 0.9)


def test_goods_that_expire_keep_their_line() -> None:
    made = joined(minimums={"FAR": 200.0}, shelf_life_days=30.0, A=4)

    assert said(made) == [("A", "FAR", 4.0)]
    assert made.changed_count == 0


def test_nothing_to_order_is_nothing_to_join() -> None:
    made, constraints = lines(A=4)

    empty = join_orders(
        lines=made.clear(),
        constraints=constraints,
        minimum_values={"FAR": 200.0},
        surplus_loss_share=0.1,
        budget_seconds=1.0,
    )

    assert empty.lines.is_empty()


def test_the_solver_never_closes_the_error_stream_it_was_brought_in_with(monkeypatch: pytest.MonkeyPatch) -> None:
    at_first, later = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", at_first)
    load_solver()
    handler = absl_logging.get_absl_handler().python_handler

    monkeypatch.setattr(sys, "stderr", later)
    handler.stream.write("said now")
    handler.close()

    assert (at_first.closed, later.closed, handler.stream.closed) == (False, False, False)
    assert (at_first.getvalue(), later.getvalue()) == ("", "said now")
