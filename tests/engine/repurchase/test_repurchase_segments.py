"""Scores and segments: cuts of ranks, grades, and a rule for every customer."""

import itertools

import polars as pl
import pytest

from reorder.domain.planning import customer_list
from reorder.engine import repurchase
from reorder.engine.repurchase.value.segments import score, segment
from tests.engine.repurchase.shop import TODAY, every, order_lines


def scored(values: list[float], cuts: tuple[float, ...]) -> list[int]:
    return pl.DataFrame({"value": values}).select(score(value=pl.col("value"), cuts=cuts)).to_series().to_list()


def test_fifths_cut_ten_customers_into_pairs() -> None:
    assert scored([float(n) for n in range(1, 11)], repurchase.FIFTHS) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_own_cuts_make_own_scores() -> None:
    assert scored([float(n) for n in range(1, 11)], (0.5, 0.9)) == [1, 1, 1, 1, 1, 2, 2, 2, 2, 3]


def test_equal_values_share_their_middle_rank() -> None:
    assert scored([1.0, 1.0, 1.0, 1.0, 1.0, 9.0], repurchase.FIFTHS) == [3, 3, 3, 3, 3, 5]


@pytest.mark.parametrize(
    "cuts", [(), (0.5, 0.5), (0.6, 0.4), (0.0, 0.5), (0.5, 1.0), tuple(n / 11 for n in range(1, 11))]
)
def test_cuts_that_make_no_scores_are_refused(cuts: tuple[float, ...]) -> None:
    with pytest.raises(repurchase.BadCuts):
        repurchase.customers(order_lines=order_lines(*every(10, times=2)), as_of=TODAY, cut_shares=cuts)


def segments_of(scores: int) -> dict[tuple[int, int, int, int], str]:
    every_score = range(1, scores + 1)
    rows = list(itertools.product(every_score, every_score, every_score, (1, 2)))
    frame = pl.DataFrame(rows, schema=["r_score", "f_score", "m_score", "frequency"], orient="row")
    named = frame.with_columns(segment(scores=scores))
    return {row[:4]: row[4] for row in named.rows()}


def test_every_combination_of_five_scores_falls_under_one_rule_of_the_table() -> None:
    named = segments_of(5)

    assert set(named.values()) == set(repurchase.SEGMENTS)
    for (r, f, m, orders), name in named.items():
        fitting = [
            rule.segment
            for rule in repurchase.RULES
            if rule.recency[0] <= r <= rule.recency[1]
            and rule.frequency[0] <= f <= rule.frequency[1]
            and rule.money[0] <= m <= rule.money[1]
            and (orders == 1 or not rule.is_first_order)
        ]
        assert name == fitting[0]


@pytest.mark.parametrize("scores", range(2, 11))
def test_the_best_are_champions_and_the_worst_are_lost_or_hibernating_with_any_number_of_scores(scores: int) -> None:
    named = segments_of(scores)

    assert named[scores, scores, scores, 2] == "champions"
    assert named[1, 1, 1, 2] in {"lost", "hibernating"}
    assert named[scores, 1, 1, 1] == "new"


def test_three_scores_are_the_grades_one_three_and_five() -> None:
    named = segments_of(3)

    assert [named[r, 2, 2, 2] for r in (1, 2, 3)] == ["at_risk", "needs_attention", "loyal"]


def test_the_database_names_the_segments_of_the_engine_in_the_same_order() -> None:
    assert customer_list.SEGMENTS == repurchase.SEGMENTS
    assert {rule.segment for rule in repurchase.RULES} == set(repurchase.SEGMENTS)
