"""What leaves today: cut-offs with how far each is, a field to scan parcels out, and what nobody scanned."""

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.domain.storage import widened_transaction
from reorder.flows.floor.ship import parcel_codes
from reorder.flows.tracking import scan_out
from reorder.insights.manifests import list_waiting
from reorder.insights.shipping_desk import list_cut_offs
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.warehouse.place import list_own_places

_MOST: Final = 200


@desk(Ability.VIEW_ORDERS)
def index(request: HttpRequest) -> HttpResponse:
    """What leaves today, by cut-off."""
    return _show(request)


@desk(Ability.FULFIL_ORDERS, method="POST")
def scan(request: HttpRequest) -> HttpResponse:
    """A parcel was scanned, or its number typed: it goes onto the manifest of its carrier."""
    code = request.POST.get("code", "").replace("\x00", "").strip()[:200]
    place = request.POST.get("place", "").replace("\x00", "")[:200]
    if not code:
        return _show(request, fault=_("Scan or type the number of a parcel."), status=422)
    try:
        with widened_transaction():
            done = scan_out(
                codes=parcel_codes(text=code),
                place_code=place,
                cage="",
                actor=get_actor(request),
                moment=clock.current_moment(),
            )
    except BadInput as error:
        return _show(request, fault=explain_error(error=error, translate=_), status=status_of(error))
    said = (
        _("Parcel {parcel} was scanned before: it is on {manifest}.")
        if done.was_known
        else _("Parcel {parcel} is on {manifest}: put it into the cage of {carrier}.")
    )
    messages.success(request, said.format(parcel=done.parcel, manifest=done.manifest, carrier=done.carrier))
    return redirect("shipping:index")


def _show(request: HttpRequest, *, fault: str = "", status: int = 200) -> HttpResponse:
    actor, moment = get_actor(request), clock.current_moment()
    waiting = list_waiting(own_places=sorted(actor.place_codes), limit=_MOST + 1)
    cut_offs = list_cut_offs(actor=actor, until=_end_of_day(moment))
    context: dict[str, Any] = {
        "tab": "today",
        "rows": [(row, row.ship_by_at < moment) for row in cut_offs],
        "open_count": sum(row.open_count for row in cut_offs),
        "waiting": waiting[:_MOST],
        "has_more": len(waiting) > _MOST,
        "places": list_own_places(actor=actor),
        "place": request.POST.get("place", ""),
        "may_fulfil": actor.may(Ability.FULFIL_ORDERS),
        "fault": fault,
        "moment": moment,
    }
    return render(request, "shipping/index.html", context, status=status)


def _end_of_day(moment: dt.datetime) -> dt.datetime:
    """The next midnight of the shop."""
    zone = settings.REORDER.time_zone
    return clock.midnight(date=clock.date_at(moment=moment, time_zone=zone) + dt.timedelta(days=1), time_zone=zone)
