"""Writes of products and categories."""

from dataclasses import dataclass

from django.db import connection

from reorder.domain.storage import run_sql

_ADD_CATEGORIES = """
INSERT INTO catalog_category (code, name)
SELECT DISTINCT category, category FROM {source} WHERE category IS NOT NULL ORDER BY category
ON CONFLICT (code) DO NOTHING
"""
_ADD_MISSING = """
INSERT INTO catalog_product (sku, name, category_id, currency)
SELECT staged.sku, staged.name, category.id, staged.currency
FROM staged_product AS staged LEFT JOIN catalog_category AS category ON category.code = staged.category
ORDER BY staged.sku ON CONFLICT (sku) DO NOTHING
"""

# One row a product: the first of the file that says anything about it.
_FIRST = """
    SELECT DISTINCT ON (staged.sku) staged.*, category.id AS category_id
    FROM staged_product_row AS staged LEFT JOIN catalog_category AS category ON category.code = staged.category
    ORDER BY staged.sku, staged.row_number
"""
_FACTS = {
    "name": "staged.name",
    "brand": "staged.brand",
    "category_id": "staged.category_id",
    "price_minor": "staged.price_minor",
    "unit_cost_minor": "staged.unit_cost_minor",
    "weight_grams": "staged.weight_grams",
    "length_mm": "staged.length_mm",
    "width_mm": "staged.width_mm",
    "height_mm": "staged.height_mm",
    "temperature_class": "staged.temperature_class",
    "hazard_class": "staged.hazard_class",
    "is_oversize": "staged.is_oversize",
    "is_upright": "staged.is_upright",
    "is_fragile": "staged.is_fragile",
    "keep_apart": "staged.keep_apart",
    "goods_owner": "staged.goods_owner",
    "shelf_life_days": "staged.shelf_life_days",
    "planned_by": "staged.planned_by",
    "state": "staged.state",
}
_DIFFERENT = " OR ".join(
    f"({given} IS NOT NULL AND {given} IS DISTINCT FROM product.{name})" for name, given in _FACTS.items()
)
# An empty cell leaves what is known. Amounts change together with their currency.
_UPDATE = f"""
WITH first AS ({_FIRST})
UPDATE catalog_product AS product
SET {", ".join(f"{name} = coalesce({given}, product.{name})" for name, given in _FACTS.items())},
    currency = CASE WHEN staged.price_minor IS NULL AND staged.unit_cost_minor IS NULL THEN product.currency
                    ELSE staged.currency END
FROM first AS staged WHERE staged.sku = product.sku AND (
    {_DIFFERENT}
    OR ((staged.price_minor IS NOT NULL OR staged.unit_cost_minor IS NOT NULL)
        AND staged.currency <> product.currency))
RETURNING product.id
"""  # noqa: S608 - made of constants of ours
_DEFAULTS = {"brand": "''", "temperature_class": "'ambient'", "hazard_class": "''", "is_oversize": "false",
             "is_upright": "false", "is_fragile": "false", "keep_apart": "''", "goods_owner": "'self'",
             "planned_by": "'product'", "state": "'active'", "name": "staged.sku"}  # fmt: skip
_INSERT = f"""
WITH first AS ({_FIRST})
INSERT INTO catalog_product (sku, currency, {", ".join(_FACTS)})
SELECT staged.sku, staged.currency,
       {", ".join(f"coalesce({given}, {_DEFAULTS.get(name, 'NULL')})" for name, given in _FACTS.items())}
FROM first AS staged ORDER BY staged.sku ON CONFLICT (sku) DO NOTHING RETURNING id
"""  # noqa: S608 - made of constants of ours
_ADD_BARCODES = """
INSERT INTO catalog_barcode (product_id, code, kind)
SELECT DISTINCT ON (staged.barcode) product.id, staged.barcode,
       CASE WHEN staged.barcode ~ '^([0-9]{8}|[0-9]{12,14})$' THEN 'gtin' ELSE 'internal' END
FROM staged_product_row AS staged JOIN catalog_product AS product USING (sku)
WHERE staged.barcode IS NOT NULL ORDER BY staged.barcode, staged.row_number
ON CONFLICT (code) DO UPDATE SET product_id = excluded.product_id
    WHERE catalog_barcode.product_id <> excluded.product_id
RETURNING product_id
"""
_LIKE = """
UPDATE catalog_product AS product SET like_product_id = liked.id
FROM (SELECT DISTINCT ON (sku) sku, like_sku FROM staged_product_row WHERE like_sku IS NOT NULL
      ORDER BY sku, row_number) AS staged
JOIN catalog_product AS liked ON liked.sku = staged.like_sku
WHERE product.sku = staged.sku AND product.like_product_id IS DISTINCT FROM liked.id
RETURNING product.id
"""


@dataclass(frozen=True, slots=True)
class TakenProducts:
    """How many products were new, how many changed, and the ids of both."""

    added_count: int
    changed_count: int
    product_ids: frozenset[int]


def add_missing_products() -> int:
    """Create the products that an order file names and the catalogue does not know; returns how many.

    Takes sku, name, category, currency from the temporary table `staged_product`, each SKU once. Known products keep
    their facts: an order file is no catalogue.
    """
    run_sql(statement=_ADD_CATEGORIES.format(source="staged_product"))
    return run_sql(statement=_ADD_MISSING)


def take_products() -> TakenProducts:
    """Create and update products, their categories and barcodes from the temporary view `staged_product_row`.

    The first row of a SKU holds; a null leaves what is known. A barcode moves to the product that the file names.
    """
    run_sql(statement=_ADD_CATEGORIES.format(source="staged_product_row"))
    changed = _ids(statement=_UPDATE)
    added = _ids(statement=_INSERT)
    told = _ids(statement=_ADD_BARCODES) | _ids(statement=_LIKE)
    return TakenProducts(
        added_count=len(added), changed_count=len((changed | told) - added), product_ids=changed | added | told
    )


def _ids(*, statement: str) -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return frozenset(row[0] for row in cursor.fetchall())
