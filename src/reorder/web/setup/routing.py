"""Rules of routing, terms of places, and orders routed again on demand."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.inventory.place_terms import PlaceTermsRow, find_terms, save_terms
from reorder.domain.inventory.queries import get_place, list_places
from reorder.domain.shipping import operations, queries
from reorder.domain.staff.rules import Ability
from reorder.flows.fulfil import rerouting_jobs
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.setup.pages import show_form
from reorder.web.setup.shipping_forms import RULE_WORDS, TEMPERATURE_WORDS, WEEKDAY_WORDS, PlaceTermsForm, RuleForm

_manage = Ability.MANAGE_PLACES


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    return _draw(request, None)


@desk(_manage, method="POST")
def add_rule(request: HttpRequest) -> HttpResponse:
    form = _form(request.POST)
    if not form.is_valid():
        return _draw(request, form)
    rule = form.rule()
    places = {place.code: place.id for place in list_places()}
    try:
        operations.add_rule(
            rule=rule,
            place_id=places.get(rule.place_code),
            category_code=form.cleaned_data["category"].strip(),
            decided_by=get_actor(request).name,
        )
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, form)
    messages.success(request, _("The rule is saved. Orders that come in from now on follow."))
    return redirect("setup:routing")


@desk(_manage, method="POST")
def remove_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    if operations.remove_rule(rule_id=rule_id, decided_by=get_actor(request).name):
        messages.success(request, _("The rule is forgotten."))
    return redirect("setup:routing")


@desk(_manage, method="POST")
def reroute_all(request: HttpRequest) -> HttpResponse:
    """Look at all unreleased orders together; a job does it."""
    rerouting_jobs.ask_for_wave(asked_by=get_actor(request).name)
    messages.success(request, _("All orders that are not released yet are looked at together now."))
    return redirect("setup:routing")


@desk(_manage)
def edit_terms(request: HttpRequest, place_id: int) -> HttpResponse:
    return _show_terms(request, place_id, None)


@desk(_manage, method="POST")
def change_terms(request: HttpRequest, place_id: int) -> HttpResponse:
    form = PlaceTermsForm(request.POST, currency=settings.REORDER.currency)
    if not form.is_valid():
        return _show_terms(request, place_id, form)
    try:
        save_terms(place_id=place_id, terms=form.terms(), decided_by=get_actor(request).name)
    except BadInput as fault:
        form.refuse(fault)
        return _show_terms(request, place_id, form)
    messages.success(request, _("Saved. Orders that come in from now on follow."))
    return redirect("setup:place", place_id)


@desk(_manage, method="POST")
def reroute_place(request: HttpRequest, place_id: int) -> HttpResponse:
    """The place is out: what nobody has picked there goes from elsewhere; a job does it."""
    place = get_place(place_id=place_id)
    rerouting_jobs.ask_for_place(place_code=place.code, asked_by=get_actor(request).name)
    said = _("Orders of {place} that nobody has picked go from other places now, where those have the goods.")
    messages.success(request, said.format(place=place.name))
    return redirect("setup:place", place_id)


def shown_terms(*, place_id: int) -> dict[str, Any]:
    """What a place can do for orders, as its page shows it."""
    terms = find_terms(place_id=place_id)
    words = dict(WEEKDAY_WORDS)
    return {
        "terms": terms,
        "currency": settings.REORDER.currency,
        "weekdays": [words[str(day)] for day in terms.working_weekdays] if terms else [],
        "temperatures": [TEMPERATURE_WORDS[one] for one in terms.temperature_classes] if terms else [],
    }


def _form(given: object) -> RuleForm:
    places = [(place.code, place.name) for place in list_places()]
    return RuleForm(given, places=places, currency=settings.REORDER.currency)


def _draw(request: HttpRequest, form: RuleForm | None) -> HttpResponse:
    names = {place.code: place.name for place in list_places()}
    rules = [
        {
            "row": rule,
            "words": RULE_WORDS[rule.kind],
            "place": names.get(rule.place_code, rule.place_code),
            "temperature": TEMPERATURE_WORDS.get(rule.temperature_class, ""),
        }
        for rule in queries.list_rules()
    ]
    context = {
        "rules": rules,
        "form": form or _form(None),
        "currency": settings.REORDER.currency,
        "has_rates": any(queries.count_rates().values()),
    }
    return render(request, "setup/routing.html", context, status=422 if form else 200)


def _show_terms(request: HttpRequest, place_id: int, form: PlaceTermsForm | None) -> HttpResponse:
    place, currency = get_place(place_id=place_id), settings.REORDER.currency
    terms = find_terms(place_id=place_id)
    if form is None:
        form = PlaceTermsForm(
            initial=PlaceTermsForm.values(terms or PlaceTermsRow(), currency=currency), currency=currency
        )
    return show_form(
        request=request, form=form, template="setup/place_terms.html", place=place, has_terms=terms is not None
    )
