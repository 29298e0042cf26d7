"""Orders: taken to be fulfilled, or as history; listed, shown, followed and cancelled."""

import datetime as dt
from typing import Literal

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Channel, Cursor, Id, IdempotencyKey, Key, Limit, Moment
from reorder.api.order_answers import (
    ChangedOrders,
    Fulfilled,
    HoldReason,
    Order,
    OrderPage,
    OrderState,
    PaymentState,
    show_order,
)
from reorder.api.order_fields import BatchBody, NewOrderBody, OrderIn, history_of, placing_of
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.staff.rules import Ability
from reorder.flows import fulfil, order_intake
from reorder.flows.fulfil import PlacedOutcome
from reorder.flows.order_intake import OrderOutcome
from reorder.flows.order_intake.errors import OrderRepeated
from reorder.insights import api_orders
from reorder.kernel import clock
from reorder.kernel.errors import explain_error

router = Router(tags=["orders"])
_LIST = "orders"
_CHANGES = "orders.changes"
Outcome = OrderOutcome | PlacedOutcome


class TakenOrder(Schema):
    """An order and what became of it."""

    outcome: Literal["added", "updated", "unchanged"]
    order: Order


class BatchEntry(Schema):
    """What became of one order of a batch; `code` and `detail` say why it was refused."""

    external_id: str
    outcome: Literal["added", "updated", "unchanged", "refused"]
    order_id: int | None
    state: OrderState | None = Field(description="null for one elsewhere, and for one that was refused.")
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
    fulfilment: Fulfilled | None = None
    state: OrderState | None = None
    payment_state: PaymentState | None = None
    hold_reason: HoldReason | None = Field(default=None, description="Orders that wait for this, among other things.")


@reads(router, "/orders", ability=Ability.VIEW_ORDERS, answer=OrderPage, summary="List orders, the newest first")
def list_orders(request: ApiRequest, wanted: Query[OrderFilter], limit: Limit = 50, cursor: Cursor = None) -> OrderPage:
    before = decode_cursor(of=_LIST, text=cursor, kinds=(dt.datetime, int))
    rows = api_orders.list_orders(
        limit=limit + 1,
        before=(before[0], before[1]) if before else None,
        wanted=api_orders.Wanted(
            customer_id=wanted.customer_id,
            external_id=wanted.external_id,
            channel=wanted.channel,
            from_at=wanted.ordered_from,
            until_at=wanted.ordered_until,
            fulfilment=wanted.fulfilment,
            state=wanted.state,
            payment_state=wanted.payment_state,
            hold_reason=wanted.hold_reason,
        ),
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.ordered_at, last.id)) if last else None
    return OrderPage.model_construct(items=[show_order(row) for row in shown], next_cursor=following)


@reads(
    router,
    "/orders/changes",
    ability=Ability.VIEW_ORDERS,
    answer=ChangedOrders,
    summary="List orders of ours that changed since a cursor, to keep another system the same",
)
def list_changed_orders(request: ApiRequest, limit: Limit = 50, cursor: Cursor = None) -> ChangedOrders:
    after = decode_cursor(of=_CHANGES, text=cursor, kinds=(int,))
    found = api_orders.list_changes(
        after_event_id=max(after[0], 0) if after else 0, limit=limit, moment=clock.current_moment()
    )
    return ChangedOrders.model_construct(
        items=[show_order(row) for row in found.orders],
        next_cursor=encode_cursor(of=_CHANGES, values=(found.last_event_id,)),
        has_more=found.has_more,
    )


@reads(router, "/orders/{int:order_id}", ability=Ability.VIEW_ORDERS, answer=Order, summary="Show one order")
def get_order(request: ApiRequest, order_id: Id) -> Order:
    return show_order(api_orders.get_order(order_id=order_id))


@writes(
    router,
    "/orders",
    ability=Ability.WRITE_ORDERS,
    answers={200: TakenOrder, 201: TakenOrder},
    summary="Take one order: its stock is promised now, or it is recorded as fulfilled elsewhere",
)
def post_order(request: ApiRequest, idempotency_key: IdempotencyKey, body: NewOrderBody) -> Written:
    moment = clock.current_moment()
    taken: Outcome
    if body.fulfilment == "reorder":
        taken = fulfil.place_order(order=placing_of(body), channel=body.channel, actor=request.auth, moment=moment)
    else:
        taken = order_intake.take_order(order=history_of(body), channel=body.channel, actor=request.auth, moment=moment)
    order = show_order(api_orders.get_order(order_id=taken.order_id or 0))
    return Written(
        status=201 if taken.outcome == "added" else 200,
        body=TakenOrder.model_construct(outcome=taken.outcome, order=order),
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
    outcomes = _take(orders=body.orders, channel=body.channel, request=request)
    counts = {
        name: sum(one.outcome == name for one in outcomes) for name in ("added", "updated", "unchanged", "refused")
    }
    return Written(status=200, body=BatchAnswer(**counts, orders=[_entry(one) for one in outcomes]))


def _take(*, orders: list[OrderIn], channel: str, request: ApiRequest) -> list[Outcome]:
    """What became of each, in their order; of two with one id the first is taken, whoever fulfils them."""
    moment = clock.current_moment()
    firsts: dict[str, OrderIn] = {}
    for order in orders:
        firsts.setdefault(order.external_id, order)
    ours = [one for one in firsts.values() if one.fulfilment == "reorder"]
    others = [one for one in firsts.values() if one.fulfilment == "elsewhere"]
    found: dict[str, Outcome] = {}
    if ours:
        placed = fulfil.place_orders(
            orders=[placing_of(one) for one in ours], channel=channel, actor=request.auth, moment=moment
        )
        found |= {one.external_id: one for one in placed}
    if others:
        taken = order_intake.take_orders(
            orders=[history_of(one) for one in others], channel=channel, actor=request.auth, moment=moment
        )
        found |= {one.external_id: one for one in taken}
    return [
        found[order.external_id]
        if order is firsts[order.external_id]
        else PlacedOutcome(
            external_id=order.external_id, outcome="refused", fault=OrderRepeated(order=order.external_id)
        )
        for order in orders
    ]


def _entry(outcome: Outcome) -> BatchEntry:
    fault = outcome.fault
    return BatchEntry.model_construct(
        external_id=outcome.external_id,
        outcome=outcome.outcome,
        order_id=outcome.order_id,
        state=(outcome.state or None) if isinstance(outcome, PlacedOutcome) else None,
        code=fault.code if fault else None,
        detail=explain_error(error=fault, translate=_) if fault else None,
    )
