"""Kernel locks on files: they fall with the process that holds them, so a killed one leaves nothing to clean up."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reorder.config.embedded_postgres.account import Account
from reorder.config.embedded_postgres.errors import PostgresBusy
from reorder.config.embedded_postgres.processes import wait_until

# Longer than the wait for crash recovery, so that those who queue behind a recovering start get their turn.
_TURN_SECONDS = 300.0


@contextmanager
def hold_turn(*, file: Path, account: Account) -> Iterator[None]:
    """Be the only process that starts or stops this database; raises PostgresBusy after five minutes."""
    descriptor = open_lock(file=file, account=account)
    try:
        if not wait_until(done=lambda: try_lock(descriptor=descriptor), seconds=_TURN_SECONDS):
            raise PostgresBusy(folder=file.parent, lock=file, waited_seconds=int(_TURN_SECONDS))
        yield
    finally:
        os.close(descriptor)


def open_lock(*, file: Path, account: Account) -> int:
    """A descriptor of the lock file, which belongs to the account whoever makes it."""
    # O_NOFOLLOW: as root we write in a folder of another user, who must not lead us elsewhere.
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if account.is_other:
        os.fchown(descriptor, account.uid, account.gid)
    return descriptor


def try_lock(*, descriptor: int) -> bool:
    """Take the lock if nobody holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(*, file: Path) -> bool:
    """Whether some process holds the lock."""
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(descriptor=descriptor)
    finally:
        os.close(descriptor)
