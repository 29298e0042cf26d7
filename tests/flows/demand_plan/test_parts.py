"""The arithmetic of the plan: every number can be recomputed by hand."""

import datetime as dt

import polars as pl
import pytest

from reorder.flows.demand_plan import compose_plan
from reorder.flows.demand_plan.targeting import add_commitments

MONDAY = dt.date(2026, 11, 23)
OOLONG = "OOLONG-150"


def forecast(*, place: str = "KEELUNG", units: float = 2.0, days: int = 7, sku: str = OOLONG) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sku": [sku] * days,
            "place": [place] * days,
            "date": [MONDAY + dt.timedelta(days=day) for day in range(days)],
            "mean_units": [units] * days,
            "p10_units": [max(units - 1.5, 0.0)] * days,
            "p25_units": [max(units - 1.0, 0.0)] * days,
            "p50_units": [units - 0.5] * days,
            "p75_units": [units + 1.0] * days,
            "p90_units": [units + 2.0] * days,
            "p95_units": [units + 3.0] * days,
            "p99_units": [units + 5.0] * days,
        },
        schema_overrides={"date": pl.Date},
    )


def expected(*, units_7: float = 0.0, units_14: float = 0.0, units_30: float = 0.0) -> pl.DataFrame:
    units = {"units_7": [units_7], "units_14": [units_14], "units_30": [units_30]}
    return pl.DataFrame({"sku": [OOLONG], **units}, schema_overrides=dict.fromkeys(units, pl.Float64))


def commitments(
    *rows: tuple[str, int, float, float],
) -> pl.DataFrame:
    """(place, day from Monday, committed units, adjustment units)"""
    return pl.DataFrame(
        [
            {
                "sku": OOLONG,
                "place": place,
                "date": MONDAY + dt.timedelta(days=day),
                "committed_units": committed,
                "adjustment_units": adjustment,
            }
            for place, day, committed, adjustment in rows
        ],
        schema={
            "sku": pl.String,
            "place": pl.String,
            "date": pl.Date,
            "committed_units": pl.Float64,
            "adjustment_units": pl.Float64,
        },
    )


NOBODY = expected().clear()
NOTHING = commitments()


def day_of(plan: pl.DataFrame, *, day: int, place: str = "KEELUNG") -> dict[str, float]:
    (row,) = plan.filter(pl.col("date") == MONDAY + dt.timedelta(days=day), pl.col("place") == place).to_dicts()
    shown = ("baseline_units", "known_customers_units", "committed_units", "adjustment_units", "mean_units")
    return {name: value for name, value in row.items() if name in shown or (name.startswith("p") and name[1].isdigit())}


def test_without_customers_and_commitments_the_plan_is_the_baseline() -> None:
    plan = compose_plan(forecast=forecast(units=2.0), expected=NOBODY, commitments=NOTHING)

    assert plan.height == 7
    assert day_of(plan, day=6) == {
        "baseline_units": 2.0,
        "known_customers_units": 0.0,
        "committed_units": 0.0,
        "adjustment_units": 0.0,
        "mean_units": 2.0,
        "p10_units": 0.5,
        "p25_units": 1.0,
        "p50_units": 1.5,
        "p75_units": 3.0,
        "p90_units": 4.0,
        "p95_units": 5.0,
        "p99_units": 7.0,
    }


def test_known_customers_explain_a_part_of_the_baseline_and_add_nothing() -> None:
    plan = compose_plan(
        forecast=forecast(units=2.0), expected=expected(units_7=7, units_14=7, units_30=7), commitments=NOTHING
    )

    assert plan["known_customers_units"].to_list() == pytest.approx([1.0] * 7)
    assert plan["mean_units"].to_list() == [2.0] * 7
    assert plan["p90_units"].to_list() == [4.0] * 7


def test_known_customers_explain_at_most_all_of_the_baseline() -> None:
    plan = compose_plan(
        forecast=forecast(units=2.0), expected=expected(units_7=90, units_14=90, units_30=90), commitments=NOTHING
    )

    assert plan["known_customers_units"].to_list() == [2.0] * 7
    assert plan["mean_units"].to_list() == [2.0] * 7


