"""From a driver's sums to strengths: happenings to the shop, the shop to categories, categories to SKUs.

Every step weighs what was seen against what is usual: without evidence a key keeps the level above, and the shop zero.
How far keys differ is found by the moments of DerSimonian and Laird, Controlled Clinical Trials 7 (1986).
"""

from dataclasses import dataclass

import numpy as np

from reorder.engine.demand.drivers import Driver
from reorder.engine.demand.panel import Counts, Floats

PERIOD_DAYS = 14  # what happens within two weeks is one piece of evidence, not fourteen
GAP_DAYS = 3  # a happening with a gap this short is still one happening
# Standard deviations of strengths that are plausible before any evidence.
PRIOR_DEVIATION = {"event": 0.4, "flag": 0.4, "price": 2.0, "number": 0.2}
# How much the same event differs from one happening to the next, and between keys, until the history has its say.
BETWEEN_HAPPENINGS = {"event": 0.15, "flag": 0.15, "price": 0.3, "number": 0.03}
PRIOR_HAPPENINGS = 3.0
BETWEEN_KEYS = {"event": 0.1, "flag": 0.1, "price": 0.5, "number": 0.05}
PRIOR_KEYS = 10.0
LARGEST_STEP = 1.0
LARGEST_SQUARED_DEVIATION = 25.0  # of a standardised estimate: one odd series does not set how far all differ
_TINY = 1e-12

Found = tuple[Floats, Floats, Floats]  # strength, deviation, information by key


@dataclass(frozen=True, slots=True)
class Sums:
    """What one sweep adds up for a driver: by series, and by category and day of the driver.

    `score` and `information` are the derivatives of the quasi-likelihood, `exposure` the expected units moved by x,
    `strength` the strength used times the information.
    """

    score: Floats
    information: Floats
    daily_score: Floats
    daily_information: Floats
    daily_exposure: Floats
    daily_strength: Floats


@dataclass(frozen=True, slots=True)
class Noise:
    """How far totals stray: variance = `lasting` + `daily` / days; the shop first, then categories against the shop."""

    lasting: Floats
    daily: Floats


@dataclass(frozen=True, slots=True)
class Groups:
    """Which SKU and category each series belongs to, as positions in `skus` and `categories`."""

    skus: tuple[str, ...]
    categories: tuple[str, ...]
    sku_of: Counts
    category_of: Counts
    category_of_sku: Counts


def update_driver(
    *,
    driver: Driver,
    days: Counts,
    sums: Sums,
    noise: Noise,
    dispersion: Floats,
    groups: Groups,
    strength: Floats,
) -> tuple[Found, Found, Found]:
    """Strength, standard deviation and information of the shop, of categories and of SKUs after one sweep."""
    parts = happenings(days=days, is_switch=driver.is_switch)
    informed = added(groups.category_of, dispersion * sums.information, count=len(groups.categories))
    shop = _shop(driver=driver, sums=sums, noise=noise, parts=parts, scatter=informed.sum())
    category = _categories(driver=driver, sums=sums, noise=noise, parts=parts, scatter=informed, shop=shop)
    sku = _skus(driver=driver, sums=sums, dispersion=dispersion, groups=groups, strength=strength, category=category)
    return shop, category, sku


