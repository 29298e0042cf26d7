"""How well a score ranks: concordance and AUC as counts of pairs put in order, so that days can be added up.

Both are exact, in O(n log n) by sorting: waiting times are whole days, so each day is compared with all later ones at
once.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reorder.engine.repurchase.purchases import Codes, Numbers

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Of `known` comparisons whose outcome is certain, `good` were put in the right order; ties count half."""

    good: float
    known: float


def count_concordant(*, wait_days: Codes, horizon_days: int, score: Numbers) -> Ordered:
    """Harrell's C (JAMA 1982): of two, the one with the higher score should buy earlier.

    `wait_days`: whole days until the purchase, `horizon_days` for those who did not buy in that time. Two that bought
    on one day, and two that did not buy, cannot be compared.
    """
    by_day = np.argsort(wait_days, kind="stable")
    bounds = np.searchsorted(wait_days[by_day], np.arange(horizon_days + 1))
    later = np.sort(score[by_day[bounds[horizon_days] :]])
    good = known = 0.0
    for day in range(horizon_days - 1, -1, -1):
        here = np.sort(score[by_day[bounds[day] : bounds[day + 1]]])
        if not here.size:
            continue
        good += _above(here, later)
        known += float(here.size) * later.size
        later = np.sort(np.concatenate([later, here]), kind="stable")
    return Ordered(good=good, known=known)


def count_separated(*, happened: Flags, score: Numbers) -> Ordered:
    """The area under the ROC curve as counts: who bought against who did not."""
    yes, no = score[happened], np.sort(score[~happened])
    return Ordered(good=_above(yes, no), known=float(yes.size) * no.size)


def _above(scores: Numbers, ordered: Numbers) -> float:
    """How many of `ordered` lie below each of `scores`, summed; equal ones count half."""
    lower = np.searchsorted(ordered, scores, side="left").sum(dtype=np.float64)
    upto = np.searchsorted(ordered, scores, side="right").sum(dtype=np.float64)
    return float(lower + upto) / 2
