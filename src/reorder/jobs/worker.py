"""The worker process: runs jobs until told to stop.

What is due within seconds (tracked events, memberships of segments, steps of journeys, messages) has a lane of its own
beside the one that takes whatever comes: a night or an import that lasts for minutes then holds none of it up.
"""

import asyncio
import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.signals import on_stop
from procrastinate.worker import Worker

from reorder.jobs.schedule import SWIFT
from reorder.jobs.stalled import take_over_stalled
from reorder.kernel.errors import ReorderError

if TYPE_CHECKING:
    from procrastinate.job_context import JobContext
    from procrastinate.middleware import SyncCallNext

# Failed jobs are kept for a look; those that succeeded go at once, there are thousands a day.
_FAILED_KEPT_HOURS = 30 * 24
_SWIFT_AT_ONCE = 3


class WorkerLostDatabase(ReorderError):
    code = "jobs.worker_lost_database"
    template = "The worker lost the database: {cause}. Nothing is half done; start it again with: reorder work"


def run_worker(*, until_empty: bool, concurrency: int = 2) -> None:
    """Run jobs; with `until_empty` end when none waits, else run until SIGINT or SIGTERM.

    `concurrency`: jobs of any kind at once; three that are due within seconds run beside them.

    Jobs that a killed worker left behind are taken over at the start, before anything new. Raises WorkerLostDatabase.
    """
    importlib.import_module("reorder.jobs.tasks")
    try:
        asyncio.run(_work(until_empty=until_empty, concurrency=concurrency))
    except ConnectorException as cause:
        raise WorkerLostDatabase(cause=cause.__cause__ or cause) from cause


async def _work(*, until_empty: bool, concurrency: int) -> None:
    timeout_seconds = settings.REORDER.worker_timeout_seconds
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with worker_app.open_async():
        manager = worker_app.job_manager
        await take_over_stalled(manager=manager, timeout_seconds=timeout_seconds)
        await manager.delete_old_jobs(nb_hours=_FAILED_KEPT_HOURS, include_failed=True, include_aborted=True)

        def lane(*, queues: list[str] | None, at_once: int) -> Worker:
            return Worker(
                worker_app,
                queues=queues,
                wait=not until_empty,
                concurrency=at_once,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=timeout_seconds / 3,
                stalled_worker_timeout=timeout_seconds,
                task_middleware=[_with_own_connection],
            )

        lanes = [lane(queues=None, at_once=concurrency)]
        if not until_empty:
            lanes.append(lane(queues=[SWIFT], at_once=_SWIFT_AT_ONCE))
        await _run_together(lanes)


async def _run_together(lanes: Sequence[Worker]) -> None:
    """Run lanes until a signal stops them all, or one of them ends or fails: then the others end too."""

    def stop() -> None:
        for one in lanes:
            one.stop()  # type: ignore[no-untyped-call] # of procrastinate

    with on_stop(stop):
        running = [asyncio.create_task(one.run()) for one in lanes]  # type: ignore[no-untyped-call] # of procrastinate
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        stop()
        await asyncio.gather(*running)


def _with_own_connection(call_next: "SyncCallNext", context: "JobContext", worker: Worker) -> Any:
    """Each job opens its connection anew: a broken one, or a lock held on it, must not outlive the job."""
    try:
        return call_next()
    finally:
        connections.close_all()
