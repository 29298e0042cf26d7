"""Judging earlier predictions cut by cut: each is saved on its own, so that an interrupted run goes on where it was.

A cut that was judged before is judged again only when orders before its end have come or gone since, or when its
figures have the shape of an older version.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.behaviour import queries as behaviour
from reorder.domain.orders import sampling as orders
from reorder.domain.orders.sampling import OrderSpan
from reorder.domain.planning import backtests
from reorder.domain.planning.backtests import BacktestRow
from reorder.domain.storage import holding_advisory_lock, is_advisory_lock_held
from reorder.engine import repurchase
from reorder.engine.repurchase import TooLittleHistory
from reorder.engine.repurchase.backtest.judging import LEAST_HISTORY_DAYS, LEAST_REPEATS, VERSION, refuse_horizon
from reorder.insights.quality_progress import note_progress
from reorder.kernel.errors import BadInput

_LOCK: Final = "reorder.backtest"
DEFAULT_CUTS: Final = 3
DEFAULT_HORIZON_DAYS: Final = 30
# Larger shops are judged by a part of their customers: two million lines say as much as fifty, in minutes.
LINES_MAXIMUM: Final = 2_000_000


class NothingFromThatDay(BadInput):
    """Only days that lie further back can be judged."""

    code = "backtest.nothing_from_that_day"
    template = (
        "No day from {from_date} on can be judged yet: the horizon of {horizon_days} days must be over. The latest day "
        "that can be is {latest_date}."
    )


Told = Callable[[dt.date | None, int, int], None]


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """What a run did: cuts judged now, cuts kept from before, and cuts that had too little to judge."""

    horizon_days: int
    judged: Sequence[dt.date]
    kept: Sequence[dt.date]
    skipped: Sequence[dt.date]


@dataclass
class _Facts:
    """What the cuts of one run share; frames are loaded when a cut needs them."""

    until_date: dt.date
    span: OrderSpan
    lines_count: int
    time_zone: str = field(default_factory=lambda: settings.REORDER.time_zone)

    @property
    def customers_share(self) -> float:
        return orders.sample_share(lines_count=self.lines_count, lines_maximum=LINES_MAXIMUM)

    @cached_property
    def order_lines(self) -> pl.DataFrame:
        return orders.frame_sampled_order_lines(
            before_date=self.until_date, time_zone=self.time_zone, customers_share=self.customers_share
        )

    @cached_property
    def events(self) -> pl.DataFrame | None:
        """Events of the same customers; None where none are kept, which costs the model nothing."""
        ids = [int(key) for key in self.order_lines["customer_id"].unique()] if self.customers_share < 1 else None
        found = behaviour.frame_events(
            from_date=self.span.first_date, before_date=self.until_date, time_zone=self.time_zone, customer_ids=ids
        )
        return found if found.height else None


def run_backtest(
    *,
    as_of: dt.date,
    now: Callable[[], dt.datetime],
    cuts_count: int = DEFAULT_CUTS,
    horizon_days: int = DEFAULT_HORIZON_DAYS,
    from_date: dt.date | None = None,
    is_again: bool = False,
    told: Told = lambda cut, done, total: None,
) -> BacktestReport:
    """Judge the latest `cuts_count` monthly cuts (none before `from_date`) by orders before `as_of`.

    `told(cut, done, total)` hears of every cut as it begins, and at the end with None. With `is_again` cuts are judged
    whether they were before or not. Raises TooLittleHistory, BadBacktestHorizon, NothingFromThatDay, and AlreadyRunning
    while another process is at it.
    """
    refuse_horizon(days=horizon_days)
    with holding_advisory_lock(name=_LOCK, what="The look back at predictions"):
        span = orders.find_order_span(before_date=as_of, time_zone=settings.REORDER.time_zone)
        cuts = _choose(span=span, as_of=as_of, count=cuts_count, horizon_days=horizon_days, from_date=from_date)
        if span is None or not cuts:
            raise _too_little(span=span, horizon_days=horizon_days)
        ends = {cut: cut + dt.timedelta(days=horizon_days) for cut in cuts}
        counts = orders.count_lines_before(dates=list(ends.values()), time_zone=settings.REORDER.time_zone)
        lines = {cut: counts.get(end, 0) for cut, end in ends.items()}
        known = {} if is_again else backtests.find_backtests(cut_dates=cuts, horizon_days=horizon_days)
        facts = _Facts(until_date=max(ends.values()), span=span, lines_count=max(lines.values()))
        kept = [cut for cut in cuts if cut in known and _is_current(row=known[cut], lines_count=lines[cut])]
        return _judge_all(facts=facts, cuts=cuts, kept=kept, lines=lines, horizon_days=horizon_days, now=now, told=told)


def is_backtest_running() -> bool:
    """Whether some process looks back at this moment."""
    return is_advisory_lock_held(name=_LOCK)


def _judge_all(
    *,
    facts: _Facts,
    cuts: Sequence[dt.date],
    kept: Sequence[dt.date],
    lines: Mapping[dt.date, int],
    horizon_days: int,
    now: Callable[[], dt.datetime],
    told: Told,
) -> BacktestReport:
    """The newest cut first: it says most about tonight."""
    judged: list[dt.date] = []
    skipped: list[dt.date] = []
    waiting = [cut for cut in reversed(cuts) if cut not in kept]
    for done, cut in enumerate(waiting, start=len(kept)):
        told(cut, done, len(cuts))
        note_progress(cut_date=cut, done=done, total=len(cuts))
        try:
            _judge(facts=facts, cut=cut, lines_count=lines[cut], horizon_days=horizon_days, now=now)
        except TooLittleHistory as fault:
            skipped.append(cut)
            if len(skipped) == len(cuts):
                raise fault from None
        else:
            judged.append(cut)
    told(None, len(cuts), len(cuts))
    note_progress(cut_date=None, done=len(cuts), total=len(cuts))
    return BacktestReport(horizon_days=horizon_days, judged=sorted(judged), kept=kept, skipped=sorted(skipped))


def _judge(*, facts: _Facts, cut: dt.date, lines_count: int, horizon_days: int, now: Callable[[], dt.datetime]) -> None:
    end = cut + dt.timedelta(days=horizon_days)
    found = repurchase.judge_cut(
        order_lines=facts.order_lines.filter(pl.col("ordered_at").dt.date() < end),
        cut=cut,
        horizon_days=horizon_days,
        country=settings.REORDER.country,
        events=facts.events,
    )
    with transaction.atomic():
        backtests.save_backtest(
            cut_date=cut,
            horizon_days=horizon_days,
            made_at=now(),
            pairs_count=found.pairs_count,
            model_summary=found.model_summary,
            figures={
                "version": VERSION,
                "lines_count": lines_count,
                "customers_share": facts.customers_share,
                "counts": found.counts,
            },
        )


def _choose(
    *, span: OrderSpan | None, as_of: dt.date, count: int, horizon_days: int, from_date: dt.date | None
) -> list[dt.date]:
    if span is None:
        return []
    until = min(as_of, span.last_date + dt.timedelta(days=1))
    possible = repurchase.choose_cuts(
        first_date=span.first_date, until_date=until, count=count, horizon_days=horizon_days
    )
    wanted = [cut for cut in possible if from_date is None or cut >= from_date]
    if possible and not wanted:
        raise NothingFromThatDay(from_date=from_date, horizon_days=horizon_days, latest_date=possible[-1])
    return wanted


def _is_current(*, row: BacktestRow, lines_count: int) -> bool:
    return row.figures.get("version") == VERSION and row.figures.get("lines_count") == lines_count


def _too_little(*, span: OrderSpan | None, horizon_days: int) -> TooLittleHistory:
    return TooLittleHistory(
        history_days=(span.last_date - span.first_date).days + 1 if span else 0,
        repeats_count=0,
        horizon_days=horizon_days,
        needed_days=LEAST_HISTORY_DAYS + horizon_days,
        needed_repeats=LEAST_REPEATS,
    )
