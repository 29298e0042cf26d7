"""What the treated did more than the held out, with an interval that holds with people as clusters."""

from dataclasses import dataclass
from math import inf, sqrt

from reorder.engine.effects.arms import Arms, ArmSums
from reorder.engine.effects.certainty import Certainty, fixed_horizon, small_sample

_ONE_LOOK = fixed_horizon()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Means of one exposure of both arms, and the difference with its interval.

    `variance_cut_share`: how much of the variance the days before explained away (CUPED); `deviation`: the standard
    error of the difference.
    """

    treated_people: int
    held_out_people: int
    treated_trials: float
    treated_mean: float
    held_out_mean: float
    difference: float
    low: float
    high: float
    deviation: float
    is_always_valid: bool
    variance_cut_share: float = 0.0

    @property
    def is_gain(self) -> bool:
        """Proved to be above nothing."""
        return self.low > 0.0

    @property
    def is_loss(self) -> bool:
        """Proved to be below nothing."""
        return self.high < 0.0

    @property
    def lift_share(self) -> float | None:
        """The difference as a share of what came anyway; None where nothing came anyway."""
        return self.difference / self.held_out_mean if self.held_out_mean > 0 else None

    @property
    def total(self) -> float:
        """What all treated exposures together brought more."""
        return self.difference * self.treated_trials

    @property
    def total_low(self) -> float:
        """The lower end of `total`."""
        return self.low * self.treated_trials if self.treated_trials else 0.0

    @property
    def total_high(self) -> float:
        """The upper end of `total`."""
        return self.high * self.treated_trials if self.treated_trials else 0.0


def score_interval(*, share: float, trials: float, multiplier: float) -> tuple[float, float]:
    """The score interval of a share; (0, 1) without trials (Wilson 1927, J. Am. Stat. Assoc. 22, 209–212)."""
    if trials <= 0 or multiplier == inf:
        return 0.0, 1.0
    square = multiplier**2 / trials
    middle = (share + square / 2) / (1 + square)
    half = multiplier / (1 + square) * sqrt(share * (1 - share) / trials + square / (4 * trials))
    # At its ends the interval ends with the share; floats would leave it a hair beside.
    low = max(middle - half, 0.0) if share > 0 else 0.0
    return low, min(middle + half, 1.0) if share < 1 else 1.0


def compare_shares(*, arms: Arms, certainty: Certainty = _ONE_LOOK) -> Difference | None:
    """Compare how many exposures ended in yes; None while an arm has fewer than two people.

    Newcombe's hybrid score interval (1998, Statistics in Medicine 17, 873–890, method 10), each arm counted as its
    effective number of independent trials, because exposures of one person resemble each other.
    """
    if not arms.is_comparable:
        return None
    treated, held = arms.treated, arms.held_out
    one, two = min(max(treated.mean, 0.0), 1.0), min(max(held.mean, 0.0), 1.0)
    low_one, high_one = _bounds(share=one, sums=treated, multiplier=certainty.multiplier)
    low_two, high_two = _bounds(share=two, sums=held, multiplier=certainty.multiplier)
    gap = one - two
    return _told(
        arms=arms,
        difference=gap,
        low=gap - sqrt((one - low_one) ** 2 + (high_two - two) ** 2),
        high=gap + sqrt((high_one - one) ** 2 + (two - low_two) ** 2),
        deviation=sqrt(treated.variance + held.variance),
        certainty=certainty,
    )


def _bounds(*, share: float, sums: ArmSums, multiplier: float) -> tuple[float, float]:
    return score_interval(share=share, trials=sums.effective_trials, multiplier=multiplier)


def compare_amounts(*, arms: Arms, certainty: Certainty = _ONE_LOOK) -> Difference | None:
    """Compare amounts or counts of one exposure, less what the days before explain; None with too few people.

    CUPED (Deng, Xu, Kohavi, Walker 2013, WSDM) for a ratio with people as clusters (Deng, Knoblich, Lu 2018, KDD): the
    factor of the days before is the one that makes the variance of the difference least. Degrees of freedom by Welch.
    """
    if not arms.is_comparable:
        return None
    treated, held = arms.treated, arms.held_out
    raw = treated.variance + held.variance
    before = treated.before_variance + held.before_variance
    crossed = treated.covariance + held.covariance
    factor = crossed / before if before > 0 else 0.0
    variance = max(raw - factor * crossed, 0.0)
    gap = (treated.mean - held.mean) - factor * (treated.before_mean - held.before_mean)
    deviation = sqrt(variance)
    multiplier = small_sample(multiplier=certainty.multiplier, freedom=_freedom(arms))
    # No spread at all is no certainty: everybody did the same so far, usually nothing.
    half = multiplier * deviation if deviation > 0 else inf
    return _told(
        arms=arms,
        difference=gap,
        low=gap - half,
        high=gap + half,
        deviation=deviation,
        certainty=certainty,
        variance_cut_share=1.0 - variance / raw if raw > 0 else 0.0,
    )


def _freedom(arms: Arms) -> float:
    """Welch and Satterthwaite's degrees of freedom."""
    parts = [(one.variance, one.people) for one in (arms.treated, arms.held_out)]
    below = sum(variance**2 / (people - 1.0) for variance, people in parts)
    return sum(variance for variance, _ in parts) ** 2 / below if below > 0 else inf


def _told(
    *,
    arms: Arms,
    difference: float,
    low: float,
    high: float,
    deviation: float,
    certainty: Certainty,
    variance_cut_share: float = 0.0,
) -> Difference:
    return Difference(
        treated_people=int(arms.treated.people),
        held_out_people=int(arms.held_out.people),
        treated_trials=arms.treated.trials,
        treated_mean=arms.treated.mean,
        held_out_mean=arms.held_out.mean,
        difference=difference,
        low=low,
        high=high,
        deviation=deviation,
        is_always_valid=certainty.is_always_valid,
        variance_cut_share=variance_cut_share,
    )
