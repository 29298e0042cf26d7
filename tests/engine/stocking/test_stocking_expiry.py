"""Orders of goods that expire stop at what sells in time; and what each service level would cost a class."""

import polars as pl
import pytest
from scipy import stats

from reorder.engine import stocking

TARGETS = pl.DataFrame(
    {
        "sku": ["MILK", "TEA", "DEAD"],
        "place": ["KEELUNG"] * 3,
        "safety_stock_units": [10.0, 10.0, 0.0],
        "reorder_point_units": [30.0, 30.0, 0.0],
        "order_up_to_units": [90.0, 90.0, 5.0],
        "daily_units": [5.0, 5.0, 0.0],
        "expected_units": [20.0, 20.0, 0.0],
        "deviation_units": [6.0, 6.0, 0.0],
        "lost_unit_cost": [2.0, 3.0, 1.0],
        "reason": ["as sold"] * 3,
        "reason_code": ["stocking.target.quantile"] * 3,
        "reason_parameters": ["{}"] * 3,
    }
)
TERMS = TARGETS.select("sku", "place", unit_cost=pl.lit(10.0), holding_share_per_day=pl.lit(0.001))
CLASSES = TARGETS.select("sku", "place", class_code=pl.Series(["AX", "AX", "CZ"]))


def test_orders_stop_at_what_sells_within_the_shelf_life_nine_times_in_ten() -> None:
    lives = pl.DataFrame({"sku": ["MILK", "DEAD"], "shelf_life_days": [14.0, 7.0]})

    made = stocking.cap_by_expiry(targets=TARGETS, shelf_lives=lives, sells_probability=0.9)

    # Fourteen days: mean 70, variance 36 / 4 days × 14 = 126.
    cap = float(stats.gamma(a=70**2 / 126, scale=126 / 70).ppf(0.1)) // 1
    assert made["order_up_to_units"].to_list() == [cap, 90.0, 5.0]
    assert made["reason_code"].to_list() == [
        "stocking.target.expiry", "stocking.target.quantile", "stocking.target.quantile"
    ]  # fmt: skip
    assert cap == 56.0


def test_a_shelf_life_shorter_than_the_lead_time_cuts_the_reorder_point_too() -> None:
    lives = pl.DataFrame({"sku": ["MILK"], "shelf_life_days": [3.0]})

    milk = stocking.cap_by_expiry(targets=TARGETS, shelf_lives=lives, sells_probability=0.9).row(0, named=True)

    assert milk["reorder_point_units"] == milk["order_up_to_units"] == 8.0


def test_a_certainty_of_one_is_refused() -> None:
    lives = pl.DataFrame({"sku": ["MILK"], "shelf_life_days": [3.0]})

    with pytest.raises(stocking.BadServicePolicy, match="sells_probability"):
        stocking.cap_by_expiry(targets=TARGETS, shelf_lives=lives, sells_probability=1.0)


def test_a_level_is_priced_by_stock_and_lost_margin() -> None:
    made = stocking.price_service_levels(targets=TARGETS, terms=TERMS, classes=CLASSES, levels=(0.9, 0.99))

    law = stats.gamma(a=400 / 36, scale=36 / 20)
    point = float(law.ppf(0.9))
    loss = float(law.expect(lambda x: max(x - point, 0.0), lb=point))
    first = made.row(0, named=True)
    assert made.select("class_code", "service_level", "products_count").rows() == [
        ("AX", 0.9, 2), ("AX", 0.99, 2), ("CZ", 0.9, 1), ("CZ", 0.99, 1)
    ]  # fmt: skip
    assert first["stock_value"] == pytest.approx(2 * 10 * (point - 20 + loss + 30), rel=1e-6)
    assert first["lost_margin_per_year"] == pytest.approx(loss * 5 * 365 / 60 * (2 + 3), rel=1e-6)
    assert made["stock_value"][1] > made["stock_value"][0]
    assert made["lost_margin_per_year"][1] < made["lost_margin_per_year"][0]
    assert made["fill_rate"].to_list()[2:] == [None, None]
