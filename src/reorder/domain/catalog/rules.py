"""Pure rules of the catalogue."""

from collections.abc import Mapping, Sequence

from reorder.kernel.ids import category_subject


def subject_of(*, sku: str, planned_by: str, category_code: str | None) -> str:
    """The key of a product's demand in planning: its own SKU, or its category's key when it sells too rarely."""
    if planned_by == "category" and category_code:
        return category_subject(category_code=category_code)
    return sku


# The same rule in SQL, for frames: `product` and `category` are the aliases of the joined tables.
SUBJECT_SQL = (
    "CASE WHEN product.planned_by = 'category' AND category.code IS NOT NULL"
    f" THEN '{category_subject(category_code='')}' || category.code ELSE product.sku END"
)

# What is taken from the shelf for a bundle, bundles within bundles resolved: put before a SELECT, then join `leaf` on
# its product_id. Products that are no bundle have no row there.
BUNDLE_LEAVES_SQL = """
WITH RECURSIVE part(product_id, component_id, units) AS (
    SELECT bundle_id, component_id, units::numeric FROM catalog_bundlecomponent
    UNION ALL
    SELECT part.product_id, deeper.component_id, part.units * deeper.units
    FROM part JOIN catalog_bundlecomponent AS deeper ON deeper.bundle_id = part.component_id
), leaf AS (
    SELECT part.product_id, part.component_id, sum(part.units) AS units FROM part
    WHERE NOT EXISTS (SELECT FROM catalog_bundlecomponent AS inner_part WHERE inner_part.bundle_id = part.component_id)
    GROUP BY 1, 2
)
"""


def find_circle(*, components: Mapping[str, Sequence[str]], start: str) -> list[str]:
    """The way from a bundle back to itself through its components; empty when there is none."""
    waiting = [[start]]
    seen = set()
    while waiting:
        path = waiting.pop()
        for part in components.get(path[-1], ()):
            if part == start:
                return [*path, part]
            if part not in seen:
                seen.add(part)
                waiting.append([*path, part])
    return []
