"""Forms of the catalogue of cartons: a carton, and a what-if."""

from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.domain.shipping.carton_rules import CartonRow, outer_side
from reorder.web.setup.forms import AmountField, SetupForm, amount_text, read_amount
from reorder.web.setup.shipping_forms import TEMPERATURE_WORDS

MATERIAL_WORDS: Final[dict[str, Promise]] = {
    "carton": _("cardboard"),
    "insulated": _("insulated box"),
    "bag": _("mailing bag"),
    "tube": _("tube"),
}
_SIDES: Final = ("length_mm", "width_mm", "height_mm")
_MOST_MM: Final = 5_000


def _side(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=_MOST_MM)


def _optional_side(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=_MOST_MM, required=False)


class CartonForm(SetupForm):
    """A kind of box."""

    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("Printed on it: packers scan it."))
    name = forms.CharField(label=_("Name"), max_length=200)
    material = forms.ChoiceField(label=_("Made of"), choices=list(MATERIAL_WORDS.items()))
    length_mm = _side(_("Length inside, mm"))
    width_mm = _side(_("Width inside, mm"))
    height_mm = _side(_("Height inside, mm"))
    outer_length_mm = _optional_side(_("Length outside, mm"))
    outer_width_mm = _optional_side(_("Width outside, mm"))
    outer_height_mm = _optional_side(_("Height outside, mm"))
    own_grams = forms.IntegerField(label=_("Its own weight, g"), min_value=0, max_value=2_000_000)
    max_grams = forms.IntegerField(
        label=_("Most goods, g"), min_value=1, max_value=2_000_000, required=False, help_text=_("Empty: no limit.")
    )
    cost = AmountField(label=_("What one costs"), required=False)
    temperatures = forms.MultipleChoiceField(
        label=_("Temperatures"), choices=list(TEMPERATURE_WORDS.items()), widget=forms.CheckboxSelectMultiple
    )
    place = forms.ChoiceField(label=_("Place"), required=False, help_text=_("Empty: at hand everywhere."))
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, places: list[tuple[str, str]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["place"].choices = [("", "–"), *places]  # type: ignore[attr-defined]
        self.fields["cost"].help_text = gettext("In {currency}.").format(currency=currency)
        self.fields["outer_length_mm"].help_text = gettext("Empty: 6 mm more than inside.")

    def clean(self) -> dict[str, Any]:
        read_amount(form=self, name="cost", currency=self.currency, empty=0)
        return self.cleaned_data

    def carton(self) -> CartonRow:
        """What was entered, of a valid form."""
        given = self.cleaned_data
        outer = {f"outer_{name}": given[f"outer_{name}"] or outer_side(inner_mm=given[name]) for name in _SIDES}
        return CartonRow(
            code=given["code"],
            name=given["name"],
            length_mm=given["length_mm"],
            width_mm=given["width_mm"],
            height_mm=given["height_mm"],
            own_grams=given["own_grams"],
            max_grams=given["max_grams"],
            cost_minor=given["cost"],
            temperature_classes=tuple(given["temperatures"]),
            place_code=given["place"],
            material=given["material"],
            is_active=given["is_active"],
            **outer,
        )

    @staticmethod
    def values(row: CartonRow, *, currency: str) -> dict[str, Any]:
        """A carton as the form shows it."""
        names = ("code", "name", "material", "own_grams", "max_grams", "is_active")
        sides = (*_SIDES, *(f"outer_{name}" for name in _SIDES))
        return {name: getattr(row, name) for name in (*names, *sides)} | {
            "cost": amount_text(minor=row.cost_minor, currency=currency),
            "temperatures": list(row.temperature_classes),
            "place": row.place_code,
        }


class TrialForm(SetupForm):
    """A what-if: a box that is added, boxes that are left out, over how many shipments."""

    length_mm = _optional_side(_("Length inside, mm"))
    width_mm = _optional_side(_("Width inside, mm"))
    height_mm = _optional_side(_("Height inside, mm"))
    cost = AmountField(label=_("What one costs"), required=False)
    removed = forms.MultipleChoiceField(
        label=_("Leave out"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    shipments = forms.IntegerField(
        label=_("Over the last so many shipments"), min_value=1, max_value=5_000, initial=300
    )

    def __init__(self, *args: Any, cartons: list[tuple[str, str]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["removed"].choices = cartons  # type: ignore[attr-defined]
        self.fields["cost"].help_text = gettext("In {currency}.").format(currency=currency)

    def clean(self) -> dict[str, Any]:
        read_amount(form=self, name="cost", currency=self.currency, empty=0)
        sides = [self.cleaned_data.get(name) for name in _SIDES]
        if any(sides) and not all(sides):
            self.add_error("length_mm", gettext("Give all three sides of the box."))
        if not any(sides) and not self.cleaned_data.get("removed"):
            self.add_error("length_mm", gettext("Give a box to add, or boxes to leave out."))
        return self.cleaned_data

    def carton(self) -> CartonRow | None:
        """The box that is tried, of a valid form; for every temperature, of no weight of its own."""
        given = self.cleaned_data
        sides = [given[name] for name in _SIDES]
        if not all(sides):
            return None
        length, width, height = sides
        return CartonRow(
            code=f"NEW-{length}x{width}x{height}",
            name=f"{length} × {width} × {height} mm",
            length_mm=length,
            width_mm=width,
            height_mm=height,
            outer_length_mm=outer_side(inner_mm=length),
            outer_width_mm=outer_side(inner_mm=width),
            outer_height_mm=outer_side(inner_mm=height),
            cost_minor=given["cost"],
            temperature_classes=tuple(TEMPERATURE_WORDS),
        )
