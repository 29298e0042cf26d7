"""Erasing again whom a restored backup brought back."""

import datetime as dt

from reorder.domain.customers.privacy import list_unerased
from reorder.flows.privacy.erasing import erase_person
from reorder.flows.privacy.errors import OrdersUnfinished
from reorder.flows.privacy.marks import complete_list, read_marks


def reapply_erasures(*, moment: dt.datetime) -> int:
    """Erase everybody who is on the list beside the database and stands in it with their facts; returns how many.

    Runs after a restore and every night. Somebody whose orders of those days are not finished is tried again the next
    night.
    """
    complete_list()
    erased = 0
    for customer_id in list_unerased(marks=read_marks()):
        try:
            erase_person(
                customer_id=customer_id, decided_by="system", moment=moment, how_known="erased before the restore"
            )
        except OrdersUnfinished:
            continue
        erased += 1
    return erased
