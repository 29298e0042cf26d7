"""Requests as staff take and refuse them; answering one is exporting or erasing."""

import datetime as dt

from django.conf import settings

from reorder.domain.customers import privacy
from reorder.domain.customers.operations import lock_customer
from reorder.domain.customers.queries import find_kept_ids
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.privacy.errors import NoReasonGiven
from reorder.flows.privacy.pressing import tell_pressing
from reorder.kernel.clock import date_at


def take_request(*, kind: str, customer_id: int, how_known: str, decided_by: str, moment: dt.datetime) -> int:
    """Write down what a person asked for, to be answered within its days; the open one where there is one.

    Raises UnknownCustomer, CustomerErased.
    """
    with one_transaction():
        kept_id = find_kept_ids(ids=[customer_id]).get(customer_id, customer_id)
        lock_customer(customer_id=kept_id)
        request_id = privacy.open_request(
            kind=kind,
            customer_id=kept_id,
            asked_by=decided_by,
            how_known=how_known,
            moment=moment,
            today=date_at(moment=moment, time_zone=settings.REORDER.time_zone),
        )
        record_audit(actor=decided_by, action="privacy.take_request", subject_kind="customer", subject_key=str(kept_id))
    return request_id


def refuse_request(*, request_id: int, answer: str, decided_by: str, moment: dt.datetime) -> None:
    """Refuse a request, with the reason that the person is told.

    Raises NoReasonGiven, NoSuchPrivacyRequest, PrivacyRequestOver.
    """
    if not answer.strip():
        raise NoReasonGiven
    with one_transaction():
        privacy.close_request(request_id=request_id, state="refused", done_by=decided_by, moment=moment, answer=answer)
        record_audit(
            actor=decided_by,
            action="privacy.refuse_request",
            subject_kind="privacy request",
            subject_key=str(request_id),
        )
    tell_pressing(moment=moment)
