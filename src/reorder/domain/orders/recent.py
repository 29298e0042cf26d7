"""What customers ordered lately, and what an order usually comes to; by index, however long the history is."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.storage import fetch_prepared
from reorder.kernel.stored_json import read_json

# So many orders of a customer in a few hours are looked at; more are too many anyway.
_MOST: Final = 20
# More addresses with one phone are a reception desk, or made up: those looked at are enough to tell.
_MOST_ADDRESSES: Final = 50
# Customers with their last orders, and moments of orders for phones (digits only), whoever ordered: all by index.
_PASTS: Final = r"""
SELECT who.id, '' AS phone, who.country,
       EXISTS (SELECT FROM orders_order AS o
               WHERE o.customer_id = who.id AND o.state NOT IN ('draft', 'cancelled')),
       (SELECT jsonb_agg(jsonb_build_array(o.external_id, o.ordered_at, (
                   SELECT jsonb_agg(jsonb_build_array(line.product_id, line.units::text))
                   FROM orders_orderline AS line WHERE line.order_id = o.id)))
        FROM (SELECT id, external_id, ordered_at FROM orders_order
              WHERE customer_id = who.id AND ordered_at >= %(since)s::timestamptz
                AND state NOT IN ('draft', 'cancelled')
              ORDER BY ordered_at DESC LIMIT %(most)s::bigint) AS o)
FROM customers_customer AS who WHERE who.id = ANY(%(customer_ids)s::bigint[])
UNION ALL
SELECT 0, wanted.digits, '', true,
       (SELECT jsonb_agg(o.ordered_at)
        FROM (SELECT id, customer_id FROM customers_address AS home
              WHERE home.phone <> '' AND regexp_replace(home.phone, '\D', '', 'g') = wanted.digits
              LIMIT %(most_addresses)s::bigint) AS home
        JOIN orders_order AS o ON o.customer_id = home.customer_id AND o.ship_to_id = home.id
             AND o.ordered_at >= %(hour_ago)s::timestamptz AND o.state NOT IN ('draft', 'cancelled'))
FROM unnest(%(phones)s::text[]) AS wanted (digits)
"""
# Half of the last thousand orders of ours came to less; of fewer than fifty nobody can say what is usual.
_USUAL: Final = """
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY total_minor), count(*) FROM (
    SELECT total_minor FROM orders_order
    WHERE fulfilment = 'reorder' AND currency = %(currency)s::text AND state NOT IN ('draft', 'cancelled')
      AND total_minor > 0
    ORDER BY id DESC LIMIT 1000) AS latest
"""
_FEWEST: Final = 50


@dataclass(frozen=True, slots=True)
class RecentOrder:
    """An order of the last hours; `goods` are units by product, in order."""

    external_id: str
    ordered_at: dt.datetime
    goods: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class CustomerOrders:
    """A customer's country, whether there is any earlier order, and those of the last hours."""

    country: str
    has_earlier: bool
    recent: tuple[RecentOrder, ...]


@dataclass(frozen=True, slots=True)
class Lately:
    """Customers by their numbers, and the moments of orders by phone."""

    customers: dict[int, CustomerOrders]
    by_phone: dict[str, tuple[dt.datetime, ...]]


def look_back(
    *, customer_ids: Sequence[int], since: dt.datetime, phones: Sequence[str], hour_ago: dt.datetime
) -> Lately:
    """What customers ordered from `since` on, and when parcels for these phones (digits only) were from `hour_ago` on.

    Orders of any channel, cancelled ones left out.
    """
    given = {
        "customer_ids": list(customer_ids),
        "since": since,
        "phones": list(phones),
        "hour_ago": hour_ago,
        "most": _MOST,
        "most_addresses": _MOST_ADDRESSES,
    }
    customers: dict[int, CustomerOrders] = {}
    by_phone: dict[str, tuple[dt.datetime, ...]] = {}
    for customer_id, phone, country, has_earlier, told in fetch_prepared(statement=_PASTS, parameters=given):
        if phone:
            by_phone[phone] = tuple(dt.datetime.fromisoformat(moment) for moment in _plain(told))
        else:
            recent = tuple(_recent(row) for row in _plain(told))
            customers[customer_id] = CustomerOrders(country=country or "", has_earlier=has_earlier, recent=recent)
    return Lately(customers=customers, by_phone=by_phone)


def find_usual_total(*, currency: str) -> int | None:
    """What the middle one of our last orders came to, in minor units; None where too few are known."""
    rows = fetch_prepared(statement=_USUAL, parameters={"currency": currency})
    usual, count = rows[0]
    return int(usual) if usual is not None and count >= _FEWEST else None


def _recent(row: Sequence[Any]) -> RecentOrder:
    units: dict[int, Decimal] = {}
    for product_id, each in row[2] or ():
        units[product_id] = units.get(product_id, Decimal(0)) + Decimal(each)
    return RecentOrder(row[0], dt.datetime.fromisoformat(row[1]), tuple(sorted(units.items())))


def _plain(value: Any) -> list[Any]:
    """Cursors of Django's connection give jsonb as text."""
    return list(read_json(value) or [])
