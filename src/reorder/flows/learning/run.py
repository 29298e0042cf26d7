"""Running the learning: one at a time, recorded as a run of its own kind, resumed where it stopped.

A failed learning leaves the model before it in its place: a new one counts from the moment it is stored whole.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from django.conf import settings

from reorder.domain.orders import queries as orders
from reorder.domain.planning import operations, queries
from reorder.domain.storage import AlreadyRunning, holding_advisory_lock
from reorder.flows.learning.steps import STEPS, Learning
from reorder.flows.nightly import is_night_running
from reorder.flows.predictions import load_learned
from reorder.flows.stepping import RunReport, Step, report_latest_run, take_steps

KIND = "learning"
EVERY_DAYS = 7
# After a failure the next try waits: what failed once mostly fails again at once.
RETRY_AFTER = dt.timedelta(hours=6)
_LOCK = "reorder.learning"


def run_learning(
    *,
    as_of: dt.date,
    now: Callable[[], dt.datetime],
    told: Callable[[str, int, int], None] = lambda name, done, total: None,
    steps: Sequence[Step[Learning]] = STEPS,
) -> RunReport:
    """Learn from the order lines before `as_of` and predict every pair anew.

    A run of the same day that was interrupted or failed is resumed after its last finished step. Raises AlreadyRunning
    when another process learns, RunFailed (with the cause recorded) when a step fails.
    """
    with holding_advisory_lock(name=_LOCK, what="The learning"):
        run = operations.open_run(kind=KIND, as_of_date=as_of, moment=now())
        learning = Learning(run_id=run.id, as_of=as_of)
        take_steps(run_id=run.id, context=learning, steps=list(steps), now=now, told=told)
    return report_latest_run(kind=KIND)


def learn_when_due(*, moment: dt.datetime, now: Callable[[], dt.datetime]) -> RunReport | None:
    """Learn when there is no model that may answer, or the latest is a week old; None when there is nothing to do.

    Not while a night runs, which needs the machine, nor before the first one, which the shop waits for.
    """
    as_of = moment.astimezone(ZoneInfo(settings.REORDER.time_zone)).date()
    if not is_learning_due(as_of=as_of, moment=moment):
        return None
    try:
        return run_learning(as_of=as_of, now=now)
    except AlreadyRunning:
        return None


def is_learning_due(*, as_of: dt.date, moment: dt.datetime) -> bool:
    """Whether it is time to learn: see `learn_when_due`."""
    if is_night_running() or queries.find_latest_run(kind="night", state="succeeded") is None:
        return False
    latest = queries.find_latest_run(kind=KIND)
    if latest and latest.state == "running":
        return True
    if latest and latest.state == "failed" and moment - latest.started_at < RETRY_AFTER:
        return False
    known = load_learned(as_of=as_of)
    if known.kind == "repurchase" and known.learned:
        return (as_of - known.learned.as_of).days >= EVERY_DAYS
    return orders.first_and_last_order_date() is not None
