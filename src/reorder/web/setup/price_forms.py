"""Forms of prices: discounts and coupons by their kind, tax rates, shipping fees."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.domain.orders.price_rules import NewPriceRule, PriceRuleRow
from reorder.engine.pricing import RuleKind
from reorder.kernel.quantity import plain_decimal
from reorder.web.setup.forms import (
    AmountField,
    MomentField,
    SetupForm,
    amount_text,
    read_amount,
    read_optional_amount,
    shop_moment,
)

KIND_WORDS: Final[dict[str, Promise]] = {
    "percent": _("Percent off"),
    "amount": _("Amount off"),
    "free_shipping": _("Free shipping"),
    "buy_x_get_y": _("Buy some, get more cheaper"),
    "gift": _("Gift"),
}
KIND_HELP: Final[dict[str, Promise]] = {
    "percent": _("A share of what the goods cost, for example 10% off tea."),
    "amount": _("A fixed amount, for example NT$100 off from NT$1,000 on."),
    "free_shipping": _("The shipping fee is taken off."),
    "buy_x_get_y": _("For example three for the price of two, or a teapot at half price with two teas."),
    "gift": _("A product for nothing, for example a sample from NT$500 on."),
}
_CODES: Final = re.compile(r"[\r\n,，、;；]+")
_LIMITS: Final = ("channels", "maximum_uses", "maximum_uses_per_customer", "is_combinable", "priority")
_ONLY_OF: Final[dict[str, tuple[str, ...]]] = {
    "percent": ("percent", "maximum_discount"),
    "amount": ("amount",),
    "free_shipping": (),
    "buy_x_get_y": ("buy_units", "get_units", "percent", "get_skus", "get_category_codes"),
    "gift": ("gift_sku", "gift_units"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Some fields of a form, as the template draws a whole one."""

    hidden_fields: Sequence[forms.BoundField]
    visible_fields: Sequence[forms.BoundField]


