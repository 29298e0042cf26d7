"""What the plan catches before it happens and a time series cannot: seeded shops of `benchmarks.demand_parts`."""

from benchmarks.demand_parts import (
    EVERY_DAYS,
    judge_campaign,
    judge_recurring,
    judge_stock_up,
    make_stock_up_shop,
)


def test_a_campaign_is_planned_before_it_happens() -> None:
    found = judge_campaign(seed=7)
    assert abs(found.plan) <= 0.10
    assert found.top_down < -0.5
    assert found.smoothing < -0.5


def test_new_recurring_orders_are_planned_before_the_first_is_delivered() -> None:
    found = judge_recurring(seed=8)
    assert abs(found.plan) <= 0.10
    assert found.top_down < -0.3
    assert found.smoothing < -0.3


def test_after_a_stock_up_the_plan_expects_little_where_smoothing_expects_too_much() -> None:
    shop = make_stock_up_shop(seed=5, products=6, customers=250, days=1008, every_days=EVERY_DAYS)
    found, parts = judge_stock_up(shop=shop, looks=58, every_days=EVERY_DAYS, judged=4)
    assert abs(found.plan) <= 0.10
    assert found.smoothing > 0.50
    assert parts["plan"].null_count() == 0
