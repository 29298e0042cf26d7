"""Reads of products and categories."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from django.db.models import Sum

from reorder.domain.catalog.models import Barcode, Category, Product
from reorder.domain.catalog.rules import SUBJECT_SQL, subject_of
from reorder.domain.storage import fetch_prepared, read_frame

_PRODUCTS = f"""
SELECT product.id AS product_id, product.sku, {SUBJECT_SQL} AS subject, product.name, category.code AS category_code,
       product.currency, product.price_minor, product.unit_cost_minor, product.shelf_life_days, product.planned_by,
       product.state, liked.sku AS like_sku
FROM catalog_product AS product LEFT JOIN catalog_category AS category ON category.id = product.category_id
LEFT JOIN catalog_product AS liked ON liked.id = product.like_product_id
WHERE product.goods_owner = 'self'
ORDER BY product.sku
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours

# The columns of ProductRow.
_BY_SKU = f"""
SELECT product.id, product.sku, {SUBJECT_SQL}, product.name, category.code, product.currency, product.price_minor,
       product.unit_cost_minor, product.state, product.is_sold_in_fractions,
       EXISTS (SELECT FROM catalog_bundlecomponent AS part WHERE part.bundle_id = product.id)
FROM catalog_product AS product LEFT JOIN catalog_category AS category ON category.id = product.category_id
WHERE product.sku = ANY(%(skus)s::text[])
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours

_SUBJECTS = f"""
SELECT DISTINCT {SUBJECT_SQL} AS sku, coalesce(category.code, '') AS category_code
FROM catalog_product AS product LEFT JOIN catalog_category AS category ON category.id = product.category_id
WHERE product.goods_owner = 'self'
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product as others need to know it; amounts in minor units of `currency`."""

    id: int
    sku: str
    subject: str
    name: str
    category_code: str | None
    currency: str
    price_minor: int | None
    unit_cost_minor: int | None
    state: str
    is_sold_in_fractions: bool = False
    is_bundle: bool = False


def frame_products() -> pl.DataFrame:
    """Every product of our own: product_id, sku, subject (planning key), name, category_code, currency, amounts, state.

    Goods that we store for others are theirs to plan. `like_sku` is the product whose sales stand in for those of a new
    one, null mostly.
    """
    return read_frame(query=_PRODUCTS)


def frame_shelf_lives() -> pl.DataFrame:
    """Products that expire: sku, shelf_life_days."""
    return read_frame(
        query="""SELECT sku, shelf_life_days::float8 AS shelf_life_days FROM catalog_product
                 WHERE shelf_life_days > 0 ORDER BY sku"""
    )


def frame_subjects() -> pl.DataFrame:
    """Every planning subject with the category it belongs to: sku (subject), category_code, empty where it has none."""
    return read_frame(query=_SUBJECTS)


def list_categories() -> list[tuple[str, str]]:
    """Codes and names of the categories, by name."""
    return list(Category.objects.order_by("name", "code").values_list("code", "name"))


def find_category_id(*, code: str) -> int | None:
    """The number of the category with this code."""
    return Category.objects.filter(code=code.replace("\x00", "")).values_list("pk", flat=True).first()


def list_products_by_sku(*, skus: Sequence[str]) -> dict[str, ProductRow]:
    """Products by SKU; unknown SKUs are left out."""
    rows = fetch_prepared(statement=_BY_SKU, parameters={"skus": list(skus)}) if skus else []
    return {row[1]: ProductRow(*row) for row in rows}


def list_skus(*, product_ids: Sequence[int]) -> dict[int, str]:
    """SKUs by product number; unknown numbers are left out."""
    return dict(Product.objects.filter(pk__in=list(product_ids)).values_list("pk", "sku"))


def owners_of(*, product_ids: Sequence[int]) -> dict[int, str]:
    """Whose goods products are, where they are not our own: owner code by product."""
    found = Product.objects.filter(pk__in=list(product_ids)).exclude(goods_owner="self")
    return dict(found.values_list("pk", "goods_owner"))


def list_names(*, product_ids: Sequence[int]) -> dict[int, str]:
    """Names by product number; unknown numbers are left out."""
    return dict(Product.objects.filter(pk__in=list(product_ids)).values_list("pk", "name"))


def list_known_skus(*, skus: Sequence[str]) -> set[str]:
    """Those of the given SKUs that are products."""
    # PostgreSQL takes no NUL, and no SKU has one.
    asked = [sku for sku in skus if "\x00" not in sku]
    return set(Product.objects.filter(sku__in=asked).values_list("sku", flat=True))


def find_usual_margin_share(*, currency: str) -> float:
    """Price less cost as a share of the price, of all products whose both are known together; 0 while none is."""
    known = Product.objects.filter(currency=currency, price_minor__gt=0, unit_cost_minor__isnull=False)
    sums = known.aggregate(price=Sum("price_minor"), cost=Sum("unit_cost_minor"))
    return float(1 - sums["cost"] / sums["price"]) if sums["price"] else 0.0


def find_product_by_barcode(*, code: str) -> ProductRow | None:
    """The product that carries a barcode, None when nobody does."""
    found = Barcode.objects.filter(code=code).select_related("product__category").first()
    return _row(found.product) if found else None


def _row(product: Product) -> ProductRow:
    category_code = product.category.code if product.category else None
    return ProductRow(
        id=product.pk,
        sku=product.sku,
        subject=subject_of(sku=product.sku, planned_by=product.planned_by, category_code=category_code),
        name=product.name,
        category_code=category_code,
        currency=product.currency,
        price_minor=product.price_minor,
        unit_cost_minor=product.unit_cost_minor,
        state=product.state,
        is_sold_in_fractions=product.is_sold_in_fractions,
        is_bundle=product.components.exists(),
    )
