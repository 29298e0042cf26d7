"""The signing key of one installation: random, made once, readable by its owner alone."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def read_secret_key(*, file: Path) -> str:
    """The key in `file`, which is made with mode 0600 when it is not there.

    Several commands may start a new installation at once, and one may be killed meanwhile: a key is written whole
    beside the file, and the first that gets the file's name is everybody's.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(prefix=".secret-", dir=file.parent)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(48))
            stream.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            file.hardlink_to(draft)
        Path(draft).unlink()
    return file.read_text()
