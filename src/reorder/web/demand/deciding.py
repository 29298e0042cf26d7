"""Changing the plan: an adjustment is made, and taken back."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from reorder.domain.inventory import queries as inventory
from reorder.domain.staff.rules import Ability
from reorder.flows.demand_plan import Adjusted, adjust_demand, withdraw_adjustment
from reorder.insights.demand_page import Selection
from reorder.kernel.clock import current_date, current_moment
from reorder.kernel.errors import BadInput, NotFound, explain_error
from reorder.kernel.ids import idempotency_key
from reorder.web.access import desk, get_actor
from reorder.web.demand.forms import AdjustmentForm
from reorder.web.demand.page import make_demand_page


@desk(Ability.ADJUST_DEMAND, method="POST")
def adjust(request: HttpRequest) -> HttpResponse:
    """Record the adjustment and count it at once; a form with faults comes back with what is wrong."""
    actor = get_actor(request)
    today = current_date(time_zone=settings.REORDER.time_zone)
    places = [(place.code, place.name) for place in inventory.list_places() if actor.may_at(place.code)]
    form = AdjustmentForm(request.POST, places=places, today=today)
    if form.is_valid():
        key = idempotency_key("adjustment", actor.name, form.cleaned_data["nonce"])
        try:
            done = adjust_demand(
                adjustment=form.to_adjustment(key=key),
                place_codes=actor.place_codes,
                today=today,
                decided_by=actor.name,
            )
        except NotFound:
            raise
        except BadInput as error:
            form.add_error(None, explain_error(error=error, translate=_))
        else:
            _tell(request, done=done, said=_("The plan is adjusted."))
            return _back(subject=done.subject, place=request.POST.get("seen", ""))
    selection = Selection(
        scope="subject", key=request.POST.get("subject", "").replace("\x00", "")[:300], places=actor.place_codes
    )
    page = make_demand_page(
        selection=selection,
        places=places,
        may_adjust=True,
        week="",
        language=str(request.LANGUAGE_CODE),
        form=form,
    )
    context = {"page": page, "selection": selection, "places": places, "may_adjust": True, "may_withdraw": True}
    return render(request, "demand/index.html", context, status=422)


@desk(Ability.ADJUST_DEMAND, method="POST")
def withdraw(request: HttpRequest) -> HttpResponse:
    """Undo one adjustment."""
    actor = get_actor(request)
    done = withdraw_adjustment(
        key=request.POST.get("key", "").replace("\x00", "")[:80],
        place_codes=actor.place_codes,
        moment=current_moment(),
        decided_by=actor.name,
    )
    _tell(request, done=done, said=_("The adjustment is taken back."))
    return _back(subject=done.subject, place=request.POST.get("seen", ""))


def _tell(request: HttpRequest, *, done: Adjusted, said: str) -> None:
    if not done.is_new:
        messages.info(request, _("This adjustment was made already; nothing was added twice."))
    elif done.is_counted:
        messages.success(request, said + " " + _("Targets follow; proposals are made again in a few minutes."))
    else:
        messages.warning(request, said + " " + _("A night is running: it counts from the next plan on."))


def _back(*, subject: str, place: str) -> HttpResponse:
    known = {"subject": subject} | ({"place": place.replace("\x00", "")[:200]} if place else {})
    return redirect(f"{reverse('demand:index')}?{urlencode(known)}#adjustments")
