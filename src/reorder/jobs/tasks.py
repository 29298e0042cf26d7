"""Tasks behind the job names: one call down each; ids and dates in, safe to run twice."""

import logging

from django.conf import settings
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from reorder.flows import file_import, nightly, outbox, upkeep
from reorder.jobs.schedule import PERIODIC
from reorder.kernel import clock
from reorder.kernel.jobs import JobName

log = logging.getLogger(__name__)
# procrastinate counts retries, not runs: 3 means four runs at most.
_RETRY = RetryStrategy(max_attempts=3, exponential_wait=5)


@app.task(name=JobName.RUN_NIGHT, queueing_lock="night", lock="night", retry=_RETRY)
def run_night(timestamp: int | None = None) -> None:
    nightly.run_night_when_due(moment=clock.current_moment(), now=clock.current_moment)


@app.task(name=JobName.IMPORT_FOLDER, queueing_lock="import", lock="import", retry=_RETRY)
def import_folder() -> None:
    file_import.import_folder(folder=settings.IMPORT_FOLDER)


@app.task(name=JobName.SEND_OUTBOX, queueing_lock="outbox", lock="outbox", retry=_RETRY)
def send_outbox(timestamp: int | None = None) -> None:
    outbox.send_due_messages(moment=clock.current_moment())


@app.task(name=JobName.DRAIN_DIRTY, queueing_lock="drain", lock="drain", retry=_RETRY)
def drain_dirty(timestamp: int | None = None) -> None:
    upkeep.drain_dirty(as_of=clock.current_date(time_zone=settings.REORDER.time_zone))


@app.task(name=JobName.CHECK_LEDGER, queueing_lock="ledger", retry=_RETRY)
def check_ledger(timestamp: int | None = None) -> None:
    upkeep.check_ledger()


@app.task(name=JobName.RETRY_STALLED, queueing_lock="stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int | None = None) -> None:
    """A new worker alone does not take over the jobs of a killed one, so we do; every task is safe to run twice."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=60):
        log.warning("job %s (%s) lost its worker; it runs again", job.id, job.task_name)
        await manager.retry_job(job)


for _entry in PERIODIC:
    app.periodic(cron=_entry.cron, periodic_id=_entry.name.value)(app.tasks[_entry.name.value])
