"""Forms of Buying; what is wrong with a number is said beside its field."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.purchasing.queries import OrderLineRow
from reorder.domain.purchasing.weighing import OfferTerms
from reorder.kernel.errors import explain_error
from reorder.kernel.formatting import format_money
from reorder.kernel.quantity import BadQuantity, parse_units
from reorder.web.buying.words import plain_number

_DAY = "%Y-%m-%d"


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

    units = UnitsField(label=gettext_lazy("Units"))
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
        choices = [(one.supplier_code, _offer_words(one)) for one in terms]
        if not any(code == current for code, _words in choices):
            choices.insert(0, (current, current))
        supplier = self.fields["supplier"]
        supplier.choices = choices  # type: ignore[attr-defined]
        supplier.widget.attrs["class"] = "form-select"
        self.fields["order_by"].widget.attrs["min"] = today.isoformat()

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

    def clean_lot(self) -> str:
        return " ".join(str(self.cleaned_data["lot"]).split())

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
    def rows(self) -> list[tuple[OrderLineRow, forms.BoundField]]:
        """Each line with its field, as the page shows them: what is still missing first."""
        ordered = sorted(self.lines, key=lambda line: (line.missing_units == 0, line.sku))
        return [(line, self[f"units-{line.id}"]) for line in ordered]


def _offer_words(terms: OfferTerms) -> str:
    return _("{supplier}, {cost} a unit, {days} days").format(
        supplier=terms.supplier_name,
        cost=format_money(terms.unit_cost_minor, currency=terms.currency),
        days=f"{terms.lead_days:.0f}",
    )
