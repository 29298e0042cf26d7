"""Laying down how much marketing one person gets."""

import datetime as dt

from reorder.domain.marketing.limits import Limits, record_limits
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction


def lay_down_limits(*, limits: Limits, decided_by: str, moment: dt.datetime) -> None:
    """New limits from now on; messages that are planned are looked at again before they leave. Raises BadLimits."""
    with one_transaction():
        record_limits(limits=limits, decided_by=decided_by, moment=moment)
        record_audit(actor=decided_by, action="marketing.limits", subject_kind="marketing", subject_key="limits")
