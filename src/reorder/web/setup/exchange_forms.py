"""Forms of exchange rates and of how a supplier wants its orders."""

import csv
import datetime as dt
import io
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.connectors.base.texts import CURRENCIES
from reorder.domain.purchasing.documents import QUALIFIERS, DocumentTerms
from reorder.domain.purchasing.exchange import NewRate
from reorder.kernel.errors import BadInput
from reorder.web.setup.forms import SetupForm

_MOST_ROWS: Final = 20_000
_COLUMNS: Final = ("currency", "date", "rate")


class BadRateFile(BadInput):
    """A file of rates with its first fault."""

    code = "setup.bad_rate_file"
    template = (
        "The file was not taken. Row {row}: {reason}. It needs the columns currency, date, rate and may have source."
    )


class RateForm(SetupForm):
    """One rate: what one unit of a currency is worth in the shop's."""

    currency = forms.CharField(label=_("Currency"), max_length=3)
    rate_date = forms.DateField(
        label=_("From this day on"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )
    rate = forms.DecimalField(label=_("One unit is worth"), max_digits=20, decimal_places=10)
    source = forms.CharField(label=_("Source"), max_length=200, required=False, help_text=_("For example a bank."))

    def __init__(self, *args: Any, shop_currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rate"].help_text = _("In {currency}, for example 32.15.").format(currency=shop_currency)

    def clean_currency(self) -> str:
        """Three capital letters that are a currency."""
        currency = str(self.cleaned_data["currency"]).strip().upper()
        if currency not in CURRENCIES:
            raise forms.ValidationError(gettext("Write a currency as three letters, for example USD."))
        return currency

    def new_rate(self) -> NewRate:
        """What was entered, of a valid form."""
        given = self.cleaned_data
        return NewRate(
            currency=given["currency"], rate_date=given["rate_date"], rate=given["rate"], source=given["source"]
        )


class DocumentsForm(SetupForm):
    """The files that go with a supplier's mail, and the addresses of the exchange."""

    formats = forms.MultipleChoiceField(
        label=_("Files with the mail"),
        choices=[("pdf", _("PDF, in the supplier's language")), ("csv", "CSV"), ("x12", "X12 850")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    own_qualifier = forms.ChoiceField(label=_("Our qualifier"), required=False)
    own_id = forms.CharField(label=_("Our interchange id"), max_length=15, required=False)
    their_qualifier = forms.ChoiceField(label=_("Their qualifier"), required=False)
    their_id = forms.CharField(label=_("Their interchange id"), max_length=15, required=False)
    version = forms.ChoiceField(label=_("X12 version"), choices=[("004010", "004010")])
    is_trial = forms.BooleanField(
        label=_("We are still trying the exchange"),
        required=False,
        help_text=_("Files say that they are a test (ISA15 is T)."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "–"), *[(one, one) for one in QUALIFIERS]]
        for name in ("own_qualifier", "their_qualifier"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def terms(self) -> DocumentTerms:
        """What was entered, of a valid form; ids are written in capitals."""
        given = self.cleaned_data
        return DocumentTerms(
            formats=tuple(given["formats"]),
            own_qualifier=given["own_qualifier"],
            own_id=given["own_id"].strip().upper(),
            their_qualifier=given["their_qualifier"],
            their_id=given["their_id"].strip().upper(),
            version=given["version"],
            is_trial=given["is_trial"],
        )


def read_rate_file(*, content: bytes) -> list[NewRate]:
    """Rates of a CSV file (comma or semicolon, UTF-8 or Big5); raises BadRateFile with the first row at fault."""
    text = _decoded(content)
    first = text.splitlines()[0] if text.strip() else ""
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    heads = {(name or "").strip().lower() for name in reader.fieldnames or ()}
    if not set(_COLUMNS) <= heads:
        raise BadRateFile(row=1, reason="a column is missing")
    rates: list[NewRate] = []
    for number, raw in enumerate(reader, start=2):
        row = {(name or "").strip().lower(): str(value or "").strip() for name, value in raw.items() if name}
        if not any(row.values()):
            continue
        if len(rates) >= _MOST_ROWS:
            raise BadRateFile(row=number, reason="there are more than 20,000 rates")
        rates.append(_rate(number, row))
    if not rates:
        raise BadRateFile(row=2, reason="there is no rate in it")
    return rates


def _rate(number: int, row: dict[str, str]) -> NewRate:
    try:
        day = dt.date.fromisoformat(row["date"])
    except ValueError:
        raise BadRateFile(row=number, reason="write the day as year-month-day") from None
    try:
        rate = Decimal(row["rate"])
    except InvalidOperation:
        raise BadRateFile(row=number, reason="the rate is not a number") from None
    if row["currency"].upper() not in CURRENCIES:
        raise BadRateFile(row=number, reason="the currency must be a three-letter ISO 4217 code")
    return NewRate(currency=row["currency"].upper(), rate_date=day, rate=rate, source=row.get("source", ""))


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "big5"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadRateFile(row=1, reason="it is not a text in UTF-8 or Big5")
