"""What marketing causes: comparisons with people who were held out by chance, their plans, winners and limits.

Pure and deterministic; chances are drawn with a generator that is given. Nothing here needs SciPy, so that pages may
show the power of a plan before it starts.
"""

from reorder.engine.effects.arms import ARMS, HELD_OUT, TREATED, Arms, ArmSums, sum_arms
from reorder.engine.effects.certainty import (
    ERROR_SHARE,
    USUAL_PEOPLE,
    Certainty,
    Guard,
    always_valid,
    fixed_horizon,
    judge_guard,
)
from reorder.engine.effects.differences import Difference, compare_amounts, compare_shares, score_interval
from reorder.engine.effects.errors import BadComparison
from reorder.engine.effects.power import (
    LEAST_SHARE,
    MOST_SHARE,
    POWER_SHARE,
    STEPS,
    HoldoutVerdict,
    SeenAfter,
    Sight,
    judge_holdout,
    repeats_of,
    see_by_weeks,
    see_lifts,
)
from reorder.engine.effects.responses import Response, find_response, learn_responses
from reorder.engine.effects.variants import VariantStanding, VariantTrial, VariantVerdict, find_winner, judge_variants

__all__ = [
    "ARMS",
    "ERROR_SHARE",
    "HELD_OUT",
    "LEAST_SHARE",
    "MOST_SHARE",
    "POWER_SHARE",
    "STEPS",
    "TREATED",
    "USUAL_PEOPLE",
    "ArmSums",
    "Arms",
    "BadComparison",
    "Certainty",
    "Difference",
    "Guard",
    "HoldoutVerdict",
    "Response",
    "SeenAfter",
    "Sight",
    "VariantStanding",
    "VariantTrial",
    "VariantVerdict",
    "always_valid",
    "compare_amounts",
    "compare_shares",
    "find_response",
    "find_winner",
    "fixed_horizon",
    "judge_guard",
    "judge_holdout",
    "judge_variants",
    "learn_responses",
    "repeats_of",
    "score_interval",
    "see_by_weeks",
    "see_lifts",
    "sum_arms",
]
