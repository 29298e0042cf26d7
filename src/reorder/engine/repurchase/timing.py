"""From a rate posterior and a hazard table to the distribution of the next purchase day, in closed form per pair.

Time is stretched by the table's multipliers and by how busy the shop is on each day; within a pair's stretched time X
the cumulative hazard is α log(1 + X / β), the Poisson-Gamma law. Layer 2 scales that hazard, bin by bin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from reorder.engine.repurchase.hazard import HazardTable, pieces, repurchase_bins
from reorder.engine.repurchase.purchases import Numbers, Pairs
from reorder.engine.repurchase.rates import Posterior

_WINDOW_STARTS: Final = (*range(29), 35, 42, 49, 56)
_WINDOW_DAYS: Final = 7
_LAST_WINDOW_DAY: Final = 63
_DAILY_KNOTS: Final = 36
_LATER_KNOTS: Final = (42, 45, 49, 56, 60, 63, 75, 90, 120, 180, 270, 365)
# Drop-out odds of a typical shop (Fader, Hardie & Lee 2005, CDNOW), used until the own history supports a table.
_DROPOUT_A, _DROPOUT_B = 0.793, 2.426


@dataclass(frozen=True, slots=True)
class Curves:
    """Cumulative hazard of the next purchase at `knots` (days ahead), one row a pair; linear between them."""

    knots: Numbers
    hazard: Numbers

    def within(self, *, days: float) -> Numbers:
        """Probability of a purchase in the next `days`."""
        return np.asarray(-np.expm1(-self._hazard_at(days)))

    def between(self, *, days: Sequence[float]) -> Numbers:
        """Hazard from each of `days` to the next, one column a stretch."""
        return np.diff(np.stack([self._hazard_at(day) for day in days], axis=1), axis=1)

    def scaled(self, *, ends: Sequence[float], ratios: Numbers) -> "Curves":
        """The curves with hazard times `ratios`: a column a stretch up to each of `ends`; the last goes on."""
        stretch = np.clip(np.searchsorted(ends, self.knots[1:], side="left"), 0, ratios.shape[1] - 1)
        steps = np.diff(self.hazard, axis=1) * ratios[:, stretch]
        return Curves(knots=self.knots, hazard=_cumulate(steps))

    def quantile_days(self, *, share: Numbers) -> Numbers:
        """Days ahead after which each pair has bought with probability `share` (at most the last knot)."""
        wanted = -np.log1p(-share)
        passed = np.zeros(wanted.size, dtype=np.int64)
        for column in self.hazard.T[1:]:
            passed += column < wanted
        piece = np.minimum(passed, self.knots.size - 2)
        rows = np.arange(wanted.size)
        low, high = self.hazard[rows, piece], self.hazard[rows, piece + 1]
        part = np.clip((wanted - low) / np.maximum(high - low, 1e-12), 0.0, 1.0)
        return np.asarray(self.knots[piece] + part * (self.knots[piece + 1] - self.knots[piece]))

    def _hazard_at(self, days: float) -> Numbers:
        piece = int(np.clip(np.searchsorted(self.knots, days, side="right") - 1, 0, self.knots.size - 2))
        part = (days - self.knots[piece]) / (self.knots[piece + 1] - self.knots[piece])
        if part in {0.0, 1.0}:
            return np.asarray(self.hazard[:, piece + int(part)])
        return np.asarray(self.hazard[:, piece] * (1 - part) + self.hazard[:, piece + 1] * part)


def knots_until(days: int) -> Numbers:
    """Days ahead at which curves are kept: each day of five weeks, then ever wider apart."""
    last = max(days, _LAST_WINDOW_DAY)
    knots = [*range(_DAILY_KNOTS), *_LATER_KNOTS]
    while knots[-1] < last:
        knots.append(knots[-1] + 180)
    return np.array(sorted({*(knot for knot in knots if knot < last), last}), dtype=np.float64)


def draw_curves(
    *, pairs: Pairs, posterior: Posterior, table: HazardTable | None, factors: Numbers, until_days: int
) -> Curves:
    """Curves of `pairs` seen from their cut, good for up to `until_days` ahead.

    `factors` say how much each coming day counts; days beyond them count one.
    """
    knots = knots_until(until_days)
    last = int(knots[-1])
    weights = np.ones(last)
    weights[: min(factors.size, last)] = factors[:last]
    clock = np.concatenate([[0.0], np.cumsum(weights)])[knots.astype(np.int64)]
    hazard = np.zeros((pairs.last.size, knots.size), order="F")  # a column, all pairs on a day, lies together
    rows = repurchase_bins(pairs.repurchases)
    scale = 1.0 / posterior.beta_days
    for start, end in pieces(until=last):
        if table is not None:
            overdue = (pairs.elapsed_days + (start + end) / 2) * posterior.rate
            scale = table.at(rows=rows, overdue=overdue) / posterior.beta_days
        for at in np.flatnonzero((knots[1:] > start) & (knots[1:] <= end)):
            hazard[:, at + 1] = hazard[:, at] + scale * (clock[at + 1] - clock[at])
    np.log1p(hazard, out=hazard)
    hazard *= posterior.alpha[:, None]
    return Curves(knots=knots, hazard=hazard)


def _cumulate(steps: Numbers) -> Numbers:
    total = np.zeros((steps.shape[0], steps.shape[1] + 1), order="F")
    for at in range(steps.shape[1]):
        total[:, at + 1] = total[:, at] + steps[:, at]
    return total


def best_reminder(*, curves: Curves) -> tuple[Numbers, Numbers]:
    """Day ahead whose ±3-day window is most probable, and that probability; the earliest day wins a tie.

    The window is a whole week, so the shop's weekdays weigh the same in each of them.
    """
    size = curves.hazard.shape[0]
    days = sorted({*_WINDOW_STARTS, *(start + _WINDOW_DAYS for start in _WINDOW_STARTS)})
    within = {day: curves.within(days=float(day)) for day in days}
    best_start, best_share = np.zeros(size), np.zeros(size)
    for start in _WINDOW_STARTS:
        share = within[start + _WINDOW_DAYS] - within[start]
        better = share > best_share
        best_start[better], best_share[better] = start, share[better]
    return best_start + _WINDOW_DAYS // 2, best_share


def active_share(
    *, pairs: Pairs, posterior: Posterior, table: HazardTable | None, within: Numbers, days: int
) -> Numbers:
    """Probability that each pair is still alive.

    With a table: the probability of a purchase within `days`, over what it would be if nobody ever dropped out.
    Without: the BG/NBD posterior with a typical shop's drop-out (Fader, Hardie & Lee 2005, eq. 7 and the appendix).
    """
    if table is not None:
        immortal = -np.expm1(-posterior.alpha * np.log1p(days / posterior.beta_days))
        return np.clip(within / immortal, 0.0, 1.0)
    at_last = np.maximum(posterior.beta_days - pairs.elapsed_days, 1e-9)
    logs = posterior.alpha * np.log(posterior.beta_days / at_last)
    odds = np.log(_DROPOUT_A / (_DROPOUT_B + np.maximum(pairs.repurchases - 1, 0))) + logs
    alive = 1.0 / (1.0 + np.exp(np.minimum(odds, 700.0)))
    return np.where(pairs.repurchases > 0, alive, 1.0)
