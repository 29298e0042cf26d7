"""Stock: what stands where, the moves that made it so, corrections and counts."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from ninja import Query, Router, Schema
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import (
    ChangedUnits,
    CountedUnits,
    Cursor,
    Day,
    ExactUnits,
    Given,
    IdempotencyKey,
    Key,
    Limit,
    Lot,
)
from reorder.api.paging import BadCursor, cut_page, decode_cursor, encode_cursor
from reorder.domain.inventory.errors import UnknownPlace
from reorder.domain.inventory.queries import find_place
from reorder.domain.staff.rules import Ability
from reorder.flows import stock_changes
from reorder.flows.stock_changes import Adjustment, Changed, CountedLine
from reorder.insights import api_products, api_stock, stock_history
from reorder.insights.api_stock import StockLine
from reorder.insights.stock_history import HistoryLine
from reorder.kernel import clock

router = Router(tags=["stock"])
_LIST = "stock"
_LARGEST_UNITS = Decimal(10) ** 15


def _not_zero(units: Decimal) -> Decimal:
    if not units:
        raise PydanticCustomError("zero_change", "nothing changes")
    return units


SignedUnits = Annotated[ChangedUnits, AfterValidator(_not_zero)]
Reason = Literal["damaged", "expired", "lost", "found", "given_away", "used_up", "correction", "other"]
Note = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class AdjustmentLine(Given):
    """A correction of one product at one place."""

    sku: Key
    place: Key
    change_units: SignedUnits
    lot: Lot = ""


class AdjustmentBody(Given):
    """Corrections that are booked together or not at all."""

    reason: Reason
    note: Note = Field(default="", description="Stands in the ledger for ever: no names of people.")
    lines: Annotated[list[AdjustmentLine], Field(min_length=1, max_length=500)]


class CountLine(Given):
    """What was counted of one product at one place."""

    sku: Key
    place: Key
    units: CountedUnits
    lot: Lot = Field(default="", description="Empty: of all lots together.")
    expires: Day | None = None


class CountBody(Given):
    """Counts that are booked together or not at all."""

    lines: Annotated[list[CountLine], Field(min_length=1, max_length=500)]


class LotLevel(Schema):
    """What stands there of one lot."""

    lot: str
    on_hand: ExactUnits


class StockLevel(Schema):
    """A product at a place, in selling units."""

    sku: str
    place: str
    on_hand: ExactUnits
    allocated: ExactUnits = Field(description="Promised to orders.")
    held: ExactUnits = Field(description="Kept back, for example for inspection.")
    available: ExactUnits = Field(description="On hand, neither allocated nor held.")
    incoming: ExactUnits = Field(description="On order and not yet received.")
    lots: list[LotLevel]


class StockPage(Schema):
    """A page of stock by SKU and place."""

    items: list[StockLevel]
    next_cursor: str | None


class ChangedStock(Schema):
    """The levels that changed, as they are now."""

    moves: int
    levels: list[StockLevel]


class StockMove(Schema):
    """One move of the ledger; it is never changed, only taken back by another one."""

    id: int
    kind: str
    units: ExactUnits
    lot: str
    expires: dt.date | None
    from_location: str = Field(
        description="`stock:`, `allocated:`, `picked:` or `incoming:` and the place's code, else the world outside."
    )
    to_location: str
    cause: str = Field(description="What it was made for: order, receipt, count, adjustment, transfer …")
    cause_key: str = Field(description="Which one: the number of the order, of the delivery, the reason given.")
    happened_at: dt.datetime
    on_hand_change: ExactUnits = Field(description="What it added to what stands at the place.")
    allocated_change: ExactUnits = Field(description="What it added to what is promised there.")
    on_hand_after: ExactUnits
    allocated_after: ExactUnits
    is_taken_back: bool


class StockMoves(Schema):
    """A page of moves of one product at one place, the latest booked first."""

    items: list[StockMove]
    next_cursor: str | None


class MovesFilter(Schema):
    """Which moves to list."""

    place: Key
    changes: Literal["all", "on_hand", "promises"] = Field(
        default="all", description="Only moves into and out of the place, or only those that promise goods or end that."
    )


class StockFilter(Schema):
    """What to list."""

    sku: Key | None = None
    place: Key | None = None


@reads(router, "/stock", ability=Ability.VIEW_STOCK, answer=StockPage, summary="List stock by SKU and place")
def list_stock(request: ApiRequest, wanted: Query[StockFilter], limit: Limit = 50, cursor: Cursor = None) -> StockPage:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(str, str))
    rows = api_stock.list_stock(
        actor=request.auth,
        limit=limit + 1,
        after=(after[0], after[1]) if after else None,
        sku=wanted.sku,
        place_code=wanted.place,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.sku, last.place_code)) if last else None
    return StockPage(items=[_level(row) for row in shown], next_cursor=following)


@reads(
    router,
    "/stock/{path:sku}/moves",
    ability=Ability.VIEW_STOCK,
    answer=StockMoves,
    summary="List the moves of a product at a place, with what stood there after each",
)
def list_stock_moves(
    request: ApiRequest, sku: str, wanted: Query[MovesFilter], limit: Limit = 50, cursor: Cursor = None
) -> StockMoves:
    product = api_products.get_product(sku=sku)
    if not request.auth.may_at(wanted.place) or find_place(code=wanted.place) is None:
        raise UnknownPlace(place=wanted.place)
    # What stood there after a move runs back from page to page, so a cursor belongs to one history alone.
    history = f"moves|{wanted.changes}|{wanted.place}|{product.id}"
    page = stock_history.list_history(
        product_id=product.id,
        place_code=wanted.place,
        tab=wanted.changes,
        after=_moves_cursor(of=history, text=cursor),
        limit=limit,
    )
    last = page.after
    following = encode_cursor(of=history, values=(last.id, str(last.on_hand), str(last.allocated))) if last else None
    return StockMoves(items=[_move(line) for line in page.lines], next_cursor=following)


@writes(
    router,
    "/stock/adjustments",
    ability=Ability.EDIT_STOCK,
    answers={200: ChangedStock},
    summary="Correct stock, with a reason",
)
def post_adjustments(request: ApiRequest, idempotency_key: IdempotencyKey, body: AdjustmentBody) -> Written:
    changed = stock_changes.adjust_stock(
        lines=[
            Adjustment(sku=line.sku, place_code=line.place, change_units=line.change_units, lot=line.lot)
            for line in body.lines
        ],
        reason=f"{body.reason}: {body.note}" if body.note else body.reason,
        change_key=_change_key(request=request, key=idempotency_key),
        actor=request.auth,
        moment=clock.current_moment(),
    )
    return _changed(changed)


@writes(
    router,
    "/stock/counts",
    ability=Ability.EDIT_STOCK,
    answers={200: ChangedStock},
    summary="Bring stock to what was counted",
)
def post_counts(request: ApiRequest, idempotency_key: IdempotencyKey, body: CountBody) -> Written:
    changed = stock_changes.count_stock(
        lines=[
            CountedLine(sku=line.sku, place_code=line.place, units=line.units, lot=line.lot, expires_date=line.expires)
            for line in body.lines
        ],
        change_key=_change_key(request=request, key=idempotency_key),
        actor=request.auth,
        moment=clock.current_moment(),
    )
    return _changed(changed)


def _change_key(*, request: ApiRequest, key: str) -> str:
    """The moves' own protection, for longer than the answer is kept: a fact of the ledger happens once for ever."""
    return f"api:{request.auth.token_id}:{key}"


