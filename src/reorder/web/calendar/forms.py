"""The forms of the calendar: an entry, a file, a single signal."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reorder.domain.planning.rules import ALL_PLACES
from reorder.domain.planning.signal_rules import EntryRow, NewEntry, NewSignal
from reorder.web.calendar.words import ENTRY_WORDS, SIGNAL_WORDS

_SCOPES = (("all", _("Everything")), ("category", _("One category")), ("product", _("One product")))


def _dress(form: forms.Form) -> None:
    for field in form.fields.values():
        is_choice = isinstance(field, forms.ChoiceField)
        field.widget.attrs.setdefault("class", "form-select" if is_choice else "form-control")


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class EntryForm(forms.Form):
    """A promotion, event, holiday or closing of some days."""

    entry_id = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**62)
    kind = forms.ChoiceField(label=_("Kind"), choices=tuple(ENTRY_WORDS.items()))
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("The same name every time it comes back: that is how its effect is learned."),
    )
    from_date = forms.DateField(label=_("First day"), widget=_day())
    until_date = forms.DateField(label=_("Last day"), widget=_day())
    scope = forms.ChoiceField(label=_("For"), choices=_SCOPES, initial="all")
    # Drawn by the page: Django takes a millisecond for every twenty options, and a shop has hundreds of categories.
    category = forms.CharField(label=_("Category"), max_length=200, required=False)
    sku = forms.CharField(label=_("SKU"), max_length=200, required=False)
    place = forms.ChoiceField(label=_("Place"))
    discount_percent = forms.FloatField(
        label=_("Discount in percent"), required=False, min_value=0, max_value=100, help_text=_("20 for 20 % off.")
    )
    price = forms.FloatField(
        label=_("Price"), required=False, min_value=0, help_text=_("Instead of a discount, for one product.")
    )
    expected_percent = forms.FloatField(
        label=_("Effect you expect, in percent"),
        required=False,
        min_value=-100,
        max_value=10_000,
        help_text=_("Only if you know better than the past: it then counts instead of what was learned. Say why."),
    )
    note = forms.CharField(label=_("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self,
        *args: Any,
        places: Sequence[tuple[str, str]],
        may_everywhere: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [*([(ALL_PLACES, _("All places"))] if may_everywhere else []), *places]
        for name in ("discount_percent", "price", "expected_percent"):
            self.fields[name].widget.attrs |= {"step": "any", "inputmode": "decimal"}
        _dress(self)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("from_date"), given.get("until_date")
        if first and last and last < first:
            self.add_error("until_date", _("The last day lies before the first."))
        scope = given.get("scope")
        if scope == "category" and not given.get("category"):
            self.add_error("category", _("Choose the category."))
        if scope == "product" and not given.get("sku", "").strip():
            self.add_error("sku", _("Give the product's SKU."))
        if given.get("expected_percent") is not None and not given.get("note", "").strip():
            self.add_error("note", _("Say why you expect another effect."))
        return given

    def to_entry(self) -> NewEntry:
        """What was typed, once it is valid."""
        given = self.cleaned_data
        keys = {"category": given["category"], "product": given["sku"].strip()}
        return NewEntry(
            kind=given["kind"],
            name=given["name"],
            from_date=given["from_date"],
            until_date=given["until_date"],
            scope=given["scope"],
            key=keys.get(given["scope"], ""),
            place_code=given["place"],
            price=given["price"],
            discount_share=_hundredth(given["discount_percent"]),
            expected_effect_share=_hundredth(given["expected_percent"]),
            note=given["note"],
        )


def _hundredth(percent: float | None) -> float | None:
    return round(percent / 100, 6) if percent is not None else None


def initial_of(entry: EntryRow) -> dict[str, object]:
    """What the form shows of an entry that is changed."""
    return {
        "entry_id": entry.id,
        "kind": entry.kind,
        "name": entry.name,
        "from_date": entry.from_date,
        "until_date": entry.until_date,
        "scope": entry.scope,
        "category": entry.key if entry.scope == "category" else "",
        "sku": entry.key if entry.scope == "product" else "",
        "place": entry.place_code,
        "discount_percent": _hundredfold(entry.discount_share),
        "price": entry.price,
        "expected_percent": _hundredfold(entry.expected_effect_share),
        "note": entry.note,
    }


def _hundredfold(share: float | None) -> float | None:
    return round(share * 100, 4) if share is not None else None


class FileForm(forms.Form):
    """A CSV or ICS file of entries."""

    file = forms.FileField(label=_("File"), help_text=_("CSV with the columns name, from, until and more, or ICS."))
    kind = forms.ChoiceField(
        label=_("What it holds"),
        choices=tuple(ENTRY_WORDS.items()),
        initial="event",
        help_text=_("Counts for lines that do not say it themselves."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".csv,.tsv,.txt,.ics,text/csv,text/calendar"
        _dress(self)


class SignalForm(forms.Form):
    """One value of one day."""

    kind = forms.ChoiceField(label=_("Kind"), choices=tuple(SIGNAL_WORDS.items()), initial="competitor_price")
    date = forms.DateField(label=_("Day"), widget=_day())
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        help_text=_("Of the event, the competitor, or what is measured: temperature, rain."),
    )
    sku = forms.CharField(label=_("SKU"), max_length=200, required=False)
    place = forms.ChoiceField(label=_("Place"))
    number = forms.FloatField(
        label=_("Value"),
        required=False,
        help_text=_("A price, degrees, 0.2 for a discount of 20 %, 1 for open and 0 for closed."),
    )

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], may_everywhere: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [*([(ALL_PLACES, _("All places"))] if may_everywhere else []), *places]
        self.fields["number"].widget.attrs |= {"step": "any", "inputmode": "decimal"}
        _dress(self)

    def to_signal(self) -> NewSignal:
        """What was typed, once it is valid."""
        given = self.cleaned_data
        sku = given["sku"].strip()
        return NewSignal(
            kind=given["kind"],
            date=given["date"],
            name=given["name"].strip(),
            scope="product" if sku else "all",
            key=sku,
            place_code=given["place"],
            number=given["number"],
        )


def first_days(*, today: dt.date) -> dict[str, object]:
    """Where a new entry begins."""
    return {"from_date": today, "until_date": today, "kind": "promotion", "place": ALL_PLACES}
