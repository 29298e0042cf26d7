"""One parcel: what is in it, how it was handed over, all that was said of it, and what somebody adds by hand."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows.tracking.noting import give_link, note_by_hand
from reorder.insights.parcels import get_parcel, list_tracking
from reorder.kernel import clock
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.shipping.forms import EventForm
from reorder.web.shipping.under_way import mark_of
from reorder.web.tracking.showing import shown_parcel


@desk(Ability.VIEW_ORDERS)
def show(request: HttpRequest, parcel_id: int) -> HttpResponse:
    """The page of one parcel."""
    return _show(request, parcel_id)


@desk(Ability.FULFIL_ORDERS, method="POST")
def note(request: HttpRequest, parcel_id: int) -> HttpResponse:
    """Something that somebody knows of it."""
    form = EventForm(request.POST)
    if not form.is_valid():
        return _show(request, parcel_id, form=form, status=422)
    try:
        taken = note_by_hand(
            parcel_id=parcel_id, word=form.word(), actor=get_actor(request), moment=clock.current_moment()
        )
    except BadInput as error:
        form.refuse(error)
        return _show(request, parcel_id, form=form, status=status_of(error))
    messages.success(request, _("Recorded.") if taken.new_count else _("That was recorded before."))
    return redirect("shipping:parcel", parcel_id)


@desk(Ability.FULFIL_ORDERS, method="POST")
def link(request: HttpRequest, parcel_id: int) -> HttpResponse:
    """The link that the customer follows the parcels by, to be copied into a message."""
    address = give_link(parcel_id=parcel_id, actor=get_actor(request), moment=clock.current_moment())
    return _show(request, parcel_id, link=address)


def _show(
    request: HttpRequest, parcel_id: int, *, form: EventForm | None = None, link: str = "", status: int = 200
) -> HttpResponse:
    actor = get_actor(request)
    row = get_parcel(parcel_id=parcel_id, actor=actor)
    events = list_tracking(parcel_ids=[row.id]).get(row.id, [])
    context: dict[str, Any] = {
        "row": row,
        "mark": mark_of(row),
        "parcel": shown_parcel(row, events=events),
        "form": form or EventForm(),
        "may_fulfil": actor.may(Ability.FULFIL_ORDERS),
        "customer_link": link,
        "for_staff": True,
    }
    return render(request, "shipping/parcel.html", context, status=status)
