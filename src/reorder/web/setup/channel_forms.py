"""The form of a channel account: what its adapter needs, besides name, code and place in the order."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reorder.domain.messaging.accounts import ChannelAccountForm, ChannelAccountRow
from reorder.domain.messaging.channels.base import ChannelCard
from reorder.web.setup.adapter_forms import AdapterForm


class ChannelForm(AdapterForm):
    """A channel account."""

    own_first = ("name", "code")
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("As it is called on pages here."))
    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Small letters and digits, as messages keep it. It cannot be changed later."),
    )
    priority = forms.IntegerField(
        label=_("Place in the order"),
        min_value=0,
        max_value=99,
        initial=0,
        help_text=_("Of several accounts of a channel the least goes first; the next one takes over while it rests."),
    )

    def __init__(self, *args: Any, card: ChannelCard, known: ChannelAccountRow | None = None) -> None:
        self.card, self.known = card, known
        if known is None:
            initial: dict[str, object] = {"code": card.name.replace("_", "-")}
            super().__init__(*args, asked=card.fields, initial=initial)
            return
        initial = {"name": known.name, "priority": known.priority}
        super().__init__(*args, asked=card.fields, entered=known.options, kept=known.secret_names, initial=initial)
        del self.fields["code"]

    def given(self) -> ChannelAccountForm:
        """What was entered, of a valid form."""
        cleaned = self.cleaned_data
        return ChannelAccountForm(
            code=self.known.code if self.known else cleaned["code"],
            provider=self.card.name,
            name=cleaned["name"],
            options=self.settings(),
            secrets=self.secrets(),
            priority=cleaned["priority"],
        )
