"""Where a product comes from and who will want it: offers, lead times, orders, proposals, moves, expected buyers."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.conf import settings

from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.product_page import ProductFacts, keys
from reorder.insights.reading import read_rows

_OFFERS: Final = """
SELECT supplier.code AS supplier_code, supplier.name AS supplier_name, supplier.currency, offer.supplier_sku,
       offer.unit_cost_minor, offer.pack_units, offer.minimum_units, offer.maximum_cover_days,
       coalesce(offer.lead_days, supplier.lead_days) AS quoted_lead_days, supplier.minimum_value_minor,
       offer.is_active AND supplier.is_active AS is_active, seen.receipts_count, seen.mean_days, seen.shortest_days,
       seen.longest_days, seen.last_date
FROM purchasing_offer AS offer JOIN purchasing_supplier AS supplier ON supplier.id = offer.supplier_id
LEFT JOIN LATERAL (
    SELECT count(*) AS receipts_count, avg(days)::float8 AS mean_days, min(days) AS shortest_days,
           max(days) AS longest_days, max(received_date) AS last_date
    FROM (SELECT greatest((receipt.received_at AT TIME ZONE %(time_zone)s)::date
                          - (bought.placed_at AT TIME ZONE %(time_zone)s)::date, 0) AS days,
                 (receipt.received_at AT TIME ZONE %(time_zone)s)::date AS received_date
          FROM purchasing_purchaseorderline AS line
          JOIN purchasing_purchaseorder AS bought ON bought.id = line.order_id
          JOIN purchasing_receiptline AS received ON received.order_line_id = line.id
          JOIN purchasing_receipt AS receipt ON receipt.id = received.receipt_id
          JOIN inventory_place AS place ON place.id = bought.place_id
          WHERE line.product_id = offer.product_id AND bought.supplier_id = supplier.id
            AND (%(is_everywhere)s OR place.code = ANY(%(places)s))) AS taken
) AS seen ON TRUE
WHERE offer.product_id = %(product_id)s
ORDER BY is_active DESC, offer.unit_cost_minor, supplier.code
"""
_OPEN_ORDERS: Final = """
SELECT bought.number, supplier.name AS supplier_name, place.name AS place_name, bought.state, bought.expected_date,
       line.ordered_units - line.given_up_units AS ordered_units, line.received_units, line.unit_cost_minor,
       bought.currency
FROM purchasing_purchaseorderline AS line
JOIN purchasing_purchaseorder AS bought ON bought.id = line.order_id
JOIN purchasing_supplier AS supplier ON supplier.id = bought.supplier_id
JOIN inventory_place AS place ON place.id = bought.place_id
WHERE line.product_id = %(product_id)s AND bought.state IN ('placed', 'partly_received')
  AND (%(is_everywhere)s OR place.code = ANY(%(places)s))
ORDER BY bought.expected_date, bought.number LIMIT 50
"""
_PROPOSALS: Final = """
SELECT proposal.id, place.name AS place_name, supplier.name AS supplier_name, proposal.units, proposal.unit_cost_minor,
       proposal.currency, proposal.order_by_date, proposal.risk_minor, proposal.reason_code,
       proposal.reason_parameters::text AS reason_parameters
FROM purchasing_proposal AS proposal
JOIN purchasing_supplier AS supplier ON supplier.id = proposal.supplier_id
JOIN inventory_place AS place ON place.id = proposal.place_id
WHERE proposal.product_id = %(product_id)s AND proposal.state = 'open'
  AND (%(is_everywhere)s OR place.code = ANY(%(places)s))
ORDER BY proposal.risk_minor DESC
"""
_MOVES: Final = """
SELECT move.kind, move.units, source.code AS source, target.code AS target, move.cause_kind, move.cause_key, move.lot,
       move.happened_at
FROM inventory_move AS move
JOIN inventory_location AS source ON source.id = move.source_id
JOIN inventory_location AS target ON target.id = move.target_id
LEFT JOIN inventory_place AS source_place ON source_place.id = source.place_id
LEFT JOIN inventory_place AS target_place ON target_place.id = target.place_id
WHERE move.product_id = %(product_id)s AND (%(is_everywhere)s OR source_place.code = ANY(%(places)s)
      OR target_place.code = ANY(%(places)s))
