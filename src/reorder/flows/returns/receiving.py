"""Goods of a return come in by scan: only what the order had, and never more than left; all kept apart at first."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal

from reorder.domain.catalog.queries import list_names
from reorder.domain.inventory.shipped import ShippedLot, list_shipped_lots
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction, widened_transaction
from reorder.domain.warehouse.return_errors import (
    BadReturnInput,
    NothingReceived,
    TooManyReturned,
    WrongGoodsBack,
    WrongLotBack,
)
from reorder.domain.warehouse.return_pieces import CameGoods, find_piece_of_key, take_in
from reorder.domain.warehouse.return_rules import RECEIVABLE
from reorder.domain.warehouse.returns import (
    HeldReturn,
    LineRow,
    PieceRow,
    SoldGoods,
    add_line,
    change_return,
    get_held_return,
    list_sold_goods,
    set_line_units,
    sum_goods_of_line,
    sum_goods_of_order_line,
)
from reorder.flows.fulfil.following import mark_changed
from reorder.flows.order_mail import mail_return
from reorder.flows.returns.telling import HeldCase, hold_case, tell_return
from reorder.kernel.ids import idempotency_key
from reorder.kernel.quantity import plain_decimal

_STEP = Decimal("0.001")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsScan:
    """Units of a product, with its lot where the label tells it; `key` makes it count once."""

    key: str
    product_id: int
    units: Decimal
    lot: str = ""
    expires_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class _Room:
    """A line that a scanned product can belong to: units of the product per unit of the line, and how many fit."""

    sold: SoldGoods
    row: LineRow | None
    per_unit: Decimal
    units: Decimal


def receive_goods(*, return_id: int, scan: GoodsScan, actor: Actor, moment: dt.datetime) -> PieceRow:
    """Take scanned goods of a return in; they stand at the place and nobody can buy them until they are graded.

    A return that nobody answered is accepted by it. Raises UnknownReturn, ReturnMovedOn, WrongGoodsBack, WrongLotBack,
    TooManyReturned, BadReturnInput.
    """
    with one_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        known = find_piece_of_key(key=scan.key)
        if known is not None:
            return known
        case.held.require(states=RECEIVABLE, wanted="receiving")
        if not (scan.units.is_finite() and scan.units > 0 and scan.units == scan.units.quantize(_STEP)):
            raise BadReturnInput(reason="the units must be above zero, with at most three decimals")
        room = _room_for(case=case, scan=scan)
        lot = _lot_of(case=case, scan=scan)
        row = room.row or add_line(return_id=case.held.id, order_line_id=room.sold.order_line_id)
        goods = CameGoods(
            key=scan.key,
            line_id=row.id,
            product_id=scan.product_id,
            units=scan.units,
            lot=lot.lot,
            expires_date=lot.expires_date,
        )
        piece = take_in(held=case.held, goods=goods, actor=actor.name, moment=moment)
        _count(row=row, room=room)
        if case.held.state == "received":
            # A second parcel: what was counted when the first one came is counted again.
            mark_changed(orders=[case.order], goods={(piece.sku, case.held.place_code)})
        elif case.held.state != "under_way":
            change_return(held=case.held, to_state="under_way", moment=moment)
        return piece


def finish_receiving(*, return_id: int, actor: Actor, moment: dt.datetime) -> HeldReturn:
    """Everything that was in the parcel is scanned; what did not come can be asked for again. The customer is told.

    Raises UnknownReturn, ReturnMovedOn, NothingReceived.
    """
    with one_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        if case.held.state == "received":
            return case.held
        case.held.require(states=RECEIVABLE, wanted="receiving")
        if not case.held.pieces:
            raise NothingReceived(number=case.held.number)
        for line in case.held.lines:
            set_line_units(line_id=line.id, units=line.received_units, received_units=line.received_units)
        change_return(held=case.held, to_state="received", moment=moment)
        goods = {(one.sku, case.held.place_code) for one in case.held.pieces}
        told = {
            "pieces": [
                {"sku": one.sku, "units": plain_decimal(number=one.units), "lot": one.lot} for one in case.held.pieces
            ],
            "missing": [
                {"line": line.order_line_id, "units": plain_decimal(number=line.announced_units - line.received_units)}
                for line in case.held.lines
                if line.announced_units > line.received_units
            ],
        }
        tell_return(case=case, kind="received", actor=actor, moment=moment, details=told)
        mail_return(
            order_id=case.order.id,
            return_id=case.held.id,
            number=case.held.number,
            kind="received",
            word="",
            moment=moment,
        )
        # Goods that came back are no sign of a happy rhythm: the customer's purchases are counted again.
        mark_changed(orders=[case.order], goods=goods)
        return get_held_return(return_id=return_id)


def receive_at_desk(
    *, return_id: int, units_by_line: Mapping[int, Decimal], attempt: str, actor: Actor, moment: dt.datetime
) -> HeldReturn:
    """Take goods in that somebody counted without a scanner, by line of the return, and end the receiving.

    All or nothing; sent twice under one attempt it counts once. Raises as `receive_goods` and `finish_receiving`.
    """
    with widened_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        sold = {one.order_line_id: one for one in list_sold_goods(order_id=case.order.id)}
        for line in case.held.lines:
            units = units_by_line.get(line.id, Decimal(0))
            if not units:
                continue
            goods = sold[line.order_line_id]
            for product_id, sent in goods.sent.items():
                share = units if set(goods.sent) == {goods.product_id} else units * sent / goods.units
                key = idempotency_key("desk_return", return_id, attempt, line.id, product_id)
                scan = GoodsScan(key=key, product_id=product_id, units=share)
                receive_goods(return_id=return_id, scan=scan, actor=actor, moment=moment)
        return finish_receiving(return_id=return_id, actor=actor, moment=moment)


def _room_for(*, case: HeldCase, scan: GoodsScan) -> _Room:
    """The line that scanned goods belong to: one that was announced first. Raises WrongGoodsBack, TooManyReturned."""
    sold = list_sold_goods(order_id=case.order.id)
    rooms = [room for one in sold if (room := _room(case.held, one, scan.product_id)) is not None]
    name = list_names(product_ids=[scan.product_id]).get(scan.product_id, "")
    if not rooms:
        raise WrongGoodsBack(name=name, order=case.order.external_id)
    fitting = [one for one in rooms if one.units >= scan.units]
    if not fitting:
        most = max(one.units for one in rooms)
        raise TooManyReturned(
            name=name, left=plain_decimal(number=max(most, Decimal(0))), wanted=plain_decimal(number=scan.units)
        )
    return min(fitting, key=lambda one: (one.row is None, one.sold.order_line_id))


def _room(held: HeldReturn, sold: SoldGoods, product_id: int) -> _Room | None:
    if product_id not in sold.sent:
        return None
    row = next((one for one in held.lines if one.order_line_id == sold.order_line_id), None)
    per_unit = Decimal(1) if set(sold.sent) == {sold.product_id} else sold.sent[product_id] / sold.units
    mine = row.units if row else Decimal(0)
    came = sum_goods_of_line(line_id=row.id).get(product_id, Decimal(0)) if row else Decimal(0)
    # Parts of bundles that came with other returns count too: never more of a product than was sent.
    in_all = sum_goods_of_order_line(order_line_id=sold.order_line_id).get(product_id, Decimal(0))
    units = min(per_unit * (mine + sold.left_units) - came, sold.sent[product_id] - in_all)
    return _Room(sold=sold, row=row, per_unit=per_unit, units=units)


def _count(*, row: LineRow, room: _Room) -> None:
    """How much of the line is here now: of a bundle, as many as are whole."""
    came = sum_goods_of_line(line_id=row.id)
    if set(room.sold.sent) == {room.sold.product_id}:
        received = sum(came.values(), Decimal(0))
    else:
        wholes = [
            came.get(product_id, Decimal(0)) * room.sold.units / units for product_id, units in room.sold.sent.items()
        ]
        received = min(wholes).quantize(Decimal(1), rounding=ROUND_FLOOR)
    set_line_units(line_id=row.id, units=max(row.units, received), received_units=received)


def _lot_of(*, case: HeldCase, scan: GoodsScan) -> ShippedLot:
    """The lot that scanned goods are of: what the label says, else that of the order that goes off first."""
    sent = [one for one in list_shipped_lots(order_id=case.order.id) if one.product_id == scan.product_id]
    if scan.lot:
        found = next((one for one in sent if one.lot == scan.lot), None)
        if found is None and any(one.lot for one in sent):
            name = list_names(product_ids=[scan.product_id]).get(scan.product_id, "")
            raise WrongLotBack(lot=scan.lot, name=name, sent=_lots(sent), order=case.order.external_id)
        if found is not None:
            return replace(found, expires_date=found.expires_date or scan.expires_date)
    return sent[0] if sent else ShippedLot(scan.product_id, case.held.owner, "", None, scan.units)


def _lots(sent: Sequence[ShippedLot]) -> str:
    return ", ".join(one.lot for one in sent if one.lot)


REASON_TEMPLATES = ("the units must be above zero, with at most three decimals",)
