"""The pages of the desk Import."""

from collections.abc import Sequence
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.channels import import_pages
from reorder.domain.channels.import_pages import ImportLogRow
from reorder.domain.staff.rules import Ability
from reorder.flows.file_import import uploads
from reorder.flows.file_import.errors import UploadGone
from reorder.flows.file_import.uploads import UploadRow
from reorder.insights.runs import find_work_state
from reorder.kernel import formatting
from reorder.kernel.jobs import JobName
from reorder.web.access import desk
from reorder.web.errors import say
from reorder.web.imports.examples import kinds_of_files
from reorder.web.imports.showing import PreviewView, format_counts, size_of, view_preview
from reorder.web.imports.words import KINDS
from reorder.web.lists import (
    PAGE_SIZE,
    Cell,
    Column,
    ListPage,
    ListSpec,
    ListState,
    Row,
    Tab,
    make_page,
    read_last_id,
    read_state,
)
from reorder.web.templatetags.reorder import moment as said_moment
from reorder.web.templatetags.reorder import state_mark, word

_UPLOADS = ListSpec(
    page="imports",
    columns=(
        Column("name", gettext_lazy("File")),
        Column("state", gettext_lazy("State"), kind="state"),
        Column("kind", gettext_lazy("Rows are")),
        Column("read", gettext_lazy("Read"), kind="number"),
        Column("imported", gettext_lazy("Imported"), kind="number"),
        Column("unchanged", gettext_lazy("Unchanged"), kind="number"),
        Column("rejected", gettext_lazy("Rejected"), kind="number"),
        Column("size", gettext_lazy("Size"), kind="number", is_default=False),
        Column("channel", gettext_lazy("Shop"), is_default=False),
        Column("by", gettext_lazy("Uploaded by")),
        Column("at", gettext_lazy("Uploaded"), kind="date"),
    ),
    tabs=(
        Tab("all", gettext_lazy("All")),
        Tab("open", gettext_lazy("To be started")),
        Tab("running", gettext_lazy("Running")),
        Tab("done", gettext_lazy("Done")),
        Tab("failed", gettext_lazy("Failed")),
    ),
    search_label=gettext_lazy("Search files by name"),
    has_export=False,
)
_TAB_STATES = {"open": ("received",), "running": ("queued", "running"), "done": ("done",), "failed": ("failed",)}
_LOG = ListSpec(
    page="import-log",
    columns=(
        Column("name", gettext_lazy("File")),
        Column("state", gettext_lazy("State"), kind="state"),
        Column("kind", gettext_lazy("Rows are")),
        Column("read", gettext_lazy("Read"), kind="number"),
        Column("imported", gettext_lazy("Imported"), kind="number"),
        Column("unchanged", gettext_lazy("Unchanged"), kind="number"),
        Column("rejected", gettext_lazy("Rejected"), kind="number"),
        Column("channel", gettext_lazy("Shop")),
        Column("at", gettext_lazy("Started"), kind="date"),
        Column("error", gettext_lazy("Error")),
    ),
    tabs=(
        Tab("all", gettext_lazy("All")),
        Tab("done", gettext_lazy("Done")),
        Tab("failed", gettext_lazy("Failed")),
    ),
    has_search=False,
    has_export=False,
)


@desk(Ability.IMPORT_FILES)
def index(request: HttpRequest) -> HttpResponse:
    """Upload a file; below, what was uploaded before."""
    return show_index(request)


def show_index(request: HttpRequest, *, faults: Sequence[str] = (), status: int = 200) -> HttpResponse:
    """The page with the form and, after a refusal, what is wrong beside it."""
    # After a POST the list stands as it usually does: its address is that of the page.
    state = read_state(request=request, spec=_UPLOADS) if request.method == "GET" else _usual_state()
    rows = uploads.list_uploads(
        states=_TAB_STATES.get(state.tab, ()),
        search=state.search,
        before_id=read_last_id(state=state),
        limit=PAGE_SIZE + 1,
    )
    shown = rows[:PAGE_SIZE]
    page = make_page(
        request=request,
        spec=_UPLOADS,
        state=state,
        rows=[_upload_row(row, state) for row in shown],
        next_after=(shown[-1].id,) if len(rows) > PAGE_SIZE else None,
    )
    context = {
        "list": page,
        "faults": faults,
        "kinds": kinds_of_files(),
        "work": find_work_state(job=JobName.IMPORT_UPLOAD),
    }
    return render(request, "imports/index.html", context, status=status)


def _usual_state() -> ListState:
    return ListState(
        tab="all",
        search="",
        columns=tuple(column for column in _UPLOADS.columns if column.is_default),
        after=None,
        filters={},
        url=reverse("imports:index"),
    )


def _upload_row(row: UploadRow, state: ListState) -> Row:
    counts = row.counts
    cells = {
        "name": Cell(row.name),
        "state": Cell(state_mark("to_be_started" if row.state == "received" else row.state), css="state"),
        "kind": Cell(word(row.kind) if row.kind else "–"),
        "size": Cell(size_of(row.bytes), css="number"),
        "channel": Cell("–" if row.channel == "file" else row.channel),
        "by": Cell(row.uploaded_by),
        "at": Cell(said_moment(row.uploaded_at), css="date"),
        **{
            name: Cell(formatting.format_units(counts[name]) if name in counts else "–", css="number")
            for name in ("read", "imported", "unchanged", "rejected")
        },
    }
    return Row(
        key=str(row.id),
        url=reverse("imports:detail", args=[row.id]),
        cells=[cells[column.key] for column in state.columns],
    )


