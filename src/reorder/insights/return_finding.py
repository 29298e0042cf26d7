"""What a code on a parcel that comes back stands for: a return, or the order it left with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.storage import fetch_prepared

_FIND: Final = """
SELECT of_return.id, of_return.order_id FROM warehouse_return AS of_return
WHERE of_return.number = %(code)s::text
   OR (of_return.tracking_number <> '' AND upper(of_return.tracking_number) = %(code)s::text)
UNION ALL
SELECT split_part(parcel.shipment_key, ':', 2)::bigint, parcel.order_id FROM shipping_parcel AS parcel
WHERE (parcel.number = %(raw)s::text OR upper(parcel.tracking_number) = %(code)s::text)
  AND parcel.shipment_key LIKE 'return:%%' AND %(code)s::text <> ''
UNION ALL
SELECT NULL::bigint, parcel.order_id FROM shipping_parcel AS parcel
WHERE (parcel.number = %(raw)s::text OR upper(parcel.tracking_number) = %(code)s::text)
  AND parcel.direction = 'out' AND %(code)s::text <> ''
UNION ALL
SELECT NULL::bigint, part.order_id FROM warehouse_fulfilmentorder AS part
WHERE part.tracking_number <> '' AND part.tracking_number = %(raw)s::text
UNION ALL
SELECT NULL::bigint, o.id FROM orders_order AS o
WHERE o.external_id = %(raw)s::text AND o.fulfilment = 'reorder'
LIMIT 20
"""
_OPEN: Final = """
SELECT of_return.id, of_return.number FROM warehouse_return AS of_return
WHERE of_return.order_id = %(order_id)s::bigint AND of_return.state = ANY(%(states)s::text[]) ORDER BY of_return.id
"""


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A return by its id, or only an order."""

    return_id: int | None
    order_id: int


@dataclass(frozen=True, slots=True)
class OpenReturn:
    """A return of an order that goods may come for."""

    id: int
    number: str


def find_by_code(*, code: str) -> list[FoundCode]:
    """What a code names: an RMA number, a parcel, a tracking number or an order number; returns first."""
    raw = code.replace("\x00", "").strip()
    if not raw:
        return []
    rows = fetch_prepared(statement=_FIND, parameters={"raw": raw, "code": raw.upper()})
    found = [FoundCode(*row) for row in rows]
    return [one for one in found if one.return_id] or found


def list_open_returns(*, order_id: int, states: Sequence[str]) -> list[OpenReturn]:
    """Returns of an order in these states, the first first."""
    rows = fetch_prepared(statement=_OPEN, parameters={"order_id": order_id, "states": list(states)})
    return [OpenReturn(*row) for row in rows]