def happenings(*, days: Counts, is_switch: bool) -> Counts:
    """The number of the happening of each day: a new one after a gap, and at the latest after two weeks."""
    if not days.size:
        return days
    if not is_switch:
        return np.asarray((days - days[0]) // PERIOD_DAYS)
    run = np.concatenate([[0], np.cumsum(np.diff(days) > GAP_DAYS + 1)])
    start = days[np.searchsorted(run, run)]
    key = run * (1 + (days[-1] - days[0]) // PERIOD_DAYS) + (days - start) // PERIOD_DAYS
    return np.asarray(np.unique(key, return_inverse=True)[1])


def _shop(*, driver: Driver, sums: Sums, noise: Noise, parts: Counts, scatter: float) -> Found:
    prior = PRIOR_DEVIATION[driver.kind]
    nothing = np.zeros(1), np.array([prior]), np.zeros(1)
    if not parts.size:
        return nothing
    score, information, exposure, strength = (
        np.bincount(parts, values.sum(axis=0))
        for values in (sums.daily_score, sums.daily_information, sums.daily_exposure, sums.daily_strength)
    )
    squares = np.bincount(parts, sums.daily_exposure.sum(axis=0) ** 2)
    told = information > _TINY
    if not told.any():
        return nothing
    score, information, exposure, strength, squares = (
        values[told] for values in (score, information, exposure, strength, squares)
    )
    alone = scatter / information.sum()
    variance = alone / information + (noise.lasting[0] * exposure**2 + noise.daily[0] * squares) / information**2
    ratio = score / information
    between = _between(
        seen=strength / information + ratio,
        precision=1 / variance,
        prior=BETWEEN_HAPPENINGS[driver.kind],
        weight=PRIOR_HAPPENINGS,
    )
    precision = 1 / (variance + between)
    total = precision.sum()
    seen = (precision * strength / information).sum() / total + _step((precision * ratio).sum() / total, driver=driver)
    mean = total * seen / (total + 1 / prior**2)
    return np.array([mean]), np.array([(total + 1 / prior**2) ** -0.5]), np.array([information.sum()])


def _step(ratio: float | Floats, *, driver: Driver) -> Floats:
    """The change of strength that makes expected equal actual: exact for a switch, one limited step otherwise."""
    if driver.is_switch:
        return np.log1p(np.maximum(ratio, -0.95))
    return np.clip(ratio, -LARGEST_STEP, LARGEST_STEP)


def _categories(*, driver: Driver, sums: Sums, noise: Noise, parts: Counts, scatter: Floats, shop: Found) -> Found:
    information = sums.daily_information.sum(axis=1)
    count = information.size
    mean, deviation = np.full(count, shop[0][0]), np.full(count, shop[1][0])
    told = np.flatnonzero(information > _TINY)
    if told.size < 2:
        return mean, deviation, information
    exposure = np.zeros((told.size, int(parts.max()) + 1))
    np.add.at(exposure.T, parts, sums.daily_exposure[told].T)
    squares = (sums.daily_exposure[told] ** 2).sum(axis=1)
    lasting, daily = noise.lasting[told + 1], noise.daily[told + 1]
    variance = scatter[told] / information[told] ** 2
    variance += (lasting * (exposure**2).sum(axis=1) + daily * squares) / information[told] ** 2
    ratio = sums.daily_score[told].sum(axis=1) / information[told]
    seen = sums.daily_strength[told].sum(axis=1) / information[told] + _step(ratio, driver=driver)
    mean[told], deviation[told] = _shrunk(
        seen=seen,
        precision=1 / np.maximum(variance, _TINY),
        towards=mean[told],
        towards_deviation=deviation[told],
        prior=BETWEEN_KEYS[driver.kind],
    )
    return mean, deviation, information


def _skus(
    *, driver: Driver, sums: Sums, dispersion: Floats, groups: Groups, strength: Floats, category: Found
) -> Found:
    count = len(groups.skus)
    information = added(groups.sku_of, sums.information, count=count)
    precision = added(groups.sku_of, sums.information / dispersion, count=count)
    score = added(groups.sku_of, sums.score / dispersion, count=count)
    mean, deviation = category[0][groups.category_of_sku], category[1][groups.category_of_sku]
    told = precision > _TINY
    # A category's only product is the category: its days would be counted twice.
    siblings = np.bincount(groups.category_of_sku[told], minlength=len(groups.categories))
    told &= siblings[groups.category_of_sku] > 1
    if not told.any():
        return mean, deviation, information
    precision, score = precision[told], score[told]
    away = strength[told] - mean[told]
    between = _between(
        seen=away + score / precision,
        precision=precision,
        prior=BETWEEN_KEYS[driver.kind],
        weight=PRIOR_KEYS,
        around=0.0,
    )
    # One limited step towards the best strength: a sale where none was expected must not throw it far.
    step = (score - away / between) / (precision + 1 / between)
    kept = 1 / (1 + precision * between)
    deviation = deviation.copy()
    deviation[told] = np.sqrt(1 / (precision + 1 / between) + (kept * deviation[told]) ** 2)
    mean = mean.copy()
    mean[told] = strength[told] + np.clip(step, -LARGEST_STEP, LARGEST_STEP)
    return mean, deviation, information


def _shrunk(
    *, seen: Floats, precision: Floats, towards: Floats, towards_deviation: Floats, prior: float
) -> tuple[Floats, Floats]:
    between = _between(seen=seen - towards, precision=precision, prior=prior, weight=PRIOR_KEYS, around=0.0)
    kept = 1 / (1 + precision * between)
    variance = 1 / (precision + 1 / between) + (kept * towards_deviation) ** 2
    return (1 - kept) * seen + kept * towards, np.sqrt(variance)


def _between(*, seen: Floats, precision: Floats, prior: float, weight: float, around: float | None = None) -> float:
    """Variance of true values: DerSimonian and Laird's moment estimate, blended with a prior by effective number.

    `around` is the mean where it is known; without it the weighted mean of `seen` is taken.
    """
    total = precision.sum()
    middle = (precision * seen).sum() / total if around is None else around
    lost = 1.0 if around is None else 0.0
    squared = np.minimum(precision * (seen - middle) ** 2, LARGEST_SQUARED_DEVIATION)
    effective = float(total**2 / (precision**2).sum())
    slope = total - lost * (precision**2).sum() / total
    found = max(float(squared.sum() - (seen.size - lost)) / slope, 0.0) if slope > _TINY else 0.0
    largest = (2 * prior + 0.5) ** 2
    number = max(effective - lost, 0.0)
    return float(min((weight * prior**2 + number * found) / (weight + number), largest))


def added(groups: Counts, values: Floats, *, count: int) -> Floats:
    """Sums of values by group."""
    return np.bincount(groups, values, minlength=count).astype(np.float64)
