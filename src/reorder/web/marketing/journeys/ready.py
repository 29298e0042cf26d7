"""The ready-made journeys on one screen: chosen, given their channels, offers and days, and switched on together."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.staff.rules import Ability
from reorder.flows.journeys import editing as flow
from reorder.flows.journeys.ready_made import LETTERS, READY_MADE, ReadyMade
from reorder.insights import journey_choices
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.marketing.journeys import words
from reorder.web.marketing.journeys.forms import Offered, SettingsForm, SharedTypeForm

# More than these have their place on the page of each journey.
_MOST_TYPES: Final = 3


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest) -> HttpResponse:
    """All of them, those that are on already marked."""
    return _draw(request, {})


@desk(Ability.EDIT_MARKETING, method="POST")
def switch(request: HttpRequest) -> HttpResponse:
    """Switch on those that are chosen, with the settings that stand beside them."""
    offered = _offered(request)
    chosen = [code for code in READY_MADE if request.POST.get(f"on-{code}")]
    forms = {code: SettingsForm(request.POST, offered=offered, step={}, prefix=code) for code in chosen}
    types = _type_forms(offered, request.POST)
    # Every one of them is looked at, so that all mistakes are told at once.
    are_valid = [form.is_valid() for form in (*forms.values(), *types)]
    if not all(are_valid):
        return _draw(request, forms, types=types, status=422)
    own = _by_type(types)
    done = 0
    for code, form in forms.items():
        try:
            flow.switch_on_ready_made(
                code=code,
                settings={**form.options(), **({"categories": own} if own else {})},
                decided_by=get_actor(request).name,
                moment=current_moment(),
                translate=_,
            )
        except BadInput as fault:
            said = explain_error(error=fault, translate=_)
            messages.error(request, f"{_(READY_MADE[code].name)}: {said}")
        else:
            done += 1
    if done:
        said = ngettext("{count} journey is switched on.", "{count} journeys are switched on.", done)
        messages.success(request, said.format(count=done))
    elif not chosen:
        messages.warning(request, _("None was chosen."))
    return redirect("journeys:index" if done else "journeys:ready")


def _type_forms(offered: Offered, given: QueryDict | None = None) -> list[SharedTypeForm]:
    return [
        SharedTypeForm(given, offered=offered, step={}, prefix=f"type{number}") for number in range(1, _MOST_TYPES + 1)
    ]


def _by_type(forms: Sequence[SharedTypeForm]) -> dict[str, dict[str, Any]]:
    said = [form.options() for form in forms]
    return {one.pop("category"): one for one in said if "category" in one}


def _draw(
    request: HttpRequest,
    forms: dict[str, SettingsForm],
    *,
    types: Sequence[SharedTypeForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = get_actor(request)
    known = {row.code: row for row in journey_choices.list_journeys(actor=actor).journeys}
    offered = _offered(request)
    rows = [_row(made, row=known.get(code), form=forms.get(code), offered=offered) for code, made in READY_MADE.items()]
    context = {
        "tab": "journeys",
        "rows": rows,
        "types": types or (_type_forms(offered) if offered.categories else []),
        "letters": [(_(one.name), _(one.what)) for one in LETTERS],
        "may_edit": actor.may(Ability.EDIT_MARKETING),
    }
    return render(request, "marketing/journeys/ready.html", context, status=status)


def _row(made: ReadyMade, *, row: Any, form: SettingsForm | None, offered: Offered) -> dict[str, Any]:
    settings = (row.draft if row else made.document).get("settings", {})
    return {
        "code": made.code,
        "name": _(made.name),
        "what": _(made.what),
        "source": _(made.source),
        "row": row,
        "state": words.STATE_WORDS[row.state] if row else "",
        "is_on": bool(row and row.state in {"live", "paused"}),
        "form": form or SettingsForm(offered=offered, step=settings, prefix=made.code),
        "is_chosen": form is not None,
    }


def _offered(request: HttpRequest) -> Offered:
    offers, categories = journey_choices.list_settings_choices(actor=get_actor(request), moment=current_moment())
    return Offered(offers=offers, categories=categories)
