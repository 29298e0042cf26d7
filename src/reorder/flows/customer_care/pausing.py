"""Pausing marketing to one customer: from that moment nothing is planned, and what waits is withdrawn.

The night asks for pauses when it plans, and the sender asks once more when it takes a message: a reminder that was
being planned while somebody paused is stopped there.
"""

import datetime as dt

from django.conf import settings

from reorder.domain.customers import operations as customers
from reorder.domain.messaging import operations
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.kernel.clock import date_at


def pause_marketing(
    *, customer_id: int, reason: str, resumes_date: dt.date | None, decided_by: str, moment: dt.datetime
) -> int:
    """Keep marketing from a customer until a day (the first on which it may go again), or until somebody resumes it.

    Returns how many waiting messages were withdrawn. Raises UnknownCustomer, CustomerErased, BadPause, AlreadyPaused.
    """
    with one_transaction():
        customers.lock_customer(customer_id=customer_id)
        operations.start_pause(
            customer_id=customer_id,
            reason=reason,
            resumes_date=resumes_date,
            paused_by=decided_by,
            moment=moment,
            today=date_at(moment=moment, time_zone=settings.REORDER.time_zone),
        )
        stopped_count = operations.stop_waiting_marketing(
            customer_id=customer_id, outcome_code="outbox.stopped.paused", moment=moment
        )
        record_audit(
            actor=decided_by,
            action="customers.pause_marketing",
            subject_kind="customer",
            subject_key=str(customer_id),
            details={
                "resumes_date": resumes_date.isoformat() if resumes_date else None,
                "stopped_messages": stopped_count,
            },
        )
    return stopped_count


def resume_marketing(*, customer_id: int, decided_by: str, moment: dt.datetime) -> None:
    """Let marketing go to a customer again, from the next night on.

    What the pause withdrew stays withdrawn. Raises UnknownCustomer, CustomerErased, NotPaused.
    """
    with one_transaction():
        customers.lock_customer(customer_id=customer_id)
        operations.end_pause(
            customer_id=customer_id,
            resumed_by=decided_by,
            moment=moment,
            today=date_at(moment=moment, time_zone=settings.REORDER.time_zone),
        )
        record_audit(
            actor=decided_by,
            action="customers.resume_marketing",
            subject_kind="customer",
            subject_key=str(customer_id),
        )
