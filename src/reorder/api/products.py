"""Products: listed, shown, made and changed."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import (
    TRIMMED,
    Amount,
    Currency,
    Cursor,
    ExactAmount,
    ExactUnits,
    Given,
    IdempotencyKey,
    Key,
    Limit,
    ShortKey,
    Text,
    amount_of,
)
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.catalog import intake
from reorder.domain.catalog.intake import GivenProduct
from reorder.domain.staff.rules import Ability
from reorder.insights import api_products
from reorder.insights.api_products import ProductFacts
from reorder.kernel.money import minor_digits

router = Router(tags=["products"])
_LIST = "products"

Whole = Annotated[int, Field(ge=0, le=10**9)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=TRIMMED)]
TemperatureClass = Literal["ambient", "chilled", "frozen"]
PlannedBy = Literal["product", "category"]
State = Literal["active", "discontinued"]


class ProductBody(Given):
    """Facts about a product; what is left out stays as it is, and null forgets where a fact may be unknown.

    A product that is new needs its currency. Prices and costs count in the currency that is given with them.
    """

    name: Name | None = Field(default=None, description="The SKU, while nobody has said a name.")
    brand: Text = ""
    category: ShortKey | None = Field(default=None, description="Code of a category; an unknown one is created.")
    currency: Currency | None = Field(default=None, description="Of price and cost; needed wherever one is given.")
    price: Amount | None = None
    unit_cost: Amount | None = None
    weight_grams: Whole | None = None
    length_mm: Whole | None = None
    width_mm: Whole | None = None
    height_mm: Whole | None = None
    temperature_class: TemperatureClass = "ambient"
    hazard_class: Text = ""
    is_oversize: bool = False
    is_upright: bool = Field(default=False, description="Its height stays up in a parcel.")
    is_fragile: bool = Field(default=False, description="Nothing lies on it in a parcel.")
    keep_apart: Text = Field(
        default="", description="Goods of two different groups never share a parcel; empty: goes with all."
    )
    is_sold_in_fractions: bool = Field(
        default=False, description="Sold by weight or length: 2.5 units of it can be ordered."
    )
    shelf_life_days: Whole | None = None
    planned_by: PlannedBy = "product"
    state: State = "active"
    like_sku: Key | None = Field(
        default=None, description="A product that sells alike: its past stands in until this one has its own."
    )
    barcodes: Annotated[list[ShortKey], Field(max_length=50)] = Field(
        default_factory=list, description="All of them: one that is not among them is taken away."
    )

    @model_validator(mode="after")
    def _judge(self) -> "ProductBody":
        given = self.model_fields_set
        if not given:
            raise PydanticCustomError("empty_change", "nothing given")
        has_amount = self.price is not None or self.unit_cost is not None
        if ("name" in given and self.name is None) or ("currency" in given and self.currency is None):
            raise PydanticCustomError("not_null", "name and currency cannot be unknown")
        if has_amount and self.currency is None:
            raise PydanticCustomError("currency_missing", "an amount without its currency")
        return self


class Product(Schema):
    """One product."""

    sku: str
    name: str
    brand: str
    category: str | None
    currency: str
    price: ExactAmount | None
    unit_cost: ExactAmount | None
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    temperature_class: TemperatureClass
    hazard_class: str
    is_oversize: bool
    is_upright: bool
    is_fragile: bool
    keep_apart: str
    is_sold_in_fractions: bool
    shelf_life_days: int | None
    consumption_days_per_unit: ExactUnits | None = Field(description="How long one unit lasts, where anybody said so.")
    planned_by: PlannedBy
    state: State
    like_sku: str | None = Field(description="A product that sells alike, where anybody said so.")
    barcodes: list[str]
    created_at: dt.datetime


class ProductPage(Schema):
    """A page of products by SKU."""

    items: list[Product]
    next_cursor: str | None


class SavedProduct(Schema):
    """A product and what became of it."""

    outcome: Literal["added", "updated", "unchanged"]
    product: Product


class ProductFilter(Schema):
    """What to list."""

    category: ShortKey | None = None
    state: State | None = None


@reads(router, "/products", ability=Ability.VIEW_PRODUCTS, answer=ProductPage, summary="List products by SKU")
def list_products(
    request: ApiRequest, wanted: Query[ProductFilter], limit: Limit = 50, cursor: Cursor = None
) -> ProductPage:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(str,))
    rows = api_products.list_products(
        limit=limit + 1, after=after[0] if after else None, category_code=wanted.category, state=wanted.state
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.sku,)) if last else None
    return ProductPage(items=[_product(row) for row in shown], next_cursor=following)


@reads(router, "/products/{path:sku}", ability=Ability.VIEW_PRODUCTS, answer=Product, summary="Show one product")
def get_product(request: ApiRequest, sku: Key) -> Product:
    return _product(api_products.get_product(sku=sku))


@writes(
    router,
    "/products/{path:sku}",
    method="PUT",
    ability=Ability.EDIT_PRODUCTS,
    answers={200: SavedProduct, 201: SavedProduct},
    summary="Make a product, or change what is given of it",
)
def put_product(request: ApiRequest, idempotency_key: IdempotencyKey, sku: Key, body: ProductBody) -> Written:
    outcome = intake.save_product(sku=sku, facts=_given(body), saved_by=request.auth.name)
    product = _product(api_products.get_product(sku=sku))
    return Written(
        status=201 if outcome == "added" else 200,
        body=SavedProduct.model_validate({"outcome": outcome, "product": product}),
    )


def _given(body: ProductBody) -> GivenProduct:
    names = {"category": "category_code", "price": "price_minor", "unit_cost": "unit_cost_minor"}
    facts: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    for name in ("price", "unit_cost"):
        if facts.get(name) is not None:
            facts[name] = _minor(amount=facts[name], currency=str(body.currency))
    renamed = {names.get(name, name): value for name, value in facts.items()}
    return GivenProduct(given=frozenset(renamed), **renamed)


def _minor(*, amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(minor_digits(currency=currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _product(row: ProductFacts) -> Product:
    def amount(minor: int | None) -> Decimal | None:
        return None if minor is None else amount_of(minor=minor, currency=row.currency)

    return Product.model_validate(
        {name: getattr(row, name) for name in Product.model_fields if hasattr(row, name)}
        | {"category": row.category_code, "price": amount(row.price_minor), "unit_cost": amount(row.unit_cost_minor)}
    )
