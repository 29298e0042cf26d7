"""What a comparison will be able to see, told before anything starts."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.marketing.effect_figures import FigureRow, list_latest_figures
from reorder.domain.marketing.proof import load_holdouts
from reorder.engine import effects
from reorder.engine.effects import HoldoutVerdict, SeenAfter
from reorder.flows.effects.windows import USUAL_DAYS
from reorder.insights.effect_base import load_base

WEEKS: Final = (4, 8, 12, 26)
# Held-out exposures from which on what they did is a better base than the shop's history.
_ENOUGH: Final = 100
_LEAST, _MOST = 0.005, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What `share` held out of `people` would see, week by week.

    `base_share` of the people buy within `window_days` anyway: known from those held out so far, or from the history of
    all customers (`is_base_measured` says which).
    """

    share: float
    people: int
    people_a_week: float
    window_days: int
    base_share: float
    is_base_measured: bool
    weeks: Sequence[SeenAfter]
    verdict: HoldoutVerdict


def show_power(
    *,
    source_kind: str,
    source_key: str,
    moment: dt.datetime,
    share: float | None = None,
    people: int | None = None,
    people_a_week: float | None = None,
    window_days: int = USUAL_DAYS,
) -> Power:
    """What a holdout of a source would show, and whether it is worth having.

    Args:
        source_kind: journey, campaign, reminder; or global for all marketing.
        source_key: its code; empty for global.
        moment: now, UTC.
        share: held out; None: what holds now.
        people: whom it may reach; None: everybody who may be written to.
        people_a_week: how many of them it decides about in a week; None: each of them once in a window.
        window_days: days that purchases count.

    Raises BadComparison for numbers that make no sense.
    """
    base = load_base(moment=moment)
    reach = base.reachable_people if people is None else people
    pace = reach * 7 / window_days if people_a_week is None else people_a_week
    held = load_holdouts().share_of(source_kind=source_kind, source_key=source_key) if share is None else share
    measured = _measured_share(source_kind=source_kind, source_key=source_key)
    base_share = measured if measured is not None else base.share_within(days=window_days)
    return Power(
        share=held,
        people=reach,
        people_a_week=pace,
        window_days=window_days,
        base_share=base_share,
        is_base_measured=measured is not None,
        weeks=effects.see_by_weeks(
            people_a_week=pace, most_people=reach, held_out_share=held, base_share=base_share, weeks=WEEKS
        ),
        verdict=effects.judge_holdout(
            people=min(round(pace * WEEKS[-1]), reach),
            held_out_share=held,
            base_share=base_share,
            repeats=effects.repeats_of(exposures=pace * WEEKS[-1], most_people=reach),
        ),
    )


def _measured_share(*, source_kind: str, source_key: str) -> float | None:
    """How many of the held out bought so far; None while they are too few, or all alike."""
    figures = list_latest_figures(source_kind=source_kind, source_key=source_key)
    found = next((one for one in figures if _is_whole(one)), None)
    if found is None or found.held_out_count < _ENOUGH or not 0 < found.held_out_value < 1:
        return None
    return min(max(found.held_out_value, _LEAST), _MOST)


def _is_whole(figure: FigureRow) -> bool:
    return figure.measure == "buyers" and not figure.step_key and not figure.variant
