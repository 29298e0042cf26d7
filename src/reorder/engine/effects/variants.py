"""Which of several variants is the best, by a test that may be looked at every day, and how to share out meanwhile."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from reorder.engine.effects.arms import Arms, ArmSums
from reorder.engine.effects.certainty import ERROR_SHARE, USUAL_PEOPLE, always_valid
from reorder.engine.effects.differences import compare_shares, score_interval

# Every variant keeps this part of an even share, or it could never recover from a bad first day.
LEAST_PART: Final = 0.4
_DRAWS: Final = 20_000
# Before so many people have seen each variant nobody wins, however it looks: normal intervals need them.
FEWEST_PEOPLE: Final = 50
_Z95: Final = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantTrial:
    """One variant and the sums of whoever got it; `value` counts exposures that ended well."""

    name: str
    sums: ArmSums


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantStanding:
    """How a variant stands: share that ended well with its 95 % interval, chance to be the best, next weight."""

    name: str
    people: int
    trials: float
    share: float
    low_share: float
    high_share: float
    best_share: float
    weight: float
    is_beaten: bool


@dataclass(frozen=True, slots=True)
class VariantVerdict:
    """All variants, the best first; `winner` is named only once it is proved better than every other."""

    standings: Sequence[VariantStanding]
    winner: str | None


def judge_variants(
    *,
    trials: Sequence[VariantTrial],
    dice: np.random.Generator,
    planned_people: float = USUAL_PEOPLE,
    error_share: float = ERROR_SHARE,
) -> VariantVerdict:
    """Compare every two variants at every look, all together wrong with at most `error_share`.

    Each pair gets its part of the error (Bonferroni) and an always valid interval; the winner is better than each
    other one. Weights for the next days are chances to be the best (Thompson 1933, by `dice`), evened out so that each
    variant keeps LEAST_PART of an even share.

    Args:
        trials: the variants; names differ.
        dice: for the chances.
        planned_people: people of a variant at whom the intervals are narrowest.
        error_share: of all comparisons together.
    """
    better = _better(trials=trials, planned_people=planned_people, error_share=error_share)
    chances = _chances(trials=trials, dice=dice)
    standings = [
        _standing(
            trial=trials[place],
            best_share=float(chances[place]),
            variants_count=len(trials),
            is_beaten=any(loser == place for _, loser in better),
        )
        for place in range(len(trials))
    ]
    ordered = sorted(standings, key=lambda row: (-row.share, row.name))
    return VariantVerdict(ordered, winner=_winner(trials=trials, better=better))


def find_winner(
    *,
    trials: Sequence[VariantTrial],
    planned_people: float = USUAL_PEOPLE,
    error_share: float = ERROR_SHARE,
) -> str | None:
    """The variant that is proved better than every other one, as `judge_variants` names it; None while none is."""
    better = _better(trials=trials, planned_people=planned_people, error_share=error_share)
    return _winner(trials=trials, better=better)


def _winner(*, trials: Sequence[VariantTrial], better: Collection[tuple[int, int]]) -> str | None:
    places = range(len(trials))
    won = [one for one in places if len(trials) > 1 and all((one, two) in better for two in places if two != one)]
    return trials[won[0]].name if won else None


def _better(*, trials: Sequence[VariantTrial], planned_people: float, error_share: float) -> set[tuple[int, int]]:
    """Places of proved pairs, the better one first."""
    pairs = list(combinations(range(len(trials)), 2))
    better: set[tuple[int, int]] = set()
    for one, two in pairs:
        ahead = _ahead(trials[one], trials[two], planned_people=planned_people, error_share=error_share / len(pairs))
        if ahead:
            better.add((one, two) if ahead > 0 else (two, one))
    return better


def _ahead(one: VariantTrial, two: VariantTrial, *, planned_people: float, error_share: float) -> int:
    """1 where the first is proved better, -1 where the second is, 0 while nobody knows."""
    people = min(one.sums.people, two.sums.people)
    if people < FEWEST_PEOPLE:
        return 0
    certainty = always_valid(people=people, planned_people=planned_people, error_share=error_share)
    found = compare_shares(arms=Arms(one.sums, two.sums), certainty=certainty)
    if found is None:
        return 0
    return 1 if found.is_gain else -1 if found.is_loss else 0


def _chances(
    *, trials: Sequence[VariantTrial], dice: np.random.Generator
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Chance of each variant to be the best: draws of Beta posteriors from a flat prior, clusters thinned out."""
    if not trials:
        return np.zeros(0)
    drawn = np.empty((len(trials), _DRAWS))
    for place, trial in enumerate(trials):
        known = trial.sums.effective_trials
        good = trial.sums.mean * known
        drawn[place] = dice.beta(1.0 + good, 1.0 + max(known - good, 0.0), size=_DRAWS)
    best = np.bincount(drawn.argmax(axis=0), minlength=len(trials))
    return np.asarray(best / _DRAWS, dtype=np.float64)


def _standing(*, trial: VariantTrial, best_share: float, variants_count: int, is_beaten: bool) -> VariantStanding:
    low, high = score_interval(share=trial.sums.mean, trials=trial.sums.effective_trials, multiplier=_Z95)
    even = 1.0 / variants_count
    return VariantStanding(
        name=trial.name,
        people=int(trial.sums.people),
        trials=trial.sums.trials,
        share=trial.sums.mean,
        low_share=low,
        high_share=high,
        best_share=best_share,
        weight=LEAST_PART * even + (1.0 - LEAST_PART) * best_share,
        is_beaten=is_beaten,
    )
