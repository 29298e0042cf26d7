"""Forms of Buying; what is wrong with a number is said beside its field."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.purchasing.delivery_faults import DeliveryFault
from reorder.domain.purchasing.queries import OrderLineRow
from reorder.domain.purchasing.rules import is_quantity
from reorder.domain.purchasing.weighing import OfferTerms
from reorder.kernel.errors import explain_error
from reorder.kernel.formatting import format_money
from reorder.kernel.quantity import BadQuantity, parse_units
from reorder.web.buying.words import plain_number
from reorder.web.measures import unit_choice

_DAY = "%Y-%m-%d"
FAULT_CHOICES = [
    ("", "–"),
    ("damaged", gettext_lazy("damaged")),
    ("wrong_item", gettext_lazy("wrong item")),
    ("quality_refused", gettext_lazy("refused for its quality")),
    ("short", gettext_lazy("less came than the delivery note says")),
]


class UnitsField(forms.CharField):
    """Selling units above zero with at most three decimals; an empty field is zero where it is not required."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)
        self.widget.attrs |= {"class": "form-control units-field", "inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text or (not self.required and not text.strip("0.,- ")):
            return Decimal(0)
        try:
            return parse_units(text=text)
        except BadQuantity as fault:
            raise forms.ValidationError(explain_error(error=fault, translate=_)) from None


class DayField(forms.DateField):
    """A day as browsers send it."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(format=_DAY, attrs={"type": "date", "class": "form-control"})
        super().__init__(
            widget=widget,
            input_formats=[_DAY],
            error_messages={"invalid": gettext_lazy("Write the day as year-month-day, for example 2026-12-01.")},
            **options,
        )


class EditForm(forms.Form):
    """What to order instead of what the plan proposes; `seen` tells whether the page is stale."""

    units = UnitsField(label=gettext_lazy("How many"))
    unit = forms.ChoiceField(label=gettext_lazy("Of what"), required=False)
    supplier = forms.ChoiceField(label=gettext_lazy("Supplier"))
    order_by = DayField(label=gettext_lazy("Order by"))
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Stays with the proposal and the order."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, terms: Sequence[OfferTerms], current: str, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        self.held = {one.order_unit: one.order_unit_units for one in terms if one.order_unit}
        unit = self.fields["unit"]
        unit.choices = [  # type: ignore[attr-defined]
            ("", _("selling units")),
            *((code, unit_choice(code=code, held=held)) for code, held in sorted(self.held.items())),
        ]
        unit.widget.attrs["class"] = "form-select"
        if not self.held:
            unit.widget = forms.HiddenInput()
        choices = [(one.supplier_code, _offer_words(one)) for one in terms]
        if not any(code == current for code, _words in choices):
            choices.insert(0, (current, current))
        supplier = self.fields["supplier"]
        supplier.choices = choices  # type: ignore[attr-defined]
        supplier.widget.attrs["class"] = "form-select"
        self.fields["order_by"].widget.attrs["min"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        """`units` are selling units from here on, whatever they were typed in."""
        given = super().clean() or {}
        held = self.held.get(given.get("unit") or "")
        if held is not None and "units" in given:
            units = given["units"] * held
            if is_quantity(units):
                given["units"] = units
            else:
                self.add_error("units", _("That comes to more than can be ordered."))
        return given

    def clean_order_by(self) -> dt.date:
        day: dt.date = self.cleaned_data["order_by"]
        if not 0 <= (day - self.today).days <= 366:
            raise forms.ValidationError(_("Choose a day between today and a year from now."))
        return day


class ReceiveForm(forms.Form):
    """Counted units a line, prefilled with what is missing; `key` makes a delivery count once."""

    lot = forms.CharField(
        label=gettext_lazy("Lot"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    expires = DayField(label=gettext_lazy("Last day of the lot"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    confirm_extra = forms.BooleanField(
        label=gettext_lazy("The counts are right: take more than was ordered into stock"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, lines: Sequence[OrderLineRow], **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = lines
        for line in lines:
            self.fields[f"units-{line.id}"] = UnitsField(
                label=line.product_name, required=False, initial=plain_number(line.missing_units)
            )
            self.fields[f"kind-{line.id}"] = forms.ChoiceField(
                label=gettext_lazy("What"),
                required=False,
                choices=FAULT_CHOICES,
                widget=forms.Select(attrs={"class": "form-select"}),
            )
            self.fields[f"wrong-{line.id}"] = UnitsField(label=gettext_lazy("Units"), required=False)
            self.fields[f"note-{line.id}"] = forms.CharField(
                label=gettext_lazy("Note"),
                required=False,
                max_length=300,
                widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
            )

    def clean_lot(self) -> str:
        return " ".join(str(self.cleaned_data["lot"]).split())

    def clean(self) -> dict[str, Any]:
        """Units and the kind of a fault come together."""
        given = super().clean() or {}
        for line in self.lines:
            units, kind = given.get(f"wrong-{line.id}"), given.get(f"kind-{line.id}")
            if units and not kind:
                self.add_error(f"wrong-{line.id}", _("Say what is wrong with them."))
            if kind and not units and f"wrong-{line.id}" not in self.errors:
                self.add_error(f"wrong-{line.id}", _("Say how many units."))
        return given

    @property
    def delivery_faults(self) -> list[DeliveryFault]:
        """What was wrong, of a valid form."""
        return [
            DeliveryFault(
                sku=line.sku,
                kind=self.cleaned_data[f"kind-{line.id}"],
                units=self.cleaned_data[f"wrong-{line.id}"],
                note=self.cleaned_data[f"note-{line.id}"],
            )
            for line in self.lines
            if self.cleaned_data[f"kind-{line.id}"]
        ]

    @property
    def counted(self) -> dict[str, Decimal]:
        """Units by SKU, of a valid form."""
        return {line.sku: self.cleaned_data[f"units-{line.id}"] for line in self.lines}

    @property
    def extra(self) -> list[tuple[OrderLineRow, Decimal]]:
        """Lines of which more came than is missing, and how much more."""
        counted = self.counted
        return [
            (line, counted[line.sku] - line.missing_units)
            for line in self.lines
            if counted[line.sku] > line.missing_units
        ]

    @property
    def rows(self) -> list[tuple[OrderLineRow, forms.BoundField, "FaultFields"]]:
        """Each line with its counted units and what is wrong with it: what is still missing first."""
        ordered = sorted(self.lines, key=lambda line: (line.missing_units == 0, line.sku))
        return [(line, self[f"units-{line.id}"], self._fault_fields(line)) for line in ordered]

    def _fault_fields(self, line: OrderLineRow) -> "FaultFields":
        given = self.data if self.is_bound else {}
        return FaultFields(
            line_id=line.id,
            kind=str(given.get(f"kind-{line.id}", "")),
            units=str(given.get(f"wrong-{line.id}", "")),
            note=str(given.get(f"note-{line.id}", "")),
            errors=[*self.errors.get(f"wrong-{line.id}", []), *self.errors.get(f"kind-{line.id}", [])],
        )


@dataclass(frozen=True, slots=True)
class FaultFields:
    """What was typed about a faulty line; the page writes the fields itself, since an order may have hundreds."""

    line_id: int
    kind: str
    units: str
    note: str
    errors: list[str]


def _offer_words(terms: OfferTerms) -> str:
    if terms.order_unit_cost_minor is not None:
        return _("{supplier}, {cost} a {unit}, {days} days").format(
            supplier=terms.supplier_name,
            cost=format_money(terms.order_unit_cost_minor, currency=terms.currency),
            unit=unit_choice(code=terms.order_unit, held=terms.order_unit_units),
            days=f"{terms.lead_days:.0f}",
        )
    return _("{supplier}, {cost} a unit, {days} days").format(
        supplier=terms.supplier_name,
        cost=format_money(terms.unit_cost_minor, currency=terms.currency),
        days=f"{terms.lead_days:.0f}",
    )
