"""The list of journeys, and one journey as a flow with its numbers and the form of the step that is chosen."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.marketing.journeys.checking import check_definition
from reorder.domain.marketing.journeys.keeping import JourneyRow
from reorder.domain.marketing.journeys.shaping import draw, list_loose
from reorder.domain.marketing.journeys.worth import Bounds, extra_orders
from reorder.domain.staff.rules import Ability
from reorder.flows.journeys.ready_made import READY_MADE
from reorder.insights import journey_choices, journey_numbers
from reorder.kernel.clock import current_date, current_moment
from reorder.web.access import desk, get_actor
from reorder.web.marketing.journeys import forms, reading, words
from reorder.web.marketing.journeys.forms import FORMS, ConditionForm, Offered, StepForm
from reorder.web.marketing.journeys.naming import name_steps, title_step
from reorder.web.marketing.segments.building import Node
from reorder.web.marketing.segments.offering import builder_context
from reorder.web.marketing.segments.ready_words import say_segments
from reorder.web.marketing.template_names import say_templates

PARTS: Final = ("trigger", "exits", "settings")


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest) -> HttpResponse:
    """Every journey with its numbers, and what waits for a person."""
    found = journey_choices.list_journeys(actor=get_actor(request))
    numbers = journey_numbers.list_numbers(today=current_date(time_zone=settings.REORDER.time_zone))
    rows = [
        {"row": row, "name": title_of(row), "state": words.STATE_WORDS[row.state], "numbers": numbers.get(row.code)}
        for row in found.journeys
    ]
    live = sum(row.state == "live" for row in found.journeys)
    inside = sum(one.inside for one in numbers.values())
    state = ngettext("{count} journey is on", "{count} journeys are on", live).format(count=live)
    people = ngettext("{count} customer is in one", "{count} customers are in one", inside).format(count=inside)
    context = {
        "tab": "journeys",
        "rows": rows,
        "state": _("{facts}.").format(facts=_("; ").join([state, people])),
        "tasks_count": found.tasks_count,
        "ready_count": sum(code not in {row.code for row in found.journeys} for code in READY_MADE),
        "may_edit": get_actor(request).may(Ability.EDIT_MARKETING),
    }
    return render(request, "marketing/journeys/index.html", context)


@desk(Ability.VIEW_MARKETING)
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One journey; `?step=` opens the form of a step, or of trigger, exits or settings."""
    return show(request, code=code, chosen=request.GET.get("step", ""))


