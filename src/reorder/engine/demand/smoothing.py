"""The cheap methods, over all series at once: each takes the past and gives (series, horizon) expected units.

Written as matrix work because a night asks them of tens of thousands of series at four origins; days that are not
known (out of stock, before the first row) carry no weight.
"""

from dataclasses import dataclass

import numpy as np

from reorder.engine.demand.panel import Counts, Flags, Floats

SMOOTHING_DAYS = 364
PROFILE_WEEKS = 26
PROFILE_PRIOR = 40.0  # days of evidence that the common weekday profile is worth against a series' own
DISPERSION_PRIOR_DAYS = 14
ALPHAS = (0.01, 0.03, 0.06, 0.12, 0.25)
CROSTON_ALPHA = 0.1
TSB_SIZE_ALPHA = 0.1
TSB_SHARE_ALPHA = 0.05
ADIDA_ALPHA = 0.15
LONGEST_BUCKET_DAYS = 28
LONGEST_IMAPA_DAYS = 7
MOVING_AVERAGE_DAYS = 28
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Past:
    """What is known at one origin: (series, days) matrices whose last column is the day before the first forecast."""

    units: Floats
    known: Flags


def mean_of(*, past: Past, days: int) -> Floats:
    """Mean units of the known days among the last `days`; a series without one there gives the mean of all it has."""
    units, known = past.units[:, -days:], past.known[:, -days:]
    count = known.sum(axis=1)
    whole = (past.units * past.known).sum(axis=1) / np.maximum(past.known.sum(axis=1), 1)
    recent: Floats = np.where(count > 0, (units * known).sum(axis=1) / np.maximum(count, 1), whole)
    return recent


