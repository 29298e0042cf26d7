"""What can be sold from the shelf now, and what of it is promised already."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import polars as pl

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


_PROMISED: Final = """
SELECT product.sku, place.code AS place, sum(level.allocated_units + level.held_units)::float8 AS promised_units
FROM inventory_level AS level JOIN inventory_location AS location ON location.id = level.location_id
JOIN inventory_place AS place ON place.id = location.place_id JOIN catalog_product AS product
     ON product.id = level.product_id
WHERE level.allocated_units + level.held_units > 0 GROUP BY product.sku, place.code
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


def frame_promised() -> pl.DataFrame:
    """Units that are promised to orders or held for carts: sku, place, promised_units."""
    schema = {"sku": pl.String, "place": pl.String, "promised_units": pl.Float64}
    return pl.DataFrame(read_rows(statement=_PROMISED, parameters={}), schema=schema)
