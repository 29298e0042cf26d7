"""Several orders of one customer become one (併單), and one order becomes two again: lines, goods and money move over.

Stock is not touched: what is promised is promised to lines, and lines keep their numbers. All orders are locked in the
order of their numbers.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from reorder.domain.orders import editing, life
from reorder.domain.orders.editing import HeldLine
from reorder.domain.orders.errors import BadOrderChange, NotOurs, OrderMovedOn, OrdersDiffer, UnknownLine, UnknownOrder
from reorder.domain.orders.life import LockedOrder
from reorder.domain.orders.placing import EventRow, OrderRow, add_orders, find_known_orders, reserve_ids
from reorder.domain.orders.rules import JUDGED_HOLDS, UNRELEASED
from reorder.domain.orders.steps import move_steps
from reorder.domain.payments.moving import move_payments, return_payments
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.life import (
    GoodsChange,
    HeldFulfilment,
    change_fulfilments,
    lock_fulfilments,
    reassign_fulfilments,
    set_goods,
)
from reorder.domain.warehouse.operations import NewFulfilment, NewFulfilmentLine, add_fulfilments
from reorder.domain.warehouse.rules import GONE, IN_WORK
from reorder.flows.fulfil.amounts import add_totals, take_totals, totals_of
from reorder.flows.fulfil.following import HeldOrder, audit, hold_order_row, mark_changed, tell
from reorder.flows.fulfil.holding import change_holds, follow_goods
from reorder.flows.fulfil.orders import Totals
from reorder.flows.fulfil.settling import MoneyDue, follow_payment, money_due, terms_of
from reorder.kernel.origin import current_origin

MOST_ORDERS: Final = 20
# Why orders cannot be one, as errors say it; surfaces translate them.
REASON_TEMPLATES: Final = (
    "a line is kept by each order",
    "give two orders at least, and at most 20",
    "they are in different currencies",
    "they are of different customers",
    "they are paid in different ways",
    "they are shipped in different ways",
    "they go to different addresses",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The order that stands for all of them now, and those that are part of it."""

    order_id: int
    state: str
    merged_order_ids: tuple[int, ...]
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """An order that was divided: what stays, and the order that some lines are of now."""

    order_id: int
    new_order_id: int
    new_external_id: str
    state: str


def merge_orders(*, order_ids: Sequence[int], actor: Actor, moment: dt.datetime, into_id: int | None = None) -> Merged:
    """Make one order of several of one customer that go to one address; `into_id`, else the oldest, keeps its number.

    The others are cancelled as merged and point to it. Parcels of one place become one parcel. `split_order` undoes it.
    Raises OrdersDiffer, OrderMovedOn (released already), UnknownOrder, NotOurs.
    """
    wanted = sorted(set(order_ids))
    with one_transaction():
        orders = _lock(wanted=wanted)
        _refuse(orders=orders)
        into = next((one for one in orders if one.id == into_id), orders[0])
        others = [one for one in orders if one.id != into.id]
        parcels = lock_fulfilments(order_ids=wanted)
        _refuse_moved(orders=orders, parcels=parcels)
        moved = _move_lines(into=into, others=others)
        _join_parcels(into=into, parcels=parcels, moment=moment)
        total, payments = _move_money(into=into, others=others)
        _tell_merged(into=into, others=others, moved=moved, payments=payments, actor=actor, moment=moment)
        state = _follow(order_id=into.id, others=others, actor=actor, moment=moment)
        mark_changed(orders=orders)
    return Merged(order_id=into.id, state=state, merged_order_ids=tuple(one.id for one in others), total_minor=total)


