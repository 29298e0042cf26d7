"""Which conditions become alerts: exact values, without a database."""

import datetime as dt
import json
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from reorder.flows.alerting.drift import judge_drift
from reorder.flows.alerting.judging import Thresholds, judge_expiry, judge_shortage, judge_surplus
from reorder.flows.alerting.judging_orders import judge_data, judge_ledger, judge_orders
from reorder.flows.alerting.odds import shortage_odds

TODAY = dt.date(2026, 11, 23)
THRESHOLDS = Thresholds(
    run_out_share=0.25, excess_days=60, dead_days=180, expiry_days=120, confirm_days=3, currency="TWD"
)


def position(**changes: object) -> dict[str, object]:
    """Oolong in Keelung: two are wanted a day, none is on order, five days until more could come."""
    return {
        "product_id": 1,
        "sku": "OOLONG-150",
        "product": "Oolong 150 g",
        "state": "active",
        "place": "KEELUNG",
        "unit_cost_minor": 20_000,
        "currency": "TWD",
        "on_hand_units": 30.0,
        "free_units": 30.0,
        "safety_stock_units": 4.0,
        "order_up_to_units": 30.0,
        "expected_units": 12.0,
        "lost_unit_cost": 250.0,
        "deviation_units": 0.0,
        "is_planned": True,
        "daily_units": 2.0,
        "span_days": 6.0,
        "sold_28": 56.0,
        "receipt_date": None,
        "order_number": None,
        "receipt_units": None,
        "until_date": TODAY + dt.timedelta(days=5),
        "planned_units": 10.0,
        "planned_days": 5,
        "until_days": 5,
    } | changes


def positions(*rows: dict[str, object]) -> pl.DataFrame:
    schema = {"receipt_date": pl.Date, "order_number": pl.String, "receipt_units": pl.Float64, "until_date": pl.Date}
    return pl.DataFrame(list(rows), schema_overrides=schema)


def said(found: pl.DataFrame) -> list[tuple[str, str, int, int]]:
    return list(found.select("kind", "reason_code", "severity", "stake_minor").iter_rows())


def parameters(found: pl.DataFrame) -> dict[str, str]:
    return json.loads(found["reason_parameters"].item())


def test_demand_that_comes_by_chance_exceeds_one_unit_as_poisson_says() -> None:
    odds = shortage_odds(
        free_units=np.array([1.0]), mean_units=np.array([2.0]), deviation_units=np.array([math.sqrt(2)])
    )
    assert odds.short_share[0] == pytest.approx(1 - 3 * math.exp(-2))
    assert odds.short_units[0] == pytest.approx(1 + math.exp(-2))


@settings(max_examples=40, deadline=None)
@given(
    free=st.integers(0, 30),
    mean=st.floats(0.1, 20),
    surplus=st.floats(0.2, 40),
)
def test_the_odds_are_the_sums_over_all_demands(free: int, mean: float, surplus: float) -> None:
    odds = shortage_odds(
        free_units=np.array([float(free)]),
        mean_units=np.array([mean]),
        deviation_units=np.array([math.sqrt(mean + surplus)]),
    )
    demands = np.arange(4000)
    chances = nbinom.pmf(demands, mean**2 / surplus, mean / (mean + surplus))
    assert odds.short_share[0] == pytest.approx(chances[demands > free].sum(), abs=1e-6)
    assert odds.short_units[0] == pytest.approx((np.maximum(demands - free, 0) * chances).sum(), abs=1e-4)


def test_nothing_is_short_where_nothing_is_wanted() -> None:
    odds = shortage_odds(free_units=np.array([0.0, -3.0]), mean_units=np.zeros(2), deviation_units=np.ones(2))
    assert odds.short_share.tolist() == [0.0, 0.0]
    assert odds.short_units.tolist() == [0.0, 0.0]


def test_enough_stock_is_no_alert() -> None:
    assert judge_shortage(positions=positions(position()), thresholds=THRESHOLDS).is_empty()


