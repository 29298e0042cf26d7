"""What carriers say of parcels, and what all of it comes to: the same whatever order it arrived in. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.shipping.parcel_models import PARCEL_STATES
from reorder.kernel.ids import idempotency_key

# Why a parcel did not go on, in the words of karrio (core/units, TrackingIncidentReason).
INCIDENT_REASONS: Final = (
    "carrier_damaged_parcel",
    "carrier_sorting_error",
    "carrier_address_not_found",
    "carrier_parcel_lost",
    "carrier_not_enough_time",
    "carrier_vehicle_issue",
    "consignee_refused",
    "consignee_business_closed",
    "consignee_not_available",
    "consignee_not_home",
    "consignee_incorrect_address",
    "consignee_access_restricted",
    "customs_delay",
    "customs_documentation",
    "customs_duties_unpaid",
    "weather_delay",
    "natural_disaster",
    "unknown",
)
# The carrier has it, or has had it.
MOVING: Final = frozenset(
    {
        "picked_up",
        "in_transit",
        "out_for_delivery",
        "ready_for_pickup",
        "delivered",
        "delivery_delayed",
        "delivery_failed",
        "return_to_sender",
    }
)
# Nothing more is waited for.
OVER: Final = frozenset({"delivered", "cancelled", "return_to_sender"})
# A clock of a carrier may run in the zone of its country; what lies further ahead is wrong.
MOST_AHEAD: Final = dt.timedelta(hours=14)
# Numbers are used again after months: what happened so long before a parcel was packed is another one's.
MOST_BEFORE: Final = dt.timedelta(days=2)
_LONGEST: Final = 300
# Of two that say the same moment, the one further along the way holds.
_RANKS: Final = {
    state: rank
    for rank, state in enumerate(
        (
            "unknown",
            "pending",
            "cancelled",
            "picked_up",
            "in_transit",
            "on_hold",
            "delivery_delayed",
            "out_for_delivery",
            "delivery_failed",
            "ready_for_pickup",
            "delivered",
            "return_to_sender",
        )
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierWord:
    """One thing a carrier says of one parcel, as its adapter read it; the parcel is named by the tracking number.

    `key` makes the same word count once; without one it is made of what is said. `expected_date` and
    `collect_until_date` are what the carrier says now of the day of delivery, and until when a store keeps it.
    """

    tracking_number: str
    state: str
    happened_at: dt.datetime
    reason: str = ""
    carrier_code: str = ""
    carrier_words: str = ""
    place_text: str = ""
    key: str = ""
    expected_date: dt.date | None = None
    collect_until_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SaidOfParcel:
    """What decides of one event."""

    state: str
    happened_at: dt.datetime
    reason: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelStanding:
    """What all events of a parcel come to. `heard_at` is the carrier's newest word, `delivered_at` when it arrived."""

    state: str
    state_at: dt.datetime | None
    reason: str
    heard_at: dt.datetime | None
    left_at: dt.datetime | None
    delivered_at: dt.datetime | None
    is_newest_unknown: bool


def standing_of(*, events: Iterable[SaidOfParcel]) -> ParcelStanding:
    """What events come to, in whatever order and however often they were told.

    The newest by the carrier's moment holds, but: one that goes back to the shop stays so (what follows are scans of
    the way back); a delivered one stays delivered unless it goes back; what we cannot translate replaces nothing.
    """
    told = sorted(set(events), key=lambda one: (one.happened_at, _RANKS[one.state], one.reason, one.key))
    known = [one for one in told if one.state != "unknown"]
    newest = next(reversed(known or told), None)
    holds = _first(known, "return_to_sender") or _first(known, "delivered") or newest
    left = next((one for one in known if one.state in MOVING), None)
    delivered = _first(known, "delivered") if holds and holds.state == "delivered" else None
    return ParcelStanding(
        state=holds.state if holds else "pending",
        state_at=holds.happened_at if holds else None,
        reason=holds.reason if holds else "",
        heard_at=told[-1].happened_at if told else None,
        left_at=left.happened_at if left else None,
        delivered_at=delivered.happened_at if delivered else None,
        is_newest_unknown=bool(told) and told[-1].state == "unknown",
    )


def key_of(*, word: CarrierWord, parcel_id: int, account_code: str) -> str:
    """What makes a word count once: the carrier's own key, else all that it says of the parcel."""
    if word.key:
        return idempotency_key("tracking", account_code, parcel_id, word.key)
    return idempotency_key(
        "tracking",
        account_code,
        parcel_id,
        word.state,
        word.reason,
        word.carrier_code,
        word.place_text,
        word.happened_at.astimezone(dt.UTC).isoformat(),
    )


def fault_of(*, word: CarrierWord, packed_at: dt.datetime, moment: dt.datetime) -> str:
    """The code of why a word cannot be of this parcel, empty when it can."""
    if word.state not in PARCEL_STATES:
        return "bad_state"
    if word.happened_at.tzinfo is None:
        return "no_time_zone"
    if word.happened_at > moment + MOST_AHEAD:
        return "ahead"
    if word.happened_at < packed_at - MOST_BEFORE:
        return "another_parcel"
    return ""


def plain_text(*, text: str) -> str:
    """What is kept of a carrier's text: one line without control characters, at most 300 characters."""
    return " ".join("".join(" " if ord(one) < 32 or ord(one) == 127 else one for one in text).split())[:_LONGEST]


def next_poll_at(*, moment: dt.datetime, failed_polls: int, heard_at: dt.datetime) -> dt.datetime:
    """When to ask a carrier again: hourly, rarer the longer nothing moved; after failures 10 minutes doubled to a day.

    A parcel of which nothing was heard for a week is asked for once a day.
    """
    if failed_polls:
        return moment + min(dt.timedelta(minutes=10 * 2 ** min(failed_polls - 1, 8)), dt.timedelta(days=1))
    quiet = moment - heard_at
    if quiet < dt.timedelta(days=2):
        return moment + dt.timedelta(hours=1)
    return moment + (dt.timedelta(hours=4) if quiet < dt.timedelta(days=7) else dt.timedelta(days=1))


def _first(events: Sequence[SaidOfParcel], state: str) -> SaidOfParcel | None:
    """The earliest of a state: when it first came to it."""
    return next((one for one in events if one.state == state), None)
