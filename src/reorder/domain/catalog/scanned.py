"""Products by what a scanner read: barcodes, own numbers; and those whose codes are almost the same."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from django.db.models import Q

from reorder.domain.catalog.models import Barcode, Product
from reorder.domain.storage import fetch_prepared

_BY_CODES: Final = """
SELECT DISTINCT product.id, product.sku, product.name, product.shelf_life_days, product.is_sold_in_fractions,
       product.temperature_class
FROM catalog_product AS product
WHERE product.id IN (SELECT product_id FROM catalog_barcode WHERE code = ANY(%(codes)s::text[]))
   OR product.sku = ANY(%(codes)s::text[])
ORDER BY product.sku
"""
_BY_IDS: Final = """
SELECT id, sku, name, shelf_life_days, is_sold_in_fractions, temperature_class FROM catalog_product
WHERE id = ANY(%(ids)s::bigint[]) ORDER BY sku
"""
_LEAST_ALIKE: Final = 0.8
_LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True)
class ScannedProduct:
    """A product as the floor needs to know it; one that goes off has `shelf_life_days`."""

    id: int
    sku: str
    name: str
    shelf_life_days: int | None
    is_sold_in_fractions: bool
    temperature_class: str


def find_products_by_codes(*, codes: Collection[str]) -> list[ScannedProduct]:
    """Products that have one of these as a barcode or as their number, by number."""
    asked = [code for code in codes if code and "\x00" not in code]
    rows = fetch_prepared(statement=_BY_CODES, parameters={"codes": asked}) if asked else []
    return [ScannedProduct(*row) for row in rows]


def list_scanned_products(*, product_ids: Collection[int]) -> dict[int, ScannedProduct]:
    """Products by id as the floor needs to know them."""
    rows = fetch_prepared(statement=_BY_IDS, parameters={"ids": list(product_ids)}) if product_ids else []
    return {row[0]: ScannedProduct(*row) for row in rows}


def list_codes_of(*, product_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The barcodes of products, as they are kept; products without one are left out."""
    found: dict[int, list[str]] = {}
    for product_id, code in Barcode.objects.filter(product__in=list(product_ids)).values_list("product_id", "code"):
        found.setdefault(product_id, []).append(code)
    return {product_id: tuple(sorted(codes)) for product_id, codes in found.items()}


def list_near_codes(*, code: str, limit: int = 3) -> list[tuple[str, str]]:
    """Codes that begin like this one and differ little, with the product's number: (code, SKU), the likest first."""
    if len(code) < 5 or "\x00" in code:
        return []
    stem = code[:-4].lstrip("0") if code.isdecimal() else code[:-2]
    if len(stem) < 3:
        return []
    near = [
        (found, sku)
        for found, sku in [
            *Barcode.objects.filter(_begins(stem, on="code")).values_list("code", "product__sku")[:_LOOKED_AT],
            *(
                (sku, sku)
                for sku in Product.objects.filter(_begins(stem, on="sku")).values_list("sku", flat=True)[:_LOOKED_AT]
            ),
        ]
        if _alike(found, code) >= _LEAST_ALIKE
    ]
    return sorted(near, key=lambda one: (-_alike(one[0], code), one))[:limit]


def _begins(stem: str, *, on: str) -> Q:
    return Q(**{f"{on}__startswith": stem}) | Q(**{f"{on}__startswith": stem.zfill(len(stem) + 1)})


def _alike(left: str, right: str) -> float:
    return SequenceMatcher(None, left.lstrip("0"), right.lstrip("0"), autojunk=False).ratio()


def codes_of(*, products: Sequence[ScannedProduct]) -> dict[int, tuple[str, ...]]:
    """Every code by which each of these products is scanned: its barcodes and its own number."""
    known = list_codes_of(product_ids=[one.id for one in products])
    return {one.id: (*known.get(one.id, ()), one.sku) for one in products}