def test_known_customers_are_spread_over_places_as_the_baseline_is() -> None:
    both = pl.concat([forecast(place="KEELUNG", units=3.0), forecast(place="KAOHSIUNG", units=1.0)])

    plan = compose_plan(forecast=both, expected=expected(units_7=14, units_14=14, units_30=14), commitments=NOTHING)

    assert day_of(plan, day=0, place="KEELUNG")["known_customers_units"] == pytest.approx(1.5)
    assert day_of(plan, day=0, place="KAOHSIUNG")["known_customers_units"] == pytest.approx(0.5)
    assert plan["known_customers_units"].sum() == pytest.approx(14.0)


def test_each_span_of_days_has_the_units_expected_in_it() -> None:
    plan = compose_plan(
        forecast=forecast(units=4.0, days=28),
        expected=expected(units_7=7, units_14=21, units_30=37),
        commitments=NOTHING,
    )

    # 7 units in the first week, 14 in the second, 16 in the sixteen days after, of which the plan shows fourteen.
    assert plan["known_customers_units"].to_list() == pytest.approx([1.0] * 7 + [2.0] * 7 + [1.0] * 14)


def test_days_beyond_a_month_say_nothing_about_known_customers() -> None:
    plan = compose_plan(
        forecast=forecast(units=4.0, days=40),
        expected=expected(units_7=0, units_14=0, units_30=16),
        commitments=NOTHING,
    )

    assert plan["known_customers_units"].to_list() == pytest.approx([0.0] * 14 + [1.0] * 16 + [0.0] * 10)
    assert plan["mean_units"].to_list() == [4.0] * 40


def test_a_product_that_nobody_is_expected_to_buy_more_of_later_stays_at_zero() -> None:
    plan = compose_plan(
        forecast=forecast(units=4.0, days=14),
        expected=expected(units_7=7, units_14=6.5, units_30=6.5),
        commitments=NOTHING,
    )

    assert plan["known_customers_units"].to_list() == pytest.approx([1.0] * 7 + [0.0] * 7)


def test_a_baseline_of_zero_explains_nobody() -> None:
    plan = compose_plan(forecast=forecast(units=0.0), expected=expected(units_7=7), commitments=NOTHING)

    assert plan["known_customers_units"].to_list() == [0.0] * 7
    assert plan["mean_units"].to_list() == [0.0] * 7


def test_commitments_move_mean_and_quantiles_of_their_day_only() -> None:
    plan = compose_plan(
        forecast=forecast(units=2.0), expected=NOBODY, commitments=commitments(("KEELUNG", 3, 10.0, 1.5))
    )

    moved = day_of(plan, day=3)
    assert (moved["baseline_units"], moved["committed_units"], moved["adjustment_units"]) == (2.0, 10.0, 1.5)
    assert (moved["mean_units"], moved["p50_units"], moved["p90_units"], moved["p95_units"], moved["p99_units"]) == (
        13.5,
        13.0,
        15.5,
        16.5,
        18.5,
    )
    assert day_of(plan, day=2)["mean_units"] == 2.0
    assert day_of(plan, day=4)["p99_units"] == 7.0


def test_a_commitment_at_a_place_without_forecast_is_all_that_is_planned_there() -> None:
    plan = compose_plan(
        forecast=forecast(units=2.0), expected=expected(units_7=7), commitments=commitments(("TAINAN", 9, 24.0, 0.0))
    )

    assert plan.height == 8
    assert day_of(plan, day=9, place="TAINAN") == {
        "baseline_units": 0.0,
        "known_customers_units": 0.0,
        "committed_units": 24.0,
        "adjustment_units": 0.0,
        "mean_units": 24.0,
        "p10_units": 24.0,
        "p25_units": 24.0,
        "p50_units": 24.0,
        "p75_units": 24.0,
        "p90_units": 24.0,
        "p95_units": 24.0,
        "p99_units": 24.0,
    }


