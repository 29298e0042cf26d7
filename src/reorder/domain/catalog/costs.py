"""Which products have no cost: what must leave a margin cannot be reckoned for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

# A category means those below it too; nothing named means all goods.
_WITHOUT_COST: Final = """
WITH RECURSIVE tree AS (
    SELECT id FROM catalog_category WHERE code = ANY(%(category_codes)s::text[])
    UNION SELECT child.id FROM catalog_category AS child JOIN tree ON child.parent_id = tree.id)
SELECT product.sku, product.name, count(*) OVER () FROM catalog_product AS product
WHERE product.unit_cost_minor IS NULL AND product.state = 'active' AND product.currency = %(currency)s
  AND (%(means_all)s OR product.sku = ANY(%(skus)s::text[]) OR product.category_id IN (SELECT id FROM tree))
ORDER BY product.sku LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class WithoutCost:
    """How many products of some goods have no cost, and the first of them (SKU, name)."""

    count: int
    products: Sequence[tuple[str, str]]


def find_without_cost(
    *, skus: Sequence[str], category_codes: Sequence[str], currency: str, limit: int = 10
) -> WithoutCost:
    """Products that are sold and whose cost nobody entered, of these products and categories; of all where none is."""
    asked: dict[str, Any] = {
        "skus": list(skus),
        "category_codes": list(category_codes),
        "means_all": not skus and not category_codes,
        "currency": currency,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_COST, asked)
        rows = cursor.fetchall()
    return WithoutCost(rows[0][2] if rows else 0, [(sku, name) for sku, name, _count in rows])
