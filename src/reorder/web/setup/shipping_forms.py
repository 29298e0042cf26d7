"""Forms of shipping: carrier services, terms of places, rules of routing."""

from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.domain.inventory.place_terms import PlaceTermsRow
from reorder.domain.shipping.rules import RuleRow, ServiceRow
from reorder.kernel.quantity import plain_decimal
from reorder.web.setup.forms import AmountField, SetupForm, amount_text, read_amount

TEMPERATURE_WORDS: Final[dict[str, Promise]] = {
    "ambient": _("ambient"),
    "chilled": _("chilled"),
    "frozen": _("frozen"),
}
WEEKDAY_WORDS: Final = (
    ("1", _("Monday")),
    ("2", _("Tuesday")),
    ("3", _("Wednesday")),
    ("4", _("Thursday")),
    ("5", _("Friday")),
    ("6", _("Saturday")),
    ("7", _("Sunday")),
)
RULE_WORDS: Final[dict[str, Promise]] = {
    "exclude_place": _("A place sends nothing there"),
    "place_penalty": _("A place is taken later: each parcel counts as so much dearer"),
    "never_split": _("Never split: everything from one place"),
    "split_penalty": _("Each parcel after the first counts as so much dearer"),
    "minimum_split_value": _("A part of an order is sent alone only when it is worth so much"),
    "day_penalty": _("Each day later counts as so much dearer"),
    "failed_promise": _("What it costs when a place has not what it says"),
}


def _temperatures() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Temperatures"), choices=list(TEMPERATURE_WORDS.items()), widget=forms.CheckboxSelectMultiple
    )


class ServiceForm(SetupForm):
    """What a carrier offers."""

    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("As rate files name it."))
    name = forms.CharField(label=_("Name"), max_length=200)
    carrier = forms.CharField(label=_("Carrier"), max_length=200)
    temperatures = _temperatures()
    max_grams = forms.IntegerField(label=_("Heaviest parcel, grams"), min_value=1, max_value=10**8, required=False)
    max_longest_mm = forms.IntegerField(label=_("Longest side, mm"), min_value=1, max_value=10**6, required=False)
    max_sum_mm = forms.IntegerField(
        label=_("Length + width + height, mm"), min_value=1, max_value=10**6, required=False
    )
    delivery_days = forms.IntegerField(label=_("Days of delivery"), min_value=0, max_value=90)
    is_store_pickup = forms.BooleanField(label=_("Collected at a convenience store"), required=False)
    is_active = forms.BooleanField(
        label=_("In use"), required=False, initial=True, help_text=_("One out of use keeps its rates.")
    )

    def service(self) -> ServiceRow:
        """What was entered, of a valid form."""
        given = self.cleaned_data
        return ServiceRow(
            code=given["code"],
            name=given["name"],
            carrier=given["carrier"],
            temperature_classes=tuple(given["temperatures"]),
            max_grams=given["max_grams"],
            max_longest_mm=given["max_longest_mm"],
            max_sum_mm=given["max_sum_mm"],
            is_store_pickup=given["is_store_pickup"],
            delivery_days=given["delivery_days"],
            is_active=given["is_active"],
        )

    @staticmethod
    def values(row: ServiceRow) -> dict[str, Any]:
        """A service as the form shows it."""
        names = ("code", "name", "carrier", "max_grams", "max_longest_mm", "max_sum_mm", "delivery_days")
        flags = ("is_store_pickup", "is_active")
        return {name: getattr(row, name) for name in (*names, *flags)} | {"temperatures": list(row.temperature_classes)}


