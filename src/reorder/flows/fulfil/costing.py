"""What it costs to serve an order from each place: the facts routing works on.

A shop without any shipping terms can take orders: then the place that serves the region comes first, other warehouses
and stores follow, every parcel costs the same, and no cost is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reorder.domain.inventory.queries import PlaceRow, list_places
from reorder.domain.orders.rules import serving_place
from reorder.flows.serving import Served, served_regions

# Without rates only the order of costs counts: a parcel more is worse than any place, a store worse than a warehouse.
_NOMINAL_PARCEL = 1000.0
_NOMINAL_RANK = {"warehouse": 1.0, "store": 2.0}
# What can be sent is sent: a line waits only where nobody may send it.
WAITING_COST = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """What routing needs to know of an order; country and postcode of where it goes."""

    order_id: int
    channel: str
    country: str
    postcode: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """Selling units of a product that an order needs, and what they are worth in minor units of its currency."""

    line_id: str
    product_id: int
    units: Decimal
    value_minor: int


@dataclass(frozen=True, slots=True)
class RoutingTerms:
    """Everything that decides what places may send and what that costs, as it stands at a moment."""

    places: Sequence[PlaceRow]
    served: Served


@dataclass(frozen=True, slots=True)
class PlaceOffer:
    """What a parcel from a place costs, and the part of it that is money; `is_known` when rates say so."""

    place_code: str
    parcel_cost: float
    line_cost: Mapping[str, float]
    service_code: str = ""
    cost_minor: int | None = None
    ship_by_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """What every place that may serve an order asks, and the first place of its region.

    `is_money`: costs are minor units of the order's currency; else only their order means something.
    """

    offers: Sequence[PlaceOffer]
    fallback_place_code: str
    is_money: bool = False


def load_terms() -> RoutingTerms:
    """Read what stands; one call serves a whole batch of orders."""
    return RoutingTerms(places=list_places(), served=served_regions())


def price_places(*, order: OrderFacts, lines: Sequence[LineFacts], terms: RoutingTerms) -> PricedOrder:
    """What each place would ask for the order."""
    own = [place for place in terms.places if place.kind in _NOMINAL_RANK]
    first = _first_place(order=order, terms=terms, own=own)
    offers = [
        PlaceOffer(
            place_code=place.code,
            parcel_cost=_NOMINAL_PARCEL + (0.0 if place.code == first else _NOMINAL_RANK[place.kind]),
            line_cost={line.line_id: 0.0 for line in lines},
        )
        for place in own
    ]
    return PricedOrder(offers=offers, fallback_place_code=first)


def _first_place(*, order: OrderFacts, terms: RoutingTerms, own: Sequence[PlaceRow]) -> str:
    """The place that serves the address, else the default one, else the first warehouse, else the first store."""
    codes = [place.code for place in own]
    served = serving_place(regions=terms.served.regions, country=order.country, postcode=order.postcode)
    for code in (served, terms.served.default_place_code):
        if code and code in codes:
            return code
    return min(own, key=lambda place: (_NOMINAL_RANK[place.kind], place.code)).code if own else ""
