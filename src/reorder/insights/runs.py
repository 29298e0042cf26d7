"""Runs for people: what the nights did, what is at work now, and whether a worker is there to do it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from reorder.domain.planning import run_pages
from reorder.domain.planning.queries import RunRow, StepRow, list_steps
from reorder.domain.staff.queries import AuditRow, list_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.kernel.jobs import JobName

# The steps of a night in their order, so that a night under way shows what is still to come.
NIGHT_STEPS = (
    "import_files",
    "count_statistics",
    "value_customers",
    "predict_due_dates",
    "forecast_demand",
    "build_demand_plan",
    "set_stock_targets",
    "propose_purchases",
    "plan_reminders",
    "measure_effects",
    "note_facts",
    "recommend",
    "make_reports",
    "raise_alerts",
    "check_ledger",
)


@dataclass(frozen=True, slots=True)
class WorkState:
    """Who works: workers heard of lately, and jobs of one name that wait or run."""

    workers_count: int
    waiting_count: int
    running_count: int

    @property
    def is_alive(self) -> bool:
        """Whether somebody would take up a job."""
        return self.workers_count > 0


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a run beside the same step of the run before; `state` is `waiting` for one still to come."""

    name: str
    state: str
    attempts_count: int
    started_at: dt.datetime | None
    seconds: float | None
    seconds_before: float | None
    rows_read: int
    rows_written: int
    details: Mapping[str, Any]
    error: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run with its steps and who asked for it (empty: it came by itself or from the terminal)."""

    run: RunRow
    steps: Sequence[StepView]
    previous: RunRow | None
    asked: Sequence[AuditRow]
    is_latest: bool

    @property
    def done_count(self) -> int:
        """Steps that are over."""
        return sum(1 for step in self.steps if step.state == "succeeded")

    @property
    def steps_count(self) -> int:
        """Steps that the run has, those to come included."""
        return len(self.steps)

    @property
    def refused_files(self) -> Sequence[str]:
        """What the night's import said about files that it could not take."""
        return [str(error) for step in self.steps for error in step.details.get("failed", [])]


def find_work_state(*, job: JobName) -> WorkState:
    """Whether a worker is there, and whether jobs of this name wait for one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT count(*) FROM procrastinate_workers
                       WHERE last_heartbeat > now() - %(timeout)s * interval '1 second'),
                      count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing')
               FROM procrastinate_jobs WHERE task_name = %(job)s AND status IN ('todo', 'doing')""",
            {"timeout": settings.REORDER.worker_timeout_seconds, "job": job.value},
        )
        row = cursor.fetchone() or (0, 0, 0)
    return WorkState(*(int(count) for count in row))


def get_run_page(*, actor: Actor, run_id: int) -> RunPage:
    """One run with its steps; raises UnknownRun."""
    actor.require(Ability.VIEW_RUNS)
    run = run_pages.get_run(run_id=run_id)
    previous = run_pages.find_run_before(run=run)
    latest = run_pages.list_run_page(before_id=None, limit=1)
    before = {step.name: step for step in list_steps(run_id=previous.id)} if previous else {}
    return RunPage(
        run=run,
        steps=_steps(run, list_steps(run_id=run.id), before),
        previous=previous,
        asked=_asked(run),
        is_latest=bool(latest) and latest[0].id == run.id,
    )


def _asked(run: RunRow) -> list[AuditRow]:
    entries = list_audit(subject_kind=run.kind, subject_key=run.as_of_date.isoformat(), limit=10)
    return [one for one in entries if one.action == "runs.start"]


def _steps(run: RunRow, steps: Sequence[StepRow], before: Mapping[str, StepRow]) -> list[StepView]:
    known = {step.name for step in steps}
    views = [_view(step, before.get(step.name)) for step in steps]
    if run.kind == "night" and run.state != "succeeded":
        views += [
            StepView(name, "waiting", 0, None, None, _seconds(before.get(name)), 0, 0, {}, "")
            for name in NIGHT_STEPS
            if name not in known
        ]
    return views


def _view(step: StepRow, before: StepRow | None) -> StepView:
    return StepView(
        step.name,
        step.state,
        step.attempts_count,
        step.started_at,
        step.seconds,
        _seconds(before),
        step.rows_read,
        step.rows_written,
        step.details,
        step.error,
    )


def _seconds(step: StepRow | None) -> float | None:
    return step.seconds if step else None
