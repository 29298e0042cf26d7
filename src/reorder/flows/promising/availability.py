"""What can be promised by a day, asked from outside: bad questions are refused with what to mend."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings

from reorder.domain.inventory.queries import list_places
from reorder.domain.orders.rules import cart_hold_key
from reorder.flows.promising import errors
from reorder.insights.availability import MOST_SKUS, Asked, Availability, list_availability
from reorder.kernel.formatting import name_first


def availability(
    *,
    skus: Sequence[str],
    date: dt.date,
    moment: dt.datetime,
    place: str | None = None,
    channel: str = "",
    segment: str = "",
    units: Decimal = Decimal(1),
    cart_id: str = "",
) -> list[Availability]:
    """Units that can be promised of up to 500 SKUs for a day, and the earliest day for `units` of each.

    A day before today is today. A customer without a `segment` gets what is left beside what is kept for others; what
    the cart `cart_id` holds is free for it. Raises UnknownGoods, UnknownPlaceAsked, BadCart (too many SKUs).
    """
    wanted = list(dict.fromkeys(skus))
    if not 1 <= len(wanted) <= MOST_SKUS:
        raise errors.BadCart(reason="1 to 500 products can be asked for at once")
    found = list_availability(
        skus=wanted,
        asked=Asked(
            day=date,
            moment=moment,
            time_zone=settings.REORDER.time_zone,
            place_code=place,
            channel=channel,
            segment=segment,
            units=units,
            hold_key=cart_hold_key(channel=channel, cart_id=cart_id) if cart_id else "",
        ),
    )
    missing = sorted(set(wanted) - {one.sku for one in found})
    if missing:
        raise errors.UnknownGoods(skus=name_first(missing))
    if place is not None and not any(place in [each.place_code for each in one.places] for one in found):
        _refuse_unknown_place(place=place)
    return found


def _refuse_unknown_place(*, place: str) -> None:
    """Only asked where nothing stands there: a place with goods is there."""
    if place not in [row.code for row in list_places()]:
        raise errors.UnknownPlaceAsked(place=place)
