"""Forms of webhooks: an endpoint, a new secret, and a span to send again."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.flows.webhooks import KINDS, EndpointForm
from reorder.web.setup.forms import MomentField, SetupForm
from reorder.web.setup.webhook_words import KIND_WORDS

_OVERLAPS = [
    ("24", _("for a day more")),
    ("1", _("for an hour more")),
    ("168", _("for a week more")),
    ("0", _("not at all: strangers know it")),
]


class WebhookForm(SetupForm):
    """Where an endpoint is, and what it is told of."""

    url = forms.CharField(
        label=_("Address of the endpoint"),
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_("Messages are sent there as POST. It must begin with https://."),
    )
    description = forms.CharField(
        label=_("Description"), max_length=200, required=False, help_text=_("Which system it is.")
    )
    kinds = forms.MultipleChoiceField(
        label=_("Event types"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(kind, f"{kind} – {KIND_WORDS.get(kind, kind)}") for kind in KINDS]
        self.fields["kinds"].choices = choices  # type: ignore[attr-defined]

    def given(self) -> EndpointForm:
        """What was entered, of a valid form."""
        cleaned = self.cleaned_data
        return EndpointForm(url=cleaned["url"], description=cleaned["description"], kinds=cleaned["kinds"])


class RotateForm(SetupForm):
    """For how long the secret that signs now goes on signing beside the new one."""

    overlap_hours = forms.TypedChoiceField(label=_("The present secret stays valid"), choices=_OVERLAPS, coerce=int)


class ReplayForm(SetupForm):
    """A span on the shop's clock."""

    since = MomentField(label=_("From this moment"))
    until = MomentField(label=_("Until this moment"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since >= until:
            self.add_error("until", gettext("The span must end after it begins."))
        return cleaned
