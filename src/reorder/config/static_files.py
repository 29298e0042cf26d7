"""Styles and scripts: their addresses carry a mark of the content, so that browsers may keep them for a year.

`collect_files` gathers and compresses them once for each version into a folder of the home folder that is named after
what is in it; without one they are served from where the packages keep them.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.contrib.staticfiles.finders import find, get_finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.compress import Compressor

from reorder.kernel.errors import ReorderError

# The one in use, and that of a server of the version before, which may still run.
_KEPT_FOLDERS = 2


class StaticFilesNotWritten(ReorderError):
    code = "static_files.not_written"
    template = "Styles and scripts cannot be gathered in {folder}: {reason}. Make it writable or set REORDER_HOME."


class MarkedStorage(StaticFilesStorage):
    """Appends `?v=` and a digest of the content to every address."""

    def url(self, name: str | None) -> str:
        """The address of a file with its mark; unmarked when there is no such file."""
        address: str = super().url(name)
        mark = _mark(name or "")
        return f"{address}?v={mark}" if mark else address


@cache
def _mark(name: str) -> str:
    file = find(name)
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:12] if isinstance(file, str) else ""


def collect_files() -> Path:
    """The folder with all files and their compressed copies, made when this version has none yet.

    Several commands may start at once: one gathers, the others wait. One killed meanwhile leaves a draft that the next
    sweeps away. Raises StaticFilesNotWritten.
    """
    target = _folder()
    if target.exists():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (target.parent / "turn.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            if not target.exists():
                _sweep(folder=target.parent)
                draft = target.with_suffix(".draft")
                _gather(folder=draft)
                draft.rename(target)
    except OSError as fault:
        raise StaticFilesNotWritten(folder=target.parent, reason=fault.strerror or str(fault)) from fault
    return target


def use_collected_files() -> None:
    """Let this process serve from the collected folder, if this version has one."""
    from django.conf import settings

    folder = _folder()
    settings.WHITENOISE_USE_FINDERS = not folder.exists()
    settings.STATIC_ROOT = folder


def _sources() -> Iterator[tuple[str, Path]]:
    """Every file by its name below STATIC_URL; the first finder that has a name gives it."""
    seen: set[str] = set()
    for finder in get_finders():
        for path, storage in finder.list([]):
            name = str(Path(getattr(storage, "prefix", None) or "", str(path)))
            # Maps are for people who debug a library; they are half of all bytes.
            if name not in seen and not name.endswith(".map"):
                seen.add(name)
                yield name, Path(storage.path(str(path)))


def _folder() -> Path:
    from django.conf import settings

    digest = hashlib.sha256()
    for name, file in sorted(_sources()):
        status = file.stat()
        digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return Path(settings.HOME) / "static" / digest.hexdigest()[:16]


def _gather(*, folder: Path) -> None:
    compressor = Compressor(quiet=True)
    for name, file in _sources():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        if compressor.should_compress(name):
            compressor.compress(str(target))


def _sweep(*, folder: Path) -> None:
    """Remove drafts of killed commands, and the folders of versions long gone."""
    found = sorted((f for f in folder.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime, reverse=True)
    finished = [f for f in found if f.suffix != ".draft"]
    for old in [*finished[_KEPT_FOLDERS - 1 :], *(f for f in found if f.suffix == ".draft")]:
        shutil.rmtree(old)
