"""What customers fill in: where parcels go, how they are sent and paid, what goes back."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from reorder.domain.customers.addresses import ShippingAddress
from reorder.web.portal.words import RETURN_REASON_TEMPLATES, RETURN_WANTS_TEMPLATES

# The counties and cities of Taiwan from north to south, then the islands; parcels carry the Chinese name.
REGIONS = {
    "基隆市": "Keelung City",
    "臺北市": "Taipei City",
    "新北市": "New Taipei City",
    "桃園市": "Taoyuan City",
    "新竹市": "Hsinchu City",
    "新竹縣": "Hsinchu County",
    "苗栗縣": "Miaoli County",
    "臺中市": "Taichung City",
    "彰化縣": "Changhua County",
    "南投縣": "Nantou County",
    "雲林縣": "Yunlin County",
    "嘉義市": "Chiayi City",
    "嘉義縣": "Chiayi County",
    "臺南市": "Tainan City",
    "高雄市": "Kaohsiung City",
    "屏東縣": "Pingtung County",
    "宜蘭縣": "Yilan County",
    "花蓮縣": "Hualien County",
    "臺東縣": "Taitung County",
    "澎湖縣": "Penghu County",
    "金門縣": "Kinmen County",
    "連江縣": "Lienchiang County",
}
_PHONE = re.compile(r"\+?\d{8,15}")
_STORE = re.compile(r"[A-Z0-9]{4,10}")
_TAIWAN_POSTCODE = re.compile(r"\d{3}(\d{2,3})?")
_ANY_POSTCODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,14}")


def _line(label: Any, *, required: bool = True, most: int = 120, help_text: Any = "", **attributes: str) -> Any:
    return forms.CharField(
        label=label,
        required=required,
        max_length=most,
        help_text=help_text,
        widget=forms.TextInput(attrs={"class": "form-control", **attributes}),
    )


class AddressForm(forms.Form):
    """Where a parcel goes; in Taiwan a convenience store stands for the street."""

    name = _line(gettext_lazy("Who receives it"), most=80, autocomplete="name")
    phone = _line(gettext_lazy("Phone"), most=24, autocomplete="tel", inputmode="tel")
    postcode = _line(gettext_lazy("Postcode"), most=16, autocomplete="postal-code")
    region = _line(gettext_lazy("County or city"), most=60, autocomplete="address-level1")
    city = _line(gettext_lazy("District"), most=60, autocomplete="address-level2")
    line1 = _line(gettext_lazy("Street, number, floor"), most=160, required=False, autocomplete="street-address")
    store_code = _line(
        gettext_lazy("Convenience store code"),
        most=10,
        required=False,
        help_text=gettext_lazy("Only to collect it at a store: its code, instead of the street."),
    )
    note = _line(gettext_lazy("For who delivers"), most=120, required=False)

    # A browser refuses to send a form with a required field that is hidden, as these are beside a saved address.
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"
        if settings.REORDER.country == "TW":
            is_chinese = get_language() == "zh-hant"
            choices = [
                ("", _("Choose")),
                *((name, name if is_chinese else f"{name} {english}") for name, english in REGIONS.items()),
            ]
            self.fields["region"] = forms.ChoiceField(
                label=_("County or city"),
                choices=choices,
                widget=forms.Select(attrs={"class": "form-select", "autocomplete": "address-level1"}),
            )
            self.fields["postcode"].widget.attrs["inputmode"] = "numeric"
            self.order_fields(["name", "phone", "postcode", "region", "city", "line1", "store_code", "note"])

    def clean_phone(self) -> str:
        text = re.sub(r"[ ()./-]", "", self.cleaned_data["phone"])
        if not _PHONE.fullmatch(text):
            raise forms.ValidationError(_("Write 8 to 15 digits, such as 0912 345 678."))
        return text

    def clean_postcode(self) -> str:
        text = self.cleaned_data["postcode"].strip().upper()
        if settings.REORDER.country == "TW":
            if not _TAIWAN_POSTCODE.fullmatch(text):
                raise forms.ValidationError(_("Write 3, 5 or 6 digits, such as 106 or 106409."))
        elif not _ANY_POSTCODE.fullmatch(text):
            raise forms.ValidationError(_("Write letters and digits, as on an envelope."))
        return str(text)

    def clean_store_code(self) -> str:
        text = self.cleaned_data["store_code"].strip().upper()
        if text and not _STORE.fullmatch(text):
            raise forms.ValidationError(_("A store code has 4 to 10 letters and digits."))
        return str(text)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("line1") and not cleaned.get("store_code") and "store_code" in cleaned:
            self.add_error("line1", _("Write the street, or the code of a convenience store."))
        return cleaned

    @property
    def address(self) -> ShippingAddress:
        """The address of a form that was found right."""
        told = {name: " ".join(str(value).split()) for name, value in self.cleaned_data.items()}
        return ShippingAddress(**told, country=settings.REORDER.country)


def initial_of(address: ShippingAddress) -> dict[str, str]:
    """An address as the form's fields hold it."""
    return {name: getattr(address, name) for name in AddressForm.base_fields}


class ReturnForm(forms.Form):
    """Why goods go back; how many of which stands beside the goods."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why"), widget=forms.Select(attrs={"class": "form-select"}), choices=()
    )
    note = forms.CharField(
        label=gettext_lazy("What we should know"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": "3"}),
    )
    wants = forms.ChoiceField(
        label=gettext_lazy("What you want for it"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
        choices=(),
    )
    photo = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 4 MB."),
        widget=forms.FileInput(
            attrs={
                "class": "form-control",
                "accept": "image/jpeg,image/png,image/webp",
                "aria-describedby": "id_photo_helptext",
            }
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", _("Choose")), *((code, _(words)) for code, words in RETURN_REASON_TEMPLATES.items())]
        wants = self.fields["wants"]
        assert isinstance(wants, forms.ChoiceField)  # noqa: S101 - for the type checker
        wants.choices = [(code, _(words)) for code, words in RETURN_WANTS_TEMPLATES.items()]
