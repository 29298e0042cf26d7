"""What is printed of orders: everything a pick list, a packing slip and a confirmation say, for many orders at once."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.customers.addresses import ADDRESS_FIELDS, ShippingAddress
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.order_page import LineRow, PartRow, list_lines, list_parts
from reorder.insights.reading import read_rows

_ORDERS: Final = """
SELECT o.id, o.external_id, o.channel, o.ordered_at, o.currency, o.state, o.payment_state, o.goods_minor,
       o.discount_minor, o.shipping_minor, o.tax_added_minor, o.tax_included_minor, o.total_minor, o.paid_minor,
       o.refunded_minor, o.ship_method, who.name AS customer_name, who.erased_at IS NOT NULL AS is_erased,
       who.language AS customer_language,
       home.name, home.phone, home.company, home.country, home.postcode, home.region, home.city, home.line1,
       home.line2, home.store_code, home.note
FROM orders_order AS o
JOIN customers_customer AS who ON who.id = o.customer_id
LEFT JOIN customers_address AS home ON home.id = o.ship_to_id
WHERE o.id = ANY (%(ids)s::bigint[]) AND o.fulfilment = 'reorder' ORDER BY o.id
"""
# Closed boxes of these orders, as they were packed: [order line, product, SKU, units as text, lot] of each.
_BOXES: Final = """
SELECT parcel.shipment_key, parcel.number, parcel.carrier, parcel.tracking_number, parcel.contents
FROM shipping_parcel AS parcel
WHERE parcel.order_id = ANY (%(ids)s::bigint[]) AND parcel.direction = 'out' AND parcel.state <> 'cancelled'
  AND parcel.packed_at IS NOT NULL
ORDER BY parcel.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxRow:
    """A closed box of a fulfilment order: `contents` are (order line id, SKU, units)."""

    number: str
    carrier: str
    tracking_number: str
    contents: Sequence[tuple[int, str, Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedOrder:
    """One order to print; amounts in minor units of its currency."""

    id: int
    external_id: str
    channel: str
    ordered_at: dt.datetime
    currency: str
    state: str
    payment_state: str
    goods_minor: int | None
    discount_minor: int
    shipping_minor: int
    tax_added_minor: int
    tax_included_minor: int
    total_minor: int | None
    paid_minor: int
    refunded_minor: int
    ship_method: str
    customer_name: str
    customer_language: str
    is_erased: bool
    address: ShippingAddress | None
    lines: Sequence[LineRow]
    parts: Sequence[PartRow]
    boxes: Mapping[int, Sequence[BoxRow]]

    def boxes_of(self, *, part: PartRow) -> Sequence[BoxRow]:
        """The closed boxes of a part, none where it goes as it is or is not packed yet."""
        return self.boxes.get(part.id, ())


def list_printed_orders(*, actor: Actor, order_ids: Sequence[int]) -> list[PrintedOrder]:
    """Orders of ours with their lines and the parts of the actor's places, by number. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    rows = read_rows(statement=_ORDERS, parameters={"ids": list(order_ids)})
    ids = [row["id"] for row in rows]
    lines, parts = list_lines(order_ids=ids), list_parts(order_ids=ids)
    boxes = _boxes(order_ids=ids)
    orders = []
    for row in rows:
        home = {name: row.pop(name) for name in ADDRESS_FIELDS}
        orders.append(
            PrintedOrder(
                **row,
                address=ShippingAddress(**home) if home["country"] else None,
                lines=[line for line in lines if line.order_id == row["id"]],
                parts=[
                    part
                    for part in parts
                    if part.order_id == row["id"] and part.state != "cancelled" and actor.may_at(part.place_code)
                ],
                boxes=boxes,
            )
        )
    return orders


def _boxes(*, order_ids: Sequence[int]) -> dict[int, list[BoxRow]]:
    """Closed boxes by the number of their fulfilment order."""
    found: dict[int, list[BoxRow]] = {}
    for row in read_rows(statement=_BOXES, parameters={"ids": list(order_ids)}):
        kind, _, number = row["shipment_key"].partition(":")
        if kind == "fulfilment" and number.isdecimal():
            contents = [(int(one[0]), str(one[2]), Decimal(str(one[3]))) for one in json.loads(row["contents"])]
            box = BoxRow(
                number=row["number"],
                carrier=row["carrier"],
                tracking_number=row["tracking_number"],
                contents=contents,
            )
            found.setdefault(int(number), []).append(box)
    return found
