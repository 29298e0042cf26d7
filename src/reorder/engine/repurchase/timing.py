"""From a rate posterior and a hazard table to the distribution of the next purchase day, in closed form per pair.

Time is stretched by the table's multipliers, piece by piece; within a pair's stretched time X the probability of a
purchase is 1 − (β / (β + X))^α, the Poisson-Gamma law.
"""

from dataclasses import dataclass

import numpy as np

from reorder.engine.repurchase.hazard import HazardTable, pieces, repurchase_bins
from reorder.engine.repurchase.purchases import Numbers, Pairs
from reorder.engine.repurchase.rates import Posterior

_WINDOW_STARTS = (*range(29), 35, 42, 49, 56)
_WINDOW_DAYS = 7
_LAST_WINDOW_DAY = 63
# Drop-out odds of a typical shop (Fader, Hardie & Lee 2005, CDNOW), used until the own history supports a table.
_DROPOUT_A, _DROPOUT_B = 0.793, 2.426


@dataclass(frozen=True, slots=True)
class Curves:
    """Probability of a purchase as a function of days ahead, one row a pair; linear stretched time between `knots`."""

    posterior: Posterior
    knots: Numbers
    stretched: Numbers

    def within(self, *, days: float) -> Numbers:
        """Probability of a purchase in the next `days`."""
        return self._share(self._stretch(days=days))

    def quantile_days(self, *, share: Numbers) -> Numbers:
        """Days ahead after which each pair has bought with probability `share` (at most the last knot)."""
        posterior = self.posterior
        wanted = posterior.beta_days * np.expm1(-np.log1p(-share) / posterior.alpha)
        piece = np.clip((self.stretched[:, 1:] < wanted[:, None]).sum(axis=1), 0, self.knots.size - 2)
        rows = np.arange(wanted.size)
        low, high = self.stretched[rows, piece], self.stretched[rows, piece + 1]
        part = np.clip((wanted - low) / np.maximum(high - low, 1e-12), 0.0, 1.0)
        return np.asarray(self.knots[piece] + part * (self.knots[piece + 1] - self.knots[piece]))

    def _stretch(self, *, days: float) -> Numbers:
        piece = int(np.clip(np.searchsorted(self.knots, days, side="right") - 1, 0, self.knots.size - 2))
        part = (days - self.knots[piece]) / (self.knots[piece + 1] - self.knots[piece])
        return np.asarray(self.stretched[:, piece] * (1 - part) + self.stretched[:, piece + 1] * part)

    def _share(self, stretched: Numbers) -> Numbers:
        return np.asarray(-np.expm1(-self.posterior.alpha * np.log1p(stretched / self.posterior.beta_days)))


def draw_curves(*, pairs: Pairs, posterior: Posterior, table: HazardTable | None, until_days: int) -> Curves:
    """Curves of `pairs` seen from their cut, good for up to `until_days` ahead."""
    stretches = pieces(until=max(until_days, _LAST_WINDOW_DAY))
    knots = np.array([0.0, *(float(end) for _, end in stretches)])
    steps = np.empty((pairs.last.size, len(stretches)))
    rows = repurchase_bins(pairs.repurchases)
    for at, (start, end) in enumerate(stretches):
        overdue = (pairs.elapsed_days + (start + end) / 2) * posterior.rate
        multiplier = 1.0 if table is None else table.at(rows=rows, overdue=overdue)
        steps[:, at] = multiplier * (end - start)
    stretched = np.concatenate([np.zeros((pairs.last.size, 1)), np.cumsum(steps, axis=1)], axis=1)
    return Curves(posterior=posterior, knots=knots, stretched=stretched)


def best_reminder(*, curves: Curves) -> tuple[Numbers, Numbers]:
    """Day ahead whose ±3-day window is most probable, and that probability; the earliest day wins a tie.

    The window is a whole week, so the shop's weekdays weigh the same in each of them.
    """
    size = curves.posterior.alpha.size
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
