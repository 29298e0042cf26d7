"""Goods that come back: asked for, answered, received, graded and settled; each step once."""

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import (
    Amount,
    Cursor,
    Day,
    ExactAmount,
    ExactUnits,
    Given,
    Id,
    IdempotencyKey,
    Key,
    Limit,
    Lot,
    Text,
    Units,
    amount_of,
    plain,
)
from reorder.api.paging import decode_cursor, encode_cursor
from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.staff.rules import Ability
from reorder.domain.warehouse.return_errors import BadReturnInput
from reorder.flows import returns
from reorder.insights import returns as reading
from reorder.insights.api_orders import get_order
from reorder.insights.returns import ReturnPage
from reorder.kernel import clock
from reorder.kernel.ids import idempotency_key as make_key
from reorder.kernel.money import parse_money

router = Router(tags=["returns"])
_LIST = "returns"
Reason = Literal["damaged", "wrong goods", "not as described", "not wanted any more", "something else"]
Wants = Literal["refund", "exchange", "credit"]
State = Literal[
    "requested",
    "accepted",
    "sent",
    "under_way",
    "received",
    "inspected",
    "closed",
    "declined",
    "cancelled",
    "expired",
]
Disposition = Literal["restock", "refurbish", "quarantine", "supplier", "scrap"]


class ReturnLineBody(Given):
    """Units of an order line that come back."""

    line_key: Key
    units: Units


class ReturnBody(Given):
    """What somebody wants to send back."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"order_id": 17, "reason": "damaged", "lines": [{"line_key": "1", "units": 1}]}]
        },
    )
    order_id: Id
    reason: Reason
    lines: list[ReturnLineBody] = Field(min_length=1, max_length=500)
    wants: Wants = "refund"
    note: Text = ""


class AnswerBody(Given):
    """A word to the customer; it goes out by mail."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"word": "Send it to Keelung."}]})
    word: Text


class CameBody(Given):
    """Units of a product that were in the parcel."""

    sku: Key
    units: Units
    lot: Lot = ""
    expires: Day | None = None


class ReceiveBody(Given):
    """What was in the parcel."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"goods": [{"sku": "OOLONG-150", "units": 1}]}]}
    )
    goods: list[CameBody] = Field(min_length=1, max_length=200)
    is_complete: bool = Field(default=True, description="The parcel is empty: what did not come is not waited for.")


class GradeBody(Given):
    """How goods of a piece were found."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"piece_id": 3, "seen_units": 2, "units": 2, "grade": "A"}]}
    )
    piece_id: Id
    seen_units: Units = Field(description="The units of the piece as you read them: a changed piece is a conflict.")
    units: Units
    grade: Literal["A", "B", "C", "D"]
    disposition: Disposition | None = Field(default=None, description="Against the rule, with a reason.")
    reason: Text = ""


