"""Accounts at somebody else's service: the fields that its adapter asks for, and how pages show what was entered.

Secrets are never shown or filled in; one that is left empty stays as it is.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext

from reorder.kernel.adapter_fields import AdapterField
from reorder.web.setup.forms import SetupForm

_SETTING, _SECRET = "setting_", "secret_"
_LONGEST = 4_000


class AdapterForm(SetupForm):
    """What an adapter asks for, after `own_first` of the form's own fields; `kept` are secrets that are there."""

    own_first: ClassVar[tuple[str, ...]] = ("name",)

    def __init__(
        self,
        *args: Any,
        asked: Sequence[AdapterField],
        entered: Mapping[str, Any] | None = None,
        kept: Collection[str] = (),
        initial: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        known = {_SETTING + name: value for name, value in (entered or {}).items()}
        super().__init__(*args, initial={**known, **(initial or {})}, **kwargs)
        self.asked = asked
        fields = {(_SECRET if one.is_secret else _SETTING) + one.name: _field(one, kept=kept) for one in asked}
        self.fields.update(fields)
        self.order_fields([*self.own_first, *fields])

    def settings(self) -> dict[str, str]:
        """What was entered, of a valid form."""
        return {one.name: self.cleaned_data[_SETTING + one.name] for one in self.asked if not one.is_secret}

    def secrets(self) -> dict[str, str]:
        """The secrets that were entered; empty where they stay."""
        return {one.name: self.cleaned_data[_SECRET + one.name] for one in self.asked if one.is_secret}


def shown_settings(*, asked: Sequence[AdapterField], entered: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Labels with what was entered or stands for it; what may be chosen is shown as it was offered."""
    found = []
    for one in asked:
        value = str(entered.get(one.name) or one.default)
        if value and not one.is_secret:
            words = dict(one.choices).get(value)
            found.append((gettext(one.label), gettext(words) if words else value))
    return found


def shown_secrets(*, asked: Sequence[AdapterField], kept: Collection[str]) -> list[tuple[str, bool]]:
    """Labels of secrets, and whether each is there."""
    return [(gettext(one.label), one.name in kept) for one in asked if one.is_secret]


def _field(one: AdapterField, *, kept: Collection[str]) -> forms.Field:
    is_kept = one.is_secret and one.name in kept
    help_text = gettext(one.help) if one.help else ""
    if is_kept:
        help_text = gettext("Kept sealed and not shown. Leave it empty to keep it.")
    if one.choices:
        return forms.ChoiceField(
            label=gettext(one.label),
            required=False,
            initial=one.default,
            help_text=help_text,
            choices=[(value, gettext(words)) for value, words in one.choices],
            widget=forms.Select(attrs={"class": "form-select"}),
        )
    look = {"class": "form-control"}
    hidden = forms.PasswordInput(attrs={**look, "autocomplete": "new-password"})
    return forms.CharField(
        label=gettext(one.label),
        required=one.is_needed and not is_kept and not one.default,
        initial=one.default,
        help_text=help_text,
        max_length=_LONGEST,
        widget=hidden if one.is_secret else forms.TextInput(attrs=look),
    )
