"""Pure rules of the catalogue."""

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
