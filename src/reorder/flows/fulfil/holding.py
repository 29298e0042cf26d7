"""Reasons for which an order waits: set and taken away by people, lifted by themselves when what they wait for came."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from reorder.domain.orders import editing
from reorder.domain.orders.errors import BadOrderChange, OrderMovedOn
from reorder.domain.orders.life import LockedOrder, change_hold_reasons, lock_order
from reorder.domain.orders.placing import EventRow
from reorder.domain.orders.rules import HOLD_REASONS, JUDGED_HOLDS, UNSHIPPED
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.flows.fulfil.following import SYSTEM, HeldOrder, Told, announce, audit, hold_order_row, tell
from reorder.flows.shop_day import shop_date
from reorder.kernel.origin import current_origin

LONGEST_NOTE: Final = 2000
LONGEST_TAG: Final = 40
# Why a change is refused, as errors say it; surfaces translate them.
REASON_TEMPLATES: Final = (
    "a note must be there, with at most 2000 characters",
    "a reason that the order waits for by itself cannot be set by hand",
    "a tag has 1 to 40 characters",
    "that is no reason to hold an order",
    "the customer has not paid yet; write the payment down instead",
)


def hold_order(
    *, order_id: int, reason: str = "manual", note: str = "", actor: Actor, moment: dt.datetime
) -> list[str]:
    """Let an order wait until somebody lets it go, also when the warehouse has it; returns its reasons to wait.

    `reason` is one that people judge: manual, fraud, address, duplicate. Raises BadOrderChange, OrderMovedOn (the goods
    have left, or it is cancelled), UnknownOrder, NotOurs.
    """
    with one_transaction():
        order = lock_order(order_id=order_id)
        _refuse_reason(order=order, reason=reason)
        _refuse_long(order=order, note=note)
        _refuse_gone(order=order, wanted="holding")
        if change_holds(
            order=order, added={reason: {"note": note.strip()} if note.strip() else {}}, actor=actor, moment=moment
        ):
            audit(actor=actor, action="orders.hold", order=order, details={"reason": reason})
    return sorted({*order.hold_reasons, reason})


def unhold_order(
    *, order_id: int, reasons: Sequence[str] | None = None, note: str = "", actor: Actor, moment: dt.datetime
) -> list[str]:
    """Take reasons to wait away, without any named those that people judge; returns those that are left.

    An order that waits for its payment is let go by the payment, one that waits for goods by the goods. A day that the
    customer asked for can be waved aside. Raises BadOrderChange, OrderMovedOn, UnknownOrder, NotOurs.
    """
    with one_transaction():
        order = lock_order(order_id=order_id)
        _refuse_long(order=order, note=note)
        _refuse_gone(order=order, wanted="letting go")
        chosen = [one for one in order.hold_reasons if one in JUDGED_HOLDS] if reasons is None else list(reasons)
        _refuse_waiting_for(order=order, reasons=chosen)
        details = {"note": note.strip()} if note.strip() else {}
        if change_holds(order=order, removed=dict.fromkeys(chosen, details), actor=actor, moment=moment):
            audit(actor=actor, action="orders.unhold", order=order, details={"reasons": chosen})
    return [reason for reason in order.hold_reasons if reason not in chosen]


def note_order(*, order_id: int, note: str, actor: Actor, moment: dt.datetime) -> Told:
    """Write a note of the staff down at an order. Raises BadOrderChange, UnknownOrder, NotOurs."""
    with one_transaction():
        order = lock_order(order_id=order_id)
        if not note.strip():
            raise BadOrderChange(order=order.external_id, reason=REASON_TEMPLATES[0])
        _refuse_long(order=order, note=note)
        return tell(
            order=order, kind="noted", to_state=order.state, actor=actor, moment=moment, details={"note": note.strip()}
        )


def tag_order(
    *, order_id: int, added: Sequence[str] = (), removed: Sequence[str] = (), actor: Actor, moment: dt.datetime
) -> bool:
    """Add and take away words by which people find orders again; False when that changes nothing.

    Raises BadOrderChange, UnknownOrder, NotOurs.
    """
    with one_transaction():
        order = lock_order(order_id=order_id)
        plain = [tag.strip() for tag in added]
        if any(not 0 < len(tag) <= LONGEST_TAG or "\x00" in tag for tag in plain):
            raise BadOrderChange(order=order.external_id, reason="a tag has 1 to 40 characters")
        changed = editing.change_tags(order_id=order_id, added=plain, removed=[tag.strip() for tag in removed])
        if changed:
            details = {"added": plain, "removed": [tag.strip() for tag in removed]}
            tell(order=order, kind="tagged", to_state=order.state, actor=actor, moment=moment, details=details)
    return changed


def follow_waiting(*, order_id: int, actor: Actor = SYSTEM, moment: dt.datetime) -> str:
    """Bring an order's state and its reason `out_of_stock` to what its fulfilment orders say; returns the state.

    For whoever has just given waiting lines their goods, in the same transaction, with the order locked first.
    """
    held = hold_order_row(order_id=order_id)
    follow_goods(held=held, actor=actor, moment=moment)
    return held.state


def follow_goods(*, held: HeldOrder, actor: Actor, moment: dt.datetime) -> LockedOrder:
    """The same for an order that the caller holds; returns it as it is now."""
    order = held.order
    waits = any(one.state == "waiting" for one in held.fulfilments)
    if waits and "out_of_stock" not in order.hold_reasons:
        skus = sorted({line.sku for one in held.fulfilments if one.state == "waiting" for line in one.lines})
        change_holds(order=order, added={"out_of_stock": {"skus": skus}}, actor=actor, moment=moment)
        order = replace(order, hold_reasons=sorted([*order.hold_reasons, "out_of_stock"]))
    if not waits and "out_of_stock" in order.hold_reasons:
        change_holds(order=order, removed={"out_of_stock": {}}, actor=actor, moment=moment)
        order = replace(order, hold_reasons=[one for one in order.hold_reasons if one != "out_of_stock"])
    if held.state not in (order.state, "cancelled"):
        # Back to placed: goods that were promised are not there after all.
        kind = "backordered" if held.state == "placed" else held.state
        tell(order=order, kind=kind, to_state=held.state, actor=actor, moment=moment)
        order = replace(order, state=held.state)
    return order


def follow_wanted_date(*, order: LockedOrder, wanted: dt.date | None, actor: Actor, moment: dt.datetime) -> None:
    """Let a held order wait for the day that the customer wants, or no longer."""
    must_wait = wanted is not None and wanted > shop_date(moment=moment)
    reason: dict[str, Mapping[str, Any]] = {"requested_date": {"date": wanted.isoformat()} if wanted else {}}
    if must_wait and "requested_date" not in order.hold_reasons:
        change_holds(order=order, added=reason, actor=actor, moment=moment)
    if not must_wait and "requested_date" in order.hold_reasons:
        change_holds(order=order, removed=reason, actor=actor, moment=moment)


def change_holds(
    *,
    order: LockedOrder,
    added: Mapping[str, Mapping[str, Any]] | None = None,
    removed: Mapping[str, Mapping[str, Any]] | None = None,
    actor: Actor,
    moment: dt.datetime,
) -> bool:
    """Add and take away reasons of an order that the caller holds, each with an event that explains it.

    False when that changes nothing.
    """
    changed = False
    for kind, reasons in (("held", added or {}), ("unheld", removed or {})):
        for reason, details in sorted(reasons.items()):
            event = change_hold_reasons(
                event=EventRow(
                    order_id=order.id,
                    kind=kind,
                    happened_at=moment,
                    actor=actor.name,
                    via=current_origin().via,
                    reason=reason,
                    details=dict(details),
                ),
                from_states=UNSHIPPED,
                added=[reason] if kind == "held" else (),
                removed=[reason] if kind == "unheld" else (),
            )
            if event is not None:
                changed = True
                announce(order_id=order.id, kind=kind, event_id=event.id, moment=moment, facts={"reason": reason})
    return changed


def _refuse_reason(*, order: LockedOrder, reason: str) -> None:
    if reason not in HOLD_REASONS:
        raise BadOrderChange(order=order.external_id, reason="that is no reason to hold an order")
    if reason not in JUDGED_HOLDS:
        raise BadOrderChange(
            order=order.external_id, reason="a reason that the order waits for by itself cannot be set by hand"
        )


def _refuse_waiting_for(*, order: LockedOrder, reasons: Sequence[str]) -> None:
    for reason in reasons:
        if reason not in HOLD_REASONS:
            raise BadOrderChange(order=order.external_id, reason="that is no reason to hold an order")
        if reason == "awaiting_payment" and reason in order.hold_reasons:
            raise BadOrderChange(
                order=order.external_id, reason="the customer has not paid yet; write the payment down instead"
            )
        if reason == "out_of_stock" and reason in order.hold_reasons:
            raise BadOrderChange(
                order=order.external_id, reason="a reason that the order waits for by itself cannot be set by hand"
            )


def _refuse_long(*, order: LockedOrder, note: str) -> None:
    if len(note) > LONGEST_NOTE or "\x00" in note:
        raise BadOrderChange(order=order.external_id, reason=REASON_TEMPLATES[0])


def _refuse_gone(*, order: LockedOrder, wanted: str) -> None:
    if order.state not in UNSHIPPED:
        raise OrderMovedOn(order=order.external_id, state=order.state, wanted=wanted)


__all__ = [
    "change_holds",
    "follow_goods",
    "follow_waiting",
    "follow_wanted_date",
    "hold_order",
    "note_order",
    "tag_order",
    "unhold_order",
]
