"""How rooms read frames from PostgreSQL and write rows to it in bulk; knows no room.

Reads go over ADBC on a connection of their own, so they see what is committed, not what the open transaction wrote.
Writes go over COPY on Django's connection, so they commit or vanish with the caller's transaction.
"""

from reorder.domain.storage.counters import count_up, read_count, sweep_counters
from reorder.domain.storage.locks import (
    AlreadyRunning,
    holding_advisory_lock,
    is_advisory_lock_held,
    share_transaction_lock,
    take_transaction_lock_within,
    take_transaction_locks,
    try_transaction_lock,
)
from reorder.domain.storage.money_columns import minor_in_major
from reorder.domain.storage.prepared import fetch_prepared
from reorder.domain.storage.reading import ReadFrame, open_reader, read_frame
from reorder.domain.storage.transactions import one_transaction, widened_transaction
from reorder.domain.storage.writing import copy_frame, run_sql, without_key_checks

__all__ = [
    "AlreadyRunning",
    "ReadFrame",
    "copy_frame",
    "count_up",
    "fetch_prepared",
    "holding_advisory_lock",
    "is_advisory_lock_held",
    "minor_in_major",
    "one_transaction",
    "open_reader",
    "read_count",
    "read_frame",
    "run_sql",
    "share_transaction_lock",
    "sweep_counters",
    "take_transaction_lock_within",
    "take_transaction_locks",
    "try_transaction_lock",
    "widened_transaction",
    "without_key_checks",
]
