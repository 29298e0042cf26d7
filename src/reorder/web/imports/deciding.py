"""What people do on the desk Import: bring files, say how they are read, start, check and remove them."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from reorder.domain.staff.rules import Ability
from reorder.flows.file_import import uploads
from reorder.flows.file_import.errors import BadReading
from reorder.flows.file_import.uploads import Preview, UploadRow
from reorder.kernel.errors import BadInput, Conflict, NotFound, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.imports.receiving import IncomingHandler
from reorder.web.imports.views import show_detail, show_index
from reorder.web.imports.words import meaning_label

# The envelope of a form around its files.
_ENVELOPE_BYTES = 1 << 20


@csrf_exempt  # said again below: the check reads the form, and the form is to be read by our handler
@desk(Ability.IMPORT_FILES, method="POST")
def upload(request: HttpRequest) -> HttpResponseBase:
    """Take one file or several in; one leads to its page, several to the list."""
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > settings.REORDER.import_maximum_bytes + _ENVELOPE_BYTES:
        return show_index(request, faults=[_say(uploads.too_large(name=_("The file"), size=size))], status=413)
    handler = IncomingHandler(request)
    request.upload_handlers = [handler]
    try:
        return _receive(request)
    finally:
        handler.discard()


@csrf_protect
def _receive(request: HttpRequest) -> HttpResponse:
    request.FILES  # noqa: B018 - reads the form, and with it the files
    handler = request.upload_handlers[0]
    assert isinstance(handler, IncomingHandler)  # noqa: S101 - set a few lines above
    kept: list[UploadRow] = []
    faults = [_say(fault) for fault in handler.faults]
    for incoming in handler.take():
        try:
            kept.append(uploads.keep_incoming(incoming=incoming, uploaded_by=get_actor(request).name))
        except BadInput as fault:
            faults.append(_say(fault))
    if not kept:
        return show_index(request, faults=faults or [_("Choose a file first.")], status=422)
    for sentence in faults:
        messages.error(request, sentence)
    if len(kept) == 1:
        return redirect("imports:detail", upload_id=kept[0].id)
    messages.success(
        request,
        ngettext("{count} file was received.", "{count} files were received.", len(kept)).format(count=len(kept)),
    )
    return redirect("imports:index")


@desk(Ability.IMPORT_FILES, method="POST")
def choose(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Say what the file is and what its columns mean; what equals the detection is left to the detection."""
    try:
        file = uploads.get_upload(upload_id=upload_id)
        kind = request.POST.get("kind", "")
        columns = {} if "detect" in request.POST else _chosen_columns(request, file)
        uploads.choose_reading(
            upload_id=upload_id,
            channel=request.POST.get("channel", ""),
            kind=kind or (_current_kind(file) if columns else ""),
            columns=columns,
            decided_by=get_actor(request).name,
        )
    except (NotFound, Conflict):
        raise
    except BadInput as fault:
        return show_detail(request, upload_id=upload_id, fault=_say(fault), status=422)
    return redirect("imports:detail", upload_id=upload_id)


def _chosen_columns(request: HttpRequest, file: UploadRow) -> dict[str, str]:
    """Our word → the file's column as the form says, empty where that is what is detected anyway."""
    if "mapped" not in request.POST:
        return {}
    shown = uploads.preview(upload_id=file.id)
    chosen: dict[str, str] = {}
    for number, use in enumerate(shown.columns):
        meaning = request.POST.get(f"column-{number}", "")
        if meaning in chosen:
            reason = _("two columns are taken for “{meaning}”").format(meaning=meaning_label(meaning))
            raise BadReading(file=file.name, reason=f"{reason}: {chosen[meaning]}, {use.column}.")
        if meaning:
            chosen[meaning] = use.column
    return {} if _is_detected(chosen, shown, file) else chosen


def _is_detected(chosen: dict[str, str], shown: Preview, file: UploadRow) -> bool:
    return not file.columns and chosen == {use.meaning: use.column for use in shown.columns if use.meaning}


def _current_kind(file: UploadRow) -> str:
    return uploads.preview(upload_id=file.id).kind


@desk(Ability.IMPORT_FILES, method="POST")
def start(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Import it; a second click changes nothing and shows the same page."""
    if not uploads.get_upload(upload_id=upload_id).is_waiting_for_job:
        uploads.start_import(upload_id=upload_id, started_by=get_actor(request).name)
    return redirect("imports:detail", upload_id=upload_id)


@desk(Ability.IMPORT_FILES, method="POST")
def check(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Read all of it and change nothing."""
    if not uploads.get_upload(upload_id=upload_id).is_waiting_for_job:
        uploads.start_check(upload_id=upload_id, started_by=get_actor(request).name)
    return redirect("imports:detail", upload_id=upload_id)


@desk(Ability.IMPORT_FILES, method="POST")
def remove(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Take it away unused."""
    name = uploads.get_upload(upload_id=upload_id).name
    uploads.remove_upload(upload_id=upload_id, decided_by=get_actor(request).name)
    messages.success(request, _("{name} was removed. Nothing of it was imported.").format(name=name))
    return redirect("imports:index")


def _say(fault: BadInput) -> str:
    return explain_error(error=fault, translate=_)
