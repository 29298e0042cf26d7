"""One order becomes two: lines, goods and money go into an order of their own, or back to the one they came from.

Stock is not touched: what is promised is promised to lines, and lines keep their numbers. What both orders cost, were
paid and gave back is together what the one had.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from reorder.domain.orders import editing, life
from reorder.domain.orders.editing import HeldLine
from reorder.domain.orders.errors import BadOrderChange, UnknownLine
from reorder.domain.orders.life import LockedOrder
from reorder.domain.orders.placing import EventRow, OrderRow, add_orders, find_known_orders, reserve_ids
from reorder.domain.orders.price_uses import move_rule_uses
from reorder.domain.orders.steps import return_steps, sum_waiting_refunds
from reorder.domain.payments.dividing import divide_payments
from reorder.domain.payments.moving import return_payments
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.life import GoodsChange, reassign_fulfilments, set_goods
from reorder.domain.warehouse.operations import NewFulfilment, NewFulfilmentLine, add_fulfilments
from reorder.flows.fulfil.amounts import take_totals, tax_in_proportion, totals_of
from reorder.flows.fulfil.following import HeldOrder, audit, hold_order_row, mark_changed, tell
from reorder.flows.fulfil.merging import follow_parts, refuse_moved, write_money
from reorder.flows.fulfil.orders import Totals
from reorder.flows.fulfil.settling import follow_payment, money_due, terms_of
from reorder.kernel.origin import current_origin

# Why an order cannot be two, as errors say it; surfaces translate them.
REASON_TEMPLATES: Final = (
    "a line is kept by each order",
    "it was divided as often as an order can be",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """An order that was divided: what stays, and the order that some lines are of now."""

    order_id: int
    new_order_id: int
    new_external_id: str
    state: str


def split_order(*, order_id: int, line_keys: Sequence[str], actor: Actor, moment: dt.datetime) -> Split:
    """Take lines out of an order into one of their own, with their goods and their share of the money.

    Lines that came from an order that was merged into this one, all of them and no others, make that order live again
    under its number, as long as no money came or went since and nothing was priced anew; else the new order has this
    one's number with `-2`, `-3` … What was paid pays the first order first. Raises UnknownLine, BadOrderChange,
    OrderMovedOn, UnknownOrder, NotOurs.
    """
    with one_transaction():
        # With those that may live again, in the order of their numbers, as a merge locks them.
        life.lock_orders(order_ids=[order_id, *(one.order_id for one in editing.list_merged(into_id=order_id))])
        held = hold_order_row(order_id=order_id)
        refuse_moved(orders=[held.order], parcels=held.fulfilments, wanted="splitting")
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
            follow_parts(order_id=one, others=(), actor=actor, moment=moment)
            _follow_money(order_id=one, actor=actor, moment=moment)
        mark_changed(orders=[held.order])
        audit(actor=actor, action="orders.split", order=held.order, details={"new_order_id": new.id})
        state = hold_order_row(order_id=new.id).order.state
    return Split(order_id=order_id, new_order_id=new.id, new_external_id=new.external_id, state=state)


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
        refunded = order.refunded_minor - one.money["refunded_minor"]
        amounts = (left.goods_minor, left.discount_minor, left.shipping_minor, left.total_minor, refunded)
        is_there = min(amounts) >= 0 and order.paid_minor - one.money["paid_minor"] >= refunded
        is_same = set(one.line_keys) == wanted and one.money["goods_minor"] == goods
        if one.is_as_it_was and is_same and is_there:
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
    return_steps(step_ids=merged.step_ids, to_order_id=back.id)
    move_rule_uses(from_order_id=order.id, to_order_id=back.id, uses=merged.uses, moment=moment)
    write_money(
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
    part = _share_of(whole=whole, chosen=chosen, currency=order.currency)
    left = whole.total_minor - part.total_minor
    # What was paid pays the first order first; what is on its way back is not there any more.
    kept = order.paid_minor - order.refunded_minor - sum_waiting_refunds(order_id=order.id)
    paid = min(max(kept - left, 0), part.total_minor)
    (new_id,), _ = reserve_ids(orders_count=1, lines_count=0)
    external_id = _free_name(order=order)
    add_orders(
        orders=[_new_order(order=order, new_id=new_id, external_id=external_id, part=part, paid=paid)],
        lines=[],
        events=[_born(order=order, new_id=new_id, actor=actor, moment=moment)],
    )
    _take_money(order=order, part=part, paid=paid, refunded=0)
    divide_payments(
        from_order_id=order.id,
        to_order_id=new_id,
        paid_minor=paid,
        owed_from_minor=max(left - (order.paid_minor - paid - order.refunded_minor), 0),
        owed_to_minor=part.total_minor - paid,
        actor=actor.name,
        moment=moment,
    )
    editing.move_lines(
        line_keys={line.id: line.line_key for line in chosen}, from_order_ids=[order.id], to_order_id=new_id
    )
    new = life.lock_orders(order_ids=[new_id])[0]
    _tell_split(order=order, new=new, actor=actor, moment=moment, paid=paid)
    return new


def _share_of(*, whole: Totals, chosen: Sequence[HeldLine], currency: str) -> Totals:
    """What some lines cost: their goods and discounts, taxes in proportion; shipping stays with the first order.

    A discount that belongs to no line stays there too, as far as its goods reach.
    """
    goods = min(sum(round((line.unit_price_minor or 0) * line.units) for line in chosen), whole.goods_minor)
    discount = min(sum(line.discount_minor for line in chosen), whole.discount_minor, goods)
    discount = min(max(discount, whole.discount_minor - (whole.goods_minor - goods)), goods)
    net, of = goods - discount, whole.goods_minor - whole.discount_minor + whole.shipping_minor
    added = tax_in_proportion(tax_minor=whole.tax_added_minor, net=net, net_before=of, currency=currency)
    included = tax_in_proportion(tax_minor=whole.tax_included_minor, net=net, net_before=of, currency=currency)
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
    free = next((name for name in names if name not in known), None)
    if free is None:
        raise BadOrderChange(order=order.external_id, reason="it was divided as often as an order can be")
    return free


def _take_money(*, order: LockedOrder, part: Totals, paid: int, refunded: int) -> None:
    write_money(
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


def _tell_split(*, order: LockedOrder, new: LockedOrder, actor: Actor, moment: dt.datetime, paid: int = 0) -> None:
    details = {"new_order": new.id} | ({"paid_minor": paid} if paid else {})
    tell(order=order, kind="split", to_state=order.state, actor=actor, moment=moment, details=details)


def _follow_money(*, order_id: int, actor: Actor, moment: dt.datetime) -> None:
    """Each half is paid or not by what it costs and got."""
    order = life.lock_order(order_id=order_id)
    totals = totals_of(order=order)
    due = money_due(order=order, total_minor=totals.total_minor)
    if due.payment_state != order.payment_state:
        terms = terms_of(order=order, totals=totals, due=due)
        editing.change_terms(order_id=order_id, terms=terms, from_states=[order.state])
    follow_payment(order=order, due=due, actor=actor, moment=moment)
