"""The ready-made journeys on one screen: chosen, given their channels, offers and days, and switched on together."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
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
from reorder.web.marketing.journeys.forms import Offered, SettingsForm


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
    # Every one of them is looked at, so that all mistakes are told at once.
    are_valid = [form.is_valid() for form in forms.values()]
    if not all(are_valid):
        return _draw(request, forms, status=422)
    done = 0
    for code, form in forms.items():
        try:
            flow.switch_on_ready_made(
                code=code,
                settings=form.options(),
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


def _draw(request: HttpRequest, forms: dict[str, SettingsForm], *, status: int = 200) -> HttpResponse:
    actor = get_actor(request)
    known = {row.code: row for row in journey_choices.list_journeys(actor=actor).journeys}
    offered = _offered(request)
    rows = [_row(made, row=known.get(code), form=forms.get(code), offered=offered) for code, made in READY_MADE.items()]
    context = {
        "tab": "journeys",
        "rows": rows,
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
    found = journey_choices.list_settings_choices(actor=get_actor(request), moment=current_moment())
    return Offered(offers=found)
