"""Targets: what each rule answers on small histories, what they all keep, and what they refuse."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from reorder.engine import stocking
from reorder.engine.frames import InvalidFrame
from reorder.engine.reasons import parameters_of, render
from reorder.engine.stocking.windows import HALF_LIFE_DAYS
from tests.engine.stocking.shelves import TODAY, history, receipts, terms


@dataclass(frozen=True)
class Forecast:
    daily: pl.DataFrame


def forecast(units: list[float], *, sku: str = "Oolong", p99: float = 0.0) -> Forecast:
    days = [TODAY + timedelta(days=number) for number in range(len(units))]
    return Forecast(pl.DataFrame({"sku": sku, "place": "Keelung", "date": days, "mean_units": units, "p99_units": p99}))


def only(plan: stocking.StockTargets) -> dict[str, object]:
    return plan.frame.row(0, named=True)


def set_for(
    sold: list[float],
    *,
    leads: list[int] | None = None,
    method: str = "quantile",
    outlook: Forecast | None = None,
    **changed: object,
) -> dict[str, object]:
    return only(
        stocking.set_targets(
            history=history({"Oolong": sold}),
            lead_times=receipts({"Oolong": [3] * 12 if leads is None else leads}),
            terms=terms("Oolong", **changed),
            as_of=TODAY,
            forecast=outlook,
            method=method,
        )
    )


def slow_quantile(sold: list[float], *, lead_shares: dict[int, float], review_days: int, level: float) -> float:
    """The quantile rule in plain loops over the last 364 days: means move with the trend, deviations with its root."""
    sold = sold[-364:]
    trend = slow_trend(sold)
    weighted: list[tuple[float, float]] = []
    for lead, share in lead_shares.items():
        span = lead + review_days
        ends = range(span, len(sold) + 1)
        decay = [0.5 ** ((len(sold) - end) / HALF_LIFE_DAYS) for end in ends]
        sums = [sum(sold[end - span : end]) for end in ends]
        mean = sum(units * weight for units, weight in zip(sums, decay, strict=True)) / sum(decay)
        weighted += [
            (max(mean * trend + (units - mean) * trend**0.5, 0.0), share * weight / sum(decay))
            for units, weight in zip(sums, decay, strict=True)
        ]
    reached = 0.0
    for value, weight in sorted(weighted):
        reached += weight
        if reached >= level - 1e-12:
            return value
    raise AssertionError("the weights do not sum to one")


def slow_trend(sold: list[float]) -> float:
    """Half of the way (in logarithms) from the weighted year to the last four weeks, ten units added to both."""
    decay = [0.5 ** ((len(sold) - 1 - day) / HALF_LIFE_DAYS) for day in range(len(sold))]
    year = sum(units * weight for units, weight in zip(sold, decay, strict=True)) / sum(decay)
    return float(((sum(sold[-28:]) + 10) / (28 * year + 10)) ** 0.5)


def test_steady_demand_with_a_steady_supplier_needs_exactly_its_span_and_no_safety_stock() -> None:
    target = set_for([5.0] * 364)

    assert target["reorder_point_units"] == 20.0  # 3 days of lead time and one of review, 5 a day
    assert target["safety_stock_units"] == pytest.approx(0.0, abs=1e-9)
    assert target["order_up_to_units"] == pytest.approx(20 + (2 * 8 * 5 / 0.225) ** 0.5)
    assert target["daily_units"] == pytest.approx(5.0)
    assert target["method"] == "quantile"


def test_the_quantile_rule_equals_plain_loops_on_random_demand_and_lead_times() -> None:
    rng = np.random.default_rng(11)
    sold = {f"tea {number}": rng.poisson(3, size=500).astype(float).tolist() for number in range(20)}
    leads = [2, 2, 4, 4, 4, 9, 9, 9, 9, 9]

    frame = stocking.set_targets(
        history=history(sold),
        lead_times=receipts(dict.fromkeys(sold, leads)),
        terms=terms(*sold, review_days=2, service_level=0.9),
        as_of=TODAY,
    ).frame

    shares = {2: 0.2, 4: 0.3, 9: 0.5}
    expected = [slow_quantile(days, lead_shares=shares, review_days=2, level=0.9) for days in sold.values()]
    # Sold by the piece, so to the nearest piece.
    assert frame["reorder_point_units"].to_list() == [math.floor(units + 0.5) for units in expected]


def test_a_product_sold_by_weight_is_not_rounded_to_pieces() -> None:
    sold = [0.25, 1.75, 0.5] * 120

    target = set_for(sold, leads=[3] * 12, service_level=0.9)

    expected = slow_quantile(sold, lead_shares={3: 1.0}, review_days=1, level=0.9)
    assert target["reorder_point_units"] == pytest.approx(expected)


def test_demand_that_rose_lately_lifts_the_level_half_of_the_way() -> None:
    calm, risen = [4.0] * 364, [4.0] * 336 + [8.0] * 28

    assert set_for(calm)["reorder_point_units"] == 16.0
    # The quantile is 32 already; what the year's mean lags behind comes on top.
    assert float(str(set_for(risen)["expected_units"])) == pytest.approx(
        4 * 4.0 * (1 + (1 - 0.5 ** (28 / HALF_LIFE_DAYS)) / (1 - 0.5 ** (364 / HALF_LIFE_DAYS))) * slow_trend(risen),
        rel=0.02,
    )


def slow_loss(sold: list[float], *, span: int, level: float, trend: float) -> float:
    ends = range(span, len(sold) + 1)
    decay = [0.5 ** ((len(sold) - end) / HALF_LIFE_DAYS) for end in ends]
    sums = [sum(sold[end - span : end]) for end in ends]
    mean = sum(units * weight for units, weight in zip(sums, decay, strict=True)) / sum(decay)
    beyond = [max(max(mean * trend + (units - mean) * trend**0.5, 0.0) - level, 0.0) for units in sums]
    return sum(units * weight for units, weight in zip(beyond, decay, strict=True)) / sum(decay)


@pytest.mark.parametrize("fill_rate", [0.9, 0.98, 0.999])
def test_a_fill_rate_leaves_exactly_the_loss_it_allows_in_a_cycle(fill_rate: float) -> None:
    sold = (np.random.default_rng(8).gamma(2.0, 1.7, size=364)).tolist()

    target = set_for(sold, leads=[3] * 12, fill_rate=fill_rate)

    order = float(str(target["order_up_to_units"])) - float(str(target["reorder_point_units"]))
    loss = slow_loss(sold, span=4, level=float(str(target["reorder_point_units"])), trend=slow_trend(sold))
    assert loss == pytest.approx((1 - fill_rate) / fill_rate * order, rel=1e-6)
    assert target["fill_rate"] == pytest.approx(fill_rate, rel=1e-9)
    assert target["reason_code"] == "stocking.target.fill_rate"


@pytest.mark.parametrize("method", ["textbook", "textbook_lead_time_variance"])
def test_a_fill_rate_under_a_textbook_rule_uses_the_normal_loss(method: str) -> None:
    target = set_for([2.0, 8.0] * 182, leads=[1, 5] * 6, method=method, fill_rate=0.98)

    order = float(str(target["order_up_to_units"])) - float(str(target["reorder_point_units"]))
    spread = math.sqrt(4 * 9 + (25 * 4 if method.endswith("variance") else 0))
    z = (float(str(target["reorder_point_units"])) - 20) / spread
    assert spread * (stats.norm.pdf(z) - z * stats.norm.sf(z)) == pytest.approx(0.02 / 0.98 * order, rel=1e-5)


def test_a_young_product_gets_its_fill_rate_by_the_gamma_loss() -> None:
    target = set_for([3.0, 4.0] * 10, fill_rate=0.97)

    assert target["method"] == "gamma"
    assert target["fill_rate"] == pytest.approx(0.97, rel=1e-6)


def test_a_textbook_target_is_mean_plus_z_sigma_root_of_lead_time_and_review() -> None:
    target = set_for([2.0, 8.0] * 182, method="textbook", service_level=0.975)

    # mean 5, deviation 3 and 4 days: 20 + 1.95996 × 3 × 2
    assert target["reorder_point_units"] == pytest.approx(20 + 1.959964 * 3 * 2, abs=1e-4)
    assert target["safety_stock_units"] == pytest.approx(1.959964 * 3 * 2, abs=1e-4)


def test_the_textbook_rule_with_lead_time_variance_adds_demand_squared_times_lead_variance() -> None:
    target = set_for([5.0] * 364, leads=[1, 5] * 6, method="textbook_lead_time_variance", service_level=0.975)

    assert target["reorder_point_units"] == pytest.approx(20 + 1.959964 * 5 * 2, abs=1e-4)


def test_a_forecast_that_doubles_demand_doubles_the_quantile_target() -> None:
    sold = np.random.default_rng(2).poisson(4, size=364).astype(float).tolist()
    usual = set_for(sold)
    doubled = forecast([2 * float(str(usual["expected_units"])) / 4] * 28)

    target = set_for(sold, method="forecast", outlook=doubled)

    assert target["method"] == "forecast"
    assert target["expected_units"] == pytest.approx(2 * float(str(usual["expected_units"])))
    assert target["reorder_point_units"] == pytest.approx(2 * float(str(usual["reorder_point_units"])))


def test_a_forecast_counts_its_own_days_and_goes_on_at_its_last_week() -> None:
    promotion_then_normal = forecast([10.0, 1.0, 1.0])

    target = set_for([5.0] * 364, leads=[4] * 12, method="forecast", outlook=promotion_then_normal)

    assert target["expected_units"] == pytest.approx(10 + 1 + 1 + 2 * 4)  # 3 known days and 2 at their mean of 4


def test_a_new_product_with_a_forecast_takes_its_spread_from_the_forecast_quantile() -> None:
    narrow = set_for([], method="forecast", outlook=forecast([2.0] * 28, p99=4.0))
    wide = set_for([], method="forecast", outlook=forecast([2.0] * 28, p99=20.0))

    assert narrow["expected_units"] == pytest.approx(8.0)
    assert float(str(wide["reorder_point_units"])) > float(str(narrow["reorder_point_units"])) > 8.0


def test_a_row_without_a_forecast_falls_back_on_the_quantile_rule_and_says_so() -> None:
    target = set_for([5.0] * 364, method="forecast", outlook=forecast([9.0] * 28, sku="Matcha"))

    assert (target["method"], target["reorder_point_units"]) == ("quantile", 20.0)


def test_a_product_that_never_sold_is_kept_at_zero_with_a_reason() -> None:
    target = set_for([])

    assert (target["reorder_point_units"], target["order_up_to_units"]) == (0.0, 0.0)
    assert target["reason_code"] == "stocking.target.no_demand"
    assert target["reason"] == "No demand was seen in 0 days of history, so nothing is kept."


def test_one_day_of_sales_is_spread_over_a_week_and_not_believed_as_a_rate() -> None:
    target = set_for([14.0])

    assert target["method"] == "gamma"
    assert target["daily_units"] == pytest.approx(2.0, rel=0.02)
    assert 8.0 < float(str(target["reorder_point_units"])) < 14.0 * 4


def test_a_short_history_keeps_more_than_a_long_one_with_the_same_days() -> None:
    sold = np.random.default_rng(4).poisson(3, size=364).astype(float).tolist()

    short, long = set_for(sold[-30:]), set_for(sold)

    assert (short["method"], long["method"]) == ("gamma", "quantile")
    assert float(str(short["reorder_point_units"])) > float(str(long["reorder_point_units"]))


def test_a_product_that_stopped_selling_sold_zero_since() -> None:
    sold = {"Oolong": [5.0] * 364, "Sencha": [5.0] * 364}
    table = history(sold).filter((pl.col("sku") == "Oolong") | (pl.col("date") < TODAY - timedelta(days=60)))

    frame = stocking.set_targets(
        history=table, lead_times=receipts({"Oolong": [3]}), terms=terms(*sold), as_of=TODAY
    ).frame

    assert frame["daily_units"][0] == pytest.approx(5.0)
    assert frame["daily_units"][1] < 2.0


def test_days_without_a_row_are_zero() -> None:
    sold = [0.0, 7.0] * 182
    dense = history({"Oolong": sold})
    sparse = dense.filter((pl.col("units") > 0) | (pl.col("date") == dense["date"].min()))
    given_terms, leads = terms("Oolong"), receipts({"Oolong": [3] * 12})

    first = stocking.set_targets(history=dense, lead_times=leads, terms=given_terms, as_of=TODAY).frame
    second = stocking.set_targets(history=sparse, lead_times=leads, terms=given_terms, as_of=TODAY).frame

    assert first.equals(second)


def test_days_out_of_stock_count_as_the_usual_demand_and_not_as_zero() -> None:
    empty_shelf = [5.0] * 300 + [0.0] * 64
    table = history({"Oolong": empty_shelf}).with_columns(in_stock=pl.col("units") > 0)

    target = only(
        stocking.set_targets(
            history=table, lead_times=receipts({"Oolong": [3] * 12}), terms=terms("Oolong"), as_of=TODAY
        )
    )

    assert target["reorder_point_units"] == pytest.approx(20.0)
    assert target["daily_units"] == pytest.approx(5.0)


def test_sales_on_and_after_the_decision_day_are_not_known_yet() -> None:
    past, future = history({"Oolong": [5.0] * 364}), history({"Oolong": [900.0] * 5}, end=TODAY + timedelta(days=5))
    leads, given_terms = receipts({"Oolong": [3] * 12}), terms("Oolong")

    told = stocking.set_targets(
        history=pl.concat([past, future]), lead_times=leads, terms=given_terms, as_of=TODAY
    ).frame

    assert told["reorder_point_units"].to_list() == [20.0]


def test_a_billion_units_a_day_stay_exact() -> None:
    target = set_for([1e9] * 364)

    assert target["reorder_point_units"] == pytest.approx(4e9)


def test_a_lead_time_longer_than_any_window_grows_mean_by_span_and_spread_by_its_root() -> None:
    sold = np.random.default_rng(9).poisson(5, size=364).astype(float).tolist()

    target = set_for(sold, leads=[239] * 12, service_level=0.95)

    assert target["method"] == "quantile"
    assert target["expected_units"] == pytest.approx(240 * 5, rel=0.1)
    assert 0 < float(str(target["safety_stock_units"])) < 240 * 5 * 0.25


def test_free_storage_never_orders_more_than_a_year() -> None:
    target = set_for([5.0] * 364, holding_share_per_day=0.0)

    assert target["order_up_to_units"] == pytest.approx(20 + 365 * 5)


def test_targets_come_back_in_the_order_of_the_terms_for_several_places_and_suppliers() -> None:
    sold = pl.concat(
        [history({"Oolong": [5.0] * 364}), history({"Oolong": [2.0] * 364, "Matcha": [1.0] * 364}, place="Tainan")]
    )
    leads = pl.concat(
        [
            receipts({"Oolong": [3] * 12}),
            receipts({"Oolong": [9] * 12}, place="Tainan", supplier="Chen"),
            receipts({"Matcha": [1] * 12}, place="Tainan", supplier="Lin"),
        ]
    )
    wanted = pl.concat([terms("Matcha", "Oolong", place="Tainan"), terms("Oolong", review_days=7)])

    frame = stocking.set_targets(history=sold, lead_times=leads, terms=wanted, as_of=TODAY).frame

    assert frame.select("sku", "place", "reorder_point_units").rows() == [
        ("Matcha", "Tainan", 2.0),
        ("Oolong", "Tainan", 20.0),
        ("Oolong", "Keelung", 50.0),
    ]


def test_a_target_alone_is_the_same_as_among_others() -> None:
    rng = np.random.default_rng(5)
    sold = {f"tea {number}": rng.poisson(number + 1, size=364).astype(float).tolist() for number in range(300)}
    leads = receipts({sku: [2, 3, 3, 5] for sku in sold})

    everyone = stocking.set_targets(history=history(sold), lead_times=leads, terms=terms(*sold), as_of=TODAY).frame
    alone = stocking.set_targets(history=history(sold), lead_times=leads, terms=terms("tea 207"), as_of=TODAY).frame

    assert everyone.filter(pl.col("sku") == "tea 207").equals(alone)


def test_the_reason_says_the_same_as_its_code_and_parameters() -> None:
    target = set_for([5.0] * 364)

    assert target["reason"] == (
        "In 95% of all spans of 4 days (lead time from 12 receipts + review) no more than 20 units were sold; 20 on "
        "average. An order lifts stock to 39."
    )
    again = render(code=str(target["reason_code"]), parameters=parameters_of(encoded=str(target["reason_parameters"])))
    assert again == target["reason"]


@settings(max_examples=60, deadline=None)
@given(
    sold=st.lists(st.integers(0, 40).map(float), min_size=0, max_size=400),
    leads=st.lists(st.integers(0, 120), max_size=30),
    review_days=st.integers(0, 30),
    method=st.sampled_from(["textbook", "textbook_lead_time_variance", "quantile"]),
)
def test_targets_are_never_negative_and_rise_with_the_service_level(
    sold: list[float], leads: list[int], review_days: int, method: str
) -> None:
    points = []
    for level in (0.5, 0.8, 0.95, 0.999):
        target = set_for(sold, leads=leads, review_days=review_days, service_level=level, method=method)
        point = float(str(target["reorder_point_units"]))
        assert 0 <= float(str(target["safety_stock_units"])) <= point + 1e-9
        assert point <= float(str(target["order_up_to_units"]))
        points.append(point)

    assert points == sorted(points)


@pytest.mark.parametrize("level", [1.0, 1.5])
def test_certain_service_is_refused_by_product_and_place(level: float) -> None:
    with pytest.raises(stocking.BadServiceLevel, match="service level of Oolong at Keelung is"):
        set_for([5.0] * 364, service_level=level)


def test_an_unknown_rule_and_a_forecast_rule_without_a_forecast_are_refused() -> None:
    with pytest.raises(stocking.UnknownTargetMethod, match="'guess'"):
        set_for([5.0], method="guess")
    with pytest.raises(stocking.UnknownTargetMethod, match="needs a forecast"):
        set_for([5.0], method="forecast")


@pytest.mark.parametrize(
    ("spoil", "column"),
    [
        (lambda table: table.drop("units"), "units"),
        (lambda table: table.with_columns(units=-pl.col("units")), "units"),
        (lambda table: pl.concat([table, table.head(1)]), "sku+place+date"),
        (lambda table: table.with_columns(date=pl.lit("yesterday")), "date"),
    ],
)
def test_a_broken_history_is_refused_by_column(spoil: Callable[[pl.DataFrame], pl.DataFrame], column: str) -> None:
    table = spoil(history({"Oolong": [5.0] * 10}))

    with pytest.raises(InvalidFrame) as refusal:
        stocking.set_targets(history=table, lead_times=receipts({"Oolong": [3]}), terms=terms("Oolong"), as_of=TODAY)

    assert refusal.value.parameters["column"] == column


def test_no_terms_give_no_targets_with_the_same_columns() -> None:
    some = stocking.set_targets(
        history=history({"Oolong": [5.0]}), lead_times=receipts({}), terms=terms("Oolong"), as_of=TODAY
    ).frame
    none = stocking.set_targets(
        history=history({"Oolong": [5.0]}),
        lead_times=receipts({}),
        terms=terms("Oolong").clear(),
        as_of=date(2026, 1, 1),
    ).frame

    assert (none.height, none.schema) == (0, some.schema)


def test_the_spread_of_a_forecast_is_read_from_its_highest_quantile() -> None:
    wide = forecast([2.0] * 28, p99=4.0)
    wider = Forecast(wide.daily.with_columns(p99_5_units=pl.lit(30.0)))

    one = set_for([], method="forecast", outlook=wide)
    other = set_for([], method="forecast", outlook=wider)

    assert float(str(other["reorder_point_units"])) > float(str(one["reorder_point_units"]))