def split_order(*, order_id: int, line_keys: Sequence[str], actor: Actor, moment: dt.datetime) -> Split:
    """Take lines out of an order into one of their own, with their goods and their share of the money.

    Lines that came from an order that was merged into this one, all of them and no others, make that order live again
    under its number; else the new order has this one's number with `-2`, `-3` … Raises UnknownLine, BadOrderChange,
    OrderMovedOn, UnknownOrder, NotOurs.
    """
    with one_transaction():
        held = hold_order_row(order_id=order_id)
        _refuse_moved(orders=[held.order], parcels=held.fulfilments)
        lines = editing.list_held_lines(order_ids=[order_id])
        chosen = _choose(order=held.order, lines=lines, line_keys=line_keys)
        back = _merged_from(order=held.order, chosen=chosen)
        new = (
            _revive(held=held, merged=back, actor=actor, moment=moment)
            if back
            else _divide(held=held, lines=lines, chosen=chosen, actor=actor, moment=moment)
        )
        _part_parcels(held=held, new=new, chosen=chosen, moment=moment)
        for one in (held.order.id, new.id):
            _follow(order_id=one, others=(), actor=actor, moment=moment)
            _follow_money(order_id=one, actor=actor, moment=moment)
        mark_changed(orders=[held.order])
        audit(actor=actor, action="orders.split", order=held.order, details={"new_order_id": new.id})
        state = hold_order_row(order_id=new.id).order.state
    return Split(order_id=order_id, new_order_id=new.id, new_external_id=new.external_id, state=state)


def _lock(*, wanted: Sequence[int]) -> list[LockedOrder]:
    if not 2 <= len(wanted) <= MOST_ORDERS:
        raise OrdersDiffer(orders=", ".join(map(str, wanted)), reason="give two orders at least, and at most 20")
    orders = life.lock_orders(order_ids=wanted)
    missing = sorted(set(wanted) - {one.id for one in orders})
    if missing:
        raise UnknownOrder(order_id=missing[0])
    for one in orders:
        if one.fulfilment != "reorder":
            raise NotOurs(order=one.external_id)
    return orders


def _refuse(*, orders: Sequence[LockedOrder]) -> None:
    first = orders[0]
    differing: dict[str, set[object]] = {
        "they are of different customers": {one.customer_id for one in orders},
        "they go to different addresses": {one.ship_to_id for one in orders},
        "they are in different currencies": {one.currency for one in orders},
        "they are paid in different ways": {one.payment_state for one in orders},
        "they are shipped in different ways": {one.ship_method for one in orders},
    }
    for reason, values in differing.items():
        if len(values) > 1:
            raise OrdersDiffer(orders=", ".join(one.external_id for one in orders), reason=reason)
    if first.state == "draft":
        raise OrderMovedOn(order=first.external_id, state=first.state, wanted="merging")


def _refuse_moved(*, orders: Sequence[LockedOrder], parcels: Sequence[HeldFulfilment]) -> None:
    for one in orders:
        busy = any(each.order_id == one.id and each.state in (*IN_WORK, *GONE) for each in parcels)
        if one.state not in UNRELEASED or one.state == "draft" or busy:
            raise OrderMovedOn(order=one.external_id, state=one.state, wanted="merging")


def _move_lines(*, into: LockedOrder, others: Sequence[LockedOrder]) -> dict[int, list[HeldLine]]:
    """Give all lines to one order under keys that are new there; those of each order before."""
    lines = editing.list_held_lines(order_ids=[into.id, *(one.id for one in others)])
    taken = {line.line_key for line in lines if line.order_id == into.id}
    keys: dict[int, str] = {}
    for one in others:
        for line in lines:
            if line.order_id == one.id:
                key = line.line_key if line.line_key not in taken else f"{one.external_id}/{line.line_key}"
                while key in taken:
                    key += "+"
                taken.add(key)
                keys[line.id] = key
    editing.move_lines(line_keys=keys, from_order_ids=[one.id for one in others], to_order_id=into.id)
    return {one.id: [line for line in lines if line.order_id == one.id] for one in others}


def _join_parcels(*, into: LockedOrder, parcels: Sequence[HeldFulfilment], moment: dt.datetime) -> None:
    """Open parcels go to one order; two of one place and state become one."""
    open_parcels = [one for one in parcels if one.state in {"waiting", "allocated"}]
    kept = {(one.place_code, one.state): one for one in reversed(open_parcels)}
    kept |= {(one.place_code, one.state): one for one in reversed(open_parcels) if one.order_id == into.id}
    changes: list[GoodsChange] = []
    gone: list[int] = []
    for one in open_parcels:
        target = kept[one.place_code, one.state]
        if one.id == target.id:
            continue
        gone.append(one.id)
        for goods in one.lines:
            changes += [
                GoodsChange(
                    fulfilment_id=parcel_id,
                    order_line_id=goods.order_line_id,
                    product_id=goods.product_id,
                    units=units,
                )
                for parcel_id, units in ((one.id, Decimal(0)), (target.id, goods.units))
            ]
    set_goods(changes=changes)
    change_fulfilments(ids=gone, from_states=("waiting", "allocated"), to_state="cancelled", moment=moment)
    reassign_fulfilments(ids=[one.id for one in kept.values() if one.order_id != into.id], to_order_id=into.id)


