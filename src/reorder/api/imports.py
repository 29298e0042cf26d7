"""Imports: a file is sent as it is, looked at, and taken in by a worker; its refused rows can be fetched."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Channel, Cursor, Id, IdempotencyKey, Limit
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.api.problems import TooLarge
from reorder.domain.staff.rules import Ability
from reorder.flows.file_import import uploads
from reorder.flows.file_import.uploads import Incoming, UploadRow
from reorder.kernel.errors import BadInput, NotFound

router = Router(tags=["imports"])
_LIST = "imports"
_CHUNK_BYTES = 256 * 1024


class NoFile(BadInput):
    code = "api.no_file"
    template = "Send the file as the body, or as the part named file of a multipart form."


class NoRefusedRows(NotFound):
    code = "api.no_refused_rows"
    template = "Import {import_id} has no list of refused rows, or no longer."


State = Literal["received", "queued", "running", "done", "failed", "removed"]


class ImportCounts(Schema):
    """Rows of the file: read = imported + unchanged + rejected."""

    read: int
    imported: int
    unchanged: int
    rejected: int


class Import(Schema):
    """One file on its way into the books."""

    id: int
    name: str
    state: State
    channel: str
    kind: str = Field(description="orders, products, stock, events or signals; empty until the header has said so.")
    bytes: int
    bytes_done: int
    counts: ImportCounts | None = Field(description="null until it is done.")
    has_rejected: bool
    error_code: str
    error: str = Field(description="Why it failed, in the language of Accept-Language.")
    uploaded_by: str
    uploaded_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


class ImportPage(Schema):
    """A page of imports, the newest first."""

    items: list[Import]
    next_cursor: str | None


class ImportWish(Schema):
    """What the file is called and how to read it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00]*$")] = Field(
        default="upload.csv", description="Its ending says the type: csv, tsv, parquet or xlsx."
    )
    channel: Channel = "file"
    kind: Literal["orders", "products", "stock", "events", "signals"] | None = Field(
        default=None, description="Only where the header leaves it open."
    )


_FILE = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file, or a multipart form with one part named file.",
        "content": {
            "application/octet-stream": {"schema": _FILE},
            "text/csv": {"schema": _FILE},
            "multipart/form-data": {"schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE}}},
        },
    }
}


def _receive(request: HttpRequest) -> bytes:
    """Stream the file to disk and fingerprint it on the way; the view keeps it, `_forget` drops what nobody kept."""
    limit = settings.REORDER.import_maximum_bytes
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit + _CHUNK_BYTES:
        raise TooLarge(limit=limit)
    digest = hashlib.sha256()
    incoming = uploads.open_incoming(name=request.GET.get("name") or "upload.csv")
    request.incoming = incoming  # type: ignore[attr-defined]
    for chunk in _chunks(request):
        digest.update(chunk)
        incoming.write(chunk)
    if not incoming.size:
        raise NoFile
    return digest.digest()


def _chunks(request: HttpRequest) -> Iterator[bytes]:
    if request.content_type != "multipart/form-data":
        while chunk := request.read(_CHUNK_BYTES):
            yield chunk
        return
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        raise NoFile
    yield from sent.chunks(_CHUNK_BYTES)


def _forget(request: HttpRequest) -> None:
    incoming: Incoming | None = getattr(request, "incoming", None)
    if incoming is not None:
        incoming.discard()


@writes(
    router,
    "/imports",
    ability=Ability.IMPORT_FILES,
    answers={202: Import},
    summary="Send a file of orders, products or stock; a worker imports it",
    digest=_receive,
    cleanup=_forget,
    extra=_BODY,
)
def post_import(request: ApiRequest, idempotency_key: IdempotencyKey, wanted: Query[ImportWish]) -> Written:
    incoming: Incoming = request.incoming  # type: ignore[attr-defined]
    kept = uploads.keep_incoming(
        incoming=incoming, uploaded_by=request.auth.name, channel=wanted.channel, kind=wanted.kind or ""
    )
    request.incoming = None  # type: ignore[attr-defined]
    started = uploads.start_import(upload_id=kept.id, started_by=request.auth.name)
    return Written(status=202, body=_import(started), headers={"Location": f"/api/v1/imports/{started.id}"})


@reads(router, "/imports", ability=Ability.IMPORT_FILES, answer=ImportPage, summary="List imports, the newest first")
def list_imports(request: ApiRequest, limit: Limit = 50, cursor: Cursor = None) -> ImportPage:
    before = decode_cursor(of=_LIST, text=cursor, kinds=(int,))
    rows = uploads.list_uploads(before_id=before[0] if before else None, limit=limit + 1)
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.id,)) if last else None
    return ImportPage(items=[_import(row) for row in shown], next_cursor=following)


@reads(
    router,
    "/imports/{int:import_id}",
    ability=Ability.IMPORT_FILES,
    answer=Import,
    summary="Show how far an import is and what it counted",
)
def get_import(request: ApiRequest, import_id: Id) -> Import:
    return _import(uploads.get_upload(upload_id=import_id))


@reads(
    router,
    "/imports/{int:import_id}/rejected",
    ability=Ability.IMPORT_FILES,
    answer=None,
    summary="Fetch the refused rows with the reason beside each, as CSV",
    extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def get_rejected_rows(request: ApiRequest, import_id: Id) -> FileResponse:
    file = uploads.rejected_file(upload_id=import_id)
    if file is None:
        raise NoRefusedRows(import_id=import_id)
    answer = FileResponse(
        file.open("rb"), content_type="text/csv; charset=utf-8", as_attachment=True, filename=file.name
    )
    answer["Cache-Control"] = "no-store"
    return answer


def _import(row: UploadRow) -> Import:
    counts = None
    if row.state == "done":
        counts = ImportCounts(**{name: int(row.counts.get(name, 0)) for name in ImportCounts.model_fields})
    facts = {name: getattr(row, name) for name in Import.model_fields if hasattr(row, name)}
    error = uploads.explain_fault(upload=row) if row.state == "failed" else ""
    return Import.model_validate(facts | {"counts": counts, "error": error})
