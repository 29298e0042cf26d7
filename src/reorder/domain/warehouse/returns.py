"""Returns in the books: cases and their lines, written while the caller holds the order's row.

The order's row serialises everything about its returns, so nobody takes back more of a line than was sold: `units` of
returns that were not given up never exceed the units of the line (`left_units`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Sum

from reorder.domain.inventory.models import Place
from reorder.domain.storage import fetch_prepared
from reorder.domain.warehouse.return_errors import ReturnMovedOn, UnknownReturn
from reorder.domain.warehouse.return_models import Return, ReturnLine, ReturnPhoto, ReturnPiece
from reorder.domain.warehouse.return_rules import ENDED, GIVEN_UP
from reorder.kernel.stored_json import read_json

_NEXT: Final = "SELECT nextval(pg_get_serial_sequence('warehouse_return', 'id'))"
_SOLD: Final = """
SELECT line.id, line.line_key, line.product_id, product.sku, product.name, line.units, line.unit_price_minor,
       line.discount_minor, product.temperature_class, product.category_id, product.is_sold_in_fractions,
       coalesce((SELECT jsonb_agg(jsonb_build_array(goods.product_id, goods.units::text) ORDER BY goods.product_id)
                 FROM (SELECT sent.product_id, sum(sent.units) AS units FROM warehouse_fulfilmentline AS sent
                       JOIN warehouse_fulfilmentorder AS part ON part.id = sent.fulfilment_id
                       WHERE sent.order_line_id = line.id AND part.state IN ('shipped', 'delivered')
                       GROUP BY 1) AS goods)::text, '[]'),
       coalesce((SELECT sum(back.units) FROM warehouse_returnline AS back
                 JOIN warehouse_return AS of_return ON of_return.id = back.of_return_id
                 WHERE back.order_line_id = line.id AND of_return.state <> ALL(%(given_up)s::text[])), 0),
       coalesce((SELECT sum(back.refund_minor) FROM warehouse_returnline AS back
                 WHERE back.order_line_id = line.id), 0)::bigint
FROM orders_orderline AS line JOIN catalog_product AS product ON product.id = line.product_id
WHERE line.order_id = %(order_id)s::bigint ORDER BY line.id
"""


@dataclass(frozen=True, slots=True)
class SoldGoods:
    """An order line as returns look at it; `sent` are units by product that left (components, of a bundle)."""

    order_line_id: int
    line_key: str
    product_id: int
    sku: str
    name: str
    units: Decimal
    unit_price_minor: int | None
    discount_minor: int
    temperature_class: str
    category_id: int | None
    is_sold_in_fractions: bool
    sent: Mapping[int, Decimal]
    returned_units: Decimal
    refunded_minor: int

    @property
    def net_minor(self) -> int:
        """What the line came to after its discounts; 0 for gifts and unpriced lines."""
        return 0 if self.unit_price_minor is None else round(self.unit_price_minor * self.units) - self.discount_minor

    @property
    def sent_units(self) -> Decimal:
        """Units of the line that have left: of a bundle, as many as are whole."""
        if not self.sent:
            return Decimal(0)
        if set(self.sent) == {self.product_id}:
            return min(self.sent[self.product_id], self.units)
        return self.units

    @property
    def left_units(self) -> Decimal:
        """What can still be asked for, or come back."""
        return max(self.sent_units - self.returned_units, Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReturn:
    """A case to open: units by order line, and the terms that were judged."""

    order_id: int
    place_code: str
    owner: str
    opened_by: str
    request_id: int | None
    reason: str
    note: str
    wants: str
    way_back: str
    payer: str
    fee_minor: int
    refunds_shipping: bool
    units: Mapping[int, Decimal]
    moment: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """What of a line comes back."""

    id: int
    order_line_id: int
    announced_units: Decimal
    units: Decimal
    received_units: Decimal
    refund_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceRow:
    """Goods that came, as they stand; `owner` is whose they are: an order may hold goods of several."""

    id: int
    line_id: int
    product_id: int
    owner: str
    sku: str
    name: str
    temperature_class: str
    lot: str
    expires_date: dt.date | None
    units: Decimal
    grade: str
    disposition: str
    reason: str
    is_overridden: bool
    bin_code: str
    claim_number: str
    claimed_from: str
    is_ended: bool

    @property
    def hold_key(self) -> str:
        """Under which they are kept apart in the stock ledger."""
        return hold_key_of(piece_id=self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReturn:
    """A case that nobody else changes: the caller holds its order."""

    id: int
    number: str
    order_id: int
    place_code: str
    owner: str
    state: str
    opened_by: str
    request_id: int | None
    reason: str
    note: str
    wants: str
    way_back: str
    payer: str
    fee_minor: int
    refunds_shipping: bool
    carrier: str
    tracking_number: str
    resolution: str
    refund_minor: int
    exchange_order_id: int | None
    expires_at: dt.datetime | None
    lines: tuple[LineRow, ...]
    pieces: tuple[PieceRow, ...]

    @property
    def ungraded(self) -> tuple[PieceRow, ...]:
        """Goods that came and were not looked at."""
        return tuple(one for one in self.pieces if not one.grade)

    @property
    def received_units(self) -> Decimal:
        """All that came, in units of lines."""
        return sum((one.received_units for one in self.lines), Decimal(0))

    def require(self, *, states: Sequence[str], wanted: str) -> None:
        """Raises ReturnMovedOn unless the return is in one of `states`."""
        if self.state not in states:
            raise ReturnMovedOn(number=self.number, state=self.state.replace("_", " "), wanted=wanted)


def hold_key_of(*, piece_id: int) -> str:
    """The key under which a piece is kept apart in stock."""
    return f"return_piece:{piece_id}"


def list_sold_goods(*, order_id: int) -> list[SoldGoods]:
    """The lines of an order with what left, what came back or was announced, and what was given back for it."""
    rows = fetch_prepared(statement=_SOLD, parameters={"order_id": order_id, "given_up": list(GIVEN_UP)})
    return [SoldGoods(*(*row[:11], _by_product(row[11]), row[12], int(row[13]))) for row in rows]


def add_return(*, new: NewReturn) -> int:
    """Open a case; its id. The caller has made sure that the units are left."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        row = cursor.fetchone()
    number = int(row[0]) if row else 0
    made = Return.objects.create(
        pk=number,
        number=f"RMA{number:07d}",
        order_id=new.order_id,
        place=Place.objects.get(code=new.place_code),
        owner=new.owner,
        state="requested",
        opened_by=new.opened_by,
        request_id=new.request_id,
        reason=new.reason,
        note=new.note,
        wants=new.wants,
        way_back=new.way_back,
        payer=new.payer,
        fee_minor=new.fee_minor,
        refunds_shipping=new.refunds_shipping,
        opened_at=new.moment,
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(of_return=made, order_line_id=line_id, announced_units=units, units=units)
        for line_id, units in sorted(new.units.items())
    )
    return made.pk


