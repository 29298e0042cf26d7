"""The arithmetic of reports, by hand."""

import datetime as dt

import polars as pl
import pytest

from reorder.flows.replay.figures import demand_over_spans
from reorder.flows.reports.figures import report_content, stock_figures

KEYS = {"product_id": [1], "place": ["P"]}


def figures(*, cost: float | None = 200.0, on_hand: float = 30.0) -> pl.DataFrame:
    return stock_figures(
        stock=pl.DataFrame({**KEYS, "on_hand_units": [on_hand], "mean_on_hand_units": [20.0], "mean_days": [90.0]}),
        ages=pl.DataFrame(
            {"product_id": [1, 1, 1], "place": ["P"] * 3, "age_days": [30, 31, 200], "units": [10.0, 15.0, 5.0]}
        ),
        sold=pl.DataFrame({**KEYS, "units": [45.0]}),
        costs=pl.DataFrame({"product_id": [1], "cost_minor": [cost]}, schema_overrides={"cost_minor": pl.Float64}),
        daily=pl.DataFrame({**KEYS, "daily_units": [0.5]}),
        classes=pl.DataFrame({**KEYS, "abc": ["A"], "xyz": ["Z"]}),
    )


def test_value_turns_cover_and_ages_follow_from_stock_sales_and_cost() -> None:
    (row,) = figures().to_dicts()

    assert row["value_minor"] == 6000
    assert row["turns"] == pytest.approx(45 * 365 / 90 / 20)
    assert row["cover_days"] == 60.0
    assert row["oldest_days"] == 200
    assert [row[name] for name in ("young_minor", "middle_minor", "aged_minor", "old_minor")] == [2000, 3000, 0, 1000]
    assert (row["abc"], row["xyz"]) == ("A", "Z")


def test_without_a_cost_there_is_no_value_and_the_day_counts_it() -> None:
    made = figures(cost=None)
    content = report_content(
        figures=made,
        accuracy=pl.DataFrame(),
        chosen=pl.DataFrame(),
        categories=pl.DataFrame({"product_id": [1], "category_code": ["tea"]}),
        costs=pl.DataFrame({"product_id": [1], "cost_minor": [None]}, schema_overrides={"cost_minor": pl.Float64}),
    )

    assert made["value_minor"].to_list() == [None]
    assert (content["stock"]["value_minor"], content["stock"]["without_cost"]) == (0, 1)
    assert content["categories"][0]["category_code"] == "tea"
    assert content["stock"]["turns"] is None


def test_a_target_is_judged_once_its_span_is_over() -> None:
    monday = dt.date(2026, 11, 2)
    targets = pl.DataFrame(
        {
            "sku": ["A", "SLOW"],
            "place": ["P", "P"],
            "service_level": [0.95, 0.9],
            "reorder_point_units": [5.0, 5.0],
            "lead_days": [2.6, 30.0],
            "lost_unit_cost": [10.0, 10.0],
        }
    )
    came = pl.DataFrame(
        {"sku": "A", "place": "P", "date": [monday + dt.timedelta(days=n) for n in range(6)], "units": [2.0] * 6}
    )

    made = demand_over_spans(targets=targets, came=came, origin=monday, before=dt.date(2026, 11, 23), review_days=1)

    # 2.6 days are three; with one of review, four days of two units; SLOW's 31 days are not over on the 23rd.
    assert made.select("sku", "span_days", "demand_units").rows() == [("A", 4, 8.0)]