class SettleBody(Given):
    """How it ends."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"resolution": "refund"}]})
    resolution: Literal["refund", "credit", "exchange", "none"]
    amount: Amount | None = Field(default=None, description="All that the goods are worth when left out.")
    word: Text = ""


class ReturnLineItem(Schema):
    """Units of an order line."""

    line_key: str
    sku: str
    announced: ExactUnits
    received: ExactUnits
    settled: ExactAmount = Field(description="The value that this return settled, whatever the customer got for it.")


class Piece(Schema):
    """Goods that came, with what became of them; without a grade they wait for one."""

    id: int
    sku: str
    lot: str
    expires: dt.date | None
    units: ExactUnits
    grade: str
    disposition: str
    reason: str
    is_overridden: bool
    is_settled: bool = Field(description="They are free stock again, or have left.")


class ReturnItem(Schema):
    """A return in a list."""

    id: int
    number: str
    order_id: int
    order_number: str
    customer_id: int
    place: str
    state: State
    reason: str
    wants: str
    opened_at: dt.datetime
    units: ExactUnits
    currency: str
    refund: ExactAmount
    resolution: str


class ReturnPageItems(Schema):
    """A page of returns, the latest first."""

    items: list[ReturnItem]
    next_cursor: str | None


class ReturnDetail(ReturnItem):
    """One return with its lines and the goods that came."""

    lines: list[ReturnLineItem]
    pieces: list[Piece]
    exchange_order_id: int | None


class ReturnFilter(Schema):
    """What to list."""

    tab: Literal["decide", "grade", "awaited", "closed", "given_up", "all"] = "all"
    order_id: Id | None = None


@reads(router, "/returns", ability=Ability.VIEW_ORDERS, answer=ReturnPageItems, summary="List returns, latest first")
def list_returns(
    request: ApiRequest, wanted: Query[ReturnFilter], limit: Limit = 50, cursor: Cursor = None
) -> ReturnPageItems:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(dt.datetime, int))
    page = reading.list_returns(
        actor=request.auth,
        tab=wanted.tab,
        order_id=wanted.order_id,
        after=(after[0], after[1]) if after else None,
        limit=limit,
    )
    following = encode_cursor(of=_LIST, values=page.next_after) if page.next_after else None
    return ReturnPageItems(items=[ReturnItem(**_item(row)) for row in page.rows], next_cursor=following)


@reads(
    router,
    "/returns/{int:return_id}",
    ability=Ability.VIEW_ORDERS,
    answer=ReturnDetail,
    summary="One return with its lines and the goods that came",
)
def get_return(request: ApiRequest, return_id: Id) -> ReturnDetail:
    return _detail(reading.get_return_page(actor=request.auth, return_id=return_id))


@writes(
    router,
    "/returns",
    ability=Ability.MANAGE_ORDERS,
    answers={201: ReturnDetail},
    summary="Open a return of an order that has left; it waits for an answer",
)
def post_return(request: ApiRequest, idempotency_key: IdempotencyKey, body: ReturnBody) -> Written:
    get_order(order_id=body.order_id)
    wish = returns.ReturnWish(
        reason=body.reason,
        units_by_line={line.line_key: Decimal(line.units) for line in body.lines},
        note=body.note,
        wants=body.wants,
    )
    opened = returns.open_return(order_id=body.order_id, wish=wish, actor=request.auth, moment=clock.current_moment())
    return _written(request, opened.return_id, status=201)


@writes(
    router,
    "/returns/{int:return_id}/accept",
    ability=Ability.MANAGE_ORDERS,
    answers={200: ReturnDetail},
    summary="Let the customer send the goods back, and say how",
)
def accept_return(request: ApiRequest, idempotency_key: IdempotencyKey, return_id: Id, body: AnswerBody) -> Written:
    returns.accept(return_id=return_id, word=body.word, actor=request.auth, moment=clock.current_moment())
    return _written(request, return_id)


@writes(
    router,
    "/returns/{int:return_id}/decline",
    ability=Ability.MANAGE_ORDERS,
    answers={200: ReturnDetail},
    summary="Tell the customer why the goods are not taken back",
)
def decline_return(request: ApiRequest, idempotency_key: IdempotencyKey, return_id: Id, body: AnswerBody) -> Written:
    returns.decline(return_id=return_id, word=body.word, actor=request.auth, moment=clock.current_moment())
    return _written(request, return_id)


@writes(
    router,
    "/returns/{int:return_id}/receive",
    ability=Ability.FULFIL_ORDERS,
    answers={200: ReturnDetail},
    summary="Take goods in that came back, all or nothing; they are kept apart until they are graded",
)
def receive_return(request: ApiRequest, idempotency_key: IdempotencyKey, return_id: Id, body: ReceiveBody) -> Written:
    moment = clock.current_moment()
    known = list_products_by_sku(skus=[one.sku for one in body.goods])
    for place, one in enumerate(body.goods):
        if one.sku not in known:
            raise BadReturnInput(reason="a SKU is unknown")
        scan = returns.GoodsScan(
            key=make_key("api_return", request.auth.token_id, idempotency_key, place),
            product_id=known[one.sku].id,
            units=Decimal(one.units),
            lot=one.lot,
            expires_date=one.expires,
        )
        returns.receive_goods(return_id=return_id, scan=scan, actor=request.auth, moment=moment)
    if body.is_complete:
        returns.finish_receiving(return_id=return_id, actor=request.auth, moment=moment)
    return _written(request, return_id)


@writes(
    router,
    "/returns/{int:return_id}/grade",
    ability=Ability.FULFIL_ORDERS,
    answers={200: ReturnDetail},
    summary="Say how goods are; by rule or by your word they go back to stock or out of it",
)
def grade_return(request: ApiRequest, idempotency_key: IdempotencyKey, return_id: Id, body: GradeBody) -> Written:
    returns.grade_goods(
        return_id=return_id,
        grading=returns.Grading(
            piece_id=body.piece_id,
            seen_units=Decimal(body.seen_units),
            units=Decimal(body.units),
            grade=body.grade,
            disposition=body.disposition or "",
            reason=body.reason,
        ),
        actor=request.auth,
        moment=clock.current_moment(),
    )
    return _written(request, return_id)


@writes(
    router,
    "/returns/{int:return_id}/settle",
    ability=Ability.DECIDE_PAYMENTS,
    answers={200: ReturnDetail},
    summary="End it: money, credit, other goods or nothing; once",
)
def settle_return(request: ApiRequest, idempotency_key: IdempotencyKey, return_id: Id, body: SettleBody) -> Written:
    row = reading.get_return_row(actor=request.auth, return_id=return_id)
    amount = None if body.amount is None else parse_money(text=plain(body.amount), currency=row.currency).minor
    returns.settle_held(
        return_id=return_id,
        settlement=returns.Settlement(resolution=body.resolution, amount_minor=amount, word=body.word),
        actor=request.auth,
        moment=clock.current_moment(),
    )
    return _written(request, return_id)


def _written(request: ApiRequest, return_id: int, *, status: int = 200) -> Written:
    return Written(status=status, body=_detail(reading.get_return_page(actor=request.auth, return_id=return_id)))


def _item(row: reading.ReturnListRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "order_id": row.order_id,
        "order_number": row.order_number,
        "customer_id": row.customer_id,
        "place": row.place_code,
        "state": row.state,
        "reason": row.reason,
        "wants": row.wants,
        "opened_at": row.opened_at,
        "units": row.units,
        "currency": row.currency,
        "refund": amount_of(minor=row.refund_minor, currency=row.currency),
        "resolution": row.resolution,
    }


def _detail(page: ReturnPage) -> ReturnDetail:
    currency = page.row.currency
    return ReturnDetail(
        **_item(page.row),
        lines=[
            ReturnLineItem(
                line_key=page.sold[one.order_line_id].line_key,
                sku=page.sold[one.order_line_id].sku,
                announced=one.announced_units,
                received=one.received_units,
                settled=amount_of(minor=one.refund_minor, currency=currency),
            )
            for one in page.held.lines
        ],
        pieces=[
            Piece(
                id=one.id,
                sku=one.sku,
                lot=one.lot,
                expires=one.expires_date,
                units=one.units,
                grade=one.grade,
                disposition=one.disposition,
                reason=one.reason,
                is_overridden=one.is_overridden,
                is_settled=one.is_ended,
            )
            for one in page.held.pieces
        ],
        exchange_order_id=page.held.exchange_order_id,
    )


REASON_TEMPLATES = ("a SKU is unknown",)
