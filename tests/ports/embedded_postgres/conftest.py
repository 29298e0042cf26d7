"""A home of its own for each test, and real processes that start the server and can be killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

import reorder
from reorder.config.embedded_postgres import EmbeddedPostgres
from reorder.kernel.errors import ReorderError

SMALL = {"shared_buffers": "16MB"}

_START = """
import sys, time
from pathlib import Path
from reorder.config.embedded_postgres import EmbeddedPostgres

started = EmbeddedPostgres(home=Path(sys.argv[1]), settings={"shared_buffers": "16MB"}).ensure_started()
print("started" if started else "joined", flush=True)
time.sleep(float(sys.argv[2]))
"""


_PYTHON_PATH = os.pathsep.join(
    str(Path(package.__path__[0]).parent)
    for package in (reorder, psycopg)  # an interpreter outside the venv needs both
)


def python_for(*, user: str | None) -> str:
    """An interpreter that the user may run: ours often lies in root's closed home; skips the test when there is none."""
    if user is None:
        return sys.executable
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        with suppress(OSError):
            answer = subprocess.run(
                [python, "-c", "import psycopg, reorder.config.embedded_postgres"],
                user=user,
                group="nogroup",
                extra_groups=[],
                cwd="/",
                env={"PYTHONPATH": _PYTHON_PATH},
                capture_output=True,
                check=False,
            )
            if answer.returncode == 0:
                return python
    pytest.skip(f"{user} can run no Python that has psycopg")


@pytest.fixture
def parent() -> Iterator[Path]:
    """A folder that any user may walk through; pytest's own tmp_path is closed to the service user of root."""
    folder = Path(tempfile.mkdtemp(prefix="reorder-port-")).resolve()
    folder.chmod(0o755)
    yield folder
    for home in (path.parent for path in folder.rglob("postgres") if path.is_dir()):
        with suppress(ReorderError):
            EmbeddedPostgres(home=home).stop()
    shutil.rmtree(folder, ignore_errors=True)  # an initdb that outlived its starter may still write


@pytest.fixture
def database(parent: Path) -> Iterator[EmbeddedPostgres]:
    """The database of the home folder "shop", not yet started."""
    shop = EmbeddedPostgres(home=parent / "shop", settings=SMALL)
    yield shop
    shop.stop()


@pytest.fixture
def start_in_process() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the server from another process, which then stays for `stay_seconds`; it leads a process group of its own."""
    running: list[subprocess.Popen[str]] = []

    def start(*, home: Path, stay_seconds: float = 0.0, user: str | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [python_for(user=user), "-c", _START, str(home), str(stay_seconds)],
            env={**os.environ, "PYTHONPATH": _PYTHON_PATH},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            user=user,
            group=user and "nogroup",
            extra_groups=[] if user else None,
            cwd="/",
        )
        running.append(process)
        return process

    yield start
    for process in running:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def ask(database: EmbeddedPostgres, query: str) -> object:
    """The first value that the database answers."""
    with psycopg.connect(database.url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


def server_pid(database: EmbeddedPostgres) -> int:
    """The process number of the server, which must run."""
    pid = database.status().pid
    assert pid is not None
    return pid


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has let go of its program already, or that nobody has reaped yet, does not."""
    try:
        Path(f"/proc/{pid}/exe").readlink()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except PermissionError:
        return True
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
