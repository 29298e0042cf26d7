"""Tasks of a work with who has them: taken, given, given back."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.flows import team
from reorder.flows.floor.saying import say
from reorder.flows.floor.values import OpenTask
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.returning import way_back
from reorder.web.team.views import SEES, WORK_WORDS
from reorder.web.warehouse.place import choose_place, require_place

# More than a day's work; the rest comes up as these are done.
_SHOWN: Final = 100


@desk(*SEES)
def tasks(request: HttpRequest) -> HttpResponse:
    """Open tasks of one work."""
    actor, chosen = get_actor(request), choose_place(request)
    may_give = team.may_give(actor=actor)
    works = team.works_for(actor=actor)
    asked = request.GET.get("work", "")
    work = asked if asked in works else works[0]
    if chosen is None:
        return render(request, "team/tasks.html", {"chosen": None, "tab": "team"})
    found = team.list_tasks(work=work, place_code=chosen.place.code, actor=actor)
    context: dict[str, Any] = {
        "chosen": chosen,
        "tab": "team",
        "work": work,
        "word": WORK_WORDS[work][0],
        "works": [(one, WORK_WORDS[one][0]) for one in works],
        "tasks": [_line(one, me=actor.name) for one in found[:_SHOWN]],
        "has_more": len(found) > _SHOWN,
        "may_give": may_give,
        "people": team.list_team(place_code=chosen.place.code, work=work) if may_give else [],
        "me": actor.name,
        "here": request.get_full_path(),
    }
    return render(request, "team/tasks.html", context)


@desk(*SEES, method="POST")
def give(request: HttpRequest) -> HttpResponse:
    """Give a task to somebody, or to nobody."""
    chosen = require_place(request)
    work, task = request.POST.get("work", ""), request.POST.get("task", "").replace("\x00", "")[:200]
    to = request.POST.get("to", "").replace("\x00", "")[:150]
    back = way_back(request=request, usual=f"/warehouse/team/tasks/?{chosen.query}")
    try:
        team.give(
            work=work,
            task=task,
            place_code=chosen.place.code,
            to=to,
            actor=get_actor(request),
            moment=clock.current_moment(),
        )
    except BadInput as fault:
        messages.error(request, explain_error(error=fault, translate=_))
        return redirect(back)
    messages.success(request, _("{name} has it now.").format(name=to) if to else _("Nobody has it now."))
    return redirect(back)


def _line(one: OpenTask, *, me: str) -> dict[str, Any]:
    return {
        "task": one,
        "line": say(template=one.line, values=one.values, translate=_),
        "is_mine": one.taken_by == me,
    }
