"""Orders as their customer sees them: one with goods, parcels and money, or the latest. Never somebody else's."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.orders.errors import UnknownOrder
from reorder.insights.reading import read_rows
from reorder.kernel.stored_json import read_json

_LARGEST_ID = 2**63 - 1
_LINES = """
SELECT jsonb_agg(jsonb_build_array(line.id, line.line_key, product.id, product.sku, product.name, line.units::text,
                                   line.unit_price_minor, line.discount_minor) ORDER BY line.id)
FROM orders_orderline AS line JOIN catalog_product AS product ON product.id = line.product_id
WHERE line.order_id = o.id
"""
_PARCELS = """
SELECT jsonb_agg(jsonb_build_array(parcel.id, parcel.state, parcel.carrier, parcel.tracking_number, parcel.shipped_at,
                                   parcel.delivered_at, (
           SELECT jsonb_agg(jsonb_build_array(product.name, part.units::text) ORDER BY part.id)
           FROM warehouse_fulfilmentline AS part JOIN catalog_product AS product ON product.id = part.product_id
           WHERE part.fulfilment_id = parcel.id)) ORDER BY parcel.id)
FROM warehouse_fulfilmentorder AS parcel WHERE parcel.order_id = o.id AND parcel.state <> 'cancelled'
"""
_ADDRESS = """
SELECT jsonb_build_object('name', a.name, 'phone', a.phone, 'company', a.company, 'country', a.country,
           'postcode', a.postcode, 'region', a.region, 'city', a.city, 'line1', a.line1, 'line2', a.line2,
           'store_code', a.store_code, 'note', a.note)
FROM customers_address AS a WHERE a.id = o.ship_to_id
"""
_HEAD = """
o.id, o.channel, o.external_id AS number, o.customer_id, o.ordered_at, o.currency, o.state, o.fulfilment,
o.payment_state, o.hold_reasons, o.goods_minor, o.discount_minor, o.shipping_minor, o.tax_added_minor,
o.tax_included_minor, o.total_minor, o.paid_minor, o.refunded_minor, o.ship_method
"""
_ONE = f"""
SELECT {_HEAD}, ({_LINES}) AS lines, ({_PARCELS}) AS parcels, ({_ADDRESS}) AS ship_to,
       (SELECT fee.name FROM orders_shippingfee AS fee WHERE fee.method = o.ship_method AND fee.is_active
        ORDER BY fee.id LIMIT 1) AS ship_name
FROM orders_order AS o WHERE o.id = %(order_id)s AND o.state <> 'draft'
  AND (%(customer_id)s::bigint IS NULL OR o.customer_id = %(customer_id)s)
"""  # noqa: S608 - constants of ours
_LIST = f"""
SELECT {_HEAD}, ({_LINES}) AS lines FROM (
    SELECT * FROM orders_order
    WHERE customer_id = %(customer_id)s AND state <> 'draft'
      AND (%(moment)s::timestamptz IS NULL OR (ordered_at, id) < (%(moment)s, %(id)s::bigint))
    ORDER BY ordered_at DESC, id DESC LIMIT %(limit)s
) AS o ORDER BY o.ordered_at DESC, o.id DESC
"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True)
class ShopLine:
    """A line of an order; amounts in minor units, unknown prices None."""

    id: int
    line_key: str
    product_id: int
    sku: str
    name: str
    units: Decimal
    unit_price_minor: int | None
    discount_minor: int

    @property
    def list_minor(self) -> int | None:
        """What it came to before discounts."""
        return None if self.unit_price_minor is None else round(self.unit_price_minor * self.units)

    @property
    def net_minor(self) -> int | None:
        """What it came to."""
        return None if self.list_minor is None else self.list_minor - self.discount_minor

    @property
    def is_gift(self) -> bool:
        """Whether it cost nothing."""
        return self.net_minor == 0


@dataclass(frozen=True, slots=True)
class ShopParcel:
    """What one place sends: units by product name, and how far it is."""

    id: int
    state: str
    carrier: str
    tracking_number: str
    shipped_at: dt.datetime | None
    delivered_at: dt.datetime | None
    goods: Sequence[tuple[str, Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOrder:
    """One order of a customer; amounts in minor units of its currency, a total nobody told is None."""

    id: int
    channel: str
    number: str
    customer_id: int
    ordered_at: dt.datetime
    currency: str
    state: str
    fulfilment: str
    payment_state: str
    hold_reasons: Sequence[str]
    goods_minor: int | None
    discount_minor: int
    shipping_minor: int
    tax_added_minor: int
    tax_included_minor: int
    total_minor: int | None
    paid_minor: int
    refunded_minor: int
    ship_method: str
    ship_name: str
    lines: Sequence[ShopLine]
    parcels: Sequence[ShopParcel]
    ship_to: ShippingAddress | None

    @property
    def is_ours(self) -> bool:
        """Whether we fulfil it; others are history."""
        return self.fulfilment == "reorder"

    @property
    def due_minor(self) -> int:
        """What is still to be paid; nothing for an order that is cancelled or was paid elsewhere."""
        if not self.is_ours or self.state == "cancelled" or self.total_minor is None:
            return 0
        return max(self.total_minor - (self.paid_minor - self.refunded_minor), 0)

    @property
    def sum_minor(self) -> int | None:
        """The total, or the sum of its lines where only those are known."""
        if self.total_minor is not None:
            return self.total_minor
        nets = [line.net_minor for line in self.lines]
        return None if any(net is None for net in nets) else sum(net or 0 for net in nets)


def get_shop_order(*, order_id: int, customer_id: int | None) -> ShopOrder:
    """One order of this customer (None: of anybody, for letters); raises UnknownOrder for everybody else's."""
    known = 0 < order_id <= _LARGEST_ID
    rows = read_rows(statement=_ONE, parameters={"order_id": order_id, "customer_id": customer_id}) if known else []
    if not rows:
        raise UnknownOrder(order_id=order_id)
    return _order(rows[0])


def list_shop_orders(*, customer_id: int, before: tuple[dt.datetime, int] | None, limit: int) -> list[ShopOrder]:
    """Orders of a customer, the latest first, from before the given moment and number on; without their parcels."""
    moment, order_id = before or (None, 0)
    rows = read_rows(
        statement=_LIST, parameters={"customer_id": customer_id, "moment": moment, "id": order_id, "limit": limit}
    )
    return [_order(row) for row in rows]


def _order(row: dict[str, Any]) -> ShopOrder:
    lines, parcels, ship_to = (read_json(row.pop(name, None)) for name in ("lines", "parcels", "ship_to"))
    return ShopOrder(
        **(row | {"ship_name": row.get("ship_name") or ""}),
        lines=[_line(values) for values in lines or ()],
        parcels=[_parcel(values) for values in parcels or ()],
        ship_to=ShippingAddress(**ship_to) if ship_to else None,
    )


def _line(values: Sequence[Any]) -> ShopLine:
    number, key, product_id, sku, name, units, price, discount = values
    return ShopLine(number, key, product_id, sku, name, Decimal(units), price, discount)


def _parcel(values: Sequence[Any]) -> ShopParcel:
    number, state, carrier, tracking, shipped_at, delivered_at, goods = values
    return ShopParcel(
        id=number,
        state=state,
        carrier=carrier,
        tracking_number=tracking,
        shipped_at=dt.datetime.fromisoformat(shipped_at) if shipped_at else None,
        delivered_at=dt.datetime.fromisoformat(delivered_at) if delivered_at else None,
        goods=[(name, Decimal(units)) for name, units in goods or ()],
    )
