"""An order on its way: released to the warehouse, picked, packed, shipped, delivered; what has not left is undone.

One transaction a step. The order is held first; a step is possible from the states that `warehouse.rules` names, and
never while somebody holds the order. Goods move with the step.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.inventory.allocating import Settled, SettleKind, settle_units
from reorder.domain.orders.errors import OrderHeld, OrderMovedOn, OrderUnpaid
from reorder.domain.orders.life import LockedOrder
from reorder.domain.orders.rules import HOLD_WORD_TEMPLATES, demand_key_of, is_paid_enough
from reorder.domain.shipping.leaving import leave_together
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.bin_stock import follow_stock
from reorder.domain.warehouse.errors import FulfilmentMovedOn
from reorder.domain.warehouse.life import HeldFulfilment, change_fulfilments
from reorder.domain.warehouse.rules import PICKED, STEPS, UNDO_STEPS
from reorder.domain.warehouse.waves import forget_picks
from reorder.flows import webhooks
from reorder.flows.fulfil.following import (
    HeldOrder,
    audit,
    goods_of,
    hold_fulfilment,
    hold_order_row,
    mark_goods,
    tell,
)
from reorder.flows.order_mail import mail_shipped
from reorder.flows.paying import collect_owed
from reorder.kernel.errors import ReorderError

# What waits only for goods of another parcel does not keep this one back.
_PARCEL_MAY_LEAVE: Final = frozenset({"out_of_stock"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """A step that was taken: the fulfilment order and the order as they stand after it."""

    order_id: int
    fulfilment_id: int
    fulfilment_state: str
    order_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBack:
    """An order that could not be released, and why."""

    order_id: int
    fault: ReorderError


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What became of the orders: those that the warehouse has now, and those that were left with the reason."""

    order_ids: tuple[int, ...]
    left: tuple[LeftBack, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One way in which a fulfilment order moves."""

    kind: str
    to_state: str
    from_states: tuple[str, ...]
    wanted: str
    settles: SettleKind | None = None
    is_forward: bool = True


_RELEASE: Final = _Step(kind="released", to_state="released", from_states=STEPS["released"], wanted="releasing")
_PICK: Final = _Step(kind="picked", to_state="picked", from_states=STEPS["picked"], wanted="picking", settles="pick")
_PACK: Final = _Step(kind="packed", to_state="packed", from_states=STEPS["packed"], wanted="packing")
_SHIP: Final = _Step(
    kind="shipped", to_state="shipped", from_states=STEPS["shipped"], wanted="shipping", settles="ship"
)
_DELIVER: Final = _Step(kind="delivered", to_state="delivered", from_states=STEPS["delivered"], wanted="delivery")
_UNRELEASE: Final = _Step(
    kind="unreleased",
    to_state="allocated",
    from_states=UNDO_STEPS["allocated"],
    wanted="taking the release back",
    is_forward=False,
)
_UNPICK: Final = _Step(
    kind="unpicked",
    to_state="released",
    from_states=UNDO_STEPS["released"],
    wanted="unpicking",
    settles="unpick",
    is_forward=False,
)
_UNPACK: Final = _Step(
    kind="unpacked", to_state="picked", from_states=UNDO_STEPS["picked"], wanted="unpacking", is_forward=False
)


def release_orders(*, order_ids: Sequence[int], actor: Actor, moment: dt.datetime) -> Released:
    """Give orders to the warehouse that are promised whole, paid and held by nothing; each in its own transaction.

    Those that cannot go are left with their reason: OrderHeld, OrderUnpaid, OrderMovedOn, UnknownOrder, NotOurs.
    """
    released, left = [], []
    for order_id in sorted(set(order_ids)):
        try:
            release_order(order_id=order_id, actor=actor, moment=moment)
        except ReorderError as fault:
            left.append(LeftBack(order_id=order_id, fault=fault))
        else:
            released.append(order_id)
    return Released(order_ids=tuple(released), left=tuple(left))


def release_order(*, order_id: int, actor: Actor, moment: dt.datetime) -> str:
    """Give one order whole to the warehouse; returns its state. Raises what `release_orders` says."""
    with one_transaction():
        held = hold_order_row(order_id=order_id)
        refuse_waiting(order=held.order, wanted="releasing", allowed=frozenset())
        if held.state != "allocated" or held.order.state != "allocated":
            raise OrderMovedOn(order=held.order.external_id, state=held.order.state, wanted="releasing")
        _refuse_unpaid(held.order)
        ready = [one for one in held.fulfilments if one.state in _RELEASE.from_states]
        return _move(held=held, moved=ready, step=_RELEASE, actor=actor, moment=moment)


def release_fulfilment(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> StepDone:
    """Give one parcel of an order to the warehouse, also while another one waits for goods.

    Raises UnknownFulfilment, FulfilmentMovedOn, OrderHeld, OrderUnpaid.
    """
    return _take(fulfilment_id=fulfilment_id, step=_RELEASE, actor=actor, moment=moment, check=_refuse_unpaid)


def unrelease_order(*, order_id: int, actor: Actor, moment: dt.datetime) -> str:
    """Take an order back from the warehouse, so that it can be changed; returns its state.

    Raises OrderMovedOn when somebody has begun to pick, and UnknownOrder, NotOurs.
    """
    with one_transaction():
        held = hold_order_row(order_id=order_id)
        back = [one for one in held.fulfilments if one.state == "released"]
        if not back or any(one.state in PICKED or is_begun(parcel=one) for one in held.fulfilments):
            raise OrderMovedOn(order=held.order.external_id, state=held.order.state, wanted=_UNRELEASE.wanted)
        return _move(held=held, moved=back, step=_UNRELEASE, actor=actor, moment=moment)


def unrelease_fulfilment(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> StepDone:
    """Take one parcel back from the warehouse. Raises UnknownFulfilment, FulfilmentMovedOn.

    Also FulfilmentMovedOn when a wave has picked a part of it.
    """
    return _take(fulfilment_id=fulfilment_id, step=_UNRELEASE, actor=actor, moment=moment)


def pick_fulfilment(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> StepDone:
    """All goods of a parcel are off the shelf. Raises UnknownFulfilment, FulfilmentMovedOn, OrderHeld.

    What is not there is told with `short_pick` first.
    """
    return _take(fulfilment_id=fulfilment_id, step=_PICK, actor=actor, moment=moment)


def unpick_fulfilment(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> StepDone:
    """The goods of a parcel are back on the shelf, still promised. Raises UnknownFulfilment, FulfilmentMovedOn."""
    return _take(fulfilment_id=fulfilment_id, step=_UNPICK, actor=actor, moment=moment)


def pack_fulfilment(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> StepDone:
    """A parcel is packed. Raises UnknownFulfilment, FulfilmentMovedOn, OrderHeld."""
    return _take(fulfilment_id=fulfilment_id, step=_PACK, actor=actor, moment=moment)


def unpack_fulfilment(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> StepDone:
    """A parcel was opened again. Raises UnknownFulfilment, FulfilmentMovedOn."""
    return _take(fulfilment_id=fulfilment_id, step=_UNPACK, actor=actor, moment=moment)


def ship_fulfilment(
    *, fulfilment_id: int, actor: Actor, moment: dt.datetime, carrier: str = "", tracking_number: str = ""
) -> StepDone:
    """A parcel has left: its goods are the customer's. The order is shipped when its last parcel is.

    A shop that does not note picking and packing ships what is released. Raises UnknownFulfilment, FulfilmentMovedOn,
    OrderHeld.
    """
    parcel = (carrier.strip(), tracking_number.strip())
    return _take(fulfilment_id=fulfilment_id, step=_SHIP, actor=actor, moment=moment, parcel=parcel)


def deliver_fulfilment(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> StepDone:
    """A parcel has arrived. Raises UnknownFulfilment, FulfilmentMovedOn."""
    return _take(fulfilment_id=fulfilment_id, step=_DELIVER, actor=actor, moment=moment)


def refuse_waiting(*, order: LockedOrder, wanted: str, allowed: frozenset[str]) -> None:
    """Raises OrderHeld while an order has a reason to wait that is not among `allowed`."""
    reasons = [reason for reason in order.hold_reasons if reason not in allowed]
    if reasons:
        # The first one only: surfaces translate it as one phrase.
        raise OrderHeld(order=order.external_id, reason=HOLD_WORD_TEMPLATES[reasons[0]], wanted=wanted)


def _refuse_unpaid(order: LockedOrder) -> None:
    if not is_paid_enough(payment_state=order.payment_state, total_minor=order.total_minor or 0):
        raise OrderUnpaid(order=order.external_id)


def _take(
    *,
    fulfilment_id: int,
    step: _Step,
    actor: Actor,
    moment: dt.datetime,
    parcel: tuple[str, str] | None = None,
    check: Callable[[LockedOrder], None] | None = None,
) -> StepDone:
    with one_transaction():
        held, found = hold_fulfilment(fulfilment_id=fulfilment_id, actor=actor)
        if found.state not in step.from_states or (step is _UNRELEASE and is_begun(parcel=found)):
            raise FulfilmentMovedOn(fulfilment_id=fulfilment_id, state=found.state, wanted=step.wanted)
        if step.is_forward and step.to_state != "delivered":
            refuse_waiting(order=held.order, wanted=step.wanted, allowed=_PARCEL_MAY_LEAVE)
        if check:
            check(held.order)
        state = _move(held=held, moved=[found], step=step, actor=actor, moment=moment, parcel=parcel)
        if state == "delivered":
            # Cash on delivery was handed over with the last parcel.
            collect_owed(order_id=held.order.id, actor=actor.name, moment=moment)
    return StepDone(
        order_id=held.order.id, fulfilment_id=fulfilment_id, fulfilment_state=step.to_state, order_state=state
    )


def _move(
    *,
    held: HeldOrder,
    moved: Sequence[HeldFulfilment],
    step: _Step,
    actor: Actor,
    moment: dt.datetime,
    parcel: tuple[str, str] | None = None,
) -> str:
    """Take a step that is possible, with its goods, its event, its audit entry and what others are told."""
    ids = [one.id for one in moved]
    carrier, tracking = parcel or (None, None)
    changed = change_fulfilments(
        ids=ids,
        from_states=step.from_states,
        to_state=step.to_state,
        moment=moment,
        carrier=carrier or None,
        tracking_number=tracking or None,
    )
    if changed != len(ids):
        raise FulfilmentMovedOn(fulfilment_id=ids[0], state=moved[0].state, wanted=step.wanted)
    if step.settles:
        settle_goods(held=held, fulfilments=moved, kind=_settled_by(step=step, moved=moved), moment=moment)
        follow_bins(fulfilments=moved, cause=step.kind, actor=actor, moment=moment)
        mark_goods(goods=goods_of(fulfilments=moved))
    if step in (_UNPICK, _UNRELEASE):
        # They may be in a wave again, and what one picked of them is back on the shelf.
        forget_picks(fulfilment_ids=ids, why="unpicked" if step is _UNPICK else "taken_back", moment=moment)
    after = held.with_states(states=dict.fromkeys(ids, step.to_state))
    details = {"fulfilments": ids, "places": sorted({one.place_code for one in moved})}
    if parcel:
        details |= {"carrier": parcel[0], "tracking_number": parcel[1]}
    told = tell(
        order=held.order,
        kind=step.kind if after.state == step.to_state or not step.is_forward else f"part_{step.kind}",
        to_state=after.state,
        actor=actor,
        moment=moment,
        details=details,
    )
    if step is _SHIP:
        _leave(held=held, left=moved[0], parcel=parcel or ("", ""), event_id=told.event_id, actor=actor, moment=moment)
    audit(actor=actor, action=f"orders.{step.kind}", order=held.order, details=details)
    return after.state


def _leave(
    *,
    held: HeldOrder,
    left: HeldFulfilment,
    parcel: tuple[str, str],
    event_id: int,
    actor: Actor,
    moment: dt.datetime,
) -> None:
    """Its boxes have left with it, and others are told; a number typed in without a box is followed as one."""
    carrier, tracking_number = parcel
    webhooks.announce_order(
        order_id=held.order.id,
        kind="fulfilment.shipped",
        event_id=event_id,
        moment=moment,
        facts={"fulfilment_id": left.id, "carrier": carrier, "tracking_number": tracking_number},
    )
    leave_together(
        fulfilment_id=left.id,
        order_id=held.order.id,
        place_code=left.place_code,
        service_code=left.service_code,
        carrier=carrier or left.carrier,
        tracking_number=tracking_number or left.tracking_number,
        contents=[[one.order_line_id, one.product_id, one.sku, str(one.units), ""] for one in left.lines],
        left_by=actor.name,
        moment=moment,
    )
    mail_shipped(order_id=held.order.id, fulfilment_id=left.id, moment=moment)


def _settled_by(*, step: _Step, moved: Sequence[HeldFulfilment]) -> SettleKind:
    """A parcel that is shipped from the shelf leaves what was picked for another parcel of the same line alone."""
    if step.settles is None:
        raise RuntimeError(f"{step.kind} moves no goods")
    if step is _SHIP and all(one.state not in PICKED for one in moved):
        return "ship_unpicked"
    return step.settles


def is_begun(*, parcel: HeldFulfilment) -> bool:
    """Whether a wave has goods of a released parcel off the shelf already."""
    return any(line.picked_units for line in parcel.lines)


def follow_bins(*, fulfilments: Sequence[HeldFulfilment], cause: str, actor: Actor, moment: dt.datetime) -> None:
    """Where places have bins: what left the shelves by a step that names no bin leaves the bins too.

    A parcel that was picked before has left them. Part of the caller's transaction, after the goods have moved.
    """
    for one in fulfilments:
        if one.has_bins and one.state not in PICKED:
            follow_stock(
                place_code=one.place_code,
                product_ids=[line.product_id for line in one.lines],
                cause_kind=f"fulfilment_{cause}",
                cause_key=str(one.id),
                actor=actor.name,
                moment=moment,
            )


def settle_goods(
    *, held: HeldOrder, fulfilments: Sequence[HeldFulfilment], kind: SettleKind, moment: dt.datetime
) -> None:
    """Move the goods of fulfilment orders, all that they say; a waiting one has none. Raises RuntimeError when not.

    What a wave picked line by line is not picked again. The caller marks the goods for planning, with whatever else it
    marks.
    """
    settled = [
        Settled(
            demand_key=demand_key_of(order_line_id=line.order_line_id),
            product_id=line.product_id,
            units=units,
            place_code=one.place_code,
        )
        for one in fulfilments
        if one.state != "waiting"
        for line in one.lines
        if (units := line.units - (line.picked_units if kind == "pick" else 0)) > 0
    ]
    if not settled:
        return
    moved = settle_units(
        kind=kind,
        settled=settled,
        key=f"{kind} {held.event_id}",
        cause_kind="order",
        cause_key=str(held.order.id),
        moment=moment,
    )
    if sum(one.units for one in moved) != sum(one.units or 0 for one in settled):
        # The allocations say other than the fulfilment orders: nothing is written.
        raise RuntimeError(f"order {held.order.id} has other goods promised than its fulfilment orders say")
