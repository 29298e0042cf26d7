"""How wide an interval must be: for one look on a day that was fixed before, or for a look on every day.

The second kind holds at all looks together, so that somebody who looks every morning, and stops when it looks good, is
wrong no more often than was said.
"""

from dataclasses import dataclass
from math import exp, inf, lgamma, log, sqrt
from statistics import NormalDist
from typing import Final

from reorder.engine.effects.errors import BadComparison

# One comparison in twenty may be wrong.
ERROR_SHARE: Final = 0.05
# People in the smaller arm for whom the interval of every day is made narrowest, where nothing was planned.
USUAL_PEOPLE: Final = 500
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class Certainty:
    """How many standard errors an interval reaches to each side, and whether it holds at every look."""

    multiplier: float
    is_always_valid: bool


def fixed_horizon(*, error_share: float = ERROR_SHARE) -> Certainty:
    """For one look, on a day fixed before anything was seen: the usual normal interval."""
    _check_error(error_share)
    return Certainty(_NORMAL.inv_cdf(1.0 - error_share / 2.0), is_always_valid=False)


def always_valid(*, people: float, planned_people: float = USUAL_PEOPLE, error_share: float = ERROR_SHARE) -> Certainty:
    """For looks at any time, as often as one likes, with `people` in the smaller arm so far.

    An asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024, Annals of Statistics 52,
    theorem 2.2), made narrowest at `planned_people` (their equation for rho). About 1.6 times as wide as a fixed one
    there. Without people nothing is known: the multiplier is infinite.
    """
    _check_error(error_share)
    if planned_people <= 0:
        raise BadComparison(name="planned_people", wanted="above 0", value=planned_people)
    if people <= 0:
        return Certainty(inf, is_always_valid=True)
    best = -2.0 * log(error_share) + log(1.0 - 2.0 * log(error_share))
    spread = best * people / planned_people
    width = sqrt(2.0 * (1.0 + 1.0 / spread) * log(sqrt(spread + 1.0) / error_share))
    return Certainty(width, is_always_valid=True)


def small_sample(*, multiplier: float, freedom: float) -> float:
    """A normal multiplier widened for a variance estimated from few people (Student's t by Hill 1970, CACM 13, 617).

    `freedom` are degrees of freedom; from a thousand on nothing changes that anybody could see.
    """
    if freedom > 1e6 or multiplier == inf:
        return multiplier
    free = max(freedom, 3.0)
    cube, fifth = multiplier**3, multiplier**5
    seventh = multiplier**7
    return (
        multiplier
        + (cube + multiplier) / (4 * free)
        + (5 * fifth + 16 * cube + 3 * multiplier) / (96 * free**2)
        + (3 * seventh + 19 * fifth + 17 * cube - 15 * multiplier) / (384 * free**3)
    )


@dataclass(frozen=True, slots=True)
class Guard:
    """Whether something bad (refusals, complaints) happens more often than its limit; holds at every look.

    `evidence` is how many times likelier the counts are if the limit is broken than if it is kept; from
    1 / error_share on it counts as broken.
    """

    bad_count: int
    trials: int
    limit_share: float
    evidence: float
    is_broken: bool

    @property
    def share(self) -> float:
        """How often it happened."""
        return self.bad_count / self.trials if self.trials else 0.0

    @property
    def is_above(self) -> bool:
        """Above the limit so far, proved or not."""
        return self.share > self.limit_share


def judge_guard(*, bad_count: int, trials: int, limit_share: float, error_share: float = ERROR_SHARE) -> Guard:
    """Judge a guardrail by a mixture of likelihood ratios against the limit, which may be looked at every day.

    The alternative is a Beta distribution around the limit; by Ville's inequality the evidence passes 1 / error_share
    with at most that probability while the limit is kept (Robbins 1970, Annals of Mathematical Statistics 41, 1397).
    """
    _check_error(error_share)
    if not 0.0 < limit_share < 1.0:
        raise BadComparison(name="limit_share", wanted="between 0 and 1", value=limit_share)
    if not 0 <= bad_count <= trials:
        raise BadComparison(name="bad_count", wanted=f"from 0 to {trials}", value=bad_count)
    good = trials - bad_count
    alpha, beta = 1.0, (1.0 - limit_share) / limit_share
    mixed = _log_beta(alpha + bad_count, beta + good) - _log_beta(alpha, beta)
    kept = bad_count * log(limit_share) + good * log(1.0 - limit_share)
    evidence = exp(min(mixed - kept, 700.0))
    is_above = trials > 0 and bad_count / trials > limit_share
    return Guard(bad_count, trials, limit_share, evidence, is_broken=is_above and evidence >= 1.0 / error_share)


def _log_beta(first: float, second: float) -> float:
    return lgamma(first) + lgamma(second) - lgamma(first + second)


def _check_error(error_share: float) -> None:
    if not 0.0 < error_share < 0.5:
        raise BadComparison(name="error_share", wanted="between 0 and 0.5", value=error_share)
