"""The job behind an uploaded file: check or import it, and record what came of it in everybody's language."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from reorder.connectors.base import WrongExport
from reorder.domain.channels import queries as log_queries
from reorder.domain.channels import uploads
from reorder.domain.channels.errors import ImportGone
from reorder.domain.channels.uploads import UploadRow
from reorder.domain.storage import AlreadyRunning
from reorder.flows.file_import import errors
from reorder.flows.file_import.arriving import delete_bytes, naming, path_of, with_name
from reorder.flows.file_import.importing import check_file, import_file
from reorder.flows.file_import.rejects import rejected_file_of
from reorder.flows.file_import.report import ImportReport
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError, explain_error

# What a whole file can be refused for, so that a stored code becomes a sentence in the reader's language.
_FAULTS: dict[str, type[ReorderError]] = {
    fault.code: fault
    for fault in (
        errors.FileMissing,
        errors.FileTooLarge,
        errors.PlaceNeeded,
        errors.RefusalsNotWritten,
        errors.UnknownFileType,
        errors.UnknownFormat,
        errors.UnknownHeader,
        errors.UnreadableFile,
        AlreadyRunning,
        errors.BadReading,
        ImportGone,
        errors.UploadGone,
        WrongExport,
    )
}


def run_upload(*, upload_id: int) -> None:
    """The job: import (or check) one uploaded file and record what came of it. Safe to run twice, and after a kill.

    Raises AlreadyRunning while another import runs, so that the job is tried again.
    """
    upload = uploads.begin_upload(upload_id=upload_id, moment=clock.current_moment())
    if upload is None:
        return
    try:
        with translation.override(upload.language or settings.LANGUAGE_CODE):
            report = _take(upload)
    except AlreadyRunning:
        uploads.put_back_upload(upload_id=upload_id)
        raise
    except ReorderError as fault:
        _fail(upload=upload, fault=fault)
        return
    except Exception as cause:
        # Whatever it was, the page must say so; the cause goes on to the worker's log.
        _fail(upload=upload, fault=errors.UnreadableFile(file=upload.name, reason=f"{type(cause).__name__}: {cause}"))
        raise
    if upload.is_check:
        uploads.finish_check(upload_id=upload_id, found=_found(report))
        return
    uploads.finish_upload(
        upload_id=upload_id,
        outcome=report.outcome,
        kind=report.kind,
        counts=report.counts,
        has_rejected=rejected_file_of(path=path_of(upload)).exists(),
        moment=clock.current_moment(),
    )
    delete_bytes(upload)


def _take(upload: UploadRow) -> ImportReport:
    if not path_of(upload).exists():
        raise errors.UploadGone(file=upload.name)
    take = check_file if upload.is_check else import_file
    with naming(upload.name):
        report = take(
            path=path_of(upload),
            channel=upload.channel,
            kind=upload.kind or None,
            columns=upload.columns or None,
            progress=lambda done: uploads.note_progress(
                upload_id=upload.id, bytes_done=done, moment=clock.current_moment()
            ),
        )
    return _as_first_told(upload=upload, report=report)


def _as_first_told(*, upload: UploadRow, report: ImportReport) -> ImportReport:
    """What a job that was killed between its commit and its word had counted, instead of “all known”."""
    if report.outcome != "known":
        return report
    done = log_queries.find_finished_import(sha256=upload.sha256, channel=upload.channel, kind=report.kind)
    was_ours = done and done.finished_at and upload.started_at and done.finished_at >= upload.started_at
    if not (done and was_ours):
        unchanged = report.rows_read - report.rows_rejected
        counts = {"read": report.rows_read, "imported": 0, "unchanged": unchanged, "rejected": report.rows_rejected}
        return _with(report=report, outcome="known", counts=counts)
    return _with(report=report, outcome="imported", counts=done.counts)


def _with(*, report: ImportReport, outcome: str, counts: Mapping[str, int]) -> ImportReport:
    return ImportReport(
        name=report.name,
        channel=report.channel,
        kind=report.kind,
        format=report.format,
        outcome=outcome,
        rows_read=counts["read"],
        rows_imported=counts["imported"],
        rows_unchanged=counts["unchanged"],
        rows_rejected=counts["rejected"],
        counts=counts,
        rejected_file=report.rejected_file,
    )


def _found(report: ImportReport) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "counts": dict(report.counts),
        "examples": [[cell.row_number, cell.column, cell.value[:200], cell.reason] for cell in report.examples],
    }


def _fail(*, upload: UploadRow, fault: ReorderError) -> None:
    named = with_name(fault, upload.name)
    with translation.override("en"):
        parameters = {
            name: value if isinstance(value, int | float) else str(value) for name, value in named.parameters.items()
        }
        words = str(type(named)(**parameters))
    uploads.fail_upload(
        upload_id=upload.id, code=named.code, parameters=parameters, error=words, moment=clock.current_moment()
    )


def explain_fault(*, upload: UploadRow) -> str:
    """Why a failed upload failed, in the active language; empty when it did not fail."""
    fault = _FAULTS.get(upload.error_code)
    if fault is None:
        return upload.error
    return explain_error(error=fault(**upload.error_parameters), translate=gettext)
