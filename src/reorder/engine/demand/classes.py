"""Demand classes of Syntetos and Boylan: how often and how evenly a series sells decides which methods suit it."""

import numpy as np
import numpy.typing as npt

from reorder.engine.demand.panel import Counts, Flags, Floats

# Syntetos, Boylan and Croston (2005), "On the categorization of demand patterns", JORS 56: the two cut-offs.
LONGEST_SMOOTH_INTERVAL_DAYS = 1.32
LARGEST_SMOOTH_SQUARED_VARIATION = 0.49
CLASS_DAYS = 365
SHORT_DAYS = 180
CLASSES = ("no_history", "short", "smooth", "erratic", "intermittent", "lumpy")

Names = npt.NDArray[np.str_]


def classify(*, units: Floats, known: Flags, age_days: Counts) -> Names:
    """The demand class of every series from its last 365 days.

    `units` and `known` are (series, days). ADI is the number of known days per day with demand, CV² the squared
    coefficient of variation of the demand on those days. Source: Syntetos, Boylan and Croston, JORS 56 (2005).
    """
    units, known = units[:, -CLASS_DAYS:], known[:, -CLASS_DAYS:]
    sold = known & (units > 0)
    sold_days = sold.sum(axis=1)
    interval_days = known.sum(axis=1) / np.maximum(sold_days, 1)
    size = np.where(sold, units, 0).sum(axis=1) / np.maximum(sold_days, 1)
    variance = np.where(sold, (units - size[:, None]) ** 2, 0).sum(axis=1) / np.maximum(sold_days, 1)
    variation = variance / np.maximum(size, 1e-12) ** 2
    frequent = (interval_days < LONGEST_SMOOTH_INTERVAL_DAYS) & (sold_days > 0)
    even = variation < LARGEST_SMOOTH_SQUARED_VARIATION
    return np.select(
        [age_days == 0, age_days < SHORT_DAYS, frequent & even, frequent, even],
        ["no_history", "short", "smooth", "erratic", "intermittent"],
        default="lumpy",
    )
