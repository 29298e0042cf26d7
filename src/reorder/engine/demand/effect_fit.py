"""How strongly each driver moves demand: shop-wide, by category and by SKU, each shrunk towards the level above.

Expected units of a day = local level × weekday profile × exp(Σ strength × x). The level is the ratio of sums over four
weeks before and after, so neither trend nor season nor a product's size is taken for an effect, and zeros are no
trouble. Strengths are found by penalised quasi-likelihood. Source: Breslow and Clayton, "Approximate inference in
generalized linear mixed models", JASA 88 (1993).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reorder.engine.demand.drivers import Driver, driver_values
from reorder.engine.demand.effect_shrinkage import Groups, Noise, Sums, update_driver
from reorder.engine.demand.panel import Counts, Flags, Floats, Panel
from reorder.engine.demand.smoothing import Past, weekday_profile

if TYPE_CHECKING:
    from scipy import sparse

SWEEPS = 3
HALF_WINDOW_DAYS = 28
BLOCK_SERIES = 2_000
LARGEST_LOG_EFFECT = float(np.log(10.0))  # all effects of a day together change demand at most tenfold
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Level:
    """Strengths at one level: (drivers, keys) each; `information` is 0 where a key has no day of its own."""

    strength: Floats
    deviation: Floats
    information: Floats


@dataclass(frozen=True, slots=True)
class Estimates:
    """The strengths of all drivers: `shop` has one key."""

    drivers: tuple[Driver, ...]
    groups: Groups
    end: int
    shop: Level
    category: Level
    sku: Level


@dataclass(frozen=True, slots=True)
class _Block:
    """Some series: their model before the local level is known."""

    rows: slice
    units: Floats
    exposure: Floats
    expected: Floats
    exposure_sums: Floats
    member: "sparse.csr_array"


def fit_effects(*, panel: Panel, drivers: Sequence[Driver], groups: Groups, end: int) -> Estimates:
    """Strengths learned from the days before column `end`."""
    strength = np.zeros((len(drivers), len(groups.skus)))
    levels = _nothing_known(drivers=drivers, groups=groups)
    for _ in range(SWEEPS):
        sums, actual, expected, dispersion = _sweep(
            panel=panel, drivers=drivers, groups=groups, end=end, strength=strength
        )
        noise = _common_noise(actual=actual, expected=expected, dispersion=dispersion, groups=groups)
        for position, driver in enumerate(drivers):
            found = update_driver(
                driver=driver,
                days=driver.days[driver.days < end],
                sums=sums[position],
                noise=noise,
                dispersion=dispersion,
                groups=groups,
                strength=strength[position],
            )
            for level, (mean, deviation, information) in zip(levels, found, strict=True):
                level.strength[position], level.deviation[position] = mean, deviation
                level.information[position] = information
        strength = levels[2].strength.copy()
    return Estimates(drivers=tuple(drivers), groups=groups, end=end, shop=levels[0], category=levels[1], sku=levels[2])


def _nothing_known(*, drivers: Sequence[Driver], groups: Groups) -> tuple[Level, Level, Level]:
    sizes = (1, len(groups.categories), len(groups.skus))
    first, second, third = (Level(*(np.zeros((len(drivers), size)) for _ in range(3))) for size in sizes)
    return first, second, third


def log_multipliers(
    *, panel: Panel, estimates: Estimates, use: Flags, rows: slice, sku: Counts | None = None
) -> Floats:
    """Σ strength × x for `rows` and all days, past and ahead, limited; `use` (drivers, rows) says what counts.

    `sku` gives the positions of the rows' SKUs where the panel is not the one that `estimates` were made from.
    """
    mine = estimates.groups.sku_of[rows] if sku is None else sku
    out = np.zeros((mine.size, panel.regressors.values.shape[2]))
    for position in np.flatnonzero(use.any(axis=1)):
        driver = estimates.drivers[position]
        days = driver.days if driver.is_switch else slice(None)
        x = driver_values(panel=panel, driver=driver, rows=rows, days=days, end=estimates.end)
        out[:, days] += np.where(use[position], estimates.sku.strength[position, mine], 0.0)[:, None] * x
    return np.clip(out, -LARGEST_LOG_EFFECT, LARGEST_LOG_EFFECT)


def _sweep(
    *, panel: Panel, drivers: Sequence[Driver], groups: Groups, end: int, strength: Floats
) -> tuple[list[Sums], Floats, Floats, Floats]:
    """Sums of every driver, (categories, days) actual and expected units, and each series' variance over its mean."""
    categories = len(groups.categories)
    sums = []
    for driver in drivers:
        shape = (categories, int((driver.days < end).sum()))
        sums.append(Sums(*(np.zeros(panel.series_count) for _ in range(2)), *(np.zeros(shape) for _ in range(4))))
    actual, expected = np.zeros((categories, end)), np.zeros((categories, end))
    dispersion = np.ones(panel.series_count)
    for first in range(0, panel.series_count, BLOCK_SERIES):
        rows = slice(first, min(first + BLOCK_SERIES, panel.series_count))
        values = [_values(panel=panel, driver=driver, rows=rows, end=end) for driver in drivers]
        mine = strength[:, groups.sku_of[rows]]
        block = _block(panel=panel, drivers=drivers, values=values, strength=mine, rows=rows, end=end, groups=groups)
        missed = block.units - block.expected
        mean = block.expected.sum(axis=1)
        spread = (missed**2).sum(axis=1) / np.maximum(mean, _TINY)
        # A series that never strays is not known without doubt: at least a tenth of its mean day.
        dispersion[rows] = np.maximum(spread, 0.01 * mean / np.maximum((block.exposure > 0).sum(axis=1), 1)) + _TINY
        actual += block.member @ block.units
        expected += block.member @ block.expected
        for driver, x, own, into in zip(drivers, values, mine, sums, strict=True):
            _add(driver=driver, x=x, strength=own, block=block, missed=missed, into=into, end=end)
    return sums, actual, expected, dispersion


