"""What a customer will probably buy next, which products go together, and the categories that are kept out of it."""

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, ExactAmount, Given, Id, IdempotencyKey, Key, Limit, amount_of
from reorder.api.paging import as_number, cut_page, decode_cursor, encode_cursor
from reorder.domain.catalog import categories
from reorder.domain.catalog.categories import CategoryRow
from reorder.domain.staff.rules import Ability
from reorder.engine import reasons
from reorder.insights import api_customers, api_products, recommendations
from reorder.insights.recommendations import Companion, LikelyProduct

router = Router(tags=["recommendations"])
_LIST = "categories"
Size = Annotated[int, Field(ge=1, le=30)]


class Offered(Schema):
    """One product that may be offered: active, and in stock where stock is counted."""

    sku: str
    name: str
    price: ExactAmount | None
    currency: str
    available_units: float | None = Field(description="null: nobody counts its stock.")


class Recommended(Offered):
    """A product of a customer's next basket."""

    rank: int
    score: float = Field(description="From 0 to 1; it only orders the products of this customer.")
    reason: str
    reason_code: str
    reason_parameters: dict[str, Any]


class Recommendations(Schema):
    """What a customer will probably buy at the next visit, the likeliest first."""

    customer_id: int
    as_of_date: dt.date | None = Field(description="The day from which the visit was counted; null: not ranked yet.")
    method: Literal["learned", "frequency"] | None
    items: list[Recommended]


class BoughtTogether(Offered):
    """A product that is bought together with another one."""

    rank: int
    lift: float = Field(description="How many times as often both are in one basket as chance alone would bring about.")
    baskets_together: int


class AlsoBought(Schema):
    """Companions of one product, the strongest first; none before the first learning."""

    sku: str
    items: list[BoughtTogether]


class Category(Schema):
    """One category of products."""

    code: str
    name: str
    is_sensitive: bool = Field(description="Its products are recommended only to customers who bought them before.")


class CategoryPage(Schema):
    """A page of categories by code."""

    items: list[Category]
    next_cursor: str | None


class CategoryBody(Given):
    """What to change of a category."""

    is_sensitive: bool


@reads(
    router,
    "/customers/{int:customer_id}/recommendations",
    ability=Ability.VIEW_CUSTOMERS,
    answer=Recommendations,
    summary="Show what a customer will probably buy next",
)
def list_recommendations(request: ApiRequest, customer_id: Id, size: Size = 10) -> Recommendations:
    customer = api_customers.get_customer(customer_id=customer_id)
    found = recommendations.find_likely_basket(actor=request.auth, customer_id=customer.id, limit=size)
    if found is None:
        return Recommendations(customer_id=customer.id, as_of_date=None, method=None, items=[])
    items = [_recommended(rank, one) for rank, one in enumerate(found.products, start=1)]
    return Recommendations.model_validate(
        {"customer_id": customer.id, "as_of_date": found.as_of_date, "method": found.method, "items": items}
    )


@reads(
    router,
    "/products/{path:sku}/also-bought",
    ability=Ability.VIEW_PRODUCTS,
    answer=AlsoBought,
    summary="Show what is bought together with a product",
)
def list_also_bought(request: ApiRequest, sku: Key, size: Size = 10) -> AlsoBought:
    product = api_products.get_product(sku=sku)
    found = recommendations.list_companions(actor=request.auth, sku=product.sku, limit=size)
    return AlsoBought(sku=product.sku, items=[_together(rank, one) for rank, one in enumerate(found, start=1)])


@reads(router, "/categories", ability=Ability.VIEW_PRODUCTS, answer=CategoryPage, summary="List categories by code")
def list_categories(request: ApiRequest, limit: Limit = 50, cursor: Cursor = None) -> CategoryPage:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(str,))
    rows = categories.list_category_page(after_code=after[0] if after else None, limit=limit + 1)
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.code,)) if last else None
    return CategoryPage(items=[_category(row) for row in shown], next_cursor=following)


@writes(
    router,
    "/categories/{path:code}",
    method="PUT",
    ability=Ability.EDIT_PRODUCTS,
    answers={200: Category},
    summary="Say whether a category is sensitive",
)
def change_category(request: ApiRequest, idempotency_key: IdempotencyKey, code: Key, body: CategoryBody) -> Written:
    row = categories.set_sensitive(code=code, is_sensitive=body.is_sensitive, decided_by=request.auth.name)
    return Written(status=200, body=_category(row))


def _offered(one: LikelyProduct | Companion) -> dict[str, Any]:
    price = None if one.price_minor is None else amount_of(minor=one.price_minor, currency=one.currency)
    available = None if one.available_units is None else as_number(one.available_units)
    return {
        "sku": one.sku,
        "name": one.name,
        "price": price,
        "currency": one.currency,
        "available_units": available,
    }


def _recommended(rank: int, one: LikelyProduct) -> Recommended:
    return Recommended.model_validate(
        {
            **_offered(one),
            "rank": rank,
            "score": as_number(one.score),
            "reason": reasons.render(code=one.reason_code, parameters=one.reason_parameters),
            "reason_code": one.reason_code,
            "reason_parameters": one.reason_parameters,
        }
    )


def _together(rank: int, one: Companion) -> BoughtTogether:
    return BoughtTogether.model_validate(
        {**_offered(one), "rank": rank, "lift": as_number(one.lift), "baskets_together": one.orders_together}
    )


def _category(row: CategoryRow) -> Category:
    return Category(code=row.code, name=row.name, is_sensitive=row.is_sensitive)
