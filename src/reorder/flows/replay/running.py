"""A replay: past nights one after the other, each saved on its own; then stock is walked through the whole time.

A night that was replayed before is taken from the store unless orders in its reach have come or gone since.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db import transaction

from reorder.domain.orders import sampling as orders
from reorder.domain.planning import replays
from reorder.domain.planning.replays import ReplayRow
from reorder.domain.purchasing import queries as purchasing
from reorder.domain.storage import holding_advisory_lock
from reorder.engine import simulation
from reorder.flows.replay.nights import load_actual, replay_night
from reorder.flows.replay.report import ReplayReport, make_report
from reorder.kernel.errors import BadInput

VERSION: Final = 1
_LOCK: Final = "reorder.replay"
# A forecast needs some weeks behind it and some days ahead of it to be judged.
LEAST_HISTORY_DAYS: Final = 56
LEAST_DAYS_AHEAD: Final = 7

Told = Callable[[dt.date | None, int, int], None]


class BadReplayDays(BadInput):
    """The days asked for cannot be replayed."""

    code = "replay.bad_days"
    template = "{from_date} to {until_date} cannot be replayed: {reason}"


def run_replay(
    *,
    from_date: dt.date,
    until_date: dt.date,
    every_days: int,
    today: dt.date,
    now: Callable[[], dt.datetime],
    is_again: bool = False,
    told: Told = lambda night, done, total: None,
) -> ReplayReport:
    """Take the nights of `from_date`, and every `every_days` after it, again, and walk stock to `until_date`.

    `told(night, done, total)` hears of every night as it begins, and at the end with None. With `is_again` stored
    nights are not believed. Raises BadReplayDays, FutureSeen, and AlreadyRunning while another process is at it.
    """
    _refuse_days(from_date=from_date, until_date=until_date, every_days=every_days, today=today)
    last_night = until_date - dt.timedelta(days=LEAST_DAYS_AHEAD - 1)
    nights = [from_date + dt.timedelta(days=step) for step in range(0, (last_night - from_date).days + 1, every_days)]
    horizon_days = settings.REORDER.horizon_days
    with holding_advisory_lock(name=_LOCK, what="A replay"):
        known = {} if is_again else replays.find_replay_nights(as_of_dates=nights, horizon_days=horizon_days)
        marks = _marks(nights=nights, until_date=until_date)
        replayed: dict[dt.date, ReplayRow] = {}
        for done, night in enumerate(nights):
            told(night, done, len(nights))
            stored = known.get(night)
            if stored is None or stored.figures.get("mark") != marks[night]:
                stored = _take(night=night, until_date=until_date, mark=marks[night], now=now)
            replayed[night] = stored
        told(None, len(nights), len(nights))
    return _report(nights=replayed, from_date=from_date, until_date=until_date)


def _take(*, night: dt.date, until_date: dt.date, mark: Mapping[str, Any], now: Callable[[], dt.datetime]) -> ReplayRow:
    horizon_days = settings.REORDER.horizon_days
    made = replay_night(as_of=night, until=until_date, horizon_days=horizon_days)
    figures = {**made.figures, "mark": mark}
    with transaction.atomic():
        replays.save_replay_night(
            as_of_date=night, horizon_days=horizon_days, made_at=now(), figures=figures, targets=made.targets
        )
    return ReplayRow(as_of_date=night, figures=figures, targets=made.targets)


def _marks(*, nights: list[dt.date], until_date: dt.date) -> dict[dt.date, dict[str, Any]]:
    """What a stored night rests on: another number of lines before it or up to its end, and it is taken again."""
    end = until_date + dt.timedelta(days=1)
    counts = orders.count_lines_before(dates=[*nights, end], time_zone=settings.REORDER.time_zone)
    return {
        night: {
            "version": VERSION,
            "until": until_date.isoformat(),
            "lines_before": counts.get(night, 0),
            "lines_until": counts.get(end, 0),
        }
        for night in nights
    }


def _report(*, nights: Mapping[dt.date, ReplayRow], from_date: dt.date, until_date: dt.date) -> ReplayReport:
    targets = {night: row.targets for night, row in nights.items() if row.targets.height}
    run = None
    if targets:
        run = simulation.walk_shelves(
            demand=load_actual(from_date=from_date, until=until_date),
            targets=targets,
            constraints=purchasing.frame_constraints(),
            # The world's lead times, not a decision's: the walk may know them all.
            lead_times=purchasing.frame_lead_times(),
            until=until_date,
            generator=np.random.default_rng(from_date.toordinal()),
        )
    return make_report(
        nights=[{"as_of": night, **row.figures} for night, row in nights.items()],
        run=run,
        bought=purchasing.frame_bought(from_date=from_date, until_date=until_date),
        from_date=from_date,
        until_date=until_date,
    )


def _refuse_days(*, from_date: dt.date, until_date: dt.date, every_days: int, today: dt.date) -> None:
    """Raises BadReplayDays."""
    span = orders.find_order_span(before_date=today, time_zone=settings.REORDER.time_zone)
    reason = None
    if span is None:
        reason = "there are no orders before today; import some first"
    elif not 1 <= every_days <= 90:
        reason = f"every {every_days} days is not between 1 and 90"
    elif until_date < from_date + dt.timedelta(days=LEAST_DAYS_AHEAD - 1):
        reason = f"it needs {LEAST_DAYS_AHEAD} days or more, the last not before the first"
    elif until_date > span.last_date:
        reason = f"the last day with orders is {span.last_date}"
    elif (from_date - span.first_date).days < LEAST_HISTORY_DAYS:
        earliest = span.first_date + dt.timedelta(days=LEAST_HISTORY_DAYS)
        reason = f"orders begin on {span.first_date}; the first night with enough behind it is {earliest}"
    if reason is not None:
        raise BadReplayDays(from_date=from_date, until_date=until_date, reason=reason)
