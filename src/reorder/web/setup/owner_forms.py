"""The form of an owner of goods and what it pays."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.domain.inventory.owner_rules import CHARGES, OwnerRow
from reorder.kernel.money import minor_digits
from reorder.web.setup.forms import SetupForm

CHARGE_WORDS: Final[dict[str, Promise]] = {
    "litre_day": _("Storage, a litre for a day"),
    "received_unit": _("Taking in, a unit"),
    "shipped_order": _("Sending out, an order"),
    "picked_unit": _("Picking, a unit"),
    "parcel": _("Packing, a parcel"),
    "returned_unit": _("Taking back, a unit"),
}


class OwnerForm(SetupForm):
    """A shop whose goods are stored; charges in major units, finer than the smallest coin."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Small letters, digits, dots, hyphens, underscores. Products and files name it; it stays."),
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._digits = minor_digits(currency=currency)
        for charge in CHARGES:
            field = forms.DecimalField(
                label=str(CHARGE_WORDS[charge]),
                required=False,
                min_value=Decimal(0),
                max_digits=14,
                decimal_places=4 + self._digits,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "form-control"}),
                help_text=gettext("In {currency}.").format(currency=currency),
            )
            self.fields[charge] = field

    def owner(self) -> OwnerRow:
        """What was entered, of a valid form."""
        given = self.cleaned_data
        return OwnerRow(
            code=given["code"].replace("\x00", ""),
            name=given["name"].replace("\x00", ""),
            email=given["email"],
            is_active=given["is_active"],
            rates={charge: (given[charge] or Decimal(0)).scaleb(self._digits) for charge in CHARGES},
        )

    @staticmethod
    def values(owner: OwnerRow, *, currency: str) -> dict[str, Any]:
        """An owner as the form shows it."""
        digits = minor_digits(currency=currency)
        return {
            "code": owner.code,
            "name": owner.name,
            "email": owner.email,
            "is_active": owner.is_active,
            **{charge: rate_text(rate=owner.rates[charge], digits=digits) for charge in CHARGES},
        }


def rate_text(*, rate: Decimal, digits: int) -> str:
    """A charge in major units with no decimals that say nothing."""
    text = f"{rate.scaleb(-digits):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
