"""The pages of a handheld: what is to do, the tasks of a work, one task, and the scans that wait."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.inventory.owners import list_owners
from reorder.domain.inventory.queries import PlaceRow
from reorder.domain.staff.rules import Actor
from reorder.flows.floor.codes import normalise
from reorder.flows.floor.errors import WorkNotBuilt
from reorder.flows.floor.handlers import counter_of, finder_of, lister_of, require_work
from reorder.flows.floor.saying import say, say_plan
from reorder.flows.floor.scanning import show_plan
from reorder.flows.floor.values import OpenTask
from reorder.flows.team import with_assigned, works_for
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.floor.place import FLOOR, find_floor_place, remember_place
from reorder.web.floor.words import screen_words
from reorder.web.warehouse.place import list_own_places

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkButton:
    """A work on the start page; `count` None: nobody counts it, or counting failed."""

    work: str
    word: Promise
    icon: str
    count: int | None = None


BUTTONS: Final[dict[str, tuple[Promise, str]]] = {
    "receive": (gettext_lazy("Receive"), "package-open"),
    "put_away": (gettext_lazy("Put away"), "warehouse"),
    "replenish": (gettext_lazy("Replenish"), "arrow-down-to-line"),
    "pick": (gettext_lazy("Pick"), "hand-grab"),
    "pack": (gettext_lazy("Packing"), "package-check"),
    "ship": (gettext_lazy("Ship"), "truck"),
    "return": (gettext_lazy("Returns"), "undo-2"),
    "count": (gettext_lazy("Count"), "list-checks"),
    "move": (gettext_lazy("Move goods"), "arrow-left-right"),
}


@desk(*FLOOR)
def home(request: HttpRequest) -> HttpResponse:
    """What is to do at the place of this handheld, by work."""
    actor, place = get_actor(request), find_floor_place(request)
    if place is None or "places" in request.GET:
        places = list_own_places(actor=actor)
        return render(request, "floor/places.html", _page(request, place) | {"places": places})
    buttons = [_button(work, place_code=place.code, actor=actor) for work in works_for(actor=actor)]
    return render(request, "floor/home.html", _page(request, place) | {"buttons": [b for b in buttons if b]})


@desk(*FLOOR, method="POST")
def choose_place(request: HttpRequest) -> HttpResponse:
    """This handheld works at another place from now on."""
    wanted = request.POST.get("place", "")
    answer = redirect("floor:home")
    if any(one.code == wanted for one in list_own_places(actor=get_actor(request))):
        remember_place(answer, code=wanted, is_secure=request.is_secure())
    return answer


@desk(*FLOOR)
def work(request: HttpRequest, work: str) -> HttpResponse:
    """The tasks of a work to choose from, by touch or by scan."""
    actor, place = get_actor(request), find_floor_place(request)
    require_work(work=work, actor=actor)
    if place is None:
        return redirect("floor:home")
    lister, code = lister_of(work=work), request.GET.get("scan", "").strip()
    tasks = lister(place_code=place.code, actor=actor) if lister else []
    tasks = with_assigned(work=work, place_code=place.code, tasks=tasks)
    if code:
        found = _find_task(work, code=code, tasks=tasks, place_code=place.code, actor=actor)
        if found:
            return redirect("floor:task", work, found)
    word, icon = BUTTONS[work]
    context = {
        "work": work,
        "word": word,
        "icon": icon,
        "tasks": [(task, say(template=task.line, values=task.values, translate=_)) for task in tasks],
        "codes": {code: reverse("floor:task", args=[work, task.task]) for task in tasks for code in task.scan},
        "unknown": code,
        "starts": _starts(work),
    }
    return render(request, "floor/tasks.html", _page(request, place) | context)


@desk(*FLOOR)
def task(request: HttpRequest, work: str, task: str) -> HttpResponse:
    """One task, step by step; its plan is in the page, so that the page works on without Wi-Fi."""
    actor, place = get_actor(request), find_floor_place(request)
    require_work(work=work, actor=actor)
    if place is None:
        return redirect("floor:home")
    word, icon = BUTTONS[work]
    context = _page(request, place) | {"work": work, "task": task, "word": word, "icon": icon}
    try:
        plan = show_plan(work=work, task=task, place_code=place.code, actor=actor)
    except ReorderError as error:
        said = explain_error(error=error, translate=_)
        return render(request, "floor/fault.html", context | {"fault": said}, status=status_of(error))
    return render(request, "floor/work.html", context | {"plan": say_plan(plan=plan, translate=_)})


@desk(*FLOOR)
def queue(request: HttpRequest) -> HttpResponse:
    """Scans that wait for Wi-Fi, and those that need a person; drawn from what the device keeps."""
    return render(request, "floor/queue.html", _page(request, find_floor_place(request)))


def _page(request: HttpRequest, place: PlaceRow | None) -> dict[str, Any]:
    """The place of this handheld, and what the scripts of every floor page read."""
    return {
        "place": place,
        "floor": {
            "user": get_actor(request).user_id,
            "user_name": get_actor(request).name,
            "place": place.code if place else "",
            # The same page again, out of the handheld's own store, has the same number; a fresh one never.
            "page": secrets.token_hex(8),
            "language": request.LANGUAGE_CODE,
            "urls": {
                "home": reverse("floor:home"),
                "scans": reverse("floor:scans"),
                "hello": reverse("floor:hello"),
                "read": reverse("floor:read"),
                "look": reverse("floor:look"),
                "worker": reverse("floor:worker"),
                "sign_in": reverse("account_login"),
            },
        },
        "words": screen_words(),
    }


def _button(work: str, *, place_code: str, actor: Actor) -> WorkButton | None:
    """The button of a work; a work that cannot count stands there without a count, and never takes the page down."""
    word, icon = BUTTONS[work]
    try:
        counter = counter_of(work=work)
        return WorkButton(work, word, icon, counter(place_code=place_code, actor=actor) if counter else None)
    except WorkNotBuilt:
        return None
    except Exception:
        log.exception("counting what is to do: %s", work)
        return WorkButton(work, word, icon)


def _find_task(work: str, *, code: str, tasks: Sequence[OpenTask], place_code: str, actor: Actor) -> str | None:
    """The task that a scan on the list means: by its codes, else as the work's module finds it."""
    normal = normalise(text=code)
    named = next((one.task for one in tasks if normal in one.scan or code == one.task), None)
    finder = finder_of(work=work)
    if named or finder is None:
        return named
    return finder(code=normal, place_code=place_code, actor=actor)


def _starts(work: str) -> list[tuple[str, str]]:
    """Tasks that nobody lists because anybody may begin them: (task, label)."""
    if work == "receive":
        mine = ("blind:self", _("Receive without an order"))
        owners = [one for one in list_owners() if one.is_active]
        return [mine, *((f"blind:{one.code}", _("Receive for {owner}").format(owner=one.name)) for one in owners)]
    if work == "move":
        return [(f"move-{clock.current_moment():%Y%m%d%H%M%S%f}", _("Move goods"))]
    return []
