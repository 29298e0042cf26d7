"""What people do with campaigns."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from reorder.domain.staff.rules import Ability
from reorder.flows import campaigns
from reorder.insights import campaign_pages
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.marketing.campaigns.forms import CampaignForm
from reorder.web.marketing.campaigns.views import context_of_refused, show_page

_DECISIONS: Final[Mapping[str, tuple[Ability, Callable[..., Any]]]] = {
    "submit": (Ability.EDIT_MARKETING, campaigns.submit),
    "approve": (Ability.DECIDE_MARKETING_MESSAGES, campaigns.approve),
    "schedule": (Ability.EDIT_MARKETING, campaigns.schedule),
    "take_back": (Ability.EDIT_MARKETING, campaigns.take_back),
    "cancel": (Ability.EDIT_MARKETING, campaigns.cancel),
}


@desk(Ability.EDIT_MARKETING, method="POST")
def create(request: HttpRequest) -> HttpResponseBase:
    """Keep a new draft."""
    moment = clock.current_moment()
    form = CampaignForm(request.POST, choices=campaign_pages.list_choices(moment=moment), has_code=False)
    if form.is_valid():
        try:
            made = campaigns.create(
                code=form.cleaned_data["code"],
                terms=form.terms,
                decided_by=get_actor(request).name,
                moment=moment,
            )
        except BadInput as fault:
            form.add_error(None, explain_error(error=fault, translate=gettext))
        else:
            return redirect("campaigns:show", made.code)
    return _refused(request, form=form, row=None, seen="")


@desk(Ability.EDIT_MARKETING, method="POST")
def change(request: HttpRequest, code: str) -> HttpResponseBase:
    """Keep a draft as it was written anew."""
    moment, seen = clock.current_moment(), request.POST.get("seen", "")
    form = CampaignForm(request.POST, choices=campaign_pages.list_choices(moment=moment), has_code=True)
    if form.is_valid():
        try:
            campaigns.change(
                code=code,
                terms=form.terms,
                seen_at=_moment_of(seen),
                decided_by=get_actor(request).name,
                moment=moment,
            )
        except BadInput as fault:
            form.add_error(None, explain_error(error=fault, translate=gettext))
        else:
            return redirect("campaigns:show", code)
    row = campaign_pages.get_campaign_page(actor=get_actor(request), code=code).row
    return _refused(request, form=form, row=row, seen=seen)


@desk(Ability.EDIT_MARKETING, Ability.DECIDE_MARKETING_MESSAGES, method="POST")
def decide(request: HttpRequest, code: str) -> HttpResponseBase:
    """Submit, let go, take back or cancel."""
    ability, act = _DECISIONS.get(request.POST.get("do", ""), (None, None))
    actor = get_actor(request)
    if act is None or ability is None or not actor.may(ability):
        return show_page(request, code=code, fault=gettext("That cannot be done here."), status=403)
    try:
        act(code=code, decided_by=actor.name, moment=clock.current_moment())
    except BadInput as fault:
        return show_page(request, code=code, fault=explain_error(error=fault, translate=gettext), status=409)
    return redirect("campaigns:show", code)


def _refused(request: HttpRequest, *, form: CampaignForm, row: Any, seen: str) -> HttpResponse:
    context = context_of_refused(form, row=row, seen=seen)
    return render(request, "marketing/campaigns/edit.html", context, status=422)


def _moment_of(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return dt.datetime.min.replace(tzinfo=dt.UTC)
