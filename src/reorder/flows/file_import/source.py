"""Looks at a file before it is read: type, size, encoding, separator, and the hash of its content."""

import codecs
import csv
import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from reorder.flows.file_import.errors import FileMissing, FileTooLarge, UnknownFileType, UnreadableFile

_CHUNK_BYTES = 1 << 20
_HEADER_BYTES = 1 << 18
_SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest file, and largest content of a compressed one, in bytes."""

    maximum_bytes: int
    maximum_unpacked_bytes: int


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was when its hash was taken; `encoding` and `separator` are empty unless it is text."""

    path: Path
    sha256: str
    bytes: int
    type: str
    changed_ns: int
    encoding: str = ""
    separator: str = ""

    def refuse_changed(self) -> None:
        """Raise UnreadableFile when somebody wrote to the file since, for example because it is still arriving."""
        now = self.path.stat()
        if (now.st_size, now.st_mtime_ns) != (self.bytes, self.changed_ns):
            raise UnreadableFile(file=self.path, reason="it changed while it was read; import it when it is whole")


def look_at(*, path: Path, limits: Limits) -> Source:
    """Type, hash and encoding of a file; raises FileMissing, FileTooLarge, UnknownFileType, UnreadableFile."""
    try:
        return _look_at(path=path, limits=limits)
    except OSError as fault:
        raise UnreadableFile(file=path, reason=fault.strerror or str(fault)) from fault


def _look_at(*, path: Path, limits: Limits) -> Source:
    if not path.is_file():
        raise FileMissing(file=path)
    seen = path.stat()
    size, changed_ns = seen.st_size, seen.st_mtime_ns
    if size > limits.maximum_bytes:
        raise FileTooLarge(file=path, bytes=size, limit=limits.maximum_bytes, variable="REORDER_IMPORT_MAXIMUM_BYTES")
    with path.open("rb") as stream:
        start = stream.read(4)
    if start == b"PAR1":
        return Source(path=path, sha256=_hash(path), bytes=size, type="parquet", changed_ns=changed_ns)
    if start == b"PK\x03\x04":
        _refuse_bomb(path=path, limits=limits)
        return Source(path=path, sha256=_hash(path), bytes=size, type="xlsx", changed_ns=changed_ns)
    return _look_at_text(path=path, size=size, changed_ns=changed_ns, start=start)


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _refuse_bomb(*, path: Path, limits: Limits) -> None:
    """A workbook is a zip: its directory says how large it becomes, and unpacking it once shows whether that is so."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if not any(entry.filename.startswith("xl/") for entry in entries):
                raise UnknownFileType(file=path, reason="a zip archive that is no XLSX workbook; unpack it first")
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > limits.maximum_unpacked_bytes:
                raise FileTooLarge(
                    file=path,
                    bytes=unpacked,
                    limit=limits.maximum_unpacked_bytes,
                    variable="REORDER_IMPORT_MAXIMUM_UNPACKED_BYTES",
                )
            _require_true_sizes(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as fault:
        raise UnreadableFile(file=path, reason=str(fault)) from fault


def _require_true_sizes(archive: zipfile.ZipFile) -> None:
    """Raise BadZipFile for an entry that goes on after the size its directory names, as a forged one does.

    An entry is read to that size and no further; one that is cut there fails its checksum.
    """
    for entry in archive.infolist():
        with archive.open(entry) as stream:
            while stream.read(_CHUNK_BYTES):
                pass


def _look_at_text(*, path: Path, size: int, changed_ns: int, start: bytes) -> Source:
    if not size:
        raise UnknownFileType(file=path, reason="the file is empty")
    digest = hashlib.sha256()
    wide = start[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-16" if wide else "utf-8"
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            if encoding != "utf-8":
                continue
            if b"\0" in chunk:
                raise UnknownFileType(file=path, reason="it holds bytes that no text holds")
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                encoding = "cp950"
    if encoding == "cp950":
        _require_big5(path)
    header = _first_text(path=path, encoding=encoding)
    return Source(
        path=path,
        sha256=digest.hexdigest(),
        bytes=size,
        type="csv",
        changed_ns=changed_ns,
        encoding=encoding,
        separator=_separator(header),
    )


def _require_big5(path: Path) -> None:
    """Text that is not UTF-8 is taken for Big5 (as Windows writes it, cp950) only if all of it reads as such."""
    decoder = codecs.getincrementaldecoder("cp950")()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as fault:
        reason = f"neither UTF-8 nor Big5 (byte {fault.start} of a block); save it as UTF-8"
        raise UnknownFileType(file=path, reason=reason) from fault


def _first_text(*, path: Path, encoding: str) -> str:
    with path.open("rb") as stream:
        start = stream.read(_HEADER_BYTES)
    decoded = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)().decode(start)
    return decoded.lstrip("\ufeff")


def _separator(text: str) -> str:
    """The separator that cuts the first line, quotes respected, into most cells."""
    return max(_SEPARATORS, key=lambda mark: len(_first_cells(text=text, separator=mark)))


def _first_cells(*, text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        # A quotation mark that never closes makes one cell of everything, longer than the csv module reads.
        return []


def read_header(*, source: Source) -> list[str]:
    """The cells of the first line of a text file, as they are."""
    text = _first_text(path=source.path, encoding=source.encoding)
    return _first_cells(text=text, separator=source.separator)
