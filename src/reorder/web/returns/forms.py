"""Forms of the desk of returns: labels above, help below, errors beside the field."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.warehouse.return_rule_book import GradeRow
from reorder.domain.warehouse.return_rules import DISPOSITIONS, REASONS, RESOLUTIONS, WAYS_BACK
from reorder.web import return_words as words
from reorder.web.setup.forms import AmountField, SetupForm

_SELECT = {"class": "form-select"}
_TEXT = {"class": "form-control", "autocomplete": "off"}


class WordForm(SetupForm):
    """A word to the customer."""

    word = forms.CharField(
        label=gettext_lazy("Word to the customer"),
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
        help_text=gettext_lazy("It goes out by mail: where to send the goods and by when, or why they stay."),
    )


class SendForm(SetupForm):
    """How the goods come back."""

    way_back = forms.ChoiceField(label=gettext_lazy("How they come back"), widget=forms.Select(attrs=_SELECT))
    carrier = forms.CharField(
        label=gettext_lazy("Carrier"), max_length=80, required=False, widget=forms.TextInput(attrs=_TEXT)
    )
    tracking_number = forms.CharField(
        label=gettext_lazy("Tracking or store number"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs=_TEXT),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["way_back"].choices = [(one, words.said(one, templates=words.WAY_TEMPLATES)) for one in WAYS_BACK]  # type: ignore[attr-defined]


class TrackingForm(SetupForm):
    """The parcel was handed in."""

    carrier = forms.CharField(
        label=gettext_lazy("Carrier"), max_length=80, required=False, widget=forms.TextInput(attrs=_TEXT)
    )
    tracking_number = forms.CharField(
        label=gettext_lazy("Tracking number"), max_length=80, required=False, widget=forms.TextInput(attrs=_TEXT)
    )


class GradeForm(SetupForm):
    """How goods were found; a page has one for each piece."""

    units = forms.DecimalField(
        label=gettext_lazy("Units"),
        max_digits=14,
        decimal_places=3,
        widget=forms.TextInput(attrs={**_TEXT, "inputmode": "decimal"}),
        help_text=gettext_lazy("Fewer than came: grade the rest afterwards."),
    )
    grade = forms.ChoiceField(label=gettext_lazy("Grade"), widget=forms.Select(attrs=_SELECT))
    disposition = forms.ChoiceField(
        label=gettext_lazy("What becomes of it"), required=False, widget=forms.Select(attrs=_SELECT)
    )
    reason = forms.CharField(
        label=gettext_lazy("Why not as the rule says"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=_TEXT),
    )
    piece = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    seen = forms.DecimalField(widget=forms.HiddenInput, max_digits=14, decimal_places=3)

    def __init__(self, *args: Any, grades: Sequence[GradeRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = [(one.code, words.grade_word(one)) for one in grades]  # type: ignore[attr-defined]
        self.fields["disposition"].choices = [("", _("as the rule says")), *disposition_choices()]  # type: ignore[attr-defined]


class RedisposeForm(SetupForm):
    """Something else becomes of goods that are kept apart."""

    units = forms.DecimalField(
        label=gettext_lazy("Units"),
        max_digits=14,
        decimal_places=3,
        widget=forms.TextInput(attrs={**_TEXT, "inputmode": "decimal"}),
    )
    disposition = forms.ChoiceField(label=gettext_lazy("What becomes of it"), widget=forms.Select(attrs=_SELECT))
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200, widget=forms.TextInput(attrs=_TEXT))
    piece = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    seen = forms.DecimalField(widget=forms.HiddenInput, max_digits=14, decimal_places=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["disposition"].choices = disposition_choices()  # type: ignore[attr-defined]


class SettleForm(SetupForm):
    """What the customer gets."""

    resolution = forms.ChoiceField(label=gettext_lazy("What the customer gets"), widget=forms.Select(attrs=_SELECT))
    amount = AmountField(
        label=gettext_lazy("Amount"),
        required=False,
        help_text=gettext_lazy("Empty: all that the goods are worth. Of exchanges it means nothing."),
    )
    goods = forms.CharField(
        label=gettext_lazy("Other goods"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
        help_text=gettext_lazy("Only for an exchange, one a line: SKU and units. Empty: the same goods again."),
    )
    word = forms.CharField(
        label=gettext_lazy("Word to the customer"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [*RESOLUTIONS, "none"]
        self.fields["resolution"].choices = [(one, words.said(one, templates=words.WANTS_TEMPLATES)) for one in known]  # type: ignore[attr-defined]

    def exchange_goods(self) -> list[tuple[str, Decimal]]:
        """(SKU, units), as they were typed; what cannot be read is said beside the field."""
        goods = []
        for line in self.cleaned_data.get("goods", "").splitlines():
            parts = line.split()
            if not parts:
                continue
            text = parts[-1] if len(parts) > 1 else "1"
            try:
                units = Decimal(text)
            except ArithmeticError:
                units = Decimal(0)
            if not (units.is_finite() and units > 0):
                self.add_error("goods", _("Write a SKU and units on each line, such as TEA-1 2."))
                return []
            goods.append((" ".join(parts[:-1]) if len(parts) > 1 else parts[0], units))
        return goods


class OpenForm(SetupForm):
    """Why goods come back, and what for."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), widget=forms.Select(attrs=_SELECT))
    wants = forms.ChoiceField(label=gettext_lazy("What the customer wants"), widget=forms.Select(attrs=_SELECT))
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(one, words.said(one, templates=words.REASON_TEMPLATES)) for one in REASONS]  # type: ignore[attr-defined]
        self.fields["wants"].choices = [(one, words.said(one, templates=words.WANTS_TEMPLATES)) for one in RESOLUTIONS]  # type: ignore[attr-defined]


def disposition_choices() -> list[tuple[str, str]]:
    """What can become of goods."""
    return [(one, words.said(one, templates=words.DISPOSITION_TEMPLATES)) for one in DISPOSITIONS]
