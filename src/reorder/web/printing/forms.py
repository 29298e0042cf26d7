"""What is asked before labels are printed."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from reorder.flows.label_printing import LabelPaper
from reorder.web.setup.forms import LANGUAGES, SetupForm

_PAPERS = [("sheet", _("A4 sheet of 24")), ("roll", _("roll of 100 × 50 mm"))]
_FILES = [("pdf", _("PDF, for any printer")), ("zpl", _("ZPL, for label printers"))]
_CODES = [("data_matrix", _("GS1 Data Matrix")), ("gs1_128", _("GS1-128 bars"))]


class PaperForm(SetupForm):
    """On what labels are printed."""

    form = forms.ChoiceField(label=_("Paper"), choices=_PAPERS, initial="sheet")
    file = forms.ChoiceField(label=_("File"), choices=_FILES, initial="pdf")
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language() or "en"

    def paper(self) -> LabelPaper:
        """How labels are wanted."""
        given = self.cleaned_data
        return LabelPaper(
            form=given.get("form", "pallet"),
            file=given["file"],
            language=given["language"],
            code_form=given.get("code_form", "data_matrix"),
        )


class BinsForm(PaperForm):
    """Which bins."""

    zone = forms.ChoiceField(label=_("Zone"), required=False)
    first = forms.CharField(label=_("From bin"), required=False, max_length=120)
    last = forms.CharField(label=_("To bin"), required=False, max_length=120)
    codes = forms.CharField(
        label=_("Only these bins"), required=False, max_length=20_000, help_text=_("With spaces or commas between.")
    )
    field_order = ("zone", "first", "last", "codes", "form", "file", "language")

    def __init__(self, *args: Any, zones: list[tuple[str, str, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["zone"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("all zones")), *((code, f"{code} · {name}") for code, name, _count in zones)]

    def chosen(self) -> list[str] | None:
        """The bins that are named one by one, None for none."""
        return self.cleaned_data["codes"].replace(",", " ").replace("\x00", "").split() or None


class GoodsForm(PaperForm):
    """Which product, lot and expiry."""

    sku = forms.CharField(label=_("Product number"), max_length=120)
    lot = forms.CharField(label=_("Lot"), required=False, max_length=20)
    expires = forms.DateField(
        label=_("Best before"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    copies = forms.IntegerField(label=_("How many"), min_value=1, max_value=1000, initial=24)
    code_form = forms.ChoiceField(label=_("Code"), choices=_CODES, initial="data_matrix")
    field_order = ("sku", "lot", "expires", "copies", "code_form", "form", "file", "language")


class TotesForm(PaperForm):
    """Which totes."""

    letters = forms.CharField(label=_("Letters in front"), max_length=20, initial="TOTE-")
    first = forms.IntegerField(label=_("First number"), min_value=0, max_value=999_999, initial=1)
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=1000, initial=24)
    field_order = ("letters", "first", "count", "form", "file", "language")


class PalletsForm(PaperForm):
    """What stands on pallets that get numbers."""

    form = None  # type: ignore[assignment]  # a pallet's label has one size
    count = forms.IntegerField(label=_("How many pallets"), min_value=1, max_value=100, initial=1)
    sku = forms.CharField(
        label=_("Product number"), required=False, max_length=120, help_text=_("Empty: of mixed goods nothing is said.")
    )
    units = forms.DecimalField(
        label=_("Units on each"), required=False, min_value=Decimal("0.001"), max_digits=12, decimal_places=3
    )
    lot = forms.CharField(label=_("Lot"), required=False, max_length=20)
    expires = forms.DateField(
        label=_("Best before"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    field_order = ("count", "sku", "units", "lot", "expires", "file", "language")
