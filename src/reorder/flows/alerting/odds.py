"""How likely demand is to exceed stock, and by how much; pure, for whole columns at once.

Demand until a day is counted in units: a negative binomial of its mean and deviation, Poisson where the deviation is
not larger than a Poisson's. A normal law would give slow sellers demand below zero.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
# Nearer to Poisson the two laws cannot be told apart, and the binomial's own numbers grow beyond use.
_LEAST_SURPLUS: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Odds:
    """`short_share`: probability that more is wanted than is free; `short_units`: how many units that is expected."""

    short_share: FloatArray
    short_units: FloatArray


def shortage_odds(*, free_units: FloatArray, mean_units: FloatArray, deviation_units: FloatArray) -> Odds:
    """P(D > free) and E[(D − free)⁺] of demand D with these means and standard deviations.

    For a negative binomial with r successes, E[D; D > s] = mean × P(D' ≥ s) where D' has r + 1 (for Poisson: the same
    law). Source: Zipkin, Foundations of Inventory Management, appendix C. Stock below zero counts as zero.
    """
    from scipy.stats import nbinom, poisson

    free = np.floor(np.maximum(free_units, 0.0))
    mean = np.maximum(mean_units, 0.0)
    surplus = deviation_units**2 - mean
    is_wide = surplus > np.maximum(mean, 1.0) * _LEAST_SURPLUS
    safe_mean, safe_surplus = np.where(mean > 0, mean, 1.0), np.where(is_wide, surplus, 1.0)
    successes, chance = safe_mean**2 / safe_surplus, safe_mean / (safe_mean + safe_surplus)
    above = np.where(is_wide, nbinom.sf(free, successes, chance), poisson.sf(free, safe_mean))
    from_free = np.where(is_wide, nbinom.sf(free - 1, successes + 1, chance), poisson.sf(free - 1, safe_mean))
    short = np.maximum(mean * from_free - free * above, 0.0)
    return Odds(short_share=np.where(mean > 0, above, 0.0), short_units=np.where(mean > 0, short, 0.0))
