"""The pytest plugin that runs before Django loads: a home folder of the session's own, and its database when needed.

Importing it costs a folder; the server starts only when a test asks for the database (see conftest.py), so that the
engine's tests run without one. `REORDER_TEST_HOME` keeps the home (and what is in it) between sessions;
`REORDER_TEST_DATABASE_URL` uses another PostgreSQL instead of the embedded one.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from reorder.config.embedded_postgres import EmbeddedPostgres
from tests.template import copy_database

_PREFIX = "reorder-test-"
# A test database is thrown away: nothing in it has to survive a power cut.
_FAST_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
}


def _take_environment() -> Path:
    for name in [name for name in os.environ if name.startswith("REORDER_") and not name.startswith("REORDER_TEST_")]:
        del os.environ[name]
    # Processes that run tests side by side are told a width; the terminal's pages read it once, before a test sets its own.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    given = os.environ.get("REORDER_TEST_HOME")
    # The process number lets a later session sweep up after one that was killed.
    home = Path(given) if given else Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    os.environ["REORDER_HOME"] = str(home)
    # Tests place many orders of one customer at one moment; those about the checks of orders switch them on.
    os.environ |= {"REORDER_DUPLICATE_HOURS": "0", "REORDER_FRAUD_SCORE": "0"}
    if own_url := os.environ.get("REORDER_TEST_DATABASE_URL"):
        os.environ["REORDER_DATABASE_URL"] = own_url
    return home


HOME = _take_environment()


def start_database() -> None:
    """Start the session's server, and stop those of killed sessions."""
    if "REORDER_DATABASE_URL" not in os.environ:
        _sweep_killed_sessions()
        copy_database(home=HOME)
        EmbeddedPostgres(home=HOME, settings=_FAST_SETTINGS).ensure_started()


def pytest_unconfigure() -> None:
    """Stop the server and remove the session's home."""
    _end(home=HOME)


def _end(*, home: Path) -> None:
    EmbeddedPostgres(home=home).stop()
    if home.name.startswith(_PREFIX):
        shutil.rmtree(home, ignore_errors=True)


def _sweep_killed_sessions() -> None:
    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        pid = home.name.removeprefix(_PREFIX).partition("-")[0]
        # Two sessions may sweep at once: what the other has removed is done.
        with contextlib.suppress(FileNotFoundError):
            if home.stat().st_uid == os.geteuid() and not Path("/proc", pid).exists():
                _end(home=home)
