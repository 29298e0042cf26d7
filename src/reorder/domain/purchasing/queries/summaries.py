"""Open proposals and purchase orders in figures: by supplier and place, what runs out, what is late."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

# An empty list of places means all of them.
_GROUPS: Final = """
SELECT supplier.id, supplier.code, supplier.name, supplier.minimum_value_minor, supplier.lead_days,
       supplier.order_weekdays,
       supplier.email <> '', place.code, place.name, proposal.currency, product.currency, count(*),
       sum(proposal.cost_minor)::bigint, sum(proposal.risk_minor)::bigint,
       min(proposal.order_by_date), count(*) FILTER (WHERE proposal.order_by_date <= %(today)s),
       count(*) FILTER (WHERE (planned_units, planned_supplier_id, planned_order_by_date)
                              <> (proposal.units, proposal.supplier_id, proposal.order_by_date)),
       max(proposal.id), sum(proposal.edits_count)::bigint
FROM purchasing_proposal AS proposal
JOIN purchasing_supplier AS supplier ON supplier.id = proposal.supplier_id
JOIN inventory_place AS place ON place.id = proposal.place_id
JOIN catalog_product AS product ON product.id = proposal.product_id
WHERE proposal.state = 'open' AND (%(places)s::text[] = '{}' OR place.code = ANY(%(places)s::text[]))
  AND (%(supplier)s = '' OR supplier.code = %(supplier)s)
GROUP BY supplier.id, place.id, proposal.currency, product.currency
ORDER BY supplier.code, place.code, proposal.currency, product.currency
"""

# Goods that stand in the place and are promised to nobody, against what is sold a day.
_RUNS_OUT: Final = """
SELECT sku, name, place, on_date, proposal_id, count(*) OVER () FROM (
    SELECT product.sku, product.name, place.code AS place, proposal.id AS proposal_id,
           %(today)s::date + floor(greatest(coalesce(stock.free_units, 0), 0) / proposal.daily_units)::int AS on_date,
           proposal.risk_minor
    FROM purchasing_proposal AS proposal
    JOIN catalog_product AS product ON product.id = proposal.product_id
    JOIN inventory_place AS place ON place.id = proposal.place_id
    LEFT JOIN LATERAL (
        SELECT sum(level.on_hand_units - level.allocated_units - level.held_units) AS free_units
        FROM inventory_level AS level
        JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
        WHERE level.product_id = proposal.product_id AND location.place_id = proposal.place_id AND level.owner = 'self'
    ) AS stock ON true
    WHERE proposal.state = 'open' AND proposal.daily_units > 0
      AND greatest(coalesce(stock.free_units, 0), 0) < proposal.daily_units * %(days)s
      AND (%(places)s::text[] = '{}' OR place.code = ANY(%(places)s::text[]))
) AS low
ORDER BY on_date, risk_minor DESC, proposal_id LIMIT %(limit)s
"""

_OPEN_ORDERS: Final = """
SELECT count(*), count(*) FILTER (WHERE bought.expected_date < %(today)s),
       count(*) FILTER (WHERE bought.state = 'partly_received')
FROM purchasing_purchaseorder AS bought JOIN inventory_place AS place ON place.id = bought.place_id
WHERE bought.state IN ('placed', 'partly_received')
  AND (%(places)s::text[] = '{}' OR place.code = ANY(%(places)s::text[]))
"""


@dataclass(frozen=True, slots=True)
class ProposalGroup:
    """Open proposals of one supplier for one place; money in minor units of `currency`, the risk of `risk_currency`."""

    supplier_id: int
    supplier_code: str
    supplier_name: str
    minimum_value_minor: int
    lead_days: int
    order_weekdays: tuple[int, ...]
    has_email: bool
    place_code: str
    place_name: str
    currency: str
    risk_currency: str
    count: int
    cost_minor: int
    risk_minor: int
    order_by_date: dt.date
    due_count: int
    edited_count: int
    newest_id: int
    edits_sum: int


@dataclass(frozen=True, slots=True)
class RunsOut:
    """A product that will be sold out at a place, on which day if it goes on selling as the plan expects."""

    sku: str
    product_name: str
    place_code: str
    on_date: dt.date
    proposal_id: int


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """Purchase orders that are still to come."""

    open_count: int
    late_count: int
    partly_received_count: int


def list_groups(*, today: dt.date, place_codes: Collection[str] = (), supplier_code: str = "") -> list[ProposalGroup]:
    """Open proposals by supplier, place and currency; of some places, or of one supplier, when named."""
    asked: dict[str, Any] = {"today": today, "places": sorted(place_codes), "supplier": supplier_code}
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, asked)
        return [ProposalGroup(*(*row[:5], tuple(row[5] or ()), *row[6:])) for row in cursor.fetchall()]


def list_running_out(
    *, today: dt.date, days: int, limit: int, place_codes: Collection[str] = ()
) -> tuple[list[RunsOut], int]:
    """Proposed products whose free stock ends within `days`, the first to end first; and how many there are."""
    asked: dict[str, Any] = {"today": today, "days": days, "places": sorted(place_codes), "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_RUNS_OUT, asked)
        rows = cursor.fetchall()
    return [RunsOut(*row[:5]) for row in rows], int(rows[0][5]) if rows else 0


def count_open_orders(*, today: dt.date, place_codes: Collection[str] = ()) -> OpenOrders:
    """Orders that are still to come, those past their day, and those of which a part came."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_ORDERS, {"today": today, "places": sorted(place_codes)})
        return OpenOrders(*(cursor.fetchone() or (0, 0, 0)))
