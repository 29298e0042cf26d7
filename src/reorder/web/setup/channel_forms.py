"""The form of a channel account: what its adapter needs, besides name, code and place in the order."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reorder.domain.messaging.accounts import ChannelAccountForm, ChannelAccountRow
from reorder.domain.messaging.channels.base import ChannelCard
from reorder.web.setup.carrier_forms import adapter_field
from reorder.web.setup.forms import SetupForm

_OPTION, _SECRET = "option_", "secret_"


class ChannelForm(SetupForm):
    """An account of one adapter; secrets are never filled in, and stay as they are when left empty."""

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

    def __init__(self, *args: Any, card: ChannelCard, known: ChannelAccountRow | None = None, **kwargs: Any) -> None:
        if known is not None and not kwargs.get("initial"):
            options = {_OPTION + name: value for name, value in known.options.items()}
            kwargs["initial"] = {"name": known.name, "priority": known.priority, **options}
        super().__init__(*args, **kwargs)
        self.card = card
        self.known = known
        if known is not None:
            del self.fields["code"]
        for one in card.fields:
            kept = known.secret_names if known else ()
            self.fields[(_SECRET if one.is_secret else _OPTION) + one.name] = adapter_field(one, kept=kept)
        self.order_fields(["name", "code", *[name for name in self.fields if name.startswith((_OPTION, _SECRET))]])

    def given(self) -> ChannelAccountForm:
        """What was entered, of a valid form."""
        cleaned = self.cleaned_data
        return ChannelAccountForm(
            code=self.known.code if self.known else cleaned["code"],
            provider=self.card.name,
            name=cleaned["name"],
            options={one.name: cleaned[_OPTION + one.name] for one in self.card.fields if not one.is_secret},
            secrets={one.name: cleaned[_SECRET + one.name] for one in self.card.fields if one.is_secret},
            priority=cleaned["priority"],
        )
