"""What staff do on a customer's page; each acts by one flow and goes back to the page."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.staff.rules import Ability
from reorder.flows import customer_care
from reorder.insights.customer_page import get_customer
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, Conflict, NotFound, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.customers.forms import NoteForm, PauseForm
from reorder.web.customers.views import show_customer


@desk(Ability.EDIT_CUSTOMERS, method="POST")
def add_note(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Write a note down."""
    _require_known(request, customer_id)
    form = NoteForm(request.POST, prefix="note")
    if not form.is_valid() or not _stands(
        form,
        "text",
        lambda: customer_care.note_customer(
            customer_id=customer_id,
            text=form.cleaned_data["text"],
            decided_by=get_actor(request).name,
            moment=current_moment(),
        ),
    ):
        return show_customer(request, customer_id, note_form=form, status=422)
    messages.success(request, _("Noted."))
    return _back(customer_id, "notes")


@desk(Ability.EDIT_CUSTOMERS, method="POST")
def take_back_note(request: HttpRequest, customer_id: int, note_id: int) -> HttpResponse:
    """Remove one's own note; a note that is gone already is no reason to complain."""
    _require_known(request, customer_id)
    try:
        customer_care.take_back_note(
            customer_id=customer_id, note_id=note_id, decided_by=get_actor(request).name, moment=current_moment()
        )
    except (NotFound, Conflict) as error:
        messages.warning(request, explain_error(error=error, translate=_))
    else:
        messages.success(request, _("The note was taken back."))
    return _back(customer_id, "notes")


@desk(Ability.EDIT_CUSTOMERS, method="POST")
def pause(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Keep marketing from the customer, and say what that withdrew."""
    _require_known(request, customer_id)
    form = PauseForm(request.POST, prefix="pause")
    stopped: list[int] = []
    if not form.is_valid() or not _stands(
        form,
        None,
        lambda: stopped.append(
            customer_care.pause_marketing(
                customer_id=customer_id,
                reason=form.cleaned_data["reason"],
                resumes_date=form.chosen_date,
                decided_by=get_actor(request).name,
                moment=current_moment(),
            )
        ),
    ):
        return show_customer(request, customer_id, pause_form=form, status=422)
    told = _("Marketing is paused.")
    if stopped[0]:
        withdrawn = ngettext(
            "{count} waiting message was withdrawn.", "{count} waiting messages were withdrawn.", stopped[0]
        )
        told = f"{told} {withdrawn.format(count=stopped[0])}"
    messages.success(request, told)
    return _back(customer_id, "marketing")


@desk(Ability.EDIT_CUSTOMERS, method="POST")
def resume(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Let marketing go to the customer again."""
    _require_known(request, customer_id)
    try:
        customer_care.resume_marketing(
            customer_id=customer_id, decided_by=get_actor(request).name, moment=current_moment()
        )
    except Conflict as error:
        messages.warning(request, explain_error(error=error, translate=_))
    else:
        messages.success(request, _("Marketing is resumed; the next night plans reminders again."))
    return _back(customer_id, "marketing")


def _require_known(request: HttpRequest, customer_id: int) -> None:
    get_customer(actor=get_actor(request), customer_id=customer_id, ability=Ability.EDIT_CUSTOMERS)


def _stands(form: forms.Form, field: str | None, act: Callable[[], object]) -> bool:
    """Whether the flow took it; what it refused is said at the form."""
    try:
        act()
    except BadInput as error:
        form.add_error(field, explain_error(error=error, translate=_))
        return False
    return True


def _back(customer_id: int, anchor: str) -> HttpResponse:
    return redirect(f"{reverse('customers:customer', args=[customer_id])}#{anchor}")
