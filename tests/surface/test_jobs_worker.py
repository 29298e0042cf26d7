"""The worker: what it runs, and what becomes of the jobs of one that died. The queue is the real one."""

import asyncio
import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.manager import JobManager

from reorder.domain.planning import queries as planning
from reorder.domain.storage.reading import _uri
from reorder.insights.health import examine
from reorder.jobs.stalled import take_over_stalled
from reorder.kernel import clock
from reorder.kernel.jobs import JobName, defer_job

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = "now() - interval '10 minutes'"


@pytest.fixture(autouse=True)
def empty_queue() -> Iterator[None]:
    # The queue's tables are not Django's to empty: jobs of other tests' facts wait there.
    _empty_queue()
    yield
    _empty_queue()


def _empty_queue() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")


def work_once(*, home: Path) -> None:
    """The real worker as a process of its own, at 02:30 in Taipei, until no job waits."""
    environment = {
        "PATH": os.environ["PATH"],
        "REORDER_HOME": str(home),
        "REORDER_DATABASE_URL": _uri(),
        "REORDER_CLOCK": "2026-11-22T18:30:05+00:00",
    }
    command = [Path(sys.executable).with_name("reorder"), "work", "--once"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def ask(query: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall()) if cursor.description else []


def leave_behind(name: JobName, *, lock: str, heard_of: str = LONG_AGO) -> int:
    """A job in the hands of a worker that was last heard of at a moment."""
    job_id = app.configure_task(name=name.value, lock=lock, queueing_lock=lock).defer()
    ((worker_id,),) = ask(f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES ({heard_of}) RETURNING id")
    ask(f"UPDATE procrastinate_jobs SET status = 'doing', worker_id = {worker_id} WHERE id = {job_id} RETURNING id")
    return job_id


def take_over() -> int:
    async def work() -> int:
        worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        async with worker_app.open_async():
            manager: JobManager = worker_app.job_manager
            return await take_over_stalled(manager=manager, timeout_seconds=30)

    return asyncio.run(work())


def states() -> list[tuple[object, ...]]:
    return ask("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id")


def test_a_job_of_a_dead_worker_waits_again() -> None:
    leave_behind(JobName.SEND_OUTBOX, lock="outbox")

    assert take_over() == 1

    assert states() == [("send_outbox", "todo")]


def test_a_job_of_a_living_worker_is_left_alone() -> None:
    leave_behind(JobName.SEND_OUTBOX, lock="outbox", heard_of="now()")

    assert take_over() == 0

    assert states() == [("send_outbox", "doing")]


def test_a_dead_job_whose_next_one_waits_already_makes_way_for_it() -> None:
    leave_behind(JobName.RUN_NIGHT, lock="night")
    defer_job(name=JobName.RUN_NIGHT, once_key="night")
    assert states() == [("run_night", "doing"), ("run_night", "todo")]

    take_over()

    assert states() == [("run_night", "todo")]


def test_the_next_worker_starts_with_what_a_dead_one_left(tmp_path: Path) -> None:
    leave_behind(JobName.RUN_NIGHT, lock="night")
    defer_job(name=JobName.RUN_NIGHT, once_key="night")

    work_once(home=tmp_path)

    assert ("run_night", "doing") not in states()
    run = planning.find_latest_run(kind="night")
    assert run is not None
    assert (run.state, run.as_of_date) == ("succeeded", dt.date(2026, 11, 23))


def test_a_job_is_remembered_with_the_fact_that_caused_it() -> None:
    with transaction.atomic():
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
        transaction.set_rollback(True)
    assert states() == []

    with transaction.atomic():
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
    assert states() == [("send_outbox", "todo")]


def test_a_job_that_succeeded_leaves_no_row_and_one_that_failed_is_kept_for_a_look(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE planning_run RENAME TO planning_run_gone")
    try:
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
        defer_job(name=JobName.RUN_NIGHT, once_key="night")
        work_once(home=tmp_path)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE planning_run_gone RENAME TO planning_run")

    kept = set(states())
    assert ("run_night", "failed") in kept
    assert ("send_outbox", "succeeded") not in kept


def worker_check() -> tuple[bool, str]:
    check = next(check for check in examine(moment=clock.current_moment()) if check.name == "worker")
    return check.is_well, check.found


def test_the_doctor_hears_of_jobs_that_nobody_does() -> None:
    defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
    assert worker_check() == (True, "0 at work, 0 jobs late, 0 failed in the last hour")

    ask("UPDATE procrastinate_events SET at = now() - interval '20 minutes' RETURNING 1")

    assert worker_check() == (False, "0 at work, 1 jobs late, 0 failed in the last hour")
