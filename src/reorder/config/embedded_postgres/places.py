"""Where everything lies: data under the home folder, the socket in a short private folder of its own.

Only the home folder's own mode is ever opened, and only so far that the service user can walk through it.
"""

import hashlib
import os
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from reorder.config.embedded_postgres.account import Account, find_account
from reorder.config.embedded_postgres.errors import PostgresHomeUnusable

_SYSTEM_HOME = Path("/var/lib/reorder")
# A socket's path may have 107 bytes at most, so it never lies under the home folder; /tmp is the same for every
# session of a user, which XDG_RUNTIME_DIR and TMPDIR are not.
_SOCKET_ROOT = Path("/tmp")  # noqa: S108 - the folder below is private, and its owner and mode are checked
PORT = 5432


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The paths of one embedded database."""

    home: Path
    account: Account

    @property
    def folder(self) -> Path:
        """Everything of the server; belongs to the account, 0700."""
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def turn_lock(self) -> Path:
        """Held while a command starts or stops the server."""
        return self.folder / "turn.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server's processes as long as one of them lives, also by those in another container."""
        return self.folder / "server.lock"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def socket_folder(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return _SOCKET_ROOT / f"reorder-{self.account.uid}-{digest}"

    @property
    def socket(self) -> Path:
        return self.socket_folder / f".s.PGSQL.{PORT}"

    @property
    def socket_lock(self) -> Path:
        return self.socket_folder / f".s.PGSQL.{PORT}.lock"


def default_home() -> Path:
    """The platform's folder for this user's data; for root a folder that a service user can reach."""
    if os.geteuid() == 0:
        return _SYSTEM_HOME
    return Path(platformdirs.user_data_dir("reorder", appauthor=False))


def places_of(*, home: Path, service_user: str | None) -> Places:
    """The paths below `home`, and the account that owns them or will."""
    resolved = home.expanduser().resolve()
    return Places(home=resolved, account=find_account(folder=resolved / "postgres", service_user=service_user))


def prepare_folder(*, places: Places) -> None:
    """Make the home folder and the server's folder usable by the account; raises PostgresHomeUnusable."""
    try:
        _make_home(places=places)
        _make_private(folder=places.folder, account=places.account)
    except OSError as fault:
        raise PostgresHomeUnusable(folder=places.home, reason=fault.strerror or str(fault)) from fault
    if places.account.is_other:
        _check_reach(places=places)


def prepare_socket_folder(*, places: Places) -> None:
    """Make the private folder of the socket; raises PostgresHomeUnusable when a stranger has taken its name."""
    try:
        _make_private(folder=places.socket_folder, account=places.account)
    except OSError as fault:
        raise PostgresHomeUnusable(folder=places.socket_folder, reason=fault.strerror or str(fault)) from fault


def remove_socket_folder(*, places: Places) -> None:
    """Leave nothing in /tmp behind a stopped server; what is not empty is not ours to remove."""
    with suppress(OSError):
        places.socket_folder.rmdir()


def write_owned(*, file: Path, text: str, account: Account) -> None:
    """Replace a file at once and for good (synced), owned by the account."""
    draft = file.with_name(f"{file.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(descriptor)
        if account.is_other:
            os.fchown(descriptor, account.uid, account.gid)
    draft.replace(file)
    sync_folder(folder=file.parent)


def sync_folder(*, folder: Path) -> None:
    """Make renames in this folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_home(*, places: Places) -> None:
    missing = [folder for folder in (places.home, *places.home.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        if places.account.is_other:
            folder.chmod(0o755)
    mode = stat.S_IMODE(places.home.stat().st_mode)
    if places.account.is_other and mode & 0o011 != 0o011:
        places.home.chmod(mode | 0o011)


def _make_private(*, folder: Path, account: Account) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise PostgresHomeUnusable(folder=folder, reason="it is not a folder; move it away")
    if status.st_uid == 0 and account.is_other:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
        status = folder.lstat()
    if status.st_uid != account.uid:
        reason = f"it belongs to user number {status.st_uid}; run as that user, or choose another REORDER_HOME"
        raise PostgresHomeUnusable(folder=folder, reason=reason)
    if stat.S_IMODE(status.st_mode) != 0o700:
        folder.chmod(0o700)


def _check_reach(*, places: Places) -> None:
    account = places.account
    answer = subprocess.run(  # noqa: S603 - fixed program
        ["/usr/bin/test", "-x", str(places.folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    if answer.returncode != 0:
        reason = (
            f"user number {account.uid}, who runs PostgreSQL, cannot enter one of its parent folders; choose a "
            "REORDER_HOME outside of it, for example /var/lib/reorder"
        )
        raise PostgresHomeUnusable(folder=places.home, reason=reason)
