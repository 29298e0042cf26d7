"""Where one-tap carts lead: our own portal, or the cart of another shop by the form of its addresses."""

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from django.db import transaction

from reorder.domain.catalog.models import Product
from reorder.domain.marketing.content_errors import BadContent
from reorder.domain.marketing.content_models import CartTarget, CartVariant
from reorder.domain.staff.operations import record_audit
from reorder.kernel.quantity import plain_decimal

_URL: Final = re.compile(r"https?://[^\s\"'<>]+")
_VARIANT: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_KNOWN: Final = frozenset({"{lines}", "{coupon}"})
# How shop systems take goods by an address of their cart.
SHAPES: Final[Mapping[str, tuple[str, str, str]]] = {
    "shopify": ("https://your-shop.myshopify.com/cart/{lines}?discount={coupon}", "{variant}:{units}", ","),
    "woocommerce": ("https://your-shop.example/?add-to-cart={lines}", "{variant}&quantity={units}", ","),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The cart of another shop: `{lines}` of its address are lines by a pattern, joined by a separator."""

    url_template: str
    line_pattern: str = "{variant}:{units}"
    separator: str = ","
    is_active: bool = True
    variants: Mapping[str, str] = field(default_factory=dict)

    def link(self, *, lines: Mapping[str, Decimal], coupon_code: str) -> str:
        """The address with these goods (units by SKU); empty where the shop knows one of them not, or not in parts."""
        if not lines or any(sku not in self.variants or units % 1 for sku, units in lines.items()):
            return ""
        said = self.separator.join(
            self.line_pattern.replace("{variant}", quote(self.variants[sku], safe=":")).replace(
                "{units}", plain_decimal(number=units)
            )
            for sku, units in lines.items()
        )
        url = self.url_template
        if not coupon_code:
            url = re.sub(r"[?&][A-Za-z0-9_-]+=\{coupon\}", "", url)
            url = url if "?" in url else url.replace("&", "?", 1)
        return url.replace("{lines}", said).replace("{coupon}", quote(coupon_code, safe=""))


def find_target(*, skus: Collection[str] = ()) -> Target | None:
    """The cart of another shop, with its numbers of these products; None where links lead to our own."""
    row = CartTarget.objects.filter(is_active=True).first()
    if row is None:
        return None
    known = CartVariant.objects.filter(target=row, product__sku__in=list(skus))
    return _target(row, dict(known.values_list("product__sku", "variant")))


def find_any_target() -> Target | None:
    """The same, also while it is switched off; without numbers."""
    row = CartTarget.objects.order_by("pk").first()
    return _target(row, {}) if row else None


def set_target(*, target: Target, changed_by: str, moment: dt.datetime) -> None:
    """Let links lead to the cart of another shop, or (`is_active` False) to our own. Raises BadContent."""
    named = set(re.findall(r"\{[a-z]+\}", target.url_template))
    reasons = (
        (
            _URL.fullmatch(target.url_template.replace("{lines}", "x").replace("{coupon}", "x")) is None,
            "it is no address",
        ),
        ("{lines}" not in target.url_template, "the address must have {lines}"),
        (bool(named - _KNOWN), "the address may have {lines} and {coupon} only"),
        ("{variant}" not in target.line_pattern, "a line must have {variant}"),
        (not 0 < len(target.separator) <= 4, "a separator has one to four signs"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadContent(what="the cart of the other shop", reason=reason, value="")
    with transaction.atomic():
        CartTarget.objects.update_or_create(
            code="shop",
            defaults={
                "url_template": target.url_template,
                "line_pattern": target.line_pattern,
                "separator": target.separator,
                "is_active": target.is_active,
                "changed_at": moment,
            },
        )
        record_audit(actor=changed_by, action="content.set_cart", subject_kind="content", subject_key="cart")


def put_variants(*, rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Numbers under which the other shop knows products (SKU, number); returns what was refused: SKU and why."""
    target = CartTarget.objects.order_by("pk").first()
    if target is None:
        return [(sku, "say first where carts lead") for sku, _ in rows]
    known = dict(Product.objects.filter(sku__in=[sku for sku, _ in rows]).values_list("sku", "pk"))
    refused: list[tuple[str, str]] = []
    made: dict[int, CartVariant] = {}
    for sku, variant in rows:
        if sku not in known:
            refused.append((sku, "there is no such product"))
        elif _VARIANT.fullmatch(variant) is None:
            refused.append((sku, "a number has 1 to 64 letters and digits"))
        else:
            made[known[sku]] = CartVariant(target=target, product_id=known[sku], variant=variant)
    CartVariant.objects.bulk_create(
        made.values(),
        update_conflicts=True,
        unique_fields=["target", "product"],
        update_fields=["variant"],
        batch_size=2_000,
    )
    return refused


def count_variants() -> int:
    """How many products the other shop's numbers are known of."""
    return CartVariant.objects.count()


def _target(row: CartTarget, variants: Mapping[str, str]) -> Target:
    return Target(
        url_template=row.url_template,
        line_pattern=row.line_pattern,
        separator=row.separator,
        is_active=row.is_active,
        variants=variants,
    )
