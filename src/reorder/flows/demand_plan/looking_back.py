"""`reorder backtest demand`: what each part of the plan would have said on days gone by; each day is saved at once.

A day that was looked back from before is kept, so that an interrupted run goes on where it was.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.catalog import bundles
from reorder.domain.catalog import queries as catalog
from reorder.domain.orders import queries as orders
from reorder.domain.planning import commitments, part_scores
from reorder.domain.planning.queries import find_latest_run
from reorder.domain.storage import holding_advisory_lock
from reorder.flows.demand_plan.gating import open_gates
from reorder.flows.demand_plan.hindsight import HORIZONS_DAYS, PAST_DAYS, look_back_on
from reorder.flows.demand_plan.scoring import Comparison, compare_parts
from reorder.flows.demand_plan.weighing import GATE_DAYS
from reorder.kernel.errors import BadInput

DEFAULT_ORIGINS: Final = 13
# Before that a shop says too little to forecast from.
LEAST_DAYS: Final = 120
Told = Callable[[dt.date | None, int, int], None]


class TooYoungForPlans(BadInput):
    """There is no day on which the plan could have been made and judged."""

    code = "backtest.too_young_for_plans"
    template = (
        "The shop's orders reach back {days} days; to judge a plan at least {needed} days are needed. Import older "
        "orders, or come back later."
    )


@dataclass(frozen=True, slots=True)
class PartsReport:
    """Days looked back from now, days kept from before, and how the parts compare over all of them."""

    judged: Sequence[dt.date]
    kept: Sequence[dt.date]
    comparison: Comparison
    gated_subjects: int


@dataclass
class _Facts:
    """What the days of one run share; loaded when first asked for."""

    first_date: dt.date
    as_of: dt.date
    time_zone: str = field(default_factory=lambda: settings.REORDER.time_zone)

    @cached_property
    def sold(self) -> pl.DataFrame:
        return orders.frame_daily_units(from_date=self.first_date, before_date=self.as_of, time_zone=self.time_zone)

    @cached_property
    def order_lines(self) -> pl.DataFrame:
        return orders.frame_order_lines(before_date=self.as_of, time_zone=self.time_zone)

    @cached_property
    def past_commitments(self) -> pl.DataFrame:
        return commitments.frame_past_commitments(from_date=self.first_date, before_date=self.as_of)

    @cached_property
    def leaves(self) -> pl.DataFrame:
        return bundles.frame_leaves()


def look_back_at_parts(
    *,
    as_of: dt.date,
    origins_count: int = DEFAULT_ORIGINS,
    is_again: bool = False,
    methods: Sequence[str] | None = None,
    told: Told = lambda origin, done, total: None,
) -> PartsReport:
    """Look back from the latest `origins_count` days of the two-week grid whose month is over before `as_of`.

    Every day sees facts before it only. `methods` restricts the baseline's pool. Weights of bottom-up and the scores on
    the page follow. Raises TooYoungForPlans, and AlreadyRunning while another process is at it.
    """
    with holding_advisory_lock(name="reorder.backtest.demand", what="The look back at the plan"):
        span = orders.first_and_last_order_date(time_zone=settings.REORDER.time_zone)
        origins = choose_origins(span=span, as_of=as_of, count=origins_count)
        if span is None or not origins:
            days = (span[1] - span[0]).days + 1 if span else 0
            raise TooYoungForPlans(days=days, needed=LEAST_DAYS + HORIZONS_DAYS[-1])
        known = set() if is_again else set(part_scores.list_origin_dates(horizon_days=GATE_DAYS))
        waiting = [origin for origin in origins if origin not in known]
        first = min(origins) - dt.timedelta(days=PAST_DAYS)
        facts = _Facts(first_date=first, as_of=max(origins) + dt.timedelta(days=HORIZONS_DAYS[-1]))
        for done, origin in enumerate(waiting, start=len(origins) - len(waiting)):
            told(origin, done, len(origins))
            parts = _look_back(facts=facts, origin=origin, methods=methods)
            with transaction.atomic():
                part_scores.save_origins(as_of=origin, origins=parts)
        told(None, len(origins), len(origins))
        return _report(as_of=as_of, judged=waiting, kept=[one for one in origins if one in known])


def choose_origins(*, span: tuple[dt.date, dt.date] | None, as_of: dt.date, count: int) -> list[dt.date]:
    """Days of the grid that nights note on too, oldest first; all that follows from them was over before `as_of`."""
    if span is None:
        return []
    until = min(as_of, span[1] + dt.timedelta(days=1)) - dt.timedelta(days=HORIZONS_DAYS[-1])
    latest = until - dt.timedelta(days=until.toordinal() % GATE_DAYS)
    days = [latest - dt.timedelta(days=GATE_DAYS * number) for number in range(count)]
    return sorted(day for day in days if day >= span[0] + dt.timedelta(days=LEAST_DAYS))


def _report(*, as_of: dt.date, judged: Sequence[dt.date], kept: Sequence[dt.date]) -> PartsReport:
    run = find_latest_run(kind="night")
    gates = open_gates(run_id=run.id if run else None, as_of=as_of)
    found = part_scores.frame_origins(before_date=as_of)
    return PartsReport(
        judged=judged,
        kept=kept,
        comparison=compare_parts(origins=found, categories=catalog.frame_subjects()),
        gated_subjects=gates.height,
    )


def _look_back(*, facts: _Facts, origin: dt.date, methods: Sequence[str] | None) -> pl.DataFrame:
    return look_back_on(
        origin=origin,
        sold=facts.sold,
        order_lines=facts.order_lines,
        past=facts.past_commitments,
        held=commitments.frame_known_commitments(
            from_date=origin, before_date=origin + dt.timedelta(days=HORIZONS_DAYS[-1]), known_on=origin
        ),
        leaves=facts.leaves,
        country=settings.REORDER.country,
        methods=methods,
    )
