"""Choosing a convenience store on a carrier's map, and taking its answer, which comes from the carrier's page."""

from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from reorder.domain.staff.rules import Ability
from reorder.flows.labels.stores import list_store_maps, take_store_choice
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of

_MOST_BYTES = 20_000


@desk(Ability.MANAGE_ORDERS)
def choose(request: HttpRequest, order_id: int) -> HttpResponseBase:
    """Maps of stores for an order; the buttons post signed fields to the carrier, and this page alone may."""
    maps = list_store_maps(order_id=order_id, actor=get_actor(request), moment=clock.current_moment())
    answer = render(request, "parcels/stores.html", {"maps": maps, "order_id": order_id})
    answer["Cache-Control"] = "no-store"
    there = sorted({f"{urlsplit(one.form.url).scheme}://{urlsplit(one.form.url).netloc}" for one in maps})
    return csp_update({"form-action": ["'self'", *there]})(lambda _request: answer)(request)


@csrf_exempt
@require_POST
def take(request: HttpRequest, token: str) -> HttpResponse:
    """What the map answers; the signed word in the address says whose order it is, nobody need be signed in."""
    try:
        body = request.body[:_MOST_BYTES]
        taken = take_store_choice(token=token, body=body, moment=clock.current_moment())
    except ReorderError as fault:
        said = explain_error(error=fault, translate=_)
        return render(request, "parcels/store_taken.html", {"fault": said}, status=status_of(fault))
    messages.success(request, _("The parcel goes to store {name}.").format(name=taken.choice.name))
    return redirect("orders:order", order_id=taken.order_id)
