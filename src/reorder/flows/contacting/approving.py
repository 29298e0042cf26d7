"""What people decide about all messages of a source at once."""

import datetime as dt

from reorder.domain.messaging import tonight
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction

# What goes within so long can be looked at as one evening.
AHEAD = dt.timedelta(hours=24)


def approve_tonight(*, source_kind: str, source_key: str, until_id: int, decided_by: str, moment: dt.datetime) -> int:
    """Let what a source plans for the coming day go, as far as it was seen; returns how many messages."""
    with one_transaction():
        count = tonight.approve_of_source(
            source_kind=source_kind,
            source_key=source_key,
            until=moment + AHEAD,
            until_id=until_id,
            approved_by=decided_by,
            moment=moment,
        )
        _audit("messages.approve_source", source_kind, source_key, decided_by, count)
    return count


def stop_tonight(*, source_kind: str, source_key: str, until_id: int, decided_by: str, moment: dt.datetime) -> int:
    """Withdraw what a source plans for the coming day, as far as it was seen; returns how many messages."""
    with one_transaction():
        count = tonight.stop_of_source(
            source_kind=source_kind, source_key=source_key, until=moment + AHEAD, until_id=until_id, moment=moment
        )
        _audit("messages.stop_source", source_kind, source_key, decided_by, count)
    return count


def _audit(action: str, source_kind: str, source_key: str, decided_by: str, count: int) -> None:
    record_audit(
        actor=decided_by,
        action=action,
        subject_kind="source",
        subject_key=f"{source_kind} {source_key}",
        details={"messages": count},
    )
