"""What is said of a parcel, taken in with all that follows from it: part of the caller's `widened_transaction`.

Lock order: order → fulfilment orders → parcels. What is said twice changes nothing the second time, and in whatever
order things are said, parcel and order end the same.
"""

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from reorder.domain.shipping import tracking
from reorder.domain.shipping.strays import StrayRow
from reorder.domain.shipping.tracking import HeldParcel
from reorder.domain.shipping.tracking_rules import OVER, CarrierWord, ParcelStanding, fault_of
from reorder.domain.staff.rules import Actor
from reorder.flows import webhooks
from reorder.flows.fulfil.following import SYSTEM, HeldOrder, hold_order_row, tell
from reorder.flows.fulfil.moving import deliver_fulfilment, ship_fulfilment
from reorder.flows.order_mail import PARCEL_STATES_TOLD, mail_parcel
from reorder.flows.returns.sending import follow_back_parcel
from reorder.kernel.errors import ReorderError
from reorder.kernel.jobs import JobName, defer_job

log = logging.getLogger(__name__)
# What a parcel's order tells on its timeline; every scan on the way stands on the parcel's own.
_ON_TIMELINE: Final = frozenset(
    {
        "out_for_delivery",
        "ready_for_pickup",
        "delivered",
        "delivery_delayed",
        "delivery_failed",
        "on_hold",
        "return_to_sender",
        "cancelled",
    }
)
# The goods are gone from the warehouse: what a carrier does with a parcel that nobody scanned out says so too.
_SHIPPABLE: Final = frozenset({"released", "picked", "packed"})


# Later than this nobody wants to read that a parcel comes today.
_NEWS: Final = dt.timedelta(hours=36)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of words about a parcel: how many were new, which were refused with which code, and its state now."""

    new_count: int
    known_count: int
    refused: tuple[tuple[CarrierWord, str], ...]
    state: str


def take_words(
    *,
    parcel_id: int,
    order_id: int,
    words: Sequence[CarrierWord],
    source: str,
    told_by: str,
    account_code: str = "",
    is_polled: bool = False,
    actor: Actor = SYSTEM,
    moment: dt.datetime,
) -> Taken:
    """Take in what is said of a parcel, all of it before anything follows: a history tells of its end only.

    Refuses words that cannot be of it. Raises UnknownParcel, UnknownOrder.
    """
    held = hold_order_row(order_id=order_id)
    parcel = tracking.lock_parcel(parcel_id=parcel_id)
    refused, new, standing = [], 0, None
    for word in words:
        fault = fault_of(word=word, packed_at=parcel.packed_at or parcel.created_at, moment=moment)
        if fault:
            refused.append((word, fault))
            continue
        added = tracking.append_word(
            parcel=parcel,
            word=word,
            account_code=account_code,
            source=source,
            told_by=told_by,
            moment=moment,
            is_polled=is_polled,
        )
        if added is not None:
            new, standing = new + 1, added
    if standing is not None:
        _follow(held=held, parcel=parcel, standing=standing, actor=actor, moment=moment)
    return Taken(
        new_count=new,
        known_count=len(words) - new - len(refused),
        refused=tuple(refused),
        state=standing.state if standing else parcel.state,
    )


def take_stray(*, stray: StrayRow, word: CarrierWord, moment: dt.datetime) -> Taken | None:
    """Take in the word of a letter that had no parcel when it came; None where its number is still no parcel's."""
    found = tracking.find_by_tracking(tracking_number=word.tracking_number)
    if found is None:
        return None
    return take_words(
        parcel_id=found.id,
        order_id=found.order_id,
        words=[word],
        source="callback",
        told_by=stray.account_code,
        account_code=stray.account_code,
        moment=moment,
    )


def _follow(
    *, held: HeldOrder, parcel: HeldParcel, standing: ParcelStanding, actor: Actor, moment: dt.datetime
) -> None:
    """What news bring about: what others are told, and the order's own steps."""
    is_new = standing.state != parcel.state
    if is_new:
        _tell_change(held=held, parcel=parcel, standing=standing, actor=actor, moment=moment)
        defer_job(name=JobName.WATCH_PARCELS, once_key="watch_parcels")
    if is_new and parcel.direction == "back":
        follow_back_parcel(shipment_key=parcel.shipment_key, parcel_state=standing.state, actor=actor, moment=moment)
    if parcel.direction != "out" or parcel.fulfilment_id is None:
        return
    _move_order(held=held, parcel=parcel, actor=actor, moment=moment)
    if is_new and standing.state in PARCEL_STATES_TOLD and standing.state_at and moment - standing.state_at < _NEWS:
        mail_parcel(order_id=parcel.order_id, parcel_id=parcel.id, state=standing.state, moment=moment)


def _tell_change(
    *,
    held: HeldOrder,
    parcel: HeldParcel,
    standing: ParcelStanding,
    actor: Actor,
    moment: dt.datetime,
) -> None:
    details = {
        "parcel": parcel.number,
        "parcel_state": standing.state,
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "happened_at": (standing.state_at or moment).isoformat(),
        "incident": standing.reason,
    }
    event_id: int | str = f"{parcel.number}:{standing.state}:{details['happened_at']}"
    if standing.state in _ON_TIMELINE:
        told = tell(
            order=held.order,
            kind="parcel_back" if parcel.direction == "back" else f"parcel_{standing.state}",
            to_state=held.order.state,
            actor=actor,
            moment=moment,
            details=details,
        )
        event_id = told.event_id
    webhooks.announce_order(
        order_id=parcel.order_id,
        kind="parcel.updated",
        event_id=event_id,
        moment=moment,
        facts={
            "parcel": {
                "number": parcel.number,
                "carrier": parcel.carrier,
                "tracking_number": parcel.tracking_number,
                "direction": parcel.direction,
                "state": standing.state,
                "incident": standing.reason,
                "happened_at": details["happened_at"],
            }
        },
    )


def _move_order(*, held: HeldOrder, parcel: HeldParcel, actor: Actor, moment: dt.datetime) -> None:
    """The fulfilment leaves with the last of its parcels, and has arrived with the last of them."""
    together = tracking.lock_parcels_of(shipment_key=parcel.shipment_key)
    if not together:
        return
    number = int(parcel.fulfilment_id or 0)
    first = together[0]
    found = next((one for one in held.fulfilments if one.id == number), None)
    state = found.state if found else ""
    if state in _SHIPPABLE and all(one.shipped_at for one in together):
        state = _try(
            lambda: (
                ship_fulfilment(
                    fulfilment_id=number,
                    actor=actor,
                    moment=moment,
                    carrier=first.carrier,
                    tracking_number=first.tracking_number,
                ).fulfilment_state
            ),
            otherwise=state,
        )
    # One that came back was not delivered; the others were.
    states = {one.state for one in together}
    if state == "shipped" and states <= OVER and "delivered" in states:
        _try(
            lambda: deliver_fulfilment(fulfilment_id=number, actor=actor, moment=moment).fulfilment_state,
            otherwise=state,
        )


def _try(step: Callable[[], str], *, otherwise: str) -> str:
    """A step of the order that its state may not allow: what the carrier said is kept all the same."""
    try:
        with transaction.atomic():
            return step()
    except ReorderError as fault:
        log.warning("a parcel is further than its order can be: %s", fault)
        return otherwise
