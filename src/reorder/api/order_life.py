"""The life of an order of ours: what happened to it, edits, holds, release, notes, and cancelling."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import (
    Amount,
    CountedUnits,
    Cursor,
    Day,
    ExactAmount,
    Given,
    Id,
    IdempotencyKey,
    Key,
    Limit,
    ShortKey,
    Units,
    amount_of,
    plain,
)
from reorder.api.order_answers import Order, OrderState, PaymentState, show_order
from reorder.api.order_fields import Code, ShipTo, TotalsIn, address_of
from reorder.api.orders import router
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.orders.life import EventLine, list_events
from reorder.domain.staff.rules import Ability
from reorder.flows import fulfil, order_intake
from reorder.flows.fulfil import KEEP, LineCut, LineToAdd, OrderChanges, Totals
from reorder.insights import api_orders
from reorder.insights.api_orders import OrderFacts
from reorder.kernel import clock
from reorder.kernel.money import parse_money

# One address holds the operations of one router only.
__all__ = ["router"]
_EVENTS = "orders.events"
Note = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class OrderEvent(Schema):
    """Something that happened to an order; `details` hold keys and figures, amounts in minor units."""

    id: int
    kind: str
    happened_at: dt.datetime
    actor: str
    via: str
    from_state: str
    to_state: str
    reason: str
    details: dict[str, Any]


class OrderEvents(Schema):
    """What happened to an order, the first first."""

    items: list[OrderEvent]
    next_cursor: str | None


class EditedLine(Given):
    """A line that the order has, and how many units of it are wanted now; zero takes it out."""

    line_id: ShortKey
    units: CountedUnits


class AddedLine(Given):
    """A product that the order gets more."""

    sku: Key
    units: Units
    unit_price: Amount | None = Field(default=None, description="The product's own price when left out.")
    discount: Amount | None = None
    line_id: ShortKey | None = None


class EditBody(Given):
    """What is to become of an order; what is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "lines": [{"line_id": "1", "units": 3}],
                    "added": [{"sku": "MATCHA-30", "units": 1, "unit_price": 380}],
                    "not_before": "2026-12-24",
                    "note": "She called.",
                }
            ]
        },
    )
    lines: Annotated[list[EditedLine], Field(max_length=500)] = Field(default=[])
    added: Annotated[list[AddedLine], Field(max_length=500)] = Field(default=[])
    ship_to: ShipTo | None = None
    shipping_method: Code | None = None
    not_before: Day | None = Field(default=None, description="null: any day.")
    totals: TotalsIn | None = Field(
        default=None, description="What you computed; without them it is priced as it was: a line keeps its unit price."
    )
    if_short: Literal["refuse", "wait"] = "refuse"
    note: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""

    @model_validator(mode="after")
    def _judge(self) -> Self:
        names = [line.line_id for line in self.lines]
        if len(names) != len(set(names)):
            raise PydanticCustomError("repeated", "a line stands here twice")
        if not self.model_fields_set - {"if_short"}:
            raise PydanticCustomError("empty_change", "nothing given")
        return self


class EditedOrder(Schema):
    """The order after its edit, and the difference in money: it is told, not moved."""

    order: Order
    total_before: ExactAmount
    to_pay: ExactAmount
    to_refund: ExactAmount


class CutLine(Given):
    """A line that nobody wants any more, or so many units of it."""

    line_id: ShortKey
    units: Units | None = Field(default=None, description="All of them when left out.")


class CancelBody(Given):
    """Why; with `lines`, these only."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "ordered twice"}, {"lines": [{"line_id": "1", "units": 1}]}]},
    )
    reason: Reason = ""
    lines: Annotated[list[CutLine], Field(max_length=500)] = Field(
        default=[], description="Of an order that Reorder fulfils; without any the order is cancelled whole."
    )


class HoldBody(Given):
    """Why the warehouse must wait."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "address", "note": "No house number."}]}
    )
    reason: Literal["manual", "fraud", "address", "duplicate"] = "manual"
    note: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""


