"""The floor plan of a place: its picture by purpose, by stock or by picks, its zones, and the ways to change it."""

import datetime as dt
from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.warehouse.floor_plans import ZoneRow, find_plan, is_synthetic, list_zones
from reorder.domain.warehouse.floor_plans import save_zone as write_zone
from reorder.domain.warehouse.floor_rules import AislePlan, Plan
from reorder.insights import warehouse_floor
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.setup.forms import SetupForm
from reorder.web.warehouse.floor_svg import floor_svg
from reorder.web.warehouse.place import PLANS, SEES, require_place

LOOKS: Final = (
    ("purpose", gettext_lazy("What zones are for")),
    ("units", gettext_lazy("What stands there")),
    ("picks", gettext_lazy("Picks of 28 days")),
)
PURPOSES: Final = (
    ("pick", gettext_lazy("Picking")),
    ("bulk", gettext_lazy("Bulk")),
    ("quarantine", gettext_lazy("Quarantine: not for sale")),
    ("returns", gettext_lazy("Returns: not for sale yet")),
    ("hazard", gettext_lazy("Hazardous goods")),
)
TEMPERATURES: Final = (
    ("ambient", gettext_lazy("Ambient")),
    ("chilled", gettext_lazy("Chilled")),
    ("frozen", gettext_lazy("Frozen")),
)
_UNPROCESSABLE: Final = 422


class ZoneForm(SetupForm):
    """A zone: new, or one of the same code changed."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=32)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    purpose = forms.ChoiceField(label=gettext_lazy("What its bins are for"), choices=PURPOSES)
    temperature_class = forms.ChoiceField(label=gettext_lazy("Storage temperature"), choices=TEMPERATURES)


@desk(*SEES)
def show(request: HttpRequest) -> HttpResponse:
    """The plan."""
    return _draw(request, form=ZoneForm())


@desk(PLANS, method="POST")
def save_zone(request: HttpRequest) -> HttpResponse:
    """Add or change a zone."""
    chosen, form = require_place(request), ZoneForm(request.POST)
    if not form.is_valid():
        return _draw(request, form=form, status=_UNPROCESSABLE)
    given = form.cleaned_data
    zone = ZoneRow(given["code"], given["name"], given["purpose"], given["temperature_class"])
    try:
        write_zone(place_code=chosen.place.code, zone=zone, changed_by=get_actor(request).name)
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, form=form, status=_UNPROCESSABLE)
    messages.success(request, _("Zone {code} is saved.").format(code=zone.code))
    return redirect(f"{reverse('warehouse:floor')}?{chosen.query}")


def _draw(request: HttpRequest, *, form: ZoneForm, status: int = 200) -> HttpResponse:
    chosen = require_place(request)
    code = chosen.place.code
    plan = find_plan(place_code=code)
    look = request.GET.get("look", "")
    look = look if look in {key for key, _label in LOOKS} else "purpose"
    context: dict[str, object] = {
        "chosen": chosen,
        "tab": "floor",
        "may_plan": get_actor(request).may(PLANS),
        "zones": list_zones(place_code=code),
        "form": form,
        "looks": LOOKS,
        "look": look,
        "is_synthetic": is_synthetic(place_code=code),
    }
    if plan is not None:
        context |= {"facts": _facts(plan), "picture": _picture(place_code=code, plan=plan, look=look)}
    return render(request, "warehouse/floor.html", context, status=status)


def _picture(*, place_code: str, plan: Plan, look: str) -> str:
    since = current_moment() - dt.timedelta(days=warehouse_floor.HEAT_DAYS)
    fields = warehouse_floor.list_fields(place_code=place_code, picked_since=since)
    heat = {"units": fields.units, "picks": fields.picks}.get(look)
    title = _("Floor plan of {place}").format(place=place_code)
    return floor_svg(plan=plan, bins=fields.spots, heat=heat, title=title)


def _facts(plan: Plan) -> list[tuple[str, str]]:
    """The plan in words, for whoever does not see the picture."""
    if not isinstance(plan, AislePlan):
        return [
            (_("Points"), str(len(plan.points))),
            (_("Ways"), str(len(plan.ways))),
            (_("Depot"), plan.depot_point),
        ]
    one_way = ", ".join(f"{code} {'↑' if way == 'up' else '↓'}" for code, way in plan.one_way_aisles.items())
    return [
        (_("Aisles"), f"{len(plan.aisle_codes)} ({plan.aisle_codes[0]} – {plan.aisle_codes[-1]})"),
        (_("Between aisles"), f"{plan.aisle_pitch_mm / 1000:g} m"),
        (_("Cross-aisles at"), ", ".join(f"{one / 1000:g} m" for one in plan.cross_aisles_mm)),
        (_("Depot"), f"{plan.aisle_codes[plan.depot_aisle]}, {plan.depot_at_mm / 1000:g} m"),
        (_("One-way aisles"), one_way or _("none")),
    ]
