"""Forms of what follows an order: the supplier's answer, what was wrong with a delivery, freight and duty."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.purchasing.answers import NewAcknowledgement, NewAnswer
from reorder.domain.purchasing.landing import NewCharge
from reorder.domain.purchasing.queries import OrderLineRow, PurchaseOrderRow, ReceivedDelivery
from reorder.kernel.errors import explain_error
from reorder.kernel.money import BadAmount, Money, parse_money
from reorder.web.buying.forms import DayField, UnitsField
from reorder.web.buying.words import plain_number

CHARGE_KIND_CHOICES = [
    ("freight", gettext_lazy("Freight")),
    ("duty", gettext_lazy("Duty and customs")),
    ("other", gettext_lazy("Other")),
]
BASIS_CHOICES = [
    ("value", gettext_lazy("value of the goods")),
    ("weight", gettext_lazy("weight")),
    ("units", gettext_lazy("units")),
]


class PriceField(forms.CharField):
    """A price of one unit in the order's currency."""

    def __init__(self, *, currency: str, **options: Any) -> None:
        super().__init__(max_length=24, **options)
        self.currency = currency
        self.widget.attrs |= {"class": "form-control units-field", "inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = parse_money(text=str(text), currency=self.currency)
        except BadAmount as fault:
            raise forms.ValidationError(explain_error(error=fault, translate=_)) from None
        if amount.minor < 0:
            raise forms.ValidationError(_("A price is not below zero."))
        return amount.minor


class AnswerForm(forms.Form):
    """What the supplier says, line by line; everything as ordered is filled in."""

    reference = forms.CharField(
        label=gettext_lazy("The supplier's reference"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    day = DayField(
        label=gettext_lazy("Delivery on"),
        required=False,
        help_text=gettext_lazy("For every line that names no day of its own."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, order: PurchaseOrderRow, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = [line for line in order.lines if line.missing_units > 0]
        for line in self.lines:
            self.fields[f"units-{line.id}"] = UnitsField(
                label=_("Accepted units of {name}").format(name=line.product_name),
                required=False,
                initial=plain_number(line.missing_units),
            )
            self.fields[f"price-{line.id}"] = PriceField(
                label=_("Price of {name}").format(name=line.product_name),
                currency=order.currency,
                required=False,
                initial=str(Money(_price(line), order.currency).major),
            )
            self.fields[f"day-{line.id}"] = DayField(
                label=_("Day of {name}").format(name=line.product_name), required=False
            )
            self.fields[f"later-{line.id}"] = forms.BooleanField(
                label=gettext_lazy("the rest comes later"),
                required=False,
                widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
            )

    @property
    def rows(self) -> list[tuple[OrderLineRow, Sequence[forms.BoundField]]]:
        """Each line with its fields: units, price, day, later."""
        return [
            (line, [self[f"{name}-{line.id}"] for name in ("units", "price", "day", "later")]) for line in self.lines
        ]

    def answer(self, *, moment: dt.datetime, recorded_by: str) -> NewAcknowledgement:
        """What was said, of a valid form."""
        given = self.cleaned_data
        return NewAcknowledgement(
            idempotency_key=given["key"],
            acknowledged_at=moment,
            source="page",
            supplier_reference=given["reference"],
            note=given["note"],
            recorded_by=recorded_by,
            lines=tuple(
                NewAnswer(
                    sku=line.sku,
                    accepted_units=given[f"units-{line.id}"],
                    unit_cost_minor=None if given[f"price-{line.id}"] == _price(line) else given[f"price-{line.id}"],
                    promised_date=given[f"day-{line.id}"] or given["day"],
                    is_backordered=given[f"later-{line.id}"],
                )
                for line in self.lines
            ),
        )


class ChargeForm(forms.Form):
    """Freight, duty or another cost of an order or of one delivery."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=CHARGE_KIND_CHOICES)
    amount = forms.CharField(
        label=gettext_lazy("Amount"),
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    basis = forms.ChoiceField(label=gettext_lazy("Spread by"), choices=BASIS_CHOICES)
    receipt = forms.ChoiceField(label=gettext_lazy("Of"), required=False)
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=300)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(
        self,
        *args: Any,
        order: PurchaseOrderRow,
        receipts: Sequence[ReceivedDelivery],
        moments: Sequence[str],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        currencies = list(dict.fromkeys([order.currency, settings.REORDER.currency]))
        self.fields["currency"].choices = [(one, one) for one in currencies]  # type: ignore[attr-defined]
        deliveries = [
            (str(one.id), _("the delivery of {day}").format(day=said))
            for one, said in zip(receipts, moments, strict=True)
        ]
        self.fields["receipt"].choices = [("", _("the whole order")), *deliveries]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if name != "key":
                is_choice = isinstance(field, forms.ChoiceField)
                field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "amount" in given and "currency" in given:
            try:
                given["amount_minor"] = parse_money(text=given["amount"], currency=given["currency"]).minor
            except BadAmount as fault:
                self.add_error("amount", explain_error(error=fault, translate=_))
        return given

    def charge(self) -> NewCharge:
        """What was entered, of a valid form."""
        given = self.cleaned_data
        return NewCharge(
            kind=given["kind"],
            basis=given["basis"],
            amount_minor=given["amount_minor"],
            currency=given["currency"],
            receipt_id=int(given["receipt"]) if given["receipt"] else None,
            note=given["note"],
        )


def _price(line: OrderLineRow) -> int:
    """What a unit costs by now: as the supplier confirmed, else as ordered."""
    return line.unit_cost_minor if line.confirmed_cost_minor is None else line.confirmed_cost_minor
