"""Which places serve an order: costs are looked up, the engine decides, and the answer carries what was considered."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from reorder.engine import routing as engine
from reorder.engine.reasons import render
from reorder.flows.fulfil.costing import (
    NO_RATE_COST,
    WAITING_COST,
    LineFacts,
    OrderFacts,
    ParcelTerms,
    PricedOrder,
    free_stock,
    parcel_terms,
    price_places,
    to_route,
)
from reorder.flows.fulfil.terms import RoutingTerms, load_terms
from reorder.kernel.clock import date_at
from reorder.kernel.formatting import format_money


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

    `candidates` (JSON-able, the chosen way first) tell places, cost, lines that wait and the reason of each way; a cost
    there is what was weighed: money, days, risks and rules together. `cost_minor` is money alone, in the shop's
    currency, None where a rate is unknown. `fallback_place_code`: where lines wait that no place has.
    """

    assignments: tuple[RoutedLine, ...]
    candidates: list[dict[str, Any]]
    cost_minor: int | None
    reason: str
    fallback_place_code: str
    parcels: Mapping[str, ParcelTerms]

    @property
    def place_by_line(self) -> dict[str, str | None]:
        """The place of each line; None: no place can, it waits."""
        return {one.line_id: one.place_code for one in self.assignments}

    def terms_of(self, *, place_code: str) -> dict[str, Any]:
        """How a place sends its part: service_code, cost_minor and ship_by_at, as far as terms say."""
        parcel = self.parcels.get(place_code)
        return asdict(parcel) if parcel else {}


def decide_places(
    *,
    order: OrderFacts,
    lines: Sequence[LineFacts],
    free: Mapping[tuple[str, int], Decimal],
    moment: datetime,
    terms: RoutingTerms | None = None,
) -> RoutePlan:
    """The places that serve an order at least cost, from `free` units by (place code, product id). Writes nothing.

    `terms` saves reading them again for every order of a batch, and knows the parcels of those before.
    """
    terms = terms or load_terms(moment=moment)
    priced = price_places(order=order, lines=lines, terms=terms, moment=moment)
    plan = engine.route_orders(
        orders=[to_route(priced=priced)],
        stock=free_stock(priced=priced, free=free),
        backorder_cost=WAITING_COST,
    )
    return explain_route(priced=priced, terms=terms, assignments=plan.assignments, candidates=plan.candidates)


def count_parcels(*, route: RoutePlan, terms: RoutingTerms) -> None:
    """Count the parcels of a route that is taken, so that the next order of the batch finds the day fuller."""
    for place_code, parcel in route.parcels.items():
        if parcel.ship_by_at is not None:
            terms.count_parcel(place_code=place_code, day=date_at(moment=parcel.ship_by_at, time_zone=terms.time_zone))


def explain_route(
    *,
    priced: PricedOrder,
    terms: RoutingTerms,
    assignments: Sequence[engine.Assignment],
    candidates: Sequence[engine.Candidate],
) -> RoutePlan:
    """The engine's answer for one order with the parcels that follow from it, and reasons in words and money."""
    line_of = {line.line_id: line for line in priced.lines}
    routed = tuple(
        RoutedLine(
            line_id=each.line_id,
            product_id=line_of[each.line_id].product_id,
            place_code=each.place,
            units=line_of[each.line_id].units,
        )
        for each in assignments
    )
    parcels = _parcels(priced=priced, terms=terms, routed=routed)
    ways = [_candidate(each, priced=priced, terms=terms) for each in candidates]
    ways += [_refused(one.place_code, one.code) for one in priced.refusals]
    costs = [parcel.cost_minor for parcel in parcels.values()]
    known = [cost for cost in costs if cost is not None]
    return RoutePlan(
        assignments=routed,
        candidates=ways,
        cost_minor=sum(known) if priced.is_money and costs and len(known) == len(costs) else None,
        reason=ways[0]["reason"],
        fallback_place_code=priced.fallback_place_code,
        parcels=parcels,
    )


def _parcels(*, priced: PricedOrder, terms: RoutingTerms, routed: Sequence[RoutedLine]) -> dict[str, ParcelTerms]:
    return {
        offer.place_code: parcel_terms(priced=priced, terms=terms, offer=offer, line_ids=mine)
        for offer in priced.offers
        if (mine := frozenset(one.line_id for one in routed if one.place_code == offer.place_code))
    }


def _candidate(each: engine.Candidate, *, priced: PricedOrder, terms: RoutingTerms) -> dict[str, Any]:
    is_rated = priced.is_money and not each.waiting_lines and each.cost < NO_RATE_COST
    if is_rated:
        code, parameters = each.reason_code, _in_money(each.reason_parameters, currency=terms.currency)
        code = _told(code=code, parameters=parameters, other=each.reason_parameters.get("other_cost"))
    else:
        code, parameters = _plain_reason(each, priced=priced)
    way = {
        "places": list(each.places),
        "cost_minor": round(each.cost) if is_rated else None,
        "waiting_lines": each.waiting_lines,
        "is_chosen": each.is_chosen,
        "reason": render(code=code, parameters=parameters),
        "reason_code": code,
        "reason_parameters": parameters,
    }
    if each.is_chosen and priced.is_money and _is_weight_assumed(priced=priced, terms=terms):
        way["is_weight_assumed"] = True
    return way


def _told(*, code: str, parameters: Mapping[str, Any], other: object) -> str:
    """The code that says it truly once costs are rounded, and none is told that is no money."""
    if code != "routing.cheapest":
        return code
    if float(str(other)) >= NO_RATE_COST:
        return "routing.best_known"
    return "routing.even" if parameters["cost"] == parameters["other_cost"] else code


def _in_money(parameters: Mapping[str, object], *, currency: str) -> dict[str, Any]:
    return {
        name: format_money(round(float(str(value))), currency=currency) if name in engine.COST_PARAMETERS else value
        for name, value in parameters.items()
    }


def _is_weight_assumed(*, priced: PricedOrder, terms: RoutingTerms) -> bool:
    return any(terms.facts_of(line.product_id).weight_grams is None for line in priced.lines)


def _plain_reason(each: engine.Candidate, *, priced: PricedOrder) -> tuple[str, dict[str, Any]]:
    """Words without costs: no rates are known, or not all of the order can go this way."""
    first, said = priced.fallback_place_code, {"place": ", ".join(each.places)}
    if not each.places:
        return "routing.none", {}
    if each.waiting_lines:
        served = len(priced.lines) - each.waiting_lines
        return "routing.plain.part", said | {"served": served, "lines": len(priced.lines)}
    if priced.is_money:
        return "routing.no_rate", said
    if not each.is_chosen:
        return "routing.plain.later", said
    if len(each.places) > 1:
        return "routing.plain.split", said | {"parcels": len(each.places)}
    return (
        ("routing.plain.first", said) if each.places == (first,) else ("routing.plain.whole", said | {"first": first})
    )


def _refused(place_code: str, code: str) -> dict[str, Any]:
    parameters = {"place": place_code}
    return {
        "places": [place_code],
        "cost_minor": None,
        "waiting_lines": None,
        "is_chosen": False,
        "reason": render(code=code, parameters=parameters),
        "reason_code": code,
        "reason_parameters": parameters,
    }


__all__ = [
    "LineFacts",
    "OrderFacts",
    "RoutePlan",
    "RoutedLine",
    "count_parcels",
    "decide_places",
    "explain_route",
    "load_terms",
]