@desk(Ability.IMPORT_FILES)
def import_log(request: HttpRequest) -> HttpResponse:
    """Every import, whichever way the file came: uploaded, from the night's folder, from the terminal, by the API."""
    state = read_state(request=request, spec=_LOG)
    rows = import_pages.list_import_page(
        state="" if state.tab == "all" else state.tab, before_id=read_last_id(state=state), limit=PAGE_SIZE + 1
    )
    shown = rows[:PAGE_SIZE]
    page: ListPage = make_page(
        request=request,
        spec=_LOG,
        state=state,
        rows=[_log_row(row, state) for row in shown],
        next_after=(shown[-1].id,) if len(rows) > PAGE_SIZE else None,
    )
    return render(request, "imports/log.html", {"list": page})


def _log_row(row: ImportLogRow, state: ListState) -> Row:
    cells = {
        "name": Cell(row.name),
        "state": Cell(state_mark(row.state), css="state"),
        "kind": Cell(word(row.kind)),
        "read": Cell(formatting.format_units(row.rows_read), css="number"),
        "imported": Cell(formatting.format_units(row.rows_imported), css="number"),
        "unchanged": Cell(formatting.format_units(row.rows_unchanged), css="number"),
        "rejected": Cell(formatting.format_units(row.rows_rejected), css="number"),
        "channel": Cell("–" if row.channel == "file" else row.channel),
        "at": Cell(said_moment(row.started_at), css="date"),
        "error": Cell(row.error or "–"),
    }
    return Row(key=str(row.id), url="", cells=[cells[column.key] for column in state.columns])


@desk(Ability.IMPORT_FILES)
def detail(request: HttpRequest, upload_id: int) -> HttpResponse:
    """One file: how it would be read, how far it is, or what came of it."""
    return show_detail(request, upload_id=upload_id)


def show_detail(request: HttpRequest, *, upload_id: int, fault: str = "", status: int = 200) -> HttpResponse:
    """The page of one file, with what is wrong with what was just chosen."""
    upload = uploads.get_upload(upload_id=upload_id)
    context: dict[str, Any] = {
        "upload": upload,
        "size": size_of(upload.bytes),
        "fault": fault,
        "failure": uploads.explain_fault(upload=upload) if upload.state == "failed" else "",
        "kinds": KINDS,
        "channels": import_pages.list_channels(),
        "counts": format_counts(upload.counts),
        "checked": _checked(upload),
        "can_restart": upload.state in {"received", "failed"} and upload.emptied_at is None,
    }
    if context["can_restart"]:
        context["preview"] = _preview(upload)
    if upload.is_waiting_for_job:
        context |= _progress(upload)
    return render(request, "imports/detail.html", context, status=status)


def _preview(upload: UploadRow) -> PreviewView | None:
    try:
        return view_preview(preview=uploads.preview(upload_id=upload.id), upload=upload)
    except UploadGone:
        return None


def _checked(upload: UploadRow) -> dict[str, Any]:
    if not upload.checked:
        return {}
    return {
        "counts": upload.checked["counts"],
        "more": format_counts(upload.checked["counts"]),
        "examples": upload.checked["examples"],
    }


def _progress(upload: UploadRow) -> dict[str, Any]:
    """How far the job is, in words that stay true when nobody works."""
    percent = min(100, 100 * upload.bytes_done // max(upload.bytes, 1))
    if upload.state == "queued":
        phase = _("It waits for its turn.")
    elif percent < 100:
        phase = _("Rows are being read: {percent}% of the file.").format(percent=percent)
    elif upload.is_check:
        phase = _("All rows are read. Now they are checked against each other; nothing is changed.")
    else:
        phase = _("All rows are read. Now they are checked against each other and booked in one step.")
    return {"percent": percent, "phase": phase, "work": find_work_state(job=JobName.IMPORT_UPLOAD)}


@desk(Ability.IMPORT_FILES)
def progress(request: HttpRequest, upload_id: int) -> HttpResponse:
    """The part that a page under way asks for again and again; tells it to load anew when the job is over."""
    upload = uploads.get_upload(upload_id=upload_id)
    if not upload.is_waiting_for_job:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "imports/_progress.html", {"upload": upload, **_progress(upload)})


@desk(Ability.IMPORT_FILES)
def rejected(request: HttpRequest, upload_id: int) -> HttpResponseBase:
    """The refused rows with the reason beside each, as CSV that no spreadsheet takes for formulas."""
    upload = uploads.get_upload(upload_id=upload_id)
    file = uploads.rejected_file(upload_id=upload_id)
    if file is None:
        sentence = _("There is no list of refused rows, or its 30 days are over. Import the file again to get it.")
        return say(request=request, status=404, sentence=sentence, code="imports.no_list")
    return FileResponse(
        file.open("rb"),
        as_attachment=True,
        filename=f"{upload.name}.rejected.csv",
        content_type="text/csv; charset=utf-8",
    )
