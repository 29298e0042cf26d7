"""Changing the calendar: an entry is saved, taken back and back again, a file is taken in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.inventory import queries as inventory
from reorder.domain.planning.errors import UnknownEntry
from reorder.domain.staff.rules import Ability
from reorder.flows import shop_calendar
from reorder.flows.shop_calendar.files import MOST_BYTES
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.calendar.forms import FileForm
from reorder.web.calendar.views import make_form, show


@desk(Ability.ADJUST_DEMAND, method="POST")
def save(request: HttpRequest) -> HttpResponse:
    """Enter something new, or the next version of what stands; a form with faults comes back."""
    actor = get_actor(request)
    places = [(place.code, place.name) for place in inventory.list_places()]
    form = make_form(actor=actor, places=places, given=request.POST)
    if form.is_valid():
        entry, entry_id = form.to_entry(), form.cleaned_data["entry_id"]
        try:
            if entry_id:
                shop_calendar.change_entry(
                    entry_id=entry_id,
                    entry=entry,
                    place_codes=actor.place_codes,
                    moment=current_moment(),
                    decided_by=actor.name,
                )
            else:
                shop_calendar.add_entry(
                    entry=entry, place_codes=actor.place_codes, moment=current_moment(), decided_by=actor.name
                )
        except (BadInput, UnknownEntry) as error:
            form.add_error(None, explain_error(error=error, translate=_))
        else:
            messages.success(request, _("“{name}” stands in the calendar.").format(name=entry.name.strip()))
            return redirect("calendar:index")
    return show(request, form=form, status=422)


@desk(Ability.ADJUST_DEMAND, method="POST")
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take one entry back; the page offers to undo it."""
    actor = get_actor(request)
    number = _number(request)
    shop_calendar.withdraw_entry(
        entry_id=number, place_codes=actor.place_codes, moment=current_moment(), decided_by=actor.name
    )
    return redirect(f"{reverse('calendar:index')}?taken={number}")


@desk(Ability.ADJUST_DEMAND, method="POST")
def restore(request: HttpRequest) -> HttpResponse:
    """Undo taking an entry back."""
    actor = get_actor(request)
    shop_calendar.restore_entry(
        entry_id=_number(request), place_codes=actor.place_codes, moment=current_moment(), decided_by=actor.name
    )
    messages.success(request, _("It stands in the calendar again."))
    return redirect("calendar:index")


@desk(Ability.ADJUST_DEMAND, method="POST")
def take_file(request: HttpRequest) -> HttpResponse:
    """Enter what a CSV or ICS file says; lines that are no entries are told on the page."""
    actor = get_actor(request)
    form = FileForm(request.POST, request.FILES, auto_id="file_%s")
    if not form.is_valid():
        return show(request, file_form=form, status=422)
    file = form.cleaned_data["file"]
    try:
        taken = shop_calendar.import_calendar(
            name=str(file.name)[:200],
            content=file.read(MOST_BYTES + 1),
            kind=form.cleaned_data["kind"],
            place_codes=actor.place_codes,
            moment=current_moment(),
            decided_by=actor.name,
        )
    except BadInput as error:
        form.add_error("file", explain_error(error=error, translate=_))
        return show(request, file_form=form, status=422)
    if taken.faults:
        return show(request, taken=taken)
    said = ngettext(
        "{count} entry is new, {known} stood already.",
        "{count} entries are new, {known} stood already.",
        taken.added_count,
    )
    messages.success(request, said.format(count=taken.added_count, known=taken.known_count))
    return redirect("calendar:index")


def _number(request: HttpRequest) -> int:
    text = request.POST.get("entry", "")
    if not text.isdecimal() or len(text) > 18:
        raise UnknownEntry
    return int(text)
