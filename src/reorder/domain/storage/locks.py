"""One holder at a time across processes: session-level advisory locks, dropped by PostgreSQL when the holder dies."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, OperationalError, connection, transaction

from reorder.kernel.errors import Busy

_LOCK_NOT_AVAILABLE = "55P03"


class AlreadyRunning(Busy):
    code = "storage.already_running"
    template = "{what} is already running in another process; wait for it to end."


@contextmanager
def holding_advisory_lock(*, name: str, what: str) -> Iterator[None]:
    """Hold the lock `name` while the block runs; raises AlreadyRunning at once when somebody else has it."""
    number = _number_of(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise AlreadyRunning(what=what)
    try:
        yield
    finally:
        _release(number)


def is_advisory_lock_held(*, name: str) -> bool:
    """Whether some process holds the lock `name` now; a moment later it may be otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                   AND (classid::bigint << 32) | objid::bigint = %s)""",
            [_number_of(name)],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def try_transaction_lock(*, name: str) -> bool:
    """Take the lock `name` until the open transaction ends; False at once when another transaction has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number_of(name)])
        row = cursor.fetchone()
    return bool(row and row[0])


def take_transaction_locks(*, names: Iterable[str]) -> None:
    """Wait for all of these locks, in one order whoever asks, and hold them until the open transaction ends."""
    numbers = sorted({_number_of(name) for name in names})
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def share_transaction_lock(*, name: str) -> None:
    """Hold the lock `name` together with others who share it, until the open transaction ends.

    Waits while somebody holds it alone, or waits to.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_number_of(name)])


def take_transaction_lock_within(*, name: str, seconds: int, what: str) -> None:
    """Hold the lock `name` alone until the open transaction ends; raises AlreadyRunning after `seconds` of waiting."""
    try:
        # In a savepoint of its own, so that the caller's transaction survives the fault.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{seconds}s"])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number_of(name)])
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError as fault:
        if getattr(fault.__cause__, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        raise AlreadyRunning(what=what) from fault


def _number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _release(number: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
    except DatabaseError:
        # The connection is gone and the lock with it; a fresh one is made when next asked for.
        connection.close()
