"""Orders, and lines of orders, that nobody wants any more: what was promised or picked goes back, and money is due."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from reorder.domain.inventory.allocating import Settled, SettleKind, settle_units
from reorder.domain.inventory.locks import lock_levels
from reorder.domain.inventory.waiting import drop_backorders, set_waiting
from reorder.domain.messaging import operations as messaging
from reorder.domain.orders import editing
from reorder.domain.orders.editing import HeldLine
from reorder.domain.orders.errors import OrderMovedOn, PartShipped
from reorder.domain.orders.life import LockedOrder
from reorder.domain.orders.price_uses import settle_rule_uses
from reorder.domain.orders.rules import UNSHIPPED, demand_key_of
from reorder.domain.payments.operations import end_open_payments
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.life import GoodsChange, HeldFulfilment, change_fulfilments, set_goods
from reorder.domain.warehouse.rules import OPEN, PICKED
from reorder.flows.fulfil.amounts import Priced, price_given, price_in_proportion, totals_of
from reorder.flows.fulfil.changes import LineCut, OrderChanges, WantedLine, cut_units, lines_after, told_lines
from reorder.flows.fulfil.following import HeldOrder, audit, goods_of, hold_order_row, mark_changed, tell
from reorder.flows.fulfil.holding import follow_goods
from reorder.flows.fulfil.moving import settle_goods
from reorder.flows.fulfil.orders import Totals
from reorder.flows.fulfil.settling import ask_refund, follow_payment, money_due, terms_of
from reorder.flows.shop_day import shop_date

LONGEST_REASON: Final = 200
_CUSTOMERS: Final = "customer:"
_SPARED: Final = dt.timedelta(days=7)
# Which parcels give up units first: the least advanced, and of those the newest.
_GIVES_FIRST: Final = {state: turn for turn, state in enumerate(OPEN)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """An order after it was cancelled, whole or in part; amounts in minor units of its currency.

    `refund_minor` goes back to the customer. `is_new`: False when it was cancelled before.
    """

    order_id: int
    state: str
    refund_minor: int
    total_minor: int
    is_new: bool = True


def cancel_order(*, order_id: int, reason: str, actor: Actor, moment: dt.datetime) -> Cancelled:
    """Nobody wants an order any more: goods, coupons and what waits are given back, and its money is to be refunded.

    Possible until a parcel has left; cancelling twice is cancelling once. Raises PartShipped, OrderMovedOn,
    UnknownOrder, NotOurs.
    """
    with one_transaction():
        held = hold_order_row(order_id=order_id)
        order = held.order
        if order.state == "cancelled":
            return Cancelled(order_id=order_id, state="cancelled", refund_minor=0, total_minor=0, is_new=False)
        if held.gone and held.open:
            raise PartShipped(order=order.external_id)
        if order.state not in UNSHIPPED:
            raise OrderMovedOn(order=order.external_id, state=order.state, wanted="cancelling")
        return _cancel(held=held, reason=_plain(reason), actor=actor, moment=moment)


def cancel_lines(
    *,
    order_id: int,
    cuts: Sequence[LineCut],
    reason: str,
    actor: Actor,
    moment: dt.datetime,
    totals: Totals | None = None,
) -> Cancelled:
    """Take lines, or units of lines, out of an order, also when the warehouse has it; what has left stays.

    The price falls in proportion, or to `totals` that another system computed; what was paid beyond it is refunded.
    An order that would lose all its lines is cancelled whole. Raises UnknownLine, BadOrderChange, PartShipped,
    OrderMovedOn, TotalsDiffer, UnknownOrder, NotOurs.
    """
    with one_transaction():
        held = hold_order_row(order_id=order_id)
        order = held.order
        lines = editing.list_held_lines(order_ids=[order_id])
        if order.state == "cancelled" or not (held.open or order.state == "draft"):
            raise OrderMovedOn(order=order.external_id, state=order.state, wanted="cancelling")
        units = cut_units(order=order.external_id, lines=lines, cuts=cuts)
        if not held.gone and all(units.get(line.line_key, line.units) == 0 for line in lines):
            return _cancel(held=held, reason=_plain(reason), actor=actor, moment=moment)
        return _cut(
            held=held, lines=lines, units=units, totals=totals, reason=_plain(reason), actor=actor, moment=moment
        )


def cancel_line(
    *, order_id: int, line_key: str, reason: str, actor: Actor, moment: dt.datetime, units: Decimal | None = None
) -> Cancelled:
    """`cancel_lines` for one line."""
    cut = LineCut(line_key=line_key, units=units)
    return cancel_lines(order_id=order_id, cuts=[cut], reason=reason, actor=actor, moment=moment)


def give_back(*, held: HeldOrder, moment: dt.datetime) -> None:
    """Give back everything that open fulfilment orders were promised or have picked."""
    settle_goods(held=held, fulfilments=held.open, kind="release", moment=moment)


def _cancel(*, held: HeldOrder, reason: str, actor: Actor, moment: dt.datetime) -> Cancelled:
    order = held.order
    give_back(held=held, moment=moment)
    lines = editing.list_held_lines(order_ids=[order.id])
    drop_backorders(demand_keys=[demand_key_of(order_line_id=line.id) for line in lines])
    change_fulfilments(ids=[one.id for one in held.open], from_states=OPEN, to_state="cancelled", moment=moment)
    end_open_payments(order_id=order.id)
    refund = order.paid_minor - order.refunded_minor
    picked = [one for one in held.open if one.state in {"picked", "packed"}]
    details = {
        "refund_minor": refund,
        "put_back": [
            {"sku": line.sku, "units": str(line.units), "place": one.place_code} for one in picked for line in one.lines
        ],
    }
    told = tell(
        order=order,
        kind="cancelled",
        to_state="cancelled",
        actor=actor,
        moment=moment,
        reason=reason,
        details=details,
        facts={"reason": reason},
    )
    after = replace(order, state="cancelled")
    ask_refund(
        order=after, amount_minor=refund, cause=f"event {told.event_id}", reason=reason, actor=actor, moment=moment
    )
    mark_changed(orders=[order], goods=goods_of(fulfilments=held.open))
    # After the marks, as a new order uses its coupons.
    settle_rule_uses(order_id=order.id, discounts_minor={}, moment=moment)
    audit(actor=actor, action="orders.cancel", order=order, details={"reason": reason, "refund_minor": refund})
    _spare(order=order, actor=actor, moment=moment)
    return Cancelled(order_id=order.id, state="cancelled", refund_minor=refund, total_minor=order.total_minor or 0)


def _spare(*, order: LockedOrder, actor: Actor, moment: dt.datetime) -> None:
    """Whose order we gave up hears no marketing for some days; who gave it up by themselves may."""
    if actor.name.startswith(_CUSTOMERS):
        return
    until = shop_date(moment=moment) + _SPARED
    if messaging.pause_for_cancelled_order(customer_id=order.customer_id, until_date=until, moment=moment):
        messaging.stop_waiting_marketing(
            customer_id=order.customer_id, outcome_code="outbox.stopped.order", moment=moment
        )


def _cut(
    *,
    held: HeldOrder,
    lines: Sequence[HeldLine],
    units: Mapping[str, Decimal],
    totals: Totals | None,
    reason: str,
    actor: Actor,
    moment: dt.datetime,
) -> Cancelled:
    order = held.order
    priced = _price_cut(order=order, lines=lines, units=units, totals=totals)
    _cut_goods(held=held, lines=lines, units=units, moment=moment)
    write_lines(order=order, before=lines, after=priced.lines)
    due = money_due(order=order, total_minor=priced.totals.total_minor)
    editing.change_terms(
        order_id=order.id,
        terms=terms_of(order=order, totals=priced.totals, due=due),
        from_states=[order.state],
    )
    now = follow_goods(held=hold_order_row(order_id=order.id), actor=actor, moment=moment)
    details = {
        "lines": told_lines(before=lines, after=priced.lines),
        "total_minor": {"from": totals_of(order=order).total_minor, "to": priced.totals.total_minor},
        "refund_minor": due.to_refund_minor,
    }
    told = tell(
        order=now, kind="edited", to_state=now.state, actor=actor, moment=moment, reason=reason, details=details
    )
    follow_payment(order=now, due=due, actor=actor, moment=moment)
    cause = f"event {told.event_id}"
    ask_refund(order=now, amount_minor=due.to_refund_minor, cause=cause, reason=reason, actor=actor, moment=moment)
    mark_changed(orders=[order], goods=goods_of(fulfilments=held.open))
    audit(actor=actor, action="orders.cancel_lines", order=order, details={"reason": reason} | details)
    return Cancelled(
        order_id=order.id,
        state=now.state,
        refund_minor=due.to_refund_minor,
        total_minor=priced.totals.total_minor,
    )


def _price_cut(
    *, order: LockedOrder, lines: Sequence[HeldLine], units: Mapping[str, Decimal], totals: Totals | None
) -> Priced:
    after = lines_after(
        order=order.external_id,
        currency=order.currency,
        lines=lines,
        changes=OrderChanges(units=units),
        products={},
    )
    if totals is not None:
        return price_given(order=order, lines=after, totals=totals)
    return price_in_proportion(order=order, before=lines, after=after)


def write_lines(*, order: LockedOrder, before: Sequence[HeldLine], after: Sequence[WantedLine]) -> None:
    """Write lines that stay, and delete those that are gone, of which nothing is promised or sent any more."""
    left = [line for line in after if line.before is not None]
    editing.change_lines(
        order_id=order.id,
        lines=[
            replace(
                line.before,
                units=line.units,
                unit_price_minor=line.unit_price_minor,
                discount_minor=line.discount_minor,
            )
            for line in left
            if line.before is not None
        ],
    )
    kept = {line.before.id for line in left if line.before is not None}
    gone = [line.id for line in before if line.id not in kept]
    if gone:
        editing.remove_lines(order_id=order.id, line_ids=gone)


def forget_goods(*, fulfilments: Sequence[HeldFulfilment], line_ids: Sequence[int]) -> None:
    """Take lines that go out of fulfilment orders that were given up: they keep nothing of them."""
    given_up = [one for one in fulfilments if one.state == "cancelled"]
    set_goods(
        changes=[
            GoodsChange(
                fulfilment_id=one.id, order_line_id=line.order_line_id, product_id=line.product_id, units=Decimal(0)
            )
            for one in given_up
            for line in one.lines
            if line.order_line_id in set(line_ids)
        ]
    )


def _cut_goods(
    *, held: HeldOrder, lines: Sequence[HeldLine], units: Mapping[str, Decimal], moment: dt.datetime
) -> None:
    """Give back what the cut units were promised: from what waits first, last from what is packed."""
    order = held.order
    changes: list[GoodsChange] = []
    settled: dict[SettleKind, list[Settled]] = {"put_back": [], "release": []}
    waiting: dict[tuple[str, int], Decimal] = {}
    for line in lines:
        cut = line.units - units.get(line.line_key, line.units)
        if not cut:
            continue
        for product_id, wanted in _needed(held=held, line=line).items():
            for one, taken, left in _share(
                held=held, line=line, product_id=product_id, units=wanted * cut / line.units
            ):
                key = demand_key_of(order_line_id=line.id)
                changes.append(
                    GoodsChange(fulfilment_id=one.id, order_line_id=line.id, product_id=product_id, units=left)
                )
                if one.state == "waiting":
                    waiting[key, product_id] = left
                else:
                    settled["put_back" if one.state in PICKED else "release"].append(
                        Settled(demand_key=key, product_id=product_id, units=taken, place_code=one.place_code)
                    )
    if all(settled.values()):
        # Two statements keep the lock order only where everything is locked before the first.
        lock_levels(product_ids=sorted({one.product_id for goods in settled.values() for one in goods}))
    for kind in [one for one, goods in settled.items() if goods]:
        settle_units(
            kind=kind,
            settled=settled[kind],
            key=f"cut {kind} {held.event_id}",
            cause_kind="order",
            cause_key=str(order.id),
            moment=moment,
        )
    set_waiting(units=waiting)
    set_goods(changes=changes)
    gone = [line.id for line in lines if units.get(line.line_key, line.units) == 0]
    forget_goods(fulfilments=held.fulfilments, line_ids=gone)
    _close_empty(held=held, changes=changes, moment=moment)


def _needed(*, held: HeldOrder, line: HeldLine) -> dict[int, Decimal]:
    """What a line takes from the shelves in all, left or not: units by product."""
    needed: dict[int, Decimal] = {}
    for one in held.fulfilments:
        if one.state == "cancelled":
            continue
        for goods in one.lines:
            if goods.order_line_id == line.id:
                needed[goods.product_id] = needed.get(goods.product_id, Decimal(0)) + goods.units
    return needed


def _share(
    *, held: HeldOrder, line: HeldLine, product_id: int, units: Decimal
) -> list[tuple[HeldFulfilment, Decimal, Decimal]]:
    """From which parcels units are taken: (parcel, units taken, units left). Raises PartShipped when they have left."""
    taken: list[tuple[HeldFulfilment, Decimal, Decimal]] = []
    missing = units
    for one in sorted(held.open, key=lambda each: (_GIVES_FIRST[each.state], -each.id)):
        for goods in one.lines:
            if missing and (goods.order_line_id, goods.product_id) == (line.id, product_id):
                part = min(missing, goods.units)
                taken.append((one, part, goods.units - part))
                missing -= part
    if missing:
        raise PartShipped(order=held.order.external_id)
    return taken


def _close_empty(*, held: HeldOrder, changes: Sequence[GoodsChange], moment: dt.datetime) -> None:
    """A parcel without goods is none."""
    left = {(one.id, goods.order_line_id, goods.product_id): goods.units for one in held.open for goods in one.lines}
    left |= {(one.fulfilment_id, one.order_line_id, one.product_id): one.units for one in changes}
    full = {fulfilment_id for (fulfilment_id, _, _), units in left.items() if units}
    empty = [one.id for one in held.open if one.id not in full]
    change_fulfilments(ids=empty, from_states=OPEN, to_state="cancelled", moment=moment)


def _plain(reason: str) -> str:
    return reason.replace("\x00", "").strip()[:LONGEST_REASON]


__all__ = [
    "Cancelled",
    "cancel_line",
    "cancel_lines",
    "cancel_order",
    "forget_goods",
    "give_back",
    "write_lines",
]
