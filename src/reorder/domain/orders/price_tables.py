"""Tax rates, tax classes of categories and shipping fees: laid down by people, read for pricing."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import connection, transaction

from reorder.domain.catalog.models import Category
from reorder.domain.orders.price_errors import BadPriceTerms, UnknownPriceRule
from reorder.domain.orders.price_models import CategoryTaxClass, ShippingFee, TaxRate
from reorder.domain.staff.operations import record_audit
from reorder.engine import pricing
from reorder.engine.pricing import STANDARD_TAX

_COUNTRY: Final = re.compile(r"([A-Z]{2})?")
_CLASS: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_METHOD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
# A category's own tax class wins over that of the categories above it. UNION ends a circle that an import made.
_CATEGORY_FACTS: Final = """
WITH RECURSIVE above(code, category_id, depth) AS (
    SELECT code, id, 0 FROM catalog_category WHERE code = ANY(%s)
    UNION
    SELECT above.code, category.parent_id, above.depth + 1
    FROM above JOIN catalog_category AS category ON category.id = above.category_id
    WHERE category.parent_id IS NOT NULL AND above.depth < 20
)
SELECT above.code, array_agg(category.code), (array_agg(taxed.tax_class ORDER BY above.depth)
       FILTER (WHERE taxed.tax_class IS NOT NULL))[1]
FROM above JOIN catalog_category AS category ON category.id = above.category_id
LEFT JOIN orders_categorytaxclass AS taxed ON taxed.category_id = category.id
GROUP BY above.code
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFacts:
    """A category with everything above it, and how its goods are taxed."""

    codes: frozenset[str]
    tax_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRateRow:
    """A tax rate as it stands."""

    id: int
    country: str
    tax_class: str
    share: Decimal
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingFeeRow:
    """A shipping fee as it stands; amounts in minor units of `currency`."""

    id: int
    method: str
    name: str
    country: str
    postcode_start: str
    currency: str
    fee_minor: int
    free_from_minor: int | None
    is_active: bool


def put_tax_rate(*, country: str, tax_class: str, share: Decimal, name: str, decided_by: str) -> TaxRateRow:
    """Set the rate of a class in a country (empty: any), in place of what stood there. Raises BadPriceTerms."""
    country, tax_class, name = country.strip().upper(), tax_class.strip().lower(), name.strip()
    reasons = (
        (_COUNTRY.fullmatch(country) is None, "a country is two letters, such as TW"),
        (_CLASS.fullmatch(tax_class) is None, "a class is a word of at most 40 letters, digits and hyphens"),
        (not (share.is_finite() and 0 <= share <= 1), "the rate must be between 0 and 1"),
        (not 0 < len(name) <= 120, "it needs a name of at most 120 characters"),
    )
    _refuse(name or tax_class, reasons)
    with transaction.atomic():
        made, _ = TaxRate.objects.update_or_create(
            country=country, tax_class=tax_class, defaults={"share": share, "name": name, "is_active": True}
        )
        details = {"country": country, "share": str(share), "name": name}
        _audit(decided_by, "prices.put_tax_rate", f"tax {country} {tax_class}", details)
    return _tax_row(made)


def switch_tax_rate(*, rate_id: int, is_active: bool, decided_by: str) -> TaxRateRow:
    """Stop or go on using a rate; orders that have it keep their tax. Raises UnknownPriceRule."""
    with transaction.atomic():
        changed = TaxRate.objects.filter(pk=rate_id, is_active=not is_active).update(is_active=is_active)
        found = TaxRate.objects.filter(pk=rate_id).first()
        if found is None:
            raise UnknownPriceRule(rule=rate_id)
        if changed:
            _audit(decided_by, "prices.switch_tax_rate", f"tax {found.country} {found.tax_class}", _state(is_active))
    return _tax_row(found)


def list_tax_rates() -> list[TaxRateRow]:
    """Every rate, by country and class."""
    return [_tax_row(row) for row in TaxRate.objects.order_by("country", "tax_class")]


def put_category_tax_class(*, category_code: str, tax_class: str, decided_by: str) -> None:
    """Tax a category and what is below it by another class; `standard` takes that back. Raises BadPriceTerms."""
    code, tax_class = category_code.strip(), tax_class.strip().lower()
    category = Category.objects.filter(code=code).first() if "\x00" not in code else None
    known = {STANDARD_TAX, *TaxRate.objects.filter(is_active=True).values_list("tax_class", flat=True)}
    reasons = (
        (category is None, "there is no such category"),
        (tax_class not in known, "no rate knows this class"),
    )
    _refuse(code, reasons)
    with transaction.atomic():
        if tax_class == STANDARD_TAX:
            CategoryTaxClass.objects.filter(category=category).delete()
        else:
            CategoryTaxClass.objects.update_or_create(category=category, defaults={"tax_class": tax_class})
        _audit(decided_by, "prices.set_tax_class", f"category {code}", {"tax_class": tax_class})


def list_category_tax_classes() -> list[tuple[str, str, str]]:
    """Code, name and tax class of the categories that are not taxed as standard."""
    found = CategoryTaxClass.objects.order_by("category__name", "category__code")
    return list(found.values_list("category__code", "category__name", "tax_class"))