def test_stock_below_its_safety_stock_says_how_much_is_there_and_what_is_coming() -> None:
    row = position(
        free_units=3.0,
        receipt_date=TODAY + dt.timedelta(days=1),
        order_number="PO-2026-000007",
        receipt_units=24.0,
        until_date=TODAY + dt.timedelta(days=1),
        until_days=1,
        planned_days=1,
        planned_units=1.0,
    )
    found = judge_shortage(positions=positions(row), thresholds=THRESHOLDS)
    # P(D > 3) = 0.019 of a Poisson of 1: below the threshold, so the one alert is about the safety stock. 0.0233 units
    # are expected to be missed at a margin of 250.
    short = 1.0 - 3 + 3 * math.exp(-1) + 2 * math.exp(-1) + 0.5 * math.exp(-1)
    assert said(found) == [("below_safety_stock", "alert.below_safety_stock.coming", 2, round(short * 25_000))]
    assert parameters(found) == {
        "free": "3",
        "safety": "4",
        "receipt_units": "24",
        "receipt_date": "2026-11-24",
        "order": "PO-2026-000007",
    }


def test_stock_that_will_not_last_until_more_can_come_runs_out_and_is_critical_from_three_quarters_on() -> None:
    found = judge_shortage(positions=positions(position(free_units=6.0)), thresholds=THRESHOLDS)
    assert said(found)[0][:3] == ("runs_out", "alert.runs_out.none", 3)
    assert found["probability"].item() == pytest.approx(
        1 - sum(math.exp(-10) * 10**k / math.factorial(k) for k in range(7))
    )
    assert parameters(found) == {"percent": "87", "free": "6", "expected": "10", "until_date": "2026-11-28"}


def test_an_empty_shelf_is_critical_in_both_ways() -> None:
    found = judge_shortage(positions=positions(position(free_units=0.0)), thresholds=THRESHOLDS)
    assert found.select("kind", "severity").rows() == [("below_safety_stock", 3), ("runs_out", 3)]
    assert found["stake_minor"].to_list() == [250_000, 250_000]


def test_days_beyond_the_plan_go_on_at_the_daily_rate() -> None:
    row = position(free_units=19.0, planned_units=10.0, planned_days=5, until_days=10)
    found = judge_shortage(positions=positions(row), thresholds=THRESHOLDS)
    assert parameters(found)["expected"] == "20"


def test_what_is_discontinued_or_has_no_target_is_not_short() -> None:
    rows = (position(free_units=0.0, state="discontinued"), position(free_units=0.0, safety_stock_units=None))
    assert judge_shortage(positions=positions(*rows), thresholds=THRESHOLDS).is_empty()


def sales(last_sold: dt.date | None, first_stock: dt.date | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {"sku": ["OOLONG-150"], "last_sold_date": [last_sold], "first_stock_date": [first_stock]},
        schema={"sku": pl.String, "last_sold_date": pl.Date, "first_stock_date": pl.Date},
    )


def surplus(row: dict[str, object], last_sales: pl.DataFrame) -> pl.DataFrame:
    return judge_surplus(positions=positions(row), last_sales=last_sales, as_of=TODAY, thresholds=THRESHOLDS)


def test_stock_beyond_the_level_and_sixty_days_of_demand_is_excess() -> None:
    # 30 to order up to, and 60 days at 2: 150 are enough.
    assert surplus(position(on_hand_units=150.0), sales(None)).is_empty()
    found = surplus(position(on_hand_units=200.0), sales(None))
    assert said(found) == [("excess", "alert.excess", 1, 50 * 20_000)]
    assert parameters(found) == {"excess": "50", "units": "200", "days": "60", "daily": "2", "cover_days": "100"}


def test_stock_without_a_sale_for_half_a_year_is_dead_and_not_called_excess_too() -> None:
    silent = position(on_hand_units=200.0, sold_28=0.0, daily_units=0.001)
    found = surplus(silent, sales(TODAY - dt.timedelta(days=180)))
    assert said(found) == [("dead_stock", "alert.dead_stock", 1, 200 * 20_000)]
    assert parameters(found) == {"units": "200", "last_sold_date": "2026-05-27"}
    assert surplus(silent | {"daily_units": 0.0}, sales(TODAY - dt.timedelta(days=179))).is_empty()


