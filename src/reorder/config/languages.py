"""Translations as Django reads them: compiled once from the catalogues of this version, into the home folder.

So a checkout, an editable install and a wheel all speak every language, and nothing compiled is kept under version
control.
"""

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path

from django.utils.translation import to_locale

from reorder.kernel.errors import ReorderError

CATALOGUES = Path(__file__).resolve().parent.parent / "locale"


class LanguagesNotWritten(ReorderError):
    code = "languages.not_written"
    template = "The translations cannot be written into {folder}: {reason}. Make it writable or set REORDER_HOME."


def compiled_catalogues(*, home: Path, source: Path = CATALOGUES) -> Path:
    """The folder of compiled catalogues for `LOCALE_PATHS`; compiles what `home` does not hold yet.

    The folder's name is made of the catalogues' content, so another version never reads it. Raises
    LanguagesNotWritten.
    """
    catalogues = sorted(source.glob("*/LC_MESSAGES/*.po"))
    digest = hashlib.sha256()
    for catalogue in catalogues:
        digest.update(catalogue.read_bytes())
    folder = home / "locale" / digest.hexdigest()[:16]
    try:
        for catalogue in catalogues:
            target = folder / catalogue.relative_to(source).with_suffix(".mo")
            if not target.exists():
                _compile(catalogue=catalogue, target=target)
    except OSError as fault:
        raise LanguagesNotWritten(folder=folder, reason=fault.strerror or str(fault)) from fault
    return folder


def _compile(*, catalogue: Path, target: Path) -> None:
    import polib

    target.parent.mkdir(parents=True, exist_ok=True)
    # Several commands may start at once: each writes a file of its own, and whole files change places.
    descriptor, draft = tempfile.mkstemp(prefix=".draft-", dir=target.parent)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(polib.pofile(str(catalogue), encoding="utf-8").to_binary())
    Path(draft).chmod(0o644)
    Path(draft).replace(target)


@cache
def sentences(*, language: str, source: Path = CATALOGUES) -> dict[str, str]:
    """English sentence → sentence of a language, for what speaks before Django is set up; empty for English."""
    import polib

    catalogue = source / to_locale(language) / "LC_MESSAGES" / "django.po"
    if not catalogue.exists():
        return {}
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogue), encoding="utf-8") if entry.msgstr}
