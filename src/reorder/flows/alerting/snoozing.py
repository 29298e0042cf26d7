"""People put alerts off, and take them back; each is audited."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from reorder.domain.planning import alerting
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.insights.alerts import forget_known


def snooze(*, ids: Sequence[int], until: dt.datetime, note: str, decided_by: str, moment: dt.datetime) -> list[int]:
    """Put open alerts off until a moment; they come back then, or at once when they get worse.

    Returns those that were open. Raises BadSnooze.
    """
    with one_transaction():
        done = alerting.snooze_alerts(ids=ids, until=until, note=note, by=decided_by, moment=moment)
        if done:
            _audit(action="alerts.snooze", ids=done, by=decided_by, details={"until": until.isoformat(), "note": note})
        transaction.on_commit(forget_known)
    return done


def wake(*, ids: Sequence[int], decided_by: str) -> list[int]:
    """Take alerts out of their snooze; returns those that were in one."""
    with one_transaction():
        done = alerting.wake_alerts(ids=ids)
        if done:
            _audit(action="alerts.wake", ids=done, by=decided_by, details={})
        transaction.on_commit(forget_known)
    return done


def _audit(*, action: str, ids: Sequence[int], by: str, details: dict[str, object]) -> None:
    key = str(ids[0]) if len(ids) == 1 else f"{len(ids)} alerts"
    record_audit(
        actor=by, action=action, subject_kind="alert", subject_key=key, details=details | {"ids": list(ids)[:100]}
    )
