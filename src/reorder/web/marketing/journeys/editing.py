"""Changing a draft: steps are added, changed, moved and removed; trigger, exits and settings said anew."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.marketing.journeys import shaping
from reorder.domain.marketing.journeys.errors import UnknownStep
from reorder.domain.staff.rules import Ability
from reorder.flows.journeys import editing as flow
from reorder.insights import journey_choices
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.marketing.journeys import forms, reading, views
from reorder.web.marketing.journeys.forms import FORMS, StepForm
from reorder.web.setup.pages import show_form

Change = Callable[[dict[str, Any]], dict[str, Any]]
_edit = Ability.EDIT_MARKETING


@desk(_edit)
def new(request: HttpRequest) -> HttpResponse:
    """A form for an empty journey."""
    return render(request, "marketing/journeys/new.html", {"form": forms.NewJourneyForm(), "tab": "journeys"})


@desk(_edit, method="POST")
def create(request: HttpRequest) -> HttpResponse:
    """Make an empty journey and open it."""
    form = forms.NewJourneyForm(request.POST)
    if not form.is_valid():
        return show_form(request=request, form=form, template="marketing/journeys/new.html", tab="journeys")
    code = form.cleaned_data["code"].strip()
    try:
        flow.create(
            code=code,
            name=form.cleaned_data["name"],
            decided_by=get_actor(request).name,
            moment=current_moment(),
        )
    except BadInput as fault:
        form.refuse(fault)
        return show_form(request=request, form=form, template="marketing/journeys/new.html", tab="journeys")
    return redirect(_address(code, "trigger"))


@desk(_edit, method="POST")
def add(request: HttpRequest, code: str) -> HttpResponse:
    """A new step on a way, opened to be filled in."""
    made: list[str] = []

    def insert(document: dict[str, Any]) -> dict[str, Any]:
        changed, key = shaping.insert_step(
            document=document,
            came_from=request.POST.get("from", ""),
            came_by=request.POST.get("by", ""),
            kind=request.POST.get("kind", ""),
        )
        made.append(key)
        return changed

    _save(request, code, insert)
    return redirect(_address(code, made[0]))


@desk(_edit, method="POST")
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Keep what the form of a step says, and where its ways lead."""
    key = request.POST.get("step", "")
    page = _page(request, code)
    step = page.row.draft.get("steps", {}).get(key)
    if step is None:
        raise UnknownStep(what="step", key=key)
    form = FORMS[step["kind"]](request.POST, offered=views.offered_of(page), step=step)
    if not form.is_valid():
        return views.show(request, code=code, chosen=key, form=form, status=422)

    def put(document: dict[str, Any]) -> dict[str, Any]:
        changed = shaping.change_step(document=document, key=key, options=form.options())
        return _led(changed, key=key, given=request.POST)

    _save(request, code, put)
    messages.success(request, _("Saved. It is switched on with the next “Switch on”."))
    return redirect(_address(code, key))


@desk(_edit, method="POST")
def change_part(request: HttpRequest, code: str) -> HttpResponse:
    """Keep trigger, exits, or settings; exits and settings of product types come one by one."""
    part = request.POST.get("part", "")
    page = _page(request, code)
    if "forget" in request.POST:
        _save(request, code, _forgetting(part, request.POST["forget"]))
        return redirect(_address(code, part))
    form, put = _form_of(part, request.POST, page=page)
    if not form.is_valid():
        return views.show(request, code=code, chosen=part, form=form, status=422)
    _save(request, code, put)
    messages.success(request, _("Saved. It is switched on with the next “Switch on”."))
    return redirect(_address(code, part))


@desk(_edit, method="POST")
def move(request: HttpRequest, code: str) -> HttpResponse:
    """A step goes up, down, or away."""
    key, what = request.POST.get("step", ""), request.POST.get("what", "")
    doing: dict[str, Callable[..., dict[str, Any]]] = {
        "up": shaping.move_up,
        "down": shaping.move_down,
        "remove": shaping.remove_step,
    }
    if what not in doing:
        raise UnknownStep(what="step", key=what)
    _save(request, code, lambda document: doing[what](document=document, key=key))
    return redirect(_address(code, "" if what == "remove" else key))


