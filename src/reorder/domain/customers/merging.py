"""Merging two records of one person: one is kept, the other's key goes on standing for it. Cannot be undone."""

import datetime as dt

from reorder.domain.customers.errors import SameCustomer
from reorder.domain.customers.models import Customer, Note
from reorder.domain.customers.operations import MERGE_LOCK, lock_customer
from reorder.domain.storage import run_sql, take_transaction_lock_within

# An import that writes for minutes must not hold a person at a page for minutes.
WAIT_SECONDS = 5
_FILL_GAPS = """
UPDATE customers_customer AS kept
SET name = coalesce(nullif(kept.name, ''), gone.name), language = coalesce(nullif(kept.language, ''), gone.language),
    time_zone = coalesce(nullif(kept.time_zone, ''), gone.time_zone),
    country = coalesce(nullif(kept.country, ''), gone.country),
    postcode = coalesce(nullif(kept.postcode, ''), gone.postcode), birthday = coalesce(kept.birthday, gone.birthday),
    created_at = least(kept.created_at, gone.created_at)
FROM customers_customer AS gone WHERE kept.id = %(keep)s AND gone.id = %(absorb)s
"""
# Its key alone stays: what comes under it later belongs to the record that was kept.
_MARK_MERGED = """
UPDATE customers_customer
SET merged_into_id = %(keep)s, merged_at = %(moment)s, name = '', language = '', time_zone = '', country = '',
    postcode = '', birthday = NULL
WHERE id = %(absorb)s
"""


def lock_for_merging(*, keep_id: int, absorb_id: int) -> tuple[str, str]:
    """Hold both records until the transaction ends, and every other merge off; returns their keys.

    The lower id is locked first, so that two merges of the same records wait for each other. Raises SameCustomer,
    UnknownCustomer, CustomerErased, CustomerMerged, and AlreadyRunning when facts of customers are being written for
    longer than anybody waits.
    """
    if keep_id == absorb_id:
        raise SameCustomer
    take_transaction_lock_within(name=MERGE_LOCK, seconds=WAIT_SECONDS, what="An import of customers")
    keys = {customer_id: lock_customer(customer_id=customer_id) for customer_id in sorted((keep_id, absorb_id))}
    return keys[keep_id], keys[absorb_id]


def absorb_record(*, keep_id: int, absorb_id: int, moment: dt.datetime) -> int:
    """Let one locked record stand for the other from now on; notes go along, gaps of the kept facts are filled.

    Records that were merged into the absorbed one before follow it. Returns how many notes moved.
    """
    notes = Note.objects.filter(customer_id=absorb_id).update(customer_id=keep_id)
    run_sql(statement=_FILL_GAPS, parameters={"keep": keep_id, "absorb": absorb_id})
    Customer.objects.filter(merged_into_id=absorb_id).update(merged_into_id=keep_id)
    run_sql(statement=_MARK_MERGED, parameters={"keep": keep_id, "absorb": absorb_id, "moment": moment})
    return notes
