"""Who uses the embedded database for longer: the last of the servers and workers stops what one of them started.

Each holds a shared lock of the kernel, which falls with the process however it dies. A database that another command
started, or that somebody else still uses, stays.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reorder.config.embedded_postgres import EmbeddedPostgres


class DatabaseUse:
    """One process's use of the database."""

    def __init__(self, *, database: EmbeddedPostgres, file: Path) -> None:
        self._database = database
        self._file = file

    def ensure_started(self) -> bool:
        """Start the database if it is down; True when this call did, and then the last user stops it."""
        if not self._database.ensure_started():
            return False
        self._file.write_text(str(self._database.status().pid))
        return True

    def has_crashed(self) -> bool:
        """Whether the database died; one that somebody stopped did not."""
        return self._database.has_crashed()

    def stop_if_ours(self) -> bool:
        """Stop the database if a server or worker started it; asked by the last of them."""
        started = self._file.read_text().strip()
        if not started or started != str(self._database.status().pid):
            return False
        return self._database.stop()


@contextmanager
def database_in_use(*, database: EmbeddedPostgres, home: Path) -> Iterator[DatabaseUse]:
    """Start the database and use it while the block runs."""
    home.mkdir(parents=True, exist_ok=True)
    file = home / "database-users.lock"
    with file.open("a") as lock:
        # Waits while a last user is just stopping it.
        fcntl.flock(lock, fcntl.LOCK_SH)
        use = DatabaseUse(database=database, file=file)
        try:
            use.ensure_started()
            yield use
        finally:
            if _is_last(lock.fileno()):
                use.stop_if_ours()


def _is_last(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
