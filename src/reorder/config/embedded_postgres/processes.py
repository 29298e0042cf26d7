"""Who is alive: a process is a server of ours only if it executes `postgres` inside our data folder.

A process number in a file proves nothing: after a restart of the machine or container it may belong to a stranger.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from reorder.config.embedded_postgres.account import Account

_DELETED = " (deleted)"
_POLL_SECONDS = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProcess:
    """A living process that executes `postgres`; `folder` is where it works."""

    pid: int
    folder: str

    @property
    def is_orphan(self) -> bool:
        """Whether its data folder has been deleted under it."""
        return self.folder.endswith(_DELETED)


def find_server_process(*, pid: int, account: Account) -> ServerProcess | None:
    """The PostgreSQL process with this number; None when it is gone, a zombie, or somebody else's program."""
    program = _link_of(pid=pid, name="exe", account=account)
    if program is None or Path(program.removesuffix(_DELETED)).name != "postgres":
        return None
    folder = _link_of(pid=pid, name="cwd", account=account)
    return ServerProcess(pid=pid, folder=folder) if folder else None


def list_server_processes(*, folder: Path, account: Account) -> list[ServerProcess]:
    """Every PostgreSQL process, backends included, that works in `folder`."""
    found = (find_server_process(pid=pid, account=account) for pid in _pids_of(account=account))
    return [process for process in found if process is not None and process.folder == str(folder)]


def read_pid(*, file: Path) -> int | None:
    """The process number in the first line of a lock file of PostgreSQL; None when absent, empty or damaged."""
    try:
        first = file.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    # PostgreSQL writes a negative number for its single-user mode.
    number = first.lstrip("-")
    return int(number) if number.isascii() and number.isdigit() and 0 < int(number) < 2**31 else None


def send_signal(*, processes: Iterable[ServerProcess], number: signal.Signals) -> None:
    """Signal each process; one that has just gone is no fault."""
    for process in processes:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            continue


def wait_until(*, done: Callable[[], bool], seconds: float) -> bool:
    """Ask `done` again and again until it is true or the time is over; returns its last answer."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _link_of(*, pid: int, name: str, account: Account) -> str | None:
    link = f"/proc/{pid}/{name}"
    try:
        return os.readlink(link)  # noqa: PTH115 - Path.readlink would hide the " (deleted)" mark inside a Path
    except (FileNotFoundError, ProcessLookupError):
        return None
    except PermissionError:
        return _link_as_owner(link=link, account=account) if os.geteuid() == 0 else None


def _link_as_owner(*, link: str, account: Account) -> str | None:
    # Root of a container often lacks CAP_SYS_PTRACE and may not look at another user's process; its owner may.
    answer = subprocess.run(  # noqa: S603 - fixed program, numbers only
        ["/usr/bin/readlink", link],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.removesuffix("\n") or None


def _pids_of(*, account: Account) -> list[int]:
    pids = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            if entry.stat().st_uid == account.uid:
                pids.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return pids
