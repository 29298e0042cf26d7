"""Named byte strings in one file with kind, version and SHA-256, so that damage is found before anything is read."""

import hashlib
import io
import zipfile
from collections.abc import Mapping

from reorder.engine.repurchase.errors import ModelFileRefused


def pack(*, kind: str, version: int, members: Mapping[str, bytes]) -> bytes:
    """First line kind and version, second line the checksum of the zip archive that follows."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=zipfile.ZIP_DEFLATED)
    archived = buffer.getvalue()
    return f"{kind} {version}\n{hashlib.sha256(archived).hexdigest()}\n".encode() + archived


def unpack(*, content: bytes, kind: str, version: int, name: str) -> dict[str, bytes]:
    """The members; raises ModelFileRefused (`name` tells which file) for another kind, version or checksum."""
    first, _, rest = content.partition(b"\n")
    checksum, _, archived = rest.partition(b"\n")
    said = first.decode("utf-8", "replace")
    if said != f"{kind} {version}":
        known = said.startswith("reorder.") and len(said) < 100
        reason = f"it says {said}" if known else "it is no file of ours"
        raise ModelFileRefused(path=name, version=version, reason=reason)
    if hashlib.sha256(archived).hexdigest().encode() != checksum:
        raise ModelFileRefused(path=name, version=version, reason="the checksum does not fit; the file is damaged")
    with zipfile.ZipFile(io.BytesIO(archived)) as archive:
        return {member: archive.read(member) for member in archive.namelist()}
