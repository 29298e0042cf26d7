"""Holt-Winters over all series at once: level, damped trend and a weekly season that may move, chosen from a grid.

The grid is coarse on purpose: what AutoETS gains by fitting every series for itself, it loses again to noise (see ADR
0020), and this takes milliseconds where that takes minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from reorder.engine.demand.panel import Floats
from reorder.engine.demand.smoothing import SMOOTHING_DAYS, Past, mean_of, tiled, weekday_profile

LEVEL_ALPHAS = (0.03, 0.1, 0.25)
TREND_BETAS = (0.0, 0.05)
SEASON_GAMMAS = (0.0, 0.05)
DAMPING = 0.98
JUDGED_ENDS = 6
LARGEST_INDEX = 5.0
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class _State:
    """Level and trend of each series, and the season of the seven days to come, at one day."""

    level: Floats
    trend: Floats
    season: Floats

    def forecast(self, *, horizon_days: int) -> Floats:
        """(series, horizon) from this day on."""
        damped = np.cumsum(DAMPING ** np.arange(1, horizon_days + 1))
        line = np.clip(self.level[:, None] + self.trend[:, None] * damped, 0.0, None)
        return np.asarray(line * tiled(self.season, horizon_days=horizon_days))


def holt_winters(past: Past, horizon_days: int) -> Floats:
    """Damped Holt-Winters with multiplicative weekly season, its three constants by whole horizons at earlier days.

    Beta 0 is no trend and gamma 0 a fixed season, so that simple smoothing and Holt's method are among the candidates.
    Source: Hyndman and Athanasopoulos, Forecasting: principles and practice, 3rd ed., 8.3.
    """
    days = min(SMOOTHING_DAYS, past.units.shape[1])
    units, known = past.units[:, -days:], past.known[:, -days:]
    ends = [days - horizon_days - 14 * back for back in range(JUDGED_ENDS)]
    ends = [end for end in ends if end >= 28]
    profile, start = weekday_profile(past=past), mean_of(past=Past(units[:, :28], known[:, :28]), days=28)
    candidates = list(product(LEVEL_ALPHAS, TREND_BETAS, SEASON_GAMMAS))
    errors = np.zeros((len(candidates), units.shape[0]))
    answers = []
    for position, (alpha, beta, gamma) in enumerate(candidates):
        states = _run(
            past=Past(units, known), profile=profile, start=start, constants=(alpha, beta, gamma), ends=[*ends, days]
        )
        for end, state in zip(ends, states, strict=False):
            told = known[:, end : end + horizon_days]
            missed = (units[:, end : end + horizon_days] - state.forecast(horizon_days=horizon_days)) * told
            errors[position] += missed.sum(axis=1) ** 2 + (missed**2).sum(axis=1)
        answers.append(states[-1].forecast(horizon_days=horizon_days))
    relative = errors / np.maximum(errors.mean(axis=0), _TINY)
    # The common preference counts like a second opinion: few origins alone would pick by chance.
    best = np.argmin(relative + relative.mean(axis=1, keepdims=True), axis=0)
    return np.asarray(np.stack(answers)[best, np.arange(units.shape[0])])


def _run(
    *, past: Past, profile: Floats, start: Floats, constants: tuple[float, float, float], ends: Sequence[int]
) -> list[_State]:
    """The states before each of the columns `ends`, in their order."""
    alpha, beta, gamma = constants
    days = past.units.shape[1]
    # The profile begins with the day after the past; column 0 of the past is `days` days earlier.
    season = np.roll(profile, days % 7, axis=1).T.copy()
    level, trend = start.copy(), np.zeros_like(start)
    kept: dict[int, _State] = {}
    for day, (today, told) in enumerate(zip(past.units.T, past.known.T, strict=True)):
        if day in ends:
            kept[day] = _State(level, trend, np.roll(season, -(day % 7), axis=0).T)
        index = season[day % 7]
        expected = level + DAMPING * trend
        moved = expected + alpha * (today / np.maximum(index, 0.05) - expected)
        moved = np.where(told, np.maximum(moved, 0.0), expected)
        trend = np.where(told, DAMPING * trend + beta * (moved - expected), DAMPING * trend) if beta else trend
        if gamma:
            seen = np.where(told & (moved > _TINY), today / np.maximum(moved, _TINY), index)
            season[day % 7] = np.clip(index + gamma * (seen - index), 0.0, LARGEST_INDEX)
        level = moved
    if days in ends:
        kept[days] = _State(level, trend, np.roll(season, -(days % 7), axis=0).T)
    return [kept[end] for end in ends]
