"""Probability of a purchase on each coming day, read back from what the due table keeps of a pair's curve.

The curve goes exactly through `within_7/14/30_days`; between them it follows the quantile dates. It only rises.
"""

import datetime as dt
import itertools

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.float64]

_QUANTILE_DATES = ("due_p10_date", "due_p25_date", "due_date", "due_p75_date", "due_p90_date")
_QUANTILES = np.array([0.0, 0.10, 0.25, 0.50, 0.75, 0.90, 1.0])
_HORIZONS = (7, 14, 30)
# Nine tenths are known; the last tenth is taken to last this many times as long as the step from p75 to p90.
_TAIL_STRETCH = 1.5
_TINY = 1e-9
# Of a purchase expected beyond the last horizon at least this share of the quantiles' mass is needed to scale by it.
_LEAST_MASS = 0.05


def daily_shares(*, due: pl.DataFrame, as_of: dt.date, days: int) -> Numbers:
    """Probability that the next purchase falls on as_of, as_of + 1, … (`days` columns), given none before `as_of`.

    Args:
        due: frames.DUE, checked. A row predicted on an earlier day (`as_of_date`) is read from its own day and then
            conditioned on the days that passed without a purchase.
        as_of: the first day of the answer.
        days: how many days.
    """
    origin = due["as_of_date"].fill_null(as_of)
    passed = np.maximum((pl.Series([as_of]).cast(pl.Date) - origin).dt.total_days().to_numpy(), 0).astype(np.float64)
    shape = _Shape(due=due, origin=origin)
    cumulative = np.empty((due.height, days + 1))
    for day in range(days + 1):
        cumulative[:, day] = shape.bought_by(passed + day)
    np.maximum.accumulate(cumulative, axis=1, out=cumulative)
    waiting = np.maximum(1.0 - cumulative[:, :1], _TINY)
    return np.clip(np.diff(cumulative, axis=1) / waiting, 0.0, 1.0)


class _Shape:
    """The distribution function of each row in days after the row's own day."""

    def __init__(self, *, due: pl.DataFrame, origin: pl.Series) -> None:
        self._knots = _knots(due=due, origin=origin)
        anchors = np.column_stack([np.zeros(due.height), *(due[f"within_{days}_days"] for days in _HORIZONS)])
        self._anchors = np.clip(np.maximum.accumulate(anchors, axis=1), 0.0, 1.0)
        self._mass = [self._quantile_mass(np.full(due.height, float(days))) for days in (0, *_HORIZONS)]
        until = np.clip(self._anchors[:, -1] / np.maximum(self._mass[-1], _LEAST_MASS), 0.0, 1.0)
        unseen = np.where(self._mass[-1] < _LEAST_MASS, due["active_share"].to_numpy(), until)
        self._all = np.maximum(np.clip(unseen, 0.0, 1.0), self._anchors[:, -1])

    def bought_by(self, days: Numbers) -> Numbers:
        """Probability of a purchase in the first `days` (one number a row)."""
        mass = self._quantile_mass(days)
        result = np.zeros_like(days)
        bounds = (0, *_HORIZONS)
        for at, (start, end) in enumerate(itertools.pairwise(bounds)):
            step = self._anchors[:, at + 1] - self._anchors[:, at]
            result += step * self._part(days=days, mass=mass, at=at, start=start, end=end)
        rest = np.maximum(1.0 - self._mass[-1], _TINY)
        beyond = np.clip((mass - self._mass[-1]) / rest, 0.0, 1.0) * (days > _HORIZONS[-1])
        return np.asarray(result + (self._all - self._anchors[:, -1]) * beyond)

    def _part(self, *, days: Numbers, mass: Numbers, at: int, start: int, end: int) -> Numbers:
        """How far between two anchors, from 0 to 1: along the quantiles where they say anything, else evenly."""
        wide = self._mass[at + 1] - self._mass[at]
        evenly = (days - start) / (end - start)
        along = (mass - self._mass[at]) / np.maximum(wide, _TINY)
        return np.clip(np.where(wide > _TINY, along, evenly), 0.0, 1.0)

    def _quantile_mass(self, days: Numbers) -> Numbers:
        mass = np.zeros_like(days)
        for at in range(_QUANTILES.size - 1):
            low, high = self._knots[:, at], self._knots[:, at + 1]
            part = np.clip((days - low) / np.maximum(high - low, _TINY), 0.0, 1.0)
            mass += (_QUANTILES[at + 1] - _QUANTILES[at]) * part
        return mass


def _knots(*, due: pl.DataFrame, origin: pl.Series) -> Numbers:
    """Days after the row's own day at which a share of _QUANTILES has bought, given that it buys again."""
    # A quantile date is the day within which the share is reached: its middle is as good a guess as any.
    middles = [(due[name] - origin).dt.total_days().to_numpy() + 0.5 for name in _QUANTILE_DATES]
    known = np.maximum.accumulate(np.maximum(np.column_stack([np.zeros(due.height), *middles]), 0.0), axis=1)
    last_step = np.maximum(known[:, -1] - known[:, -2], 1.0)
    return np.column_stack([known, known[:, -1] + _TAIL_STRETCH * last_step])
