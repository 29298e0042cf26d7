"""Commitments in the plan's arithmetic: sums of distributions, history without them, and the gate of bottom-up."""

import datetime as dt
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest

from reorder.domain.planning.rules import ALL_PLACES
from reorder.flows.demand_plan.event_parts import with_event_units
from reorder.flows.demand_plan.freeing import close_series, take_out_commitments
from reorder.flows.demand_plan.hindsight import explode_expected
from reorder.flows.demand_plan.parts import compose_plan, sum_commitments
from reorder.flows.demand_plan.scoring import compare_parts, predict_parts, score_parts
from reorder.flows.demand_plan.smoothing import smooth_simply
from reorder.flows.demand_plan.weeks import plan_by_week
from reorder.flows.demand_plan.weighing import GATE_DAYS, weigh_bottom_up

MONDAY = dt.date(2026, 11, 23)
OOLONG = "OOLONG-150"
_LEVELS = {10: 0.1, 25: 0.25, 50: 0.5, 75: 0.75, 90: 0.9, 95: 0.95, 99: 0.99}


def normal_forecast(*, mean: float = 100.0, deviation: float = 30.0, days: int = 7) -> pl.DataFrame:
    quantiles = {
        f"p{level}_units": [mean + NormalDist().inv_cdf(share) * deviation] * days for level, share in _LEVELS.items()
    }
    return pl.DataFrame(
        {
            "sku": [OOLONG] * days,
            "place": ["KEELUNG"] * days,
            "date": [MONDAY + dt.timedelta(days=day) for day in range(days)],
            "mean_units": [mean] * days,
            **quantiles,
        }
    )


def rows(*given: tuple[str, str, int, float, float]) -> pl.DataFrame:
    """(kind, key, day from Monday, units, deviation)"""
    return pl.DataFrame(
        [
            {
                "kind": kind,
                "key": key,
                "sku": OOLONG,
                "place": "KEELUNG",
                "date": MONDAY + dt.timedelta(days=day),
                "units": units,
                "deviation_units": deviation,
            }
            for kind, key, day, units, deviation in given
        ],
        schema={
            "kind": pl.String,
            "key": pl.String,
            "sku": pl.String,
            "place": pl.String,
            "date": pl.Date,
            "units": pl.Float64,
            "deviation_units": pl.Float64,
        },
    )


def nobody() -> pl.DataFrame:
    units = dict.fromkeys(("units_7", "units_14", "units_30"), pl.Float64)
    return pl.DataFrame(schema={"sku": pl.String, **units})


def expected(*, units_7: float, units_14: float, units_30: float) -> pl.DataFrame:
    return pl.DataFrame({"sku": [OOLONG], "units_7": [units_7], "units_14": [units_14], "units_30": [units_30]})


def past(*units: float, first_day: int = -3) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sku": [OOLONG] * len(units),
            "place": ["KEELUNG"] * len(units),
            "date": [MONDAY + dt.timedelta(days=first_day + number) for number in range(len(units))],
            "units": list(units),
        },
        schema_overrides={"units": pl.Float64},
    )


def test_a_certain_commitment_moves_quantiles_and_widens_none() -> None:
    held = sum_commitments(rows=rows(("recurring_order", "R-1", 0, 40.0, 0.0)))
    plan = compose_plan(forecast=normal_forecast(), expected=nobody(), commitments=held)
    first, second = plan.head(2).to_dicts()
    assert first["p90_units"] - second["p90_units"] == pytest.approx(40.0)
    assert first["p10_units"] - second["p10_units"] == pytest.approx(40.0)
    assert (first["recurring_order_units"], first["campaign_units"]) == (40.0, 0.0)


def test_an_uncertain_campaign_widens_the_day_as_the_sum_of_two_normals_is() -> None:
    held = sum_commitments(rows=rows(("campaign", "FRIDAY", 0, 200.0, 40.0)))
    day = compose_plan(forecast=normal_forecast(), expected=nobody(), commitments=held).row(0, named=True)
    # 30² + 40² = 50²
    assert day["mean_units"] == 300.0
    assert day["p50_units"] == pytest.approx(300.0)
    assert day["p90_units"] == pytest.approx(300 + NormalDist().inv_cdf(0.9) * 50)
    assert day["p10_units"] == pytest.approx(300 - NormalDist().inv_cdf(0.9) * 50)


def test_a_skewed_baseline_with_a_campaign_comes_near_to_what_drawing_gives() -> None:
    dice = np.random.default_rng(3)
    baseline = dice.negative_binomial(3, 3 / 23, 400_000).astype(float)
    drawn = baseline + dice.normal(60, 15, baseline.size)
    quantiles = {f"p{level}_units": [float(np.quantile(baseline, share))] for level, share in _LEVELS.items()}
    forecast = normal_forecast(mean=20.0, days=1).with_columns(
        pl.Series(name, value) for name, value in quantiles.items()
    )
    held = sum_commitments(rows=rows(("campaign", "FRIDAY", 0, 60.0, 15.0)))
    day = compose_plan(forecast=forecast, expected=nobody(), commitments=held).row(0, named=True)
    for level in (90, 95, 99):
        assert day[f"p{level}_units"] == pytest.approx(float(np.quantile(drawn, level / 100)), rel=0.06)


