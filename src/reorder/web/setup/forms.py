"""The forms of the desk Setup: they read what was typed, say what is wrong beside it, and hand plain values on."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.domain.staff.queries import UserRow
from reorder.domain.staff.rules import SCOPE_ABILITIES, Role
from reorder.kernel.errors import BadInput, ReorderError, explain_error
from reorder.kernel.money import BadAmount, Money, parse_money
from reorder.web.setup.words import ROLE_WORDS, SCOPE_WORDS

Made = TypeVar("Made")
LANGUAGES = [("en", "English"), ("zh-hant", "繁體中文")]
LASTS_DAYS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("one year")), ("0", _("for ever"))]
_MOMENT = "%Y-%m-%dT%H:%M"
# The first that fits: radio buttons and boxes are selects too.
_LOOKS = (
    ((forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple), "form-check-input"),
    ((forms.Select,), "form-select"),
)


class SetupForm(forms.Form):
    """Widgets in our look; errors of operations come back by `refuse`."""

    required_css_class = "is-required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            look = next((css for kinds, css in _LOOKS if isinstance(field.widget, kinds)), "form-control")
            field.widget.attrs.setdefault("class", look)

    def make(self, act: Callable[[], Made]) -> Made | None:
        """What `act` makes of it; None where something has to be mended first, which is then said in the form."""
        if not self.is_valid():
            return None
        try:
            return act()
        except BadInput as fault:
            self.refuse(fault)
            return None

    def carry_out(self, act: Callable[[], object]) -> bool:
        """As `make`, for what brings nothing back: whether it was done."""
        return self.make(lambda: (act(),)) is not None

    def refuse(self, error: ReorderError) -> None:
        """Say an error of ours above the fields."""
        self.add_error(None, explain_error(error=error, translate=gettext))


class AmountField(forms.CharField):
    """Money as people write it, in major units of a currency that is known when the form is read."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=24, **kwargs)
        self.widget.attrs |= {"inputmode": "decimal"}


class MomentField(forms.DateTimeField):
    """A moment on the shop's clock, of years that every zone and the database can say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=[_MOMENT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            widget=forms.DateTimeInput(format=_MOMENT, attrs={"type": "datetime-local", "class": "form-control"}),
            **kwargs,
        )

    def to_python(self, value: Any) -> dt.datetime | None:
        given = super().to_python(value)
        if given is None:
            return None
        if not 1990 <= given.year <= 2200:
            raise forms.ValidationError(gettext("This day is too far away."))
        return given.replace(tzinfo=ZoneInfo(settings.REORDER.time_zone))


class PlaceForm(SetupForm):
    """A new place."""

    code = forms.CharField(
        label=_("Code"), max_length=60, help_text=_("As files and other systems name it. It cannot be changed later.")
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("warehouse", _("warehouse")), ("store", _("store")), ("supplier", _("supplier"))]
    )
    country = forms.CharField(
        label=_("Country"), max_length=2, min_length=2, required=False, help_text=_("Two letters, for example TW.")
    )

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


class PlaceNameForm(SetupForm):
    """A place that is there."""

    name = forms.CharField(label=_("Name"), max_length=120)
    country = PlaceForm.base_fields["country"]
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


class _PlacesForm(SetupForm):
    """Limits to places; none chosen means all of them."""

    places = forms.MultipleChoiceField(
        label=_("Only at these places"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["places"].choices = list(places)  # type: ignore[attr-defined]
        self.fields["places"].help_text = gettext("None chosen: at all places.")


class NewUserForm(_PlacesForm):
    """A new account."""

    username = forms.CharField(
        label=_("User name"), max_length=150, help_text=_("Letters, digits and . @ + - _ without spaces.")
    )
    email = forms.EmailField(
        label=_("E-mail"), required=False, max_length=254, help_text=_("Signs in as the name does.")
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    field_order = ("username", "email", "role", "places", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, _described(role)) for role in Role]  # type: ignore[attr-defined]


class UserForm(NewUserForm):
    """An account that is there."""

    username = None  # type: ignore[assignment] # Django's way to leave an inherited field out
    is_active = forms.BooleanField(
        label=_("May sign in"), required=False, help_text=_("Otherwise open sessions end with the next click.")
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)


class TokenForm(_PlacesForm):
    """A new API token."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Which system uses it, so that you can revoke the right one.")
    )
    scopes = forms.MultipleChoiceField(label=_("May"), widget=forms.CheckboxSelectMultiple)
    lasts_days = forms.ChoiceField(label=_("Lasts"), choices=LASTS_DAYS, initial="365")
    requests_per_minute = forms.IntegerField(
        label=_("Requests a minute"), min_value=1, max_value=100_000, required=False
    )
    field_order = ("name", "scopes", "places", "lasts_days", "requests_per_minute")

    def __init__(self, *args: Any, usual_rate: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope, f"{scope} – {SCOPE_WORDS.get(scope, scope)}") for scope in SCOPE_ABILITIES
        ]
        self.fields["requests_per_minute"].help_text = gettext("Empty: {count}, as the settings say.").format(
            count=usual_rate
        )

    def expires_at(self, *, moment: dt.datetime) -> dt.datetime | None:
        """The end that was chosen."""
        days = int(self.cleaned_data["lasts_days"])
        return moment + dt.timedelta(days=days) if days else None


def read_amount(*, form: forms.Form, name: str, currency: str, empty: int | None) -> None:
    """Turn a typed amount into minor units in `cleaned_data`, or say beside the field why it is none."""
    text = form.cleaned_data.get(name)
    if text is None:
        return
    if not text.strip() and empty is not None:
        form.cleaned_data[name] = empty
        return
    try:
        amount = parse_money(text=text, currency=currency)
    except BadAmount as fault:
        form.add_error(name, explain_error(error=fault, translate=gettext))
        return
    if amount.minor < 0:
        form.add_error(name, gettext("An amount below zero makes no sense here."))
        return
    form.cleaned_data[name] = amount.minor


def read_optional_amount(*, form: forms.Form, name: str, currency: str) -> None:
    """As `read_amount`; where nothing was typed the amount is None."""
    if str(form.cleaned_data.get(name) or "").strip():
        read_amount(form=form, name=name, currency=currency, empty=None)
    else:
        form.cleaned_data[name] = None


def amount_text(*, minor: int, currency: str) -> str:
    """An amount as a person would type it: without separators, and without decimals that say nothing."""
    major = Money(minor, currency).major
    return str(int(major)) if major == major.to_integral_value() else f"{major:f}"


def user_values(*, row: UserRow) -> dict[str, Any]:
    """An account as the form shows it."""
    return {
        "email": row.email,
        "role": row.role,
        "places": list(row.place_codes),
        "language": row.language,
        "is_active": row.is_active,
        "seen": row.fingerprint,
    }


def shop_moment(moment: dt.datetime) -> str:
    """A moment as the browser's field for moments holds it, on the shop's clock."""
    return moment.astimezone(ZoneInfo(settings.REORDER.time_zone)).strftime(_MOMENT)


def place_choices(*, places: Iterable[Any], chosen: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Places to choose from: those in use, and those chosen already though they are closed or gone."""
    known = {place.code: place.code if place.name == place.code else f"{place.name} ({place.code})" for place in places}
    return [*known.items(), *((code, code) for code in chosen if code not in known)]


def _described(role: Role) -> str:
    words: Promise | str = ROLE_WORDS.get(role.value, "")
    return f"{gettext(role.value).capitalize()} – {words}"