def _move_money(*, into: LockedOrder, others: Sequence[LockedOrder]) -> tuple[int, dict[int, list[dict[str, Any]]]]:
    """Amounts and payments go over; the total, and of each order what gives its payments back."""
    every = [into, *others]
    totals = add_totals(parts=[totals_of(order=one) for one in every])
    _write_money(
        order=into,
        totals=totals,
        paid_minor=sum(one.paid_minor for one in every),
        refunded_minor=sum(one.refunded_minor for one in every),
    )
    payments: dict[int, list[dict[str, Any]]] = {}
    for one in others:
        _write_money(order=one, totals=Totals(goods_minor=0, total_minor=0), paid_minor=0, refunded_minor=0)
        editing.set_merged_into(order_id=one.id, into_id=into.id)
        payments[one.id] = move_payments(from_order_id=one.id, to_order_id=into.id)
    move_steps(from_order_ids=[one.id for one in others], to_order_id=into.id)
    return totals.total_minor, payments


def _write_money(*, order: LockedOrder, totals: Totals, paid_minor: int, refunded_minor: int) -> None:
    terms = replace(
        terms_of(order=order, totals=totals, due=MoneyDue(payment_state=order.payment_state)),
        paid_minor=paid_minor,
        refunded_minor=refunded_minor,
    )
    editing.change_terms(order_id=order.id, terms=terms, from_states=[order.state])


def _tell_merged(
    *,
    into: LockedOrder,
    others: Sequence[LockedOrder],
    moved: dict[int, list[HeldLine]],
    payments: dict[int, list[dict[str, Any]]],
    actor: Actor,
    moment: dt.datetime,
) -> None:
    for one in others:
        details: dict[str, Any] = {
            "into": into.id,
            "lines": {str(line.id): line.line_key for line in moved[one.id]},
            "money": _money(one),
            "payments": payments[one.id],
            "from_state": one.state,
        }
        tell(
            order=one,
            kind="cancelled",
            to_state="cancelled",
            actor=actor,
            moment=moment,
            reason="merged",
            details=details,
            facts={"reason": "merged", "into_order_id": into.id},
        )
        audit(actor=actor, action="orders.merge", order=one, details={"into": into.id})
    details = {"orders": [one.id for one in others], "lines": sum(len(lines) for lines in moved.values())}
    tell(order=into, kind="merged", to_state=into.state, actor=actor, moment=moment, details=details)
    audit(actor=actor, action="orders.merge", order=into, details=details)


def _follow(*, order_id: int, others: Sequence[LockedOrder], actor: Actor, moment: dt.datetime) -> str:
    """The order's state follows its parcels; what people hold a part for holds the whole."""
    after = follow_goods(held=hold_order_row(order_id=order_id), actor=actor, moment=moment)
    reasons = {reason for one in others for reason in one.hold_reasons if reason in JUDGED_HOLDS}
    reasons |= {reason for one in others for reason in one.hold_reasons if reason == "awaiting_payment"}
    missing = {reason: {"from": "merged"} for reason in reasons if reason not in after.hold_reasons}
    if missing:
        change_holds(order=after, added=missing, actor=actor, moment=moment)
    return after.state


def _follow_money(*, order_id: int, actor: Actor, moment: dt.datetime) -> None:
    """Each half is paid or not by what it costs and got."""
    order = life.lock_order(order_id=order_id)
    totals = totals_of(order=order)
    due = money_due(order=order, total_minor=totals.total_minor)
    if due.payment_state != order.payment_state:
        terms = terms_of(order=order, totals=totals, due=due)
        editing.change_terms(order_id=order_id, terms=terms, from_states=[order.state])
    follow_payment(order=order, due=due, actor=actor, moment=moment)


