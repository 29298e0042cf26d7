"""Our values in EasyPost's shapes: inches and ounces, addresses, rates by carrier and service."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from reorder.domain.shipping.carriers.values import ParcelToSend, Party, PickUpRequest

_MM_AN_INCH: Final = 25.4
_GRAMS_AN_OUNCE: Final = 28.349523125


def shipment_body(*, parcel: ParcelToSend, reference: str) -> dict[str, Any]:
    """A shipment to make; without a reference one for asking prices."""
    sizes = {"length": parcel.length_mm, "width": parcel.width_mm, "height": parcel.height_mm}
    shipment: dict[str, Any] = {
        "from_address": address_of(parcel.sender),
        "to_address": address_of(parcel.receiver),
        "parcel": {name: round(size / _MM_AN_INCH, 2) for name, size in sizes.items() if size}
        | {"weight": max(round(parcel.grams / _GRAMS_AN_OUNCE, 1), 0.1)},
        "is_return": parcel.direction == "back",
        "options": {"label_format": "PDF", "label_size": "4x6", "print_custom_1": parcel.parcel_number},
    }
    if reference:
        shipment["reference"] = reference
    return {"shipment": shipment}


def address_of(party: Party) -> dict[str, str]:
    """An address in EasyPost's words; empty parts are left out."""
    parts = {
        "name": party.name,
        "company": party.company,
        "phone": party.phone,
        "email": party.email,
        "street1": party.line1,
        "street2": party.line2,
        "city": party.city,
        "state": party.region,
        "zip": party.postcode,
        "country": party.country,
    }
    return {name: value for name, value in parts.items() if value}


def rate_of(*, rates: Sequence[Mapping[str, Any]], wanted: str) -> Mapping[str, Any] | None:
    """The cheapest rate of a service, named `USPS Priority` or `Priority`; None when it is not offered."""
    carrier, _space, service = wanted.rpartition(" ")
    fitting = [
        one
        for one in rates
        if wanted and one.get("service") == service and (not carrier or one.get("carrier") == carrier)
    ]
    return min(fitting, key=_price, default=None)


def handle_details(*, shipment: Mapping[str, Any]) -> dict[str, str]:
    """What of a bought shipment is kept: which carrier it goes with."""
    rate = shipment.get("selected_rate")
    carrier = rate.get("carrier") if isinstance(rate, dict) else ""
    return {"carrier": str(carrier)} if carrier else {}


def pick_up_body(*, request: PickUpRequest, time_zone: str) -> dict[str, Any]:
    """A pick-up of one or several shipments."""
    zone = ZoneInfo(time_zone)
    moments = {
        "min_datetime": dt.datetime.combine(request.date, request.ready_time, tzinfo=zone),
        "max_datetime": dt.datetime.combine(request.date, request.closing_time, tzinfo=zone),
    }
    return {
        "pickup": {
            "address": address_of(request.sender),
            "shipment": {"id": request.labels[0].carrier_reference} if request.labels else None,
            "instructions": request.instructions,
            "is_account_address": False,
            **{name: moment.isoformat() for name, moment in moments.items()},
        }
    }


def _price(rate: Mapping[str, Any]) -> float:
    try:
        return float(rate.get("rate") or 0)
    except (TypeError, ValueError):
        return float("inf")
