"""Forms of the shipping desk: a parcel's event by hand, and a carrier that is asked to come."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.shipping.parcel_models import PARCEL_STATES
from reorder.domain.shipping.tracking_rules import INCIDENT_REASONS, CarrierWord
from reorder.web.setup.forms import SetupForm
from reorder.web.tracking.words import MARK_TEMPLATES, REASON_TEMPLATES


class EventForm(SetupForm):
    """What somebody knows of a parcel."""

    state = forms.ChoiceField(label=gettext_lazy("What became of it"))
    reason = forms.ChoiceField(label=gettext_lazy("Why"), required=False)
    happened_at = forms.DateTimeField(
        label=gettext_lazy("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    place_text = forms.CharField(label=gettext_lazy("Where"), required=False, max_length=200)
    carrier_words = forms.CharField(label=gettext_lazy("What the carrier said"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            (state, _(MARK_TEMPLATES[state])) for state in PARCEL_STATES if state not in {"pending", "unknown"}
        ]
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            ("", "–"),
            *((code, _(REASON_TEMPLATES[code])) for code in INCIDENT_REASONS if code != "unknown"),
        ]

    def clean_happened_at(self) -> dt.datetime:
        """Of years that clocks of every zone can say."""
        moment: dt.datetime = self.cleaned_data["happened_at"]
        if not 2000 <= moment.year < 2200:
            raise forms.ValidationError(_("Write the day and the time when it happened."))
        return moment

    def word(self) -> CarrierWord:
        """The cleaned form as a word; the moment is on the shop's clock."""
        given = self.cleaned_data
        moment: dt.datetime = given["happened_at"]
        return CarrierWord(
            tracking_number="",
            state=given["state"],
            reason=given["reason"],
            happened_at=moment.replace(tzinfo=ZoneInfo(settings.REORDER.time_zone)).astimezone(dt.UTC),
            place_text=given["place_text"],
            carrier_words=given["carrier_words"],
        )


class PickUpForm(SetupForm):
    """When a carrier is to come."""

    account = forms.TypedChoiceField(label=gettext_lazy("Carrier account"), coerce=int)
    place = forms.ChoiceField(label=gettext_lazy("Place"))
    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    from_time = forms.TimeField(
        label=gettext_lazy("Comes from"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    until_time = forms.TimeField(
        label=gettext_lazy("Comes until"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(
        self, *args: Any, accounts: list[tuple[int, str]], places: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = accounts  # type: ignore[attr-defined]
        self.fields["place"].choices = places  # type: ignore[attr-defined]
