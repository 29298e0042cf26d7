"""Purchase orders: listed, shown, received."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import (
    CountedUnits,
    Cursor,
    Day,
    ExactAmount,
    ExactUnits,
    Given,
    IdempotencyKey,
    Key,
    Limit,
    Lot,
    Units,
    amount_of,
)
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.purchasing.delivery_faults import DeliveryFault
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.staff.rules import Ability
from reorder.flows import restock
from reorder.insights import access, api_buying
from reorder.kernel import clock

router = Router(tags=["purchase orders"])
_LIST = "purchase_orders"
State = Literal["awaiting_approval", "refused", "placed", "partly_received", "received", "cancelled"]


class PurchaseLine(Schema):
    """One product of a purchase order, in selling units."""

    sku: str
    supplier_sku: str
    product_name: str
    ordered_units: ExactUnits
    received_units: ExactUnits
    missing_units: ExactUnits
    given_up_units: ExactUnits = Field(description="Will not come: refused by the supplier, or cancelled.")
    unit_cost: ExactAmount
    order_unit: str = Field(description="What it is bought by, such as case; empty: the selling unit.")
    order_unit_units: ExactUnits
    confirmed_cost: ExactAmount | None = Field(description="The price that the supplier confirmed, once there is one.")
    promised_date: dt.date | None = Field(description="The day that the supplier promised, once there is one.")


class PurchaseOrder(Schema):
    """Goods ordered from one supplier for one place."""

    number: str
    state: State
    supplier: str
    supplier_name: str
    place: str
    currency: str
    cost: ExactAmount
    placed_at: dt.datetime
    placed_by: str
    expected_date: dt.date
    asked_date: dt.date | None = Field(description="Expected when it was placed, before any answer.")
    exchange_rate: ExactUnits | None = Field(
        description="What one unit of its currency was worth in the shop's when it was placed; null: not known."
    )
    requested_at: dt.datetime | None = Field(description="When an order above the limit was asked for.")
    second_by: str = Field(description="Who agreed to an order above the limit, or refused it.")
    lines: list[PurchaseLine]


class PurchaseOrderPage(Schema):
    """A page of purchase orders, the newest first."""

    items: list[PurchaseOrder]
    next_cursor: str | None


class ReceivedLine(Given):
    """What was counted of one product of the delivery."""

    sku: Key
    units: CountedUnits


class FaultLine(Given):
    """Units of one product that were not as ordered; on top of what was counted."""

    sku: Key
    kind: Literal["short", "damaged", "wrong_item", "quality_refused"]
    units: Units
    note: Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")] = ""


class ReceiptBody(Given):
    """A counted delivery; without lines, everything that is still missing has come, except what is faulty."""

    lines: Annotated[list[ReceivedLine], Field(min_length=1, max_length=1000)] | None = None
    lot: Lot = Field(default="", description="Holds for all lines.")
    expires: Day | None = None
    faults: Annotated[list[FaultLine], Field(max_length=1000)] = Field(
        default=[], description="Never become stock, and stay on order."
    )

    @model_validator(mode="after")
    def _judge(self) -> "ReceiptBody":
        skus = [line.sku for line in self.lines or ()]
        if len(set(skus)) < len(skus):
            raise PydanticCustomError("repeated", "a product twice")
        return self


class Receipt(Schema):
    """The order as it is after the delivery, and what came beyond it."""

    purchase_order: PurchaseOrder
    extra_units: dict[str, ExactUnits] = Field(description="By SKU: units beyond what was ordered.")


class PurchaseOrderFilter(Schema):
    """What to list."""

    state: State | None = None
    supplier: Key | None = None
    place: Key | None = None


@reads(
    router,
    "/purchase-orders",
    ability=Ability.VIEW_BUYING,
    answer=PurchaseOrderPage,
    summary="List purchase orders, the newest first",
)
def list_purchase_orders(
    request: ApiRequest, wanted: Query[PurchaseOrderFilter], limit: Limit = 50, cursor: Cursor = None
) -> PurchaseOrderPage:
    before = decode_cursor(of=_LIST, text=cursor, kinds=(int,))
    rows = api_buying.list_purchase_orders(
        actor=request.auth,
        limit=limit + 1,
        before=before[0] if before else None,
        state=wanted.state,
        supplier_code=wanted.supplier,
        place_code=wanted.place,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.id,)) if last else None
    return PurchaseOrderPage(items=[show_order(row) for row in shown], next_cursor=following)


@reads(
    router,
    "/purchase-orders/{number}",
    ability=Ability.VIEW_BUYING,
    answer=PurchaseOrder,
    summary="Show one purchase order",
)
def get_purchase_order(request: ApiRequest, number: Key) -> PurchaseOrder:
    return show_order(access.get_purchase_order(actor=request.auth, number=number))


@writes(
    router,
    "/purchase-orders/{number}/receipts",
    ability=Ability.RECEIVE_GOODS,
    answers={200: Receipt},
    summary="Take a counted delivery into stock",
)
def post_receipt(request: ApiRequest, idempotency_key: IdempotencyKey, number: Key, body: ReceiptBody) -> Written:
    access.get_purchase_order(actor=request.auth, number=number, ability=Ability.RECEIVE_GOODS)
    lines: dict[str, Decimal] | None = {line.sku: line.units for line in body.lines} if body.lines else None
    received = restock.receive(
        number=number,
        received_at=clock.current_moment(),
        idempotency_key=f"api:{request.auth.token_id}:{idempotency_key}",
        lines=lines,
        lot=body.lot,
        expires_date=body.expires,
        received_by=request.auth.name,
        faults=[DeliveryFault(sku=one.sku, kind=one.kind, units=one.units, note=one.note) for one in body.faults],
    )
    return Written(
        status=200, body=Receipt(purchase_order=show_order(received.order), extra_units=dict(received.extra))
    )


def show_order(row: PurchaseOrderRow) -> PurchaseOrder:
    """A purchase order as clients see it."""
    return PurchaseOrder.model_validate(
        {
            "number": row.number,
            "state": row.state,
            "supplier": row.supplier_code,
            "supplier_name": row.supplier_name,
            "place": row.place_code,
            "currency": row.currency,
            "cost": amount_of(minor=row.cost_minor, currency=row.currency),
            "placed_at": row.placed_at,
            "placed_by": row.placed_by,
            "expected_date": row.expected_date,
            "requested_at": row.requested_at,
            "second_by": row.second_by,
            "asked_date": row.asked_date,
            "exchange_rate": row.exchange_rate,
            "lines": [
                PurchaseLine(
                    sku=line.sku,
                    supplier_sku=line.supplier_sku,
                    product_name=line.product_name,
                    ordered_units=line.ordered_units,
                    received_units=line.received_units,
                    missing_units=line.missing_units,
                    given_up_units=line.given_up_units,
                    unit_cost=amount_of(minor=line.unit_cost_minor, currency=row.currency),
                    order_unit=line.order_unit,
                    order_unit_units=line.order_unit_units,
                    confirmed_cost=None
                    if line.confirmed_cost_minor is None
                    else amount_of(minor=line.confirmed_cost_minor, currency=row.currency),
                    promised_date=line.promised_date,
                )
                for line in row.lines
            ],
        }
    )
