"""What people, and programs of carriers without an adapter, say of a parcel by hand; and letters nobody could use."""

import datetime as dt
from typing import Final

from reorder.domain.shipping import strays
from reorder.domain.shipping.parcel_models import PARCEL_STATES
from reorder.domain.shipping.public_links import give_token
from reorder.domain.shipping.tracking_errors import BadTrackingEvent, UnknownParcel
from reorder.domain.shipping.tracking_rules import INCIDENT_REASONS, CarrierWord
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction, widened_transaction
from reorder.flows.shop_links import parcels_link
from reorder.flows.tracking.taking import Taken, take_stray, take_words
from reorder.insights.parcels import get_parcel
from reorder.kernel.errors import NotFound

# Why a word cannot be of a parcel, for who wrote it.
FAULT_TEMPLATES: Final = {
    "bad_state": "the state is none of the twelve",
    "no_time_zone": "the moment has no time zone",
    "ahead": "the moment lies ahead",
    "another_parcel": "it happened long before the parcel was packed",
}


class UnknownStray(NotFound):
    """No such letter, or somebody settled it."""

    def __init__(self, *, key: object) -> None:
        super().__init__(what="message", key=key)


def note_word(*, parcel_id: int, word: CarrierWord, source: str, actor: Actor, moment: dt.datetime) -> Taken:
    """Take in what somebody says of a parcel of the actor's places; part of the caller's `widened_transaction`.

    `source` is staff or api. Raises NotAllowed, UnknownParcel, BadTrackingEvent.
    """
    actor.require(Ability.FULFIL_ORDERS)
    parcel = get_parcel(parcel_id=parcel_id, actor=actor)
    if word.state not in PARCEL_STATES:
        raise BadTrackingEvent(reason=FAULT_TEMPLATES["bad_state"])
    if word.reason and word.reason not in INCIDENT_REASONS:
        raise BadTrackingEvent(reason="the reason is none that we know")
    taken = take_words(
        parcel_id=parcel.id,
        order_id=parcel.order_id,
        words=[word],
        source=source,
        told_by=actor.name,
        account_code=source,
        actor=actor,
        moment=moment,
    )
    if taken.refused:
        raise BadTrackingEvent(reason=FAULT_TEMPLATES[taken.refused[0][1]])
    if taken.new_count:
        record_audit(
            actor=actor.name,
            action="shipping.note_event",
            subject_kind="parcel",
            subject_key=parcel.number,
            details={"state": word.state, "happened_at": word.happened_at.isoformat(), "reason": word.reason},
        )
    return taken


def note_by_hand(*, parcel_id: int, word: CarrierWord, actor: Actor, moment: dt.datetime) -> Taken:
    """`note_word` of a person at a desk, in a transaction of its own."""
    with widened_transaction():
        return note_word(parcel_id=parcel_id, word=word, source="staff", actor=actor, moment=moment)


def settle_stray(*, stray_id: int, actor: Actor, moment: dt.datetime) -> None:
    """Put a letter aside that nobody can use. Raises NotAllowed, UnknownStray."""
    actor.require(Ability.FULFIL_ORDERS)
    with one_transaction():
        if not strays.settle_stray(stray_id=min(stray_id, 2**63 - 1), settled_by=actor.name, moment=moment):
            raise UnknownStray(key=stray_id)
        record_audit(
            actor=actor.name,
            action="shipping.settle_stray",
            subject_kind="stray",
            subject_key=str(stray_id),
            details={},
        )


def retry_stray(*, stray_id: int, actor: Actor, moment: dt.datetime) -> bool:
    """Look once more for the parcel of a letter; whether it was found. Raises NotAllowed, UnknownStray."""
    actor.require(Ability.FULFIL_ORDERS)
    stray = strays.find_stray(stray_id=min(stray_id, 2**63 - 1))
    word = strays.word_of(said=stray.said) if stray else None
    if stray is None or word is None:
        raise UnknownStray(key=stray_id)
    with widened_transaction():
        taken = take_stray(stray=stray, word=word, moment=moment)
        if taken is None or taken.refused:
            return False
        strays.settle_stray(stray_id=stray.id, settled_by=actor.name, moment=moment)
    return True


def give_link(*, parcel_id: int, actor: Actor, moment: dt.datetime) -> str:
    """The address of the page that a customer follows the order's parcels by. Raises NotAllowed, UnknownParcel."""
    actor.require(Ability.FULFIL_ORDERS)
    parcel = get_parcel(parcel_id=parcel_id, actor=actor)
    if parcel.direction != "out":
        raise UnknownParcel(key=parcel_id)
    with one_transaction():
        return parcels_link(token=give_token(order_id=parcel.order_id, moment=moment))