def find_order_of_return(*, return_id: int) -> int:
    """The order that a return belongs to, so that the caller can hold it first. Raises UnknownReturn."""
    found = Return.objects.filter(pk=return_id).values_list("order_id", flat=True).first()
    if found is None:
        raise UnknownReturn(number=return_id)
    return int(found)


def get_held_return(*, return_id: int) -> HeldReturn:
    """A return with its lines and goods; the caller holds its order. Raises UnknownReturn."""
    found = Return.objects.select_related("place").filter(pk=return_id).first()
    if found is None:
        raise UnknownReturn(number=return_id)
    return HeldReturn(
        id=found.pk,
        number=found.number,
        order_id=found.order_id,
        place_code=found.place.code,
        owner=found.owner,
        state=found.state,
        opened_by=found.opened_by,
        request_id=found.request_id,
        reason=found.reason,
        note=found.note,
        wants=found.wants,
        way_back=found.way_back,
        payer=found.payer,
        fee_minor=found.fee_minor,
        refunds_shipping=found.refunds_shipping,
        carrier=found.carrier,
        tracking_number=found.tracking_number,
        resolution=found.resolution,
        refund_minor=found.refund_minor,
        exchange_order_id=found.exchange_order_id,
        expires_at=found.expires_at,
        lines=tuple(
            LineRow(
                id=one.pk,
                order_line_id=one.order_line_id,
                announced_units=one.announced_units,
                units=one.units,
                received_units=one.received_units,
                refund_minor=one.refund_minor,
            )
            for one in ReturnLine.objects.filter(of_return=found).order_by("pk")
        ),
        pieces=tuple(list_pieces(return_id=return_id)),
    )


def list_pieces(*, return_id: int) -> list[PieceRow]:
    """The goods that came with a return, the first first."""
    found = ReturnPiece.objects.select_related("product").filter(line__of_return_id=return_id).order_by("pk")
    return [piece_row(one) for one in found]


