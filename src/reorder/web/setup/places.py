"""Places: warehouses, stores and suppliers that ship for us."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from reorder.domain.inventory import operations
from reorder.domain.staff.rules import Ability
from reorder.flows import places
from reorder.insights import setup
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, Conflict
from reorder.web.access import desk, get_actor
from reorder.web.setup.forms import PlaceForm, PlaceNameForm
from reorder.web.setup.pages import show_form
from reorder.web.setup.routing import shown_terms

_manage = Ability.MANAGE_PLACES


@desk(_manage)
def add(request: HttpRequest) -> HttpResponse:
    return _show_new(request, PlaceForm())


@desk(_manage, method="POST")
def create(request: HttpRequest) -> HttpResponse:
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return _show_new(request, form)
    given = form.cleaned_data
    try:
        place = operations.create_place(
            code=given["code"],
            name=given["name"],
            kind=given["kind"],
            country=given["country"],
            created_by=get_actor(request).name,
        )
    except BadInput as fault:
        form.refuse(fault)
        return _show_new(request, form)
    messages.success(request, _("{place} is a place now.").format(place=place.name))
    return redirect("setup:places")


@desk(_manage)
def show(request: HttpRequest, place_id: int) -> HttpResponse:
    return _show_place(request, place_id, None)


@desk(_manage, method="POST")
def change(request: HttpRequest, place_id: int) -> HttpResponse:
    form = PlaceNameForm(request.POST)
    if not form.is_valid():
        return _show_place(request, place_id, form)
    given = form.cleaned_data
    try:
        operations.change_place(
            place_id=place_id,
            name=given["name"],
            country=given["country"],
            seen=given["seen"],
            changed_by=get_actor(request).name,
        )
    except Conflict as fault:
        return _show_place(request, place_id, None, fault)
    except BadInput as fault:
        form.refuse(fault)
        return _show_place(request, place_id, form)
    messages.success(request, _("Saved."))
    return redirect("setup:places")


@desk(_manage, method="POST")
def close(request: HttpRequest, place_id: int) -> HttpResponse:
    try:
        place = places.close_place(place_id=place_id, decided_by=get_actor(request).name, moment=clock.current_moment())
    except Conflict as fault:
        return _show_place(request, place_id, None, fault)
    messages.success(
        request, _("{place} is closed. Plans leave it out from the next night on.").format(place=place.name)
    )
    return redirect("setup:places")


@desk(_manage, method="POST")
def reopen(request: HttpRequest, place_id: int) -> HttpResponse:
    place = operations.reopen_place(place_id=place_id, reopened_by=get_actor(request).name)
    messages.success(request, _("{place} is in use again from the next night on.").format(place=place.name))
    return redirect("setup:places")


def _show_new(request: HttpRequest, form: PlaceForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Add a place"),
        eyebrow=_("Places"),
        back="setup:places",
        action="setup:create_place",
        button=_("Add the place"),
    )


def _show_place(
    request: HttpRequest, place_id: int, form: PlaceNameForm | None, fault: Conflict | None = None
) -> HttpResponse:
    page = setup.get_place_page(actor=get_actor(request), place_id=place_id)
    place = page.place
    if form is None:
        form = PlaceNameForm(initial={"name": place.name, "country": place.country, "seen": place.fingerprint})
    return show_form(
        request=request,
        form=form,
        template="setup/place.html",
        page=page,
        fault=fault,
        **shown_terms(place_id=place_id),
    )
