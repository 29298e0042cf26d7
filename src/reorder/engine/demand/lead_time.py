"""Demand over lead time + review: the distribution of the SUM, never the sum of daily quantiles.

Two things vary: how long the supplier takes (real receipts) and how far the forecast is off over that many days in a
row (real backtest errors, so that a level missed for a whole month is not averaged away).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.demand.classes import CLASSES
from reorder.engine.demand.errors import BadRequest
from reorder.engine.demand.forecasting import Backtest, DemandForecast, checked_levels, quantile_column
from reorder.engine.demand.panel import KEY, Floats
from reorder.engine.demand.quantiles import round_to_units

FEWEST_OWN_RECEIPTS = 5
LONGEST_SPAN_DAYS = 730
POOLED_POINTS = 101
POOLED_SERIES = 1_000
BLOCK_SERIES = 500
OWN_SHARE = 0.2  # of the errors of sums; those of single days say less (see quantiles.OWN_SHARE)
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class _Span:
    """One possible length: the expected sum, its width, and standardised errors of sums that long.

    `own` is (series, samples), `pooled` (series, POOLED_POINTS); `weight` the probability of the length, a series.
    """

    weight: Floats
    expected: Floats
    width: Floats
    own: Floats
    pooled: Floats


def lead_time_demand(
    *,
    forecast: DemandForecast,
    history: pl.DataFrame,
    lead_times: pl.DataFrame,
    review_days: int = 1,
    quantiles: Sequence[float] = (0.5, 0.9, 0.95, 0.99),
) -> pl.DataFrame:
    """Units over lead time + review per sku and place: `mean_units`, `sd_units` and a column a quantile, of the sum.

    Lead times are the product's own receipts at that place, from five on; fewer are pooled with all receipts of its
    suppliers, and a product without receipts takes all there are. Days past the forecast's horizon repeat its last
    week. Raises InvalidFrame; BadRequest when `forecast` was not made from `history` or there is no receipt at all.
    """
    levels = checked_levels(quantiles=quantiles)
    history = frames.require(table=history, contract=frames.HISTORY)
    receipts = frames.require(table=lead_times, contract=frames.LEAD_TIMES)
    keys = forecast.backtest.keys
    _require_fit(forecast=forecast, history=history, receipts=receipts, review_days=review_days)
    weights, span_days = _span_weights(keys=keys, receipts=receipts, review_days=review_days)
    daily = forecast.daily.sort(*KEY, "date")["mean_units"].to_numpy().reshape(keys.height, -1)
    mean, deviation = np.zeros(keys.height), np.zeros(keys.height)
    around = np.zeros((len(levels), keys.height))
    pooled = {int(span): _pooled(backtest=forecast.backtest, span_days=int(span)) for span in span_days}
    for first in range(0, keys.height, BLOCK_SERIES):
        block = slice(first, first + BLOCK_SERIES)
        spans = [
            _span(
                backtest=forecast.backtest,
                daily=daily[block],
                block=block,
                span_days=int(days),
                weight=weights[block, position],
                pooled=pooled[int(days)],
            )
            for position, days in enumerate(span_days)
        ]
        mean[block], deviation[block] = _moments(spans=spans)
        around[:, block] = _quantiles(spans=spans, levels=levels)
    around = round_to_units(quantiles=around[:, :, None], whole=forecast.backtest.whole)[:, :, 0]
    columns = {quantile_column(level=level): values for level, values in zip(levels, around, strict=True)}
    return keys.with_columns(pl.DataFrame({"mean_units": mean, "sd_units": deviation} | columns))


def _require_fit(*, forecast: DemandForecast, history: pl.DataFrame, receipts: pl.DataFrame, review_days: int) -> None:
    if review_days < 0:
        raise BadRequest(argument="review_days", value=review_days, reason="it cannot be negative")
    if forecast.daily.height == 0:
        return
    if receipts.height == 0:
        raise BadRequest(argument="lead_times", value="an empty frame", reason="at least one receipt is needed")
    first, last = forecast.daily["date"].min(), history["date"].max()
    if not isinstance(first, date) or not isinstance(last, date) or first != last + timedelta(days=1):
        raise BadRequest(argument="forecast", value=first, reason=f"the history ends on {last!s}; forecast it again")


def _span_weights(*, keys: pl.DataFrame, receipts: pl.DataFrame, review_days: int) -> tuple[Floats, Floats]:
    """(series, spans) probabilities of each span, and the spans in days."""
    span = pl.col("lead_days").clip(upper_bound=LONGEST_SPAN_DAYS) + review_days
    receipts = receipts.with_columns(span=span)
    span_days = receipts["span"].unique().sort()
    numbered = keys.with_row_index("series")
    own = numbered.join(receipts, on=KEY).select("series", "supplier", "span")
    enough = own.group_by("series").len().filter(pl.col("len") >= FEWEST_OWN_RECEIPTS)
    suppliers = own.join(enough, on="series", how="anti").select("series", "supplier").unique()
    shared = suppliers.join(receipts.group_by("supplier", "span").len(), on="supplier").select("series", "span", "len")
    counted = pl.concat(
        [own.join(enough, on="series", how="semi").group_by("series", "span").len(), shared], how="vertical_relaxed"
    )
    counts = np.zeros((keys.height, span_days.len()))
    columns = np.searchsorted(span_days.to_numpy(), counted["span"].to_numpy())
    np.add.at(counts, (counted["series"].to_numpy(), columns), counted["len"].to_numpy())
    everywhere = receipts.group_by("span").len().sort("span")["len"].to_numpy()
    counts = np.where(counts.sum(axis=1, keepdims=True) > 0, counts, everywhere)
    return counts / counts.sum(axis=1, keepdims=True), span_days.to_numpy().astype(np.float64)


def _standard_sums(*, backtest: Backtest, rows: slice, span_days: int) -> Floats:
    """(series, samples) errors of sums of `span_days` consecutive backtest days over their width; NaN without any.

    Sums stay inside one window as long as it is long enough; longer ones chain the windows.
    """
    residuals, fitted = backtest.residuals[:, rows], backtest.fitted[:, rows]
    windows, series, horizon = residuals.shape
    if windows == 0 or span_days == 0:
        return np.full((series, 1), np.nan)
    judged = np.asarray(np.isfinite(residuals).any(axis=(0, 2)))
    missed, expected = np.nan_to_num(residuals), fitted
    if span_days > horizon:
        chained = (1, series, windows * horizon)
        repeats = -(-span_days // (windows * horizon)) + 1
        missed = np.tile(np.moveaxis(missed, 1, 0).reshape(chained), (1, 1, repeats))
        expected = np.tile(np.moveaxis(expected, 1, 0).reshape(chained), (1, 1, repeats))
    starts = windows * horizon if span_days > horizon else horizon - span_days + 1
    sums = [_sums(values, days=span_days)[:, :, :starts] for values in (missed, expected)]
    missed_sums, expected_sums = (np.moveaxis(values, 1, 0).reshape(series, -1) for values in sums)
    width = _width(backtest=backtest, rows=rows, expected=expected_sums, days=span_days)
    standard = np.where(width > _TINY, missed_sums / np.maximum(width, _TINY), 0.0)
    return np.where(judged[:, None], standard, np.nan)


def _sums(values: Floats, *, days: int) -> Floats:
    running = np.concatenate([np.zeros((*values.shape[:2], 1)), np.cumsum(values, axis=2)], axis=2)
    return np.asarray(running[:, :, days:] - running[:, :, :-days])


def _width(*, backtest: Backtest, rows: slice, expected: Floats, days: int) -> Floats:
    """√(expected sum × dispersion), never quite zero; a product without history is as dispersed as the median one."""
    spread = backtest.spread
    known = np.asarray(backtest.classes != "no_history")
    typical = float(np.median(spread.dispersion[known])) if known.any() else 1.0
    dispersion = np.where(known, spread.dispersion, typical)[rows]
    floor = np.sqrt(0.05 * days * spread.typical_units[rows] * dispersion)
    shape = (-1,) + (1,) * (expected.ndim - 1)
    return np.asarray(np.maximum(np.sqrt(expected * dispersion.reshape(shape)), floor.reshape(shape)))


def _pooled(*, backtest: Backtest, span_days: int) -> Floats:
    """(classes + 1, points) quantiles of standardised sums by class, the last row for all classes together."""
    every = max(1, backtest.classes.size // POOLED_SERIES)
    standard = _standard_sums(backtest=backtest, rows=slice(None, None, every), span_days=span_days)
    classes = backtest.classes[::every]
    points = (np.arange(POOLED_POINTS) + 0.5) / POOLED_POINTS
    finite = standard[np.isfinite(standard)]
    # Without any backtest a Poisson-like spread is all that is left to say.
    common = np.quantile(finite, points) if finite.size else _normal_points(points)
    out = np.repeat(common[None], len(CLASSES) + 1, axis=0)
    for position, name in enumerate(CLASSES):
        values = standard[classes == name]
        values = values[np.isfinite(values)]
        if values.size >= POOLED_POINTS:
            out[position] = np.quantile(values, points)
    return out


def _normal_points(points: Floats) -> Floats:
    from statistics import NormalDist

    return np.array([NormalDist().inv_cdf(float(point)) for point in points])


def _span(*, backtest: Backtest, daily: Floats, block: slice, span_days: int, weight: Floats, pooled: Floats) -> _Span:
    horizon = daily.shape[1]
    last_week = daily[:, -min(7, horizon) :]
    past = max(0, span_days - horizon)
    beyond = np.tile(last_week, (1, -(-past // last_week.shape[1])))[:, :past] if past else daily[:, :0]
    expected = daily[:, :span_days].sum(axis=1) + beyond.sum(axis=1)
    classes = backtest.classes[block]
    shared = pooled[[CLASSES.index(name) for name in classes]]
    own = _standard_sums(backtest=backtest, rows=block, span_days=span_days)
    return _Span(
        weight=weight,
        expected=expected,
        width=_width(backtest=backtest, rows=block, expected=expected, days=span_days),
        own=np.where(np.isfinite(own), own, _resampled(shared, count=own.shape[1])),
        pooled=shared,
    )


def _resampled(shared: Floats, *, count: int) -> Floats:
    """`count` of the class's errors, for series that have none of their own."""
    points = np.linspace(0, shared.shape[1] - 1, count).round().astype(np.int64)
    return np.asarray(shared[:, points])


