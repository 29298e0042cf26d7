"""Which places serve an order: costs are looked up, the engine decides, and the answer carries what was considered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from reorder.engine import routing as engine
from reorder.engine.reasons import render
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
        stock=_stock(lines=lines, priced=priced, free=free),
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
    candidates = [_candidate(each, priced=priced, lines_count=len(lines)) for each in plan.candidates]
    return RoutePlan(
        assignments=assignments,
        candidates=candidates,
        cost_minor=None,
        reason=candidates[0]["reason"],
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


def _stock(
    *, lines: Sequence[LineFacts], priced: PricedOrder, free: Mapping[tuple[str, int], Decimal]
) -> dict[tuple[str, str], float]:
    products = {line.product_id for line in lines}
    return {
        (offer.place_code, str(product)): float(units)
        for offer in priced.offers
        for product in products
        if (units := free.get((offer.place_code, product), Decimal(0))) > 0
    }


def _candidate(each: engine.Candidate, *, priced: PricedOrder, lines_count: int) -> dict[str, Any]:
    code, parameters = each.reason_code, dict(each.reason_parameters)
    if not priced.is_money:
        code, parameters = _plain_reason(each, first=priced.fallback_place_code, lines_count=lines_count)
    return {
        "places": list(each.places),
        "cost_minor": None,
        "waiting_lines": each.waiting_lines,
        "is_chosen": each.is_chosen,
        "reason": render(code=code, parameters=parameters),
        "reason_code": code,
        "reason_parameters": parameters,
    }


def _plain_reason(each: engine.Candidate, *, first: str, lines_count: int) -> tuple[str, dict[str, Any]]:
    """Words without costs, for a shop that has no rates yet."""
    said: dict[str, Any] = {"place": ", ".join(each.places)}
    if not each.places:
        return "routing.none", {}
    if each.waiting_lines:
        served = lines_count - each.waiting_lines
        return "routing.plain.part", said | {"served": served, "lines": lines_count}
    if not each.is_chosen:
        return "routing.plain.later", said
    if len(each.places) > 1:
        return "routing.plain.split", said | {"parcels": len(each.places)}
    return (
        ("routing.plain.first", said) if each.places == (first,) else ("routing.plain.whole", said | {"first": first})
    )


__all__ = ["LineFacts", "OrderFacts", "RoutePlan", "RoutedLine", "decide_places", "load_terms"]
