"""Known effects around methods that do not see them: divided out of the past, multiplied into the days ahead.

A column counts for a demand class only where it lowers the error at earlier dates; a cause that none of those dates
met (a festival once a year) counts where its own interval excludes nothing at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from reorder.engine.demand.choice import truth_of
from reorder.engine.demand.classes import CLASSES, Names
from reorder.engine.demand.drivers import columns_of
from reorder.engine.demand.effect_fit import BLOCK_SERIES, Estimates, log_multipliers
from reorder.engine.demand.effects import learn_effects
from reorder.engine.demand.panel import Counts, Flags, Floats, Panel, without_columns
from reorder.engine.demand.smoothing import Past, exponential_smoothing

JUDGED_SERIES = 500  # of each class: enough to tell which columns help
LEAST_GAIN = 0.005
MOVED = 0.005  # a logarithm this far from zero changes a forecast
EVIDENT_DEVIATIONS = 1.2816  # an 80 % interval without zero
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Multipliers:
    """(series, days + horizon) multipliers learned before the first backtest window (if any) and from everything."""

    before: Floats | None
    everything: Floats

    def known_at(self, *, origin: int, days: int) -> Floats | None:
        """Those that a forecast made at column `origin` may know."""
        return self.before if origin < days else self.everything


@dataclass(frozen=True, slots=True)
class Treatment:
    """Multipliers (series, days + horizon) learned before the first backtest window and from everything.

    `used` names the columns that count in each class; `estimates` are those from everything. `events` are the same
    multipliers of named events alone: a learned method sees flags and prices itself, but a festival once a year is too
    rare for it.
    """

    first_start: int
    days: int
    multipliers: Multipliers | None
    events: Multipliers | None
    used: dict[str, tuple[str, ...]]
    estimates: Estimates | None

    def multiplier(self, *, origin: int) -> Floats | None:
        """The multipliers that a forecast made at column `origin` may know."""
        return self.multipliers.known_at(origin=origin, days=self.days) if self.multipliers else None

    def without_events(self, *, panel: Panel) -> Panel:
        """The panel as it would have been without its named events, for methods that learn from all series.

        Days before the first backtest window are corrected by what was known there, later ones by everything.
        """
        if self.events is None or self.estimates is None:
            return panel
        units = panel.units.copy()
        first = self.first_start
        if self.events.before is not None:
            units[:, :first] /= self.events.before[:, :first]
        else:
            units[:, :first] /= self.events.everything[:, :first]
        units[:, first:] /= self.events.everything[:, first : self.days]
        gone = {driver.name for driver in self.estimates.drivers if driver.kind == "event"} & {*columns_used(self)}
        return replace(panel, units=units, regressors=without_columns(panel.regressors, names=gone))

    def with_events(self, *, forecasts: Floats, origins: Sequence[int]) -> Floats:
        """Forecasts (origins, series, horizon) of such a panel with the events of their days."""
        if self.events is None:
            return forecasts
        known = [self.events.known_at(origin=origin, days=self.days) for origin in origins]
        return np.stack(
            [
                inflate(forecast=made, multiplier=multiplier, origin=origin)
                for made, multiplier, origin in zip(forecasts, known, origins, strict=True)
            ]
        )


def columns_used(treatment: Treatment) -> list[str]:
    """Every column that counts in some class."""
    return sorted({name for names in treatment.used.values() for name in names})


def deflate(*, past: Past, multiplier: Floats | None) -> Past:
    """The past as it would have been without the effects."""
    if multiplier is None:
        return past
    return Past(units=past.units / multiplier[:, : past.units.shape[1]], known=past.known)


def inflate(*, forecast: Floats, multiplier: Floats | None, origin: int) -> Floats:
    """A forecast (series, horizon) from column `origin` on with the effects of its days."""
    if multiplier is None:
        return forecast
    return np.asarray(forecast * multiplier[:, origin : origin + forecast.shape[1]])


def plan_treatment(
    *, panel: Panel, classes: Names, starts: Sequence[int], products: pl.DataFrame | None = None
) -> Treatment:
    """Learn effects, decide per class which columns to use, make the multipliers. `starts` end with `panel.days`."""
    everything = learn_effects(panel=panel, products=products, end=panel.days)
    nothing = Treatment(starts[0], panel.days, None, None, {}, everything)
    if everything is None:
        return nothing
    before = learn_effects(panel=panel, products=products, end=starts[0]) if len(starts) > 1 else None
    use, used = _use(panel=panel, classes=classes, starts=starts[:-1], before=before, everything=everything)
    if not use.any():
        return nothing
    events = use & np.array([[driver.kind == "event"] for driver in everything.drivers])
    made = [
        Multipliers(
            before=_multipliers(panel=panel, estimates=before, use=flags) if before is not None else None,
            everything=_multipliers(panel=panel, estimates=everything, use=flags),
        )
        if flags.any()
        else None
        for flags in (use, events)
    ]
    return Treatment(starts[0], panel.days, made[0], made[1], used, everything)


def _multipliers(*, panel: Panel, estimates: Estimates, use: Flags) -> Floats:
    """(series, days + horizon) multipliers; `use` says for (drivers, series) what counts."""
    out = np.ones((panel.series_count, panel.days + panel.horizon_days), dtype=np.float32)
    for first in range(0, panel.series_count, BLOCK_SERIES):
        rows = slice(first, min(first + BLOCK_SERIES, panel.series_count))
        out[rows] = np.exp(log_multipliers(panel=panel, estimates=estimates, use=use[:, rows], rows=rows))
    return np.asarray(out)


def _use(
    *, panel: Panel, classes: Names, starts: Sequence[int], before: Estimates | None, everything: Estimates
) -> tuple[Flags, dict[str, tuple[str, ...]]]:
    """(drivers, series): what counts; and the columns that count in each class."""
    drivers = everything.drivers
    use = np.zeros((len(drivers), panel.series_count), dtype=np.bool_)
    used: dict[str, tuple[str, ...]] = {}
    met = _met(panel=panel, starts=starts, everything=everything)
    evident = _evident(estimates=everything)[:, everything.groups.sku_of]
    for name in CLASSES:
        rows = np.flatnonzero(classes == name)
        if not rows.size:
            continue
        mine = evident[:, rows] & ~met[:, None]
        columns: tuple[str, ...] = ()
        if before is not None and met.any():
            columns = _winning(panel=panel, rows=rows, starts=starts, estimates=before, met=met)
            chosen = np.array([driver.name in columns for driver in drivers]) & met
            mine = mine | chosen[:, None]
        use[:, rows] = mine
        rare = {driver.name for driver, flags in zip(drivers, mine, strict=True) if flags.any()}
        used[name] = tuple(sorted({*columns, *rare}))
    return use, used


def _met(*, panel: Panel, starts: Sequence[int], everything: Estimates) -> Flags:
    """Which drivers the backtest windows can judge: on in one of them, and already before them."""
    if not starts:
        return np.zeros(len(everything.drivers), dtype=np.bool_)
    first, last = starts[0], panel.days
    return np.array(
        [
            bool((driver.days < first).any() and ((driver.days >= first) & (driver.days < last)).any())
            for driver in everything.drivers
        ]
    )


def _evident(*, estimates: Estimates) -> Flags:
    """(drivers, SKUs): whether the shop's or the category's interval excludes no effect."""
    shop = np.abs(estimates.shop.strength) > EVIDENT_DEVIATIONS * estimates.shop.deviation
    category = np.abs(estimates.category.strength) > EVIDENT_DEVIATIONS * estimates.category.deviation
    return np.asarray(shop | category[:, estimates.groups.category_of_sku])


def _winning(*, panel: Panel, rows: Counts, starts: Sequence[int], estimates: Estimates, met: Flags) -> tuple[str, ...]:
    """Columns added one by one as long as exponential smoothing errs less at earlier dates with them."""
    rows = rows[:: max(1, rows.size // JUDGED_SERIES)]
    some = panel.of_series(rows)
    sku = estimates.groups.sku_of[rows]
    names = columns_of(drivers=[driver for driver, flag in zip(estimates.drivers, met, strict=True) if flag])
    changes = {}
    for name in names:
        flags = np.array([driver.name == name for driver in estimates.drivers]) & met
        use = np.repeat(flags[:, None], rows.size, axis=1)
        made = log_multipliers(panel=some, estimates=estimates, use=use, rows=slice(0, rows.size), sku=sku)
        if np.abs(made).max(initial=0.0) > MOVED:
            changes[name] = made
    truth = truth_of(panel=some, starts=starts)
    chosen: list[str] = []
    total = np.zeros((rows.size, panel.days + panel.horizon_days))
    best = _error(panel=some, starts=starts, units=truth.units, known=truth.known, change=total, scale=truth.scale)
    while changes:
        errors = {
            name: _error(
                panel=some,
                starts=starts,
                units=truth.units,
                known=truth.known,
                change=total + change,
                scale=truth.scale,
            )
            for name, change in changes.items()
        }
        name = min(errors, key=lambda name: errors[name])
        if errors[name] >= best * (1 - LEAST_GAIN):
            break
        best = errors[name]
        total = total + changes.pop(name)
        chosen.append(name)
    return tuple(sorted(chosen))


def _error(*, panel: Panel, starts: Sequence[int], units: Floats, known: Flags, change: Floats, scale: Floats) -> float:
    """Scaled squared error of exponential smoothing over all windows with a change (logarithms) taken into account."""
    multiplier = np.exp(change)
    total = 0.0
    for position, origin in enumerate(starts):
        past = deflate(past=Past(panel.units[:, :origin], panel.known[:, :origin]), multiplier=multiplier)
        made = inflate(forecast=exponential_smoothing(past, panel.horizon_days), multiplier=multiplier, origin=origin)
        missed = np.where(known[position], made - units[position], 0.0)
        total += float(((missed**2).sum(axis=1) / np.maximum(scale, _TINY) * (scale > 0)).sum())
    return total
