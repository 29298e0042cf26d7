"""Products of a tea shop."""

from reorder.domain.catalog.models import Product

NAMES = {"OOLONG-150": "Oolong 150 g", "MATCHA-30": "Matcha 30 g", "PUERH-357": "Pu-erh cake 357 g"}


def make_product(
    *,
    sku: str = "OOLONG-150",
    price_minor: int | None = 45_000,
    unit_cost_minor: int | None = 20_000,
    shelf_life_days: int | None = None,
    planned_by: str = "product",
) -> Product:
    return Product.objects.create(
        sku=sku,
        name=NAMES.get(sku, sku),
        currency="TWD",
        price_minor=price_minor,
        unit_cost_minor=unit_cost_minor,
        shelf_life_days=shelf_life_days,
        planned_by=planned_by,
    )
