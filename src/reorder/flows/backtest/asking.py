"""The job behind the page's button and the month: it tells what kept it from looking back."""

import datetime as dt
from collections.abc import Callable

from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import AlreadyRunning, one_transaction
from reorder.engine.repurchase import TooLittleHistory
from reorder.flows.backtest.running import (
    DEFAULT_CUTS,
    DEFAULT_HORIZON_DAYS,
    BacktestReport,
    is_backtest_running,
    run_backtest,
)
from reorder.insights import quality_progress as progress
from reorder.kernel.jobs import JobName, defer_job


def ask_for_backtest(
    *, decided_by: str, cuts_count: int = DEFAULT_CUTS, horizon_days: int = DEFAULT_HORIZON_DAYS
) -> None:
    """Let a job look back at earlier predictions now; however often it is asked for, one job waits.

    Raises AlreadyRunning while one runs.
    """
    if is_backtest_running():
        raise AlreadyRunning(what="The look back at predictions")
    with one_transaction():
        record_audit(actor=decided_by, action="backtest.start", subject_kind="backtest", subject_key=str(horizon_days))
        defer_job(
            name=JobName.RUN_BACKTEST,
            arguments={"cuts_count": cuts_count, "horizon_days": horizon_days},
            once_key="backtest",
        )


def run_backtest_job(
    *, as_of: dt.date, now: Callable[[], dt.datetime], cuts_count: int | None, horizon_days: int | None
) -> BacktestReport | None:
    """The job: look back, and note what was lacking; None when another process is at it, or there is too little."""
    progress.forget_fault()
    try:
        return run_backtest(
            as_of=as_of,
            now=now,
            cuts_count=cuts_count or DEFAULT_CUTS,
            horizon_days=horizon_days or DEFAULT_HORIZON_DAYS,
        )
    except AlreadyRunning:
        return None
    except TooLittleHistory as fault:
        progress.note_fault(fault=fault)
        return None
    except Exception as cause:
        # Whatever it was, the page must say so; the cause goes on to the worker's log.
        progress.note_fault(fault=progress.BacktestFailed(error=f"{type(cause).__name__}: {cause}"[:300]))
        raise