def _changed(changed: Changed) -> Written:
    levels = api_stock.list_positions(keys=list(changed.positions))
    return Written(status=200, body=ChangedStock(moves=changed.moves_count, levels=[_level(row) for row in levels]))


def _moves_cursor(*, of: str, text: str | None) -> stock_history.Cursor | None:
    found = decode_cursor(of=of, text=text, kinds=(int, str, str))
    if found is None:
        return None
    try:
        on_hand, allocated = Decimal(found[1]), Decimal(found[2])
    except InvalidOperation:
        raise BadCursor from None
    if not all(one.is_finite() and abs(one) < _LARGEST_UNITS for one in (on_hand, allocated)):
        raise BadCursor
    return stock_history.Cursor(found[0], on_hand, allocated)


def _move(line: HistoryLine) -> StockMove:
    return StockMove(
        id=line.id,
        kind=line.kind,
        units=line.units,
        lot=line.lot,
        expires=line.expires_date,
        from_location=line.source,
        to_location=line.target,
        cause=line.cause_kind,
        cause_key=line.cause_key,
        happened_at=line.happened_at,
        on_hand_change=line.on_hand_change,
        allocated_change=line.allocated_change,
        on_hand_after=line.on_hand,
        allocated_after=line.allocated,
        is_taken_back=line.is_undone,
    )


def _level(row: StockLine) -> StockLevel:
    return StockLevel(
        sku=row.sku,
        place=row.place_code,
        on_hand=row.on_hand_units,
        allocated=row.allocated_units,
        held=row.held_units,
        available=row.available_units,
        incoming=row.incoming_units,
        lots=[LotLevel(lot=lot, on_hand=units) for lot, units in row.lots.items()],
    )
