"""Erasing a person: everything about them, in every table, in one transaction; what the law wants kept stays unnamed.

The hash of each erased key is written to a list outside the database, so that a restored backup is erased again.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from reorder.domain.customers import privacy
from reorder.domain.customers.merging import WAIT_SECONDS
from reorder.domain.customers.operations import MERGE_LOCK, lock_customer
from reorder.domain.customers.privacy import erased_key
from reorder.domain.customers.queries import find_kept_ids
from reorder.domain.messaging.operations import stop_waiting_marketing
from reorder.domain.messaging.suppressing import list_addresses_of, suppress_addresses
from reorder.domain.orders.of_person import list_unfinished_numbers
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction, take_transaction_lock_within
from reorder.domain.storage.personal import erase_rows
from reorder.flows.privacy.errors import OrdersUnfinished
from reorder.flows.privacy.marks import write_marks
from reorder.flows.privacy.people import gather_person
from reorder.flows.privacy.pressing import tell_pressing
from reorder.flows.privacy.register import PERSONAL_TABLES
from reorder.kernel.clock import date_at


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did: rows by table that were deleted or emptied, addresses that are written to no more."""

    customer_id: int
    request_id: int
    counts: dict[str, int]
    suppressed_count: int


def erase_person(*, customer_id: int, decided_by: str, moment: dt.datetime, how_known: str = "") -> Erasure:
    """Erase a person from every table; cannot be undone. Records merged into this one go with it.

    Args:
        customer_id: any record of the person.
        decided_by: the staff's user name, or a token.
        moment: now, UTC.
        how_known: how the person was recognised; no name, no address.

    Raises UnknownCustomer, CustomerErased, OrdersUnfinished, and AlreadyRunning when facts of customers are being
    written for longer than anybody waits.
    """
    with one_transaction():
        # Whoever writes facts about customers would write them after us.
        take_transaction_lock_within(name=MERGE_LOCK, seconds=WAIT_SECONDS, what="An import of customers")
        kept_id = find_kept_ids(ids=[customer_id]).get(customer_id, customer_id)
        lock_customer(customer_id=kept_id)
        done = _erase(kept_id=kept_id, decided_by=decided_by, moment=moment, how_known=how_known)
    tell_pressing(moment=moment)
    return done


def _erase(*, kept_id: int, decided_by: str, moment: dt.datetime, how_known: str) -> Erasure:
    person = gather_person(customer_id=kept_id)
    unfinished = list_unfinished_numbers(order_ids=person.order_ids, moment=moment)
    if unfinished:
        raise OrdersUnfinished(orders=", ".join(unfinished[:10]))
    today = date_at(moment=moment, time_zone=settings.REORDER.time_zone)
    request_id = privacy.open_request(
        kind="erase", customer_id=kept_id, asked_by=decided_by, how_known=how_known, moment=moment, today=today
    )
    suppressed = suppress_addresses(
        addresses=list_addresses_of(customer_ids=person.customer_ids),
        cause="erased",
        suppressed_by=decided_by,
        moment=moment,
    )
    stop_waiting_marketing(customer_id=kept_id, outcome_code="outbox.stopped.erased", moment=moment)
    counts = erase_rows(tables=PERSONAL_TABLES, person=person)
    privacy.mark_erased(ids=person.customer_ids, moment=moment)
    privacy.close_request(request_id=request_id, state="done", done_by=decided_by, moment=moment, counts=counts)
    record_audit(
        actor=decided_by,
        action="customers.erase",
        subject_kind="customer",
        subject_key=str(kept_id),
        details={"records": len(person.customer_ids), "rows": sum(counts.values())},
    )
    hashes = [erased_key(key=key) for key in person.keys]
    transaction.on_commit(lambda: write_marks(keys=hashes, moment=moment))
    return Erasure(customer_id=kept_id, request_id=request_id, counts=counts, suppressed_count=suppressed)
