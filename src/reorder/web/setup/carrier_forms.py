"""Forms of carrier accounts: what an adapter needs, and which of the shop's services are bought there."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.domain.shipping.accounts import AccountForm, AccountRow
from reorder.domain.shipping.carriers import AdapterCard, AdapterField
from reorder.domain.shipping.rules import ServiceRow
from reorder.web.setup.forms import SetupForm

_SETTING, _SECRET, _SERVICE = "setting_", "secret_", "service_"
_LONGEST = 4_000


class CarrierAccountForm(SetupForm):
    """An account of one adapter; secrets are never filled in, and stay as they are when left empty."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("As it is called on labels and lists."))
    is_test = forms.BooleanField(
        label=_("Test account"), required=False, help_text=_("Its labels cost nothing and lead nowhere.")
    )
    places = forms.MultipleChoiceField(
        label=_("Places"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every place."),
    )

    def __init__(
        self,
        *args: Any,
        card: AdapterCard,
        places: Sequence[tuple[str, str]],
        known: AccountRow | None = None,
        **kwargs: Any,
    ) -> None:
        if known is not None and not kwargs.get("initial"):
            kwargs["initial"] = {
                "name": known.name,
                "is_test": known.is_test,
                "places": list(known.places),
                **{_SETTING + name: value for name, value in known.settings.items()},
            }
        super().__init__(*args, **kwargs)
        self.card = card
        for one in card.fields:
            kept = known.secret_names if known else ()
            self.fields[(_SECRET if one.is_secret else _SETTING) + one.name] = adapter_field(one, kept=kept)
        self.fields["places"].choices = list(places)  # type: ignore[attr-defined]
        self.order_fields(["name", *[name for name in self.fields if name.startswith((_SETTING, _SECRET))]])

    def given(self) -> AccountForm:
        """What was entered, of a valid form."""
        cleaned = self.cleaned_data
        return AccountForm(
            name=cleaned["name"],
            adapter=self.card.name,
            settings={one.name: cleaned[_SETTING + one.name] for one in self.card.fields if not one.is_secret},
            secrets={one.name: cleaned[_SECRET + one.name] for one in self.card.fields if one.is_secret},
            places=cleaned["places"],
            is_test=cleaned["is_test"],
        )


class AccountServicesForm(SetupForm):
    """For each service of the shop what the carrier calls it; empty: not bought here."""

    def __init__(
        self, *args: Any, card: AdapterCard, services: Sequence[ServiceRow], known: Mapping[str, str], **kwargs: Any
    ) -> None:
        initial = {_SERVICE + code: words for code, words in known.items()}
        super().__init__(*args, initial=initial, **kwargs)
        self.services = services
        choices = [("", gettext("not here")), *card.services]
        for one in services:
            label = f"{one.name} ({one.code})"
            field: forms.Field = (
                forms.ChoiceField(label=label, required=False, choices=choices)
                if card.services
                else forms.CharField(label=label, required=False, max_length=80)
            )
            field.widget.attrs["class"] = "form-select" if card.services else "form-control"
            self.fields[_SERVICE + one.code] = field

    def given(self) -> dict[str, str]:
        """The carrier's service by ours, of a valid form."""
        found = {one.code: self.cleaned_data[_SERVICE + one.code].strip() for one in self.services}
        return {code: words for code, words in found.items() if words}


def adapter_field(one: AdapterField, *, kept: Collection[str]) -> forms.Field:
    """The field of one thing that an account needs; secrets among `kept` may be left empty."""
    is_kept = one.is_secret and one.name in kept
    help_text = gettext(one.help) if one.help else ""
    if is_kept:
        help_text = gettext("Kept sealed and not shown. Leave it empty to keep it.")
    if one.choices:
        choices = [(value, gettext(words)) for value, words in one.choices]
        return forms.ChoiceField(
            label=gettext(one.label),
            required=False,
            initial=one.default,
            help_text=help_text,
            choices=choices,
            widget=forms.Select(attrs={"class": "form-select"}),
        )
    look = {"class": "form-control"}
    hidden = forms.PasswordInput(attrs={**look, "autocomplete": "new-password"})
    widget = hidden if one.is_secret else forms.TextInput(attrs=look)
    return forms.CharField(
        label=gettext(one.label),
        required=one.is_needed and not is_kept and not one.default,
        initial=one.default,
        help_text=help_text,
        max_length=_LONGEST,
        widget=widget,
    )
