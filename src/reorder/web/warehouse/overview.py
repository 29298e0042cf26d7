"""The overview of a place's warehouse: what waits, how full it is, and the floor."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.domain.warehouse.floor_plans import find_plan, is_synthetic
from reorder.insights import warehouse_floor
from reorder.kernel.clock import current_moment
from reorder.web.access import desk, get_actor
from reorder.web.warehouse.cards import list_cards
from reorder.web.warehouse.floor_svg import floor_svg
from reorder.web.warehouse.place import PLANS, SEES, choose_place


@desk(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """Decisions first, then the floor with what stands where."""
    actor, chosen = get_actor(request), choose_place(request)
    context: dict[str, object] = {"chosen": chosen, "tab": "overview", "may_plan": actor.may(PLANS)}
    if chosen is not None:
        code = chosen.place.code
        plan = find_plan(place_code=code)
        context |= {"has_plan": plan is not None, "cards": list_cards(actor=actor, place_code=code) if plan else []}
        if plan is not None:
            title = _("Floor of {place}: the stronger the colour of a bin, the more stands in it")
            fields = warehouse_floor.list_fields(place_code=code, picked_since=current_moment())
            context |= {
                "counts": warehouse_floor.count_floor(place_code=code),
                "is_synthetic": is_synthetic(place_code=code),
                "picture": floor_svg(
                    plan=plan, bins=fields.spots, heat=fields.units, title=title.format(place=chosen.place.name)
                ),
            }
    return render(request, "warehouse/index.html", context)
