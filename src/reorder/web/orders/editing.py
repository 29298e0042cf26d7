"""Changing an order that is not at the warehouse yet: units, more products, address, day; priced and promised anew."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.orders.rules import UNRELEASED
from reorder.domain.staff.rules import Ability
from reorder.flows import order_desk
from reorder.flows.fulfil.changes import LineToAdd, OrderChanges
from reorder.flows.fulfil.editing import edit_order
from reorder.insights import order_page
from reorder.insights.order_page import OrderPage
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, Conflict, NotFound
from reorder.kernel.quantity import plain_decimal
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.orders.forms import AddressForm, PlainForm, read_units
from reorder.web.orders.page import show_order
from reorder.web.orders.splitting import money_rows
from reorder.web.orders.telling import said_error
from reorder.web.returning import way_back


class ChangeForm(PlainForm):
    """What is changed beside units."""

    sku = forms.CharField(
        label=gettext_lazy("Add a product"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Its SKU."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    more = forms.CharField(
        label=gettext_lazy("Units of it"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal"}),
    )
    not_before = forms.DateField(
        label=gettext_lazy("Not before"),
        required=False,
        widget=forms.DateInput(attrs={"class": "form-control", "type": "date"}),
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    waits = forms.BooleanField(
        label=gettext_lazy("Wait for goods that are short"),
        required=False,
        help_text=gettext_lazy("Else a change that stock does not cover is refused, and nothing changes."),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        units = read_units(cleaned.get("more") or "1") if cleaned.get("sku") else Decimal(0)
        if cleaned.get("sku") and not units:
            self.add_error("more", _("Write how many units, such as 2."))
        cleaned["units"] = units
        return cleaned


@dataclass(frozen=True, slots=True)
class EditLine:
    """A line with what was typed into its box, and what is wrong with that."""

    key: str
    name: str
    sku: str
    units: str
    typed: str
    fault: str = ""


@desk(Ability.MANAGE_ORDERS)
def show(request: HttpRequest, order_id: int) -> HttpResponse:
    """The form as the order stands."""
    page = order_page.get_order_page(actor=get_actor(request), order_id=order_id)
    if not page.facts.is_ours or page.facts.state not in UNRELEASED:
        messages.warning(request, _("It is at the warehouse, or through: take it back first to change it."))
        return redirect("orders:order", order_id)
    form = ChangeForm(initial={"not_before": page.facts.not_before_date})
    return _render(request, page=page, form=form, lines=_lines(page, {}))


@desk(Ability.MANAGE_ORDERS, method="POST")
def save(request: HttpRequest, order_id: int) -> HttpResponse:
    """Change it, or say beside the field why not."""
    actor = get_actor(request)
    page = order_page.get_order_page(actor=actor, order_id=order_id)
    form = ChangeForm(request.POST)
    typed = {line.line_key: request.POST.get(f"units-{line.id}", "") for line in page.lines}
    lines = _lines(page, typed)
    if not form.is_valid() or any(line.fault for line in lines):
        return _render(request, page=page, form=form, lines=lines, status=422)
    try:
        edit_order(
            order_id=order_id, changes=_changes(page=page, form=form, typed=typed), actor=actor, moment=current_moment()
        )
    except (BadInput, Conflict, NotFound) as error:
        form.add_error(None, said_error(error))
        return _render(request, page=page, form=form, lines=lines, status=status_of(error))
    messages.success(request, _("The order is changed."))
    return redirect("orders:order", order_id)


@desk(Ability.MANAGE_ORDERS, method="POST")
def address(request: HttpRequest, order_id: int) -> HttpResponse:
    """Correct where it goes; an address that was to be checked no longer holds it."""
    actor = get_actor(request)
    order_page.get_order_facts(actor=actor, order_id=order_id, ability=Ability.MANAGE_ORDERS)
    form = AddressForm(request.POST, prefix="address")
    if not form.is_valid():
        return show_order(request, order_id, forms={"address_form": form}, status=422)
    try:
        order_desk.correct_address(order_id=order_id, ship_to=form.address(), actor=actor, moment=current_moment())
    except (BadInput, Conflict, NotFound) as error:
        return show_order(
            request, order_id, forms={"address_form": form}, fault=said_error(error), status=status_of(error)
        )
    messages.success(request, _("The address is corrected."))
    return redirect(way_back(request=request, usual=reverse("orders:order", args=[order_id])))


def _changes(*, page: OrderPage, form: ChangeForm, typed: dict[str, str]) -> OrderChanges:
    """Only what differs from the order as it stands."""
    given = form.cleaned_data
    units = {
        line.line_key: wanted
        for line in page.lines
        if (wanted := read_units(typed.get(line.line_key, ""))) is not None and wanted != line.units
    }
    added = (LineToAdd(sku=given["sku"], units=given["units"]),) if given["sku"] else ()
    changes: dict[str, Any] = {"units": units, "added": added, "note": given["note"]}
    if given["not_before"] != page.facts.not_before_date:
        changes["not_before_date"] = given["not_before"]
    return OrderChanges(**changes, if_short="wait" if given["waits"] else "refuse")


def _lines(page: OrderPage, typed: dict[str, str]) -> list[EditLine]:
    shown = []
    for line in page.lines:
        now = plain_decimal(number=line.units)
        text = typed.get(line.line_key, now)
        is_number = read_units(text) is not None and bool(text.strip())
        shown.append(
            EditLine(
                key=str(line.id),
                name=line.name,
                sku=line.sku,
                units=now,
                typed=text,
                fault="" if is_number else _("Write a number of units; 0 takes the line away."),
            )
        )
    return shown


def _render(
    request: HttpRequest, *, page: OrderPage, form: ChangeForm, lines: list[EditLine], status: int = 200
) -> HttpResponse:
    context = {"facts": page.facts, "form": form, "lines": lines, "money": money_rows(page.facts)}
    return render(request, "orders/edit.html", context, status=status)
