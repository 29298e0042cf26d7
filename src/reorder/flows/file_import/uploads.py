"""Files that come through a page or the API: on disk as they arrive, looked at, imported by a job, deleted after.

A file is never held in memory. Its folder below `uploads` in the home folder is for the owner of the process alone
(0700, files 0600); the row in the database says what is known of it. `start_import` may be clicked twice and the job
may run twice or die anywhere: the file is imported once, and what was staged is not read again.

    incoming = open_incoming(name="orders.csv"); incoming.write(chunk) …; upload = keep_incoming(incoming=…, …)
    upload = receive_upload(name="orders.csv", chunks=stream, …)      # the same in one call
    preview(upload_id=upload.id); choose_reading(…); start_import(upload_id=upload.id, started_by=actor.name)

`UploadRow.state` is received, queued, running, done, failed or removed; `bytes_done` of `bytes` is the progress,
`counts` what a done one counted, `explain_fault` why a failed one failed.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from django.db import transaction
from django.utils.translation import get_language, gettext

from reorder.connectors.tidy import WORDS
from reorder.domain.channels import uploads
from reorder.domain.channels.uploads import NewUpload, UploadRow, get_upload, list_uploads
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.file_import import errors
from reorder.flows.file_import.arriving import (
    Incoming,
    clean_name,
    empty_folder,
    expire_uploads,
    naming,
    open_incoming,
    path_of,
    sample_of,
    too_large,
)
from reorder.flows.file_import.importing import limits_of_settings
from reorder.flows.file_import.previewing import Preview, preview_sample, read_sample, take_sample, write_sample
from reorder.flows.file_import.rejects import rejected_file_of
from reorder.flows.file_import.source import look_at
from reorder.flows.file_import.upload_job import explain_fault, run_upload
from reorder.kernel import clock
from reorder.kernel.jobs import JobName, defer_job

__all__ = [
    "Incoming",
    "Preview",
    "UploadRow",
    "choose_reading",
    "clean_name",
    "expire_uploads",
    "explain_fault",
    "get_upload",
    "keep_incoming",
    "list_uploads",
    "open_incoming",
    "preview",
    "receive_upload",
    "rejected_file",
    "remove_upload",
    "run_upload",
    "start_check",
    "start_import",
    "too_large",
]

_LONGEST_CHANNEL = 60


def keep_incoming(*, incoming: Incoming, uploaded_by: str, channel: str = "file", kind: str = "") -> UploadRow:
    """Look at a file that arrived whole, take its sample and remember it.

    Raises BadInput (UnknownFileType, UnreadableFile, FileTooLarge, …) for one that can never be imported; then nothing
    of it stays.
    """
    try:
        incoming.close()
        limits = limits_of_settings()
        with naming(incoming.name):
            source = look_at(path=incoming.path, limits=limits)
            sample = take_sample(source=source, limits=limits)
        write_sample(file=incoming.sample_path, sample=sample)
        new = NewUpload(
            name=incoming.name,
            folder=incoming.folder,
            bytes=source.bytes,
            sha256=source.sha256,
            type=source.type,
            encoding=source.encoding,
            separator=source.separator,
            channel=_channel(name=incoming.name, channel=channel),
            kind=_kind(name=incoming.name, kind=kind),
            uploaded_by=uploaded_by,
            uploaded_at=clock.current_moment(),
        )
        with one_transaction():
            upload_id = uploads.record_upload(upload=new)
            _audit(actor=uploaded_by, action="imports.upload", upload_id=upload_id)
    except BaseException:
        incoming.discard()
        raise
    return get_upload(upload_id=upload_id)


def receive_upload(
    *, name: str, chunks: Iterable[bytes], uploaded_by: str, channel: str = "file", kind: str = ""
) -> UploadRow:
    """Take a file in from a stream of bytes, chunk by chunk; raises what `keep_incoming` and `Incoming.write` raise."""
    incoming = open_incoming(name=name)
    try:
        for chunk in chunks:
            incoming.write(chunk)
    except BaseException:
        incoming.discard()
        raise
    return keep_incoming(incoming=incoming, uploaded_by=uploaded_by, channel=channel, kind=kind)


def preview(*, upload_id: int) -> Preview:
    """How the file would be read: its columns, its first rows, those that would be refused.

    Raises UnknownUpload, and UploadGone when its bytes are deleted. Refusals are worded in the active language.
    """
    upload = get_upload(upload_id=upload_id)
    try:
        sample = read_sample(file=sample_of(upload))
    except OSError as cause:
        raise errors.UploadGone(file=upload.name) from cause
    return preview_sample(upload=upload, sample=sample)


def choose_reading(*, upload_id: int, channel: str, kind: str, columns: Mapping[str, str], decided_by: str) -> None:
    """Say which shop a file is from, what its rows are, and what its columns are (our word → the file's column).

    Empty `kind` and `columns` leave both to the header. Raises BadReading, UploadNotInState.
    """
    upload = get_upload(upload_id=upload_id)
    chosen = {word: column for word, column in columns.items() if column}
    if chosen and kind not in WORDS:
        raise errors.BadReading(file=upload.name, reason=gettext("say what its rows are before you name its columns."))
    twice = {column for column in chosen.values() if list(chosen.values()).count(column) > 1}
    if twice:
        reason = gettext("the column {column} is chosen twice.").format(column=min(twice))
        raise errors.BadReading(file=upload.name, reason=reason)
    with one_transaction():
        uploads.choose_reading(
            upload_id=upload_id,
            channel=_channel(name=upload.name, channel=channel),
            kind=_kind(name=upload.name, kind=kind),
            columns=chosen,
        )
        _audit(actor=decided_by, action="imports.choose", upload_id=upload_id)


def start_import(*, upload_id: int, started_by: str) -> UploadRow:
    """Let a job import the file; raises UploadNotInState when it is under way or done already."""
    return _start(upload_id=upload_id, started_by=started_by, is_check=False)


def start_check(*, upload_id: int, started_by: str) -> UploadRow:
    """Let a job read the whole file as an import would and change nothing; what it found stands in `checked`."""
    return _start(upload_id=upload_id, started_by=started_by, is_check=True)


def _start(*, upload_id: int, started_by: str, is_check: bool) -> UploadRow:
    with one_transaction():
        uploads.queue_upload(
            upload_id=upload_id,
            is_check=is_check,
            started_by=started_by,
            language=get_language() or "",
            moment=clock.current_moment(),
        )
        _audit(actor=started_by, action="imports.check" if is_check else "imports.start", upload_id=upload_id)
        defer_job(name=JobName.IMPORT_UPLOAD, arguments={"upload_id": upload_id}, once_key=f"upload-{upload_id}")
    return get_upload(upload_id=upload_id)


def rejected_file(*, upload_id: int) -> Path | None:
    """The list of refused rows with the reason beside each; None when there is none, or no longer."""
    upload = get_upload(upload_id=upload_id)
    file = rejected_file_of(path=path_of(upload))
    return file if upload.has_rejected and file.is_file() else None


def remove_upload(*, upload_id: int, decided_by: str) -> None:
    """Take a file away that shall not be imported; raises UploadNotInState while a job has it or when it is done."""
    upload = get_upload(upload_id=upload_id)
    with one_transaction():
        uploads.remove_upload(upload_id=upload_id)
        _audit(actor=decided_by, action="imports.remove", upload_id=upload_id)
        transaction.on_commit(lambda: empty_folder(upload))


def _channel(*, name: str, channel: str) -> str:
    cleaned = " ".join(channel.replace("\0", "").split()) or "file"
    if len(cleaned) > _LONGEST_CHANNEL:
        reason = gettext("the name of the shop is longer than {count} characters.").format(count=_LONGEST_CHANNEL)
        raise errors.BadReading(file=name, reason=reason)
    return cleaned


def _kind(*, name: str, kind: str) -> str:
    if kind and kind not in WORDS:
        raise errors.UnknownFormat(file=name, given=kind, known=", ".join(WORDS))
    return kind


def _audit(*, actor: str, action: str, upload_id: int) -> None:
    record_audit(actor=actor, action=action, subject_kind="upload", subject_key=str(upload_id))