def test_a_negative_adjustment_takes_away_no_more_than_there_is() -> None:
    plan = compose_plan(
        forecast=forecast(units=2.0), expected=NOBODY, commitments=commitments(("KEELUNG", 0, 0.0, -3.5))
    )

    clipped = day_of(plan, day=0)
    assert clipped["adjustment_units"] == -3.5
    assert (clipped["mean_units"], clipped["p50_units"], clipped["p90_units"], clipped["p99_units"]) == (0, 0, 0.5, 3.5)


def test_nothing_forecast_and_nothing_committed_is_an_empty_plan() -> None:
    plan = compose_plan(forecast=forecast().clear(), expected=NOBODY, commitments=NOTHING)

    assert plan.height == 0
    assert plan.columns[:3] == ["sku", "place", "date"]


def test_commitments_alone_are_a_plan() -> None:
    plan = compose_plan(forecast=forecast().clear(), expected=NOBODY, commitments=commitments(("KEELUNG", 1, 5.0, 0.0)))

    assert day_of(plan, day=1)["mean_units"] == 5.0


def targets(*, lead_days: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sku": [OOLONG, "MATCHA-30"],
            "place": ["KEELUNG", "KEELUNG"],
            "safety_stock_units": [4.0, 1.0],
            "reorder_point_units": [10.0, 5.0],
            "order_up_to_units": [20.0, 8.0],
            "expected_units": [6.0, 4.0],
            "lead_days": [lead_days, lead_days],
        }
    )


def levels_of(raised: pl.DataFrame, *, sku: str = OOLONG) -> tuple[float, ...]:
    (row,) = raised.filter(pl.col("sku") == sku).to_dicts()
    return tuple(
        row[name]
        for name in (
            "safety_stock_units",
            "reorder_point_units",
            "order_up_to_units",
            "expected_units",
            "committed_units",
        )
    )


def test_targets_rise_by_what_is_committed_within_lead_time_and_review() -> None:
    plan = compose_plan(
        forecast=forecast(days=10),
        expected=NOBODY,
        commitments=commitments(("KEELUNG", 0, 1.0, 0.0), ("KEELUNG", 3, 6.0, 0.5), ("KEELUNG", 4, 100.0, 0.0)),
    )

    # 2.5 days of lead time end on the third day; one day of review makes four days: the hundred come after them.
    raised = add_commitments(targets=targets(lead_days=2.5), plan=plan, as_of=MONDAY, review_days=1)

    assert levels_of(raised) == (4.0, 17.5, 27.5, 13.5, 7.5)
    assert levels_of(raised, sku="MATCHA-30") == (1.0, 5.0, 8.0, 4.0, 0.0)


def test_a_commitment_elsewhere_raises_nothing_here() -> None:
    plan = compose_plan(forecast=forecast(), expected=NOBODY, commitments=commitments(("KAOHSIUNG", 0, 50.0, 0.0)))

    raised = add_commitments(targets=targets(lead_days=3.0), plan=plan, as_of=MONDAY, review_days=1)

    assert levels_of(raised) == (4.0, 10.0, 20.0, 6.0, 0.0)


def test_a_negative_adjustment_lowers_targets_to_zero_at_most() -> None:
    plan = compose_plan(forecast=forecast(), expected=NOBODY, commitments=commitments(("KEELUNG", 0, 0.0, -15.0)))

    raised = add_commitments(targets=targets(lead_days=3.0), plan=plan, as_of=MONDAY, review_days=1)

    assert levels_of(raised) == (4.0, 0.0, 5.0, 0.0, -15.0)


def test_targets_stay_as_they_are_when_nothing_is_planned() -> None:
    plan = compose_plan(forecast=forecast().clear(), expected=NOBODY, commitments=NOTHING)

    raised = add_commitments(targets=targets(lead_days=3.0), plan=plan, as_of=MONDAY, review_days=1)

    assert levels_of(raised) == (4.0, 10.0, 20.0, 6.0, 0.0)
