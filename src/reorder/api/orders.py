"""Orders: taken in by the same rules as a file of orders, listed, shown, cancelled."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Final, Literal

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import (
    Amount,
    Channel,
    Currency,
    Cursor,
    ExactAmount,
    ExactUnits,
    Given,
    Id,
    IdempotencyKey,
    Key,
    Limit,
    Moment,
    ShortKey,
    Text,
    Units,
    amount_of,
)
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.orders import pages
from reorder.domain.orders.pages import BoughtOrder
from reorder.domain.staff.rules import Ability
from reorder.flows import order_intake
from reorder.flows.order_intake import Buyer, NewLine, NewOrder, OrderOutcome
from reorder.kernel import clock
from reorder.kernel.errors import explain_error

router = Router(tags=["orders"])
_LIST = "orders"
_MOST_IN_BATCH = 500

_MAIL: Final = r"[!-;=?A-~\u00a1-\u1fff\u2070-\u2fff\u3001-\ud7ff\uf900-\ufefe]"
Email = Annotated[str, StringConstraints(max_length=254, pattern=rf"^{_MAIL}{{1,64}}@{_MAIL}{{1,189}}$")]


class OrderCustomer(Given):
    """Who bought: by key, else by e-mail address, else a guest of this one order."""

    key: Key | None = Field(default=None, description="The shop's own id of this person.")
    email: Email | None = None
    name: Text | None = None
    accepts_marketing: bool | None = Field(
        default=None, description="What the person said at this order; leave it out when they said nothing."
    )
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}(-[A-Za-z]{2,4})?$")] | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None


class OrderLineIn(Given):
    """One product of an order."""

    sku: Key
    units: Units
    unit_price: Amount | None = Field(default=None, description="In whole units of the order's currency.")
    place: Key | None = Field(default=None, description="Code of the place that serves it.")
    line_id: ShortKey | None = Field(default=None, description="The shop's own id of this line.")


class OrderIn(Given):
    """One order, whole."""

    external_id: Key = Field(description="The shop's own id of this order.")
    ordered_at: Moment
    currency: Currency
    customer: OrderCustomer
    lines: Annotated[list[OrderLineIn], Field(min_length=1, max_length=500)]
    postcode: Annotated[str, StringConstraints(max_length=20, pattern=r"^[^\x00]*$")] | None = None
    is_cancelled: bool = False


class NewOrderBody(OrderIn):
    """One order of a channel."""

    channel: Channel = "api"


class BatchBody(Given):
    """Orders of one channel; each is taken whole or refused, whatever becomes of the others."""

    channel: Channel = "api"
    orders: Annotated[list[OrderIn], Field(min_length=1, max_length=_MOST_IN_BATCH)]


class OrderLine(Schema):
    """One line as it stands in the books."""

    line_id: str
    sku: str
    product_name: str
    units: ExactUnits
    unit_price: ExactAmount | None
    place: str = Field(description="Where the demand belongs; empty: no place yet.")


class OrderBuyer(Schema):
    """Who bought."""

    id: int
    key: str


class Order(Schema):
    """One order as it stands in the books."""

    id: int
    channel: str
    external_id: str
    state: Literal["placed", "cancelled"]
    ordered_at: dt.datetime
    currency: str
    customer: OrderBuyer
    postcode: str
    recorded_at: dt.datetime
    lines: list[OrderLine]


class OrderPage(Schema):
    """A page of orders, the newest first."""

    items: list[Order]
    next_cursor: str | None


class TakenOrder(Schema):
    """An order and what became of it."""

    outcome: Literal["added", "updated", "unchanged"]
    order: Order


class BatchEntry(Schema):
    """What became of one order of a batch; `code` and `detail` say why it was refused."""

    external_id: str
    outcome: Literal["added", "updated", "unchanged", "refused"]
    order_id: int | None
    code: str | None
    detail: str | None


class BatchAnswer(Schema):
    """The outcomes in the order of the batch, and how many of each there are."""

    added: int
    updated: int
    unchanged: int
    refused: int
    orders: list[BatchEntry]


class OrderFilter(Schema):
    """What to list."""

    customer_id: Id | None = None
    external_id: Key | None = Field(default=None, description="Together with channel it names one order.")
    channel: Channel | None = None
    ordered_from: Moment | None = None
    ordered_until: Moment | None = Field(default=None, description="Not included.")


@reads(router, "/orders", ability=Ability.VIEW_ORDERS, answer=OrderPage, summary="List orders, the newest first")
def list_orders(request: ApiRequest, wanted: Query[OrderFilter], limit: Limit = 50, cursor: Cursor = None) -> OrderPage:
    before = decode_cursor(of=_LIST, text=cursor, kinds=(dt.datetime, int))
    rows = pages.list_orders(
        limit=limit + 1,
        before=(before[0], before[1]) if before else None,
        customer_id=wanted.customer_id,
        external_id=wanted.external_id,
        channel=wanted.channel,
        from_at=wanted.ordered_from,
        until_at=wanted.ordered_until,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.ordered_at, last.id)) if last else None
    return OrderPage(items=[_order(row) for row in shown], next_cursor=following)


@reads(router, "/orders/{int:order_id}", ability=Ability.VIEW_ORDERS, answer=Order, summary="Show one order")
def get_order(request: ApiRequest, order_id: Id) -> Order:
    return _order(pages.get_order(order_id=order_id))


@writes(
    router,
    "/orders",
    ability=Ability.WRITE_ORDERS,
    answers={200: TakenOrder, 201: TakenOrder},
    summary="Take one order; sent again, it is updated or unchanged",
)
def post_order(request: ApiRequest, idempotency_key: IdempotencyKey, body: NewOrderBody) -> Written:
    taken = order_intake.take_order(
        order=_given(body), channel=body.channel, actor=request.auth, moment=clock.current_moment()
    )
    order = _order(pages.get_order(order_id=taken.order_id or 0))
    status = 201 if taken.outcome == "added" else 200
    return Written(
        status=status,
        body=TakenOrder.model_validate({"outcome": taken.outcome, "order": order}),
        headers={"Location": f"/api/v1/orders/{order.id}"},
    )


@writes(
    router,
    "/orders/batch",
    ability=Ability.WRITE_ORDERS,
    answers={200: BatchAnswer},
    summary="Take up to 500 orders of one channel, each whole or not at all",
)
def post_orders(request: ApiRequest, idempotency_key: IdempotencyKey, body: BatchBody) -> Written:
    outcomes = order_intake.take_orders(
        orders=[_given(order) for order in body.orders],
        channel=body.channel,
        actor=request.auth,
        moment=clock.current_moment(),
    )
    counts = {
        name: sum(one.outcome == name for one in outcomes) for name in ("added", "updated", "unchanged", "refused")
    }
    return Written(status=200, body=BatchAnswer.model_validate(counts | {"orders": [_entry(one) for one in outcomes]}))


@writes(
    router,
    "/orders/{int:order_id}/cancel",
    ability=Ability.WRITE_ORDERS,
    answers={200: Order},
    summary="Cancel an order: it is no purchase any more",
)
def cancel_order(request: ApiRequest, idempotency_key: IdempotencyKey, order_id: Id) -> Written:
    return Written(status=200, body=_order(order_intake.cancel_order(order_id=order_id, actor=request.auth)))


def _given(order: OrderIn) -> NewOrder:
    buyer = order.customer
    return NewOrder(
        external_id=order.external_id,
        ordered_at=order.ordered_at,
        currency=order.currency,
        buyer=Buyer(
            key=buyer.key,
            email=buyer.email,
            name=buyer.name,
            accepts_marketing=buyer.accepts_marketing,
            language=buyer.language,
            country=buyer.country,
        ),
        lines=tuple(
            NewLine(
                sku=line.sku,
                units=line.units,
                unit_price=line.unit_price,
                place_code=line.place,
                line_key=line.line_id,
            )
            for line in order.lines
        ),
        postcode=order.postcode,
        is_cancelled=order.is_cancelled,
    )


def _order(row: BoughtOrder) -> Order:
    def price(minor: int | None) -> Decimal | None:
        return None if minor is None else amount_of(minor=minor, currency=row.currency)

    return Order.model_validate(
        {
            "id": row.id,
            "channel": row.channel,
            "external_id": row.external_id,
            "state": row.state,
            "ordered_at": row.ordered_at,
            "currency": row.currency,
            "customer": OrderBuyer(id=row.customer_id, key=row.customer_key),
            "postcode": row.ship_postcode,
            "recorded_at": row.imported_at,
            "lines": [
                OrderLine(
                    line_id=line.line_key,
                    sku=line.sku,
                    product_name=line.product_name,
                    units=line.units,
                    unit_price=price(line.unit_price_minor),
                    place=line.place_code,
                )
                for line in row.lines
            ],
        }
    )


def _entry(outcome: OrderOutcome) -> BatchEntry:
    fault = outcome.fault
    return BatchEntry.model_validate(
        {
            "external_id": outcome.external_id,
            "outcome": outcome.outcome,
            "order_id": outcome.order_id,
            "code": fault.code if fault else None,
            "detail": explain_error(error=fault, translate=_) if fault else None,
        }
    )
