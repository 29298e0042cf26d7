"""Whether stock targets of earlier weeks held: each week's are made from what was known then, and judged once over."""

import datetime as dt
from typing import Final

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.orders import sampling
from reorder.domain.planning import reports
from reorder.domain.storage import AlreadyRunning, holding_advisory_lock
from reorder.flows.demand_plan.forecasting import load_history
from reorder.flows.replay.figures import demand_over_spans
from reorder.flows.replay.nights import load_actual
from reorder.flows.replay.past_targets import past_targets
from reorder.kernel.money import minor_digits

WEEKS: Final = 26
# A week is judged when lead times up to this long are over; longer ones stay unjudged, and the page says so.
WEEKS_FOR_SPANS: Final = 4
LEAST_HISTORY_DAYS: Final = 91
_LOCK: Final = "reorder.service_check"


def check_service_when_due(*, today: dt.date) -> int | None:
    """Judge the targets of those of 26 Mondays whose span is over and that have not been judged yet, the latest first.

    Returns targets judged; None when another process is at it, or nothing waits. Each week is saved on its own. The
    oldest checks are deleted.
    """
    if not _waiting(today=today):
        return None
    try:
        with holding_advisory_lock(name=_LOCK, what="The check of service"):
            waiting = _waiting(today=today)
            # One reading serves all: what came after an earlier Monday is cut off below.
            history = load_history(as_of=waiting[0]) if waiting else pl.DataFrame()
            came = load_actual(from_date=min(waiting), until=today - dt.timedelta(days=1)) if waiting else history
            return sum(_check(origin=origin, today=today, history=history, came=came) for origin in waiting)
    except AlreadyRunning:
        return None


def _waiting(*, today: dt.date) -> list[dt.date]:
    span = sampling.find_order_span(before_date=today, time_zone=settings.REORDER.time_zone)
    if span is None:
        return []
    monday = today - dt.timedelta(days=today.weekday())
    origins = [monday - dt.timedelta(weeks=back) for back in range(WEEKS_FOR_SPANS, WEEKS + WEEKS_FOR_SPANS)]
    old_enough = [origin for origin in origins if (origin - span.first_date).days >= LEAST_HISTORY_DAYS]
    known = reports.list_check_days()
    return [origin for origin in old_enough if origin not in known]


def _check(*, origin: dt.date, today: dt.date, history: pl.DataFrame, came: pl.DataFrame) -> int:
    """One week, saved with the sums that it changes: pages show it before the next is done."""
    history = history.filter(pl.col("date") < origin)
    targets = past_targets(as_of=origin, history=history)
    checks = demand_over_spans(
        targets=targets, came=came, origin=origin, before=today, review_days=settings.REORDER.review_days
    )
    kept = today - dt.timedelta(weeks=WEEKS + WEEKS_FOR_SPANS)
    with transaction.atomic():
        written = reports.save_service_checks(origin_date=origin, checks=checks)
        reports.forget_service_checks(kept_dates=[day for day in reports.list_check_days() if day >= kept])
        reports.add_up_service(minor_in_major=10.0 ** minor_digits(currency=settings.REORDER.currency))
    return written