def test_stock_that_never_sold_is_dead_once_it_has_lain_for_half_a_year() -> None:
    silent = position(on_hand_units=5.0, sold_28=0.0, daily_units=0.0)
    found = surplus(silent, sales(None, TODAY - dt.timedelta(days=200)))
    assert said(found) == [("dead_stock", "alert.dead_stock.never", 1, 5 * 20_000)]
    assert surplus(silent, sales(None, TODAY - dt.timedelta(days=20))).is_empty()
    assert surplus(silent, sales(None)).is_empty()


def lots(*rows: tuple[str, int, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            ("OOLONG-150", "Oolong 150 g", "KEELUNG", lot, TODAY + dt.timedelta(days=days), units)
            for lot, days, units in rows
        ],
        schema=["sku", "product", "place", "lot", "expires_date", "units"],
        orient="row",
    )


def test_the_lot_that_expires_first_is_sold_first_and_the_rest_of_each_is_lost() -> None:
    # At 2 a day: 20 sell in 10 days, so 5 of A are lost; of the 40 that sell until day 20 A took 20, so B loses 10.
    found = judge_expiry(lots=lots(("A", 10, 25.0), ("B", 20, 30.0)), positions=positions(position()), as_of=TODAY)
    assert found.select("key", "severity", "stake_minor").rows() == [
        ("OOLONG-150|KEELUNG|A", 2, 100_000),
        ("OOLONG-150|KEELUNG|B", 2, 200_000),
    ]
    assert json.loads(found["reason_parameters"][0]) == {
        "lot": "A",
        "units": "25",
        "expires_date": "2026-12-03",
        "wasted": "5",
        "daily": "2",
    }


def test_lots_that_sell_in_time_are_no_alert_and_what_has_expired_is_lost_whole() -> None:
    found = judge_expiry(lots=lots(("A", 0, 3.0), ("B", 60, 100.0)), positions=positions(position()), as_of=TODAY)
    assert said(found) == [("expiring", "alert.expired", 3, 3 * 20_000)]
    assert parameters(found) == {"lot": "A", "units": "3", "expires_date": "2026-11-23"}


def order(**changes: object) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "number": "PO-2026-000007",
                "supplier_code": "ALISHAN",
                "supplier": "Alishan Tea Farm",
                "place": "KEELUNG",
                "currency": "TWD",
                "expected_date": TODAY + dt.timedelta(days=2),
                "placed_date": TODAY - dt.timedelta(days=2),
                "lines_count": 1,
                "missing_minor": 480_000,
                "missing_units": 24.0,
                "late_date": TODAY + dt.timedelta(days=2),
                "is_confirmed": False,
            }
            | changes
        ]
    )


def test_an_order_is_late_from_the_day_after_its_day() -> None:
    def judge(days: int) -> pl.DataFrame:
        late = order(late_date=TODAY - dt.timedelta(days=days), is_confirmed=True)
        return judge_orders(orders=late, as_of=TODAY, thresholds=THRESHOLDS)

    assert judge(0).is_empty()
    assert said(judge(1)) == [("late_order", "alert.late_order", 2, 480_000)]
    assert judge(7)["severity"].item() == 3
    assert parameters(judge(1)) == {
        "supplier": "Alishan Tea Farm",
        "units": "24",
        "expected_date": "2026-11-22",
        "days": "1",
    }


def test_an_order_without_answer_is_reported_after_three_days_unless_that_is_switched_off() -> None:
    silent = order(placed_date=TODAY - dt.timedelta(days=3))
    found = judge_orders(orders=silent, as_of=TODAY, thresholds=THRESHOLDS)
    assert said(found) == [("unconfirmed_order", "alert.unconfirmed_order", 2, 480_000)]
    assert judge_orders(orders=order(), as_of=TODAY, thresholds=THRESHOLDS).is_empty()
    never = Thresholds(
        run_out_share=0.25, excess_days=60, dead_days=180, expiry_days=120, confirm_days=0, currency="TWD"
    )
    assert judge_orders(orders=silent, as_of=TODAY, thresholds=never).is_empty()


