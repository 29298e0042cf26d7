"""What a comparison will be able to see, before it starts; and whether a holdout is worth having."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final, Literal

from reorder.engine.effects.certainty import ERROR_SHARE
from reorder.engine.effects.errors import BadComparison

# How often a difference of the size that is named is found when it is there.
POWER_SHARE: Final = 0.80
# Fewer people held out than these say nothing about anything that marketing ever did.
FEWEST_HELD_OUT: Final = 30
# A comparison that would only see a doubling sees nothing.
BLIND_LIFT_SHARE: Final = 1.0
MOST_SHARE: Final = 0.5
LEAST_SHARE: Final = 0.01
# How alike the exposures of one person are (their correlation): half as new as those of somebody else, carefully said.
ALIKE_SHARE: Final = 0.5
STEPS: Final = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
_NORMAL: Final = NormalDist()
Verdict = Literal["good", "none", "too_small", "too_large", "too_few", "blind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is seen with so many people: lifts of `least_lift_share` of the base on, found in POWER_SHARE of cases.

    None: no lift at all would be seen, not even if everybody bought.
    """

    people: int
    held_out_people: int
    base_share: float
    least_lift_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAfter:
    """What is seen after so many weeks."""

    weeks: int
    sight: Sight


def see_lifts(
    *,
    people: int,
    held_out_share: float,
    base_share: float,
    repeats: float = 1.0,
    error_share: float = ERROR_SHARE,
    power_share: float = POWER_SHARE,
) -> Sight:
    """The least lift that a comparison of shares finds.

    By the two-sided test of two proportions (Fleiss, Statistical Methods for Rates and Proportions, 3rd ed., section
    4.2, without continuity correction), solved by halving.

    Args:
        people: in both arms together.
        held_out_share: of them, 0 to 1.
        base_share: of the held out who buy in their window, without any message.
        repeats: exposures of each of them, 1 or more; counted down by the design effect of clusters (Kish 1965).
        error_share: how often a difference may be seen where there is none.
        power_share: how often one of the found size is seen.
    """
    _check(people=people, held_out_share=held_out_share, base_share=base_share, repeats=repeats)
    held = round(people * held_out_share)
    treated = people - held
    if held < 1 or treated < 1:
        return Sight(people=people, held_out_people=held, base_share=base_share, least_lift_share=None)
    known = repeats / (1.0 + (repeats - 1.0) * ALIKE_SHARE)
    wide, sure = _NORMAL.inv_cdf(1.0 - error_share / 2.0), _NORMAL.inv_cdf(power_share)

    def is_seen(share: float) -> bool:
        pooled = (share * treated + base_share * held) / people
        under_none = sqrt(pooled * (1 - pooled) * (1 / treated + 1 / held) / known)
        under_some = sqrt((share * (1 - share) / treated + base_share * (1 - base_share) / held) / known)
        return share - base_share >= wide * under_none + sure * under_some

    if not is_seen(1.0):
        return Sight(people=people, held_out_people=held, base_share=base_share, least_lift_share=None)
    low, high = base_share, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if is_seen(middle) else (middle, high)
    return Sight(
        people=people, held_out_people=held, base_share=base_share, least_lift_share=(high - base_share) / base_share
    )


def see_by_weeks(
    *, people_a_week: float, most_people: int, held_out_share: float, base_share: float, weeks: Sequence[int]
) -> list[SeenAfter]:
    """What is seen after each number of weeks of `people_a_week`; beyond `most_people` the same ones come again."""
    return [
        SeenAfter(
            weeks=one,
            sight=see_lifts(
                people=min(round(people_a_week * one), most_people),
                held_out_share=held_out_share,
                base_share=base_share,
                repeats=repeats_of(exposures=people_a_week * one, most_people=most_people),
            ),
        )
        for one in weeks
    ]


def repeats_of(*, exposures: float, most_people: int) -> float:
    """How often each person is exposed, 1 at least."""
    return max(exposures / most_people, 1.0) if most_people else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldoutVerdict:
    """Whether a holdout is worth having, and the least share that would see `wanted_lift_share` (None: none does)."""

    verdict: Verdict
    sight: Sight
    suggested_share: float | None

    @property
    def is_silly(self) -> bool:
        """Costs customers their messages, or the shop its proof, for nothing."""
        return self.verdict in {"too_small", "too_large", "too_few", "blind"}


def judge_holdout(
    *, people: int, held_out_share: float, base_share: float, repeats: float = 1.0, wanted_lift_share: float = 0.25
) -> HoldoutVerdict:
    """Judge a share of held-out people by what it would see of the `people` of half a year, each `repeats` times."""
    sight = see_lifts(people=people, held_out_share=held_out_share, base_share=base_share, repeats=repeats)
    return HoldoutVerdict(
        verdict=_verdict(share=held_out_share, sight=sight),
        sight=sight,
        suggested_share=_suggest(
            people=people, base_share=base_share, repeats=repeats, wanted_lift_share=wanted_lift_share
        ),
    )


def _verdict(*, share: float, sight: Sight) -> Verdict:
    if share == 0:
        return "none"
    if share < LEAST_SHARE:
        return "too_small"
    if share > MOST_SHARE:
        return "too_large"
    if sight.held_out_people < FEWEST_HELD_OUT:
        return "too_few"
    if sight.least_lift_share is None or sight.least_lift_share > BLIND_LIFT_SHARE:
        return "blind"
    return "good"


def _suggest(*, people: int, base_share: float, repeats: float, wanted_lift_share: float) -> float | None:
    for share in STEPS:
        sight = see_lifts(people=people, held_out_share=share, base_share=base_share, repeats=repeats)
        seen = sight.least_lift_share
        if sight.held_out_people >= FEWEST_HELD_OUT and seen is not None and seen <= wanted_lift_share:
            return share
    return None


def _check(*, people: int, held_out_share: float, base_share: float, repeats: float) -> None:
    if people < 0:
        raise BadComparison(name="people", wanted="0 or more", value=people)
    if not 0.0 <= held_out_share <= 1.0:
        raise BadComparison(name="held_out_share", wanted="from 0 to 1", value=held_out_share)
    if not 0.0 < base_share < 1.0:
        raise BadComparison(name="base_share", wanted="between 0 and 1", value=base_share)
    if not repeats >= 1.0:
        raise BadComparison(name="repeats", wanted="1 or more", value=repeats)
