"""What can be sold from the shelf now: active products with a price and free stock, those with the most first."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.insights.reading import read_rows

_SELLABLE: Final = """
SELECT product.sku, product.currency, product.price_minor,
       sum(level.on_hand_units - level.allocated_units - level.held_units) AS free_units
FROM catalog_product AS product
JOIN inventory_level AS level ON level.product_id = product.id
JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
JOIN inventory_place AS place ON place.id = location.place_id AND place.is_active AND place.kind <> 'supplier'
WHERE product.state = 'active' AND product.price_minor > 0 AND NOT product.is_sold_in_fractions
GROUP BY product.id
HAVING sum(level.on_hand_units - level.allocated_units - level.held_units) >= 1
ORDER BY free_units DESC, product.sku LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class SellableProduct:
    """One product with its price in minor units and the units that nobody was promised, over all places."""

    sku: str
    currency: str
    price_minor: int
    free_units: Decimal


def list_sellable_products(*, limit: int) -> Sequence[SellableProduct]:
    """Up to `limit` products."""
    return [SellableProduct(**row) for row in read_rows(statement=_SELLABLE, parameters={"limit": limit})]
