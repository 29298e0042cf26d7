"""Owners of goods that we store for other shops, and what they pay."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.inventory import owners
from reorder.domain.inventory.owner_rules import OwnerRow
from reorder.domain.staff.rules import Ability
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.setup.owner_forms import OwnerForm
from reorder.web.setup.pages import show_form

_manage = Ability.MANAGE_PLACES


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "setup/owners.html", {"owners": owners.list_owners()})


@desk(_manage)
def add(request: HttpRequest) -> HttpResponse:
    return _show_new(request, _form(initial={"is_active": True}))


@desk(_manage, method="POST")
def create(request: HttpRequest) -> HttpResponse:
    form = _form(request.POST)
    if form.is_valid():
        try:
            owners.create_owner(owner=form.owner(), decided_by=get_actor(request).name, moment=current_moment())
        except BadInput as fault:
            form.refuse(fault)
        else:
            messages.success(
                request, _("The owner is added. Say on the pages of products, or in a file, what is theirs.")
            )
            return redirect("setup:owners")
    return _show_new(request, form)


@desk(_manage)
def show(request: HttpRequest, owner_code: str) -> HttpResponse:
    row = owners.get_owner(code=owner_code)
    return _show(request, row, _form(initial=OwnerForm.values(row, currency=settings.REORDER.currency)))


@desk(_manage, method="POST")
def change(request: HttpRequest, owner_code: str) -> HttpResponse:
    row = owners.get_owner(code=owner_code)
    form = _form({**request.POST.dict(), "code": row.code})
    if form.is_valid():
        try:
            owners.change_owner(owner=form.owner(), decided_by=get_actor(request).name, moment=current_moment())
        except BadInput as fault:
            form.refuse(fault)
        else:
            messages.success(request, _("Saved. Statements, also of months that are over, count with these charges."))
            return redirect("setup:owners")
    return _show(request, row, form)


def _form(*args: Any, **kwargs: Any) -> OwnerForm:
    return OwnerForm(*args, currency=settings.REORDER.currency, **kwargs)


def _show_new(request: HttpRequest, form: OwnerForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Add an owner of goods"),
        eyebrow=_("Owners of goods"),
        back="setup:owners",
        action="setup:create_owner",
        button=_("Add the owner"),
    )


def _show(request: HttpRequest, row: OwnerRow, form: OwnerForm) -> HttpResponse:
    form.fields["code"].disabled = True
    form.fields["code"].initial = row.code
    return show_form(
        request=request,
        form=form,
        title=row.name,
        eyebrow=_("Owners of goods"),
        back="setup:owners",
        action_url=reverse("setup:change_owner", args=[row.code]),
        button=_("Save"),
    )