class UnholdBody(Given):
    """Which reasons are gone; without any, all that people judge."""

    reasons: (
        Annotated[list[Literal["manual", "fraud", "address", "duplicate", "requested_date"]], Field(max_length=10)]
        | None
    ) = None
    note: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""


class NoteBody(Given):
    """A note of the staff; the customer does not see it."""

    note: Note


class EmptyBody(Given):
    """Nothing needs to be said."""


class OrderStanding(Schema):
    """How an order stands after a step."""

    order_id: int
    state: OrderState
    hold_reasons: list[str]
    payment_state: PaymentState


@reads(
    router,
    "/orders/{int:order_id}/events",
    ability=Ability.VIEW_ORDERS,
    answer=OrderEvents,
    summary="List what happened to an order of ours, the first first",
)
def list_order_events(request: ApiRequest, order_id: Id, limit: Limit = 50, cursor: Cursor = None) -> OrderEvents:
    after = decode_cursor(of=_EVENTS, text=cursor, kinds=(int,))
    rows = list_events(order_id=order_id, after=max(after[0], 0) if after else 0, limit=limit + 1)
    if not rows:
        api_orders.get_order(order_id=order_id)
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_EVENTS, values=(last.id,)) if last else None
    return OrderEvents.model_construct(items=[_event(row) for row in shown], next_cursor=following)


@writes(
    router,
    "/orders/{int:order_id}/cancel",
    ability=Ability.WRITE_ORDERS,
    answers={200: Order},
    summary="Cancel an order, or lines of it: stock goes back, and what was paid for it is to be refunded",
)
def cancel_order(
    request: ApiRequest, idempotency_key: IdempotencyKey, order_id: Id, body: CancelBody | None = None
) -> Written:
    asked = body or CancelBody()
    order = api_orders.get_order(order_id=order_id)
    moment = clock.current_moment()
    if order.fulfilment == "elsewhere" and not asked.lines:
        order_intake.cancel_order(order_id=order_id, actor=request.auth)
    elif asked.lines:
        cuts = [LineCut(line_key=cut.line_id, units=cut.units) for cut in asked.lines]
        fulfil.cancel_lines(order_id=order_id, cuts=cuts, reason=asked.reason, actor=request.auth, moment=moment)
    else:
        fulfil.cancel_order(order_id=order_id, reason=asked.reason, actor=request.auth, moment=moment)
    return Written(status=200, body=show_order(api_orders.get_order(order_id=order_id)))


@writes(
    router,
    "/orders/{int:order_id}",
    method="PATCH",
    ability=Ability.WRITE_ORDERS,
    answers={200: EditedOrder},
    summary="Change an order that the warehouse does not have yet; its stock is promised anew, or nothing changes",
)
def edit_order(request: ApiRequest, idempotency_key: IdempotencyKey, order_id: Id, body: EditBody) -> Written:
    order = api_orders.get_order(order_id=order_id)
    edited = fulfil.edit_order(
        order_id=order_id,
        changes=_changes(body=body, order=order),
        actor=request.auth,
        moment=clock.current_moment(),
    )

    def amount(minor: int) -> Decimal:
        return amount_of(minor=minor, currency=order.currency)

    return Written(
        status=200,
        body=EditedOrder.model_construct(
            order=show_order(api_orders.get_order(order_id=order_id)),
            total_before=amount(edited.total_before_minor),
            to_pay=amount(edited.to_pay_minor),
            to_refund=amount(edited.to_refund_minor),
        ),
    )


@writes(
    router,
    "/orders/{int:order_id}/hold",
    ability=Ability.MANAGE_ORDERS,
    answers={200: OrderStanding},
    summary="Let an order wait until somebody lets it go",
)
def hold_order(request: ApiRequest, idempotency_key: IdempotencyKey, order_id: Id, body: HoldBody) -> Written:
    fulfil.hold_order(
        order_id=order_id, reason=body.reason, note=body.note, actor=request.auth, moment=clock.current_moment()
    )
    return _standing(order_id)


