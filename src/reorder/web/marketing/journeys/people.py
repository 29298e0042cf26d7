"""Who is in a journey, what happened to one of them, and the tasks that journeys gave to people."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.marketing.journeys import tasks as books
from reorder.domain.staff.rules import Ability
from reorder.flows import journeys
from reorder.flows.journeys import tasking
from reorder.insights import journey_choices, journey_people
from reorder.insights.journey_people import Traveller
from reorder.kernel.clock import current_moment
from reorder.web.access import desk, get_actor
from reorder.web.marketing.journeys import views, words
from reorder.web.marketing.journeys.naming import name_steps, title_step

_PAGE: Final = 50
_STATES: Final = ("inside", "done", "left", "failed", "")


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest, code: str) -> HttpResponse:
    """Who is or was in a journey, the latest first."""
    row = journey_choices.get_journey(actor=get_actor(request), code=code)
    state = request.GET.get("state", "inside")
    state = state if state in _STATES else "inside"
    after = request.GET.get("after", "")
    found = journey_people.list_travellers(
        journey_id=row.id,
        state=state,
        step=request.GET.get("step", "")[:80],
        after_id=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None,
        limit=_PAGE + 1,
    )
    labels = {
        "inside": _("Still in it"),
        "done": _("To the end"),
        "left": _("Left before"),
        "failed": _("Failed"),
        "": _("All"),
    }
    steps = _steps(request, document=row.draft)
    context = {
        "tab": "journeys",
        "row": row,
        "name": views.title_of(row),
        "people": [_said(one, steps=steps) for one in found[:_PAGE]],
        "states": [(key, labels[key], key == state) for key in _STATES],
        "state": state,
        "step": request.GET.get("step", ""),
        "next_id": found[_PAGE - 1].id if len(found) > _PAGE else None,
    }
    return render(request, "marketing/journeys/people.html", context)


@desk(Ability.VIEW_MARKETING)
def detail(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """One customer's way: why they are in it, and everything that happened."""
    one = journey_people.get_traveller(enrolment_id=enrolment_id)
    row = journey_choices.get_journey(actor=get_actor(request), code=one.journey_code)
    steps = _steps(request, document=row.live or row.draft)
    events = [
        {
            "at": event.happened_at,
            "title": _step_title(event.step_key, steps=steps),
            "what": words.say_event(event.code, event.details),
            "reason": event.details.get("reason", ""),
            "message": event.details.get("message"),
        }
        for event in journey_people.list_events(enrolment_id=enrolment_id)
    ]
    context = {
        "tab": "journeys",
        "row": row,
        "name": views.title_of(row),
        "one": _said(one, steps=steps),
        "events": events,
        "context": one.context,
        "fact": words.FACT_WORDS.get(str(one.context.get("kind")), ""),
        "may_edit": get_actor(request).may(Ability.EDIT_MARKETING),
    }
    return render(request, "marketing/journeys/way.html", context)


@desk(Ability.EDIT_MARKETING, method="POST")
def take_out(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """Take one customer out."""
    journeys.take_out(enrolment_id=enrolment_id, decided_by=get_actor(request).name, moment=current_moment())
    messages.success(request, _("Taken out: nothing of this journey is sent to them any more."))
    return redirect("journeys:way", enrolment_id)


@desk(Ability.VIEW_MARKETING)
def tasks(request: HttpRequest) -> HttpResponse:
    """What journeys ask people to do."""
    found = [
        {"task": task, "customer": name}
        for task, name in journey_people.list_tasks(tasks=books.list_open_tasks(limit=200))
    ]
    may_edit = get_actor(request).may(Ability.EDIT_MARKETING)
    return render(request, "marketing/journeys/tasks.html", {"tab": "journeys", "found": found, "may_edit": may_edit})


@desk(Ability.EDIT_MARKETING, method="POST")
def finish(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task is done."""
    tasking.finish_task(task_id=task_id, done_by=get_actor(request).name, moment=current_moment())
    messages.success(request, _("Done."))
    return redirect("journeys:tasks")


def _steps(request: HttpRequest, *, document: Mapping[str, Any]) -> Mapping[str, Any]:
    named = journey_choices.list_named(actor=get_actor(request), moment=current_moment())
    return dict(name_steps(document=document, named=named)["steps"])


def _said(one: Traveller, *, steps: dict[str, Any] | Any) -> dict[str, Any]:
    return {
        "row": one,
        "who": one.customer_name or one.customer_key,
        "state": words.WAY_WORDS[one.state],
        "step": _step_title(one.step_key, steps=steps),
        "end": words.END_WORDS.get(one.ended_code, "") if one.ended_code else "",
        "is_open": one.state in {"active", "held"},
    }


def _step_title(key: str, *, steps: Any) -> str:
    step = steps.get(key)
    if step is None:
        return key
    return title_step(step)