def weeks(*, count: int, planned: float, sku: str = "OOLONG-150", deviation: float = 0.0) -> pl.DataFrame:
    first = TODAY - dt.timedelta(weeks=count)
    return pl.DataFrame(
        {
            "sku": sku,
            "place": "KEELUNG",
            "date": [first + dt.timedelta(weeks=number) for number in range(count)],
            "planned_units": planned,
            "deviation_units": deviation,
        }
    )


def history(*, daily: float, days: int = 70, sku: str = "OOLONG-150") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sku": sku,
            "place": "KEELUNG",
            "date": [TODAY - dt.timedelta(days=back) for back in range(1, days + 1)],
            "units": daily,
        }
    )


COSTS = pl.DataFrame(
    {"sku": ["OOLONG-150"], "place": ["KEELUNG"], "unit_cost_minor": [20_000], "lost_unit_cost": [250.0]}
)


def drift(weeks: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    return judge_drift(weeks=weeks, history=history, costs=COSTS, as_of=TODAY, thresholds=THRESHOLDS)


def test_sales_that_leave_the_plan_behind_for_five_weeks_are_drift() -> None:
    found = drift(weeks(count=5, planned=14.0), history(daily=3.0))
    # 105 sold, 70 planned: 35 more, at a margin of 250.
    assert said(found) == [("forecast_drift", "alert.forecast_drift.under", 2, 35 * 25_000)]
    assert parameters(found) == {"weeks": "5", "sold": "105", "planned": "70", "percent": "50"}


def test_a_plan_that_is_too_high_names_the_money_in_goods() -> None:
    found = drift(weeks(count=8, planned=21.0), history(daily=2.0))
    assert said(found) == [("forecast_drift", "alert.forecast_drift.over", 1, (168 - 112) * 20_000)]


def test_three_weeks_prove_nothing_and_neither_does_what_the_band_allows() -> None:
    assert drift(weeks(count=3, planned=14.0), history(daily=3.0)).is_empty()
    assert drift(weeks(count=5, planned=14.0, deviation=10.0), history(daily=3.0)).is_empty()


def test_a_shop_without_any_sale_has_lost_its_orders_and_not_its_customers() -> None:
    assert drift(weeks(count=5, planned=14.0), history(daily=0.0)).is_empty()


def test_a_certain_but_small_bias_is_no_alert() -> None:
    assert drift(weeks(count=8, planned=700.0), history(daily=110.0)).is_empty()


def test_of_a_thousand_series_that_follow_their_plan_hardly_one_is_named() -> None:
    dice = np.random.default_rng(7)
    skus = [f"TEA-{number}" for number in range(1000)]
    planned = pl.concat([weeks(count=6, planned=14.0, sku=sku) for sku in skus])
    sold = pl.concat([history(daily=0.0, days=42, sku=sku) for sku in skus]).with_columns(
        pl.Series("units", dice.poisson(2.0, 42_000).astype(float))
    )
    assert judge_drift(weeks=planned, history=sold, costs=COSTS, as_of=TODAY, thresholds=THRESHOLDS).height <= 1


def test_what_a_night_found_wrong_becomes_one_alert_a_fault() -> None:
    found = judge_data(
        failed_series=pl.DataFrame({"count": [3], "first": ["OOLONG-150"]}),
        missing_rates=pl.DataFrame({"currency": ["JPY"], "count": [2]}),
        refused_rows=12,
        refused_files="orders.csv",
        currency="TWD",
    )
    assert found.select("key", "reason_code", "severity").rows() == [
        ("series", "alert.bad_data.series", 1),
        ("rate|JPY", "alert.bad_data.rates", 2),
        ("rows", "alert.bad_data.rows", 2),
    ]
    assert judge_ledger(differences=(), currency="TWD").is_empty()
