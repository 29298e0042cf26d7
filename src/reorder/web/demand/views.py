"""The desk Demand: the plan of the shop, a category or one subject, with its parts and what changed."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.catalog import queries as catalog
from reorder.domain.inventory import queries as inventory
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.demand_page import Selection, list_subjects
from reorder.web import exports
from reorder.web.access import desk, get_actor
from reorder.web.demand.listing import SPEC, make_rows
from reorder.web.demand.methods import say_choices
from reorder.web.demand.page import make_demand_page
from reorder.web.lists import ListState, make_page, read_state


@desk(Ability.VIEW_DEMAND)
def index(request: HttpRequest) -> HttpResponse:
    """The plan, its parts, and the subjects it is made of."""
    actor = get_actor(request)
    state = read_state(request=request, spec=SPEC)
    selection = read_selection(state=state, actor=actor)
    places = [(place.code, place.name) for place in inventory.list_places() if actor.may_at(place.code)]
    page = make_demand_page(
        selection=selection,
        places=places,
        may_adjust=actor.may(Ability.ADJUST_DEMAND),
        week=state.filters.get("week", ""),
        language=str(request.LANGUAGE_CODE),
    )
    context = {
        "page": page,
        "selection": selection,
        "places": places,
        "state": state,
        "may_adjust": page.form is not None,
    }
    context["categories"] = catalog.list_categories() if selection.scope != "subject" else []
    context["may_withdraw"] = actor.may(Ability.ADJUST_DEMAND)
    if selection.scope == "subject":
        context["choices"] = say_choices(
            subject=selection.key,
            place=selection.place,
            places=places,
            place_codes=actor.place_codes,
            may_choose=actor.may(Ability.ADJUST_DEMAND),
        )
    if selection.scope != "subject" and page.weeks:
        lines, after = list_subjects(selection=selection, tab=state.tab, search=state.search, after=state.after)
        context["list"] = make_page(
            request=request,
            spec=SPEC,
            state=state,
            rows=make_rows(lines=lines, state=state),
            next_after=after,
            export_url=state.address(after=None).replace(state.url, reverse("demand:export"), 1),
        )
    return render(request, "demand/index.html", context)


@desk(Ability.VIEW_DEMAND)
def export(request: HttpRequest) -> HttpResponseBase:
    """Every planned subject with its weeks as a file."""
    state = read_state(request=request, spec=SPEC)
    selection = read_selection(state=state, actor=get_actor(request))
    heads = [
        _("Key"), _("Product or category"), _("Category"), _("Week 1"), _("Week 2"), _("Week 3"), _("Week 4"),
        _("All weeks"), _("Change"), _("Commitments"), _("Adjustments"), _("Share of known customers"),
    ]  # fmt: skip
    return exports.table_response(
        request=request, name="demand", heads=heads, rows=_export_rows(state=state, selection=selection)
    )


def _export_rows(*, state: ListState, selection: Selection) -> Iterator[list[object]]:
    lines = exports.every_line(
        read=lambda after: list_subjects(
            selection=selection, tab=state.tab, search=state.search, after=after, limit=exports.EXPORT_ROWS
        )
    )
    for line in lines:
        numbers = [*line.weeks, line.horizon_units, line.change_units, line.committed_units, line.adjustment_units]
        rounded = [None if number is None else round(number, 2) for number in numbers]
        yield [line.key, line.name, line.category, *rounded, round(line.known_share, 4)]


def read_selection(*, state: ListState, actor: Actor) -> Selection:
    """What the address asks for, within the actor's places; a place that is not theirs is left out."""
    place = state.filters.get("place", "")
    place = place if place and actor.may_at(place) else ""
    subject, category = state.filters.get("subject", ""), state.filters.get("category", "")
    if subject:
        return Selection(scope="subject", key=subject, place=place, places=actor.place_codes)
    if category:
        return Selection(scope="category", key=category, place=place, places=actor.place_codes)
    return Selection(place=place, places=actor.place_codes)