def show(
    request: HttpRequest, *, code: str, chosen: str, form: StepForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of a journey, with a form that was refused where there is one."""
    actor, moment = get_actor(request), current_moment()
    page = journey_choices.get_journey_page(
        actor=actor, code=code, today=current_date(time_zone=settings.REORDER.time_zone), moment=moment
    )
    row, document = page.row, page.row.draft
    faults = check_definition(document=document, known=page.named.known)
    said = reading.say_faults(faults=faults)
    may_edit = actor.may(Ability.EDIT_MARKETING)
    around = reading.Around(numbers=page.numbers, faults=said, chosen=chosen, may_edit=may_edit)
    # What is shown says names; what is checked and changed has codes.
    shown = name_steps(document=document, named=page.named)
    drawn, steps = draw(document=shown), shown["steps"]
    offered = offered_of(page)
    context = {
        "tab": "journeys",
        "row": row,
        "name": title_of(row),
        "state": _state_said(row),
        "lane": reading.draw_lane(lane=drawn, around=around, steps=steps),
        "loose": [(key, words.say_step(steps[key])) for key in list_loose(document=shown, drawn=drawn)],
        "kinds": reading.kinds_to_add(),
        "parts": [_part(name, document=document, faults=said, chosen=chosen) for name in PARTS],
        "faults_count": len(faults),
        "chosen": chosen,
        "side": side_of(page=page, chosen=chosen, offered=offered, form=form, faults=said) if chosen else None,
        "may_edit": may_edit,
        "entered": page.numbers.get(document.get("start") or "", journey_numbers.StepNumbers()).counts.get(
            "entered", 0
        ),
        "inside": sum(one.waiting for one in page.numbers.values()),
        "targets": [("", _("the end"))] + [(key, title_step(step)) for key, step in steps.items()],
        "made": READY_MADE.get(row.ready_made),
    }
    return render(request, "marketing/journeys/detail.html", context, status=status)


def offered_of(page: journey_choices.JourneyPage) -> Offered:
    """What the forms can choose from."""
    return Offered(
        templates=say_templates(choices=page.named.templates),
        segments=say_segments(choices=page.named.segments),
        offers=page.named.offers,
        categories=page.categories,
    )


def side_of(
    *,
    page: journey_choices.JourneyPage,
    chosen: str,
    offered: Offered,
    form: StepForm | None,
    faults: Mapping[str, Sequence[str]],
) -> dict[str, Any] | None:
    """The form beside the flow; None where nothing of that name is there."""
    code, document = page.row.code, page.row.draft
    if chosen in PARTS:
        return _side_of_part(document=document, part=chosen, offered=offered, form=form, faults=faults)
    step = document.get("steps", {}).get(chosen)
    if step is None:
        return None
    kind = step["kind"]
    form = form or FORMS[kind](offered=offered, step=step)
    asking = form if isinstance(form, ConditionForm) and form.has_rule else None
    return {
        "key": chosen,
        "title": words.KIND_WORDS[kind],
        "icon": words.KIND_ICONS[kind],
        "form": form,
        "builder": rule_builder(code=code, rules=asking.rules) if asking else None,
        "faults": faults.get(chosen, ()),
        "ways": [(port, words.PORT_WORDS.get(port, port), target) for port, target in reading.ways_of(step)],
        "is_step": True,
        "worth": _worth(page=page, key=chosen, step=step) if kind == "message" else "",
    }


def _worth(*, page: journey_choices.JourneyPage, key: str, step: Mapping[str, Any]) -> str:
    """What the decision takes a message of this step to be worth, in one line; nothing where it asks for no worth."""
    if step.get("purpose", "marketing") != "marketing":
        return ""
    if step.get("value_minor"):
        return words.say_own_worth(minor=round(step["value_minor"]))
    bounds = page.bounds.get((page.row.code, key)) or page.bounds.get((page.row.code, ""))
    kinds = page.row.draft.get("trigger", {}).get("facts") or [""]
    return words.say_worth(
        orders=extra_orders(kind=str(kinds[0]), bounds=Bounds(*bounds) if bounds else None),
        is_valued_by_night="due" in kinds,
    )


def rule_builder(*, code: str, rules: Node) -> dict[str, Any]:
    """The rule builder of segments as it stands in the form of a condition of this journey."""
    return builder_context(rules=rules, build_url=reverse("journeys:build_rule", args=[code]))


def title_of(row: JourneyRow) -> str:
    """What a journey is called."""
    made = READY_MADE.get(row.ready_made)
    return words.name_of(name=row.name, code=row.code, made_name=made.name if made else "")


def _side_of_part(
    *,
    document: Mapping[str, Any],
    part: str,
    offered: Offered,
    form: StepForm | None,
    faults: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    given = document.get(part, {})
    side: dict[str, Any] = {
        "key": part,
        "title": words.PART_WORDS[part],
        "faults": faults.get(part, ()),
        "is_step": False,
    }
    if part == "exits":
        exits = [
            (number, words.facts_said(one["facts"]), words.ABOUT_WORDS[one.get("about", "anything")])
            for number, one in enumerate(given or ())
        ]
        return side | {"form": form or forms.ExitForm(offered=offered, step={}), "exits": exits}
    if part == "settings":
        own = given.get("categories", {})
        names = dict(offered.categories)
        return side | {
            "form": form or forms.SettingsForm(offered=offered, step=given),
            "types": [(code, names.get(code, code), words.say_settings(said)) for code, said in own.items()],
            "type_form": forms.TypeSettingsForm(offered=offered, step={}, prefix="type"),
        }
    return side | {"form": form or FORMS[part](offered=offered, step=given)}


def _part(
    name: str, *, document: Mapping[str, Any], faults: Mapping[str, Sequence[str]], chosen: str
) -> dict[str, Any]:
    given: Any = document.get(name, {})
    match name:
        case "trigger":
            what = words.facts_said(given.get("facts", ()))
        case "exits":
            what = words.facts_said([fact for one in given or () for fact in one.get("facts", ())]) or "–"
        case _:
            what = words.say_settings(given)
    icons = {"trigger": "log-in", "exits": "log-out", "settings": "settings"}
    return {
        "key": name,
        "title": words.PART_WORDS[name],
        "what": what,
        "icon": icons[name],
        "faults": faults.get(name, ()),
        "is_chosen": chosen == name,
    }


def _state_said(row: JourneyRow) -> str:
    said = str(words.STATE_WORDS[row.state])
    if row.version_number is None:
        return said
    version = _("version {number}").format(number=row.version_number)
    edited = _("; changes are not switched on yet") if row.is_edited else ""
    return _("; ").join([said, f"{version}{edited}"])
