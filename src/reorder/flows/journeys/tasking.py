"""Tasks that journeys gave to people, done by somebody."""

import datetime as dt

from reorder.domain.marketing.journeys import tasks
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction


def finish_task(*, task_id: int, done_by: str, moment: dt.datetime) -> None:
    """A task is done, and who did it is remembered; raises UnknownTask."""
    with one_transaction():
        tasks.finish_task(task_id=task_id, done_by=done_by, moment=moment)
        record_audit(
            actor=done_by, action="journeys.finish_task", subject_kind="journey_task", subject_key=str(task_id)
        )
