"""Reads of the orders of one customer, or of a few of a list."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

_COUNTED = """
SELECT customer_id, count(*), min(ordered_at), max(ordered_at) FROM orders_order
WHERE customer_id = ANY(%s::bigint[]) AND state NOT IN ('draft', 'cancelled') GROUP BY customer_id
"""
_ORDERS = """
SELECT o.id, o.external_id, o.channel, o.state, o.currency, o.ordered_at, lines.amount_minor, lines.lines_count,
       lines.names
FROM (
    SELECT * FROM orders_order
    WHERE customer_id = %(customer_id)s
      AND (%(moment)s::timestamptz IS NULL OR (ordered_at, 'order'::text, id) < (%(moment)s, %(kind)s, %(id)s))
    ORDER BY ordered_at DESC, id DESC LIMIT %(limit)s
) AS o
CROSS JOIN LATERAL (
    SELECT round(sum(line.units * line.unit_price_minor))::bigint AS amount_minor, count(*) AS lines_count,
           coalesce((array_agg(product.name ORDER BY line.id))[1:3], '{}') AS names
    FROM orders_orderline AS line JOIN catalog_product AS product ON product.id = line.product_id
    WHERE line.order_id = o.id
) AS lines
ORDER BY o.ordered_at DESC, o.id DESC
"""
_LINES = """
SELECT product.id, product.sku, product.name, line.units, round(line.units * line.unit_price_minor)::bigint, o.currency
FROM orders_order AS o JOIN orders_orderline AS line ON line.order_id = o.id
JOIN catalog_product AS product ON product.id = line.product_id
WHERE o.id = %s AND o.customer_id = %s ORDER BY line.id
"""
_FAVOURITES = """
SELECT product.id, product.sku, product.name, bought.orders_count, bought.units, bought.last_at
FROM (
    SELECT line.product_id, count(DISTINCT o.id) AS orders_count, sum(line.units) AS units, max(o.ordered_at) AS last_at
    FROM orders_order AS o JOIN orders_orderline AS line ON line.order_id = o.id
    WHERE o.customer_id = %(customer_id)s AND o.state NOT IN ('draft', 'cancelled')
    GROUP BY line.product_id
    ORDER BY orders_count DESC, last_at DESC, line.product_id LIMIT %(limit)s
) AS bought
JOIN catalog_product AS product ON product.id = bought.product_id
ORDER BY bought.orders_count DESC, bought.last_at DESC, product.id
"""
# One look for both: a page of a person asks for them together.
_BUYING = f"""
SELECT counted.orders_count, counted.first_at, counted.last_at,
       (SELECT jsonb_agg(jsonb_build_array(f.id, f.sku, f.name, f.orders_count, f.units::text, f.last_at))
        FROM ({_FAVOURITES}) AS f)
FROM (SELECT count(*) AS orders_count, min(ordered_at) AS first_at, max(ordered_at) AS last_at
      FROM orders_order WHERE customer_id = %(customer_id)s AND state NOT IN ('draft', 'cancelled')) AS counted
"""  # noqa: S608 - a constant of ours
# An order's number is unique within its channel only, and the index begins with the channel: the few channels there are
# are met by leaping from one to the next.
_NUMBERED = """
WITH RECURSIVE known(channel) AS (
    SELECT min(channel) FROM orders_order
    UNION ALL
    SELECT (SELECT min(channel) FROM orders_order WHERE channel > known.channel) FROM known WHERE channel IS NOT NULL
)
SELECT o.id, o.external_id, o.channel, o.customer_id, c.name, c.key, o.ordered_at, o.state
FROM known
JOIN orders_order AS o ON o.channel = known.channel AND o.external_id = ANY(%(numbers)s::text[])
JOIN customers_customer AS c ON c.id = o.customer_id
ORDER BY o.ordered_at DESC, o.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class OrdersCount:
    """How many live orders a customer placed, and when the first and the last."""

    orders_count: int
    first_at: dt.datetime
    last_at: dt.datetime


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """One line of an order; the amount is in minor units of the order's currency, unknown when None."""

    product_id: int
    sku: str
    name: str
    units: Decimal
    amount_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class CustomerOrder:
    """One order; the amount is the sum as far as prices are known, `names` are the first three products."""

    id: int
    number: str
    channel: str
    state: str
    currency: str
    ordered_at: dt.datetime
    amount_minor: int | None
    lines_count: int
    names: Sequence[str]

    @property
    def unnamed_count(self) -> int:
        """Lines whose product is not among the names."""
        return self.lines_count - len(self.names)


@dataclass(frozen=True, slots=True)
class Favourite:
    """A product that a customer bought in more orders than others."""

    product_id: int
    sku: str
    name: str
    orders_count: int
    units: Decimal
    last_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Buying:
    """How a customer buys: live orders (None: not one), and the products in most of them."""

    orders: OrdersCount | None
    favourites: Sequence[Favourite]


@dataclass(frozen=True, slots=True)
class NumberedOrder:
    """An order found by its number, with who placed it."""

    id: int
    number: str
    channel: str
    customer_id: int
    customer_name: str
    customer_key: str
    ordered_at: dt.datetime
    state: str


def count_orders(*, customer_ids: Sequence[int]) -> Mapping[int, OrdersCount]:
    """Live orders of these customers; those without any are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [list(customer_ids)])
        return {row[0]: OrdersCount(*row[1:]) for row in cursor.fetchall()}


def list_orders_of_customer(
    *, customer_id: int, before: tuple[dt.datetime, str, int] | None, limit: int
) -> list[CustomerOrder]:
    """Orders that stand before a place of the timeline (moment, kind, id), the latest first."""
    moment, kind, place_id = before or (None, "", 0)
    parameters = {"customer_id": customer_id, "moment": moment, "kind": kind, "id": place_id, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, parameters)
        return [CustomerOrder(*row) for row in cursor.fetchall()]


def list_lines_of_order(*, customer_id: int, order_id: int) -> list[BoughtLine]:
    """The lines of one order of this customer; empty when there is no such order."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [order_id, customer_id])
        return [BoughtLine(*row) for row in cursor.fetchall()]


def get_buying(*, customer_id: int, limit: int) -> Buying:
    """Live orders of a customer, and up to `limit` products in most of them, the latest bought first among equals."""
    with connection.cursor() as cursor:
        cursor.execute(_BUYING, {"customer_id": customer_id, "limit": limit})
        count, first_at, last_at, found = cursor.fetchone()
    favourites = [
        Favourite(product_id, sku, name, orders_count, Decimal(units), dt.datetime.fromisoformat(moment))
        for product_id, sku, name, orders_count, units, moment in json.loads(found or "[]")
    ]
    return Buying(orders=OrdersCount(count, first_at, last_at) if count else None, favourites=favourites)


def list_orders_by_number(*, number: str, limit: int) -> list[NumberedOrder]:
    """Orders with this number, written with or without the `#` that some shops put before it; the latest first."""
    bare = number.strip().lstrip("#")
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERED, {"numbers": [bare, f"#{bare}"], "limit": limit})
        return [NumberedOrder(*row) for row in cursor.fetchall()]