class PlaceTermsForm(SetupForm):
    """What a place can do for orders."""

    postcode = forms.CharField(
        label=_("Postcode that parcels leave from"), max_length=16, required=False, help_text=_("It decides the zone.")
    )
    orders_a_day = forms.IntegerField(
        label=_("Orders a day at most"), min_value=0, max_value=10**6, required=False, help_text=_("Empty: no limit.")
    )
    cut_off_time = forms.TimeField(
        label=_("Orders until"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=_("Later ones count as the next working day's. Empty: all day."),
    )
    weekdays = forms.MultipleChoiceField(
        label=_("Working days"), choices=list(WEEKDAY_WORDS), widget=forms.CheckboxSelectMultiple
    )
    processing_days = forms.IntegerField(
        label=_("Working days until a parcel is ready"), min_value=0, max_value=60, help_text=_("0: the same day.")
    )
    parcel_cost = AmountField(label=_("Handling of a parcel"), required=False)
    line_cost = AmountField(label=_("Handling of an order line"), required=False)
    temperatures = _temperatures()
    confidence_percent = forms.DecimalField(
        label=_("How often it has what it says, percent"),
        min_value=0,
        max_value=100,
        max_digits=4,
        decimal_places=1,
        help_text=_("Below 100, only that share of its stock is counted on; usual for suppliers."),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        for name in ("parcel_cost", "line_cost"):
            self.fields[name].help_text = gettext("In {currency}.").format(currency=currency)

    def clean(self) -> dict[str, Any]:
        for name in ("parcel_cost", "line_cost"):
            read_amount(form=self, name=name, currency=self.currency, empty=0)
        return self.cleaned_data

    def terms(self) -> PlaceTermsRow:
        """What was entered, of a valid form."""
        given = self.cleaned_data
        return PlaceTermsRow(
            postcode=given["postcode"],
            orders_a_day=given["orders_a_day"],
            cut_off_time=given["cut_off_time"],
            working_weekdays=tuple(int(day) for day in given["weekdays"]),
            processing_days=given["processing_days"],
            parcel_cost_minor=given["parcel_cost"],
            line_cost_minor=given["line_cost"],
            temperature_classes=tuple(given["temperatures"]),
            stock_confidence_share=given["confidence_percent"] / 100,
        )

    @staticmethod
    def values(row: PlaceTermsRow, *, currency: str) -> dict[str, Any]:
        """Terms as the form shows them."""
        return {
            "postcode": row.postcode,
            "orders_a_day": row.orders_a_day,
            "cut_off_time": row.cut_off_time,
            "weekdays": [str(day) for day in row.working_weekdays],
            "processing_days": row.processing_days,
            "parcel_cost": amount_text(minor=row.parcel_cost_minor, currency=currency),
            "line_cost": amount_text(minor=row.line_cost_minor, currency=currency),
            "temperatures": list(row.temperature_classes),
            "confidence_percent": plain_decimal(number=row.stock_confidence_share * 100),
        }


class RuleForm(SetupForm):
    """A rule of routing; what it does decides which of the other fields count."""

    kind = forms.ChoiceField(label=_("What it does"), choices=list(RULE_WORDS.items()))
    place = forms.ChoiceField(label=_("Place"), required=False, help_text=_("For the two rules of a place."))
    amount = AmountField(label=_("Amount"), required=False)
    channel = forms.CharField(
        label=_("Only orders of this channel"), max_length=100, required=False, help_text=_("Empty: of all of them.")
    )
    country = forms.CharField(label=_("Only to this country"), max_length=2, required=False)
    postcode_start = forms.CharField(label=_("Only to postcodes that begin with"), max_length=16, required=False)
    category = forms.CharField(
        label=_("Only with goods of this category"),
        max_length=200,
        required=False,
        help_text=_("Its code; those below it count too. For orders that are never split."),
    )
    temperature = forms.ChoiceField(label=_("Only with goods of this temperature"), required=False)

    def __init__(self, *args: Any, places: list[tuple[str, str]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["place"].choices = [("", "–"), *places]  # type: ignore[attr-defined]
        self.fields["temperature"].choices = [("", "–"), *TEMPERATURE_WORDS.items()]  # type: ignore[attr-defined]
        self.fields["amount"].help_text = gettext("In {currency}.").format(currency=currency)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("amount"):
            read_amount(form=self, name="amount", currency=self.currency, empty=None)
        return self.cleaned_data

    def rule(self) -> RuleRow:
        """What was entered, of a valid form; the place goes beside."""
        given = self.cleaned_data
        return RuleRow(
            kind=given["kind"],
            place_code=given["place"],
            channel=given["channel"],
            temperature_class=given["temperature"],
            country=given["country"].upper(),
            postcode_start=given["postcode_start"],
            amount_minor=given["amount"] if isinstance(given["amount"], int) else None,
        )
