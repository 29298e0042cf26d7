"""One holder at a time across processes: session-level advisory locks, dropped by PostgreSQL when the holder dies."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

from reorder.kernel.errors import Busy


class AlreadyRunning(Busy):
    code = "storage.already_running"
    template = "{what} is already running in another process; wait for it to end."


@contextmanager
def holding_advisory_lock(*, name: str, what: str) -> Iterator[None]:
    """Hold the lock `name` while the block runs; raises AlreadyRunning at once when somebody else has it."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise AlreadyRunning(what=what)
    try:
        yield
    finally:
        _release(number)


def _release(number: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
    except DatabaseError:
        # The connection is gone and the lock with it; a fresh one is made when next asked for.
        connection.close()
