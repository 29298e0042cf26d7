"""What every step of a return shares: its order is held first, an event says what happened, and those who listen hear.

Lock order: the order's row, then stock levels, holds and bins. Everything about the returns of an order comes one after
the other, so nothing is taken back, given back or graded twice.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reorder.domain.orders.life import LockedOrder, lock_order
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.return_errors import UnknownReturn
from reorder.domain.warehouse.returns import HeldReturn, find_order_of_return, get_held_return
from reorder.flows import webhooks
from reorder.flows.fulfil.following import tell as tell_order


@dataclass(frozen=True, slots=True)
class HeldCase:
    """A return and its order, which nobody else changes until the transaction ends."""

    order: LockedOrder
    held: HeldReturn


def hold_case(*, return_id: int, actor: Actor) -> HeldCase:
    """Hold the order of a return at a place of the actor's. Raises UnknownReturn, UnknownOrder, NotOurs."""
    order = lock_order(order_id=find_order_of_return(return_id=return_id))
    held = get_held_return(return_id=return_id)
    if not actor.may_at(held.place_code):
        raise UnknownReturn(number=return_id)
    return HeldCase(order=order, held=held)


def tell_return(
    *,
    case: HeldCase,
    kind: str,
    actor: Actor,
    moment: dt.datetime,
    note: str = "",
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> int:
    """Say on the order what happened to a return, tell webhooks of it, and remember who did it; the event's number."""
    held = case.held
    said: dict[str, Any] = {"return": held.id, "rma": held.number}
    if held.request_id is not None:
        said["request"] = held.request_id
    if note:
        said["note"] = note
    said |= dict(details or {})
    told = tell_order(
        order=case.order,
        kind=f"return_{kind}",
        to_state=case.order.state,
        actor=actor,
        moment=moment,
        reason=reason,
        details=said,
    )
    facts = {"return": {"id": held.id, "number": held.number, "place": held.place_code, **dict(details or {})}}
    if f"return.{kind}" in webhooks.RETURN_KINDS:
        webhooks.announce_order(
            order_id=case.order.id, kind=f"return.{kind}", event_id=told.event_id, moment=moment, facts=facts
        )
    record_audit(
        actor=actor.name,
        action=f"returns.{kind}",
        subject_kind="order",
        subject_key=str(case.order.id),
        details={"return": held.number},
    )
    return told.event_id
