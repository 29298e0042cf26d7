"""What every step of an order's life shares: it is held, its state follows its fulfilment orders, and all is told.

The order's row is locked first, then its fulfilment orders, then stock: so two people who change one order wait for
each other, and nobody waits in a ring.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings

from reorder.domain.marketing.order_facts import note_about_order
from reorder.domain.orders import life
from reorder.domain.orders.editing import latest_event_id
from reorder.domain.orders.errors import OrderMovedOn
from reorder.domain.orders.life import LockedOrder
from reorder.domain.orders.placing import AddedEvent, EventRow
from reorder.domain.orders.rules import state_of_fulfilments
from reorder.domain.planning import operations as planning
from reorder.domain.planning.marks import day_keys
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.warehouse.errors import UnknownFulfilment
from reorder.domain.warehouse.life import HeldFulfilment, find_order_of, lock_fulfilments
from reorder.domain.warehouse.rules import GONE, OPEN
from reorder.flows import webhooks
from reorder.flows.shop_day import shop_date
from reorder.kernel.origin import current_origin

# Events of an order that may be the beginning, or the end, of a journey.
_FACTS: Final = {
    "cancelled": "order_cancelled",
    "shipped": "shipped",
    "delivered": "delivered",
    "parcel_late": "parcel_late",
    "return_closed": "return_settled",
}
# What was wanted, as errors say it; surfaces translate them.
WANTED_TEMPLATES: Final = (
    "cancelling",
    "delivery",
    "editing",
    "going on",
    "holding",
    "letting go",
    "merging",
    "packing",
    "picking",
    "releasing",
    "shipping",
    "splitting",
    "taking the release back",
    "unpacking",
    "unpicking",
)
# Who acts when a moment comes and nobody asked.
SYSTEM: Final = Actor(name="system", abilities=frozenset(Ability))


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """An order with its fulfilment orders, which nobody else changes until the transaction ends.

    `event_id` is its last event: no two steps start from the same one, so it makes the keys of a step's moves new.
    """

    order: LockedOrder
    fulfilments: tuple[HeldFulfilment, ...]
    event_id: int

    @property
    def open(self) -> tuple[HeldFulfilment, ...]:
        """Those that still stand at their places."""
        return tuple(one for one in self.fulfilments if one.state in OPEN)

    @property
    def gone(self) -> tuple[HeldFulfilment, ...]:
        """Those that have left."""
        return tuple(one for one in self.fulfilments if one.state in GONE)

    def with_states(self, *, states: Mapping[int, str]) -> "HeldOrder":
        """The same with fulfilment orders in other states."""
        return replace(
            self,
            fulfilments=tuple(replace(one, state=states.get(one.id, one.state)) for one in self.fulfilments),
        )

    @property
    def state(self) -> str:
        """What the order's state is by its fulfilment orders."""
        return state_of_fulfilments(states=[one.state for one in self.fulfilments])


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What happened to an order, and how it stands after it."""

    order_id: int
    event_id: int
    state: str


def hold_order_row(*, order_id: int) -> HeldOrder:
    """Hold an order of ours and its fulfilment orders. Raises UnknownOrder, NotOurs."""
    order = life.lock_order(order_id=order_id)
    return HeldOrder(
        order=order,
        fulfilments=tuple(lock_fulfilments(order_ids=[order_id])),
        event_id=latest_event_id(order_id=order_id),
    )


def hold_fulfilment(*, fulfilment_id: int, actor: Actor) -> tuple[HeldOrder, HeldFulfilment]:
    """Hold the order of a fulfilment order that the actor's places include. Raises UnknownFulfilment."""
    held = hold_order_row(order_id=find_order_of(fulfilment_id=fulfilment_id))
    found = next((one for one in held.fulfilments if one.id == fulfilment_id), None)
    # It may have moved to another order between the look and the lock: a merged order.
    if found is None or not actor.may_at(found.place_code):
        raise UnknownFulfilment(fulfilment_id=fulfilment_id)
    return held, found


def tell(
    *,
    order: LockedOrder,
    kind: str,
    to_state: str,
    actor: Actor,
    moment: dt.datetime,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Told:
    """Bring a held order to `to_state` with its event, and tell those who listen to events of this kind.

    Raises OrderMovedOn when the order is not where the caller saw it: that cannot be while it is held.
    """
    event = EventRow(
        order_id=order.id,
        kind=kind,
        happened_at=moment,
        actor=actor.name,
        via=current_origin().via,
        from_state=order.state,
        to_state=to_state,
        reason=reason,
        details=dict(details or {}),
    )
    added = _append(event=event, order=order)
    announce(order_id=order.id, kind=kind, event_id=added.id, moment=moment, facts=facts)
    if kind in _FACTS:
        note_about_order(
            kind=_FACTS[kind],
            order_id=order.id,
            number=str(event.details.get("rma") or event.details.get("parcel") or ""),
            happened_at=moment,
            time_zone=settings.REORDER.time_zone,
        )
    return Told(order_id=order.id, event_id=added.id, state=to_state)


def announce(
    *, order_id: int, kind: str, event_id: int, moment: dt.datetime, facts: Mapping[str, Any] | None = None
) -> None:
    """Tell of an event of an order, if it is of a kind that anybody can listen to."""
    if f"order.{kind}" in webhooks.ORDER_KINDS:
        webhooks.announce_order(
            order_id=order_id, kind=f"order.{kind}", event_id=event_id, moment=moment, facts=facts or {}
        )


def audit(*, actor: Actor, action: str, order: LockedOrder, details: Mapping[str, Any] | None = None) -> None:
    """Remember who did what to an order."""
    record_audit(
        actor=actor.name, action=action, subject_kind="order", subject_key=str(order.id), details=dict(details or {})
    )


def mark_goods(*, goods: Collection[tuple[str, str]]) -> None:
    """Plans are drawn again for these (SKU, place code)."""
    if goods:
        mark_changed(orders=(), goods=goods)


def mark_changed(*, orders: Sequence[LockedOrder], goods: Collection[tuple[str, str]] = ()) -> None:
    """What was bought changed: the customers, the days and these (SKU, place code) are looked at again.

    All marks in one statement, in the one order of marks, as a new order writes them: two that meet do not wait in a
    ring. Whoever marks goods alone has marked nothing else before.
    """
    marks = [("customer", str(order.customer_id)) for order in orders]
    marks += [("day", key) for key in day_keys(dates={shop_date(moment=order.ordered_at) for order in orders})]
    marks += [("position", f"{sku}|{place}") for sku, place in goods]
    planning.mark_many(marks=marks)


def goods_of(*, fulfilments: Sequence[HeldFulfilment]) -> set[tuple[str, str]]:
    """What they send from where: (SKU, place code)."""
    return {(line.sku, one.place_code) for one in fulfilments for line in one.lines}


def _append(*, event: EventRow, order: LockedOrder) -> AddedEvent:
    if event.to_state == order.state:
        return life.add_events(events=[event])[0]
    added = life.change_state(event=event, from_states=[order.state])
    if added is None:
        raise OrderMovedOn(order=order.external_id, state=order.state, wanted="going on")
    return added
