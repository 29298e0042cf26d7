"""What carts hold, for the API."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.orders.rules import cart_hold_key
from reorder.domain.storage import fetch_prepared

_HELD: Final = """
SELECT product.sku, place.code, sum(hold.units), min(hold.expires_at)
FROM inventory_hold AS hold JOIN inventory_level AS level ON level.id = hold.level_id
JOIN catalog_product AS product ON product.id = level.product_id
JOIN inventory_location AS location ON location.id = level.location_id
JOIN inventory_place AS place ON place.id = location.place_id
WHERE hold.hold_key = %(hold_key)s::text AND hold.expires_at > %(now)s::timestamptz
GROUP BY product.sku, place.code ORDER BY product.sku, place.code
"""


@dataclass(frozen=True, slots=True)
class HeldUnits:
    """Selling units of a product (of a bundle: of a component) that are kept at a place until a moment."""

    sku: str
    place_code: str
    units: Decimal
    expires_at: dt.datetime


def list_held(*, channel: str, cart_id: str, moment: dt.datetime) -> list[HeldUnits]:
    """What a cart holds at `moment`, by SKU and place."""
    given = {"hold_key": cart_hold_key(channel=channel, cart_id=cart_id), "now": moment}
    return [HeldUnits(*row) for row in fetch_prepared(statement=_HELD, parameters=given)]