@desk(_edit, method="POST")
def rename(request: HttpRequest, code: str) -> HttpResponse:
    """Give a journey another name."""
    flow.rename(
        code=code,
        name=request.POST.get("name", ""),
        decided_by=get_actor(request).name,
        moment=current_moment(),
    )
    return redirect("journeys:detail", code)


@desk(_edit, method="POST")
def undo(request: HttpRequest, code: str) -> HttpResponse:
    """The draft is again what runs."""
    flow.undo_changes(
        code=code,
        seen_number=_seen(request),
        decided_by=get_actor(request).name,
        moment=current_moment(),
    )
    messages.success(request, _("The draft is again as what runs."))
    return redirect("journeys:detail", code)


@desk(_edit, method="POST")
def remove(request: HttpRequest, code: str) -> HttpResponse:
    """Remove a draft that never ran."""
    flow.remove(code=code, decided_by=get_actor(request).name)
    messages.success(request, _("The draft is removed."))
    return redirect("journeys:index")


def _page(request: HttpRequest, code: str) -> journey_choices.JourneyPage:
    moment = current_moment()
    return journey_choices.get_journey_page(actor=get_actor(request), code=code, today=moment.date(), moment=moment)


def _save(request: HttpRequest, code: str, put: Change) -> None:
    """Change the draft that the form was made from; raises JourneyChanged when it is another one by now."""
    actor = get_actor(request)
    row = journey_choices.get_journey(actor=actor, code=code)
    flow.save(
        code=code,
        document=put(deepcopy(dict(row.draft))),
        seen_number=_seen(request),
        decided_by=actor.name,
        moment=current_moment(),
    )


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _led(document: dict[str, Any], *, key: str, given: QueryDict) -> dict[str, Any]:
    """Ways that the form names lead where it says."""
    for port, _target in reading.ways_of(document["steps"][key]):
        if f"way-{port}" in given:
            document = shaping.lead_to(document=document, key=key, port=port, target=str(given[f"way-{port}"]))
    return document


def _form_of(part: str, given: QueryDict, *, page: journey_choices.JourneyPage) -> tuple[StepForm, Change]:
    offered, draft = views.offered_of(page), page.row.draft
    if part == "exits":
        exit_form = forms.ExitForm(given, offered=offered, step={})
        return exit_form, lambda document: {
            **document,
            "exits": [*document.get("exits", []), exit_form.options()],
        }
    if part == "type":
        type_form = forms.TypeSettingsForm(given, offered=offered, step={}, prefix="type")
        return type_form, lambda document: _with_type(document, type_form.options())
    if part == "settings":
        own = forms.SettingsForm(given, offered=offered, step=draft.get("settings", {}))
        return own, lambda document: {
            **document,
            "settings": {**own.options(), **_kept_types(document)},
        }
    if part == "trigger":
        trigger = forms.TriggerForm(given, offered=offered, step=draft.get("trigger", {}))
        return trigger, lambda document: {**document, "trigger": trigger.options()}
    raise UnknownStep(what="step", key=part)


def _with_type(document: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    said = dict(options)
    category = said.pop("category")
    settings = dict(document.get("settings", {}))
    settings["categories"] = {**settings.get("categories", {}), category: said}
    return {**document, "settings": settings}


def _kept_types(document: Mapping[str, Any]) -> dict[str, Any]:
    types = document.get("settings", {}).get("categories")
    return {"categories": types} if types else {}


def _forgetting(part: str, what: str) -> Change:
    """Without one exit (by its place), or without the settings of one product type."""

    def forget(document: dict[str, Any]) -> dict[str, Any]:
        if part == "exits":
            document["exits"] = [one for place, one in enumerate(document.get("exits", [])) if str(place) != what]
        else:
            document.get("settings", {}).get("categories", {}).pop(what, None)
        return document

    return forget


def _address(code: str, step: str) -> str:
    address = reverse("journeys:detail", args=[code])
    return f"{address}?step={step}#side" if step else address
