"""The rules that turn demand and lead times into a reorder point; each answers for the rows of one lead-time group."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from reorder.engine.stocking.leads import IntArray, LeadGroup
from reorder.engine.stocking.outlook import Outlook
from reorder.engine.stocking.textbook import (
    FloatArray,
    gamma_loss,
    gamma_loss_quantile,
    gamma_quantile,
    normal_loss,
    normal_loss_quantile,
    safety_stock_units,
    safety_stock_with_lead_time_variance_units,
)
from reorder.engine.stocking.windows import LONGEST_WINDOW_DAYS, DemandMatrix, Question, SumLaw, sum_laws

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
    allowed_loss: FloatArray
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

    Columns: row, reorder_point_units, expected_units, deviation_units (of demand over the span), loss_units (expected
    beyond the reorder point), lead_days, lead_receipts, lead_evidence, method.
    """
    if method.startswith("textbook"):
        law, used = _textbook(given=given, method=method), np.full(len(given.level), method)
    else:
        law, used = _windows_or_gamma(given=given)
    return pl.DataFrame(
        {
            "row": given.lead.rows,
            "reorder_point_units": law.point,
            "expected_units": law.mean,
            "deviation_units": law.deviation,
            "loss_units": law.loss,
            "lead_days": given.lead.mean_days,
            "lead_receipts": given.lead.receipts,
            "lead_evidence": [given.lead.evidence] * len(law.point),
            "method": used.tolist(),
        }
    )


def _textbook(*, given: RuleInput, method: str) -> SumLaw:
    """Normal rules over lead time + review: mean of 28 days, deviation of 90."""
    from scipy.special import ndtri

    mean = given.demand.mean_units(days=RATE_DAYS)
    deviation = given.demand.deviation_units(days=DEVIATION_DAYS)
    expected = mean * given.mean_span
    variance = given.mean_span * deviation**2
    if method != "textbook":
        variance = variance + mean**2 * given.lead.variance_days
    z = np.where(np.isnan(given.allowed_loss), ndtri(given.level), 0.0)
    filled = ~np.isnan(given.allowed_loss)
    z[filled] = normal_loss_quantile(loss=given.allowed_loss[filled] / np.maximum(np.sqrt(variance[filled]), 1e-9))
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
    point, spread = np.maximum(expected + safety, 0.0), np.sqrt(variance)
    loss = normal_loss(stock=point, mean=expected, deviation=spread)
    return SumLaw(point=point, mean=expected, deviation=spread, loss=loss)


def _windows_or_gamma(*, given: RuleInput) -> tuple[SumLaw, np.ndarray[tuple[int], np.dtype[np.str_]]]:
    """The empirical law where history is long enough, levelled by the forecast where there is one; else gamma."""
    demand, spans = given.demand, given.spans
    wanted = np.full((len(given.level), len(spans)), np.nan)
    if given.outlook is not None:
        wanted = given.outlook.sums(rows=given.lead.rows, spans=spans)
    foreseen = ~np.isnan(wanted[:, 0])
    needed = np.maximum(LEAST_DAYS, LEAST_SPANS * np.minimum(given.mean_span, LONGEST_WINDOW_DAYS))
    long = (demand.observed_days >= needed) & (demand.units.any(axis=1) | ~foreseen)
    law = _gamma(given=given, wanted=wanted, foreseen=foreseen)
    seen = sum_laws(
        demand=DemandMatrix(demand.units[long], demand.first[long]),
        spans=spans,
        shares=given.lead.shares[long],
        asked=Question(given.level[long], given.allowed_loss[long], wanted[long], demand.trend[long]),
    )
    for name in ("point", "mean", "deviation", "loss"):
        getattr(law, name)[long] = getattr(seen, name)
    return law, np.where(foreseen, "forecast", np.where(long, "quantile", "gamma"))


def _gamma(*, given: RuleInput, wanted: FloatArray, foreseen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> SumLaw:
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
    point = gamma_quantile(level=given.level, mean=expected, variance=total)
    filled = ~np.isnan(given.allowed_loss)
    point[filled] = gamma_loss_quantile(loss=given.allowed_loss[filled], mean=expected[filled], variance=total[filled])
    loss = gamma_loss(stock=point, mean=expected, variance=total)
    return SumLaw(point=point, mean=expected, deviation=np.sqrt(total), loss=loss)
