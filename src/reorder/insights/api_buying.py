"""Proposals and purchase orders for the API, at the places of the actor only."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.purchasing import queries as purchasing
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.staff.rules import Actor
from reorder.insights.reading import conditions, read_rows

_PROPOSALS: Final = """
SELECT proposal.id, product.sku, product.name AS product_name, place.code AS place_code,
       supplier.code AS supplier_code, proposal.units, proposal.order_unit, proposal.order_unit_units,
       proposal.unit_cost_minor, proposal.cost_minor, proposal.currency,
       proposal.order_by_date, proposal.position_units, proposal.reorder_point_units, proposal.daily_units,
       proposal.risk_minor, product.currency AS risk_currency, proposal.reason_code, proposal.reason_parameters::text,
       proposal.state, proposal.created_at, proposal.decided_at, proposal.decided_by,
       purchase_order.number AS purchase_order_number
FROM purchasing_proposal AS proposal
JOIN catalog_product AS product ON product.id = proposal.product_id
JOIN inventory_place AS place ON place.id = proposal.place_id
JOIN purchasing_supplier AS supplier ON supplier.id = proposal.supplier_id
LEFT JOIN purchasing_purchaseorder AS purchase_order ON purchase_order.id = proposal.purchase_order_id
{where} ORDER BY proposal.id DESC LIMIT %(limit)s
"""
_ORDERS: Final = """
SELECT purchase_order.id, purchase_order.number
FROM purchasing_purchaseorder AS purchase_order
JOIN inventory_place AS place ON place.id = purchase_order.place_id
JOIN purchasing_supplier AS supplier ON supplier.id = purchase_order.supplier_id
{where} ORDER BY purchase_order.id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedLine:
    """One proposal in any state; amounts in minor units of `currency`, the risk in those of `risk_currency`."""

    id: int
    sku: str
    product_name: str
    place_code: str
    supplier_code: str
    units: Decimal
    order_unit: str
    order_unit_units: Decimal
    unit_cost_minor: int
    cost_minor: int
    currency: str
    order_by_date: dt.date
    position_units: float
    reorder_point_units: float
    daily_units: float
    risk_minor: int
    risk_currency: str
    reason_code: str
    reason_parameters: str
    state: str
    created_at: dt.datetime
    decided_at: dt.datetime | None
    decided_by: str
    purchase_order_number: str | None


def list_proposals(
    *,
    actor: Actor,
    limit: int,
    before: int | None = None,
    state: str | None = None,
    supplier_code: str | None = None,
    place_code: str | None = None,
    sku: str | None = None,
) -> list[ProposedLine]:
    """Proposals, the newest first; those before one id when given."""
    given: dict[str, object] = {
        "proposal.id < %(before)s": before,
        "proposal.state = %(state)s": state,
        "supplier.code = %(supplier)s": supplier_code,
        "place.code = %(place)s": place_code,
        "product.sku = %(sku)s": sku,
        "place.code = ANY(%(places)s)": tuple(actor.place_codes) or None,
    }
    parameters: dict[str, Any] = {
        "before": before,
        "state": state,
        "supplier": supplier_code,
        "place": place_code,
        "sku": sku,
        "places": sorted(actor.place_codes),
        "limit": limit,
    }
    rows = read_rows(statement=_PROPOSALS.format(where=conditions(given=given)), parameters=parameters)
    return [ProposedLine(**row) for row in rows]


def list_purchase_orders(
    *,
    actor: Actor,
    limit: int,
    before: int | None = None,
    state: str | None = None,
    supplier_code: str | None = None,
    place_code: str | None = None,
) -> list[PurchaseOrderRow]:
    """Purchase orders with their lines, the newest first; those before one id when given."""
    given: dict[str, object] = {
        "purchase_order.id < %(before)s": before,
        "purchase_order.state = %(state)s": state,
        "supplier.code = %(supplier)s": supplier_code,
        "place.code = %(place)s": place_code,
        "place.code = ANY(%(places)s)": tuple(actor.place_codes) or None,
    }
    parameters: dict[str, Any] = {
        "before": before,
        "state": state,
        "supplier": supplier_code,
        "place": place_code,
        "places": sorted(actor.place_codes),
        "limit": limit,
    }
    rows = read_rows(statement=_ORDERS.format(where=conditions(given=given)), parameters=parameters)
    return purchasing.get_purchase_orders(numbers=[row["number"] for row in rows])
