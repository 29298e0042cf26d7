"""What the desk does with one order or many; the life of an order is that of `fulfil`."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.inventory.locks import lock_levels
from reorder.domain.orders.editing import list_held_lines
from reorder.domain.orders.life import lock_order
from reorder.domain.orders.pages import list_numbers
from reorder.domain.orders.rules import JUDGED_HOLDS
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import widened_transaction
from reorder.flows.fulfil.cancelling import Cancelled, cancel_lines, cancel_order
from reorder.flows.fulfil.changes import LineCut, OrderChanges
from reorder.flows.fulfil.editing import edit_order
from reorder.flows.fulfil.following import hold_fulfilment, hold_order_row
from reorder.flows.fulfil.holding import hold_order, note_order, unhold_order
from reorder.flows.fulfil.merging import Merged, merge_orders
from reorder.flows.fulfil.moving import LeftBack, release_order, release_orders, unrelease_order
from reorder.flows.fulfil.shorts import short_pick
from reorder.flows.fulfil.splitting import Split, split_order

hold = hold_order
note = note_order
numbers_of = list_numbers
unrelease = unrelease_order


@dataclass(frozen=True, slots=True)
class ReleasedMany:
    """Orders that the warehouse has now, those left with their faults, and what people call these."""

    order_ids: tuple[int, ...]
    left: tuple[LeftBack, ...]
    numbers: Mapping[int, str]


def release(*, order_ids: Sequence[int], actor: Actor, moment: dt.datetime) -> ReleasedMany:
    """Release orders, each in its own transaction."""
    done = release_orders(order_ids=order_ids, actor=actor, moment=moment)
    return ReleasedMany(done.order_ids, done.left, numbers_of(order_ids=[one.order_id for one in done.left]))


def release_anyway(*, order_id: int, actor: Actor, moment: dt.datetime) -> str:
    """Take away what people judge (and a wished day), and release; nothing of it when it cannot be released.

    Raises OrderHeld, OrderUnpaid, OrderMovedOn, UnknownOrder, NotOurs.
    """
    with widened_transaction():
        reasons = [*JUDGED_HOLDS, "requested_date"]
        unhold_order(order_id=order_id, reasons=reasons, actor=actor, moment=moment)
        return release_order(order_id=order_id, actor=actor, moment=moment)


def unhold(*, order_id: int, reason: str, actor: Actor, moment: dt.datetime) -> list[str]:
    """Take one reason away. Raises as `fulfil.unhold_order`."""
    return unhold_order(order_id=order_id, reasons=[reason], actor=actor, moment=moment)


def cancel(*, order_id: int, line_keys: Sequence[str], reason: str, actor: Actor, moment: dt.datetime) -> Cancelled:
    """Cancel these lines of an order; all of it where none or every one is named. Raises as `fulfil.cancel_order`."""
    with widened_transaction():
        order = lock_order(order_id=order_id)
        known = {line.line_key for line in list_held_lines(order_ids=[order.id])}
        if not line_keys or known <= set(line_keys):
            return cancel_order(order_id=order_id, reason=reason, actor=actor, moment=moment)
        cuts = [LineCut(line_key=key) for key in line_keys]
        return cancel_lines(order_id=order_id, cuts=cuts, reason=reason, actor=actor, moment=moment)


def correct_address(*, order_id: int, ship_to: ShippingAddress, actor: Actor, moment: dt.datetime) -> None:
    """Send an order elsewhere; a person has looked at the address, so it no longer holds the order for it.

    Raises as `fulfil.edit_order`.
    """
    with widened_transaction():
        changes = OrderChanges(ship_to=ship_to, if_short="wait")
        edit_order(order_id=order_id, changes=changes, actor=actor, moment=moment)
        if "address" in lock_order(order_id=order_id).hold_reasons:
            unhold_order(order_id=order_id, reasons=["address"], actor=actor, moment=moment)


def merge_into(*, order_id: int, other_ids: Sequence[int], actor: Actor, moment: dt.datetime) -> Merged:
    """Make other orders a part of this one. Raises as `fulfil.merge_orders`."""
    return merge_orders(order_ids=[order_id, *other_ids], into_id=order_id, actor=actor, moment=moment)


def split_off(*, order_id: int, line_keys: Sequence[str], actor: Actor, moment: dt.datetime) -> Split:
    """Make lines an order of their own. Raises as `fulfil.split_order`."""
    return split_order(order_id=order_id, line_keys=list(line_keys), actor=actor, moment=moment)


def ship_what_is_there(*, order_id: int, actor: Actor, moment: dt.datetime) -> Split:
    """Split off the lines that wait for nothing, so that they go ahead; the rest keeps waiting.

    Raises as `fulfil.split_order`.
    """
    with widened_transaction():
        held = hold_order_row(order_id=order_id)
        waiting = {line.order_line_id for one in held.fulfilments if one.state == "waiting" for line in one.lines}
        lines = list_held_lines(order_ids=[order_id])
        keys = [line.line_key for line in lines if line.id not in waiting]
        return split_order(order_id=order_id, line_keys=keys, actor=actor, moment=moment)


def record_short_pick(
    *, fulfilment_id: int, found: Sequence[tuple[int, int, Decimal]], actor: Actor, moment: dt.datetime
) -> int:
    """Note what was found of each (order line, product) where it is less than it should be; returns how many lines.

    Raises as `fulfil.short_pick`.
    """
    with widened_transaction():
        _held, parcel = hold_fulfilment(fulfilment_id=fulfilment_id, actor=actor)
        wanted = {(line.order_line_id, line.product_id): line.units for line in parcel.lines}
        less = [one for one in found if one[2] < wanted.get((one[0], one[1]), Decimal(0))]
        # Several short picks in one transaction: their levels are locked in one order before the first of them.
        lock_levels(product_ids=sorted({product_id for _line_id, product_id, _units in less}))
        for line_id, product_id, units in less:
            short_pick(
                fulfilment_id=fulfilment_id,
                order_line_id=line_id,
                product_id=product_id,
                found_units=units,
                actor=actor,
                moment=moment,
            )
    return len(less)
