"""Parcels and their timelines as rows for templates, for the three who look: the link, the customer, staff."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from reorder.domain.shipping.carrier_links import carrier_link
from reorder.domain.shipping.tracking_rules import OVER
from reorder.insights.parcels import ParcelRow, TrackingRow, list_order_parcels, list_tracking
from reorder.web.tracking import words

# How far along its five steps a parcel in each state is; trouble stays where it happened.
_REACHED: Final[Mapping[str, int]] = {
    "pending": 0,
    "unknown": 0,
    "picked_up": 1,
    "in_transit": 2,
    "on_hold": 2,
    "delivery_delayed": 2,
    "delivery_failed": 2,
    "out_for_delivery": 3,
    "ready_for_pickup": 3,
    "delivered": 4,
}
# It is there, or comes today.
_DAYLESS: Final = frozenset({"delivered", "ready_for_pickup", "return_to_sender", "out_for_delivery"})
_TONES: Final[Mapping[str, str]] = {
    "delivered": "good",
    "ready_for_pickup": "good",
    "delivery_delayed": "soon",
    "on_hold": "soon",
    "delivery_failed": "now",
    "return_to_sender": "now",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """One entry of a parcel's timeline. `carrier_said` and `told` are for staff only."""

    sentence: str
    moment: dt.datetime
    where: str
    why: str
    carrier_said: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownParcel:
    """One parcel in plain words; nothing in it says whose it is, or where that person lives."""

    row: ParcelRow
    place: int
    headline: str
    tone: str
    why: str
    steps: Sequence[tuple[str, bool]]
    link: str
    collect_at: str
    day: dt.date | None
    is_over: bool
    history: Sequence[ShownStep]


def shown_parcels(*, order_id: int, direction: str = "out") -> list[ShownParcel]:
    """The parcels of an order that were not given up, numbered, each with its timeline."""
    rows = [
        one
        for one in list_order_parcels(order_ids=[order_id])
        if one.direction == direction and one.state != "cancelled"
    ]
    told = list_tracking(parcel_ids=[one.id for one in rows])
    return [shown_parcel(row, events=told.get(row.id, ()), place=place) for place, row in enumerate(rows, 1)]


def shown_parcel(row: ParcelRow, *, events: Sequence[TrackingRow], place: int = 1) -> ShownParcel:
    """One parcel; `events` are the newest first."""
    newest = next((one for one in events if one.state == row.state), None)
    at_store = next((one.place_text for one in events if one.state == "ready_for_pickup" and one.place_text), "")
    names = words.STORE_STEP_TEMPLATES if row.is_store_pickup or row.store_code else words.STEP_TEMPLATES
    reached = _reached(row, events=events)
    return ShownParcel(
        row=row,
        place=place,
        headline=_headline(row),
        tone="now" if row.late_reason and row.state != "delivered" else _TONES.get(row.state, "info"),
        why=said_reason(newest.reason) if newest else "",
        steps=[] if row.state == "return_to_sender" else [(_(name), at <= reached) for at, name in enumerate(names)],
        link=carrier_link(
            carrier=row.carrier, tracking_number=row.tracking_number, own_links=settings.REORDER.carrier_links
        ),
        collect_at=at_store or row.store_code,
        day=None if row.state in _DAYLESS else row.day,
        is_over=row.state in OVER,
        history=[_step(one) for one in events],
    )


def said_reason(code: str) -> str:
    """Why a parcel did not go on; empty for nothing."""
    return _(words.REASON_TEMPLATES.get(code, words.REASON_TEMPLATES["unknown"])) if code else ""


def _headline(row: ParcelRow) -> str:
    if row.state == "delivered" and (row.is_store_pickup or row.store_code):
        return _(words.HEADLINE_TEMPLATES["collected"])
    if row.late_reason and row.state in {"pending", "picked_up", "in_transit", "unknown"}:
        return _(words.HEADLINE_TEMPLATES["late"])
    # A parcel that a driver took and that says nothing else is with the carrier, whoever scanned it.
    if row.state == "pending" and row.shipped_at:
        return _(words.STATE_TEMPLATES["picked_up"])
    return _(words.STATE_TEMPLATES[row.state])


def _reached(row: ParcelRow, *, events: Sequence[TrackingRow]) -> int:
    known = _REACHED.get(row.state, 0)
    past = max((_REACHED.get(one.state, 0) for one in events if one.happened_at <= row.state_at), default=0)
    return max(known, 1 if row.shipped_at else 0, min(past, 3) if row.state != "delivered" else 4)


def _step(one: TrackingRow) -> ShownStep:
    return ShownStep(
        sentence=_(words.STATE_TEMPLATES[one.state]),
        moment=one.happened_at,
        # Where it was handed over is a home; where it waits and lies on its way is not.
        where="" if one.state in {"delivered", "delivery_failed", "out_for_delivery"} else one.place_text,
        why=said_reason(one.reason),
        carrier_said=" ".join(filter(None, [one.carrier_code, one.carrier_words])),
        told=_(words.SOURCE_TEMPLATES[one.source]),
    )
