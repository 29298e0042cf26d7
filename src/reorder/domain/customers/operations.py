"""Writes of customers."""

import datetime as dt
from dataclasses import dataclass

from reorder.domain.customers.errors import BadNote, CustomerErased, CustomerMerged, UnknownCustomer, UnknownNote
from reorder.domain.customers.models import Customer, Note
from reorder.domain.storage import run_sql, share_transaction_lock

NOTE_LENGTH = 2000
# Held alone by a merge, together by those who write facts about customers.
MERGE_LOCK = "customers.merge"
# The same words by the same person within this time are one click too many.
_SAME_NOTE = dt.timedelta(minutes=5)

_ADD = """
INSERT INTO customers_customer (key, name, language, country, postcode)
SELECT key, coalesce(name, ''), left(coalesce(language, ''), 8), left(coalesce(country, ''), 2), coalesce(postcode, '')
FROM staged_customer AS staged
WHERE NOT EXISTS (SELECT FROM customers_customer AS known WHERE known.key = staged.key)
ORDER BY key ON CONFLICT (key) DO NOTHING
"""

# An erased person stays erased: an old file must not bring the name back. The key of a merged record stands for the one
# that was kept.
_COMPLETE = """
UPDATE customers_customer AS known
SET name = coalesce(nullif(known.name, ''), staged.name, ''),
    language = coalesce(nullif(known.language, ''), left(staged.language, 8), ''),
    country = coalesce(nullif(known.country, ''), left(staged.country, 2), ''),
    postcode = coalesce(nullif(known.postcode, ''), staged.postcode, '')
FROM staged_customer AS staged JOIN customers_customer AS named ON named.key = staged.key
WHERE known.id = coalesce(named.merged_into_id, named.id) AND known.erased_at IS NULL AND (
    (known.name = '' AND staged.name <> '') OR (known.language = '' AND staged.language <> '')
    OR (known.country = '' AND staged.country <> '') OR (known.postcode = '' AND staged.postcode <> ''))
"""


@dataclass(frozen=True, slots=True)
class TakenCustomers:
    """How many customers were new, and how many got a fact that was missing."""

    added_count: int
    completed_count: int


def take_customers() -> TakenCustomers:
    """Add unknown customers of the temporary table `staged_customer` and fill empty facts of known ones.

    The table has key, name, language, country, postcode, each key once; what is known is never overwritten. No records
    are merged from here to the end of the transaction.
    """
    hold_merges_off()
    completed = run_sql(statement=_COMPLETE)
    added = run_sql(statement=_ADD)
    return TakenCustomers(added_count=added, completed_count=completed)


def hold_merges_off() -> None:
    """Until the open transaction ends no two records of one person are merged; waits for a merge that is under way.

    For whoever looks up a customer and then writes facts about them: the facts of a record that is merged in between
    would be left behind.
    """
    share_transaction_lock(name=MERGE_LOCK)


def lock_customer(*, customer_id: int) -> str:
    """Hold one customer until the transaction ends; returns the key.

    Raises UnknownCustomer, CustomerErased, CustomerMerged.
    """
    row = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if row is None:
        raise UnknownCustomer(customer_id=customer_id)
    if row.erased_at is not None:
        raise CustomerErased
    if row.merged_into_id is not None:
        raise CustomerMerged(kept_key=Customer.objects.get(pk=row.merged_into_id).key)
    return row.key


def add_note(*, customer_id: int, text: str, author: str, moment: dt.datetime) -> int | None:
    """Note something about a customer whom the caller has locked; returns the note's id.

    None when the author has just noted the very same: a form sent twice. Raises BadNote.
    """
    cleaned = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not cleaned:
        raise BadNote(reason="it is empty")
    if len(cleaned) > NOTE_LENGTH:
        raise BadNote(reason="it is longer than 2,000 characters")
    same = Note.objects.filter(customer_id=customer_id, author=author, text=cleaned, removed_at__isnull=True)
    if same.filter(written_at__gt=moment - _SAME_NOTE).exists():
        return None
    return Note.objects.create(customer_id=customer_id, author=author, text=cleaned, written_at=moment).pk


def remove_note(*, customer_id: int, note_id: int, author: str, moment: dt.datetime) -> None:
    """Take back one's own note; raises UnknownNote for another's, or one that is gone."""
    own = Note.objects.filter(pk=note_id, customer_id=customer_id, author=author, removed_at__isnull=True)
    if not own.update(removed_at=moment):
        raise UnknownNote(note_id=note_id)
