"""Running a night: one at a time, steps in order, each recorded; a night that died goes on where it stopped."""

import datetime as dt
from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from croniter import croniter
from django.conf import settings

from reorder.domain.planning import operations, queries
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import AlreadyRunning, holding_advisory_lock, is_advisory_lock_held, one_transaction
from reorder.flows.nightly.steps import STEPS, Night
from reorder.flows.stepping import RunReport, Step, report_latest_run, take_steps
from reorder.kernel.jobs import JobName, defer_job

KIND = "night"
_LOCK = "reorder.night"


NightReport = RunReport


def run_night(
    *,
    as_of: dt.date,
    now: Callable[[], dt.datetime],
    told: Callable[[str, int, int], None] = lambda name, done, total: None,
    steps: Iterable[Step[Night]] = STEPS,
) -> NightReport:
    """Take everything from import to decision for the day `as_of`; facts before that day count.

    Customers are judged by all that is known: of a present day also by what was bought on it already. A run of the same
    day that was interrupted or failed is resumed after its last finished step. `now` is asked for the recorded moments
    only; `told(step, done, total)` hears of progress. Raises AlreadyRunning when another process runs a night,
    RunFailed (with the cause recorded) when a step fails.
    """
    with holding_advisory_lock(name=_LOCK, what="The night"):
        moment = now()
        run = operations.open_run(kind=KIND, as_of_date=as_of, moment=moment)
        today = moment.astimezone(ZoneInfo(settings.REORDER.time_zone)).date()
        night = Night(run_id=run.id, as_of=as_of, moment=moment, today=today)
        take_steps(run_id=run.id, context=night, steps=list(steps), now=now, told=told)
    return report_latest_run(kind=KIND)


def ask_for_night(*, as_of: dt.date, decided_by: str, moment: dt.datetime) -> None:
    """Let a job run the night of this day now: resume one that stopped, or do one that is done once more.

    However often it is asked for, one job waits. Raises AlreadyRunning while a night runs.
    """
    if is_night_running():
        raise AlreadyRunning(what="The night")
    with one_transaction():
        record_audit(actor=decided_by, action="runs.start", subject_kind=KIND, subject_key=as_of.isoformat())
        defer_job(
            name=JobName.START_NIGHT,
            arguments={"as_of": as_of.isoformat(), "asked_at": moment.isoformat()},
            once_key="start-night",
        )


def is_night_running() -> bool:
    """Whether some process runs a night at this moment."""
    return is_advisory_lock_held(name=_LOCK)


def run_asked_night(*, as_of: dt.date, asked_at: dt.datetime, now: Callable[[], dt.datetime]) -> NightReport | None:
    """The job behind `ask_for_night`; None when a night has succeeded since, or another process is at it."""
    latest = queries.find_latest_run(kind=KIND)
    if latest and latest.state == "succeeded" and latest.finished_at and latest.finished_at >= asked_at:
        return None
    try:
        return run_night(as_of=as_of, now=now)
    except AlreadyRunning:
        return None


def run_night_when_due(*, moment: dt.datetime, now: Callable[[], dt.datetime]) -> NightReport | None:
    """Run tonight's night if its hour (`REORDER_NIGHT_CRON`, shop time) has come and it has not succeeded yet.

    A night missed while nothing ran is made up for as soon as something runs; another day planned by hand, past or
    future, is no night. None when there is nothing to do, or another process is doing it already.
    """
    zone = ZoneInfo(settings.REORDER.time_zone)
    local = moment.astimezone(zone)
    # A second later, because the hour itself is not yet before itself.
    due = croniter(settings.REORDER.night_cron, local + dt.timedelta(seconds=1)).get_prev(dt.datetime)
    last = queries.find_latest_run(kind=KIND, state="succeeded")
    if last and last.started_at >= due and due.date() <= last.as_of_date <= local.date():
        return None
    try:
        return run_night(as_of=local.date(), now=now)
    except AlreadyRunning:
        return None