def _values(*, panel: Panel, driver: Driver, rows: slice, end: int) -> Floats:
    days = driver.days[driver.days < end] if driver.is_switch else slice(0, end)
    return driver_values(panel=panel, driver=driver, rows=rows, days=days, end=end)


def _block(
    *,
    panel: Panel,
    drivers: Sequence[Driver],
    values: Sequence[Floats],
    strength: Floats,
    rows: slice,
    end: int,
    groups: Groups,
) -> _Block:
    units, known = panel.units[rows, :end], panel.known[rows, :end]
    logarithm = np.zeros(units.shape)
    for driver, x, own in zip(drivers, values, strength, strict=True):
        days = driver.days[driver.days < end] if driver.is_switch else slice(None)
        logarithm[:, days] += own[:, None] * x
    multiplier = np.exp(np.clip(logarithm, -LARGEST_LOG_EFFECT, LARGEST_LOG_EFFECT))
    profile = weekday_profile(past=Past(units=units / multiplier, known=known))
    # The profile's first column is the weekday of the day at `end`.
    exposure = profile[:, (np.arange(end) - end) % 7] * multiplier * known
    around = window_sums(exposure)
    level = window_sums(units) / np.maximum(around, _TINY)
    count = rows.stop - rows.start
    from scipy import sparse

    member = sparse.csr_array(
        (np.ones(count), (groups.category_of[rows], np.arange(count))), shape=(len(groups.categories), count)
    )
    return _Block(
        rows=rows,
        units=units,
        exposure=exposure,
        expected=level * exposure,
        exposure_sums=around,
        member=member,
    )