def _choose(*, order: LockedOrder, lines: Sequence[HeldLine], line_keys: Sequence[str]) -> list[HeldLine]:
    by_key = {line.line_key: line for line in lines}
    for key in line_keys:
        if key not in by_key:
            raise UnknownLine(order=order.external_id, line=key)
    chosen = [line for line in lines if line.line_key in set(line_keys)]
    if not chosen or len(chosen) == len(lines):
        raise BadOrderChange(order=order.external_id, reason="a line is kept by each order")
    return chosen


def _merged_from(*, order: LockedOrder, chosen: Sequence[HeldLine]) -> editing.MergedOrder | None:
    """The merged order whose lines these are, all of them, no others, and as they were then."""
    wanted = {line.id for line in chosen}
    goods = sum(round((line.unit_price_minor or 0) * line.units) for line in chosen)
    for one in editing.list_merged(into_id=order.id):
        left = take_totals(whole=totals_of(order=order), part=_totals(one))
        amounts = (left.goods_minor, left.discount_minor, left.shipping_minor, left.total_minor)
        is_there = min(amounts) >= 0 and order.paid_minor >= one.money["paid_minor"]
        if set(one.line_keys) == wanted and one.money["goods_minor"] == goods and is_there:
            return one
    return None


def _totals(merged: editing.MergedOrder) -> Totals:
    return Totals(**{name: merged.money[name] for name in Totals.__dataclass_fields__})


def _revive(*, held: HeldOrder, merged: editing.MergedOrder, actor: Actor, moment: dt.datetime) -> LockedOrder:
    """Let an order that was merged live again, with its lines and its money."""
    order = held.order
    back = life.lock_orders(order_ids=[merged.order_id])[0]
    part = _totals(merged)
    _take_money(order=order, part=part, paid=merged.money["paid_minor"], refunded=merged.money["refunded_minor"])
    editing.move_lines(line_keys=merged.line_keys, from_order_ids=[order.id], to_order_id=back.id)
    editing.set_merged_into(order_id=back.id, into_id=None)
    return_payments(moved=merged.payments, to_order_id=back.id)
    _write_money(
        order=back,
        totals=part,
        paid_minor=merged.money["paid_minor"],
        refunded_minor=merged.money["refunded_minor"],
    )
    _tell_split(order=order, new=back, actor=actor, moment=moment)
    tell(order=back, kind="revived", to_state=merged.from_state, actor=actor, moment=moment, reason="split")
    return replace(back, state=merged.from_state)


def _divide(
    *, held: HeldOrder, lines: Sequence[HeldLine], chosen: Sequence[HeldLine], actor: Actor, moment: dt.datetime
) -> LockedOrder:
    """Make a new order of some lines; it takes what they cost, and of what was paid as much as they cost."""
    order = held.order
    whole = totals_of(order=order)
    part = _share_of(whole=whole, chosen=chosen)
    kept = order.paid_minor - order.refunded_minor
    # What was paid pays the first order first.
    paid = min(max(kept - (whole.total_minor - part.total_minor), 0), part.total_minor)
    (new_id,), _ = reserve_ids(orders_count=1, lines_count=0)
    external_id = _free_name(order=order)
    add_orders(
        orders=[_new_order(order=order, new_id=new_id, external_id=external_id, part=part, paid=paid)],
        lines=[],
        events=[_born(order=order, new_id=new_id, actor=actor, moment=moment)],
    )
    _take_money(order=order, part=part, paid=paid, refunded=0)
    editing.move_lines(
        line_keys={line.id: line.line_key for line in chosen}, from_order_ids=[order.id], to_order_id=new_id
    )
    new = life.lock_orders(order_ids=[new_id])[0]
    _tell_split(order=order, new=new, actor=actor, moment=moment)
    return new


