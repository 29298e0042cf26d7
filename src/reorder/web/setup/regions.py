"""Which place serves which region: set on the page of places."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import ngettext as _n

from reorder.domain.inventory.queries import list_places as list_open_places
from reorder.domain.planning.regions import list_regions
from reorder.domain.staff.rules import Ability
from reorder.flows import serving
from reorder.insights import setup
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.setup.forms import SetupForm

_manage = Ability.MANAGE_PLACES


class RegionForm(SetupForm):
    """A region and the place that serves it."""

    country = forms.CharField(
        label=gettext_lazy("Country"),
        max_length=2,
        required=False,
        help_text=gettext_lazy("Two letters, for example TW. Empty: any."),
    )
    postcode = forms.CharField(
        label=gettext_lazy("Postcodes that begin with"),
        max_length=16,
        required=False,
        help_text=gettext_lazy("Empty: all of them. The longest beginning wins."),
    )
    place = forms.ChoiceField(label=gettext_lazy("Served from"))

    def offer(self) -> "RegionForm":
        """Let the open places be chosen."""
        choices = [(place.code, place.name) for place in list_open_places()]
        self.fields["place"].choices = choices  # type: ignore[attr-defined]
        return self


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    """Places, and the regions that they serve."""
    return show_places(request, RegionForm().offer())


@desk(_manage, method="POST")
def put(request: HttpRequest) -> HttpResponse:
    form = RegionForm(request.POST).offer()
    if not form.is_valid():
        return show_places(request, form)
    given = form.cleaned_data
    try:
        serving.set_region(
            country=given["country"],
            postcode_start=given["postcode"],
            place_code=given["place"],
            decided_by=get_actor(request).name,
        )
    except BadInput as fault:
        form.refuse(fault)
        return show_places(request, form)
    messages.success(request, _("Saved. Orders that come in from now on follow."))
    return redirect("setup:places")


@desk(_manage, method="POST")
def remove(request: HttpRequest, region_id: int) -> HttpResponse:
    if serving.remove_region(region_id=region_id, decided_by=get_actor(request).name):
        messages.success(request, _("The region is forgotten."))
    return redirect("setup:places")


@desk(_manage, method="POST")
def apply(request: HttpRequest) -> HttpResponse:
    moved = serving.serve_past_orders(decided_by=get_actor(request).name)
    said = _n(
        "{count} line of past orders moved; the next night plans by it.",
        "{count} lines of past orders moved; the next night plans by it.",
        moved,
    )
    messages.success(request, said.format(count=f"{moved:,}"))
    return redirect("setup:places")


def show_places(request: HttpRequest, form: RegionForm) -> HttpResponse:
    """The page with the form as it stands."""
    context = {
        "lines": setup.list_places(actor=get_actor(request)),
        "regions": list_regions(),
        "place_names": dict(form.fields["place"].choices),  # type: ignore[attr-defined]
        "form": form,
    }
    return render(request, "setup/places.html", context, status=422 if form.errors else 200)
