"""Where uploaded files lie: a folder each below `uploads` in the home folder, for the owner of the process alone."""

import contextlib
import datetime as dt
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

from reorder.domain.channels import uploads
from reorder.domain.channels.uploads import UploadRow
from reorder.flows.file_import import errors
from reorder.flows.file_import.rejects import rejected_file_of
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, ReorderError

UPLOAD_KEPT_DAYS = 30
_SAMPLE = ".sample.json"
_NAME_BYTES = 150
# A folder that nobody claimed is the rest of a broken upload once it is so old.
_STRAY_AGE_SECONDS = 86_400


@dataclass(slots=True)
class Incoming:
    """A file on its way to disk; `write` refuses what is larger than the settings allow, `discard` forgets it."""

    name: str
    folder: str
    stream: IO[bytes]
    size: int = 0

    @property
    def path(self) -> Path:
        """Where its bytes lie."""
        return folder_of(self.folder) / self.name

    @property
    def sample_path(self) -> Path:
        """Where its first rows will lie."""
        return folder_of(self.folder) / _SAMPLE

    def write(self, chunk: bytes) -> None:
        """Append a chunk; raises FileTooLarge, and then the file is gone."""
        self.size += len(chunk)
        limit = settings.REORDER.import_maximum_bytes
        if self.size > limit:
            self.discard()
            raise too_large(name=self.name, size=self.size)
        self.stream.write(chunk)

    def close(self) -> None:
        """Everything was written: have it on disk before a row says so."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self.stream.close()

    def discard(self) -> None:
        """Forget it; may be called twice."""
        self.stream.close()
        shutil.rmtree(folder_of(self.folder), ignore_errors=True)


def too_large(*, name: str, size: int) -> errors.FileTooLarge:
    """The refusal of a file of this size."""
    limit = settings.REORDER.import_maximum_bytes
    return errors.FileTooLarge(file=name, bytes=size, limit=limit, variable="REORDER_IMPORT_MAXIMUM_BYTES")


def clean_name(*, name: str) -> str:
    """The last part of a file's name, without what a file system or a page could trip over."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Control and format characters, among them those that turn the direction of writing.
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip().strip(".") or "upload"
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix) > 10:
        stem, dot, suffix = kept, "", ""
    short = stem.encode()[: _NAME_BYTES - len((dot + suffix).encode())].decode(errors="ignore")
    return f"{short}{dot}{suffix}"


def open_incoming(*, name: str) -> Incoming:
    """A place on disk for a file that is about to arrive."""
    cleaned, folder = clean_name(name=name), secrets.token_hex(12)
    root = settings.HOME / "uploads"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder_of(folder).mkdir(mode=0o700)
    descriptor = os.open(folder_of(folder) / cleaned, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    return Incoming(name=cleaned, folder=folder, stream=os.fdopen(descriptor, "wb"))


def expire_uploads(*, moment: dt.datetime) -> int:
    """Delete what is older than its days, lists of refused rows too, and the rest of broken uploads; returns how many.

    Files and lists hold personal facts: they are not kept longer than they are of use.
    """
    old = uploads.list_uploads_on_disk(uploaded_before=moment - dt.timedelta(days=UPLOAD_KEPT_DAYS))
    for upload in old:
        empty_folder(upload)
    _sweep_strays(moment=moment)
    return len(old)


def empty_folder(upload: UploadRow) -> None:
    """Remove everything that lies on disk of an upload, and say so in its row."""
    shutil.rmtree(folder_of(upload.folder), ignore_errors=True)
    uploads.note_emptied(upload_id=upload.id, moment=clock.current_moment())


def _sweep_strays(*, moment: dt.datetime) -> None:
    root = settings.HOME / "uploads"
    used = uploads.list_folders_in_use()
    for folder in root.iterdir() if root.is_dir() else ():
        is_old = moment.timestamp() - folder.stat().st_mtime > _STRAY_AGE_SECONDS
        if is_old and folder.name not in used:
            shutil.rmtree(folder, ignore_errors=True)


def delete_bytes(upload: UploadRow) -> None:
    """The file and its sample go when they are in the books; the list of refused rows stays for its days."""
    for file in (path_of(upload), sample_of(upload)):
        file.unlink(missing_ok=True)
    if not rejected_file_of(path=path_of(upload)).exists():
        empty_folder(upload)


def folder_of(folder: str) -> Path:
    """An upload's folder on disk."""
    return Path(settings.HOME) / "uploads" / folder


def path_of(upload: UploadRow) -> Path:
    """The file itself."""
    return folder_of(upload.folder) / upload.name


@contextlib.contextmanager
def naming(name: str) -> Iterator[None]:
    """Faults name the file as its person calls it, not where it lies."""
    try:
        yield
    except BadInput as fault:
        raise with_name(fault, name) from fault


def with_name(fault: ReorderError, name: str) -> ReorderError:
    """The same fault about the file of this name."""
    if "file" not in fault.parameters:
        return fault
    return type(fault)(**(fault.parameters | {"file": name}))


def sample_of(upload: UploadRow) -> Path:
    """The first rows of the file, kept beside it."""
    return folder_of(upload.folder) / _SAMPLE