def _share_of(*, whole: Totals, chosen: Sequence[HeldLine]) -> Totals:
    """What some lines cost: their goods and discounts, taxes in proportion; shipping stays with the first order."""
    goods = min(sum(round((line.unit_price_minor or 0) * line.units) for line in chosen), whole.goods_minor)
    discount = min(sum(line.discount_minor for line in chosen), whole.discount_minor, goods)
    net, of = goods - discount, whole.goods_minor - whole.discount_minor + whole.shipping_minor
    added = round(Decimal(whole.tax_added_minor) * net / of) if of > 0 else 0
    included = round(Decimal(whole.tax_included_minor) * net / of) if of > 0 else 0
    return Totals(
        goods_minor=goods,
        discount_minor=discount,
        tax_added_minor=added,
        tax_included_minor=included,
        total_minor=net + added,
    )


def _new_order(*, order: LockedOrder, new_id: int, external_id: str, part: Totals, paid: int) -> OrderRow:
    return OrderRow(
        id=new_id,
        channel=order.channel,
        external_id=external_id,
        customer_id=order.customer_id,
        ordered_at=order.ordered_at,
        currency=order.currency,
        state=order.state,
        payment_state=order.payment_state,
        hold_reasons=tuple(reason for reason in order.hold_reasons if reason != "out_of_stock"),
        ship_postcode=order.ship_postcode,
        ship_to_id=order.ship_to_id,
        ship_method=order.ship_method,
        not_before_date=order.not_before_date,
        goods_minor=part.goods_minor,
        discount_minor=part.discount_minor,
        shipping_minor=part.shipping_minor,
        tax_added_minor=part.tax_added_minor,
        tax_included_minor=part.tax_included_minor,
        total_minor=part.total_minor,
        paid_minor=paid,
        content_hash=f"split of {order.id}: {new_id}",
    )


def _born(*, order: LockedOrder, new_id: int, actor: Actor, moment: dt.datetime) -> EventRow:
    return EventRow(
        order_id=new_id,
        kind="placed",
        happened_at=moment,
        actor=actor.name,
        via=current_origin().via,
        to_state=order.state,
        reason="split",
        details={"from_order": order.id},
    )


def _free_name(*, order: LockedOrder) -> str:
    names = [f"{order.external_id}-{number}" for number in range(2, 100)]
    known = find_known_orders(channel=order.channel, external_ids=names)
    return next(name for name in names if name not in known)


def _take_money(*, order: LockedOrder, part: Totals, paid: int, refunded: int) -> None:
    _write_money(
        order=order,
        totals=take_totals(whole=totals_of(order=order), part=part),
        paid_minor=order.paid_minor - paid,
        refunded_minor=order.refunded_minor - refunded,
    )


def _part_parcels(*, held: HeldOrder, new: LockedOrder, chosen: Sequence[HeldLine], moment: dt.datetime) -> None:
    """The goods of lines that left go with them, into parcels of their new order."""
    line_ids = {line.id for line in chosen}
    changes: list[GoodsChange] = []
    parcels: list[NewFulfilment] = []
    for one in held.open:
        goods = [each for each in one.lines if each.order_line_id in line_ids]
        if not goods:
            continue
        if len(goods) == len(one.lines):
            reassign_fulfilments(ids=[one.id], to_order_id=new.id)
            continue
        changes += [
            GoodsChange(
                fulfilment_id=one.id,
                order_line_id=each.order_line_id,
                product_id=each.product_id,
                units=Decimal(0),
            )
            for each in goods
        ]
        parcels.append(
            NewFulfilment(
                order_id=new.id,
                place_code=one.place_code,
                lines=tuple(
                    NewFulfilmentLine(order_line_id=each.order_line_id, product_id=each.product_id, units=each.units)
                    for each in goods
                ),
                state=one.state,
                service_code=one.service_code,
                ship_by_at=one.ship_by_at,
            )
        )
    set_goods(changes=changes)
    if parcels:
        add_fulfilments(fulfilments=parcels, decisions=[])


def _tell_split(*, order: LockedOrder, new: LockedOrder, actor: Actor, moment: dt.datetime) -> None:
    details = {"new_order": new.id}
    tell(order=order, kind="split", to_state=order.state, actor=actor, moment=moment, details=details)


def _money(order: LockedOrder) -> dict[str, int]:
    totals = totals_of(order=order)
    names = Totals.__dataclass_fields__
    return {name: getattr(totals, name) for name in names} | {
        "paid_minor": order.paid_minor,
        "refunded_minor": order.refunded_minor,
    }
