"""Looking back: what is judged, by what, and that nothing from a day on reaches the model of that day."""

import datetime as dt
import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from reorder.engine import repurchase
from reorder.engine.repurchase import BadBacktestHorizon, Quality, TooLittleHistory
from reorder.engine.repurchase.backtest.counts import count_errors, count_hits
from reorder.engine.repurchase.backtest.dates import judge_dates
from reorder.engine.repurchase.backtest.figures import add_counts, read_quality
from reorder.engine.repurchase.backtest.naive import count_naive
from tests.engine.repurchase.shop import TODAY, every, line, order_lines, regular_shop

CUTS = [dt.date(2026, 4, 1), dt.date(2026, 5, 1)]


@pytest.fixture(scope="module")
def shop() -> pl.DataFrame:
    return regular_shop(customers=300)


@pytest.fixture(scope="module")
def looked(shop: pl.DataFrame) -> repurchase.Backtest:
    return repurchase.backtest(order_lines=shop, cuts=CUTS)


def test_a_year_of_teas_is_judged_month_by_month(shop: pl.DataFrame, looked: repurchase.Backtest) -> None:
    bought = [
        shop.filter(pl.col("ordered_at").dt.date() < cut)
        .select("customer_id", "sku")
        .unique()
        .join(
            shop.filter(pl.col("ordered_at").dt.date().is_between(cut, cut + dt.timedelta(days=29))),
            on=["customer_id", "sku"],
        )
        .select("customer_id", "sku")
        .unique()
        .height
        for cut in CUTS
    ]
    assert [cut.cut_date for cut in looked.cuts] == CUTS
    assert [cut.counts["all"]["bought"] for cut in looked.cuts] == bought
    assert looked.levels["all"].bought_count == sum(bought)


def test_a_shop_of_steady_rhythms_is_predicted_better_than_by_its_mean_gaps(looked: repurchase.Backtest) -> None:
    model, naive = looked.levels["pair"], looked.naive
    assert model.pairs_count == naive.pairs_count
    assert (model.concordance or 0) > (naive.concordance or 0) + 0.1
    assert (model.within[-1].log_loss or 9) < (naive.within[-1].log_loss or 9)
    assert model.bands is not None
    assert naive.bands is None


def test_evidence_levels_add_up_to_all_of_them(looked: repurchase.Backtest) -> None:
    parts = [one for name, one in looked.levels.items() if name != "all"]
    whole = looked.levels["all"]
    assert sum(one.pairs_count for one in parts) == whole.pairs_count
    assert sum(one.bought_count for one in parts) == whole.bought_count
    for place, within in enumerate(whole.within):
        assert sum(one.within[place].expected for one in parts) == pytest.approx(within.expected)
    assert sum(group.pairs_count for group in whole.calibration) == whole.pairs_count


def test_figures_are_plain_values_and_the_same_every_time(shop: pl.DataFrame, looked: repurchase.Backtest) -> None:
    again = repurchase.backtest(order_lines=shop, cuts=list(reversed(CUTS)))
    assert json.loads(json.dumps(looked.figures)) == json.loads(json.dumps(again.figures))
    assert set(looked.frame["level"]) == {"all", "naive", *(name for name in looked.levels)}


def test_counts_survive_a_database_that_sorts_keys_as_texts(looked: repurchase.Backtest) -> None:
    counts = looked.cuts[0].counts["all"]
    stored: dict[str, Any] = json.loads(json.dumps(counts, sort_keys=True))
    assert read_quality(counts=stored) == read_quality(counts=counts)
    assert [one.days for one in read_quality(counts=stored).within] == [7, 14, 30]
    assert [one.percent for one in read_quality(counts=stored).hits] == [1, 5, 10, 20]


