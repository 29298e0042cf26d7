"""Parcels and offers of services, as people read them."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.shipping.choosing import CarrierChoice, JudgedOffer
from reorder.kernel import formatting
from reorder.web.setup.shipping_forms import TEMPERATURE_WORDS

PARCEL_STATE_WORDS: Mapping[str, Promise] = {
    "pending": gettext_lazy("not with the carrier yet"),
    "picked_up": gettext_lazy("with the carrier"),
    "in_transit": gettext_lazy("on its way"),
    "out_for_delivery": gettext_lazy("out for delivery"),
    "ready_for_pickup": gettext_lazy("waits in the store"),
    "delivered": gettext_lazy("delivered"),
    "delivery_delayed": gettext_lazy("delayed"),
    "delivery_failed": gettext_lazy("not delivered"),
    "on_hold": gettext_lazy("held by the carrier"),
    "return_to_sender": gettext_lazy("coming back"),
    "cancelled": gettext_lazy("cancelled"),
    "unknown": gettext_lazy("carrier does not say"),
}
_TONES: Final = {
    "delivered": "good",
    "in_transit": "info",
    "picked_up": "info",
    "out_for_delivery": "info",
    "ready_for_pickup": "soon",
    "delivery_delayed": "soon",
    "on_hold": "soon",
    "delivery_failed": "bad",
    "return_to_sender": "bad",
}


def parcel_mark(state: str) -> SafeString:
    """Where a parcel is, as a mark with its word."""
    return format_html(
        '<span class="mark mark-{}">{}</span>', _TONES.get(state, "quiet"), PARCEL_STATE_WORDS.get(state, state)
    )


def temperature_word(temperature: str) -> str:
    """A temperature class in words."""
    return str(TEMPERATURE_WORDS.get(temperature, temperature))


def say_reason(one: JudgedOffer) -> str:
    """Why an offer is not taken; empty for one that is possible."""
    if not one.reason:
        return ""
    details = dict(one.details or {})
    if "temperature" in details:
        details["temperature"] = ", ".join(temperature_word(word) for word in details["temperature"].split(", "))
    said = _(one.reason).format(**details)
    return f"{said} ({one.offer.fault})" if one.offer.fault else said


def say_choice(choice: CarrierChoice) -> str:
    """Why the best one is the best."""
    return _(choice.reason) if choice.reason else ""


def say_size(length_mm: int, width_mm: int, height_mm: int) -> str:
    """A box in centimetres; a dash when nobody measured it."""
    sides = [side for side in (length_mm, width_mm, height_mm) if side]
    return "×".join(f"{side / 10:g}" for side in sides) + " cm" if sides else "–"


def say_weight(grams: int | None) -> str:
    """A weight in kilograms; a dash when nobody weighed it."""
    return f"{formatting.format_units(grams / 1000)} kg" if grams else "–"
