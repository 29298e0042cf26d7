"""The list of erased people outside the database: a keyed hash and a moment a line, in the home folder (0600).

A backup knows nobody who was erased after it; this list does. It is completed from the database every night, so that
whichever process erased somebody, the list beside the worker has them.
"""

import datetime as dt
import os
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import Final

from django.conf import settings

from reorder.domain.customers import privacy
from reorder.domain.customers.privacy import KEY_PREFIX

_NAME: Final = "erased-people.list"
_HASH_LENGTH: Final = 64


def list_file() -> Path:
    """Where the list lies."""
    return Path(settings.HOME) / _NAME


def write_marks(*, keys: Sequence[str], moment: dt.datetime) -> None:
    """Append hashes, on the disk before this returns; a line cut by a full disk is passed over when read."""
    lines = "".join(f"{key.removeprefix(KEY_PREFIX)} {moment.isoformat()}\n" for key in keys)
    descriptor = os.open(list_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as stream:
        stream.write(lines.encode())
        stream.flush()
        os.fsync(stream.fileno())


def read_marks() -> dict[str, dt.datetime]:
    """The hashes of the list, each with its latest moment; empty where nobody was ever erased."""
    try:
        text = list_file().read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return {}
    return dict(sorted(filter(None, (_read(line) for line in text.splitlines())), key=itemgetter(1)))


def _read(line: str) -> tuple[str, dt.datetime] | None:
    word, _, said = line.partition(" ")
    try:
        moment = dt.datetime.fromisoformat(said)
    except ValueError:
        return None
    return (word, moment) if len(word) == _HASH_LENGTH and moment.tzinfo else None


def complete_list() -> int:
    """Write down who is erased in the database and not on the list yet; returns how many."""
    known = read_marks()
    missing = [(value, moment) for value, moment in privacy.list_erased_hashes() if value not in known]
    for value, moment in missing:
        write_marks(keys=[value], moment=moment)
    return len(missing)
