"""Stock: what stands where, corrections and counts."""

from decimal import Decimal
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
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.staff.rules import Ability
from reorder.flows import stock_changes
from reorder.flows.stock_changes import Adjustment, Changed, CountedLine
from reorder.insights import api_stock
from reorder.insights.api_stock import StockLine
from reorder.kernel import clock

router = Router(tags=["stock"])
_LIST = "stock"


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
