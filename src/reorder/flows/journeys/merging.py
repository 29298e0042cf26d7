"""What becomes of the ways of a record that is merged into another one of the same person."""

import datetime as dt

from reorder.domain.marketing.journeys import due
from reorder.flows.journeys.switching import leave_all
from reorder.flows.repeat_cycle.deciding import cycle_key


def merge_journeys(*, keep_id: int, absorb_id: int, moment: dt.datetime) -> int:
    """The absorbed record leaves every journey, and purchase cycles that were handed over count for the kept one.

    Part of the caller's transaction; returns how many ways ended. What is still true of the person begins anew with the
    next fact.
    """
    due.merge_cycles(
        keep_id=keep_id,
        absorb_id=absorb_id,
        key_of=lambda subject, bought: cycle_key(customer_id=keep_id, subject_key=subject, last_bought_date=bought),
    )
    return leave_all(customer_id=absorb_id, code="merged", moment=moment)