def _moments(*, spans: Sequence[_Span]) -> tuple[Floats, Floats]:
    """Mean and standard deviation over lengths and errors (law of total variance)."""
    mean = sum((span.weight * span.expected for span in spans), np.zeros_like(spans[0].expected))
    variance = np.zeros_like(mean)
    for span in spans:
        error = OWN_SHARE * (span.own**2).mean(axis=1) + (1 - OWN_SHARE) * (span.pooled**2).mean(axis=1)
        variance += span.weight * (error * span.width**2 + (span.expected - mean) ** 2)
    return mean, np.sqrt(variance)


def _quantiles(*, spans: Sequence[_Span], levels: Sequence[float]) -> Floats:
    own = _mixture([(span, span.own) for span in spans], levels=levels)
    pooled = _mixture([(span, span.pooled) for span in spans], levels=levels)
    return np.clip(OWN_SHARE * own + (1 - OWN_SHARE) * pooled, 0.0, None)


def _mixture(parts: Sequence[tuple[_Span, Floats]], *, levels: Sequence[float]) -> Floats:
    """(levels, series) quantiles of the errors of all lengths, each length by its probability."""
    values = np.concatenate([span.expected[:, None] + span.width[:, None] * errors for span, errors in parts], axis=1)
    weights = np.concatenate(
        [np.repeat(span.weight[:, None] / errors.shape[1], errors.shape[1], axis=1) for span, errors in parts], axis=1
    )
    order = np.argsort(values, axis=1)
    values, weights = np.take_along_axis(values, order, axis=1), np.take_along_axis(weights, order, axis=1)
    reached = np.cumsum(weights, axis=1)
    out = np.zeros((len(levels), values.shape[0]))
    for position, level in enumerate(levels):
        place = np.minimum((reached < level - _TINY).sum(axis=1), values.shape[1] - 1)
        out[position] = values[np.arange(values.shape[0]), place]
    return out