def test_two_campaigns_of_a_day_are_independent() -> None:
    made = rows(("campaign", "FRIDAY", 0, 50.0, 30.0), ("campaign", "MAIL", 0, 10.0, 40.0))
    (day,) = sum_commitments(rows=made).to_dicts()
    assert (day["committed_units"], day["committed_deviation_units"]) == (60.0, 50.0)


def test_a_campaign_that_fails_fails_all_week() -> None:
    made = rows(*(("campaign", "FRIDAY", day, 10.0, 4.0) for day in range(7)), ("campaign", "MAIL", 2, 5.0, 21.0))
    plan = compose_plan(forecast=normal_forecast(), expected=nobody(), commitments=sum_commitments(rows=made))
    weekly = pl.DataFrame(
        [
            {"scope": scope, "key": key, "place": place, "week": 0, "mean_units": 700.0}
            | {f"p{level}_units": 700.0 + (level - 50) for level in (10, 25, 50, 75, 90)}
            for scope, key in (("subject", OOLONG), ("category", "tea"), ("shop", ""))
            for place in ("KEELUNG", ALL_PLACES)
        ],
        schema_overrides={"week": pl.Int64},
    )
    weeks = plan_by_week(
        plan=plan,
        forecast_weeks=weekly,
        history=past(1.0),
        categories=pl.DataFrame({"sku": [OOLONG], "category_code": ["tea"]}),
        before=plan.clear(),
        as_of=MONDAY,
        commitments=made,
    )
    shop = weeks.filter(pl.col("scope") == "shop", pl.col("place") == ALL_PLACES, pl.col("week") == 0).row(
        0, named=True
    )
    # Seven days of 4 are 28 together, and √(28² + 21²) = 35.
    assert shop["committed_deviation_units"] == pytest.approx(35.0)
    assert shop["campaign_units"] == 75.0
    assert shop["p50_units"] == pytest.approx(775.0)
    assert shop["p90_units"] == pytest.approx(775 + np.hypot(40, NormalDist().inv_cdf(0.9) * 35))


def test_what_commitments_brought_leaves_the_history() -> None:
    held = past(5.0, 0.0, 12.0)
    free = take_out_commitments(history=past(8.0, 3.0, 20.0), past=held)
    assert free["units"].to_list() == [3.0, 3.0, 8.0]
    assert "in_stock" not in free.columns


def test_a_day_that_sold_less_than_was_promised_says_nothing() -> None:
    free = take_out_commitments(history=past(8.0, 3.0, 0.0), past=past(5.0, 10.0, 4.0))
    assert free["units"].to_list() == [3.0, 0.0, 0.0]
    assert free["in_stock"].to_list() == [True, False, True]


def test_a_price_rise_of_the_past_gives_back_what_it_took() -> None:
    free = take_out_commitments(history=past(8.0), past=past(-2.0))
    assert free["units"].to_list() == [10.0]


def test_a_series_ends_yesterday() -> None:
    closed = close_series(sold=past(4.0, first_day=-9), as_of=MONDAY)
    assert closed["units"].to_list() == [4.0, 0.0]
    assert closed["date"].max() == MONDAY - dt.timedelta(days=1)


def test_an_open_gate_moves_the_baseline_by_its_weight() -> None:
    gates = pl.DataFrame({"sku": [OOLONG], "weight_share": [0.5], "scale": [2.0]})
    plan = compose_plan(
        forecast=normal_forecast(),
        expected=expected(units_7=210.0, units_14=210.0, units_30=210.0),
        commitments=sum_commitments(rows=rows()),
        gates=gates,
    )
    # Half of 700 and half of 2 × 210: 560 in the week.
    assert plan["baseline_units"].sum() == pytest.approx(560.0)
    assert plan["correction_units"].sum() == pytest.approx(-140.0)
    assert plan["known_customers_units"].sum() == pytest.approx(210.0)
    assert plan["p50_units"].to_list() == pytest.approx([80.0] * 7)


def test_without_a_gate_bottom_up_moves_nothing() -> None:
    plan = compose_plan(
        forecast=normal_forecast(),
        expected=expected(units_7=210.0, units_14=210.0, units_30=210.0),
        commitments=sum_commitments(rows=rows()),
    )
    assert plan["correction_units"].to_list() == [0.0] * 7
    assert plan["baseline_units"].sum() == pytest.approx(700.0)