ORDER BY move.happened_at DESC, move.id DESC LIMIT %(limit)s
"""
_BUYERS: Final = """
SELECT due.customer_id, customer.key AS customer_key, customer.name AS customer_name, due.due_date, due.due_p10_date,
       due.due_p25_date, due.due_p75_date, due.due_p90_date, due.within_7_days, due.within_30_days, due.expected_units,
       due.orders_count, due.usual_gap_days, due.last_bought_date, due.reason_code
FROM (SELECT * FROM planning_duedate WHERE subject = %(subject)s
      ORDER BY within_7_days DESC LIMIT %(limit)s) AS due
JOIN customers_customer AS customer ON customer.id = due.customer_id
ORDER BY due.within_7_days DESC, due.customer_id
"""


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One supplier's terms for a product, and the days its deliveries really took."""

    supplier_code: str
    supplier_name: str
    currency: str
    supplier_sku: str
    unit_cost_minor: int
    pack_units: Decimal
    minimum_units: Decimal
    maximum_cover_days: int | None
    quoted_lead_days: int
    minimum_value_minor: int
    is_active: bool
    receipts_count: int
    mean_days: float | None
    shortest_days: int | None
    longest_days: int | None
    last_date: dt.date | None


@dataclass(frozen=True, slots=True)
class OpenOrderLine:
    number: str
    supplier_name: str
    place_name: str
    state: str
    expected_date: dt.date
    ordered_units: Decimal
    received_units: Decimal
    unit_cost_minor: int
    currency: str

    @property
    def missing_units(self) -> Decimal:
        """Ordered (and not given up since) and not yet received."""
        return max(self.ordered_units - self.received_units, Decimal(0))


@dataclass(frozen=True, slots=True)
class ProposalLine:
    id: int
    place_name: str
    supplier_name: str
    units: Decimal
    unit_cost_minor: int
    currency: str
    order_by_date: dt.date
    risk_minor: int
    reason_code: str
    reason_parameters: str

    @property
    def cost_minor(self) -> int:
        """What the proposed goods cost."""
        return round(self.units * self.unit_cost_minor)


@dataclass(frozen=True, slots=True)
class MoveLine:
    """One move of the ledger; `source` and `target` are codes of locations."""

    kind: str
    units: Decimal
    source: str
    target: str
    cause_kind: str
    cause_key: str
    lot: str
    happened_at: dt.datetime


@dataclass(frozen=True, slots=True)
class BuyerLine:
    """A customer who is expected to buy the product again."""

    customer_id: int
    customer_key: str
    customer_name: str
    due_date: dt.date
    due_p10_date: dt.date
    due_p25_date: dt.date
    due_p75_date: dt.date
    due_p90_date: dt.date
    within_7_days: float
    within_30_days: float
    expected_units: float
    orders_count: int
    usual_gap_days: float
    last_bought_date: dt.date
    reason_code: str


def list_offers(*, product: ProductFacts, places: frozenset[str]) -> list[OfferLine]:
    """Who sells it to us, the usable and cheapest first."""
    given = _keys(product, places) | {"time_zone": settings.REORDER.time_zone}
    return [OfferLine(**row) for row in read_rows(statement=_OFFERS, parameters=given)]


def list_open_orders(*, product: ProductFacts, places: frozenset[str]) -> list[OpenOrderLine]:
    """Lines of purchase orders of which more is to come, the next first."""
    return [OpenOrderLine(**row) for row in read_rows(statement=_OPEN_ORDERS, parameters=_keys(product, places))]


def list_proposals(*, product: ProductFacts, places: frozenset[str]) -> list[ProposalLine]:
    """What the plan would buy of it."""
    return [ProposalLine(**row) for row in read_rows(statement=_PROPOSALS, parameters=_keys(product, places))]


def list_moves(*, product: ProductFacts, places: frozenset[str], limit: int = 30) -> list[MoveLine]:
    """The newest moves of the ledger."""
    return [
        MoveLine(**row) for row in read_rows(statement=_MOVES, parameters=_keys(product, places) | {"limit": limit})
    ]


def list_buyers(*, actor: Actor, product: ProductFacts, limit: int = 30) -> list[BuyerLine]:
    """Customers most likely to buy it (or its category) within a week; raises NotAllowed."""
    actor.require(Ability.VIEW_CUSTOMERS)
    rows = read_rows(statement=_BUYERS, parameters={"subject": product.subject, "limit": limit})
    return [BuyerLine(**row) for row in rows]


def _keys(product: ProductFacts, places: frozenset[str]) -> dict[str, Any]:
    return keys(product=product, places=places)
