"""Several orders of one customer become one (併單): lines, goods, coupons and money move over; `splitting` undoes it.

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
from reorder.domain.orders.errors import NotOurs, OrderMovedOn, OrdersDiffer, UnknownOrder
from reorder.domain.orders.life import LockedOrder
from reorder.domain.orders.price_uses import count_rule_uses_of_order, move_rule_uses
from reorder.domain.orders.rules import JUDGED_HOLDS, UNRELEASED
from reorder.domain.orders.steps import move_steps
from reorder.domain.payments.moving import move_payments
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
from reorder.domain.warehouse.rules import GONE, IN_WORK
from reorder.flows.fulfil.amounts import add_totals, totals_of
from reorder.flows.fulfil.following import audit, hold_order_row, mark_changed, tell
from reorder.flows.fulfil.holding import change_holds, follow_goods
from reorder.flows.fulfil.orders import Totals
from reorder.flows.fulfil.settling import MoneyDue, terms_of

MOST_ORDERS: Final = 20
# Why orders cannot be one, as errors say it; surfaces translate them.
REASON_TEMPLATES: Final = (
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
        refuse_moved(orders=orders, parcels=parcels, wanted="merging")
        is_priced_here = editing.is_priced_here(order_id=into.id)
        moved = _move_lines(into=into, others=others)
        _join_parcels(into=into, parcels=parcels, moment=moment)
        total, went = _move_money(into=into, others=others, moment=moment)
        _tell_absorbed(into=into, others=others, moved=moved, went=went, actor=actor, moment=moment)
        details = {
            "orders": [one.id for one in others],
            "lines": sum(len(lines) for lines in moved.values()),
            "is_priced_here": is_priced_here,
        }
        tell(order=into, kind="merged", to_state=into.state, actor=actor, moment=moment, details=details)
        audit(actor=actor, action="orders.merge", order=into, details=details)
        state = follow_parts(order_id=into.id, others=others, actor=actor, moment=moment)
        mark_changed(orders=orders)
    return Merged(order_id=into.id, state=state, merged_order_ids=tuple(one.id for one in others), total_minor=total)


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


def refuse_moved(*, orders: Sequence[LockedOrder], parcels: Sequence[HeldFulfilment], wanted: str) -> None:
    """Raises OrderMovedOn for an order that the warehouse has, or that is no order (any more)."""
    for one in orders:
        busy = any(each.order_id == one.id and each.state in (*IN_WORK, *GONE) for each in parcels)
        if one.state not in UNRELEASED or one.state == "draft" or busy:
            raise OrderMovedOn(order=one.external_id, state=one.state, wanted=wanted)


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


def _move_money(
    *, into: LockedOrder, others: Sequence[LockedOrder], moment: dt.datetime
) -> tuple[int, dict[int, dict[str, Any]]]:
    """Amounts, payments, refunds on their way and coupons go over; the total, and by order what gives them back."""
    every = [into, *others]
    totals = add_totals(parts=[totals_of(order=one) for one in every])
    write_money(
        order=into,
        totals=totals,
        paid_minor=sum(one.paid_minor for one in every),
        refunded_minor=sum(one.refunded_minor for one in every),
    )
    went: dict[int, dict[str, Any]] = {}
    for one in others:
        write_money(order=one, totals=Totals(goods_minor=0, total_minor=0), paid_minor=0, refunded_minor=0)
        editing.set_merged_into(order_id=one.id, into_id=into.id)
        uses = count_rule_uses_of_order(order_id=one.id)
        went[one.id] = {
            "payments": move_payments(from_order_id=one.id, to_order_id=into.id),
            "steps": move_steps(from_order_id=one.id, to_order_id=into.id),
            "uses": uses,
        }
        move_rule_uses(from_order_id=one.id, to_order_id=into.id, uses=uses, moment=moment)
    return totals.total_minor, went


def write_money(*, order: LockedOrder, totals: Totals, paid_minor: int, refunded_minor: int) -> None:
    """Write what a held order costs, was paid and gave back."""
    terms = replace(
        terms_of(order=order, totals=totals, due=MoneyDue(payment_state=order.payment_state)),
        paid_minor=paid_minor,
        refunded_minor=refunded_minor,
    )
    editing.change_terms(order_id=order.id, terms=terms, from_states=[order.state])


def _tell_absorbed(
    *,
    into: LockedOrder,
    others: Sequence[LockedOrder],
    moved: dict[int, list[HeldLine]],
    went: dict[int, dict[str, Any]],
    actor: Actor,
    moment: dt.datetime,
) -> None:
    for one in others:
        details: dict[str, Any] = {
            "into": into.id,
            "lines": {str(line.id): line.line_key for line in moved[one.id]},
            "money": _money(one),
            "from_state": one.state,
        } | went[one.id]
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


def follow_parts(*, order_id: int, others: Sequence[LockedOrder], actor: Actor, moment: dt.datetime) -> str:
    """The order's state follows its parcels; what people hold a part for holds the whole."""
    after = follow_goods(held=hold_order_row(order_id=order_id), actor=actor, moment=moment)
    reasons = {reason for one in others for reason in one.hold_reasons if reason in JUDGED_HOLDS}
    reasons |= {reason for one in others for reason in one.hold_reasons if reason == "awaiting_payment"}
    missing = {reason: {"from": "merged"} for reason in reasons if reason not in after.hold_reasons}
    if missing:
        change_holds(order=after, added=missing, actor=actor, moment=moment)
    return after.state


def _money(order: LockedOrder) -> dict[str, int]:
    totals = totals_of(order=order)
    names = Totals.__dataclass_fields__
    return {name: getattr(totals, name) for name in names} | {
        "paid_minor": order.paid_minor,
        "refunded_minor": order.refunded_minor,
    }
