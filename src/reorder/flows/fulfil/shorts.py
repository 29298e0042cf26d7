"""Goods that a picker does not find: the loss is booked, and what is missing comes from elsewhere or is waited for."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from reorder.domain.catalog.queries import owners_of
from reorder.domain.customers.addresses import find_address
from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.allocating import Moved, Settled, settle_units
from reorder.domain.inventory.rules import ADJUSTMENT, OWN_GOODS, NewMove, stock_of
from reorder.domain.inventory.waiting import set_waiting
from reorder.domain.orders import editing
from reorder.domain.orders.errors import BadOrderChange, UnknownLine
from reorder.domain.orders.rules import demand_key_of
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.errors import FulfilmentMovedOn
from reorder.domain.warehouse.life import GoodsChange, HeldFulfilment, HeldGoods, change_fulfilments, set_goods
from reorder.domain.warehouse.operations import add_fulfilments
from reorder.domain.warehouse.rules import PICKED
from reorder.flows.fulfil.following import HeldOrder, audit, hold_fulfilment, hold_order_row, mark_goods, tell
from reorder.flows.fulfil.holding import follow_goods
from reorder.flows.fulfil.moving import follow_bins
from reorder.flows.fulfil.promising import Promised
from reorder.flows.fulfil.repromising import Ground, ServedLine, lock_ground, parts_only, plan_again, promise_again
from reorder.flows.fulfil.writing import decision_of, fulfilments_of
from reorder.kernel.ids import idempotency_key
from reorder.kernel.quantity import plain_decimal

_SHORT_FROM: Final = ("allocated", "released", "picked")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortPicked:
    """What became of goods that were not found: units gone, from where they come now, and units that wait."""

    order_id: int
    order_state: str
    missing_units: Decimal
    other_places: tuple[str, ...]
    waiting_units: Decimal


def short_pick(
    *,
    fulfilment_id: int,
    order_line_id: int,
    found_units: Decimal,
    actor: Actor,
    moment: dt.datetime,
    product_id: int | None = None,
    reason: str = "short_pick",
    lot: str | None = None,
) -> ShortPicked:
    """Of a line of a parcel only `found_units` are there: the rest is booked out and promised elsewhere, or waits.

    `product_id` tells the components of a bundle apart, `lot` says which of the promised lots is missing. The rest of
    the parcel goes on. Raises UnknownFulfilment, FulfilmentMovedOn, UnknownLine, BadOrderChange.
    """
    with one_transaction():
        held, parcel = hold_fulfilment(fulfilment_id=fulfilment_id, actor=actor)
        if parcel.state not in _SHORT_FROM:
            raise FulfilmentMovedOn(fulfilment_id=fulfilment_id, state=parcel.state, wanted="picking")
        goods = _find(held=held, parcel=parcel, order_line_id=order_line_id, product_id=product_id)
        if not found_units.is_finite() or not 0 <= found_units < goods.units:
            raise BadOrderChange(
                order=held.order.external_id, reason="what was found must be less than was wanted, and not below zero"
            )
        missing = goods.units - found_units
        ground = lock_ground(order=held.order, product_ids=[goods.product_id], moment=moment)
        _write_off(held=held, parcel=parcel, goods=goods, missing=missing, reason=reason, lot=lot, moment=moment)
        follow_bins(fulfilments=[parcel], cause="short", actor=actor, moment=moment)
        promised = _promise(held=held, parcel=parcel, goods=goods, missing=missing, ground=ground, moment=moment)
        return _finish(
            held=held, parcel=parcel, goods=goods, missing=missing, promised=promised, actor=actor, moment=moment
        )


def _find(*, held: HeldOrder, parcel: HeldFulfilment, order_line_id: int, product_id: int | None) -> HeldGoods:
    found = [one for one in parcel.lines if one.order_line_id == order_line_id and product_id in {None, one.product_id}]
    if len(found) != 1:
        raise UnknownLine(order=held.order.external_id, line=order_line_id)
    return found[0]


def _write_off(
    *,
    held: HeldOrder,
    parcel: HeldFulfilment,
    goods: HeldGoods,
    missing: Decimal,
    reason: str,
    lot: str | None,
    moment: dt.datetime,
) -> None:
    """Give the missing units back and book them out at once: nobody else is promised what is not there."""
    moved = settle_units(
        kind="put_back" if parcel.state in PICKED else "release",
        settled=[
            Settled(
                demand_key=demand_key_of(order_line_id=goods.order_line_id),
                product_id=goods.product_id,
                units=missing,
                place_code=parcel.place_code,
                lot=lot,
            )
        ],
        key=f"short {held.event_id}",
        cause_kind="order",
        cause_key=str(held.order.id),
        moment=moment,
    )
    owner = owners_of(product_ids=[goods.product_id]).get(goods.product_id, OWN_GOODS)
    inventory.record_moves(
        moves=[
            replace(_loss(held=held, one=one, ordinal=ordinal, reason=reason, moment=moment), owner=owner)
            for ordinal, one in enumerate(moved)
        ]
    )


def _loss(*, held: HeldOrder, one: Moved, ordinal: int, reason: str, moment: dt.datetime) -> NewMove:
    return NewMove(
        key=idempotency_key("short_pick", held.order.id, held.event_id, one.product_id, ordinal),
        kind="adjust",
        product_id=one.product_id,
        units=one.units,
        source=stock_of(place_code=one.place_code),
        target=ADJUSTMENT,
        cause_kind="short_pick",
        cause_key=f"{held.order.id}: {reason}" if reason != "short_pick" else str(held.order.id),
        happened_at=moment,
        lot=one.lot,
    )


def _promise(
    *,
    held: HeldOrder,
    parcel: HeldFulfilment,
    goods: HeldGoods,
    missing: Decimal,
    ground: Ground,
    moment: dt.datetime,
) -> Promised:
    order = held.order
    line = next(one for one in editing.list_held_lines(order_ids=[order.id]) if one.id == goods.order_line_id)
    whole = plan_again(
        order=order,
        lines=[
            ServedLine(
                line_id=line.id,
                sku=line.sku,
                units=line.units,
                unit_price_minor=line.unit_price_minor,
                discount_minor=line.discount_minor,
            )
        ],
        ship_to=find_address(address_id=order.ship_to_id) if order.ship_to_id else None,
        if_short="wait",
        ground=ground,
    )
    promised = promise_again(
        plan=parts_only(plan=whole, units={(line.id, goods.product_id): missing}),
        held=held,
        ground=ground,
        key=f"short {held.event_id}",
        moment=moment,
        # The picker stood before that shelf: what the books say is still there is not to be relied on.
        without=[(parcel.place_code, goods.product_id)],
    )
    if promised.fault is not None:
        raise promised.fault
    _wait_longer(held=held, promised=promised)
    return promised


def _wait_longer(*, held: HeldOrder, promised: Promised) -> None:
    """Who waits for a part of the line already waits for the sum."""
    before = {
        (goods.order_line_id, goods.product_id): goods.units
        for one in held.fulfilments
        if one.state == "waiting"
        for goods in one.lines
    }
    set_waiting(
        units={
            (demand_key_of(order_line_id=part.order_line_id), part.product_id): part.units
            + before[part.order_line_id, part.product_id]
            for part, _ in promised.waiting
            if (part.order_line_id, part.product_id) in before
        }
    )


def _finish(
    *,
    held: HeldOrder,
    parcel: HeldFulfilment,
    goods: HeldGoods,
    missing: Decimal,
    promised: Promised,
    actor: Actor,
    moment: dt.datetime,
) -> ShortPicked:
    set_goods(
        changes=[
            GoodsChange(
                fulfilment_id=parcel.id,
                order_line_id=goods.order_line_id,
                product_id=goods.product_id,
                units=goods.units - missing,
            )
        ]
    )
    if _is_empty(parcel=parcel, goods=goods, missing=missing):
        change_fulfilments(ids=[parcel.id], from_states=_SHORT_FROM, to_state="cancelled", moment=moment)
    new = fulfilments_of(promised=promised)
    add_fulfilments(fulfilments=new, decisions=[decision_of(promised=promised, cause="short_pick", moment=moment)])
    waiting = sum((part.units for part, _ in promised.waiting), Decimal(0))
    others = tuple(sorted({one.place_code for one in new if one.state != "waiting"}))
    details = {
        "fulfilments": [parcel.id],
        "place": parcel.place_code,
        "sku": goods.sku,
        "missing_units": plain_decimal(number=missing),
        "other_places": list(others),
        "waiting_units": plain_decimal(number=waiting),
    }
    tell(order=held.order, kind="short_picked", to_state=held.order.state, actor=actor, moment=moment, details=details)
    now = follow_goods(held=hold_order_row(order_id=held.order.id), actor=actor, moment=moment)
    mark_goods(goods={(goods.sku, place) for place in (parcel.place_code, *others)})
    audit(actor=actor, action="orders.short_pick", order=held.order, details=details)
    return ShortPicked(
        order_id=held.order.id,
        order_state=now.state,
        missing_units=missing,
        other_places=others,
        waiting_units=waiting,
    )


def _is_empty(*, parcel: HeldFulfilment, goods: HeldGoods, missing: Decimal) -> bool:
    left: Sequence[Decimal] = [one.units - (missing if one == goods else 0) for one in parcel.lines]
    return not any(left)
