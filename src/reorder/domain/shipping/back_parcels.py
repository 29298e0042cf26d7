"""Parcels that come back from customers: one a return, numbered as the return is."""

from collections.abc import Sequence
from typing import Any

from reorder.domain.inventory.models import Place
from reorder.domain.shipping.parcel_models import Parcel


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
    ship_to_id: int | None = None,
) -> str:
    """Await a parcel of a return, or say more of the one that is awaited; its number. Part of a transaction.

    `ship_to_id` is the customer's address: of a parcel that comes back it is where the way begins.
    """
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
            "ship_to_id": ship_to_id,
            "contents": [list(one) for one in contents],
        },
    )
    if not is_new:
        given = {"carrier": carrier, "tracking_number": tracking_number}
        Parcel.objects.filter(pk=made.pk).update(**{name: value for name, value in given.items() if value})
    return made.number


def find_back_parcel(*, return_id: int) -> int | None:
    """The parcel that is awaited for a return."""
    return Parcel.objects.filter(shipment_key=f"return:{return_id}").values_list("pk", flat=True).first()


def find_back_state(*, return_id: int) -> str:
    """How far the parcel of a return is, as its carrier says; empty where none is awaited."""
    rows = Parcel.objects.filter(shipment_key=f"return:{return_id}", direction="back")
    return rows.values_list("state", flat=True).first() or ""
