"""What every action of this flow writes on the order: its sums and payment state, its reason to wait, its events.

Parts of the caller's transaction, which holds the order's row.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reorder.domain.orders.life import LockedOrder, add_events, change_hold_reasons, lock_order
from reorder.domain.orders.paying import settle_payment
from reorder.domain.orders.placing import EventRow
from reorder.domain.payments.queries import get_payment
from reorder.domain.payments.rules import payment_state
from reorder.flows import webhooks
from reorder.kernel.origin import current_origin

_WAITING: Final = "awaiting_payment"
# A reason to wait can be added or lifted until the goods have left.
_HELD: Final = ("draft", "placed", "allocated", "released", "picked", "packed")
_TOLD: Final[Mapping[str, str]] = {"payment_received": "payment.received", "refund_made": "refund.made"}


def lock_order_of_payment(*, payment_id: int) -> LockedOrder:
    """Hold the order that a payment belongs to. Raises UnknownPayment, UnknownOrder, NotOurs.

    A merge may give the payment to another order while we wait for the first one: then that one is held too.
    """
    order_id = get_payment(payment_id=payment_id).order_id
    while True:
        order = lock_order(order_id=order_id)
        now_id = get_payment(payment_id=payment_id).order_id
        if now_id == order.id:
            return order
        order_id = now_id


def settle_order(
    *, order: LockedOrder, received_minor: int = 0, refunded_minor: int = 0, is_cash_on_delivery: bool
) -> LockedOrder:
    """Add money that came or went, and say the payment state that follows; the order after it."""
    paid, refunded = order.paid_minor + received_minor, order.refunded_minor + refunded_minor
    state = payment_state(
        total_minor=order.total_minor or 0,
        paid_minor=paid,
        refunded_minor=refunded,
        is_cash_on_delivery=is_cash_on_delivery,
    )
    if received_minor or refunded_minor or state != order.payment_state:
        settle_payment(order=order, received_minor=received_minor, refunded_minor=refunded_minor, state=state)
    return replace(order, paid_minor=paid, refunded_minor=refunded, payment_state=state)


def follow_hold(*, order: LockedOrder, must_wait: bool, actor: str, moment: dt.datetime) -> bool:
    """Let the order wait for its payment, or no longer; True when that changed."""
    is_waiting = _WAITING in order.hold_reasons
    if is_waiting == must_wait or order.state not in _HELD:
        return False
    kind = "held" if must_wait else "unheld"
    event = _event(order=order, kind=kind, actor=actor, moment=moment, details={"reasons": [_WAITING]})
    changed = change_hold_reasons(
        event=replace(event, reason=_WAITING),
        from_states=_HELD,
        added=(_WAITING,) if must_wait else (),
        removed=() if must_wait else (_WAITING,),
    )
    if changed is not None:
        webhooks.announce_order(order_id=order.id, kind=f"order.{kind}", event_id=changed.id, moment=moment)
    return changed is not None


def append_event(
    *, order: LockedOrder, kind: str, actor: str, moment: dt.datetime, reason: str = "", details: Mapping[str, Any]
) -> None:
    """Say on the order what happened, and tell those who listen; details hold keys and amounts in minor units."""
    event = replace(_event(order=order, kind=kind, actor=actor, moment=moment, details=details), reason=reason)
    added = add_events(events=[event])
    if kind in _TOLD:
        webhooks.announce_order(
            order_id=order.id, kind=_TOLD[kind], event_id=added[0].id, moment=moment, facts=dict(details)
        )


def outstanding_minor(*, order: LockedOrder) -> int:
    """What the order still owes, in minor units; never below zero."""
    return max((order.total_minor or 0) - order.paid_minor + order.refunded_minor, 0)


def _event(*, order: LockedOrder, kind: str, actor: str, moment: dt.datetime, details: Mapping[str, Any]) -> EventRow:
    return EventRow(
        order_id=order.id,
        kind=kind,
        happened_at=moment,
        actor=actor,
        via=current_origin().via,
        from_state=order.state,
        to_state=order.state,
        details=dict(details),
    )