def looks(*, sold: list[float], top: list[float], up: list[float], sku: str = OOLONG) -> pl.DataFrame:
    count = len(sold)
    return pl.DataFrame(
        {
            "sku": [sku] * count,
            "as_of_date": [MONDAY - dt.timedelta(days=GATE_DAYS * (count - number)) for number in range(count)],
            "horizon_days": [GATE_DAYS] * count,
            "top_down_units": top,
            "bottom_up_units": up,
            "committed_units": [0.0] * count,
            "smoothing_units": top,
            "sold_units": sold,
        }
    )


def test_bottom_up_that_foretells_every_swing_is_let_in() -> None:
    dice = np.random.default_rng(1)
    sold = [float(units) for units in dice.choice([60, 100, 140], 24)]
    told = weigh_bottom_up(origins=looks(sold=sold, top=[100.0] * 24, up=[units / 2 for units in sold]))
    gate = told.row(0, named=True)
    assert gate["weight_share"] > 0.8
    assert gate["scale"] == pytest.approx(2.0, rel=0.1)
    assert gate["chance_share"] < 0.01
    assert gate["gated_error_share"] < gate["top_down_error_share"]


def test_bottom_up_that_is_noise_is_kept_out_for_nearly_every_product() -> None:
    dice = np.random.default_rng(2)
    made = pl.concat(
        [
            looks(
                sku=f"TEA-{number}",
                sold=dice.poisson(30, 20).astype(float).tolist(),
                top=[30.0] * 20,
                up=dice.poisson(20, 20).astype(float).tolist(),
            )
            for number in range(200)
        ]
    )
    gates = weigh_bottom_up(origins=made)
    assert gates.height == 200
    assert gates.filter(pl.col("weight_share") > 0).height <= 2
    errors = score_parts(origins=made, categories=pl.DataFrame(schema={"sku": pl.String, "category_code": pl.String}))
    by_part = dict(errors.filter(pl.col("scope") == "shop").select("part", "error_share").iter_rows())
    assert by_part["gated"] <= by_part["top_down"] * 1.005


def test_too_few_looks_back_let_nothing_in() -> None:
    told = weigh_bottom_up(origins=looks(sold=[60.0, 140.0] * 2, top=[100.0] * 4, up=[60.0, 140.0] * 2))
    assert told.is_empty()


def test_a_look_back_is_judged_by_earlier_ones_alone() -> None:
    sold = [60.0, 140.0] * 12
    full = looks(sold=sold, top=[100.0] * 24, up=sold)
    early = predict_parts(origins=full.head(16))
    late = predict_parts(origins=full).head(16)
    assert early.equals(late)


def test_commitments_are_in_the_plan_only() -> None:
    made = looks(sold=[150.0], top=[100.0], up=[80.0]).with_columns(pl.lit(50.0).alias("committed_units"))
    compared = compare_parts(origins=made, categories=pl.DataFrame({"sku": [OOLONG], "category_code": ["tea"]}))
    plan = compared.find(level="subject", horizon_days=GATE_DAYS, part="plan")
    top = compared.find(level="category", horizon_days=GATE_DAYS, part="top_down")
    assert plan is not None
    assert top is not None
    assert plan.error_share == 0.0
    assert top.bias_share == pytest.approx(-1 / 3)


def test_simple_smoothing_follows_the_level() -> None:
    level = smooth_simply(history=past(*([10.0] * 60), first_day=-60), days=7)
    assert level["smoothing_units"].to_list() == [70.0]


def test_expected_bundles_count_as_what_they_are_made_of() -> None:
    told = pl.DataFrame({"sku": ["GIFT", OOLONG], "units_7": [3.0, 1.0]})
    leaves = pl.DataFrame({"bundle": ["GIFT", "GIFT"], "subject": [OOLONG, "CUP"], "units": [2.0, 1.0]})
    assert explode_expected(expected=told, leaves=leaves).sort("sku").rows() == [("CUP", 3.0), (OOLONG, 7.0)]


def test_units_of_an_event_are_told_apart_by_the_closest_effect() -> None:
    daily = normal_forecast(mean=138.0, days=2).select("sku", "place", "date", "mean_units")
    known = daily.select("sku", "place", "date").with_columns(
        event=pl.Series(["Mid-autumn", None], dtype=pl.String), on_promotion=pl.Series([False, True])
    )
    effects = pl.DataFrame(
        {
            "name": ["event", "event", "on_promotion"],
            "value": ["Mid-autumn", "Mid-autumn", None],
            "scope": ["shop", "sku", "category"],
            "key": ["", OOLONG, "tea"],
            "effect_share": [0.1, 0.38, 1.0],
        }
    )
    told = with_event_units(
        daily=daily,
        known_future=known,
        effects=effects,
        subjects=pl.DataFrame({"sku": [OOLONG], "category_code": ["tea"]}),
    )
    # 138 = 100 × 1.38; and half of a doubled day.
    assert told["event_units"].to_list() == pytest.approx([38.0, 69.0])
