"""The night's measuring: whom it decided about, what they did, what that proves, and what the next decisions learn."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.catalog import queries as catalog
from reorder.domain.marketing import effect_figures, exposures
from reorder.domain.marketing.proof import Holdouts, get_state, load_holdouts, save_state
from reorder.domain.planning.responses import ResponseRow, replace_responses
from reorder.domain.storage import AlreadyRunning, holding_advisory_lock, one_transaction
from reorder.engine import effects
from reorder.flows.alerting import raise_unwelcome
from reorder.flows.effects.estimating import estimate_figures
from reorder.flows.effects.guarding import find_broken
from reorder.flows.effects.windows import choose_windows
from reorder.insights.effect_attribution import frame_attributed, frame_costs
from reorder.insights.effect_base import count_base
from reorder.insights.effects import list_source_names
from reorder.kernel.jobs import JobName, defer_job

# Of older messages the customers and the offers were others.
MEASURED_DAYS: Final = 365
_KEPT_DAYS: Final = 2 * 365
_LOCK: Final = "reorder.effects"


@dataclass(frozen=True, slots=True)
class Measured:
    """How many exposures were new, how many were counted, figures saved, and parts of what was learned."""

    exposed_count: int
    counted_count: int
    figures_count: int
    responses_count: int


def measure(*, as_of: dt.date, moment: dt.datetime) -> Measured:
    """Measure what marketing earned until now, save it as the day's figures, and teach the next decisions.

    Safe to run twice: a decision is counted once, figures of a day replace each other. Raises AlreadyRunning while
    another process measures.

    Args:
        as_of: the shop's day that the figures are of.
        moment: now, UTC.
    """
    with holding_advisory_lock(name=_LOCK, what="measuring of effects"):
        exposed, counted = _count(as_of=as_of, moment=moment)
        since = moment - dt.timedelta(days=MEASURED_DAYS)
        people = exposures.frame_exposed_people(since=since, starts=_starts(load_holdouts()))
        figures = estimate_figures(
            people=people,
            attributed=frame_attributed(since=since, currency=settings.REORDER.currency),
            costs=frame_costs(since=since),
            as_of=as_of,
            dice=np.random.default_rng(as_of.toordinal()),
        )
        with transaction.atomic():
            saved = effect_figures.replace_figures(as_of=as_of, figures=figures)
            learned = replace_responses(responses=_learn(people), as_of=as_of)
            effect_figures.forget_figures(before=as_of - dt.timedelta(days=_KEPT_DAYS))
            raise_unwelcome(broken=find_broken(figures=figures, names=list_source_names()), moment=moment)
    return Measured(exposed, counted, saved, learned)


def ask_to_measure() -> None:
    """Let a job measure now; however often it is asked for, one job waits."""
    with one_transaction():
        defer_job(name=JobName.MEASURE_EFFECTS, once_key="measure_effects")


def measure_when_asked(*, as_of: dt.date, moment: dt.datetime) -> Measured | None:
    """The job behind `ask_to_measure`; None while a night is at it."""
    try:
        return measure(as_of=as_of, moment=moment)
    except AlreadyRunning:
        return None


@transaction.atomic
def _count(*, as_of: dt.date, moment: dt.datetime) -> tuple[int, int]:
    """Expose whom messages decided about since the last time, and count what everybody did."""
    state = get_state()
    last = exposures.find_last_message()
    exposures.stage_decisions(after=state.last_message_key)
    rhythms, shop_rhythm = exposures.list_rhythms()
    windows, usual = choose_windows(rhythms=rhythms, shop_rhythm=shop_rhythm)
    exposed = exposures.expose_staged(windows=windows, usual_window_days=usual)
    counted = exposures.settle_exposures(
        since=state.measured_at,
        moment=moment,
        currency=settings.REORDER.currency,
        usual_share=catalog.find_usual_margin_share(currency=settings.REORDER.currency),
    )
    exposures.forget_exposures(ended_before=moment - dt.timedelta(days=_KEPT_DAYS))
    base = count_base(moment=moment)
    save_state(last_message_key=last, measured_at=moment, as_of=as_of, base=base.as_json())
    return exposed, counted


def _starts(holdouts: Holdouts) -> Mapping[tuple[str, str], dt.datetime]:
    return {key: row.decided_at for key, row in holdouts.chosen.items() if key[1] or key[0] == "global"}


def _learn(people: pl.DataFrame) -> list[ResponseRow]:
    """What channels and offers add, of whole sources: the person's own step tells nothing of its own."""
    whole = people.filter((pl.col("step_key") == "") & (pl.col("source_kind") != "global"))
    learned = effects.learn_responses(people=whole.rename({"buyers": "hits"}))
    return [ResponseRow(**{name: getattr(one, name) for name in ResponseRow.__slots__}) for one in learned]
