"""Products by what somebody typed: a SKU, a barcode, or words of the name."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from reorder.kernel.patterns import like_literal

# The catalogue is small enough to be read for words within a name; what begins with the text, or is it, comes first.
_SEARCH = """
SELECT product.id, product.sku, product.name, product.state,
       upper(product.sku) = upper(%(text)s) OR EXISTS (
           SELECT FROM catalog_barcode AS barcode WHERE barcode.product_id = product.id AND barcode.code = %(text)s
       ) AS is_exact
FROM catalog_product AS product
WHERE product.sku ILIKE %(start)s OR product.name ILIKE ALL(%(words)s::text[])
   OR product.id IN (SELECT product_id FROM catalog_barcode WHERE code = %(text)s)
ORDER BY is_exact DESC, product.state, product.name, product.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """One product; `is_exact` when the text is its SKU or barcode."""

    id: int
    sku: str
    name: str
    state: str
    is_exact: bool


def search_products(*, text: str, limit: int) -> list[FoundProduct]:
    """Up to `limit` products, exact ones first, then those still sold."""
    words = [f"%{like_literal(text=word)}%" for word in text.split()]
    if not words:
        return []
    parameters: dict[str, Any] = {"text": text, "start": f"{like_literal(text=text)}%", "words": words, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_SEARCH, parameters)
        return [FoundProduct(*row) for row in cursor.fetchall()]
