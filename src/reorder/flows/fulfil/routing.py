"""Which places serve an order: costs are looked up, the engine decides, and the answer carries what was considered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from reorder.engine import routing as engine
from reorder.flows.fulfil.costing import (
    WAITING_COST,
    LineFacts,
    OrderFacts,
    PlaceOffer,
    PricedOrder,
    RoutingTerms,
    load_terms,
    price_places,
)


@dataclass(frozen=True, slots=True)
class RoutedLine:
    """Units of a line and the place that sends them; None: no place can, they wait."""

    line_id: str
    product_id: int
    place_code: str | None
    units: Decimal


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """Where each line comes from, and why.

    `candidates` (JSON-able, the chosen way first) tell places, cost, lines that wait and the reason of each way.
    `cost_minor` is money where rates are known, else None. `fallback_place_code`: where lines wait that no place has.
    """

    assignments: tuple[RoutedLine, ...]
    candidates: list[dict[str, Any]]
    cost_minor: int | None
    reason: str
    fallback_place_code: str
    offers: Mapping[str, PlaceOffer]

    def terms_of(self, *, place_code: str) -> dict[str, Any]:
        """How a place sends its parcel: service_code, cost_minor and ship_by_at, as far as terms say."""
        offer = self.offers.get(place_code)
        if offer is None:
            return {}
        return {
            "service_code": offer.service_code,
            "cost_minor": offer.cost_minor,
            "ship_by_at": offer.ship_by_at,
        }


def decide_places(
    *,
    order: OrderFacts,
    lines: Sequence[LineFacts],
    free: Mapping[tuple[str, int], Decimal],
    moment: datetime,
    terms: RoutingTerms | None = None,
) -> RoutePlan:
    """The places that serve an order at least cost, from `free` units by (place code, product id). Writes nothing.

    `terms` saves reading them again for every order of a batch.
    """
    terms = terms or load_terms()
    priced = price_places(order=order, lines=lines, terms=terms)
    plan = engine.route_orders(
        orders=[_to_route(order=order, lines=lines, priced=priced)],
        stock={(place, str(product_id)): float(units) for (place, product_id), units in free.items() if units > 0},
        backorder_cost=WAITING_COST,
    )
    product_of = {line.line_id: line for line in lines}
    assignments = tuple(
        RoutedLine(
            line_id=each.line_id,
            product_id=product_of[each.line_id].product_id,
            place_code=each.place,
            units=product_of[each.line_id].units,
        )
        for each in plan.assignments
    )
    return RoutePlan(
        assignments=assignments,
        candidates=[_candidate(each) for each in plan.candidates],
        cost_minor=None,
        reason=plan.candidates[0].reason,
        fallback_place_code=priced.fallback_place_code,
        offers={offer.place_code: offer for offer in priced.offers},
    )


def _to_route(*, order: OrderFacts, lines: Sequence[LineFacts], priced: PricedOrder) -> engine.OrderToRoute:
    return engine.OrderToRoute(
        order_id=str(order.order_id),
        lines=tuple(
            engine.LineToRoute(
                line_id=line.line_id,
                sku=str(line.product_id),
                units=float(line.units),
                value=float(max(line.value_minor, 0)),
            )
            for line in lines
        ),
        shipment_cost={offer.place_code: offer.parcel_cost for offer in priced.offers},
        line_cost={
            (line_id, offer.place_code): cost for offer in priced.offers for line_id, cost in offer.line_cost.items()
        },
    )


def _candidate(each: engine.Candidate) -> dict[str, Any]:
    return {
        "places": list(each.places),
        "cost_minor": None,
        "waiting_lines": each.waiting_lines,
        "is_chosen": each.is_chosen,
        "reason": each.reason,
        "reason_code": each.reason_code,
        "reason_parameters": dict(each.reason_parameters),
    }


__all__ = ["LineFacts", "OrderFacts", "RoutePlan", "RoutedLine", "decide_places", "load_terms"]
