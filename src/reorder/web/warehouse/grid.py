"""The grid editor: a hall of shelves by a few numbers, looked at before it is saved."""

import re
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.warehouse.floor_plans import find_plan, list_zones
from reorder.domain.warehouse.floor_rules import Direction
from reorder.flows.floor_plan import GridFloor, GridSpec, lay_out_grid, make_grid, preview_grid
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.setup.forms import SetupForm
from reorder.web.warehouse.floor_svg import floor_svg
from reorder.web.warehouse.place import PLANS, ChosenPlace, require_place

_ONE_WAY: Final = re.compile(r"\s*(\S+?)\s*(up|down|↑|↓)\s*$", re.IGNORECASE)
_UNPROCESSABLE: Final = 422


class GridForm(SetupForm):
    """Aisles × bays × levels; lengths in metres, sizes of bins in centimetres."""

    aisles_count = forms.IntegerField(label=gettext_lazy("Aisles"), min_value=1, max_value=500, initial=6)
    first_aisle = forms.CharField(
        label=gettext_lazy("Code of the first aisle"),
        max_length=8,
        initial="A",
        help_text=gettext_lazy("A counts on as B, C; 01 as 02, 03."),
    )
    bays_count = forms.IntegerField(
        label=gettext_lazy("Bays on each side"), min_value=0, max_value=500, initial=10,
        help_text=gettext_lazy("0: only the plan, bins come by a file."),
    )  # fmt: skip
    levels_count = forms.IntegerField(label=gettext_lazy("Levels"), min_value=0, max_value=60, initial=4)
    has_both_sides = forms.BooleanField(label=gettext_lazy("Shelves on both sides"), required=False, initial=True)
    pattern = forms.CharField(
        label=gettext_lazy("Codes of bins"),
        max_length=60,
        initial="{aisle}-{slot:2}-{level}",
        help_text=gettext_lazy(
            "From {aisle}, {bay}, {side}, {level} and {slot} (odd numbers left, even ones right); :2 writes 01 for 1."
        ),
    )
    bay_m = forms.DecimalField(label=gettext_lazy("Width of a bay, m"), initial="1.2", max_digits=6, decimal_places=3)
    pitch_m = forms.DecimalField(
        label=gettext_lazy("From aisle to aisle, m"), initial="3", max_digits=6, decimal_places=3
    )
    cross_aisles_count = forms.IntegerField(
        label=gettext_lazy("Cross-aisles"), min_value=2, max_value=6, initial=2,
        help_text=gettext_lazy("Before and behind the shelves, and between them."),
    )  # fmt: skip
    cross_m = forms.DecimalField(
        label=gettext_lazy("Width of a cross-aisle, m"), initial="2", max_digits=6, decimal_places=3
    )
    depot_aisle = forms.CharField(
        label=gettext_lazy("Depot before aisle"), max_length=32, required=False,
        help_text=gettext_lazy("Where walks begin and end; empty: the first."),
    )  # fmt: skip
    one_way = forms.CharField(
        label=gettext_lazy("One-way aisles"), max_length=2000, required=False,
        help_text=gettext_lazy("As: A up, B down. Up leads away from the front."),
    )  # fmt: skip
    low_zone = forms.ChoiceField(label=gettext_lazy("Zone of the lower levels"))
    low_levels = forms.IntegerField(
        label=gettext_lazy("Lower levels are those up to"), min_value=0, max_value=60, initial=3
    )
    high_zone = forms.ChoiceField(label=gettext_lazy("Zone of the levels above"))
    length_cm = forms.DecimalField(
        label=gettext_lazy("Bin length, cm"), required=False, min_value=0, max_digits=7, decimal_places=1,
        help_text=gettext_lazy("Sizes and weight left empty are not checked when goods are put away."),
    )  # fmt: skip
    width_cm = forms.DecimalField(
        label=gettext_lazy("Bin width, cm"), required=False, min_value=0, max_digits=7, decimal_places=1
    )
    height_cm = forms.DecimalField(
        label=gettext_lazy("Bin height, cm"), required=False, min_value=0, max_digits=7, decimal_places=1
    )
    max_kg = forms.DecimalField(
        label=gettext_lazy("Most weight of a bin, kg"), required=False, min_value=0, max_digits=8, decimal_places=3
    )

    def __init__(self, *args: Any, zones: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = zones + [one for one in ("PICK", "BULK") if one not in zones]
        for name, usual in (("low_zone", "PICK"), ("high_zone", "BULK")):
            self.fields[name].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]
            self.fields[name].initial = usual

    def clean_one_way(self) -> dict[str, Direction]:
        """Aisles with the way one walks them."""
        found: dict[str, Direction] = {}
        for part in filter(str.strip, str(self.cleaned_data["one_way"]).split(",")):
            match = _ONE_WAY.fullmatch(part)
            if match is None:
                raise forms.ValidationError(_("Write each as a code and up or down: A up, B down."))
            found[match[1].upper()] = "up" if match[2].lower() in {"up", "↑"} else "down"
        return found

    def spec(self) -> GridSpec:
        """What was typed, in millimetres and grams."""
        given = self.cleaned_data
        same = (
            "first_aisle", "aisles_count", "bays_count", "levels_count", "has_both_sides", "pattern",
            "cross_aisles_count", "depot_aisle", "low_zone", "low_levels", "high_zone",
        )  # fmt: skip
        return GridSpec(
            **{name: given[name] for name in same},
            bay_mm=round(given["bay_m"] * 1000),
            aisle_pitch_mm=round(given["pitch_m"] * 1000),
            cross_aisle_mm=round(given["cross_m"] * 1000),
            one_way_aisles=given["one_way"],
            bin_length_mm=_scaled(given["length_cm"], 10),
            bin_width_mm=_scaled(given["width_cm"], 10),
            bin_height_mm=_scaled(given["height_cm"], 10),
            bin_max_grams=_scaled(given["max_kg"], 1000),
        )