def test_what_comes_after_the_cut_changes_no_prediction(shop: pl.DataFrame) -> None:
    cut = CUTS[0]
    others = shop.with_columns(
        ordered_at=pl.when(pl.col("ordered_at").dt.date() >= cut)
        .then(pl.col("ordered_at") + pl.duration(days=3))
        .otherwise(pl.col("ordered_at"))
    )
    one, other = (repurchase.judge_cut(order_lines=lines, cut=cut).counts["all"] for lines in (shop, others))
    assert [part["expected"] for part in one["within"].values()] == [
        part["expected"] for part in other["within"].values()
    ]
    assert one["within"]["7"]["realised"] > other["within"]["7"]["realised"]


def test_too_little_history_says_what_is_there_and_what_is_needed() -> None:
    lines = order_lines(*every(7, times=6), *every(7, times=6, customer="Lin"))
    with pytest.raises(TooLittleHistory) as raised:
        repurchase.backtest(order_lines=lines, cuts=[TODAY - dt.timedelta(days=30)])
    assert raised.value.parameters == {
        "history_days": 36,
        "repeats_count": 2,
        "horizon_days": 30,
        "needed_days": 58,
        "needed_repeats": 20,
    }


@pytest.mark.parametrize("lines", [order_lines(), order_lines(line("Mei", "Oolong", TODAY))])
def test_no_orders_and_one_order_cannot_be_judged(lines: pl.DataFrame) -> None:
    with pytest.raises(TooLittleHistory):
        repurchase.backtest(order_lines=lines, cuts=[TODAY])


def test_no_day_asked_for_is_too_little_too(shop: pl.DataFrame) -> None:
    with pytest.raises(TooLittleHistory):
        repurchase.backtest(order_lines=shop, cuts=[])


def test_days_that_cannot_be_judged_are_left_out(shop: pl.DataFrame) -> None:
    too_early, too_late = dt.date(2025, 6, 10), TODAY
    found = repurchase.backtest(order_lines=shop, cuts=[too_early, CUTS[1], too_late])
    assert [cut.cut_date for cut in found.cuts] == [CUTS[1]]


@pytest.mark.parametrize("days", [0, 6, 366])
def test_a_horizon_without_sense_is_refused(days: int) -> None:
    with pytest.raises(BadBacktestHorizon):
        repurchase.backtest(order_lines=order_lines(), cuts=CUTS, horizon_days=days)


def test_a_short_horizon_is_judged_by_what_it_holds(shop: pl.DataFrame) -> None:
    found = repurchase.backtest(order_lines=shop, cuts=[CUTS[1]], horizon_days=10)
    assert [one.days for one in found.levels["all"].within] == [7]
    assert (found.levels["all"].date_error_mean_days or 0) < 10


def test_cuts_are_the_first_days_of_the_latest_months() -> None:
    chosen = repurchase.choose_cuts(
        first_date=dt.date(2025, 11, 20), until_date=dt.date(2026, 3, 31), count=3, horizon_days=30
    )
    assert chosen == [dt.date(2026, 1, 1), dt.date(2026, 2, 1), dt.date(2026, 3, 1)]
    assert repurchase.choose_cuts(
        first_date=dt.date(2025, 11, 20), until_date=dt.date(2026, 3, 30), count=9, horizon_days=30
    ) == [dt.date(2026, 1, 1), dt.date(2026, 2, 1)]


def test_a_short_history_is_judged_on_the_one_day_that_can_be() -> None:
    first = dt.date(2026, 1, 5)
    for days, chosen in ((58, [first + dt.timedelta(days=28)]), (57, [])):
        until = first + dt.timedelta(days=days)
        assert repurchase.choose_cuts(first_date=first, until_date=until, count=3, horizon_days=30) == chosen


