"""Files that people brought: what is known of each, and every change as a guarded UPDATE.

Who may see a file is the caller's to check; where its bytes lie is `flows/file_import/uploads`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from reorder.domain.channels.errors import UnknownUpload, UploadNotInState
from reorder.domain.channels.models import UploadedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRow:
    """One uploaded file; `counts` is filled when done, `checked` by a check, `error_…` when it failed."""

    id: int
    name: str
    folder: str
    bytes: int
    sha256: str
    type: str
    encoding: str
    separator: str
    channel: str
    kind: str
    columns: Mapping[str, str]
    state: str
    is_check: bool
    checked: Mapping[str, Any]
    bytes_done: int
    attempts_count: int
    counts: Mapping[str, int]
    outcome: str
    error_code: str
    error_parameters: Mapping[str, Any]
    error: str
    has_rejected: bool
    uploaded_by: str
    uploaded_at: dt.datetime
    started_by: str
    language: str
    queued_at: dt.datetime | None
    started_at: dt.datetime | None
    heard_at: dt.datetime | None
    finished_at: dt.datetime | None
    emptied_at: dt.datetime | None

    @property
    def is_waiting_for_job(self) -> bool:
        """Whether a worker has it, or should."""
        return self.state in {"queued", "running"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpload:
    """A file that lies whole on disk."""

    name: str
    folder: str
    bytes: int
    sha256: str
    type: str
    encoding: str
    separator: str
    channel: str
    kind: str
    uploaded_by: str
    uploaded_at: dt.datetime


def record_upload(*, upload: NewUpload) -> int:
    """Remember a file that arrived; returns its number."""
    made = UploadedFile.objects.create(**{name: getattr(upload, name) for name in NewUpload.__slots__})
    return int(made.pk)


def get_upload(*, upload_id: int) -> UploadRow:
    """One uploaded file; raises UnknownUpload."""
    # A number beyond the database's range names nothing either.
    found = UploadedFile.objects.filter(pk=upload_id).first() if 0 < upload_id < 2**63 else None
    if found is None:
        raise UnknownUpload(upload_id=upload_id)
    return _row(found)


def list_uploads(
    *, states: Sequence[str] = (), search: str = "", before_id: int | None = None, limit: int = 50
) -> list[UploadRow]:
    """The newest uploads, those before `before_id` when given, of these states and with this in their name."""
    rows = UploadedFile.objects.order_by("-pk")
    rows = rows.filter(state__in=list(states)) if states else rows.exclude(state="removed")
    rows = rows.filter(name__icontains=search) if search else rows
    rows = rows.filter(pk__lt=before_id) if before_id is not None else rows
    return [_row(row) for row in rows[:limit]]


def list_uploads_on_disk(*, uploaded_before: dt.datetime) -> list[UploadRow]:
    """Uploads older than a moment whose folder is still there and that no job works on."""
    kept = UploadedFile.objects.filter(emptied_at__isnull=True, uploaded_at__lt=uploaded_before)
    return [_row(row) for row in kept.exclude(state__in=["queued", "running"]).order_by("pk")]


def list_folders_in_use() -> set[str]:
    """Folders on disk that belong to an upload."""
    return set(UploadedFile.objects.filter(emptied_at__isnull=True).values_list("folder", flat=True))


def choose_reading(*, upload_id: int, channel: str, kind: str, columns: Mapping[str, str]) -> None:
    """How a file is to be read; raises UploadNotInState once it was started. What a check found before is forgotten."""
    changed = UploadedFile.objects.filter(pk=upload_id, state__in=["received", "failed"]).update(
        channel=channel, kind=kind, columns=dict(columns), checked={}
    )
    _require(upload_id=upload_id, changed=changed, action="read another way")


def queue_upload(*, upload_id: int, is_check: bool, started_by: str, language: str, moment: dt.datetime) -> None:
    """A job is to take it; raises UploadNotInState when it was started already, so that a second click does nothing."""
    changed = UploadedFile.objects.filter(
        pk=upload_id, state__in=["received", "failed"], emptied_at__isnull=True
    ).update(
        state="queued",
        is_check=is_check,
        started_by=started_by,
        language=language,
        queued_at=moment,
        started_at=None,
        heard_at=None,
        finished_at=None,
        bytes_done=0,
        attempts_count=0,
        error_code="",
        error_parameters={},
        error="",
    )
    _require(upload_id=upload_id, changed=changed, action="started")


def begin_upload(*, upload_id: int, moment: dt.datetime) -> UploadRow | None:
    """The job takes it up, or takes it up again after a kill; None when there is nothing left to do."""
    changed = UploadedFile.objects.filter(pk=upload_id, state__in=["queued", "running"]).update(
        state="running", heard_at=moment, attempts_count=F("attempts_count") + 1
    )
    if not changed:
        return None
    UploadedFile.objects.filter(pk=upload_id, started_at__isnull=True).update(started_at=moment)
    return get_upload(upload_id=upload_id)


def put_back_upload(*, upload_id: int) -> None:
    """Let it wait again, because another import runs."""
    UploadedFile.objects.filter(pk=upload_id, state="running").update(state="queued")


def note_progress(*, upload_id: int, bytes_done: int, moment: dt.datetime) -> None:
    """How far the job has read the file."""
    UploadedFile.objects.filter(pk=upload_id, state="running").update(bytes_done=bytes_done, heard_at=moment)


def finish_upload(
    *, upload_id: int, outcome: str, kind: str, counts: Mapping[str, int], has_rejected: bool, moment: dt.datetime
) -> None:
    """The import committed; guarded, so that a job that ran twice tells once."""
    UploadedFile.objects.filter(pk=upload_id, state="running").update(
        state="done",
        outcome=outcome,
        kind=kind,
        counts=dict(counts),
        has_rejected=has_rejected,
        bytes_done=F("bytes"),
        finished_at=moment,
    )


def finish_check(*, upload_id: int, found: Mapping[str, Any]) -> None:
    """A check came to its end; the file waits for somebody to say go."""
    UploadedFile.objects.filter(pk=upload_id, state="running", is_check=True).update(
        state="received", checked=dict(found), bytes_done=0
    )


def fail_upload(*, upload_id: int, code: str, parameters: Mapping[str, Any], error: str, moment: dt.datetime) -> None:
    """Nothing was taken in; why is kept as a code, so that everybody reads it in their language."""
    UploadedFile.objects.filter(pk=upload_id, state__in=["queued", "running"]).update(
        state="failed", error_code=code, error_parameters=dict(parameters), error=error, finished_at=moment
    )


def remove_upload(*, upload_id: int) -> None:
    """Nobody wants it any more; raises UploadNotInState while a job has it or when it is history."""
    changed = UploadedFile.objects.filter(pk=upload_id, state__in=["received", "failed"]).update(state="removed")
    _require(upload_id=upload_id, changed=changed, action="removed")


def note_emptied(*, upload_id: int, moment: dt.datetime) -> None:
    """Its folder is gone; a file that was never imported counts as removed."""
    UploadedFile.objects.filter(pk=upload_id).filter(~Q(state__in=["queued", "running"])).update(
        emptied_at=moment, has_rejected=False
    )
    UploadedFile.objects.filter(pk=upload_id, state="received").update(state="removed")


def _require(*, upload_id: int, changed: int, action: str) -> None:
    if not changed:
        raise UploadNotInState(state=get_upload(upload_id=upload_id).state, action=action)


def _row(row: UploadedFile) -> UploadRow:
    return UploadRow(**{name: getattr(row, name) for name in UploadRow.__slots__ if name != "id"}, id=row.pk)
