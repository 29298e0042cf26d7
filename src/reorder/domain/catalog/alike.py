"""Products that can stand in for one another: of the same category, the nearest in price first."""

from collections.abc import Sequence
from typing import Final

from reorder.domain.storage import fetch_prepared

_ALIKE: Final = """
SELECT asked.sku, found.sku
FROM catalog_product AS asked
CROSS JOIN LATERAL (
    SELECT other.sku FROM catalog_product AS other
    WHERE other.category_id = asked.category_id AND other.id <> asked.id AND other.state = 'active'
      AND other.currency = asked.currency AND other.price_minor IS NOT NULL AND other.goods_owner = asked.goods_owner
    ORDER BY abs(other.price_minor - coalesce(asked.price_minor, 0)), other.id LIMIT %(limit)s::int
) AS found
WHERE asked.sku = ANY(%(skus)s::text[])
"""


def list_alike(*, skus: Sequence[str], limit: int = 3) -> dict[str, tuple[str, ...]]:
    """Active products of the same category for each SKU that has one, the nearest in price first."""
    found: dict[str, list[str]] = {}
    if skus:
        for sku, other in fetch_prepared(statement=_ALIKE, parameters={"skus": list(skus), "limit": limit}):
            found.setdefault(sku, []).append(other)
    return {sku: tuple(others) for sku, others in found.items()}
