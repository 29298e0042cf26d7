"""What a person lays down for one product: least and most stock at a place, and the units that it is bought in."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.catalog.units import NewUnit, UnitRow, list_units, units_fingerprint
from reorder.domain.inventory.queries import list_places
from reorder.domain.planning.rules import ALL_PLACES
from reorder.domain.planning.stock_rules import (
    NewStockRule,
    StockRuleRow,
    clear_stock_rule,
    list_stock_rules,
    set_stock_rule,
)
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows import restock
from reorder.insights import product_page
from reorder.insights.product_page import ProductFacts
from reorder.kernel.errors import BadInput, Conflict, NotFound, ReorderError, explain_error
from reorder.kernel.quantity import plain_decimal
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.measures import unit_choice
from reorder.web.products.owning import owner_choices

_UNIT = re.compile(r"(?P<code>[^=]{1,40}?)\s*=\s*(?P<count>\d{1,12}([.,]\d{1,9})?)(\s+(?P<of>\S.{0,39}))?")


class RuleForm(forms.Form):
    """Least and most stock, with the reason; what is empty is left to the plan."""

    place = forms.ChoiceField(label=gettext_lazy("Place"), widget=forms.Select(attrs={"class": "form-select"}))
    minimum = forms.DecimalField(
        label=gettext_lazy("At least"),
        required=False,
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=3,
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal", "autocomplete": "off"}),
        help_text=gettext_lazy("The reorder point is never lower: a proposal is made as soon as stock falls to it."),
    )
    maximum = forms.DecimalField(
        label=gettext_lazy("At most"),
        required=False,
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=3,
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal", "autocomplete": "off"}),
        help_text=gettext_lazy("No proposal lifts stock above it, but for whole packs."),
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place"].choices = list(places)  # type: ignore[attr-defined]


class UnitsForm(forms.Form):
    """Units one a line: `case = 12`, `pallet = 40 case`."""

    units = forms.CharField(
        label=gettext_lazy("Units"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line: case = 12, or pallet = 40 case. A number alone counts selling units."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)

    def clean_units(self) -> list[NewUnit]:
        units, faults = [], []
        for line in (part.strip() for part in str(self.cleaned_data["units"]).splitlines()):
            if not line:
                continue
            found = _UNIT.fullmatch(line.replace("\x00", ""))
            if found is None:
                faults.append(_("Write a unit as case = 12 or pallet = 40 case: {line}").format(line=line[:60]))
                continue
            of = (found["of"] or "").strip()
            count = Decimal(found["count"].replace(",", "."))
            units.append(NewUnit(code=found["code"].strip(), contains_count=count, contains_code=of))
        if faults:
            raise forms.ValidationError(faults)
        return units


@desk(Ability.EDIT_PRODUCTS)
def show(request: HttpRequest, product_id: int) -> HttpResponse:
    return _draw(request, product_page.get_product(product_id=product_id))


@desk(Ability.EDIT_PRODUCTS, method="POST")
def save_rule(request: HttpRequest, product_id: int) -> HttpResponse:
    """Lay a rule down, in the place of the one that stands for the place."""
    product = product_page.get_product(product_id=product_id)
    form = RuleForm(request.POST, places=_places(get_actor(request)))
    if not form.is_valid():
        return _draw(request, product, rule=form, status=422)
    given = form.cleaned_data
    rule = NewStockRule(
        subject=product.sku,
        place_code=given["place"],
        minimum_units=_number(given["minimum"]),
        maximum_units=_number(given["maximum"]),
        note=given["note"].replace("\x00", ""),
    )
    try:
        set_stock_rule(rule=rule, author=get_actor(request).name)
    except BadInput as fault:
        form.add_error(None, explain_error(error=fault, translate=_))
        return _draw(request, product, rule=form, status=422)
    messages.success(request, _("The rule is laid down. It counts from the next night."))
    return redirect("products:keeping", product_id)


@desk(Ability.EDIT_PRODUCTS, method="POST")
def clear_rule(request: HttpRequest, product_id: int) -> HttpResponse:
    """Take a rule back."""
    product, actor = product_page.get_product(product_id=product_id), get_actor(request)
    place = request.POST.get("place", "")
    if place not in dict(_places(actor)):
        return redirect("products:keeping", product_id)
    try:
        clear_stock_rule(subject=product.sku, place_code=place, author=actor.name)
    except NotFound:
        messages.warning(request, _("This rule was taken back already."))
    else:
        messages.success(request, _("The rule is taken back. The plan decides from the next night."))
    return redirect("products:keeping", product_id)


@desk(Ability.EDIT_PRODUCTS, method="POST")
def save_units(request: HttpRequest, product_id: int) -> HttpResponse:
    """Make these the product's units; offers that are bought in them follow."""
    product = product_page.get_product(product_id=product_id)
    form = UnitsForm(request.POST)
    if not form.is_valid():
        return _draw(request, product, units=form, status=422)
    try:
        restock.save_product_units(
            sku=product.sku,
            units=form.cleaned_data["units"],
            saved_by=get_actor(request).name,
            seen=form.cleaned_data["seen"],
        )
    except Conflict as fault:
        return _draw(request, product, fault=fault)
    except BadInput as fault:
        form.add_error("units", explain_error(error=fault, translate=_))
        return _draw(request, product, units=form, status=422)
    messages.success(request, _("The units are saved."))
    return redirect("products:keeping", product_id)


def _draw(
    request: HttpRequest,
    product: ProductFacts,
    *,
    rule: RuleForm | None = None,
    units: UnitsForm | None = None,
    fault: ReorderError | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, rows = get_actor(request), list_units(sku=product.sku)
    places = _places(actor)
    values = {"units": _text(rows), "seen": units_fingerprint(rows=rows)}
    context = {
        "product": product,
        "tab": "keeping",
        "rules": [(row, dict(places).get(row.place_code, row.place_code)) for row in _rules(product, actor)],
        "may_clear": dict(places),
        "rule": rule or RuleForm(places=places),
        "units": units or UnitsForm(initial=values),
        **owner_choices(product_id=product.id),
        "known_units": [unit_choice(code=row.code, held=row.units) for row in rows],
        "fault": explain_error(error=fault, translate=_) if fault else "",
    }
    return render(request, "products/keeping.html", context, status=status_of(fault) if fault else status)


def _places(actor: Actor) -> list[tuple[str, str]]:
    own = [(place.code, f"{place.name} ({place.code})") for place in list_places() if actor.may_at(place.code)]
    return own if actor.place_codes else [(ALL_PLACES, _("All places")), *own]


def _rules(product: ProductFacts, actor: Actor) -> list[StockRuleRow]:
    rows = list_stock_rules(subject=product.sku)
    return [row for row in rows if row.place_code == ALL_PLACES or actor.may_at(row.place_code)]


def _text(rows: Sequence[UnitRow]) -> str:
    return "\n".join(
        f"{row.code} = {plain_decimal(number=row.contains_count)}{f' {row.contains_code}' if row.contains_code else ''}"
        for row in rows
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
