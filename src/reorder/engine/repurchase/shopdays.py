"""How busy each day of the shop is beside its own recent level: measured for past days, expected for coming ones.

What all customers share (weekdays, holidays, a week without orders because the shop was closed) must not be taken for
what a pair does; time in which the shop sells twice as much counts twice.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl

from reorder.engine import calendar
from reorder.engine.repurchase.purchases import Numbers, date_of, day_number

_MIN_DAYS: Final = 28
_HALF_WINDOW_DAYS: Final = 21
_NOISE_VISITS: Final = 10.0
_WEEKDAY_PRIOR_WEEKS: Final = 3.0
_KIND_PRIOR_DAYS: Final = {calendar.HOLIDAY: 4.0, calendar.EVE: 4.0, calendar.MAKE_UP: 4.0}
_OWN_KIND_PRIOR_DAYS: Final = 1.0
_FACTOR_BOUNDS: Final = (0.02, 8.0)
# What retailers around the Taiwan Strait report year after year, until the shop has seen a new year of its own: two
# weeks of stocking up, two days of rest, a slow return.
_LUNAR_PRIOR: Final = {
    **dict.fromkeys(range(-14, -7), 1.05),
    **dict.fromkeys(range(-7, -4), 1.2),
    -4: 1.3, -3: 1.5, -2: 1.7, -1: 1.2, 0: 0.45, 1: 0.5, 2: 0.65, 3: 0.75, 4: 0.75, 5: 0.85,
    **dict.fromkeys(range(6, 10), 0.95),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShopCalendar:
    """Factors of the seven weekdays (Monday first, mean one) and of kinds of days (`engine.calendar`)."""

    country: str
    weekdays: tuple[float, ...] = (1.0,) * 7
    kinds: Mapping[str, float] = field(default_factory=dict)

    def expected(self, *, start: int, days: int) -> Numbers:
        """Factor of each of `days` days from day number `start`."""
        first = date_of(start)
        factors = np.array(self.weekdays)[(first.weekday() + np.arange(days)) % 7]
        special = calendar.kinds_of_days(
            country=self.country, first_date=first, last_date=first + dt.timedelta(days=max(days - 1, 0))
        )
        for day, kind in special.items():
            factors[(day - first).days] *= self.kinds.get(kind, _prior(kind))
        return np.asarray(factors)


@dataclass(frozen=True, slots=True)
class ShopDays:
    """Measured factors of past days from day number `start` on, and the calendar learned from them."""

    start: int
    measured: Numbers
    calendar: ShopCalendar

    def factors(self, *, start: int, days: int) -> Numbers:
        """Factors of `days` days from day number `start`: measured where the day is past, else expected."""
        factors = self.calendar.expected(start=start, days=days)
        at = start - self.start
        known = self.measured[max(at, 0) : max(at + days, 0)]
        offset = max(-at, 0)
        factors[offset : offset + known.size] = known
        return factors


def measure_days(*, days: pl.DataFrame, cut: int, country: str) -> ShopDays:
    """Factors of the days before `cut` from the shop's `days` (date, visits_count)."""
    past = days.filter(pl.col("date") < date_of(cut))
    if not past.height:
        return ShopDays(start=cut, measured=np.ones(0), calendar=ShopCalendar(country=country))
    numbers = past["date"].cast(pl.Int32).to_numpy()
    start = int(numbers.min())
    visits = np.zeros(cut - start)
    visits[numbers - start] = past["visits_count"].to_numpy()
    if visits.size < _MIN_DAYS:
        return ShopDays(start=start, measured=np.ones(visits.size), calendar=ShopCalendar(country=country))
    weekday = (date_of(start).weekday() + np.arange(visits.size)) % 7
    weekdays = np.ones(7)
    for _ in range(2):
        level = _rolling_median(visits / weekdays[weekday])
        weekdays = _weekday_factors(visits=visits, level=level, weekday=weekday)
    level = _rolling_median(visits / weekdays[weekday])
    usual = level * weekdays[weekday]
    measured = np.clip(weekdays[weekday] * (visits + _NOISE_VISITS) / (usual + _NOISE_VISITS), *_FACTOR_BOUNDS)
    kinds = _kind_factors(visits=visits, usual=usual, start=start, country=country)
    learned = ShopCalendar(country=country, weekdays=tuple(float(factor) for factor in weekdays), kinds=kinds)
    return ShopDays(start=start, measured=measured, calendar=learned)


def _rolling_median(values: Numbers) -> Numbers:
    """Median within three weeks on either side; at the ends, of as many days on the one side as there are."""
    span = 2 * _HALF_WINDOW_DAYS + 1
    starts = np.clip(np.arange(values.size) - _HALF_WINDOW_DAYS, 0, max(values.size - span, 0))
    return np.array([max(float(np.median(values[at : at + span])), 1e-9) for at in starts])


def _weekday_factors(*, visits: Numbers, level: Numbers, weekday: np.ndarray) -> Numbers:
    """Shrunk to one by three weeks; single days count at most threefold, so that a festival does not make a weekday."""
    ratio = np.clip(visits / level, 0.0, 3.0)
    total = np.bincount(weekday, weights=ratio, minlength=7)
    times = np.bincount(weekday, minlength=7)
    factors = (total + _WEEKDAY_PRIOR_WEEKS) / (times + _WEEKDAY_PRIOR_WEEKS)
    return np.asarray(factors / factors.mean())


def _kind_factors(*, visits: Numbers, usual: Numbers, start: int, country: str) -> dict[str, float]:
    first = date_of(start)
    special = calendar.kinds_of_days(
        country=country, first_date=first, last_date=first + dt.timedelta(days=visits.size - 1)
    )
    seen: dict[str, list[int]] = {}
    for day, kind in special.items():
        seen.setdefault(kind, []).append(day_number(day) - start)
    factors = {}
    for kind, at in seen.items():
        # A single day cannot weigh less than its own chance variation.
        weight = max(_KIND_PRIOR_DAYS.get(kind, _OWN_KIND_PRIOR_DAYS) * float(usual[at].mean()), 2 * _NOISE_VISITS)
        factor = (visits[at].sum() + weight * _prior(kind)) / (usual[at].sum() + weight)
        factors[kind] = float(np.clip(factor, *_FACTOR_BOUNDS))
    return factors


def _prior(kind: str) -> float:
    return _PRIORS.get(kind, 1.0)


_PRIORS: Final = {calendar.lunar_kind(offset): factor for offset, factor in _LUNAR_PRIOR.items()}
