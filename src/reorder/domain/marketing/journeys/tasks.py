"""Things that journeys ask people to do, each once."""

import datetime as dt
from dataclasses import dataclass

from reorder.domain.marketing.journey_models import JourneyTask
from reorder.domain.marketing.journeys.errors import UnknownTask


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """An open task, and the journey that asked for it."""

    id: int
    customer_id: int
    journey_code: str
    text: str
    asked_at: dt.datetime


def add_task(*, enrolment_id: int, customer_id: int, step_key: str, key: str, text: str, moment: dt.datetime) -> None:
    """Ask for something; the same key again is the same task. Part of the open transaction."""
    JourneyTask.objects.bulk_create(
        [
            JourneyTask(
                enrolment_id=enrolment_id,
                customer_id=customer_id,
                step_key=step_key,
                key=key,
                text=text[:500],
                asked_at=moment,
            )
        ],
        ignore_conflicts=True,
    )


def list_open_tasks(*, limit: int) -> list[TaskRow]:
    """What is still to be done, the oldest first."""
    rows = JourneyTask.objects.filter(done_at__isnull=True).order_by("asked_at", "id")
    values = rows.values_list("id", "customer_id", "enrolment__journey__code", "text", "asked_at")
    return [
        TaskRow(id=row[0], customer_id=row[1], journey_code=row[2], text=row[3], asked_at=row[4])
        for row in values[:limit]
    ]


def finish_task(*, task_id: int, done_by: str, moment: dt.datetime) -> None:
    """It is done; raises UnknownTask when it is not open."""
    open_one = JourneyTask.objects.filter(pk=task_id, done_at__isnull=True)
    if not open_one.update(done_at=moment, done_by=done_by):
        raise UnknownTask(what="open task", key=task_id)
