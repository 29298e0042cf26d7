"""A budget buys what saves most lost margin for its money; and how likely stock runs out before the next receipt."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from scipy import stats

from reorder.engine import stocking
from reorder.engine.stocking.textbook import gamma_loss

AS_OF = dt.date(2026, 11, 23)


def line(sku: str, **given: float) -> dict[str, object]:
    base = {
        "units": 10.0, "pack_units": 1.0, "minimum_units": 0.0, "unit_cost": 10.0, "position_units": 0.0,
        "expected_units": 8.0, "deviation_units": 3.0, "lost_unit_cost": 5.0,
    }  # fmt: skip
    return {"sku": sku, "place": "KEELUNG"} | base | given


def fit(budget: float, *lines: dict[str, object]) -> stocking.BudgetPlan:
    return stocking.fit_budget(lines=pl.DataFrame(list(lines)), budget=budget)


def test_the_gamma_loss_is_what_numbers_integrate_to() -> None:
    law = stats.gamma(a=4.0, scale=2.5)  # mean 10, variance 25
    stock = np.array([0.0, 5.0, 10.0, 30.0])

    made = gamma_loss(stock=stock, mean=np.full(4, 10.0), variance=np.full(4, 25.0))

    assert made == pytest.approx([law.expect(lambda x, s=s: max(x - s, 0.0), lb=s) for s in stock], rel=1e-6)
    assert gamma_loss(stock=np.array([4.0]), mean=np.array([10.0]), variance=np.array([0.0])) == pytest.approx([6.0])


def test_money_goes_first_where_it_saves_most() -> None:
    made = fit(135.0, line("DEAR", lost_unit_cost=1.0), line("GOOD", lost_unit_cost=20.0))

    assert made.lines["sku"].to_list() == ["GOOD", "DEAR"]
    assert made.lines["fitted_units"].to_list() == [10.0, 3.0]
    assert (made.spent, made.left_out_value) == (130.0, 70.0)
    assert made.lines["cumulative_value"].to_list() == [100.0, 130.0]


def test_all_fits_where_there_is_money_enough_and_nothing_where_there_is_none() -> None:
    rich, poor = fit(1000.0, line("A"), line("B")), fit(0.0, line("A"), line("B"))

    assert (rich.spent, rich.left_out_value, rich.left_out_loss) == (200.0, 0.0, 0.0)
    assert (poor.spent, poor.left_out_value) == (0.0, 200.0)
    assert poor.left_out_loss == pytest.approx(rich.avoided_loss)


def test_a_minimum_is_bought_whole_or_not_at_all() -> None:
    made = fit(70.0, line("MOQ", minimum_units=8.0), line("FREE", lost_unit_cost=4.0))

    rows = dict(made.lines.select("sku", "fitted_units").iter_rows())
    assert rows["MOQ"] == 0.0
    assert rows["FREE"] == 7.0


def test_equal_lines_are_ranked_by_name_and_the_same_twice() -> None:
    one, two = fit(55.0, line("B"), line("A")), fit(55.0, line("A"), line("B"))

    assert one.lines.equals(two.lines)
    assert one.lines["sku"].to_list() == ["A", "B"]


def rates(**given: tuple[float, float, float]) -> pl.DataFrame:
    rows = list(given.values())
    return pl.DataFrame(
        {
            "sku": list(given),
            "place": "KEELUNG",
            "daily_units": [row[0] for row in rows],
            "daily_deviation_units": [row[1] for row in rows],
            "lead_days": [row[2] for row in rows],
        }
    )


def stock(**on_hand: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sku": list(on_hand),
            "place": "KEELUNG",
            "on_hand": list(on_hand.values()),
            **dict.fromkeys(("incoming", "allocated", "held", "backordered"), 0.0),
        }
    )


NO_RECEIPTS = pl.DataFrame(schema={"sku": pl.String, "place": pl.String, "date": pl.Date, "units": pl.Float64})


def test_run_out_is_demand_until_the_next_receipt_against_free_stock() -> None:
    receipts = pl.DataFrame(
        {"sku": ["OOLONG"], "place": ["KEELUNG"], "date": [AS_OF + dt.timedelta(days=5)], "units": [40.0]}
    )
    made = stocking.run_out_share(
        position=stock(OOLONG=25.0, SENCHA=25.0),
        rates=rates(OOLONG=(4.0, 3.0, 10.0), SENCHA=(4.0, 3.0, 10.0)),
        receipts=receipts,
        as_of=AS_OF,
    )

    def beyond(days: int) -> float:
        mean, variance = 4.0 * days, 9.0 * days
        return float(stats.gamma(a=mean**2 / variance, scale=variance / mean).sf(25.0))

    assert made["run_out_share"].to_list() == [pytest.approx(beyond(5)), pytest.approx(beyond(10))]
    assert made.select("is_on_order", "days", "expected_units").rows() == [(True, 5, 20.0), (False, 10, 40.0)]


def test_an_empty_shelf_is_certain_and_no_demand_is_no_danger() -> None:
    made = stocking.run_out_share(
        position=stock(OOLONG=0.0, DEAD=0.0),
        rates=rates(OOLONG=(1.0, 1.0, 7.0), DEAD=(0.0, 0.0, 7.0), GONE=(2.0, 1.0, 7.0)),
        receipts=NO_RECEIPTS,
        as_of=AS_OF,
    )

    assert made["run_out_share"].to_list() == [1.0, 0.0, 1.0]


def test_planned_days_count_as_planned_and_a_late_receipt_as_tomorrow() -> None:
    plan = pl.DataFrame(
        {
            "sku": "OOLONG",
            "place": "KEELUNG",
            "date": [AS_OF + dt.timedelta(days=ahead) for ahead in range(3)],
            "mean_units": [10.0, 20.0, 30.0],
        }
    )
    late = pl.DataFrame(
        {"sku": ["OOLONG"], "place": ["KEELUNG"], "date": [AS_OF - dt.timedelta(days=9)], "units": [4.0]}
    )

    whole = stocking.run_out_share(
        position=stock(OOLONG=50.0), rates=rates(OOLONG=(1.0, 1.0, 5.0)), receipts=NO_RECEIPTS, as_of=AS_OF, plan=plan
    )
    overdue = stocking.run_out_share(
        position=stock(OOLONG=50.0), rates=rates(OOLONG=(1.0, 1.0, 5.0)), receipts=late, as_of=AS_OF, plan=plan
    )

    assert whole["expected_units"].to_list() == [10 + 20 + 30 + 2 * 1.0]
    assert overdue.select("days", "expected_units").row(0) == (1, 10.0)
