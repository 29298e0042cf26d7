"""Long work as a recorded run of named steps, taken in order; a run that died goes on after its last finished step."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connection

from reorder.domain.planning import operations, queries
from reorder.domain.planning.errors import RunFailed

Context = TypeVar("Context")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did: rows it read and wrote, and figures worth keeping."""

    rows_read: int = 0
    rows_written: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step(Generic[Context]):
    """A named piece of work; it may be taken twice."""

    name: str
    run: Callable[[Context], Done]


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run and its steps as recorded."""

    run: queries.RunRow
    steps: list[queries.StepRow]


def report_latest_run(*, kind: str) -> RunReport:
    """The latest run of a kind."""
    run = queries.get_latest_run(kind=kind)
    return RunReport(run=run, steps=queries.list_steps(run_id=run.id))


def take_steps(
    *,
    run_id: int,
    context: Context,
    steps: Sequence[Step[Context]],
    now: Callable[[], dt.datetime],
    told: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> None:
    """Take the steps of an open run that are not finished yet, and close it.

    `told(step, done, total)` hears of progress. Raises RunFailed, with the cause recorded, when a step fails.
    """
    for ordinal, step in enumerate(steps):
        told(step.name, ordinal, len(steps))
        _take_step(run_id=run_id, context=context, step=step, ordinal=ordinal, now=now)
    operations.close_run(run_id=run_id, moment=now())
    told("", len(steps), len(steps))


def _take_step(
    *, run_id: int, context: Context, step: Step[Context], ordinal: int, now: Callable[[], dt.datetime]
) -> None:
    if not operations.start_step(run_id=run_id, name=step.name, ordinal=ordinal, moment=now()):
        return
    try:
        done = step.run(context)
    except Exception as cause:
        # Whatever it was, the run must say where it stopped; the cause goes on to the caller.
        error = f"{type(cause).__name__}: {cause}"
        _record_failure(run_id=run_id, step=step.name, error=error, moment=now())
        log.exception("run %s failed at %s", run_id, step.name)
        raise RunFailed(run_id=run_id, step=step.name, cause=error) from cause
    operations.finish_step(
        run_id=run_id,
        name=step.name,
        moment=now(),
        rows_read=done.rows_read,
        rows_written=done.rows_written,
        details=done.details,
    )


def _record_failure(*, run_id: int, step: str, error: str, moment: dt.datetime) -> None:
    try:
        operations.fail_step(run_id=run_id, name=step, moment=moment, error=error)
        operations.close_run(run_id=run_id, moment=moment, error=f"{step}: {error}")
    except DatabaseError:
        # The database itself went away: the run stays open in it, and the next one takes it up again.
        connection.close()
