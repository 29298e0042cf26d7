"""Before an order goes out: the second person's word above the limit, and units of measure of products."""

from typing import Annotated

from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import TRIMMED, CountedUnits, ExactUnits, Given, IdempotencyKey, Key, Text
from reorder.api.purchase_orders import PurchaseOrder, show_order
from reorder.domain.catalog.units import NewUnit, UnitRow, list_units
from reorder.domain.staff.rules import Ability
from reorder.flows import restock
from reorder.insights import access, api_products
from reorder.kernel import clock

router = Router(tags=["purchase orders"])
UnitCode = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=TRIMMED)]


class ReleaseBody(Given):
    """Nothing needs to be said to agree."""


class RefuseBody(Given):
    """Why not; it stays with the order."""

    reason: Text = ""


class UnitGiven(Given):
    """One `code` holds `contains` of the unit `of`, or of the selling unit without it."""

    code: UnitCode
    contains: CountedUnits
    of: UnitCode | None = None


class UnitsBody(Given):
    """All units of a product: those that are not named are gone."""

    sku: Key
    units: Annotated[list[UnitGiven], Field(max_length=20)]


class Unit(Schema):
    """A unit of a product; `units` is what one comes to in selling units."""

    code: str
    contains: ExactUnits
    of: str | None
    units: ExactUnits


class ProductUnits(Schema):
    """Units that a product is bought in, the smallest first."""

    sku: str
    units: list[Unit]


class UnitsFilter(Schema):
    """Of which product."""

    sku: Key


@writes(
    router,
    "/purchase-orders/{number}/release",
    ability=Ability.DECIDE_PROPOSALS,
    answers={200: PurchaseOrder},
    summary="Agree to an order above the limit as the second person: it goes out",
)
def release_purchase_order(
    request: ApiRequest, idempotency_key: IdempotencyKey, number: Key, body: ReleaseBody
) -> Written:
    access.get_purchase_order(actor=request.auth, number=number, ability=Ability.DECIDE_PROPOSALS)
    order = restock.release_order(number=number, decided_by=request.auth.name, moment=clock.current_moment())
    return Written(status=200, body=show_order(order))


@writes(
    router,
    "/purchase-orders/{number}/refuse",
    ability=Ability.DECIDE_PROPOSALS,
    answers={200: PurchaseOrder},
    summary="Refuse an order above the limit as the second person: it never goes out",
)
def refuse_purchase_order(
    request: ApiRequest, idempotency_key: IdempotencyKey, number: Key, body: RefuseBody
) -> Written:
    access.get_purchase_order(actor=request.auth, number=number, ability=Ability.DECIDE_PROPOSALS)
    order = restock.refuse_order(
        number=number, decided_by=request.auth.name, moment=clock.current_moment(), reason=body.reason
    )
    return Written(status=200, body=show_order(order))


@reads(
    router,
    "/product-units",
    ability=Ability.VIEW_PRODUCTS,
    answer=ProductUnits,
    summary="Show the units of measure of a product",
)
def get_product_units(request: ApiRequest, wanted: Query[UnitsFilter]) -> ProductUnits:
    api_products.get_product(sku=wanted.sku)
    return _shown(wanted.sku, list_units(sku=wanted.sku))


@writes(
    router,
    "/product-units",
    method="PUT",
    ability=Ability.EDIT_PRODUCTS,
    answers={200: ProductUnits},
    summary="Give a product these units of measure; offers bought in them follow",
)
def put_product_units(request: ApiRequest, idempotency_key: IdempotencyKey, body: UnitsBody) -> Written:
    units = [NewUnit(code=one.code, contains_count=one.contains, contains_code=one.of or "") for one in body.units]
    rows = restock.save_product_units(sku=body.sku, units=units, saved_by=request.auth.name)
    return Written(status=200, body=_shown(body.sku, rows))


def _shown(sku: str, rows: list[UnitRow]) -> ProductUnits:
    return ProductUnits.model_validate(
        {
            "sku": sku,
            "units": [
                {"code": row.code, "contains": row.contains_count, "of": row.contains_code or None, "units": row.units}
                for row in rows
            ],
        }
    )
