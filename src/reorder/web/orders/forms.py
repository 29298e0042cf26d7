"""Forms of the desk Orders: labels above, help below, errors beside the field."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.customers.addresses import ShippingAddress
from reorder.web.orders import words

_TEXT = {"class": "form-control", "autocomplete": "off"}


def _text(label: Any, *, length: int = 200, is_needed: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=is_needed,
        max_length=length,
        help_text=help_text,
        widget=forms.TextInput(attrs=_TEXT),
    )


class PlainForm(forms.Form):
    """Text without characters that a database refuses."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = value.replace("\x00", "").strip()
        return cleaned


class NoteForm(PlainForm):
    text = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
        help_text=gettext_lazy("Staff see it on this page; the customer does not."),
    )


class AnswerForm(PlainForm):
    """A word to a customer who wants to send goods back; a page may have several."""

    word = forms.CharField(
        label=gettext_lazy("Word to the customer"),
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
        help_text=gettext_lazy("It goes out by mail: where to send the goods and by when, or why they stay."),
    )

    def __init__(self, data: Any = None, *, request_id: int) -> None:
        super().__init__(data, prefix="answer", auto_id=f"id_{request_id}_%s")
        self.request_id = request_id


class HoldForm(PlainForm):
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), widget=forms.Select(attrs={"class": "form-select"}))
    note = _text(gettext_lazy("Note"), length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = words.hold_choices()  # type: ignore[attr-defined]


class CancelForm(PlainForm):
    reason = _text(
        gettext_lazy("Why"),
        length=500,
        is_needed=True,
        help_text=gettext_lazy("For example: the customer changed their mind. It stays with the order."),
    )


class PayForm(PlainForm):
    reference = _text(
        gettext_lazy("Reference"),
        length=100,
        help_text=gettext_lazy("What stands on the statement: the last five digits of the account, a number …"),
    )


class ShipForm(PlainForm):
    carrier = _text(gettext_lazy("Carrier"), length=60)
    tracking_number = _text(gettext_lazy("Tracking number"), length=60)


class AddressForm(PlainForm):
    """Where the parcel goes."""

    name = _text(gettext_lazy("Who receives it"), is_needed=True)
    phone = _text(gettext_lazy("Phone"), length=40)
    company = _text(gettext_lazy("Company"))
    country = _text(gettext_lazy("Country (two letters)"), length=2, is_needed=True)
    postcode = _text(gettext_lazy("Postcode"), length=16)
    region = _text(gettext_lazy("City or county"))
    city = _text(gettext_lazy("District"))
    line1 = _text(gettext_lazy("Street and number"))
    line2 = _text(gettext_lazy("Floor, building"))
    store_code = _text(gettext_lazy("Store to collect at"), length=40)
    note = _text(gettext_lazy("For who delivers"), length=500)

    @classmethod
    def of(cls, address: ShippingAddress | None, *, prefix: str) -> "AddressForm":
        """The form filled with an address."""
        names = cls.base_fields
        return cls(prefix=prefix, initial={name: getattr(address, name) for name in names} if address else {})

    def clean_country(self) -> str:
        code = str(self.cleaned_data["country"]).strip().upper()
        if len(code) != 2 or not code.isascii() or not code.isalpha():
            raise forms.ValidationError(_("Two letters, such as TW."))
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("store_code") and not self.errors:
            for name in ("region", "line1"):
                if not cleaned.get(name):
                    self.add_error(name, _("A parcel needs this, or the code of a store to collect at."))
        return cleaned

    def address(self) -> ShippingAddress:
        """What was written, once it is valid."""
        return ShippingAddress(**{name: self.cleaned_data.get(name, "") for name in self.base_fields})


def read_units(text: str) -> Decimal | None:
    """Units that somebody typed; None for what is no number of units."""
    try:
        units = Decimal(text.strip().replace(",", "") or "0")
    except ArithmeticError:
        return None
    return units if units.is_finite() and 0 <= units < 10**9 and round(units, 3) == units else None
