"""Shipments that leave without a scan of each box: their parcels have left too, and one is made where none was packed.

Part of the caller's transaction, which holds the order.
"""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, Final

from reorder.domain.catalog.queries import owners_of
from reorder.domain.shipping.tracking import note_left
from reorder.domain.storage import fetch_prepared, run_sql

# Numbered as boxes of the packing table are.
_MAKE: Final = """
WITH next AS (SELECT nextval(pg_get_serial_sequence('shipping_parcel', 'id')) AS id)
INSERT INTO shipping_parcel (id, number, shipment_key, order_id, place_id, owner, ship_to_id, service_code, carrier,
                             tracking_number, contents, packed_at, packed_by, shipped_at)
SELECT next.id, 'P' || lpad(next.id::text, 8, '0'), %(shipment_key)s::text, o.id, place.id, %(owner)s::text,
       o.ship_to_id, %(service_code)s::text, %(carrier)s::text, %(tracking_number)s::text, %(contents)s::jsonb,
       %(moment)s::timestamptz, %(by)s::text, %(moment)s::timestamptz
FROM next CROSS JOIN inventory_place AS place JOIN orders_order AS o ON o.id = %(order_id)s::bigint
WHERE place.code = %(place_code)s::text
  AND NOT EXISTS (SELECT FROM shipping_parcel AS known
                  WHERE known.shipment_key = %(shipment_key)s::text AND known.state <> 'cancelled')
RETURNING number
"""
# The only box of a shipment travels under the number that is told for the shipment, unless it has or gets its own.
_NUMBER: Final = """
UPDATE shipping_parcel AS parcel SET tracking_number = %(tracking_number)s::text, carrier = %(carrier)s::text
WHERE parcel.shipment_key = %(shipment_key)s::text AND parcel.state <> 'cancelled' AND parcel.tracking_number = ''
  AND NOT EXISTS (SELECT FROM shipping_parcel AS other WHERE other.shipment_key = parcel.shipment_key
                  AND other.state <> 'cancelled' AND other.id <> parcel.id)
  AND NOT EXISTS (SELECT FROM shipping_label AS label WHERE label.parcel_id = parcel.id
                  AND label.state IN ('claimed', 'bought', 'unknown', 'voiding'))
"""


def leave_together(
    *,
    fulfilment_id: int,
    order_id: int,
    place_code: str,
    service_code: str,
    carrier: str,
    tracking_number: str,
    contents: Sequence[Sequence[Any]],
    left_by: str,
    moment: dt.datetime,
) -> str:
    """The parcels of a fulfilment order have left; returns the number of one that was made now, mostly empty.

    One is made where nobody packed a box and a tracking number is told, and the only box that was packed gets that
    number: so that it can be followed. `contents` as the parcel keeps them.
    """
    shipment_key = f"fulfilment:{fulfilment_id}"
    note_left(shipment_key=shipment_key, moment=moment)
    if not tracking_number:
        return ""
    given = {
        "shipment_key": shipment_key,
        "order_id": order_id,
        "place_code": place_code,
        "owner": _owner_of(contents),
        "service_code": service_code,
        "carrier": carrier,
        "tracking_number": tracking_number,
        "contents": json.dumps([list(one) for one in contents], ensure_ascii=False),
        "by": left_by,
        "moment": moment,
    }
    run_sql(
        statement=_NUMBER, parameters={name: given[name] for name in ("shipment_key", "carrier", "tracking_number")}
    )
    rows = fetch_prepared(statement=_MAKE, parameters=given)
    return str(rows[0][0]) if rows else ""


def _owner_of(contents: Sequence[Sequence[Any]]) -> str:
    """Whose goods a parcel holds; ours where nobody told them apart, as a packing table would have."""
    product_ids = {int(one[1]) for one in contents}
    owners = owners_of(product_ids=sorted(product_ids))
    alike = set(owners.values())
    return alike.pop() if len(alike) == 1 and len(owners) == len(product_ids) else "self"