def _scaled(value: Any, scale: int) -> int | None:
    return round(value * scale) if value is not None else None


@desk(PLANS)
def show(request: HttpRequest) -> HttpResponse:
    """An empty grid."""
    chosen = require_place(request)
    return _draw(request, chosen=chosen, form=GridForm(zones=_zones(chosen)))


@desk(PLANS, method="POST")
def preview(request: HttpRequest) -> HttpResponse:
    """The grid as it would be: its picture, how many bins are new, changed and closed."""
    chosen = require_place(request)
    form = GridForm(request.POST, zones=_zones(chosen))
    floor = _floor(form)
    if floor is None:
        return _draw(request, chosen=chosen, form=form, status=_UNPROCESSABLE)
    changes = preview_grid(place_code=chosen.place.code, floor=floor)
    return _draw(request, chosen=chosen, form=form, floor=floor, changes=changes)


@desk(PLANS, method="POST")
def save(request: HttpRequest) -> HttpResponse:
    """Make the grid the floor of the place."""
    chosen = require_place(request)
    form = GridForm(request.POST, zones=_zones(chosen))
    floor = _floor(form)
    if floor is None:
        return _draw(request, chosen=chosen, form=form, status=_UNPROCESSABLE)
    try:
        changes = lay_out_grid(place_code=chosen.place.code, floor=floor, changed_by=get_actor(request).name)
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, chosen=chosen, form=form, status=_UNPROCESSABLE)
    said = _("The floor plan is saved: {new} new bins, {changed} changed, {closed} closed.")
    messages.success(
        request,
        said.format(new=changes.new_count, changed=changes.changed_count, closed=changes.closed_count),
    )
    return redirect(f"{reverse('warehouse:floor')}?{chosen.query}")


def _zones(chosen: ChosenPlace) -> list[str]:
    return [one.code for one in list_zones(place_code=chosen.place.code)]


def _floor(form: GridForm) -> GridFloor | None:
    """The floor that was typed; None with the fault said in the form."""
    if not form.is_valid():
        return None
    try:
        return make_grid(spec=form.spec())
    except BadInput as fault:
        form.refuse(fault)
        return None


def _draw(
    request: HttpRequest,
    *,
    chosen: ChosenPlace,
    form: GridForm,
    floor: GridFloor | None = None,
    changes: object = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "chosen": chosen, "tab": "floor", "form": form, "changes": changes,
        "has_plan": find_plan(place_code=chosen.place.code) is not None,
    }  # fmt: skip
    if floor is not None:
        spots = [one.spot for one in floor.bins]
        context |= {
            "bins_count": len(floor.bins),
            "first_code": floor.bins[0].code if floor.bins else "",
            "last_code": floor.bins[-1].code if floor.bins else "",
            "picture": floor_svg(plan=floor.plan, bins=spots, title=_("The grid as it would be")),
        }
    return render(request, "warehouse/grid.html", context, status=status)
