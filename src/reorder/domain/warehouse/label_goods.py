"""What labels of bins and goods say, read from where it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.storage import fetch_prepared

_BINS: Final = """
SELECT bin.code, bin.level, zone.name FROM warehouse_bin AS bin
JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id JOIN inventory_place AS place ON place.id = bin.place_id
WHERE place.code = %(place_code)s::text AND bin.is_active
  AND (%(zone_code)s::text = '' OR zone.code = %(zone_code)s::text)
  AND (%(codes)s::text[] IS NULL OR bin.code = ANY(%(codes)s::text[]))
  AND (%(first)s::text = '' OR bin.code >= %(first)s::text) AND (%(last)s::text = '' OR bin.code <= %(last)s::text)
ORDER BY bin.aisle, bin.at_mm, bin.side, bin.level, bin.code LIMIT %(limit)s::int
"""
# A GTIN before a number of the shop's own, before the product number: what any scanner in the world reads first.
_PRODUCT: Final = """
SELECT product.id, product.sku, product.name, coalesce((
    SELECT code.code FROM catalog_barcode AS code WHERE code.product_id = product.id
    ORDER BY code.kind, length(code.code) DESC, code.code LIMIT 1), product.sku)
FROM catalog_product AS product WHERE product.sku = %(sku)s::text
"""


@dataclass(frozen=True, slots=True)
class BinToLabel:
    """A bin as its label says it."""

    code: str
    level: int
    zone_name: str


@dataclass(frozen=True, slots=True)
class ProductToLabel:
    """A product as its label says it; `code` is its best barcode, or its number."""

    id: int
    sku: str
    name: str
    code: str


def list_bins_to_label(
    *,
    place_code: str,
    limit: int,
    zone_code: str = "",
    codes: Sequence[str] | None = None,
    first: str = "",
    last: str = "",
) -> list[BinToLabel]:
    """Active bins of a place in walking order: of a zone, by name, or from one code to another."""
    given = {
        "place_code": place_code,
        "zone_code": zone_code,
        "codes": list(codes) if codes is not None else None,
        "first": first,
        "last": last,
        "limit": limit,
    }
    return [BinToLabel(*row) for row in fetch_prepared(statement=_BINS, parameters=given)]


def find_product_to_label(*, sku: str) -> ProductToLabel | None:
    """A product with what its label says; None for an unknown number."""
    rows = fetch_prepared(statement=_PRODUCT, parameters={"sku": sku}) if "\x00" not in sku else []
    return ProductToLabel(*rows[0]) if rows else None
