"""What happened to an order, one sentence an event; a kind that this version does not know is said by its name."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from reorder.domain.orders.life import EventLine
from reorder.kernel.formatting import format_money, format_units
from reorder.web import return_words
from reorder.web.orders import words
from reorder.web.templatetags.reorder import day, listed

EVENT_TEMPLATES: Final[Mapping[str, str]] = {
    "placed": gettext_noop("The order came in."),
    "allocated": gettext_noop("Its goods are kept for it."),
    "backordered": gettext_noop("Goods are missing; it waits for them."),
    "held": gettext_noop("Put on hold."),
    "unheld": gettext_noop("Let go."),
    "released": gettext_noop("Released to the warehouse."),
    "unreleased": gettext_noop("Taken back from the warehouse."),
    "part_released": gettext_noop("A part was released to the warehouse."),
    "picked": gettext_noop("Picked."),
    "part_picked": gettext_noop("A part was picked."),
    "unpicked": gettext_noop("Put back on the shelf."),
    "packed": gettext_noop("Packed."),
    "part_packed": gettext_noop("A part was packed."),
    "unpacked": gettext_noop("A parcel was opened again."),
    "part_shipped": gettext_noop("A part was handed to the carrier."),
    "part_delivered": gettext_noop("A part was delivered."),
    "shipped": gettext_noop("Handed to the carrier."),
    "delivered": gettext_noop("Delivered."),
    "cancelled": gettext_noop("Cancelled."),
    "lines_cancelled": gettext_noop("Lines were cancelled."),
    "part_cancelled": gettext_noop("Lines were cancelled."),
    "edited": gettext_noop("Changed."),
    "noted": gettext_noop("Note"),
    "tagged": gettext_noop("Tags were changed."),
    "merged": gettext_noop("Merged with another order."),
    "split": gettext_noop("Some of its lines are another order now."),
    "rerouted": gettext_noop("Places were chosen again."),
    "short_picked": gettext_noop("Less was found on the shelf than the books say."),
    "payment_asked": gettext_noop("The payment was asked for."),
    "payment_received": gettext_noop("Money came in."),
    "refund_made": gettext_noop("Money goes back."),
    "refund_sent": gettext_noop("The refund was sent."),
    "refund_due": gettext_noop("Money is to be given back."),
    "revived": gettext_noop("It is an order of its own again."),
    "step_failed": gettext_noop("Something that follows failed for good: a person must look."),
    "priced": gettext_noop("Its price was made."),
    "delayed": gettext_noop("It is later than promised."),
    "parcel_out_for_delivery": gettext_noop("A parcel is out for delivery."),
    "parcel_ready_for_pickup": gettext_noop("A parcel waits at the store."),
    "parcel_delivered": gettext_noop("A parcel was delivered."),
    "parcel_delivery_delayed": gettext_noop("The carrier is late with a parcel."),
    "parcel_delivery_failed": gettext_noop("The carrier could not deliver a parcel."),
    "parcel_on_hold": gettext_noop("The carrier holds a parcel back."),
    "parcel_return_to_sender": gettext_noop("A parcel comes back to us undelivered."),
    "parcel_cancelled": gettext_noop("A parcel was given up."),
    "parcel_back": gettext_noop("News of a parcel that the customer sends back."),
    "parcel_late": gettext_noop("A parcel is late on its way."),
    "return_requested": gettext_noop("The customer wants to return goods."),
    "return_accepted": gettext_noop("The return was accepted."),
    "return_declined": gettext_noop("The return was declined."),
    "return_opened": gettext_noop("A return was opened."),
    "return_sent": gettext_noop("Label or instructions for the return were sent."),
    "return_under_way": gettext_noop("Returned goods are on their way."),
    "return_received": gettext_noop("Returned goods are here."),
    "return_graded": gettext_noop("Returned goods were graded."),
    "return_redisposed": gettext_noop("Something else becomes of returned goods."),
    "return_inspected": gettext_noop("All returned goods are graded."),
    "return_closed": gettext_noop("The return was closed."),
    "return_cancelled": gettext_noop("The return was called off."),
    "return_expired": gettext_noop("The returned goods never came."),
    "return_claimed": gettext_noop("Returned goods went back to their supplier."),
}
_ICONS: Final[Mapping[str, str]] = {
    "placed": "shopping-cart",
    "allocated": "package-check",
    "backordered": "package-x",
    "held": "circle-pause",
    "unheld": "circle-play",
    "released": "play",
    "picked": "hand",
    "packed": "package",
    "shipped": "truck",
    "delivered": "house",
    "cancelled": "ban",
    "lines_cancelled": "ban",
    "edited": "pencil",
    "noted": "sticky-note",
    "merged": "merge",
    "split": "split",
    "rerouted": "route",
    "short_picked": "triangle-alert",
    "payment_received": "circle-dollar-sign",
    "refund_made": "undo-2",
    "delayed": "clock-alert",
    "parcel_out_for_delivery": "truck",
    "parcel_ready_for_pickup": "map-pin",
    "parcel_delivered": "house",
    "parcel_delivery_delayed": "clock-alert",
    "parcel_delivery_failed": "package-x",
    "parcel_on_hold": "circle-pause",
    "parcel_return_to_sender": "undo-2",
    "parcel_late": "clock-alert",
    "return_requested": "undo-2",
    "return_accepted": "check",
    "return_declined": "ban",
    "return_opened": "undo-2",
    "return_received": "package-check",
    "return_graded": "check",
    "return_closed": "check",
    "return_cancelled": "ban",
    "return_expired": "clock-alert",
}
VIA_TEMPLATES: Final[Mapping[str, str]] = {
    "web": gettext_noop("on a page"),
    "api": gettext_noop("through the API"),
    "cli": gettext_noop("in the terminal"),
    "job": gettext_noop("by itself"),
    "worker": gettext_noop("by itself"),
    "portal": gettext_noop("in the customer's portal"),
}
_MONEY: Final = ("amount_minor", "total_minor", "refund_minor", "paid_minor", "refunded_minor")


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """One entry of the timeline."""

    kind: str
    icon: str
    moment: dt.datetime
    actor: str
    via: str
    sentence: str
    more: Sequence[str]
    note: str


def shown_events(events: Sequence[EventLine], *, currency: str) -> list[ShownEvent]:
    """The timeline, the latest first."""
    return [_shown(event, currency=currency) for event in reversed(events)]


def _shown(event: EventLine, *, currency: str) -> ShownEvent:
    said = EVENT_TEMPLATES.get(event.kind)
    note = str(event.details.get("text") or event.details.get("note") or "")
    return ShownEvent(
        kind=event.kind,
        icon=_ICONS.get(event.kind, "circle-dot"),
        moment=event.happened_at,
        # The number of a customer says nothing to people, and the page names the customer already.
        actor=_("the customer") if event.actor.startswith("customer:") else event.actor,
        via=gettext(VIA_TEMPLATES[event.via]) if event.via in VIA_TEMPLATES else "",
        sentence=gettext(said) if said else event.kind.replace("_", " "),
        more=[one for one in _details(event, currency=currency) if one],
        note=note,
    )


def _of_goods(details: Mapping[str, Any]) -> str:
    """Which returned goods, with their grade and what becomes of them."""
    parts = [f"{details.get('units', '')} × {details['sku']}", str(details.get("grade") or details.get("claim") or "")]
    disposition = str(details.get("disposition") or "")
    if disposition:
        parts.append(return_words.said(disposition, templates=return_words.DISPOSITION_TEMPLATES))
    return " · ".join(part for part in parts if part)


def _details(event: EventLine, *, currency: str) -> list[str]:
    """Why, and the figures of an event as far as they are known here."""
    details, said = event.details, []
    if event.reason and event.kind != "noted":
        said.append(_reason(event))
    if event.kind == "placed" and isinstance(details.get("total_minor"), int):
        lines = _("{count} lines").format(count=format_units(int(details.get("lines") or 0)))
        said.append(f"{lines} · {format_money(details['total_minor'], currency=currency)}")
    elif event.kind.startswith("return_") and details.get("sku"):
        said.append(_of_goods(details))
    elif any(isinstance(details.get(name), int) for name in _MONEY):
        amount = next(details[name] for name in _MONEY if isinstance(details.get(name), int))
        said.append(format_money(amount, currency=currency))
    return [*said, *_named(details)]


def _reason(event: EventLine) -> str:
    if event.reason in words.HOLD_TEMPLATES:
        return words.check_words(kind=event.reason, details=event.details)
    if event.kind in {"return_requested", "return_opened"} and event.reason in words.RETURN_TEMPLATES:
        return gettext(words.RETURN_TEMPLATES[event.reason])
    return event.reason


def _named(details: Mapping[str, Any]) -> list[str]:
    """Places, products, parcels and other orders that an event names."""
    said = []
    if details.get("places"):
        said.append(_("From {places}").format(places=listed(_texts(details["places"]))))
    if details.get("place"):
        said.append(_("At {place}").format(place=details["place"]))
    if details.get("skus"):
        said.append(_("Products {skus}").format(skus=listed(_texts(details["skus"]))))
    if details.get("tracking_number"):
        parcel = " ".join(str(details[name]) for name in ("carrier", "tracking_number") if details.get(name))
        said.append(_("Parcel {number}").format(number=parcel))
    if details.get("orders"):
        said.append(_("Orders {numbers}").format(numbers=listed(_texts(details["orders"]))))
    if details.get("promised_date"):
        said.append(_("Promised for {day}").format(day=_day(details["promised_date"])))
    return said


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [str(one) for one in value.values()]
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def _day(value: object) -> str:
    try:
        return day(dt.date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


__all__ = ["EVENT_TEMPLATES", "ShownEvent", "shown_events"]
