"""What it costs to serve an order from each place: rates, handling, days, and the merchant's rules, as the engine asks.

A shop without rates can take orders: every parcel then counts the same, the place that serves the address comes first,
and no cost is shown. Costs are minor units of the shop's currency.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from reorder.domain.orders.rules import serving_place
from reorder.domain.shipping import rules as tariffs
from reorder.domain.shipping.queries import StandingPlace
from reorder.domain.shipping.rules import Parcel, Quote
from reorder.engine.routing import LineToRoute, OrderToRoute
from reorder.flows.fulfil.terms import RoutingTerms, load_terms
from reorder.kernel.money import minor_digits

# What can be sent is sent: a line waits only where nobody may send it.
WAITING_COST: Final = 1e9
# A way for which nobody has entered a rate is taken last, but taken.
NO_RATE_COST: Final = 1e6
# A parcel without any rates, in whole units of the currency: only rules and handling are weighed against it.
_NOMINAL_PARCEL: Final = 100
# A product whose weight nobody has entered.
ASSUMED_GRAMS: Final = 500
# What a later day and a supplier's broken promise cost, in parcels, where no rule says it.
_DAY_SHARE, _FAILURE_PARCELS = 0.1, 3.0
# Among equals, by less than a minor unit: the place of the region, then warehouses, stores, suppliers.
_RANK: Final = {"warehouse": 0.1, "store": 0.2, "supplier": 0.3}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """What routing needs to know of an order; country and postcode of where it goes.

    `ship_method`: a service code lets only that service; `is_store_pickup`: it is collected at a convenience store.
    """

    order_id: int
    channel: str
    country: str
    postcode: str
    currency: str
    ship_method: str = ""
    is_store_pickup: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """Selling units of a product that an order needs, and what they are worth in minor units of its currency."""

    line_id: str
    product_id: int
    units: Decimal
    value_minor: int


@dataclass(frozen=True, slots=True)
class PlaceOffer:
    """What a place asks for an order: for a parcel, and for each line that it may send; a line left out is impossible.

    `day`: when it ships; `unrated_lines`: lines for whose way no rate is known.
    """

    place: StandingPlace
    parcel_cost: float
    line_cost: Mapping[str, float]
    day: date
    unrated_lines: frozenset[str] = frozenset()

    @property
    def place_code(self) -> str:
        """Its code."""
        return self.place.code


@dataclass(frozen=True, slots=True)
class Refusal:
    """A place that sends nothing of an order, and why (a code of engine.reasons)."""

    place_code: str
    code: str


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """What every place that may serve an order asks, who may not, and the first place of its region.

    `is_money`: costs are money; else only their order means something.
    """

    order: OrderFacts
    lines: Sequence[LineFacts]
    offers: Sequence[PlaceOffer]
    refusals: Sequence[Refusal]
    fallback_place_code: str
    is_money: bool
    rules: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ParcelTerms:
    """How a place sends its part: the service, what that costs in money, and until when it must be ready."""

    service_code: str
    cost_minor: int | None
    ship_by_at: datetime | None


def price_places(
    *, order: OrderFacts, lines: Sequence[LineFacts], terms: RoutingTerms, moment: datetime
) -> PricedOrder:
    """What each place would ask for the order."""
    terms.read_facts(product_ids=sorted({line.product_id for line in lines}))
    first = _first_place(order=order, terms=terms)
    offers: list[PlaceOffer] = []
    refusals: list[Refusal] = []
    for place in terms.places:
        made = _offer(place=place, order=order, lines=lines, terms=terms, moment=moment, first=first)
        if isinstance(made, Refusal):
            refusals.append(made)
        else:
            offers.append(made)
    return PricedOrder(
        order=order,
        lines=lines,
        offers=_with_days(offers=offers, order=order, terms=terms),
        refusals=refusals,
        fallback_place_code=first,
        is_money=terms.tariff.has_rates,
        rules=_rules_of(order=order, lines=lines, terms=terms),
    )


def to_route(*, priced: PricedOrder) -> OrderToRoute:
    """The order as the engine takes it."""
    return OrderToRoute(
        order_id=str(priced.order.order_id),
        lines=tuple(
            LineToRoute(
                line_id=line.line_id,
                sku=str(line.product_id),
                units=float(line.units),
                value=float(max(line.value_minor, 0)),
            )
            for line in priced.lines
        ),
        shipment_cost={offer.place_code: offer.parcel_cost for offer in priced.offers},
        line_cost={
            (line_id, offer.place_code): cost for offer in priced.offers for line_id, cost in offer.line_cost.items()
        },
        **priced.rules,
    )


def free_stock(*, priced: PricedOrder, free: Mapping[tuple[str, int], Decimal]) -> dict[tuple[str, str], float]:
    """Free units that may be counted on, by (place, product number as text)."""
    products = {line.product_id for line in priced.lines}
    counted = {}
    for offer in priced.offers:
        share = offer.place.terms.stock_confidence_share
        for product in products:
            units = free.get((offer.place_code, product))
            if units is not None and units > 0:
                units = tariffs.counted_units(units=units, confidence_share=share)
                counted[offer.place_code, str(product)] = float(units)
    return counted


def parcel_terms(
    *, priced: PricedOrder, terms: RoutingTerms, offer: PlaceOffer, line_ids: frozenset[str]
) -> ParcelTerms:
    """What the part of an order that a place sends really costs: one parcel (or more) for each temperature."""
    mine = [line for line in priced.lines if line.line_id in line_ids]
    quotes = [
        _quote(place=offer.place, order=priced.order, lines=group, terms=terms)
        for group in _by_temperature(lines=mine, terms=terms).values()
    ]
    conditions = offer.place.terms
    ship_by = tariffs.ship_by(day=offer.day, cut_off_time=conditions.cut_off_time, time_zone=terms.time_zone)
    known = [quote for quote in quotes if quote is not None]
    services = ", ".join(sorted({quote.service for quote in known}))
    cost = None
    if known and len(known) == len(quotes):
        handling = conditions.parcel_cost_minor * len(quotes) + conditions.line_cost_minor * len(mine)
        cost = sum(quote.price_minor for quote in known) + handling
    return ParcelTerms(services, cost, ship_by if offer.place.has_terms else None)


def _first_place(*, order: OrderFacts, terms: RoutingTerms) -> str:
    """The place that serves the address, else the default one, else the first warehouse, else the first store."""
    own = [place for place in terms.places if place.kind != "supplier"]
    codes = [place.code for place in own]
    served = serving_place(regions=terms.served.regions, country=order.country, postcode=order.postcode)
    for code in (served, terms.served.default_place_code):
        if code and code in codes:
            return code
    return min(own, key=lambda place: (_RANK[place.kind], place.code)).code if own else ""


def _offer(
    *,
    place: StandingPlace,
    order: OrderFacts,
    lines: Sequence[LineFacts],
    terms: RoutingTerms,
    moment: datetime,
    first: str,
) -> PlaceOffer | Refusal:
    if place.kind == "supplier" and not place.has_terms:
        return Refusal(place.code, "routing.refused.no_terms")
    where = {"channel": order.channel, "country": order.country, "postcode": order.postcode}
    if tariffs.is_excluded(rules=terms.tariff.rules, place_code=place.code, **where):
        return Refusal(place.code, "routing.refused.by_rule")
    day = _ship_date(place=place, terms=terms, moment=moment)
    if day is None:
        return Refusal(place.code, "routing.refused.no_day")
    first_group, costs, unrated = _line_costs(place=place, order=order, lines=lines, terms=terms)
    if not costs:
        return Refusal(place.code, "routing.refused.goods")
    penalty = tariffs.place_penalty(rules=terms.tariff.rules, place_code=place.code, **where)
    rank = 0.0 if place.code == first else _RANK[place.kind]
    return PlaceOffer(
        place=place,
        parcel_cost=first_group + place.terms.parcel_cost_minor + penalty + rank,
        line_cost=costs,
        day=day,
        unrated_lines=frozenset(unrated),
    )


def _line_costs(
    *, place: StandingPlace, order: OrderFacts, lines: Sequence[LineFacts], terms: RoutingTerms
) -> tuple[float, dict[str, float], list[str]]:
    """(what a parcel costs, what each line adds, lines without a known rate).

    Whole, the order costs what its rates say; the part that grows with weight is spread over the lines by weight, and
    what a second temperature costs over the lines that need it. A part of the order is therefore an estimate, and is
    priced again once it is chosen.
    """
    conditions = place.terms
    parcel_cost: float | None = None
    costs: dict[str, float] = {}
    unrated: list[str] = []
    for temperature, group in _by_temperature(lines=lines, terms=terms).items():
        if temperature not in conditions.temperature_classes or not _is_taken(order=order, lines=group, terms=terms):
            continue
        quote = _quote(place=place, order=order, lines=group, terms=terms)
        start, whole = _prices(quote=quote, terms=terms)
        if quote is None and terms.tariff.has_rates:
            unrated += [line.line_id for line in group]
        if parcel_cost is None:
            parcel_cost, shared = start, whole - start
        else:
            shared = whole + conditions.parcel_cost_minor
        grams = {line.line_id: _grams(line=line, terms=terms) for line in group}
        for line in group:
            share = grams[line.line_id] / sum(grams.values())
            costs[line.line_id] = conditions.line_cost_minor + shared * share
    return parcel_cost or 0.0, costs, unrated


def _prices(*, quote: Quote | None, terms: RoutingTerms) -> tuple[float, float]:
    """(of the lightest parcel, of the whole weight)."""
    if quote is not None:
        first = min(quote.first_minor, quote.price_minor)
        return float(first), float(quote.price_minor)
    price = NO_RATE_COST if terms.tariff.has_rates else _nominal(terms)
    return price, price


def _nominal(terms: RoutingTerms) -> float:
    return float(_NOMINAL_PARCEL * 10 ** minor_digits(currency=terms.currency))


def _is_taken(*, order: OrderFacts, lines: Sequence[LineFacts], terms: RoutingTerms) -> bool:
    """Whether any service takes such goods; without any rates nobody asks."""
    if not terms.tariff.has_rates:
        return True
    parcel = _parcel(lines=lines, terms=terms)
    able = [one for one in terms.tariff.services if one.is_store_pickup == order.is_store_pickup]
    # A shop that has entered no service of this kind at all cannot want to refuse it.
    return not able or any(
        tariffs.takes(service=one, parcel=parcel, is_store_pickup=order.is_store_pickup) for one in able
    )


def _quote(*, place: StandingPlace, order: OrderFacts, lines: Sequence[LineFacts], terms: RoutingTerms) -> Quote | None:
    tariff = terms.tariff
    if not tariff.has_rates:
        return None
    known = {service.code for service in tariff.services}
    return tariffs.cheapest_quote(
        tariff=tariff,
        parcel=_parcel(lines=lines, terms=terms),
        from_zone=tariff.zone_of(
            country=place.country or terms.served.regions.home_country, postcode=place.terms.postcode
        ),
        to_zone=tariff.zone_of(country=order.country, postcode=order.postcode),
        is_store_pickup=order.is_store_pickup,
        service_code=order.ship_method if order.ship_method in known else "",
    )


def _parcel(*, lines: Sequence[LineFacts], terms: RoutingTerms) -> Parcel:
    facts = [terms.facts_of(line.product_id) for line in lines]
    sides = [one.sides_mm for one in facts if one.sides_mm]
    return Parcel(
        temperature_class=facts[0].temperature_class,
        grams=sum(_grams(line=line, terms=terms) for line in lines),
        heaviest_grams=max(one.weight_grams or 0 for one in facts),
        longest_mm=max((max(each) for each in sides), default=0),
        sum_mm=max((sum(each) for each in sides), default=0),
    )


def _grams(*, line: LineFacts, terms: RoutingTerms) -> int:
    grams = terms.facts_of(line.product_id).weight_grams or ASSUMED_GRAMS
    return max(1, round(grams * line.units))


def _by_temperature(*, lines: Sequence[LineFacts], terms: RoutingTerms) -> dict[str, list[LineFacts]]:
    """Lines that may lie in one parcel, the warmest first."""
    groups: dict[str, list[LineFacts]] = defaultdict(list)
    for line in lines:
        groups[terms.facts_of(line.product_id).temperature_class].append(line)
    return {one: groups[one] for one in tariffs.TEMPERATURES if one in groups}


def _ship_date(*, place: StandingPlace, terms: RoutingTerms, moment: datetime) -> date | None:
    conditions = place.terms
    return tariffs.ship_date(
        moment=moment,
        time_zone=terms.time_zone,
        cut_off_time=conditions.cut_off_time,
        working_weekdays=conditions.working_weekdays,
        processing_days=conditions.processing_days,
        orders_a_day=conditions.orders_a_day,
        taken={day: count for (code, day), count in terms.due.items() if code == place.code},
    )


def _with_days(*, offers: Sequence[PlaceOffer], order: OrderFacts, terms: RoutingTerms) -> list[PlaceOffer]:
    """Offers with what a later day costs on the parcel, and the risk that a place has not what it says on its lines."""
    if not offers:
        return []
    rules, parcel = terms.tariff.rules, min(offer.parcel_cost for offer in offers)
    a_day = tariffs.largest_amount(rules=rules, kind="day_penalty", channel=order.channel)
    failed = tariffs.largest_amount(rules=rules, kind="failed_promise", channel=order.channel)
    a_day_cost = _DAY_SHARE * parcel if a_day is None else float(a_day)
    failed_cost = _FAILURE_PARCELS * parcel if failed is None else float(failed)
    soonest = min(offer.day for offer in offers)
    return [
        PlaceOffer(
            place=offer.place,
            parcel_cost=offer.parcel_cost + a_day_cost * (offer.day - soonest).days,
            line_cost={
                line: cost + failed_cost * float(1 - offer.place.terms.stock_confidence_share)
                for line, cost in offer.line_cost.items()
            },
            day=offer.day,
            unrated_lines=offer.unrated_lines,
        )
        for offer in offers
    ]


def _rules_of(*, order: OrderFacts, lines: Sequence[LineFacts], terms: RoutingTerms) -> dict[str, Any]:
    """How an order may be split, in the engine's words. Values are compared only in the shop's currency."""
    rules = terms.tariff.rules
    facts = [terms.facts_of(line.product_id) for line in lines]
    is_whole = tariffs.is_never_split(
        rules=rules,
        channel=order.channel,
        category_ids=frozenset().union(*(one.category_ids for one in facts)),
        temperatures=frozenset(one.temperature_class for one in facts),
    )
    penalty = tariffs.largest_amount(rules=rules, kind="split_penalty", channel=order.channel)
    least = tariffs.largest_amount(rules=rules, kind="minimum_split_value", channel=order.channel)
    return {
        "max_places": 1 if is_whole else None,
        "split_penalty": float(penalty or 0),
        "minimum_shipment_value": float(least or 0) if order.currency == terms.currency else 0.0,
    }


__all__ = [
    "LineFacts",
    "OrderFacts",
    "ParcelTerms",
    "PlaceOffer",
    "PricedOrder",
    "RoutingTerms",
    "load_terms",
    "price_places",
    "to_route",
]
