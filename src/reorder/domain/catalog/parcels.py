"""What products are as goods in a parcel: weight, size, temperature, and the categories that they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.catalog.models import Category
from reorder.domain.storage import fetch_prepared

_FACTS: Final = """
SELECT product.id, product.weight_grams, product.length_mm, product.width_mm, product.height_mm,
       product.temperature_class,
       ARRAY(WITH RECURSIVE above AS (
                SELECT category.id, category.parent_id FROM catalog_category AS category
                WHERE category.id = product.category_id
                UNION SELECT category.id, category.parent_id
                FROM above JOIN catalog_category AS category ON category.id = above.parent_id)
             SELECT id FROM above ORDER BY id)
FROM catalog_product AS product WHERE product.id = ANY(%(product_ids)s::bigint[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFacts:
    """A product in a parcel; None where nobody has said. `category_ids`: its category and those above it."""

    weight_grams: int | None = None
    sides_mm: tuple[int, ...] = ()
    temperature_class: str = "ambient"
    category_ids: frozenset[int] = frozenset()


def list_parcel_facts(*, product_ids: Sequence[int]) -> dict[int, ParcelFacts]:
    """Facts by product number; products that do not exist are left out."""
    rows = fetch_prepared(statement=_FACTS, parameters={"product_ids": list(product_ids)})
    return {
        product_id: ParcelFacts(
            weight_grams=grams,
            sides_mm=tuple(side for side in (length, width, height) if side),
            temperature_class=temperature,
            category_ids=frozenset(categories),
        )
        for product_id, grams, length, width, height, temperature, categories in rows
    }


def find_category_id(*, code: str) -> int | None:
    """The number of a category by its code."""
    return Category.objects.filter(code=code.replace("\x00", "").strip()).values_list("pk", flat=True).first()
