"""One customer walked through a draft: what would happen to them when, and why."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.domain.marketing.journeys.naming import find_faults
from reorder.domain.staff.rules import Ability
from reorder.flows.content.previewing import find_customer_of_preview
from reorder.flows.journeys.trying import Sending, Stop, walk_through
from reorder.insights import journey_choices
from reorder.kernel.clock import current_moment
from reorder.web.access import desk, get_actor
from reorder.web.marketing.journeys import reading, views, words
from reorder.web.marketing.journeys.naming import name_steps, title_step
from reorder.web.templatetags.reorder import reason


@desk(Ability.VIEW_MARKETING)
def walk(request: HttpRequest, code: str) -> HttpResponse:
    """`?customer=` names somebody by the shop's key or our number; `?happens=1` lets come what steps wait for."""
    row = journey_choices.get_journey(actor=get_actor(request), code=code)
    moment = current_moment()
    asked = " ".join(request.GET.get("customer", "").replace("\x00", "").split())[:200]
    customer_id = find_customer_of_preview(text=asked)
    happens = request.GET.get("happens") == "1"
    faults = reading.say_faults(faults=find_faults(document=row.draft, moment=moment))
    stops: list[dict[str, Any]] = []
    if customer_id is not None and not faults:
        found = walk_through(document=row.draft, customer_id=customer_id, happens=happens, moment=moment)
        # That a wait is over says its end already, unless something ended it.
        told = [stop for stop in found if stop.code != "went_on" or stop.details]
        named = journey_choices.list_named(actor=get_actor(request), moment=moment)
        steps = name_steps(document=row.draft, named=named)["steps"]
        stops = [_said(stop, steps=steps) for stop in told]
    context = {
        "tab": "journeys",
        "row": row,
        "name": views.title_of(row),
        "asked": asked,
        "customer_id": customer_id,
        "happens": happens,
        "stops": stops,
        "is_broken": bool(faults),
        "examples": journey_choices.list_examples(actor=get_actor(request)),
    }
    return render(request, "marketing/journeys/walk.html", context)


def _said(stop: Stop, *, steps: Any) -> dict[str, Any]:
    step = steps.get(stop.step_key) if stop.code != "entered" else None
    title = _("The way ends") if stop.code != "entered" else str(words.PART_WORDS["trigger"])
    return {
        "at": stop.at,
        "title": title_step(step) if step else title,
        "icon": words.KIND_ICONS[step["kind"]] if step else "log-in" if stop.code == "entered" else "flag",
        "what": words.say_event(stop.code, stop.details),
        "sending": _sending(stop.sending) if stop.sending else None,
    }


def _sending(one: Sending) -> dict[str, Any]:
    return {
        "at": one.at,
        "channel": words.CHANNEL_WORDS.get(one.channel, one.channel),
        "why": reason(one.reason_code, one.reason_parameters),
        "offer": one.offer,
        "skus": ", ".join(one.skus),
        "subject": one.subject,
        "text": one.text,
    }
