"""Having bins counted from the desk: one, a whole zone, or what is due by its class."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.warehouse.errors import UnknownBin
from reorder.flows.counting import plan_counts
from reorder.flows.counting.asking import ask_count_at
from reorder.flows.counting.planning import ask_zone
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.counts.views import DECIDES, SEES
from reorder.web.returning import way_back
from reorder.web.warehouse.place import require_place


@desk(*SEES, method="POST")
def ask(request: HttpRequest) -> HttpResponse:
    """Have one bin counted today."""
    chosen = require_place(request)
    code = request.POST.get("bin", "").replace("\x00", "").strip()[:120]
    try:
        asked = ask_count_at(
            place_code=chosen.place.code, bin_code=code, actor=get_actor(request), moment=clock.current_moment()
        )
    except UnknownBin as fault:
        messages.error(request, explain_error(error=fault, translate=_))
        return _back(request, chosen.query)
    said = _("Bin {bin} is counted today.") if asked.is_new else _("Bin {bin} has an open count already.")
    messages.success(request, said.format(bin=asked.bin_code))
    return _back(request, chosen.query)


@desk(DECIDES, method="POST")
def ask_whole_zone(request: HttpRequest) -> HttpResponse:
    """Have every bin of a zone counted today."""
    chosen = require_place(request)
    zone = request.POST.get("zone", "").replace("\x00", "")[:120]
    try:
        count = ask_zone(
            place_code=chosen.place.code, zone_code=zone, actor=get_actor(request), moment=clock.current_moment()
        )
    except BadInput as fault:
        messages.error(request, explain_error(error=fault, translate=_))
        return _back(request, chosen.query)
    said = ngettext("{count} bin more is counted today.", "{count} bins more are counted today.", count)
    messages.success(request, said.format(count=f"{count:,}"))
    return _back(request, chosen.query)


@desk(DECIDES, method="POST")
def plan(request: HttpRequest) -> HttpResponse:
    """Plan the coming working days now."""
    chosen = require_place(request)
    planned = plan_counts(moment=clock.current_moment(), place_codes=[chosen.place.code])
    count = sum(one.planned_count for one in planned)
    said = ngettext("{count} count more is planned.", "{count} counts more are planned.", count)
    messages.success(request, said.format(count=f"{count:,}"))
    return _back(request, chosen.query)


def _back(request: HttpRequest, query: str) -> HttpResponse:
    return redirect(way_back(request=request, usual=f"/warehouse/counts/?{query}"))
