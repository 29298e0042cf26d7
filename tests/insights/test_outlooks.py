"""What a person reads off the plan: bars, and an upper line that lies above the plan."""

import datetime as dt

import polars as pl
import pytest

from reorder.insights.demand import _high_line, _variance, draw_bars

MONDAY = dt.date(2026, 11, 23)


def plan(*, mean: float, p90: float, p95: float, p99: float, days: int = 7) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "date": [MONDAY + dt.timedelta(days=day) for day in range(days)],
            "mean_units": [mean] * days,
            "p90_units": [p90] * days,
            "p95_units": [p95] * days,
            "p99_units": [p99] * days,
        }
    ).with_columns(_variance().alias("variance"))


def test_bars_rise_to_the_top() -> None:
    assert draw_bars(values=[0, 7, 3.5, 1], top=7) == "▁█▅▂"
    assert draw_bars(values=[0, 0], top=0) == "▁▁"
    assert draw_bars(values=[], top=1) == ""


def test_the_upper_line_of_a_week_is_the_normal_quantile_of_its_sum() -> None:
    # Days of 10 ± 2: a week is 70 ± 2 √7, and its 90 % quantile lies 1.2816 of these above.
    week = plan(mean=10, p90=10 + 2 * 1.2816, p95=10 + 2 * 1.6449, p99=10 + 2 * 2.3263)

    assert _high_line(week, start=MONDAY)[0] == pytest.approx(70 + 1.2816 * 2 * 7**0.5)


def test_the_upper_line_of_a_product_that_sells_on_few_days_lies_above_its_plan() -> None:
    week = plan(mean=0.5, p90=0, p95=2, p99=4)

    assert _high_line(week, start=MONDAY)[0] > 3.5
