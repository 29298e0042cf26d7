"""The form of a source of tracking."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reorder.domain.behaviour.sources import USUAL_EVENTS_PER_SECOND
from reorder.flows.event_intake import SourceForm
from reorder.web.setup.forms import SetupForm
from reorder.web.setup.tracking_words import BEFORE_WORDS


class TrackingForm(SetupForm):
    """What a source is called, whose customers it knows, and which pages send."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which shop or app it is."))
    channel = forms.CharField(
        label=_("Sales channel"),
        max_length=60,
        initial="file",
        help_text=_("The channel whose orders call customers as this shop does; file for plain files."),
    )
    origins = forms.CharField(
        label=_("Addresses of the shop"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "https://shop.example.org"}),
        help_text=_("One a line, without a path. Pages of other addresses are refused. Apps and servers need none."),
    )
    address_patterns = forms.CharField(
        label=_("Addresses of products"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "/products/{sku}"}),
        help_text=_(
            "One pattern a line, such as /products/{sku}, /p/{sku}-{name} or ?variant={sku}; "
            "the first that fits counts. Empty: the last part of the address is the SKU."
        ),
    )
    events_per_second = forms.IntegerField(
        label=_("Events a second at most"),
        min_value=1,
        max_value=1_000_000,
        initial=USUAL_EVENTS_PER_SECOND,
        help_text=_(
            "What is sent faster is refused for some seconds, so that nobody who copies the key fills the database."
        ),
    )
    before_consent = forms.ChoiceField(
        label=_("Before somebody agrees, take"),
        choices=list(BEFORE_WORDS.items()),
        widget=forms.RadioSelect,
        initial="counts",
    )

    def given(self) -> SourceForm:
        """What was entered, of a valid form."""
        told: dict[str, Any] = self.cleaned_data
        return SourceForm(
            name=told["name"].strip(),
            channel=told["channel"].strip(),
            origins=told["origins"].split(),
            before_consent=told["before_consent"],
            address_patterns=told["address_patterns"].splitlines(),
            events_per_second=told["events_per_second"],
        )
