"""Quantiles around a mean forecast from errors that were really made.

A quantile is the mean + a blend of the series' own residual quantile and its class's, both in units of
√(forecast × dispersion), so that a busy day is wider than a quiet one. Never from a model's normal interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reorder.engine.demand.classes import CLASSES, Names
from reorder.engine.demand.panel import Flags, Floats

FEWEST_OWN_RESIDUALS = 28
# 84 residuals of its own say little about one day in a hundred: .1 had a lower pinball loss than more on M5.
OWN_SHARE = 0.1
FEWEST_CLASS_RESIDUALS = 100
FLOOR_SHARE = 0.2  # of the series' own mean: a day forecast at almost nothing still has some spread
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Spread:
    """How wide each series is: `dispersion` (variance over mean) and `typical_units` (its mean), both (series,)."""

    dispersion: Floats
    typical_units: Floats

    def of(self, expected: Floats) -> Floats:
        """The standard width at expected units (series, …): √(expected × dispersion), never quite zero."""
        shape = (-1,) + (1,) * (expected.ndim - 1)
        floor = FLOOR_SHARE * self.typical_units.reshape(shape)
        return np.sqrt(np.maximum(expected, floor) * self.dispersion.reshape(shape))


def spread_of(*, units: Floats, known: Flags) -> Spread:
    """The spread of each series from (series, days) history."""
    days = np.maximum(known.sum(axis=1), 1)
    mean = (units * known).sum(axis=1) / days
    variance = np.where(known, (units - mean[:, None]) ** 2, 0.0).sum(axis=1) / days
    return Spread(dispersion=variance / np.maximum(mean, _TINY), typical_units=mean)


def blended_quantiles(
    *,
    mean: Floats,
    fitted: Floats,
    residuals: Floats,
    spread: Spread,
    classes: Names,
    levels: Sequence[float],
) -> Floats:
    """(levels, series, days) quantiles around `mean` (series, days).

    `fitted` and `residuals` are (windows, series, days) of the backtest, residuals NaN where not judged.
    """
    width = np.stack([spread.of(window) for window in fitted]) if len(fitted) else np.zeros((0, *mean.shape))
    standard = np.where(width > 0, residuals / np.maximum(width, _TINY), np.nan)
    standard = np.moveaxis(standard, 1, 0).reshape(mean.shape[0], len(fitted) * mean.shape[1])
    own, counts = own_quantiles(standard=standard, levels=levels)
    shared = class_quantiles(standard=standard, classes=classes, levels=levels)
    trusted = np.where(counts >= FEWEST_OWN_RESIDUALS, OWN_SHARE, 0.0)[None, :]
    factor = trusted * np.nan_to_num(own) + (1 - trusted) * shared
    return np.clip(mean[None] + factor[:, :, None] * spread.of(mean)[None], 0.0, None)


def own_quantiles(*, standard: Floats, levels: Sequence[float]) -> tuple[Floats, Floats]:
    """(levels, series) quantiles of each row's finite values, and how many there are."""
    counts = np.isfinite(standard).sum(axis=1)
    ordered = np.sort(standard, axis=1)  # NaN last
    out = np.full((len(levels), standard.shape[0]), np.nan)
    rows = np.flatnonzero(counts)
    for position, level in enumerate(levels):
        # Position (n + 1)q: the expected coverage of an order statistic, so that small samples are not too narrow.
        place = np.clip((counts[rows] + 1) * level - 1, 0, counts[rows] - 1)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, counts[rows] - 1)
        share = place - low
        out[position, rows] = (1 - share) * ordered[rows, low] + share * ordered[rows, high]
    return out, counts.astype(np.float64)


def class_quantiles(*, standard: Floats, classes: Names, levels: Sequence[float]) -> Floats:
    """(levels, series) quantiles pooled over the class; a class with too few values takes all classes together."""
    everything = standard[np.isfinite(standard)]
    common = np.quantile(everything, levels) if everything.size >= FEWEST_OWN_RESIDUALS else _normal(levels)
    out = np.repeat(np.asarray(common)[:, None], classes.size, axis=1)
    for name in CLASSES:
        mine = classes == name
        values = standard[mine]
        values = values[np.isfinite(values)]
        if values.size >= FEWEST_CLASS_RESIDUALS:
            out[:, mine] = np.quantile(values, levels)[:, None]
    return out


def _normal(levels: Sequence[float]) -> Floats:
    """Standard normal quantiles: all that is left when nothing at all could be backtested."""
    from statistics import NormalDist

    return np.array([NormalDist().inv_cdf(level) for level in levels])


def whole_units(*, units: Floats, known: Flags) -> Flags:
    """Which series have only ever sold whole units."""
    return np.asarray((np.where(known, units, 0.0) % 1 == 0).all(axis=1))


def round_to_units(*, quantiles: Floats, whole: Flags) -> Floats:
    """Whole-unit series get the whole number nearest to the continuous quantile, halves down.

    With P(Y ≤ k) = P(X ≤ k + ½), the smallest k that covers q is ⌈x_q − ½⌉.
    """
    return np.where(whole[None, :, None], np.clip(np.ceil(quantiles - 0.5), 0.0, None), quantiles)
