"""The forms of suppliers: their terms and calendar, and what they offer."""

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.domain.purchasing.calendar import Closing
from reorder.domain.purchasing.queries import OfferRow, SupplierRow
from reorder.domain.purchasing.rules import NewOffer, NewSupplier
from reorder.kernel.quantity import plain_decimal
from reorder.web.setup.forms import LANGUAGES, AmountField, SetupForm, amount_text, read_amount, read_optional_amount

WEEKDAYS = [
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
]
_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOSING = re.compile(rf"(?P<first>{_DAY})(\s*[-–~—至到]+\s*(?P<last>{_DAY}))?(?P<note>(\s.*)?)")


class ClosingsField(forms.CharField):
    """Closing days as people write them, one or a stretch a line, with a note behind."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=6000, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        closings, faults = [], []
        for line in (part.strip() for part in str(text or "").splitlines()):
            if not line:
                continue
            found = _CLOSING.fullmatch(line)
            try:
                closings.append(_read_closing(found))
            except ValueError:
                faults.append(
                    gettext("Write days as 2027-02-04 or 2027-02-04 - 2027-02-10: {line}").format(line=line[:60])
                )
        if faults:
            raise forms.ValidationError(faults)
        return closings


def _read_closing(found: re.Match[str] | None) -> Closing:
    """Raises ValueError where it is none."""
    if found is None:
        raise ValueError
    first = dt.date.fromisoformat(found["first"])
    return Closing(first, dt.date.fromisoformat(found["last"]) if found["last"] else first, found["note"].strip())


def closings_text(*, closings: Iterable[Closing]) -> str:
    """Closing days as the field shows them."""
    return "\n".join(
        f"{one.first_date}{'' if one.last_date == one.first_date else f' - {one.last_date}'} {one.note}".strip()
        for one in closings
    )


class SupplierForm(SetupForm):
    """A supplier's terms."""

    code = forms.CharField(
        label=_("Code"), max_length=60, help_text=_("As product files name it. It cannot be changed later.")
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail for orders"),
        required=False,
        max_length=254,
        help_text=_("Approved orders go there as a file. Empty: you send the file yourself."),
    )
    language = forms.ChoiceField(label=_("Language of the letters"), choices=LANGUAGES)
    currency = forms.CharField(
        label=_("Currency"), min_length=3, max_length=3, help_text=_("Three letters (ISO 4217), for example TWD.")
    )
    minimum_value = AmountField(
        label=_("Minimum value of an order"), required=False, help_text=_("In whole currency units; empty: none.")
    )
    lead_days = forms.IntegerField(
        label=_("Lead time in days"),
        min_value=0,
        max_value=365,
        help_text=_("Agreed days from order to receipt. Once deliveries are counted, the plan learns the real ones."),
    )
    order_weekdays = forms.TypedMultipleChoiceField(
        label=_("Takes orders on"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: on any day."),
    )
    cut_off = forms.TimeField(
        label=_("Takes orders until"),
        required=False,
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=_("In your shop's time; from then on the next order day counts. Empty: all day."),
    )
    counts_working_days = forms.BooleanField(
        label=_("Lead time counts working days"),
        required=False,
        help_text=_("Monday to Friday without closing days; otherwise days of the calendar."),
    )
    delivery_weekdays = forms.TypedMultipleChoiceField(
        label=_("Delivers on"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: on any day."),
    )
    country = forms.CharField(
        label=_("Country"),
        max_length=2,
        min_length=2,
        required=False,
        help_text=_("Two letters, for example TW: its public holidays are closing days. Empty: none are known."),
    )
    closings = ClosingsField(
        label=_("Closing days"),
        required=False,
        help_text=_("One a line: 2027-02-04 - 2027-02-10 Lunar New Year. A single day stands alone."),
    )
    automatic_limit = AmountField(
        label=_("Order by itself up to"),
        required=False,
        help_text=_(
            "Proposals that together cost no more are ordered after the night, without a person, when nothing about "
            "them is unusual. In whole currency units; empty: never."
        ),
    )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        currency = str(cleaned.get("currency", ""))
        read_amount(form=self, name="minimum_value", currency=currency, empty=0)
        read_optional_amount(form=self, name="automatic_limit", currency=currency)
        return self.cleaned_data

    def terms(self) -> NewSupplier:
        """What the operations take."""
        given = self.cleaned_data
        return NewSupplier(
            code=str(given.get("code", "")),
            name=given["name"],
            email=given["email"],
            language=given["language"],
            currency=given["currency"],
            minimum_value_minor=given["minimum_value"],
            lead_days=given["lead_days"],
            order_weekdays=tuple(given["order_weekdays"]),
            cut_off=given["cut_off"],
            counts_working_days=given["counts_working_days"],
            delivery_weekdays=tuple(given["delivery_weekdays"]),
            country=given["country"],
            closings=tuple(given["closings"]),
            automatic_limit_minor=given["automatic_limit"],
        )


class SupplierTermsForm(SupplierForm):
    """A supplier who is there: the code stays, and buying from them can be ended."""

    code = None  # type: ignore[assignment] # Django's way to leave an inherited field out
    is_active = forms.BooleanField(
        label=_("We buy from this supplier"), required=False, help_text=_("Otherwise no plan proposes their offers.")
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)


class OfferForm(SetupForm):
    """What a supplier asks for a product."""

    sku = forms.CharField(label=_("SKU"), max_length=200, help_text=_("Of a product that is there already."))
    supplier_sku = forms.CharField(label=_("The supplier's own number"), max_length=200, required=False)
    unit_cost = AmountField(label=_("Cost of one unit"), required=False)
    order_unit = forms.CharField(
        label=_("Bought by"),
        max_length=40,
        required=False,
        help_text=_("A unit of the product, for example case. Empty: the selling unit."),
    )
    order_unit_units = forms.DecimalField(
        label=_("Selling units in one of them"),
        min_value=Decimal("0.001"),
        max_value=Decimal(1_000_000),
        max_digits=12,
        decimal_places=3,
        required=False,
        help_text=_("Needed where the product does not have this unit yet."),
    )
    order_unit_cost = AmountField(
        label=_("Cost of one of them"),
        required=False,
        help_text=_("Where the supplier prices by the case: five cases cost exactly five times this."),
    )
    pack_units = forms.DecimalField(
        label=_("Units in a pack"),
        min_value=Decimal("0.001"),
        max_digits=12,
        decimal_places=3,
        help_text=_("Orders are rounded up to whole packs."),
    )
    minimum_units = forms.DecimalField(
        label=_("Fewest units in an order (MOQ)"), min_value=Decimal(0), max_digits=12, decimal_places=3
    )
    maximum_cover_days = forms.IntegerField(
        label=_("Most days of cover"),
        min_value=1,
        max_value=3650,
        required=False,
        help_text=_("Never buy for longer, for example because it spoils. Empty: no limit."),
    )
    lead_days = forms.IntegerField(
        label=_("Lead time in days"),
        min_value=0,
        max_value=365,
        required=False,
        help_text=_("Empty: the supplier's."),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["unit_cost"].help_text = gettext("In whole units of {currency}.").format(currency=currency)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("unit_cost", "order_unit_cost"):
            if str(given.get(name) or "").strip():
                read_amount(form=self, name=name, currency=self.currency, empty=None)
            elif name in given:
                given[name] = None
        if "order_unit" in given and not given["order_unit"]:
            # Left over from a unit that was taken away: it means nothing any more.
            given["order_unit_units"] = given["order_unit_cost"] = None
        if given.get("unit_cost", 0) is None and given.get("order_unit_cost", 0) is None:
            self.add_error("unit_cost", gettext("Say what it costs."))
        return self.cleaned_data

    def terms(self, *, supplier_code: str) -> NewOffer:
        """What the operations take."""
        given = self.cleaned_data
        return NewOffer(
            supplier_code=supplier_code,
            sku=str(given.get("sku", "")),
            unit_cost_minor=given["unit_cost"] or 0,
            order_unit=given["order_unit"],
            order_unit_units=given["order_unit_units"] or Decimal(1),
            order_unit_cost_minor=given["order_unit_cost"],
            supplier_sku=given["supplier_sku"],
            pack_units=given["pack_units"],
            minimum_units=given["minimum_units"],
            maximum_cover_days=given["maximum_cover_days"],
            lead_days=given["lead_days"],
        )


class OfferTermsForm(OfferForm):
    """An offer that is there."""

    sku = None  # type: ignore[assignment] # Django's way to leave an inherited field out
    is_active = forms.BooleanField(label=_("We buy this from them"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)


def supplier_values(*, row: SupplierRow, seen: str) -> dict[str, Any]:
    """A supplier's terms as the form shows them."""
    return {
        "name": row.name,
        "email": row.email,
        "language": row.language,
        "currency": row.currency,
        "minimum_value": amount_text(minor=row.minimum_value_minor, currency=row.currency),
        "lead_days": row.lead_days,
        "order_weekdays": list(row.order_weekdays),
        "cut_off": row.cut_off,
        "counts_working_days": row.counts_working_days,
        "delivery_weekdays": list(row.delivery_weekdays),
        "country": row.country,
        "closings": closings_text(closings=row.closings),
        "automatic_limit": ""
        if row.automatic_limit_minor is None
        else amount_text(minor=row.automatic_limit_minor, currency=row.currency),
        "is_active": row.is_active,
        "seen": seen,
    }


def offer_values(*, row: OfferRow) -> dict[str, Any]:
    """An offer as the form shows it."""
    return {
        "supplier_sku": row.supplier_sku,
        "unit_cost": amount_text(minor=row.unit_cost_minor, currency=row.currency),
        "order_unit": row.order_unit,
        "order_unit_units": plain_decimal(number=row.order_unit_units) if row.order_unit else "",
        "order_unit_cost": ""
        if row.order_unit_cost_minor is None
        else amount_text(minor=row.order_unit_cost_minor, currency=row.currency),
        "pack_units": plain_decimal(number=row.pack_units),
        "minimum_units": plain_decimal(number=row.minimum_units),
        "maximum_cover_days": row.maximum_cover_days,
        "lead_days": row.lead_days,
        "is_active": row.is_active,
        "seen": row.fingerprint,
    }
