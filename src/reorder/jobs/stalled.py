"""Taking over the jobs of workers that died; every task is safe to run twice."""

import logging

from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from psycopg.errors import RaiseException

log = logging.getLogger(__name__)


async def take_over_stalled(*, manager: JobManager, timeout_seconds: float) -> int:
    """Let the jobs of workers not heard of for `timeout_seconds` run again; returns their number."""
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=timeout_seconds))
    for job in stalled:
        log.warning("job %s (%s) lost its worker; it runs again", job.id, job.task_name)
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            # Its next one waits already, behind the lock that only the dead one's end can open.
            await manager.finish_job(job=job, status=Status.FAILED, delete_job=True)
        except ConnectorException as cause:
            if not isinstance(cause.__cause__, RaiseException):
                raise
            # Another worker took it over a moment ago.
    return len(stalled)
