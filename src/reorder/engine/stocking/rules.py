"""The rules that turn demand and lead times into a reorder point; each answers for the rows of one lead-time group."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from reorder.engine.stocking.leads import IntArray, LeadGroup
from reorder.engine.stocking.outlook import Outlook
from reorder.engine.stocking.textbook import (
    FloatArray,
    gamma_quantile,
    safety_stock_units,
    safety_stock_with_lead_time_variance_units,
)
from reorder.engine.stocking.windows import LONGEST_WINDOW_DAYS, DemandMatrix, sum_quantiles

# Below a quarter of a year, or four spans, windows overlap so much that their quantile is one event: gamma law then.
LEAST_DAYS, LEAST_SPANS = 91, 4
RATE_DAYS, DEVIATION_DAYS = 28, 90


@dataclass(frozen=True, slots=True)
class RuleInput:
    """One group of rows with the same possible spans (lead time + review days)."""

    demand: DemandMatrix
    lead: LeadGroup
    review_days: int
    level: FloatArray
    outlook: Outlook | None

    @property
    def spans(self) -> IntArray:
        """Possible days from an order decision to the arrival of the order after it."""
        return self.lead.days + self.review_days

    @property
    def mean_span(self) -> FloatArray:
        """Mean span a row."""
        return self.lead.mean_days + self.review_days


def reorder_points(*, given: RuleInput, method: str) -> pl.DataFrame:
    """One row a row of the group, with the rule really used.

    Columns: row, reorder_point_units, expected_units, lead_days, lead_receipts, lead_evidence, method.
    """
    if method.startswith("textbook"):
        point, expected = _textbook(given=given, method=method)
        used = np.full(len(point), method)
    else:
        point, expected, used = _windows_or_gamma(given=given)
    return pl.DataFrame(
        {
            "row": given.lead.rows,
            "reorder_point_units": point,
            "expected_units": expected,
            "lead_days": given.lead.mean_days,
            "lead_receipts": given.lead.receipts,
            "lead_evidence": [given.lead.evidence] * len(point),
            "method": used.tolist(),
        }
    )


def _textbook(*, given: RuleInput, method: str) -> tuple[FloatArray, FloatArray]:
    """Normal rules over lead time + review: mean of 28 days, deviation of 90."""
    from scipy.special import ndtri

    mean = given.demand.mean_units(days=RATE_DAYS)
    deviation = given.demand.deviation_units(days=DEVIATION_DAYS)
    expected, z = mean * given.mean_span, ndtri(given.level)
    if method == "textbook":
        safety = safety_stock_units(z=z, demand_sd_units=deviation, lead_time_days=given.mean_span)
    else:
        safety = safety_stock_with_lead_time_variance_units(
            z=z,
            demand_mean_units=mean,
            demand_sd_units=deviation,
            lead_time_days=given.mean_span,
            lead_time_sd_days=np.sqrt(given.lead.variance_days),
        )
    return np.maximum(expected + safety, 0.0), expected


def _windows_or_gamma(*, given: RuleInput) -> tuple[FloatArray, FloatArray, np.ndarray[tuple[int], np.dtype[np.str_]]]:
    """The empirical quantile where history is long enough, levelled by the forecast where there is one; else gamma."""
    demand, spans = given.demand, given.spans
    wanted = np.full((len(given.level), len(spans)), np.nan)
    if given.outlook is not None:
        wanted = given.outlook.sums(rows=given.lead.rows, spans=spans)
    foreseen = ~np.isnan(wanted[:, 0])
    needed = np.maximum(LEAST_DAYS, LEAST_SPANS * np.minimum(given.mean_span, LONGEST_WINDOW_DAYS))
    long = (demand.observed_days >= needed) & (demand.units.any(axis=1) | ~foreseen)
    point, expected = _gamma(given=given, wanted=wanted, foreseen=foreseen)
    point[long], expected[long] = sum_quantiles(
        demand=DemandMatrix(demand.units[long], demand.first[long]),
        spans=spans,
        shares=given.lead.shares[long],
        level=given.level[long],
        wanted=wanted[long],
    )
    return point, expected, np.where(foreseen, "forecast", np.where(long, "quantile", "gamma"))


def _gamma(
    *, given: RuleInput, wanted: FloatArray, foreseen: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> tuple[FloatArray, FloatArray]:
    """Gamma law with the mean and variance of demand over a random span, and the doubt about a young mean.

    Variance a day is at least the mean: single buyers arrive at random even where few days were seen.
    """
    mean, variance = given.demand.weighted_moments()
    variance = np.maximum(variance, mean)
    if given.outlook is not None:
        seen_ahead = given.outlook.variance[given.lead.rows]
        variance = np.where(foreseen, np.maximum(variance, seen_ahead), variance)
    sums = np.where(foreseen[:, None], wanted, mean[:, None] * given.spans)
    expected = (given.lead.shares * sums).sum(1)
    lead_variance = np.maximum((given.lead.shares * sums**2).sum(1) - expected**2, 0.0)
    doubt = given.mean_span**2 * variance / np.maximum(given.demand.observed_days, 7)
    total = given.mean_span * variance + lead_variance + doubt
    return gamma_quantile(level=given.level, mean=expected, variance=total), expected
