"""A shop without rates takes orders: the region's place first, the fewest parcels, words without costs."""

import datetime as dt
from decimal import Decimal

from reorder.domain.inventory.place_terms import PlaceTermsRow
from reorder.domain.orders.rules import ServedRegion, ServedRegions
from reorder.domain.shipping.queries import StandingPlace
from reorder.flows.fulfil.routing import LineFacts, OrderFacts, RoutePlan, decide_places
from reorder.flows.fulfil.terms import RoutingTerms
from reorder.flows.serving import Served

NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)
OOLONG, TEAPOT = 11, 12


def place(code: str, kind: str = "warehouse") -> StandingPlace:
    return StandingPlace(code=code, kind=kind, country="TW", has_terms=False, terms=PlaceTermsRow())


def terms(*places: StandingPlace, default: str = "") -> RoutingTerms:
    south = ServedRegion(country="TW", postcode_start="7", place_code="TAINAN")
    return RoutingTerms(
        places=places,
        served=Served(regions=ServedRegions(rows=[south], home_country="TW"), default_place_code=default),
    )


SHOP = terms(place("KEELUNG"), place("SHOP", "store"), place("TAINAN"), place("TEA-MAKER", "supplier"))


def decide(
    free: dict[tuple[str, int], int], *, postcode: str = "700", units: str = "2", at: RoutingTerms = SHOP
) -> RoutePlan:
    return decide_places(
        order=OrderFacts(order_id=1001, channel="web", country="TW", postcode=postcode, currency="TWD"),
        lines=[
            LineFacts(line_id="1", product_id=OOLONG, units=Decimal(units), value_minor=50000),
            LineFacts(line_id="2", product_id=TEAPOT, units=Decimal(1), value_minor=90000),
        ],
        free={key: Decimal(value) for key, value in free.items()},
        moment=NOON,
        terms=at,
    )


def places_of(plan: RoutePlan) -> list[str | None]:
    return [one.place_code for one in plan.assignments]


EVERYWHERE = {(code, product): 9 for code in ("KEELUNG", "SHOP", "TAINAN") for product in (OOLONG, TEAPOT)}


def test_the_place_that_serves_the_address_comes_first() -> None:
    plan = decide(EVERYWHERE)

    assert places_of(plan) == ["TAINAN", "TAINAN"]
    assert plan.reason == "TAINAN is the first place for this address, and has everything."
    assert plan.cost_minor is None
    assert [one["reason"] for one in plan.candidates[1:]] == [
        "KEELUNG has everything too, but comes later for this address.",
        "SHOP has everything too, but comes later for this address.",
        "TEA-MAKER is a supplier without terms of its own: it sends nothing for us yet.",
    ]


def test_one_parcel_from_further_away_rather_than_two() -> None:
    plan = decide({("TAINAN", OOLONG): 9, ("KEELUNG", OOLONG): 2, ("KEELUNG", TEAPOT): 1})

    assert places_of(plan) == ["KEELUNG", "KEELUNG"]
    assert plan.reason == "KEELUNG has everything; TAINAN, which comes first for this address, does not."
    assert plan.candidates[1]["reason"] == "TAINAN has 1 of 2 lines."


def test_a_warehouse_before_a_store_where_no_region_fits() -> None:
    assert places_of(decide(EVERYWHERE, postcode="100")) == ["KEELUNG", "KEELUNG"]
    assert places_of(decide(EVERYWHERE, postcode="100", at=terms(*SHOP.places, default="SHOP"))) == ["SHOP", "SHOP"]


def test_two_parcels_where_nobody_has_everything() -> None:
    plan = decide({("TAINAN", OOLONG): 2, ("SHOP", TEAPOT): 1})

    assert places_of(plan) == ["TAINAN", "SHOP"]
    assert plan.reason == "No place has everything: 2 parcels, from SHOP, TAINAN."


def test_what_nobody_has_waits_at_the_first_place_and_units_of_a_line_stay_together() -> None:
    plan = decide({("TAINAN", OOLONG): 1, ("KEELUNG", OOLONG): 1})

    assert places_of(plan) == [None, None]
    assert plan.reason == "No place can send anything of it now."
    assert plan.fallback_place_code == "TAINAN"
    assert plan.terms_of(place_code="TAINAN") == {}


def test_a_supplier_sends_nothing_before_its_terms_say_so() -> None:
    plan = decide({("TEA-MAKER", OOLONG): 50, ("TEA-MAKER", TEAPOT): 50})

    assert places_of(plan) == [None, None]


def test_fractions_are_compared_as_they_are() -> None:
    free = {("TAINAN", OOLONG): 2, ("TAINAN", TEAPOT): 1}

    assert places_of(decide(free, units="2.000")) == ["TAINAN", "TAINAN"]
    assert places_of(decide(free, units="2.001")) == [None, "TAINAN"]


def test_a_shop_without_places_lets_everything_wait() -> None:
    plan = decide({}, at=terms())

    assert places_of(plan) == [None, None]
    assert plan.fallback_place_code == ""