def weekday_profile(*, past: Past) -> Floats:
    """(series, 7) weekday indices with mean 1, the first for the first forecast day, shrunk towards the common profile.

    Gamma-Poisson shrinkage on units over the series' own dispersion (variance / mean), so that it means the same for
    pieces and for grams.
    """
    weeks = min(PROFILE_WEEKS, past.units.shape[1] // 7)
    if weeks == 0:
        return np.ones((past.units.shape[0], 7))
    known = past.known[:, -7 * weeks :].reshape(-1, weeks, 7)
    units = np.where(known, past.units[:, -7 * weeks :].reshape(-1, weeks, 7), 0.0)
    days = known.sum(axis=1)
    mean = units.sum(axis=(1, 2)) / np.maximum(days.sum(axis=1), 1)
    weekday_mean = units.sum(axis=1) / np.maximum(days, 1)
    # Around the weekday's own mean: a strong pattern is not noise.
    scatter = np.where(known, (units - weekday_mean[:, None, :]) ** 2, 0.0).sum(axis=(1, 2))
    dispersion = _dispersion(scatter=scatter, free_days=np.maximum(days.sum(axis=1) - 7, 0), mean=mean)[:, None]
    seen = units.sum(axis=1) / dispersion
    expected = mean[:, None] * days / dispersion
    common = (seen.sum(axis=0) + PROFILE_PRIOR) / (expected.sum(axis=0) + PROFILE_PRIOR)
    profile = (seen + PROFILE_PRIOR * common) / (expected + PROFILE_PRIOR)
    return np.asarray(profile / profile.mean(axis=1, keepdims=True))


def _dispersion(*, scatter: Floats, free_days: Counts, mean: Floats) -> Floats:
    """Variance over mean of each series; few days, or days all alike, are not taken for certainty.

    A series of a week has no scatter around its weekdays: without a usual dispersion added it would outweigh the whole
    shop in the common profile.
    """
    own = scatter / np.maximum(mean, _TINY)
    telling = (free_days >= DISPERSION_PRIOR_DAYS) & (mean > 0)
    usual = float(np.median(own[telling] / free_days[telling])) if telling.any() else 0.0
    prior = DISPERSION_PRIOR_DAYS * np.maximum(usual, 0.5 * mean)
    return np.asarray(np.maximum((own + prior) / (free_days + DISPERSION_PRIOR_DAYS), _TINY))


def exponential_smoothing(past: Past, horizon_days: int) -> Floats:
    """Simple exponential smoothing on weekday-adjusted units, one smoothing constant a series.

    The level is the normalised exponentially weighted mean, which equals SES once the start is forgotten and lets
    unknown days weigh nothing. Source: Hyndman and Athanasopoulos, Forecasting: principles and practice, 3rd ed., 8.1.
    """
    profile = weekday_profile(past=past)
    level, _ = _smoothed_level(past=past, profile=profile, horizon_days=horizon_days)
    return level[:, None] * tiled(profile, horizon_days=horizon_days)


def theta(past: Past, horizon_days: int) -> Floats:
    """The Theta method on weekday-adjusted units: SES with half the slope of the linear trend as drift.

    Source: Hyndman and Billah, "Unmasking the Theta method", International Journal of Forecasting 19 (2003).
    """
    profile = weekday_profile(past=past)
    level, alpha = _smoothed_level(past=past, profile=profile, horizon_days=horizon_days)
    adjusted, known = _adjusted(past=past, profile=profile)
    day = np.arange(adjusted.shape[1], dtype=float)
    count = np.maximum(known.sum(axis=1), 1)
    mean_day = (known * day).sum(axis=1) / count
    centred = np.where(known, day - mean_day[:, None], 0.0)
    slope = (centred * adjusted).sum(axis=1) / np.maximum((centred**2).sum(axis=1), _TINY)
    # A few weeks of history can hold any slope; the drift needs as many days behind it as a year of doubt.
    slope *= count / (count + SMOOTHING_DAYS)
    steps = np.arange(horizon_days) + 1.0 / alpha[:, None]
    trend = np.clip(level[:, None] + 0.5 * slope[:, None] * steps, 0.0, None)
    return np.asarray(trend * tiled(profile, horizon_days=horizon_days))


def moving_average(past: Past, horizon_days: int) -> Floats:
    """The mean of the last 28 known days for every day ahead."""
    return np.repeat(mean_of(past=past, days=MOVING_AVERAGE_DAYS)[:, None], horizon_days, axis=1)


def seasonal_naive(past: Past, horizon_days: int) -> Floats:
    """The units of the same weekday a week ago; an unknown day is replaced by the known one before it, week by week."""
    weeks = min(PROFILE_WEEKS, past.units.shape[1] // 7)
    last_week = np.repeat(mean_of(past=past, days=MOVING_AVERAGE_DAYS)[:, None], 7, axis=1)
    for back in range(weeks, 0, -1):
        end = past.units.shape[1] - 7 * (back - 1)
        last_week = np.where(past.known[:, end - 7 : end], past.units[:, end - 7 : end], last_week)
    return tiled(last_week, horizon_days=horizon_days)


def croston(past: Past, horizon_days: int) -> Floats:
    """Croston's method with the Syntetos-Boylan correction: smoothed size over smoothed interval × (1 − α/2).

    Source: Syntetos and Boylan, "The accuracy of intermittent demand estimates", IJF 21 (2005).
    """
    units, known = past.units[:, -SMOOTHING_DAYS:].T, past.known[:, -SMOOTHING_DAYS:].T
    size = np.zeros(units.shape[1])
    interval = np.ones(units.shape[1])
    waited = np.ones(units.shape[1])
    started = np.zeros(units.shape[1], dtype=np.bool_)
    for today, told in zip(units, known, strict=True):
        sold = told & (today > 0)
        first = sold & ~started
        later = sold & started
        size += np.where(later, CROSTON_ALPHA * (today - size), 0.0)
        interval += np.where(later, CROSTON_ALPHA * (waited - interval), 0.0)
        size = np.where(first, today, size)
        interval = np.where(first, waited, interval)
        started |= sold
        waited = np.where(sold, 1.0, waited + told)
    rate = np.where(started, (1 - CROSTON_ALPHA / 2) * size / np.maximum(interval, 1.0), 0.0)
    return np.repeat(rate[:, None], horizon_days, axis=1)


def tsb(past: Past, horizon_days: int) -> Floats:
    """Teunter-Syntetos-Babai: smoothed share of days with demand × smoothed size; falls when a product stops selling.

    Source: Teunter, Syntetos and Babai, "Intermittent demand: linking forecasting to inventory obsolescence", EJOR 214.
    """
    units, known = past.units[:, -SMOOTHING_DAYS:].T, past.known[:, -SMOOTHING_DAYS:].T
    size = np.zeros(units.shape[1])
    share = np.zeros(units.shape[1])
    seen = np.zeros(units.shape[1])
    sales = np.zeros(units.shape[1])
    for today, told in zip(units, known, strict=True):
        sold = told & (today > 0)
        seen += told
        sales += sold
        # Until 1/α days are seen the smoothed value is their plain mean: no start value to forget.
        share += np.where(told, np.maximum(TSB_SHARE_ALPHA, 1.0 / np.maximum(seen, 1)) * (sold - share), 0.0)
        size += np.where(sold, np.maximum(TSB_SIZE_ALPHA, 1.0 / np.maximum(sales, 1)) * (today - size), 0.0)
    return np.repeat((share * size)[:, None], horizon_days, axis=1)


def adida(past: Past, horizon_days: int) -> Floats:
    """Aggregate to buckets as long as the mean interval between sales, smooth, spread evenly again.

    Source: Nikolopoulos et al., "An aggregate-disaggregate intermittent demand approach", JORS 62 (2011).
    """
    buckets = _buckets(past=past, longest=LONGEST_BUCKET_DAYS)
    rate = np.zeros(past.units.shape[0])
    for bucket in np.unique(buckets):
        mine = buckets == bucket
        rate[mine] = _bucket_rate(past=Past(past.units[mine], past.known[mine]), bucket=int(bucket))
    return np.repeat(rate[:, None], horizon_days, axis=1)


def imapa(past: Past, horizon_days: int) -> Floats:
    """The mean of ADIDA's answers over every bucket length up to the mean interval between sales (at most a week).

    Source: Petropoulos and Kourentzes, "Forecast combinations for intermittent demand", JORS 66 (2015).
    """
    longest = _buckets(past=past, longest=LONGEST_IMAPA_DAYS)
    total = np.zeros(past.units.shape[0])
    for bucket in range(1, LONGEST_IMAPA_DAYS + 1):
        mine = longest >= bucket
        if mine.any():
            some = Past(units=past.units[mine], known=past.known[mine])
            total[mine] += _bucket_rate(past=some, bucket=min(bucket, past.units.shape[1]))
    return np.repeat((total / longest)[:, None], horizon_days, axis=1)


def _buckets(*, past: Past, longest: int) -> Counts:
    """The mean interval between sales in whole days, from 1 to `longest`."""
    units, known = past.units[:, -SMOOTHING_DAYS:], past.known[:, -SMOOTHING_DAYS:]
    interval = known.sum(axis=1) / np.maximum((known & (units > 0)).sum(axis=1), 1)
    return np.asarray(np.clip(np.rint(interval), 1, max(1, min(longest, units.shape[1]))), dtype=np.int64)


def _bucket_rate(*, past: Past, bucket: int) -> Floats:
    """Units a day by smoothing sums over `bucket` days."""
    days = min(SMOOTHING_DAYS, past.units.shape[1]) // bucket * bucket
    told = past.known[:, -days:].reshape(-1, days // bucket, bucket).sum(axis=2)
    sold = (past.units[:, -days:] * past.known[:, -days:]).reshape(-1, days // bucket, bucket).sum(axis=2)
    weights = (1 - ADIDA_ALPHA) ** np.arange(days // bucket - 1, -1, -1)
    return np.asarray((sold @ weights) / np.maximum(told @ weights, _TINY))


def tiled(week: Floats, *, horizon_days: int) -> Floats:
    """A week repeated over the horizon."""
    return np.tile(week, (1, -(-horizon_days // 7)))[:, :horizon_days]


def _adjusted(*, past: Past, profile: Floats) -> tuple[Floats, Flags]:
    """The last year without its weekday pattern."""
    days = min(SMOOTHING_DAYS, past.units.shape[1])
    whole = tiled(profile, horizon_days=days + 7)
    # Column i of the profile is the weekday of the day i after the past, so the past is read from the back.
    pattern = whole[:, (-days) % 7 : (-days) % 7 + days]
    return past.units[:, -days:] * past.known[:, -days:] / np.maximum(pattern, _TINY), past.known[:, -days:]


def _smoothed_level(*, past: Past, profile: Floats, horizon_days: int) -> tuple[Floats, Floats]:
    """Level and smoothing constant of each series, the constant by the error of whole horizons at earlier origins."""
    adjusted, known = _adjusted(past=past, profile=profile)
    days = adjusted.shape[1]
    ends = [days - horizon_days - 14 * back for back in range(8) if days - horizon_days - 14 * back >= 28]
    # One column a constant, so that the matrices are read once for all of them.
    weights = (1 - np.array(ALPHAS)) ** np.arange(days - 1, -1, -1.0)[:, None]
    counted = known.astype(np.float64)
    errors = np.zeros((len(ALPHAS), adjusted.shape[0]))
    levels = ((adjusted @ weights) / np.maximum(counted @ weights, _TINY)).T
    for end in ends:
        level = (adjusted[:, :end] @ weights[-end:]) / np.maximum(counted[:, :end] @ weights[-end:], _TINY)
        told = counted[:, end : end + horizon_days].sum(axis=1)
        miss = adjusted[:, end : end + horizon_days].sum(axis=1)[:, None] - level * told[:, None]
        errors += miss.T**2
    relative = errors / np.maximum(errors.mean(axis=0), _TINY)
    # The common preference counts like a second opinion: eight origins alone would pick by chance.
    best = np.argmin(relative + relative.mean(axis=1, keepdims=True), axis=0)
    return levels[best, np.arange(adjusted.shape[0])], np.asarray(ALPHAS)[best]
