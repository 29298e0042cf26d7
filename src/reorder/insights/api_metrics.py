"""What a watcher asks the database for: queue, nights, outbox, marks, size; cheap however large the shop is."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache

from reorder.insights.reading import read_rows

# The ledger is compared by a job, because it takes longer the more moves there are; its last word is kept here.
LEDGER_WORD: Final = "ledger_differences"
_LEDGER_KEPT_SECONDS: Final = 4 * 3600
_JOBS: Final = """
SELECT job.status::text, count(*) AS jobs,
       greatest(coalesce(max(extract(epoch FROM %(moment)s - greatest(job.scheduled_at, deferred.at))), 0), 0)::float8
           AS late_seconds
FROM procrastinate_jobs AS job
LEFT JOIN procrastinate_events AS deferred ON deferred.job_id = job.id AND deferred.type = 'deferred'
WHERE job.status IN ('todo', 'doing', 'failed') GROUP BY job.status
"""
_WORKERS: Final = """
SELECT count(*) AS workers FROM procrastinate_workers
WHERE last_heartbeat > %(moment)s - %(timeout)s * interval '1 second'
"""
_NIGHTS: Final = """
SELECT (SELECT extract(epoch FROM %(moment)s - started_at)::float8 FROM planning_run
        WHERE kind = 'night' AND state = 'succeeded' ORDER BY id DESC LIMIT 1) AS age_seconds,
       (SELECT state FROM planning_run WHERE kind = 'night' ORDER BY id DESC LIMIT 1) AS state
"""
_OUTBOX: Final = """
SELECT state, count(*) AS messages FROM messaging_outboxmessage
WHERE state = 'planned' OR state = 'sending' OR state = 'unknown' GROUP BY state
"""
_REST: Final = """
SELECT pg_database_size(current_database()) AS database_bytes,
       (SELECT count(*) FROM planning_dirtymark) AS dirty_marks,
       (SELECT count(*) FROM purchasing_proposal WHERE state = 'open') AS open_proposals,
       (SELECT count(*) FROM staff_storedanswer) AS stored_answers
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """The state of the installation at one moment; None where nothing is known yet."""

    jobs: Mapping[str, int]
    late_job_seconds: float
    workers: int
    night_age_seconds: float | None
    night_state: str | None
    outbox: Mapping[str, int]
    database_bytes: int
    dirty_marks: int
    open_proposals: int
    stored_answers: int
    ledger_differences: int | None
    ledger_checked_at: float | None


@dataclass(frozen=True, slots=True)
class LedgerWord:
    """How many levels differed from the ledger, and when they were compared (seconds of the epoch)."""

    count: int
    checked_at: float


def read_gauges(*, moment: dt.datetime) -> Gauges:
    """Everything at once."""
    jobs = read_rows(statement=_JOBS, parameters={"moment": moment})
    timeout = settings.REORDER.worker_timeout_seconds
    workers = read_rows(statement=_WORKERS, parameters={"moment": moment, "timeout": timeout})[0]["workers"]
    night = read_rows(statement=_NIGHTS, parameters={"moment": moment})[0]
    outbox = read_rows(statement=_OUTBOX, parameters={})
    ledger = find_ledger_word()
    waiting = [row["late_seconds"] for row in jobs if row["status"] == "todo"]
    return Gauges(
        jobs={"todo": 0, "doing": 0, "failed": 0} | {row["status"]: row["jobs"] for row in jobs},
        late_job_seconds=max(waiting, default=0.0),
        workers=workers,
        night_age_seconds=night["age_seconds"],
        night_state=night["state"],
        outbox={"planned": 0, "sending": 0, "unknown": 0} | {row["state"]: row["messages"] for row in outbox},
        ledger_differences=ledger.count if ledger else None,
        ledger_checked_at=ledger.checked_at if ledger else None,
        **read_rows(statement=_REST, parameters={})[0],
    )


def note_ledger(*, count: int, moment: dt.datetime) -> None:
    """Remember what the last comparison of ledger and levels found."""
    cache.set(LEDGER_WORD, {"count": count, "checked_at": moment.timestamp()}, _LEDGER_KEPT_SECONDS)


def find_ledger_word() -> LedgerWord | None:
    """What the last comparison found; None when there was none lately."""
    known: dict[str, Any] | None = cache.get(LEDGER_WORD)
    return LedgerWord(**known) if known else None