def window_sums(values: Floats) -> Floats:
    """Sums over four weeks before to four weeks after each day."""
    days = values.shape[1]
    running = np.empty((values.shape[0], days + 2 * HALF_WINDOW_DAYS + 1))
    running[:, : HALF_WINDOW_DAYS + 1] = 0.0
    np.cumsum(values, axis=1, out=running[:, HALF_WINDOW_DAYS + 1 : HALF_WINDOW_DAYS + 1 + days])
    running[:, HALF_WINDOW_DAYS + 1 + days :] = running[:, [HALF_WINDOW_DAYS + days]]
    return np.asarray(running[:, 2 * HALF_WINDOW_DAYS + 1 :] - running[:, :days])


def _add(*, driver: Driver, x: Floats, strength: Floats, block: _Block, missed: Floats, into: Sums, end: int) -> None:
    """Score and information of a block about one driver, x taken against its own mean around the day."""
    if driver.is_switch:
        days = driver.days[driver.days < end]
        near = (np.abs(days[:, None] - days[None, :]) <= HALF_WINDOW_DAYS).astype(np.float64)
        usual = ((x * block.exposure[:, days]) @ near) / np.maximum(block.exposure_sums[:, days], _TINY)
        # Off days take part through the local level, whose misses around a happening add up to nothing.
        score = x * missed[:, days]
        exposure = (x - np.minimum(usual, 1.0)) * x * block.expected[:, days]
        information = exposure
    else:
        usual = window_sums(x * block.exposure) / np.maximum(block.exposure_sums, _TINY)
        moved = np.where(block.exposure > 0, x - usual, 0.0)
        score = moved * missed
        exposure = moved * block.expected
        information = moved * exposure
    into.score[block.rows] = score.sum(axis=1)
    into.information[block.rows] = information.sum(axis=1)
    into.daily_score[...] += block.member @ score
    into.daily_information[...] += block.member @ information
    into.daily_exposure[...] += block.member @ exposure
    into.daily_strength[...] += block.member @ (strength[:, None] * information)


def _common_noise(*, actual: Floats, expected: Floats, dispersion: Floats, groups: Groups) -> Noise:
    """From days' totals: what all series miss together, beyond what each misses alone."""
    shop = _stray(actual.sum(axis=0), expected.sum(axis=0))
    weight = np.bincount(groups.category_of, minlength=len(groups.categories))
    typical = np.bincount(groups.category_of, dispersion, minlength=len(groups.categories)) / np.maximum(weight, 1)
    lasting, daily = np.zeros(len(groups.categories) + 1), np.zeros(len(groups.categories) + 1)
    lasting[0], daily[0] = _parts(shop, alone=float(typical.mean()) / np.maximum(expected.sum(axis=0), _TINY))
    for category in range(len(groups.categories)):
        stray = _stray(actual[category], expected[category]) - shop
        alone = typical[category] / np.maximum(expected[category], _TINY)
        lasting[category + 1], daily[category + 1] = _parts(stray, alone=alone)
    return Noise(lasting=lasting, daily=daily)


def _stray(actual: Floats, expected: Floats) -> Floats:
    told = expected > _TINY
    return np.where(told, np.clip(actual / np.where(told, expected, 1.0) - 1.0, -1.0, 2.0), np.nan)


def _parts(stray: Floats, *, alone: Floats) -> tuple[float, float]:
    """Variances of a lasting and of a daily part, from single days and from means of weeks."""
    told = np.isfinite(stray)
    weeks = stray.size // 7
    if told.sum() < 28:
        return 0.0, 0.0
    days = float(np.mean(stray[told] ** 2))
    means = stray[stray.size - 7 * weeks :].reshape(weeks, 7).mean(axis=1)
    means = means[np.isfinite(means)]
    week = float(np.mean(means**2)) if means.size >= 4 else days / 7
    daily = max((days - week) * 7 / 6, 0.0)
    return max(days - daily, 0.0), max(daily - float(np.mean(np.minimum(alone[told], days))), 0.0)
