"""Upkeep between nights: conclusions for what changed, and the check that ledger and levels agree."""

import datetime as dt
import logging

from django.db import transaction

from reorder.domain.inventory import queries as inventory
from reorder.domain.planning import operations as planning
from reorder.domain.purchasing.locks import lock_deciding
from reorder.flows import repeat_cycle, restock

log = logging.getLogger(__name__)
LOT = 1000


def drain_dirty(*, as_of: dt.date) -> int:
    """Draw conclusions again for what was marked: reminders of customers who bought, proposals for changed stock.

    Works in lots of up to 1,000, each in one transaction with the removal of its marks; returns the marks drained.
    """
    return _drain_customers() + _drain_positions(as_of=as_of)


def _drain_customers() -> int:
    drained = 0
    while True:
        with transaction.atomic():
            keys = planning.drain_dirty(kind="customer", limit=LOT)
            if not keys:
                return drained
            repeat_cycle.withdraw_outdated(customer_ids=[int(key) for key in keys])
        drained += len(keys)


def _drain_positions(*, as_of: dt.date) -> int:
    drained = 0
    while True:
        with transaction.atomic():
            # Before the marks, as an approval does: it marks what it ordered while it holds this lock.
            lock_deciding()
            keys = planning.drain_dirty(kind="position", limit=LOT)
            if not keys:
                return drained
            pairs = [(sku, place) for sku, _, place in (key.rpartition("|") for key in keys)]
            restock.propose_for(keys=pairs, as_of=as_of)
        drained += len(keys)


def check_ledger() -> int:
    """Compare ledger and levels; logs every difference as an error and returns their number."""
    differences = inventory.compare_ledger_with_levels()
    for difference in differences:
        log.error("stock level differs from the ledger: %s", difference)
    return len(differences)
