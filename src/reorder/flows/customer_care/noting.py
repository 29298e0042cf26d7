"""Notes about a customer; the audit trail says that there was one, never what it says."""

import datetime as dt

from reorder.domain.customers import operations
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction


def note_customer(*, customer_id: int, text: str, decided_by: str, moment: dt.datetime) -> bool:
    """Write a note down; False when the same person has just written the very same.

    Raises UnknownCustomer, CustomerErased, BadNote.
    """
    with one_transaction():
        operations.lock_customer(customer_id=customer_id)
        note_id = operations.add_note(customer_id=customer_id, text=text, author=decided_by, moment=moment)
        if note_id is None:
            return False
        record_audit(
            actor=decided_by,
            action="customers.note",
            subject_kind="customer",
            subject_key=str(customer_id),
            details={"note": note_id},
        )
    return True


def take_back_note(*, customer_id: int, note_id: int, decided_by: str, moment: dt.datetime) -> None:
    """Remove one's own note from sight. Raises UnknownCustomer, CustomerErased, UnknownNote."""
    with one_transaction():
        operations.lock_customer(customer_id=customer_id)
        operations.remove_note(customer_id=customer_id, note_id=note_id, author=decided_by, moment=moment)
        record_audit(
            actor=decided_by,
            action="customers.take_back_note",
            subject_kind="customer",
            subject_key=str(customer_id),
            details={"note": note_id},
        )
