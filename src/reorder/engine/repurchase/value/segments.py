"""Scores by rank, and segments as rules over them; the table below is all there is to know of a segment.

Scores run from 1 (worst) to as many as there are cuts plus one. So that a shop may choose its own number of scores,
rules speak of grades: where a score lies on a scale of five. Five scores are their own grades; of three scores the
lowest is grade 1, the middle one 3 and the highest 5.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from reorder.engine.repurchase.errors import BadCuts

FIFTHS: Final = (0.2, 0.4, 0.6, 0.8)
MOST_CUTS: Final = 9
_GRADES: Final = 5
Grades = tuple[int, int]
_ANY: Grades = (1, _GRADES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRule:
    """A segment and the grades, from and to, that its customers have; the first rule that fits decides."""

    segment: str
    recency: Grades
    frequency: Grades = _ANY
    money: Grades = _ANY
    is_first_order: bool = False


RULES: Final = (
    SegmentRule(segment="new", recency=(4, 5), is_first_order=True),
    SegmentRule(segment="champions", recency=(4, 5), frequency=(4, 5)),
    SegmentRule(segment="loyal", recency=(4, 5), frequency=(3, 3)),
    SegmentRule(segment="loyal", recency=(3, 3), frequency=(4, 5)),
    SegmentRule(segment="promising", recency=(4, 5), frequency=(1, 2)),
    SegmentRule(segment="needs_attention", recency=(3, 3), frequency=(3, 3)),
    SegmentRule(segment="about_to_sleep", recency=(3, 3), frequency=(1, 2)),
    SegmentRule(segment="cannot_lose", recency=(1, 2), frequency=(5, 5), money=(5, 5)),
    SegmentRule(segment="at_risk", recency=(1, 2), frequency=(3, 5)),
    SegmentRule(segment="hibernating", recency=(2, 2), frequency=(1, 2)),
    SegmentRule(segment="lost", recency=(1, 1), frequency=(1, 2)),
)
# From the best to the worst; also the order of lists.
SEGMENTS: Final = (
    "champions", "loyal", "promising", "new", "needs_attention", "about_to_sleep", "at_risk", "cannot_lose",
    "hibernating", "lost",
)  # fmt: skip


def check_cuts(*, cut_shares: Sequence[float]) -> tuple[float, ...]:
    """The shares at which ranks are cut into scores; raises BadCuts unless they rise between 0 and 1."""
    cuts = tuple(float(cut) for cut in cut_shares)
    if not 1 <= len(cuts) <= MOST_CUTS:
        raise BadCuts(cuts=cuts, reason=f"there must be 1 to {MOST_CUTS} of them")
    if not all(low < high for low, high in itertools.pairwise((0.0, *cuts, 1.0))):
        raise BadCuts(cuts=cuts, reason="they must rise, above 0 and below 1")
    return cuts


def score(*, value: pl.Expr, cuts: Sequence[float]) -> pl.Expr:
    """1 and one more for each cut that lies below the value's rank; equal values share their middle rank.

    A rank is a share of all rows, so that the best value has rank 1.
    """
    rank = value.rank("average") / pl.len()
    # Ranks and cuts are quotients: a hair's breadth of rounding must not move a customer.
    passed = [(rank > cut + 1e-9).cast(pl.Int64) for cut in cuts]
    return pl.lit(1, dtype=pl.Int64) + pl.sum_horizontal(passed)


def segment(*, scores: int) -> pl.Expr:
    """The segment of each row from r_score, f_score, m_score (of 1 to `scores`) and frequency."""
    grades = {name: _grade(pl.col(name), scores=scores) for name in ("r_score", "f_score", "m_score")}
    chosen = pl.lit(RULES[-1].segment)
    for rule in reversed(RULES):
        fits = (
            grades["r_score"].is_between(*rule.recency)
            & grades["f_score"].is_between(*rule.frequency)
            & grades["m_score"].is_between(*rule.money)
        )
        if rule.is_first_order:
            fits = fits & (pl.col("frequency") == 1)
        chosen = pl.when(fits).then(pl.lit(rule.segment)).otherwise(chosen)
    return chosen.alias("segment")


def _grade(value: pl.Expr, *, scores: int) -> pl.Expr:
    """The middle of a score's place on a scale of five, rounded up, in whole numbers."""
    doubled = (2 * value - 1) * _GRADES
    return -((-doubled) // (2 * scores))
