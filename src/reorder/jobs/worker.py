"""The worker process: runs jobs until told to stop."""

import asyncio
import importlib

from procrastinate.contrib.django import app


def run_worker(*, until_empty: bool, concurrency: int = 2) -> None:
    """Run jobs; with `until_empty` end when none waits, else run until SIGINT or SIGTERM.

    Jobs that a killed worker left behind are taken over at the start, before anything new.
    """
    importlib.import_module("reorder.jobs.tasks")
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]

    async def work() -> None:
        async with worker_app.open_async():
            manager = worker_app.job_manager
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=30):
                await manager.retry_job(job)
            await worker_app.run_worker_async(wait=not until_empty, concurrency=concurrency)

    asyncio.run(work())
