"""The form by which a person changes the plan."""

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reorder.domain.planning.rules import ALL_PLACES, LONGEST_ADJUSTMENT_DAYS, MOST_UNITS, NewAdjustment


class AdjustmentForm(forms.Form):
    """Units in all over a range of days, at one place or all, and why."""

    subject = forms.CharField(widget=forms.HiddenInput, max_length=300)
    nonce = forms.RegexField(widget=forms.HiddenInput, regex=r"^[0-9a-f]{16,40}$")
    units = forms.FloatField(
        label=_("Units in all"),
        min_value=-MOST_UNITS,
        max_value=MOST_UNITS,
        help_text=_("More than the plan says, or less with a minus; spread evenly over the days."),
    )
    from_date = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    until_date = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    place = forms.ChoiceField(label=_("Place"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("What you know and the past cannot show, for example: school fair on Saturday."),
    )

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        field = self.fields["place"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(ALL_PLACES, _("All places, as the plan is spread")), *places]
        latest = today + dt.timedelta(days=LONGEST_ADJUSTMENT_DAYS - 1)
        for name in ("from_date", "until_date"):
            self.fields[name].widget.attrs |= {"min": today.isoformat(), "max": latest.isoformat()}
        self.fields["units"].widget.attrs |= {"step": "any", "inputmode": "decimal"}
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("class", "form-select" if name == "place" else "form-control")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("from_date"), given.get("until_date")
        if first and first < self.today:
            self.add_error("from_date", _("This day is over; begin with today or later."))
        if first and last and last < first:
            self.add_error("until_date", _("The last day lies before the first."))
        if last and (last - self.today).days >= LONGEST_ADJUSTMENT_DAYS:
            self.add_error("until_date", _("Reach at most a year ahead."))
        if given.get("units") == 0:
            self.add_error("units", _("Give a number other than zero."))
        return given

    def to_adjustment(self, *, key: str) -> NewAdjustment:
        """What was typed, once it is valid."""
        given = self.cleaned_data
        return NewAdjustment(
            key=key,
            subject=given["subject"],
            place_code=given["place"],
            from_date=given["from_date"],
            until_date=given["until_date"],
            units=given["units"],
            reason=given["reason"],
        )


def new_nonce() -> str:
    """What makes one showing of the form one adjustment, however often it is sent."""
    return secrets.token_hex(12)