@writes(
    router,
    "/orders/{int:order_id}/unhold",
    ability=Ability.MANAGE_ORDERS,
    answers={200: OrderStanding},
    summary="Take reasons to wait away",
)
def unhold_order(request: ApiRequest, idempotency_key: IdempotencyKey, order_id: Id, body: UnholdBody) -> Written:
    fulfil.unhold_order(
        order_id=order_id, reasons=body.reasons, note=body.note, actor=request.auth, moment=clock.current_moment()
    )
    return _standing(order_id)


@writes(
    router,
    "/orders/{int:order_id}/release",
    ability=Ability.MANAGE_ORDERS,
    answers={200: OrderStanding},
    summary="Give an order to the warehouse: it is promised whole, paid, and held by nothing",
)
def release_order(request: ApiRequest, idempotency_key: IdempotencyKey, order_id: Id, body: EmptyBody) -> Written:
    fulfil.release_order(order_id=order_id, actor=request.auth, moment=clock.current_moment())
    return _standing(order_id)


@writes(
    router,
    "/orders/{int:order_id}/unrelease",
    ability=Ability.MANAGE_ORDERS,
    answers={200: OrderStanding},
    summary="Take an order back from the warehouse before anybody picks, so that it can be changed",
)
def unrelease_order(request: ApiRequest, idempotency_key: IdempotencyKey, order_id: Id, body: EmptyBody) -> Written:
    fulfil.unrelease_order(order_id=order_id, actor=request.auth, moment=clock.current_moment())
    return _standing(order_id)


@writes(
    router,
    "/orders/{int:order_id}/notes",
    ability=Ability.MANAGE_ORDERS,
    answers={200: OrderStanding},
    summary="Write a note down at an order; it stands among its events",
)
def note_order(request: ApiRequest, idempotency_key: IdempotencyKey, order_id: Id, body: NoteBody) -> Written:
    fulfil.note_order(order_id=order_id, note=body.note, actor=request.auth, moment=clock.current_moment())
    return _standing(order_id)


def _changes(*, body: EditBody, order: OrderFacts) -> OrderChanges:
    def minor(amount: Decimal) -> int:
        return parse_money(text=plain(amount), currency=order.currency).minor

    return OrderChanges(
        units={line.line_id: line.units for line in body.lines},
        added=tuple(
            LineToAdd(
                sku=line.sku,
                units=line.units,
                unit_price_minor=None if line.unit_price is None else minor(line.unit_price),
                discount_minor=minor(line.discount or Decimal(0)),
                line_key=line.line_id,
            )
            for line in body.added
        ),
        ship_to=address_of(body.ship_to) if body.ship_to else None,
        ship_method=body.shipping_method,
        not_before_date=body.not_before if "not_before" in body.model_fields_set else KEEP,
        totals=_totals(body=body, order=order) if body.totals else None,
        note=body.note,
        if_short=body.if_short,
    )


def _totals(*, body: EditBody, order: OrderFacts) -> Totals | None:
    """The totals that were given; goods are the lines at their prices after the change."""
    if body.totals is None:
        return None

    def minor(amount: Decimal) -> int:
        return parse_money(text=plain(amount), currency=order.currency).minor

    units = {line.line_id: line.units for line in body.lines}
    goods = sum(
        round((line.unit_price_minor or 0) * units.get(line.line_key, line.units)) for line in order.lines
    ) + sum(round(minor(line.unit_price or Decimal(0)) * line.units) for line in body.added)
    return Totals(
        goods_minor=goods,
        discount_minor=minor(body.totals.discount or Decimal(0)),
        shipping_minor=minor(body.totals.shipping),
        tax_added_minor=minor(body.totals.tax_added),
        tax_included_minor=minor(body.totals.tax_included),
        total_minor=minor(body.totals.total),
    )


def _standing(order_id: int) -> Written:
    order = api_orders.get_order(order_id=order_id)
    return Written(
        status=200,
        body=OrderStanding.model_construct(
            order_id=order.id,
            state=order.state,
            hold_reasons=list(order.hold_reasons),
            payment_state=order.payment_state,
        ),
    )


def _event(row: EventLine) -> OrderEvent:
    return OrderEvent(**{name: getattr(row, name) for name in OrderEvent.model_fields})
