"""The worked example of docs/explanation/stocking.md, number by number."""

import polars as pl
import pytest

from reorder.engine import stocking
from tests.engine.stocking.shelves import TODAY, history, offer, position, receipts, terms

WEEK = [2.0, 2.0, 2.0, 2.0, 2.0, 9.0, 9.0]  # Monday to Sunday; today is a Monday
LEADS = [4] * 12 + [10] * 8


def oolong(method: str, level: float = 0.95) -> pl.DataFrame:
    return stocking.set_targets(
        history=history({"Oolong": WEEK * 52}),
        lead_times=receipts({"Oolong": LEADS}),
        terms=terms(
            "Oolong",
            service_level=level,
            unit_cost=4.0,
            holding_share_per_day=0.001,
            order_cost=2.0,
            lost_unit_cost=1.5,
        ),
        as_of=TODAY,
        method=method,
    ).frame


def test_the_three_rules_of_the_example() -> None:
    points = {
        rule: oolong(rule)["reorder_point_units"][0] for rule in ("textbook", "textbook_lead_time_variance", "quantile")
    }

    assert points["textbook"] == pytest.approx(43.8, abs=0.1)
    assert points["textbook_lead_time_variance"] == pytest.approx(53.6, abs=0.1)
    assert points["quantile"] == 50.0


def test_the_textbook_point_covers_only_about_83_percent_of_spans() -> None:
    assert (oolong("quantile", 0.82)["reorder_point_units"][0], oolong("quantile", 0.84)["reorder_point_units"][0]) == (
        43.0,
        50.0,
    )


def test_the_order_of_the_example() -> None:
    targets = oolong("quantile")

    line = stocking.plan_restock(
        position=position(on_hand=40.0, incoming=12.0, allocated=8.0),
        targets=targets,
        constraints=offer(pack_units=12.0, minimum_units=24.0, order_weekdays=[2, 5]),
        as_of=TODAY,
    ).lines.row(0, named=True)

    assert targets["order_up_to_units"][0] == pytest.approx(113.2, abs=0.2)  # recent weekends weigh a little more
    assert (line["position_units"], line["units"], line["order_by_date"].isoformat()) == (44.0, 72.0, "2026-03-03")
