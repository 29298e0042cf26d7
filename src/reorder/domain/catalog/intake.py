"""Takes one product that a shop sends: made when it is new, changed where it differs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from reorder.domain.catalog.errors import BadLike, CurrencyNeeded
from reorder.domain.catalog.models import Category, Product
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import run_sql

_ADD = """
INSERT INTO catalog_product (sku, name, currency) VALUES (%s, %s, %s) ON CONFLICT (sku) DO NOTHING
"""
_ADD_BARCODES = """
INSERT INTO catalog_barcode (product_id, code, kind)
SELECT %(product)s, code, CASE WHEN code ~ '^([0-9]{8}|[0-9]{12,14})$' THEN 'gtin' ELSE 'internal' END
FROM unnest(%(codes)s::text[]) AS given (code) ORDER BY code
ON CONFLICT (code) DO UPDATE SET product_id = excluded.product_id
    WHERE catalog_barcode.product_id <> excluded.product_id
"""
_DROP_BARCODES = "DELETE FROM catalog_barcode WHERE product_id = %(product)s AND code <> ALL(%(codes)s::text[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenProduct:
    """Facts about a product; only the fields named in `given` count. Amounts are in minor units of `currency`."""

    given: Collection[str]
    name: str | None = None
    brand: str | None = None
    category_code: str | None = None
    currency: str | None = None
    price_minor: int | None = None
    unit_cost_minor: int | None = None
    weight_grams: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    temperature_class: str | None = None
    hazard_class: str | None = None
    is_oversize: bool | None = None
    is_upright: bool | None = None
    is_fragile: bool | None = None
    keep_apart: str | None = None
    is_sold_in_fractions: bool | None = None
    shelf_life_days: int | None = None
    consumption_days_per_unit: Decimal | None = None
    planned_by: str | None = None
    state: str | None = None
    like_sku: str | None = None
    barcodes: Sequence[str] = ()


_PLAIN = (
    "name", "brand", "currency", "price_minor", "unit_cost_minor", "weight_grams", "length_mm", "width_mm", "height_mm",
    "temperature_class", "hazard_class", "is_oversize", "is_upright", "is_fragile", "keep_apart",
    "is_sold_in_fractions", "shelf_life_days", "consumption_days_per_unit", "planned_by", "state",
)  # fmt: skip


def save_product(*, sku: str, facts: GivenProduct, saved_by: str) -> str:
    """Make or change one product and its barcodes, and record who did; returns added, updated or unchanged.

    What is not given stays. An unknown category is created. Amounts change together with their currency: one that is
    not given with a new currency is unknown from then on. Raises CurrencyNeeded, BadLike.
    """
    added = _add(sku=sku, facts=facts)
    product = Product.objects.select_for_update().get(sku=sku)
    changes = _changes(product=product, facts=facts)
    if changes:
        Product.objects.filter(pk=product.pk).update(**changes)
    recoded = "barcodes" in facts.given and _replace_barcodes(product_id=product.pk, codes=facts.barcodes)
    if not (added or changes or recoded):
        return "unchanged"
    changed = sorted([*changes, *(["barcodes"] if recoded else [])])
    record_audit(
        actor=saved_by,
        action="catalog.save_product",
        subject_kind="product",
        subject_key=sku,
        details={"is_new": added, "changed": changed},
    )
    return "added" if added else "updated"


def _add(*, sku: str, facts: GivenProduct) -> bool:
    if Product.objects.filter(sku=sku).exists():
        return False
    if facts.currency is None:
        raise CurrencyNeeded(sku=sku)
    return run_sql(statement=_ADD, parameters=[sku, facts.name or sku, facts.currency]) > 0


def _changes(*, product: Product, facts: GivenProduct) -> dict[str, object]:
    wanted: dict[str, object] = {name: getattr(facts, name) for name in _PLAIN if name in facts.given}
    if "category_code" in facts.given:
        wanted["category_id"] = _category_id(code=facts.category_code)
    if "like_sku" in facts.given:
        wanted["like_product_id"] = _like_id(sku=product.sku, like_sku=facts.like_sku)
    if wanted.get("currency", product.currency) != product.currency:
        wanted = {"price_minor": None, "unit_cost_minor": None} | wanted
    return {name: value for name, value in wanted.items() if getattr(product, name) != value}


def _like_id(*, sku: str, like_sku: str | None) -> int | None:
    """The product that this one sells like; raises BadLike for itself and for one that does not exist."""
    if like_sku is None:
        return None
    if like_sku == sku:
        raise BadLike(sku=sku, reason="a product cannot be like itself")
    found = Product.objects.filter(sku=like_sku).values_list("pk", flat=True).first()
    if found is None:
        raise BadLike(sku=sku, reason="there is no such product to be like")
    return int(found)


def _category_id(*, code: str | None) -> int | None:
    if code is None:
        return None
    run_sql(
        statement="INSERT INTO catalog_category (code, name) VALUES (%s, %s) ON CONFLICT (code) DO NOTHING",
        parameters=[code, code],
    )
    return int(Category.objects.get(code=code).pk)


def _replace_barcodes(*, product_id: int, codes: Sequence[str]) -> bool:
    parameters: dict[str, Any] = {"product": product_id, "codes": sorted(set(codes))}
    with connection.cursor() as cursor:
        cursor.execute(_DROP_BARCODES, parameters)
        dropped = cursor.rowcount
        cursor.execute(_ADD_BARCODES, parameters)
        return bool(dropped + cursor.rowcount)
