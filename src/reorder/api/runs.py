"""Runs: what the nights did, step by step, and starting one now."""

import datetime as dt
from typing import Any, Literal

from django.conf import settings
from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, Given, Id, IdempotencyKey, Key, Limit
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.planning.queries import RunRow, StepRow
from reorder.domain.staff.rules import Ability
from reorder.flows import nightly
from reorder.insights import api_runs
from reorder.kernel import clock

router = Router(tags=["runs"])
_LIST = "runs"
State = Literal["running", "succeeded", "failed"]


class RunSummary(Schema):
    """One run."""

    id: int
    kind: str
    as_of_date: dt.date
    state: State
    started_at: dt.datetime
    finished_at: dt.datetime | None
    error: str


class RunStep(Schema):
    """One step of a run."""

    name: str
    state: State
    attempts: int
    started_at: dt.datetime
    finished_at: dt.datetime | None
    rows_read: int
    rows_written: int
    details: dict[str, Any] = Field(description="Figures of the step; what they are differs from step to step.")
    error: str


class Run(RunSummary):
    """One run with its steps in their order."""

    steps: list[RunStep]


class RunPage(Schema):
    """A page of runs, the newest first."""

    items: list[RunSummary]
    next_cursor: str | None


class RunBody(Given):
    """What to run."""

    kind: Literal["night"] = "night"


class AskedRun(Schema):
    """A run that a worker starts in a moment; it appears in the list of runs then."""

    kind: Literal["night"]
    as_of_date: dt.date


class RunFilter(Schema):
    """What to list."""

    kind: Key | None = None


@reads(router, "/runs", ability=Ability.VIEW_RUNS, answer=RunPage, summary="List runs, the newest first")
def list_runs(request: ApiRequest, wanted: Query[RunFilter], limit: Limit = 50, cursor: Cursor = None) -> RunPage:
    before = decode_cursor(of=_LIST, text=cursor, kinds=(int,))
    rows = api_runs.list_runs(limit=limit + 1, before=before[0] if before else None, kind=wanted.kind)
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.id,)) if last else None
    return RunPage(items=[RunSummary.model_validate(_facts(row)) for row in shown], next_cursor=following)


@reads(router, "/runs/{int:run_id}", ability=Ability.VIEW_RUNS, answer=Run, summary="Show one run with its steps")
def get_run(request: ApiRequest, run_id: Id) -> Run:
    run, steps = api_runs.get_run(run_id=run_id)
    return Run.model_validate(_facts(run) | {"steps": [_step(step) for step in steps]})


@writes(
    router,
    "/runs",
    ability=Ability.START_RUNS,
    answers={202: AskedRun},
    summary="Let a worker run tonight's night now",
)
def post_run(request: ApiRequest, idempotency_key: IdempotencyKey, body: RunBody) -> Written:
    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    nightly.ask_for_night(as_of=today, moment=clock.current_moment(), decided_by=request.auth.name)
    return Written(status=202, body=AskedRun(kind=body.kind, as_of_date=today))


def _facts(run: RunRow) -> dict[str, Any]:
    return {name: getattr(run, name) for name in RunSummary.model_fields}


def _step(step: StepRow) -> RunStep:
    facts = {name: getattr(step, name) for name in RunStep.model_fields if hasattr(step, name)}
    return RunStep.model_validate(facts | {"attempts": step.attempts_count})
