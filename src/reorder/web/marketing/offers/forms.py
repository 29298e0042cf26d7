"""The form of an offer: the discount as under Setup, and how its codes are given."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reorder.domain.marketing.offers import NewOffer, OfferRow
from reorder.kernel.quantity import plain_decimal
from reorder.web.setup.price_forms import CodesField, RuleForm, rule_values

_NOT_HERE = ("is_coupon", "maximum_uses", "maximum_uses_per_customer")


class OfferForm(RuleForm):
    """A new offer."""

    words_en = forms.CharField(
        label=_("What customers read, in English"),
        max_length=200,
        required=False,
        help_text=_("Beside the code in a message, for example 10% off all tea. Empty: the name."),
    )
    words_zh = forms.CharField(label=_("What customers read, in Chinese"), max_length=200, required=False)
    valid_days = forms.IntegerField(
        label=_("A code is good for so many days"),
        min_value=1,
        max_value=3_650,
        required=False,
        help_text=_("From when it is given. Empty: until the offer ends."),
    )
    margin_floor = forms.DecimalField(
        label=_("Margin that must stay, in percent"),
        min_value=Decimal(0),
        max_value=Decimal("99.99"),
        max_digits=5,
        decimal_places=2,
        required=False,
        help_text=_(
            "Of the price paid, above cost: nothing is taken off a product beyond that. Empty: no floor. "
            "Nothing at all comes off a product whose cost is not known, unless a margin is assumed for it."
        ),
    )
    maximum_codes = forms.IntegerField(
        label=_("Codes in all"), min_value=1, max_value=10**8, required=False, help_text=_("Empty: no limit.")
    )
    maximum_codes_per_customer = forms.IntegerField(
        label=_("Codes for one customer"), min_value=1, max_value=10**4, required=False, help_text=_("Empty: no limit.")
    )
    segment_codes = CodesField(label=_("Only for these segments (code)"), help_text=_("Empty: for everybody."))
    is_personal = forms.BooleanField(label=_("Only who was given a code can use it"), required=False, initial=True)
    field_order = (
        "code", "name", "words_en", "words_zh", "buy_units", "get_units", "percent", "amount", "maximum_discount",
        "gift_sku", "gift_units", "margin_floor", "minimum_goods", "skus", "category_codes", "get_skus",
        "get_category_codes", "valid_days", "is_personal", "starts_at", "ends_at", "maximum_codes",
        "maximum_codes_per_customer", "segment_codes",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _NOT_HERE:
            self.fields.pop(name, None)
        self.fields["name"].help_text = _("As customers read it beside the price.")

    def offer(self, *, code: str = "") -> NewOffer:
        """What was entered, of a valid form; `code` of one that is there."""
        given = self.cleaned_data
        given |= {"is_coupon": True, "maximum_uses": None, "maximum_uses_per_customer": None}
        given.setdefault("code", code)
        floor = given["margin_floor"]
        return NewOffer(
            code=code or given["code"],
            terms=replace(self.terms(), margin_floor_share=None if floor is None else floor / 100),
            words={"en": given["words_en"], "zh-hant": given["words_zh"]},
            valid_days=given["valid_days"],
            maximum_codes=given["maximum_codes"],
            maximum_codes_per_customer=given["maximum_codes_per_customer"],
            segment_codes=given["segment_codes"],
            is_personal=given["is_personal"],
        )


class OfferTermsForm(OfferForm):
    """An offer that is there: its code stays."""

    code = None  # type: ignore[assignment] # Django's way to leave an inherited field out
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)


class LotForm(forms.Form):
    """Codes for print and partners."""

    lot = forms.CharField(max_length=60)
    count = forms.IntegerField(min_value=1, max_value=100_000)


def offer_values(*, row: OfferRow, rule: Any) -> dict[str, object]:
    """What the form of an offer shows at first."""
    floor = row.terms.margin_floor_share
    return rule_values(row=rule) | {
        "words_en": row.words.get("en", ""),
        "words_zh": row.words.get("zh-hant", ""),
        "valid_days": row.valid_days,
        "maximum_codes": row.maximum_codes,
        "maximum_codes_per_customer": row.maximum_codes_per_customer,
        "segment_codes": "\n".join(row.segment_codes),
        "is_personal": row.is_personal,
        "margin_floor": None if floor is None else plain_decimal(number=floor * 100),
        "seen": row.fingerprint,
    }
