"""The log of scans: written once a key, in the transaction of what the scan did; read for replays and by leaders."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reorder.domain.storage import take_transaction_locks
from reorder.domain.warehouse.scan_models import FloorScan


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedScan:
    """A scan as it was sent and what it came to; `sent` and `answer` are JSON."""

    key: str
    actor: str
    user_id: int | None
    device: str
    place_code: str
    work: str
    task: str
    step: str
    code: str
    sent: Mapping[str, Any]
    outcome: str
    answer: Mapping[str, Any]
    scanned_at: dt.datetime


def claim_scan(*, key: str) -> LoggedScan | None:
    """Hold the key until the open transaction ends; the scan that was logged under it before, None when it is new.

    Two handhelds, tabs or replays with one key wait for each other here. Part of the caller's transaction.
    """
    take_transaction_locks(names=[f"floor_scan:{key}"])
    found = FloorScan.objects.filter(key=key).first()
    return _row(found) if found else None


def log_scan(*, scan: LoggedScan) -> None:
    """Write a claimed scan with its answer; part of the caller's transaction."""
    FloorScan.objects.create(
        key=scan.key,
        actor=scan.actor,
        user_id=scan.user_id,
        device=scan.device,
        place_code=scan.place_code,
        work=scan.work,
        task=scan.task,
        step=scan.step,
        code=scan.code,
        sent=dict(scan.sent),
        outcome=scan.outcome,
        answer=dict(scan.answer),
        scanned_at=scan.scanned_at,
    )


def list_scans_of_task(*, work: str, task: str, since: dt.datetime | None = None) -> list[LoggedScan]:
    """Scans of a task in the order in which they were taken; `since` leaves out those recorded before."""
    found = FloorScan.objects.filter(work=work, task=task).order_by("id")
    return [_row(one) for one in (found.filter(recorded_at__gte=since) if since else found)]


def list_latest_scans(*, place_code: str, limit: int = 50) -> list[LoggedScan]:
    """The newest scans at a place, the newest first."""
    return [_row(one) for one in FloorScan.objects.filter(place_code=place_code).order_by("-recorded_at")[:limit]]


def _row(found: FloorScan) -> LoggedScan:
    return LoggedScan(
        key=found.key,
        actor=found.actor,
        user_id=found.user_id,
        device=found.device,
        place_code=found.place_code,
        work=found.work,
        task=found.task,
        step=found.step,
        code=found.code,
        sent=found.sent,
        outcome=found.outcome,
        answer=found.answer,
        scanned_at=found.scanned_at,
    )