def test_bands_hold_whole_days_and_say_what_a_right_model_has_inside() -> None:
    cut = dt.date(2026, 4, 1)
    dates = {
        f"due_p{share}_date": [cut + dt.timedelta(days=day)] * 2 for share, day in ((10, 1), (25, 2), (75, 7), (90, 20))
    }
    bought = pl.DataFrame({"wait_days": [4, 9], **dates})
    # Ten days of equal chance: 10 % a day.
    curves = np.tile(np.linspace(0.0, 0.5, 11), (2, 1))
    judged = judge_dates(bought=bought, curves=curves, cut=cut)
    # The middle half reaches from day 2 to day 7, the 80 % band from day 0 to day 8, the middle is day 4.
    assert judged["in_half"].to_list() == [1.0, 0.0]
    assert judged["half_expected"].to_list() == pytest.approx([0.6, 0.6])
    assert judged["in_wide"].to_list() == [1.0, 0.0]
    assert judged["wide_expected"].to_list() == pytest.approx([0.9, 0.9])
    assert judged["error_days"].to_list() == [0, 5]
    # On screen the wide band reaches further than could be watched: of ten days it holds nine.
    assert judged["in_shown_wide"].to_list() == [1.0, 1.0]
    assert judged["shown_wide_expected"].to_list() == pytest.approx([0.9, 0.9])


def test_hits_are_counted_on_the_best_pairs_whose_window_can_be_watched() -> None:
    remind = np.array([5.0, 10.0, 28.0, 5.0] + [15.0] * 16)
    worth = np.array([0.9, 0.8, 0.99, 0.7] + [0.1] * 16)
    wait = np.array([8, 14, 28, 5] + [30] * 16)
    hits = count_hits(remind_days=remind, worth=worth, expected=worth, wait_days=wait, horizon_days=30)
    # Of twenty pairs 10 % are two: the third would be best, but its window ends after the horizon.
    assert hits["10"] == {"reminded": 2, "hits": 1, "expected": pytest.approx(1.7)}
    assert hits["20"] == {"reminded": 4, "hits": 2, "expected": pytest.approx(2.5)}


def test_the_mean_gap_says_the_last_purchase_and_one_gap_more() -> None:
    table = pl.DataFrame(
        {
            "wait_days": [3, 12, None],
            "mean_gap_days": [10.0, 10.0, 10.0],
            "elapsed_days": [8, 30, 2],
            "orders_count": [4, 3, 2],
        }
    )
    counts = count_naive(table=table, horizon_days=30)
    # Expected in two days and today, overdue as it is; off by one and twelve days.
    assert counts["date_error"]["sum_days"] == 13.0
    assert counts["within"]["7"]["realised"] == 1
    assert counts["within"]["30"]["expected"] == pytest.approx(3 * (1 - np.exp(-3)))


def test_days_add_up_as_if_they_had_been_counted_together() -> None:
    one, other = count_errors(errors=np.array([1, 2, 2]), horizon_days=30), count_errors(
        errors=np.array([9, 30]), horizon_days=30
    )  # fmt: skip
    together = count_errors(errors=np.array([1, 2, 2, 9, 30]), horizon_days=30)
    assert add_counts(parts=[one, other]) == together
    assert add_counts(parts=[{"a": [1, 2]}, {"a": [1, 2, 3], "b": 4}]) == {"a": [2, 4, 3], "b": 4}


def test_the_median_of_two_middle_errors_lies_between_them() -> None:
    def median(*errors: int) -> float | None:
        counts: dict[str, Any] = {
            "pairs": 9, "bought": len(errors), "concordance": {"good": 0, "known": 0}, "within": {},
            "date_error": count_errors(errors=np.array(errors), horizon_days=30), "hits": {},
        }  # fmt: skip
        found: Quality = read_quality(counts=counts)
        return found.date_error_median_days

    assert median(1, 4, 9) == 4
    assert median(1, 4, 9, 20) == 6.5
    assert median() is None


def test_ids_of_any_alphabet_and_huge_quantities_are_judged(shop: pl.DataFrame) -> None:
    odd = shop.with_columns(
        customer_id=pl.lit("客戶🙂 \u202e") + pl.col("customer_id"),
        quantity=pl.lit(1_000_000.0),
        category=pl.lit(None, pl.String),
    )
    found = repurchase.judge_cut(order_lines=odd, cut=CUTS[1])
    same = repurchase.judge_cut(order_lines=shop, cut=CUTS[1])
    assert found.counts["all"]["bought"] == same.counts["all"]["bought"]