class CodesField(forms.CharField):
    """Several codes as people paste them, with commas or on lines of their own; a code may hold blanks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "")
        return tuple(dict.fromkeys(code for part in _CODES.split(text) if (code := part.strip())))


class RuleForm(SetupForm):
    """A discount or coupon of one kind; fields that the kind does not use are left out."""

    is_coupon = forms.TypedChoiceField(
        label=_("Who gets it"),
        choices=[("yes", _("Who names the code: a coupon")), ("no", _("Every order that fulfils the terms"))],
        coerce=lambda text: text == "yes",
        widget=forms.RadioSelect,
        initial="yes",
    )
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("2 to 40 letters, digits, hyphens and underscores, for example TEA10. It cannot be changed later."),
    )
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("As customers read it beside the price: 10% off tea.")
    )
    percent = forms.DecimalField(
        label=_("Percent off"), min_value=Decimal("0.01"), max_value=Decimal(100), max_digits=5, decimal_places=2
    )
    amount = AmountField(label=_("Amount off"))
    maximum_discount = AmountField(label=_("At most"), required=False, help_text=_("Empty: no limit."))
    buy_units = forms.IntegerField(label=_("Units to buy"), min_value=1, max_value=1000)
    get_units = forms.IntegerField(label=_("Units to get"), min_value=1, max_value=1000)
    get_skus = CodesField(
        label=_("Get: these products (SKU)"),
        help_text=_("Empty here and below: the products bought, the cheapest of them."),
    )
    get_category_codes = CodesField(label=_("Get: products of these categories (code)"))
    gift_sku = forms.CharField(label=_("Product given (SKU)"), max_length=200)
    gift_units = forms.DecimalField(
        label=_("Units given"), min_value=Decimal("0.001"), max_digits=12, decimal_places=3, initial=1
    )
    minimum_goods = AmountField(
        label=_("From goods worth"),
        required=False,
        help_text=_("What the goods that it is for come to when its turn comes. Empty: any."),
    )
    skus = CodesField(
        label=_("Only these products (SKU)"),
        help_text=_("One a line, or with commas. Empty here and below: all products."),
    )
    category_codes = CodesField(
        label=_("Only products of these categories (code)"), help_text=_("With the categories below them.")
    )
    channels = CodesField(
        label=_("Only in these sales channels"), help_text=_("For example portal. Empty: in all of them.")
    )
    starts_at = MomentField(required=False, label=_("Begins"), help_text=_("On your shop's clock. Empty: at once."))
    ends_at = MomentField(required=False, label=_("Ends"), help_text=_("Empty: until it is switched off."))
    maximum_uses = forms.IntegerField(
        label=_("Uses in all"), min_value=1, max_value=10**9, required=False, help_text=_("Empty: no limit.")
    )
    maximum_uses_per_customer = forms.IntegerField(
        label=_("Uses by one customer"), min_value=1, max_value=10**6, required=False, help_text=_("Empty: no limit.")
    )
    is_combinable = forms.BooleanField(
        label=_("Can be combined with others"),
        required=False,
        initial=True,
        help_text=_("Otherwise it counts alone, or the others without it: whichever makes the order cheaper."),
    )
    priority = forms.IntegerField(
        label=_("Turn"),
        min_value=0,
        max_value=32_000,
        initial=100,
        help_text=_("Of several that apply, the lower number takes its turn first."),
    )
    field_order: tuple[str, ...] = (
        "is_coupon", "code", "name", "buy_units", "get_units", "percent", "amount", "maximum_discount", "gift_sku",
        "gift_units", "minimum_goods", "skus", "category_codes", "get_skus", "get_category_codes", "starts_at",
        "ends_at",
    )  # fmt: skip

    def __init__(self, *args: Any, kind: str, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.currency = kind, currency
        for name in {name for names in _ONLY_OF.values() for name in names} - set(_ONLY_OF[kind]):
            del self.fields[name]
        in_currency = gettext("In whole units of {currency}.").format(currency=currency)
        for name in ("amount", "maximum_discount", "minimum_goods"):
            if name in self.fields:
                self.fields[name].help_text = f"{in_currency} {self.fields[name].help_text}".strip()
        if kind == "buy_x_get_y":
            self.fields["percent"].label = _("Percent off what is got")
            self.fields["percent"].initial = 100
            self.fields["skus"].label = _("Buy: these products (SKU)")
            self.fields["category_codes"].label = _("Buy: products of these categories (code)")

    @property
    def main(self) -> "Part":
        """What nearly every rule needs."""
        return Part(
            hidden_fields=self.hidden_fields(),
            visible_fields=[field for field in self.visible_fields() if field.name not in _LIMITS],
        )

    @property
    def limits(self) -> "Part":
        """What few rules need."""
        return Part(
            hidden_fields=[], visible_fields=[field for field in self.visible_fields() if field.name in _LIMITS]
        )

    def has_limits(self) -> bool:
        """Whether one of those is set, or must be mended."""
        usual = {"is_combinable": True, "priority": 100}
        return any(
            field.errors or field.value() not in ("", None, usual.get(field.name))
            for field in self.limits.visible_fields
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        if "amount" in self.fields:
            read_amount(form=self, name="amount", currency=self.currency, empty=None)
        read_amount(form=self, name="minimum_goods", currency=self.currency, empty=0)
        read_optional_amount(form=self, name="maximum_discount", currency=self.currency)
        starts_at, ends_at = self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at")
        if starts_at and ends_at and starts_at >= ends_at:
            self.add_error("ends_at", gettext("It must end after it begins."))
        return self.cleaned_data

    def terms(self) -> NewPriceRule:
        """What was entered, of a valid form."""
        given = self.cleaned_data
        return NewPriceRule(
            code=given.get("code", ""),
            name=given["name"],
            is_coupon=bool(given.get("is_coupon")),
            kind=self.kind,
            currency=self.currency,
            share=given["percent"] / 100 if given.get("percent") else None,
            amount_minor=given.get("amount") or 0,
            maximum_discount_minor=given.get("maximum_discount"),
            minimum_goods_minor=given["minimum_goods"] or 0,
            channels=given["channels"],
            skus=given["skus"],
            category_codes=given["category_codes"],
            buy_units=given.get("buy_units") or 0,
            get_units=given.get("get_units") or 0,
            get_skus=given.get("get_skus", ()),
            get_category_codes=given.get("get_category_codes", ()),
            gift_sku=given.get("gift_sku", ""),
            gift_units=given.get("gift_units") or Decimal(1),
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            maximum_uses=given["maximum_uses"],
            maximum_uses_per_customer=given["maximum_uses_per_customer"],
            is_combinable=given["is_combinable"],
            priority=given["priority"],
        )


class RuleTermsForm(RuleForm):
    """A rule that is there: its code, and whether it is a coupon, stay."""

    code = None  # type: ignore[assignment] # Django's way to leave an inherited field out
    is_coupon = None  # type: ignore[assignment]
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)


class TaxRateForm(SetupForm):
    """The rate of a class of goods in a country."""

    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, help_text=_("Two letters, for example TW. Empty: any.")
    )
    tax_class = forms.CharField(
        label=_("Class of goods"),
        max_length=40,
        initial="standard",
        help_text=_("standard for all goods; shipping for shipping fees; any other word for categories below."),
    )
    percent = forms.DecimalField(
        label=_("Percent"), min_value=Decimal(0), max_value=Decimal(100), max_digits=5, decimal_places=3
    )
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As customers read it, for example VAT."))


class CategoryTaxForm(SetupForm):
    """A category whose goods are taxed by another class."""

    category = forms.CharField(label=_("Category (code)"), max_length=200, help_text=_("With the categories below it."))
    category_class = forms.ChoiceField(label=_("Class of goods"))

    def offer(self, classes: list[str]) -> "CategoryTaxForm":
        """Let the classes that have a rate be chosen."""
        self.fields["category_class"].choices = [(one, one) for one in classes]  # type: ignore[attr-defined]
        return self


class ShippingFeeForm(SetupForm):
    """What a way of shipping costs to a region."""

    method = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Of the way of shipping, as orders hold it: home, store …")
    )
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As customers read it."))
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, help_text=_("Two letters, for example TW. Empty: any.")
    )
    postcode_start = forms.CharField(
        label=_("Postcodes that begin with"),
        max_length=16,
        required=False,
        help_text=_("Empty: all of them. The longest beginning wins."),
    )
    fee = AmountField(label=_("Fee"))
    free_from = AmountField(
        label=_("Free from goods worth"), required=False, help_text=_("After discounts and coupons. Empty: never.")
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["fee"].help_text = gettext("In whole units of {currency}.").format(currency=currency)

    def clean(self) -> dict[str, Any]:
        super().clean()
        read_amount(form=self, name="fee", currency=self.currency, empty=None)
        read_optional_amount(form=self, name="free_from", currency=self.currency)
        return self.cleaned_data


def rule_values(*, row: PriceRuleRow) -> dict[str, Any]:
    """A rule as its form shows it."""
    terms = row.terms
    amounts = {
        "amount": terms.amount_minor if terms.kind == RuleKind.AMOUNT else None,
        "maximum_discount": terms.maximum_discount_minor,
        "minimum_goods": terms.minimum_goods_minor or None,
    }
    return {
        "name": terms.name,
        "percent": plain_decimal(number=terms.share * 100) if terms.share is not None else "",
        **{
            name: "" if minor is None else amount_text(minor=minor, currency=terms.currency)
            for name, minor in amounts.items()
        },
        "buy_units": terms.buy_units or None,
        "get_units": terms.get_units or None,
        **{
            name: "\n".join(getattr(terms, name))
            for name in ("skus", "category_codes", "channels", "get_skus", "get_category_codes")
        },
        "gift_sku": terms.gift_sku,
        "gift_units": plain_decimal(number=terms.gift_units),
        "starts_at": shop_moment(terms.starts_at) if terms.starts_at else "",
        "ends_at": shop_moment(terms.ends_at) if terms.ends_at else "",
        "maximum_uses": terms.maximum_uses,
        "maximum_uses_per_customer": terms.maximum_uses_per_customer,
        "is_combinable": terms.is_combinable,
        "priority": terms.priority,
        "seen": row.fingerprint,
    }
