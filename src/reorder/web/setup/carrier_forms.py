"""Forms of carrier accounts: what an adapter needs, and which of the shop's services are bought there."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.domain.shipping.accounts import AccountForm, AccountRow
from reorder.domain.shipping.carriers import AdapterCard
from reorder.domain.shipping.rules import ServiceRow
from reorder.web.setup.adapter_forms import AdapterForm
from reorder.web.setup.forms import SetupForm

_SERVICE = "service_"


class CarrierAccountForm(AdapterForm):
    """A carrier account."""

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
        self, *args: Any, card: AdapterCard, places: Sequence[tuple[str, str]], known: AccountRow | None = None
    ) -> None:
        self.card = card
        if known is None:
            super().__init__(*args, asked=card.fields)
        else:
            initial = {"name": known.name, "is_test": known.is_test, "places": list(known.places)}
            super().__init__(*args, asked=card.fields, entered=known.settings, kept=known.secret_names, initial=initial)
        self.fields["places"].choices = list(places)  # type: ignore[attr-defined]

    def given(self) -> AccountForm:
        """What was entered, of a valid form."""
        cleaned = self.cleaned_data
        return AccountForm(
            name=cleaned["name"],
            adapter=self.card.name,
            settings=self.settings(),
            secrets=self.secrets(),
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
