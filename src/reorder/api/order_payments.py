"""Money of orders: what was asked for and came, what came by another way, and what goes back."""

import datetime as dt
from decimal import Decimal
from typing import Literal

from ninja import Router, Schema
from pydantic import ConfigDict, Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Amount, ExactAmount, Given, Id, IdempotencyKey, Text, amount_of, plain
from reorder.api.order_answers import PaymentState
from reorder.domain.payments.queries import PaymentRow, RefundRow, list_payments_of_order, list_refunds_of_order
from reorder.domain.staff.rules import Ability
from reorder.flows import paying
from reorder.insights import api_orders
from reorder.insights.api_orders import OrderFacts
from reorder.kernel import clock
from reorder.kernel.money import parse_money

router = Router(tags=["payments"])


class PaymentBody(Given):
    """Money that came for an order."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{}, {"amount": 960, "note": "transfer 881204"}]}
    )
    amount: Amount | None = Field(default=None, description="In the order's currency; all that it owes when left out.")
    note: Text = Field(default="", description="For example the number of the transaction at the payment provider.")


class RefundBody(Given):
    """Money that goes back."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"amount": 450, "reason": "one cup was broken"}]}
    )
    amount: Amount | None = Field(default=None, description="Of what was paid; all of it when left out.")
    way: Literal["original", "store_credit"] = "original"
    reason: Text = ""


class EmptyBody(Given):
    """Nothing needs to be said."""


class Payment(Schema):
    """One payment: what was asked for, by which way, and what came of it."""

    id: int
    way: str
    state: str
    amount: ExactAmount
    received: ExactAmount
    refunded: ExactAmount
    reference: str = Field(description="What a customer names with a transfer.")
    asked_at: dt.datetime
    expires_at: dt.datetime | None


class Refund(Schema):
    """One refund; `owed` until somebody has sent the money."""

    id: int
    payment_id: int
    order_id: int
    way: str
    state: str
    amount: ExactAmount
    reason: str
    asked_at: dt.datetime
    sent_at: dt.datetime | None


class OrderMoney(Schema):
    """All payments and refunds of an order, the first first."""

    payment_state: PaymentState
    payments: list[Payment]
    refunds: list[Refund]


class PaymentTaken(Schema):
    """What money came to."""

    payment: Payment
    payment_state: PaymentState
    missing: ExactAmount = Field(description="What the order still owes.")
    excess: ExactAmount = Field(description="What came beyond its total; of a cancelled order all that came.")
    is_hold_lifted: bool = Field(description="The order does not wait for its payment any more.")


class RefundsMade(Schema):
    """What goes back, one entry for each payment that it came by."""

    payment_state: PaymentState
    amount: ExactAmount
    owed: ExactAmount = Field(description="What a person has yet to send.")
    refunds: list[Refund]


@reads(
    router,
    "/orders/{int:order_id}/payments",
    ability=Ability.VIEW_ORDERS,
    answer=OrderMoney,
    summary="List payments and refunds of an order",
)
def list_payments(request: ApiRequest, order_id: Id) -> OrderMoney:
    order = api_orders.get_order(order_id=order_id)
    return OrderMoney.model_construct(
        payment_state=order.payment_state,
        payments=[_payment(row) for row in list_payments_of_order(order_id=order_id)],
        refunds=[_refund(row) for row in list_refunds_of_order(order_id=order_id)],
    )


@writes(
    router,
    "/orders/{int:order_id}/payments",
    ability=Ability.DECIDE_PAYMENTS,
    answers={200: PaymentTaken},
    summary="Say that money came; an order that is paid in full waits for it no longer",
)
def post_payment(request: ApiRequest, idempotency_key: IdempotencyKey, order_id: Id, body: PaymentBody) -> Written:
    order = api_orders.get_order(order_id=order_id)
    taken = paying.receive_payment(
        order_id=order_id,
        key=_key(request, idempotency_key),
        actor=request.auth.name,
        moment=clock.current_moment(),
        amount_minor=_minor(amount=body.amount, order=order),
        note=body.note,
    )
    return Written(
        status=200,
        body=PaymentTaken.model_construct(
            payment=_payment(taken.payment),
            payment_state=taken.payment_state,
            missing=amount_of(minor=taken.missing_minor, currency=order.currency),
            excess=amount_of(minor=taken.excess_minor, currency=order.currency),
            is_hold_lifted=taken.is_hold_lifted,
        ),
    )


@writes(
    router,
    "/orders/{int:order_id}/refunds",
    ability=Ability.DECIDE_PAYMENTS,
    answers={200: RefundsMade},
    summary="Give back what was paid, or a part of it",
)
def post_refund(request: ApiRequest, idempotency_key: IdempotencyKey, order_id: Id, body: RefundBody) -> Written:
    order = api_orders.get_order(order_id=order_id)
    made = paying.refund_order(
        order_id=order_id,
        key=_key(request, idempotency_key),
        actor=request.auth.name,
        moment=clock.current_moment(),
        reason=body.reason,
        amount_minor=_minor(amount=body.amount, order=order),
        way=body.way,
    )
    return Written(
        status=200,
        body=RefundsMade.model_construct(
            payment_state=made.payment_state,
            amount=amount_of(minor=made.amount_minor, currency=order.currency),
            owed=amount_of(minor=made.owed_minor, currency=order.currency),
            refunds=[_refund(row) for row in made.refunds],
        ),
    )


@writes(
    router,
    "/refunds/{int:refund_id}/sent",
    ability=Ability.DECIDE_PAYMENTS,
    answers={200: Refund},
    summary="Say that a refund which was owed has been sent; twice is once",
)
def confirm_refund(request: ApiRequest, idempotency_key: IdempotencyKey, refund_id: Id, body: EmptyBody) -> Written:
    sent = paying.confirm_refund_sent(refund_id=refund_id, actor=request.auth.name, moment=clock.current_moment())
    return Written(status=200, body=_refund(sent))


def _key(request: ApiRequest, idempotency_key: str) -> str:
    return f"api:{request.auth.token_id}:{idempotency_key}"


def _minor(*, amount: Decimal | None, order: OrderFacts) -> int | None:
    """Raises BadAmount where the amount is finer than the currency: nothing is rounded that somebody counted."""
    return None if amount is None else parse_money(text=plain(amount), currency=order.currency).minor


def _payment(row: PaymentRow) -> Payment:
    return Payment(
        id=row.id,
        way=row.provider,
        state=row.state,
        amount=amount_of(minor=row.amount_minor, currency=row.currency),
        received=amount_of(minor=row.received_minor, currency=row.currency),
        refunded=amount_of(minor=row.refunded_minor, currency=row.currency),
        reference=row.reference,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
    )


def _refund(row: RefundRow) -> Refund:
    return Refund(
        id=row.id,
        payment_id=row.payment_id,
        order_id=row.order_id,
        way=row.way,
        state=row.state,
        amount=amount_of(minor=row.amount_minor, currency=row.currency),
        reason=row.reason,
        asked_at=row.asked_at,
        sent_at=row.sent_at,
    )
