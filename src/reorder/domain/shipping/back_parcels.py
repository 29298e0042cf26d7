"""Parcels that come back from customers: one a return, numbered as the return is."""

from collections.abc import Sequence
from typing import Any

from reorder.domain.inventory.models import Place
from reorder.domain.shipping.models import Parcel


def put_back_parcel(
    *,
    return_id: int,
    number: str,
    order_id: int,
    place_code: str,
    owner: str,
    carrier: str,
    tracking_number: str,
    temperature_class: str,
    contents: Sequence[Sequence[Any]],
) -> str:
    """Await a parcel of a return, or say more of the one that is awaited; its number. Part of a transaction."""
    made, is_new = Parcel.objects.get_or_create(
        shipment_key=f"return:{return_id}",
        defaults={
            "number": number,
            "direction": "back",
            "order_id": order_id,
            "place": Place.objects.get(code=place_code),
            "owner": owner,
            "carrier": carrier,
            "tracking_number": tracking_number,
            "temperature_class": temperature_class,
            "contents": [list(one) for one in contents],
        },
    )
    if not is_new:
        given = {"carrier": carrier, "tracking_number": tracking_number}
        Parcel.objects.filter(pk=made.pk).update(**{name: value for name, value in given.items() if value})
    return made.number
