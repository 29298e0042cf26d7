"""Least and most units that a person laid down win over every computed level."""

import polars as pl
import pytest

from reorder.engine import stocking
from reorder.engine.frames import InvalidFrame

TARGETS = pl.DataFrame(
    {
        "sku": ["OOLONG", "SENCHA", "MATCHA"],
        "place": ["KEELUNG"] * 3,
        "safety_stock_units": [2.0, 4.0, 1.0],
        "reorder_point_units": [5.0, 10.0, 3.0],
        "order_up_to_units": [15.0, 30.0, 8.0],
        "method": ["quantile"] * 3,
        "reason": ["as sold"] * 3,
        "reason_code": ["stocking.target.quantile"] * 3,
        "reason_parameters": ["{}"] * 3,
    }
)


def limits(sku: str, least: float | None, most: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"sku": [sku], "place": ["KEELUNG"], "minimum_units": [least], "maximum_units": [most]},
        schema_overrides={"minimum_units": pl.Float64, "maximum_units": pl.Float64},
    )


def levels(frame: pl.DataFrame, sku: str) -> tuple[float, ...]:
    return (
        frame.filter(pl.col("sku") == sku)
        .select("safety_stock_units", "reorder_point_units", "order_up_to_units")
        .row(0)
    )


def test_a_minimum_lifts_the_reorder_point_and_orders_stay_as_large() -> None:
    made = stocking.apply_limits(targets=TARGETS, limits=limits("OOLONG", 12.0, None))

    assert levels(made, "OOLONG") == (9.0, 12.0, 22.0)
    assert made["reason"][0] == (
        "Demand asks for a reorder point of 5; a person laid down at least 12, so it is 12. An order lifts stock to 22."
    )


def test_a_maximum_cuts_every_level() -> None:
    made = stocking.apply_limits(targets=TARGETS, limits=limits("SENCHA", None, 8.0))

    assert levels(made, "SENCHA") == (4.0, 8.0, 8.0)
    assert made["reason_code"].to_list() == [
        "stocking.target.quantile",
        "stocking.target.at_most",
        "stocking.target.quantile",
    ]


def test_both_limits_hold_and_what_lies_between_them_stays() -> None:
    both = stocking.apply_limits(targets=TARGETS, limits=limits("MATCHA", 6.0, 10.0))
    between = stocking.apply_limits(targets=TARGETS, limits=limits("MATCHA", 2.0, 10.0))

    assert levels(both, "MATCHA") == (4.0, 6.0, 10.0)
    assert between.equals(TARGETS)


def test_a_minimum_above_its_maximum_is_refused_with_its_row() -> None:
    with pytest.raises(InvalidFrame, match="is above maximum_units"):
        stocking.apply_limits(targets=TARGETS, limits=limits("MATCHA", 6.0, 5.0))