def put_shipping_fee(
    *,
    method: str,
    name: str,
    country: str,
    postcode_start: str,
    currency: str,
    fee_minor: int,
    free_from_minor: int | None,
    decided_by: str,
) -> ShippingFeeRow:
    """Set what a way of shipping costs to a region, in place of what stood there. Raises BadPriceTerms."""
    method, country, name = method.strip(), country.strip().upper(), name.strip()
    start = pricing.normal_postcode(text=postcode_start)
    reasons = (
        (_METHOD.fullmatch(method) is None, "a code has 2 to 40 letters, digits, hyphens and underscores"),
        (not 0 < len(name) <= 120, "it needs a name of at most 120 characters"),
        (_COUNTRY.fullmatch(country) is None, "a country is two letters, such as TW"),
        (len(start) > 16 or "\x00" in start, "a postcode has at most 16 characters"),
        (fee_minor < 0 or (free_from_minor or 0) < 0, "the fee must not be below zero"),
    )
    _refuse(name or method, reasons)
    with transaction.atomic():
        made, _ = ShippingFee.objects.update_or_create(
            method=method,
            country=country,
            postcode_start=start,
            currency=currency,
            defaults={"name": name, "fee_minor": fee_minor, "free_from_minor": free_from_minor, "is_active": True},
        )
        details = {"country": country, "name": name, "fee_minor": fee_minor, "free_from_minor": free_from_minor}
        _audit(decided_by, "prices.put_shipping_fee", f"shipping {method}", details)
    return _fee_row(made)


def switch_shipping_fee(*, fee_id: int, is_active: bool, decided_by: str) -> ShippingFeeRow:
    """Stop or go on asking a fee; orders that have it keep it. Raises UnknownPriceRule."""
    with transaction.atomic():
        changed = ShippingFee.objects.filter(pk=fee_id, is_active=not is_active).update(is_active=is_active)
        found = ShippingFee.objects.filter(pk=fee_id).first()
        if found is None:
            raise UnknownPriceRule(rule=fee_id)
        if changed:
            _audit(decided_by, "prices.switch_shipping_fee", f"shipping {found.method}", _state(is_active))
    return _fee_row(found)


def list_shipping_fees() -> list[ShippingFeeRow]:
    """Every fee, by way of shipping, country and postcode."""
    return [_fee_row(row) for row in ShippingFee.objects.order_by("method", "country", "postcode_start", "currency")]


def list_tax_rates_for_pricing(*, country: str) -> tuple[pricing.TaxRate, ...]:
    """Rates that hold in a country, as the engine takes them."""
    found = TaxRate.objects.filter(is_active=True, country__in=["", country]).order_by("pk")
    return tuple(
        pricing.TaxRate(tax_class=row.tax_class, share=row.share, country=row.country, name=row.name) for row in found
    )


def list_fees_for_pricing(*, country: str, currency: str) -> tuple[pricing.ShippingFee, ...]:
    """Fees that may hold in a country, as the engine takes them.

    Empty only where the shop asks no fees at all: with fees elsewhere the engine must still refuse to ship there, so
    then all of them are given.
    """
    known = list(ShippingFee.objects.filter(is_active=True, currency=currency).order_by("pk"))
    here = [row for row in known if row.country in ("", country)]
    return tuple(
        pricing.ShippingFee(
            method=row.method,
            name=row.name,
            fee_minor=row.fee_minor,
            country=row.country,
            postcode_start=row.postcode_start,
            free_from_minor=row.free_from_minor,
        )
        for row in here or known
    )


def list_category_facts(*, codes: Collection[str]) -> Mapping[str, CategoryFacts]:
    """What pricing needs to know of categories, by code."""
    if not codes:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CATEGORY_FACTS, [sorted(codes)])
        return {
            code: CategoryFacts(codes=frozenset(above), tax_class=tax_class or STANDARD_TAX)
            for code, above, tax_class in cursor.fetchall()
        }


def _refuse(what: str, reasons: Collection[tuple[bool, str]]) -> None:
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadPriceTerms(rule=what, reason=reason, value="")


def _tax_row(row: TaxRate) -> TaxRateRow:
    return TaxRateRow(
        id=row.pk, country=row.country, tax_class=row.tax_class, share=row.share, name=row.name, is_active=row.is_active
    )


def _fee_row(row: ShippingFee) -> ShippingFeeRow:
    return ShippingFeeRow(
        id=row.pk,
        method=row.method,
        name=row.name,
        country=row.country,
        postcode_start=row.postcode_start,
        currency=row.currency,
        fee_minor=row.fee_minor,
        free_from_minor=row.free_from_minor,
        is_active=row.is_active,
    )


def _state(is_active: bool) -> dict[str, object]:  # noqa: FBT001 - private, one argument
    return {"is_active": is_active}


def _audit(actor: str, action: str, key: str, details: Mapping[str, object]) -> None:
    record_audit(actor=actor, action=action, subject_kind="price", subject_key=key, details=details)
