"""Stock walked through known demand: every number below can be followed by hand."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from reorder.engine.simulation import walk_shelves

MONDAY = date(2026, 11, 23)


def days(count: int) -> list[date]:
    return [MONDAY + timedelta(days=step) for step in range(count)]


def demand(*units: float) -> pl.DataFrame:
    return pl.DataFrame({"sku": "A", "place": "P", "date": days(len(units)), "units": [float(one) for one in units]})


def target(*, point: float = 4.0, up_to: float = 10.0, lead_days: float = 2.0) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sku": ["A"],
            "place": ["P"],
            "reorder_point_units": [point],
            "order_up_to_units": [up_to],
            "daily_units": [1.0],
            "expected_units": [3.0],
            "lead_days": [lead_days],
        }
    )


def constraints(*, weekdays: list[int] | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sku": ["A"],
            "place": ["P"],
            "supplier": ["S"],
            "pack_units": [1.0],
            "minimum_units": [1.0],
            "unit_cost": [5.0],
            "order_weekdays": [weekdays],
        },
        schema_overrides={"order_weekdays": pl.List(pl.Int64)},
    )


def receipts(*lead_days: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"sku": "A", "place": "P", "supplier": "S", "lead_days": list(lead_days)},
        schema_overrides={"lead_days": pl.Int64},
    )


NO_RECEIPTS = receipts().with_columns(pl.col("sku", "place", "supplier").cast(pl.String))


def walk(*, wanted: pl.DataFrame, **given: object) -> object:
    settings: dict[str, object] = {
        "targets": {MONDAY: target()},
        "constraints": constraints(),
        "lead_times": receipts(2),
        "until": MONDAY + timedelta(days=5),
        "generator": np.random.default_rng(1),
    }
    return walk_shelves(demand=wanted, **(settings | given))


def test_an_order_placed_in_the_morning_arrives_after_its_lead_time() -> None:
    # 10 − 6 = 4 on Monday evening; Tuesday orders 6, which are there on Thursday; Wednesday's three are lost.
    run = walk(wanted=demand(6, 4, 3, 2, 0, 0))

    assert run.orders.select("order_date", "arrival_date", "units", "order_value").rows() == [
        (date(2026, 11, 24), date(2026, 11, 26), 6.0, 30.0),
        (date(2026, 11, 27), date(2026, 11, 29), 6.0, 30.0),
    ]
    assert run.series.row(0, named=True) == {
        "sku": "A",
        "place": "P",
        "wanted_units": 15.0,
        "sold_units": 12.0,
        "lost_units": 3.0,
        "stockout_days": 1,
        "mean_on_hand_units": pytest.approx((4 + 0 + 0 + 4 + 4 + 4) / 6),
        "orders_count": 2,
        "ordered_units": 12.0,
    }
    assert run.days["on_hand_units"].to_list() == [4.0, 0.0, 0.0, 4.0, 4.0, 4.0]
    assert run.days["on_hand_value"].to_list() == [20.0, 0.0, 0.0, 20.0, 20.0, 20.0]


def test_orders_wait_for_the_suppliers_order_day() -> None:
    # Thursday is the only order day.
    run = walk(wanted=demand(8, 0, 0, 0, 0, 0), constraints=constraints(weekdays=[4]))

    assert run.orders.select("order_date", "units").rows() == [(date(2026, 11, 26), 8.0)]


def test_later_targets_take_over_on_their_day() -> None:
    later = {MONDAY: target(), MONDAY + timedelta(days=3): target(point=20.0, up_to=30.0)}

    run = walk(wanted=demand(0, 0, 0, 0, 0, 0), targets=later)

    assert run.orders.select("order_date", "units").rows() == [(date(2026, 11, 26), 20.0)]


def test_a_supplier_without_receipts_takes_the_targets_lead_time() -> None:
    run = walk(wanted=demand(6, 0, 0, 0, 0, 0), lead_times=NO_RECEIPTS, targets={MONDAY: target(lead_days=3.0)})

    assert run.orders["arrival_date"].to_list() == [date(2026, 11, 27)]


def test_without_targets_there_is_nothing_to_walk() -> None:
    with pytest.raises(ValueError, match="targets"):
        walk(wanted=demand(1), targets={})
