"""What weighing an order needs: each supplier's terms for a product, and where the product stands at a place."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from reorder.domain.purchasing.calendar import SupplierCalendar
from reorder.domain.purchasing.queries.proposals import ProposalRow
from reorder.domain.purchasing.queries.rates import latest_rates
from reorder.domain.purchasing.queries.suppliers import get_calendars
from reorder.domain.purchasing.weighing import OfferTerms, StockOutlook, last_share, sd_of_safety_stock
from reorder.kernel.money import minor_digits

_TERMS: Final = """
SELECT supplier.code, supplier.name, supplier.currency, offer.unit_cost_minor, offer.pack_units, offer.minimum_units,
       coalesce(offer.lead_days, supplier.lead_days), supplier.order_weekdays, offer.maximum_cover_days,
       product.shelf_life_days, supplier.minimum_value_minor,
       coalesce((SELECT sum(other.cost_minor) FROM purchasing_proposal AS other
                 WHERE other.supplier_id = supplier.id AND other.place_id = %(place_id)s AND other.state = 'open'
                   AND other.product_id <> %(product_id)s AND other.currency = supplier.currency), 0)::bigint,
       offer.order_unit, offer.order_unit_units, offer.order_unit_cost_minor
FROM purchasing_offer AS offer
JOIN purchasing_supplier AS supplier ON supplier.id = offer.supplier_id AND supplier.is_active
JOIN catalog_product AS product ON product.id = offer.product_id
WHERE offer.product_id = %(product_id)s AND offer.is_active
ORDER BY supplier.code
"""

_OUTLOOK: Final = """
SELECT target.expected_units, target.safety_stock_units, target.service_level, target.lead_days, target.lost_unit_cost,
       coalesce(target.reason_parameters ->> 'receipts', '0') <> '0',
       coalesce(stock.free_units, 0)::float8, coalesce(stock.on_hand_units, 0)::float8,
       coalesce(stock.incoming_units, 0)::float8
FROM catalog_product AS product
LEFT JOIN planning_target AS target ON target.subject = product.sku AND target.place_code = %(place)s
LEFT JOIN LATERAL (
    SELECT sum(level.on_hand_units - level.allocated_units - level.held_units)
               FILTER (WHERE location.kind = 'stock') AS free_units,
           sum(level.on_hand_units) FILTER (WHERE location.kind = 'stock') AS on_hand_units,
           sum(level.on_hand_units) FILTER (WHERE location.kind = 'incoming') AS incoming_units
    FROM inventory_level AS level
    JOIN inventory_location AS location ON location.id = level.location_id
    WHERE level.product_id = product.id AND location.place_id = %(place_id)s AND level.owner = 'self'
) AS stock ON true
WHERE product.id = %(product_id)s
"""


_TARGETS: Final = """
SELECT proposal.id, target.expected_units, target.safety_stock_units, target.service_level
FROM purchasing_proposal AS proposal
JOIN catalog_product AS product ON product.id = proposal.product_id
JOIN inventory_place AS place ON place.id = proposal.place_id
JOIN planning_target AS target ON target.subject = product.sku AND target.place_code = place.code
WHERE proposal.id = ANY(%(ids)s::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Service:
    """The chance to last until the next delivery but one, without and with what is proposed."""

    without_share: float
    with_share: float


@dataclass(frozen=True, slots=True)
class WeighingBasis:
    """All that is known before somebody names units; `service_level` is None where no target says one."""

    terms: tuple[OfferTerms, ...]
    outlook: StockOutlook
    service_level: float | None
    on_hand_units: float
    incoming_units: float


def get_weighing_basis(
    *,
    product_id: int,
    place_id: int,
    place_code: str,
    planned_supplier_code: str,
    position_units: float,
    reorder_point_units: float,
    daily_units: float,
    review_days: int,
    today: dt.date,
) -> WeighingBasis:
    """Terms of every active offer, the cheapest first, and the outlook by the last night's target.

    The planned supplier's lead time is the one that the target measured, where receipts told it.
    """
    asked: dict[str, Any] = {"product_id": product_id, "place_id": place_id, "place": place_code}
    with connection.cursor() as cursor:
        cursor.execute(_OUTLOOK, asked)
        row = cursor.fetchone() or (None,) * 5 + (False,) + (0.0,) * 3
        cursor.execute(_TERMS, asked)
        offers = cursor.fetchall()
    rates = latest_rates()
    offers.sort(key=lambda offer: _shop_cost(minor=offer[3], currency=offer[2], rates=rates))
    calendars = get_calendars(today=today, codes=[offer[0] for offer in offers])
    expected, safety, level, lead_days, lost_unit_cost, has_receipts, free, on_hand, incoming = row
    outlook = StockOutlook(
        position_units=position_units,
        free_units=free,
        reorder_point_units=reorder_point_units,
        daily_units=daily_units,
        expected_units=expected,
        sd_units=sd_of_safety_stock(safety_stock_units=safety or 0.0, service_level=level or 0.0),
        span_days=lead_days + review_days if lead_days is not None else 0.0,
        review_days=review_days,
        lost_unit_cost=lost_unit_cost or 0.0,
    )
    return WeighingBasis(
        terms=tuple(
            _terms(offer, planned_supplier_code, lead_days if has_receipts else None, calendars[offer[0]])
            for offer in offers
        ),
        outlook=outlook,
        service_level=level,
        on_hand_units=on_hand,
        incoming_units=incoming,
    )


def _shop_cost(*, minor: int, currency: str, rates: dict[str, Decimal]) -> tuple[bool, Decimal]:
    """What orders offers by cost: in the shop's currency; those that nobody has valued stand last."""
    rate = rates.get(currency)
    major = Decimal(minor).scaleb(-minor_digits(currency=currency))
    return rate is None, major * (rate or 1)


def service_of(*, rows: Sequence[ProposalRow]) -> dict[int, Service]:
    """The chance to last until the order after this one would arrive, of each proposal whose target says enough."""
    with connection.cursor() as cursor:
        cursor.execute(_TARGETS, {"ids": [row.id for row in rows]})
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    return {
        row.id: Service(
            without_share=_last(row.position_units, *found[row.id]),
            with_share=_last(row.position_units + float(row.units), *found[row.id]),
        )
        for row in rows
        if row.id in found
    }


def _last(position: float, expected: float, safety: float, level: float) -> float:
    sd = sd_of_safety_stock(safety_stock_units=safety, service_level=level)
    return last_share(position_units=position, mean_units=expected, sd_units=sd) or 0.0


def _terms(
    offer: tuple[Any, ...], planned_supplier_code: str, measured_days: float | None, calendar: SupplierCalendar
) -> OfferTerms:
    code, name, currency, cost, pack, minimum, lead_days, weekdays, cover, shelf_life, minimum_value, other = offer[:12]
    unit, held, unit_cost = offer[12:]
    is_measured = measured_days is not None and code == planned_supplier_code
    return OfferTerms(
        supplier_code=code,
        supplier_name=name,
        currency=currency,
        unit_cost_minor=cost,
        pack_units=pack,
        minimum_units=minimum,
        lead_days=measured_days if measured_days is not None and is_measured else float(lead_days),
        is_lead_measured=is_measured,
        order_weekdays=tuple(weekdays or ()),
        maximum_cover_days=cover,
        shelf_life_days=shelf_life,
        minimum_value_minor=minimum_value,
        other_cost_minor=other,
        order_unit=unit,
        order_unit_units=held,
        order_unit_cost_minor=unit_cost,
        calendar=calendar,
    )