def piece_row(one: ReturnPiece) -> PieceRow:
    """A piece as a value."""
    return PieceRow(
        id=one.pk,
        line_id=one.line_id,
        product_id=one.product_id,
        owner=one.product.goods_owner,
        sku=one.product.sku,
        name=one.product.name,
        temperature_class=one.product.temperature_class,
        lot=one.lot,
        expires_date=one.expires_date,
        units=one.units,
        grade=one.grade,
        disposition=one.disposition,
        reason=one.reason,
        is_overridden=one.is_overridden,
        bin_code=one.bin_code,
        claim_number=one.claim_number,
        claimed_from=one.claimed_from,
        is_ended=one.ended_at is not None,
    )


def change_return(*, held: HeldReturn, to_state: str | None, moment: dt.datetime, **changes: Any) -> None:
    """Write a return of an order that the caller holds, guarded by the state it was seen in; stamps follow the state.

    Raises ReturnMovedOn when it is somewhere else by now, which cannot be while the order is held.
    """
    given: dict[str, Any] = dict(changes)
    if to_state is not None:
        given["state"] = to_state
        stamp = {"accepted": "accepted_at", "received": "received_at", "inspected": "inspected_at"}.get(to_state)
        if stamp:
            given[stamp] = moment
        if to_state in ENDED:
            given["ended_at"] = moment
    if not Return.objects.filter(pk=held.id, state=held.state).update(**given):
        raise ReturnMovedOn(number=held.number, state="changed", wanted="this")


def set_line_units(*, line_id: int, units: Decimal, received_units: Decimal) -> None:
    """What of a line comes back, and how much of that is here."""
    ReturnLine.objects.filter(pk=line_id).update(units=units, received_units=received_units)


def add_line(*, return_id: int, order_line_id: int) -> LineRow:
    """A line that nobody announced; nothing of it has come yet."""
    made = ReturnLine.objects.create(of_return_id=return_id, order_line_id=order_line_id, units=0)
    return LineRow(
        id=made.pk,
        order_line_id=order_line_id,
        announced_units=Decimal(0),
        units=Decimal(0),
        received_units=Decimal(0),
        refund_minor=0,
    )


def set_line_refund(*, line_id: int, refund_minor: int) -> None:
    """What was given back for a line of a return."""
    ReturnLine.objects.filter(pk=line_id).update(refund_minor=refund_minor)


def add_photo(*, return_id: int, content: bytes, media_type: str, taken_by: str, moment: dt.datetime) -> int:
    """Keep a picture of goods that come back."""
    return ReturnPhoto.objects.create(
        of_return_id=return_id, content=content, media_type=media_type, taken_by=taken_by, taken_at=moment
    ).pk


def count_photos(*, return_id: int) -> int:
    """How many pictures a return has."""
    return ReturnPhoto.objects.filter(of_return_id=return_id).count()


def find_return_photo(*, photo_id: int, return_id: int) -> tuple[str, bytes] | None:
    """Media type and content of a picture of this return."""
    row = ReturnPhoto.objects.filter(pk=photo_id, of_return_id=return_id).first()
    return (row.media_type, bytes(row.content)) if row else None


def sum_goods_of_line(*, line_id: int) -> dict[int, Decimal]:
    """What came for a line of a return, units by product."""
    found = ReturnPiece.objects.filter(line_id=line_id).values("product_id").annotate(units=Sum("units"))
    return {row["product_id"]: row["units"] for row in found}


def sum_goods_of_order_line(*, order_line_id: int) -> dict[int, Decimal]:
    """What came for an order line with all its returns, units by product."""
    found = ReturnPiece.objects.filter(line__order_line_id=order_line_id).values("product_id")
    return {row["product_id"]: row["units"] for row in found.annotate(units=Sum("units"))}


def find_delivered_at(*, order_id: int) -> dt.datetime | None:
    """When the last parcel of an order was delivered; None while none was."""
    rows = fetch_prepared(
        statement="SELECT max(delivered_at) FROM warehouse_fulfilmentorder WHERE order_id = %(id)s::bigint",
        parameters={"id": order_id},
    )
    return rows[0][0] if rows else None


def find_return_of_request(*, request_id: int) -> int | None:
    """The case that a customer's wish became."""
    return Return.objects.filter(request_id=request_id).values_list("pk", flat=True).first()


def list_expired_returns(*, moment: dt.datetime, limit: int = 200) -> list[int]:
    """Returns whose goods should have been here by now, the longest overdue first."""
    found = Return.objects.filter(state__in=["accepted", "sent"], expires_at__lte=moment).order_by("expires_at", "pk")
    return list(found.values_list("pk", flat=True)[:limit])


def _by_product(value: Any) -> dict[int, Decimal]:
    rows = read_json(value)
    return {int(product_id): Decimal(units) for product_id, units in rows}
