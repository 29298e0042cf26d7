"""How one subject is forecast: every method's error, the chosen ones with the reason, and a person's own choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from reorder.domain.planning.effects import MOST_METHODS
from reorder.domain.staff.rules import Ability
from reorder.engine.demand import METHODS
from reorder.flows.demand_plan import choosing
from reorder.insights.product_page import Choice, ChosenByPerson, list_choices
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor


@dataclass(frozen=True, slots=True)
class SaidChoice:
    """How the subject is forecast at one place, with a person's choice where one stands."""

    choice: Choice
    place_name: str
    scores: Sequence[tuple[str, Any]]
    override: ChosenByPerson | None
    override_names: Sequence[str]
    boxes: Sequence[tuple[str, str, bool]]


class MethodsForm(forms.Form):
    """Up to three methods, and why; the page draws the boxes."""

    subject = forms.CharField(max_length=300)
    place_code = forms.CharField(max_length=200, required=False)
    methods = forms.MultipleChoiceField(choices=[(name, name) for name in METHODS])
    note = forms.CharField(max_length=200)

    def clean_methods(self) -> list[str]:
        chosen = self.cleaned_data["methods"]
        if len(chosen) > MOST_METHODS:
            raise forms.ValidationError(_("Choose at most three methods."))
        return list(chosen)


def method_name(method: str) -> str:
    """A method as people call it."""
    return _(method.replace("_", " "))


def say_choices(
    *, subject: str, place: str, places: Sequence[tuple[str, str]], place_codes: frozenset[str], may_choose: bool
) -> list[SaidChoice]:
    """How a subject is forecast at each place (or the one named)."""
    names = dict(places)
    wanted = frozenset({place}) if place else place_codes
    return [
        _said(choice=choice, names=names, may=may_choose) for choice in list_choices(subject=subject, places=wanted)
    ]


def _said(*, choice: Choice, names: dict[str, str], may: bool) -> SaidChoice:
    override = choice.override
    used = [score.method for score in choice.scores if score.is_chosen][:MOST_METHODS]
    ticked = override.methods if override else used
    return SaidChoice(
        choice=choice,
        place_name=names.get(choice.place_code, choice.place_code),
        scores=[(method_name(score.method), score) for score in choice.scores],
        override=override,
        override_names=[method_name(name) for name in override.methods] if override else (),
        boxes=[(name, method_name(name), name in ticked) for name in METHODS] if may else (),
    )


@desk(Ability.ADJUST_DEMAND, method="POST")
def choose(request: HttpRequest) -> HttpResponse:
    """Use these methods from the next night on."""
    actor = get_actor(request)
    form = MethodsForm(request.POST)
    subject = request.POST.get("subject", "").replace("\x00", "")[:300]
    if not form.is_valid():
        for faults in form.errors.values():
            messages.warning(request, " ".join(str(fault) for fault in faults))
        return _back(subject)
    try:
        choosing.choose_methods(
            subject=form.cleaned_data["subject"],
            place_code=form.cleaned_data["place_code"],
            methods=form.cleaned_data["methods"],
            note=form.cleaned_data["note"],
            place_codes=actor.place_codes,
            moment=current_moment(),
            decided_by=actor.name,
        )
    except BadInput as error:
        messages.warning(request, explain_error(error=error, translate=_))
    else:
        messages.success(request, _("The next night uses these methods."))
    return _back(subject)


@desk(Ability.ADJUST_DEMAND, method="POST")
def withdraw(request: HttpRequest) -> HttpResponse:
    """Back to the choice by error, from the next night on."""
    actor = get_actor(request)
    subject = request.POST.get("subject", "").replace("\x00", "")[:300]
    choosing.withdraw_methods(
        subject=subject,
        place_code=request.POST.get("place_code", "").replace("\x00", "")[:200],
        place_codes=actor.place_codes,
        moment=current_moment(),
        decided_by=actor.name,
    )
    messages.success(request, _("The next night chooses the methods by their errors again."))
    return _back(subject)


def _back(subject: str) -> HttpResponse:
    return redirect(f"{reverse('demand:index')}?{urlencode({'subject': subject})}#methods")
