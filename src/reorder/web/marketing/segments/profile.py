"""Tags, attributes and segments on a customer's page: a part of it that comes by itself, and saving tags."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows import segmenting
from reorder.insights import segment_pages
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.marketing.segments.ready_words import say_segment
from reorder.web.marketing.segments.showing import explain_fault


@desk(Ability.VIEW_CUSTOMERS)
def show(request: HttpRequest, customer_id: int) -> HttpResponse:
    """What is said of a customer besides facts; for somebody without scripts a page of its own."""
    actor = get_actor(request)
    found = segment_pages.get_profile_of(actor=actor, customer_id=customer_id)
    stays = [replace(one, name=say_segment(code=one.code, name=one.name)) for one in found.stays]
    context: dict[str, Any] = {
        "customer_id": customer_id,
        "own_tags": ", ".join(one.tag for one in found.tags if not one.is_given),
        "profile": found,
        "now": [one for one in stays if one.left_at is None],
        "before": [one for one in stays if one.left_at is not None],
        "may_edit": actor.may(Ability.EDIT_CUSTOMERS),
        "may_see_segments": actor.may(Ability.VIEW_MARKETING),
    }
    name = "profile.html" if getattr(request, "htmx", None) else "profile_page.html"
    return render(request, f"marketing/segments/{name}", context)


@desk(Ability.EDIT_CUSTOMERS, method="POST")
def save(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Have a customer wear these tags, and one attribute set when one is named."""
    name = request.POST.get("attribute", "").strip()
    try:
        segmenting.set_profile(
            customer_id=customer_id,
            tags=[one.strip() for one in request.POST.get("tags", "").replace("，", ",").split(",") if one.strip()],
            attributes={name: request.POST.get("value", "")} if name else {},
            decided_by=get_actor(request).name,
            moment=current_moment(),
        )
    except BadInput as error:
        messages.error(request, explain_fault(error))
    else:
        messages.success(request, _("Saved."))
    return redirect(f"{reverse('customers:customer', args=[customer_id])}#tags")
