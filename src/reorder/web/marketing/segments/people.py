"""People into a list and out of it: by hand, and by a file that a job takes in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from reorder.domain.staff.rules import Ability
from reorder.flows import segmenting
from reorder.insights import segment_pages
from reorder.kernel import formatting
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.imports.receiving import IncomingHandler
from reorder.web.marketing.segments import words
from reorder.web.marketing.segments.showing import explain_fault
from reorder.web.marketing.segments.views import show_segment


@desk(Ability.EDIT_MARKETING, method="POST")
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Put people on a list, or take them off it, by ids or addresses."""
    segment_pages.get_segment(actor=get_actor(request), code=code, ability=Ability.EDIT_MARKETING)
    typed = request.POST.get("people", "")
    keys = [one.strip() for one in typed.replace(",", "\n").replace("，", "\n").splitlines() if one.strip()]
    act = segmenting.remove_members if request.POST.get("do") == "remove" else segmenting.add_members
    try:
        found = segmenting.find_people(keys=keys)
        count = act(
            code=code,
            customer_ids=list(found.values()),
            decided_by=get_actor(request).name,
            moment=current_moment(),
        )
    except BadInput as error:
        return show_segment(request, code, faults=[explain_fault(error)], people=typed, status=422)
    messages.success(request, _said(count, is_out=act is segmenting.remove_members))
    missing = [key for key in keys if key not in found]
    if missing:
        named = ", ".join(missing[:10])
        messages.warning(request, _("Nobody, or several customers, are called: {keys}").format(keys=named))
    return redirect("segments:show", code)


@csrf_exempt  # said again below: the check reads the form, and the form is to be read by our handler
@desk(Ability.EDIT_MARKETING, method="POST")
def upload(request: HttpRequest, code: str) -> HttpResponseBase:
    """Take a file in; a job reads it."""
    handler = IncomingHandler(request)
    request.upload_handlers = [handler]
    try:
        return _receive(request, code)
    finally:
        handler.discard()


@csrf_protect
def _receive(request: HttpRequest, code: str) -> HttpResponse:
    request.FILES  # noqa: B018 - reads the form, and with it the file
    handler = request.upload_handlers[0]
    assert isinstance(handler, IncomingHandler)  # noqa: S101 - set a few lines above
    mode = request.POST.get("mode", "")
    arrived = handler.take()
    faults = [explain_fault(fault) for fault in handler.faults]
    for spare in arrived[1:]:
        spare.discard()
    if faults or not arrived or mode not in words.MODES:
        for incoming in arrived[:1]:
            incoming.discard()
        return show_segment(request, code, faults=faults or [_("Choose a file first.")], status=422)
    try:
        import_id = segmenting.start_list_import(
            code=code, mode=mode, incoming=arrived[0], asked_by=get_actor(request).name, moment=current_moment()
        )
    except BadInput as error:
        return show_segment(request, code, faults=[explain_fault(error)], status=422)
    return redirect("segments:list_import", code, import_id)


def _said(count: int, *, is_out: bool) -> str:
    if is_out:
        said = ngettext("{count} customer was taken off the list.", "{count} customers were taken off the list.", count)
    else:
        said = ngettext("{count} customer joined the list.", "{count} customers joined the list.", count)
    return said.format(count=formatting.format_units(count))
