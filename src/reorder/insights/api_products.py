"""Products for the API: one, or a page of them by SKU."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from reorder.domain.catalog.errors import UnknownProduct
from reorder.insights.reading import conditions, read_rows

_PRODUCTS = """
SELECT product.id, product.sku, product.name, product.brand, category.code AS category_code, product.currency,
       product.price_minor, product.unit_cost_minor, product.weight_grams, product.length_mm, product.width_mm,
       product.height_mm, product.temperature_class, product.hazard_class, product.is_oversize,
       product.is_upright, product.is_fragile, product.keep_apart,
       product.is_sold_in_fractions, product.shelf_life_days, product.consumption_days_per_unit,
       product.planned_by, product.state,
       product.created_at, liked.sku AS like_sku,
       ARRAY(SELECT barcode.code FROM catalog_barcode AS barcode WHERE barcode.product_id = product.id
             ORDER BY barcode.code) AS barcodes
FROM catalog_product AS product LEFT JOIN catalog_category AS category ON category.id = product.category_id
LEFT JOIN catalog_product AS liked ON liked.id = product.like_product_id
{where} ORDER BY product.sku LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFacts:
    """Everything that is kept about one product; amounts in minor units of its currency."""

    id: int
    sku: str
    name: str
    brand: str
    category_code: str | None
    currency: str
    price_minor: int | None
    unit_cost_minor: int | None
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    temperature_class: str
    hazard_class: str
    is_oversize: bool
    is_upright: bool
    is_fragile: bool
    keep_apart: str
    is_sold_in_fractions: bool
    shelf_life_days: int | None
    consumption_days_per_unit: Decimal | None
    planned_by: str
    state: str
    created_at: dt.datetime
    like_sku: str | None
    barcodes: list[str]


def list_products(
    *, limit: int, after: str | None = None, category_code: str | None = None, state: str | None = None
) -> list[ProductFacts]:
    """Products by SKU, those after one SKU when given."""
    given = {
        "product.sku > %(after)s": after,
        "category.code = %(category_code)s": category_code,
        "product.state = %(state)s": state,
    }
    parameters = {"after": after, "category_code": category_code, "state": state, "limit": limit}
    statement = _PRODUCTS.format(where=conditions(given=given))
    return [ProductFacts(**row) for row in read_rows(statement=statement, parameters=parameters)]


def get_product(*, sku: str) -> ProductFacts:
    """One product; raises UnknownProduct."""
    statement = _PRODUCTS.format(where="WHERE product.sku = %(sku)s")
    rows = read_rows(statement=statement, parameters={"sku": sku, "limit": 1})
    if not rows:
        raise UnknownProduct(sku=sku)
    return ProductFacts(**rows[0])
