"""Styles and scripts: their addresses carry a mark of the content, so that browsers may keep them for a year.

`collect_static_files` gathers and compresses them once for each version into the home folder; without it they are
served from where the packages keep them.
"""

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles.finders import find
from whitenoise.storage import CompressedStaticFilesStorage


class MarkedStorage(CompressedStaticFilesStorage):  # type: ignore[misc] # untyped library
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


def collect_static_files(*, told: object = None) -> None:
    """Gather all files into STATIC_ROOT with compressed copies, when this version has not done so yet."""
    import shutil

    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    root = Path(settings.STATIC_ROOT)
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            digest.update(f"{name} {storage.size(name)} {storage.get_modified_time(name)}".encode())
    seal = root / "collected"
    if seal.exists() and seal.read_text() == digest.hexdigest():
        return
    shutil.rmtree(root, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    seal.write_text(digest.hexdigest())
