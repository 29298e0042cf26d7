"""Costs from rates, handling, days and rules, read from the database as a shop has laid them down."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.catalog.models import Category
from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.place_terms import PlaceTermsRow, save_terms
from reorder.domain.inventory.queries import PlaceRow
from reorder.domain.shipping import operations, taiwan
from reorder.domain.shipping.rules import RuleRow
from reorder.flows.fulfil.routing import LineFacts, OrderFacts, RoutePlan, decide_places, load_terms
from tests.factories.catalog import make_product

pytestmark = pytest.mark.django_db
# Friday noon in Taipei.
NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)
TAINAN_ADDRESS, TAIPEI_ADDRESS, PENGHU_ADDRESS = "700", "106", "880"


@pytest.fixture
def shop() -> dict[str, PlaceRow]:
    """Keelung in the north, Tainan in the south, and the example table of Taiwan."""
    places = {
        code: inventory.create_place(code=code, name=code.title(), kind=kind, country="TW", created_by="Mei")
        for code, kind in (("KEELUNG", "warehouse"), ("TAINAN", "warehouse"), ("TEA-MAKER", "supplier"))
    }
    for service in taiwan.SERVICES:
        operations.save_service(service=service, decided_by="Mei")
    operations.replace_zones(prefixes=taiwan.example_prefixes(), names=taiwan.ZONE_NAMES, decided_by="Mei")
    operations.replace_rates(rates=taiwan.example_rates(), decided_by="Mei")
    lay_down(places["KEELUNG"], postcode="206")
    lay_down(places["TAINAN"], postcode="702")
    return places


def lay_down(place: PlaceRow, **terms: object) -> None:
    save_terms(place_id=place.id, terms=PlaceTermsRow(**terms), decided_by="Mei")  # type: ignore[arg-type]


def rule(kind: str, *, place: PlaceRow | None = None, **parts: object) -> None:
    operations.add_rule(
        rule=RuleRow(kind=kind, place_code=place.code if place else "", **parts),  # type: ignore[arg-type]
        place_id=place.id if place else None,
        decided_by="Mei",
    )


def decide(
    free: dict[tuple[str, int], int],
    lines: dict[int, int],
    *,
    postcode: str = TAINAN_ADDRESS,
    moment: dt.datetime = NOON,
    **facts: object,
) -> RoutePlan:
    return decide_places(
        order=OrderFacts(
            order_id=1001,
            channel="web",
            country="TW",
            postcode=postcode,
            currency="TWD",
            **facts,  # type: ignore[arg-type]
        ),
        lines=[
            LineFacts(line_id=str(number), product_id=product, units=Decimal(units), value_minor=50000)
            for number, (product, units) in enumerate(lines.items(), start=1)
        ],
        free={key: Decimal(units) for key, units in free.items()},
        moment=moment,
        terms=load_terms(moment=moment),
    )


def places_of(plan: RoutePlan) -> list[str | None]:
    return [one.place_code for one in plan.assignments]


def oolong(sku: str = "TEA-1", **facts: object) -> int:
    product = make_product(sku=sku)
    type(product).objects.filter(pk=product.pk).update(**{"weight_grams": 400, **facts})
    return int(product.pk)


def test_the_nearer_zone_is_cheaper_and_the_other_one_is_told_with_its_cost(shop: dict[str, PlaceRow]) -> None:
    tea = oolong()

    plan = decide({("KEELUNG", tea): 9, ("TAINAN", tea): 9}, {tea: 2})

    assert places_of(plan) == ["TAINAN"]
    assert plan.cost_minor == 8000
    assert plan.reason == "TAINAN sends everything for NT$80; the next best, KEELUNG, would cost NT$95."
    assert [(one["places"], one["cost_minor"]) for one in plan.candidates[:2]] == [
        (["TAINAN"], 8000),
        (["KEELUNG"], 9500),
    ]
    assert plan.terms_of(place_code="TAINAN")["service_code"] == "home"


def test_weight_handling_and_islands_are_paid(shop: dict[str, PlaceRow]) -> None:
    tea = oolong()
    lay_down(shop["KEELUNG"], postcode="206", parcel_cost_minor=2000, line_cost_minor=300)

    plan = decide({("KEELUNG", tea): 30}, {tea: 30}, postcode=PENGHU_ADDRESS)

    # 12 kg: NT$160 and NT$110 to the islands, NT$20 for the parcel and NT$3 for its line.
    assert plan.cost_minor == 16000 + 11000 + 2000 + 300


def test_a_product_without_weight_is_assumed_and_that_is_said(shop: dict[str, PlaceRow]) -> None:
    tea = oolong(weight_grams=None)

    plan = decide({("TAINAN", tea): 9}, {tea: 3})

    assert plan.cost_minor == 9500  # 3 × 500 g
    assert plan.candidates[0]["is_weight_assumed"] is True


def test_frozen_goods_come_from_where_it_is_cold_enough(shop: dict[str, PlaceRow]) -> None:
    ice = oolong("ICE-1", temperature_class="frozen")
    lay_down(shop["TAINAN"], postcode="702", temperature_classes=("ambient",))

    plan = decide({("KEELUNG", ice): 9, ("TAINAN", ice): 9}, {ice: 1})

    assert places_of(plan) == ["KEELUNG"]
    assert plan.terms_of(place_code="KEELUNG")["service_code"] == "home-cold"
    assert plan.candidates[-2]["reason"] == (
        "TAINAN may send none of these goods: no service or no room of that temperature."
    )


def test_two_temperatures_are_two_parcels(shop: dict[str, PlaceRow]) -> None:
    tea, ice = oolong(), oolong("ICE-1", temperature_class="frozen")

    plan = decide({("TAINAN", tea): 9, ("TAINAN", ice): 9}, {tea: 1, ice: 1})

    assert plan.cost_minor == 8000 + 13000
    assert plan.terms_of(place_code="TAINAN")["service_code"] == "home, home-cold"


def test_after_the_cut_off_and_on_days_off_another_place_is_sooner(shop: dict[str, PlaceRow]) -> None:
    tea = oolong()
    lay_down(shop["TAINAN"], postcode="702", cut_off_time=dt.time(11), working_weekdays=(1, 2, 3, 4, 5))

    plan = decide({("KEELUNG", tea): 9, ("TAINAN", tea): 9}, {tea: 1})

    # Monday from Tainan: three days at a tenth of a parcel each are more than the NT$15 to the other zone.
    assert places_of(plan) == ["KEELUNG"]
    alone = decide({("TAINAN", tea): 9}, {tea: 1})
    assert alone.terms_of(place_code="TAINAN")["ship_by_at"] == dt.datetime(2026, 11, 30, 3, 0, tzinfo=dt.UTC)


def test_a_full_day_moves_the_parcel_to_the_next_one(shop: dict[str, PlaceRow]) -> None:
    tea = oolong()
    lay_down(shop["TAINAN"], postcode="702", orders_a_day=1)
    terms = load_terms(moment=NOON)
    terms.count_parcel(place_code="TAINAN", day=dt.date(2026, 11, 27))

    plan = decide_places(
        order=OrderFacts(order_id=1, channel="web", country="TW", postcode="700", currency="TWD"),
        lines=[LineFacts(line_id="1", product_id=tea, units=Decimal(1), value_minor=1)],
        free={("TAINAN", tea): Decimal(9)},
        moment=NOON,
        terms=terms,
    )

    assert plan.terms_of(place_code="TAINAN")["ship_by_at"] == dt.datetime(2026, 11, 28, 15, 59, tzinfo=dt.UTC)


def test_a_supplier_counts_with_the_share_of_its_stock_that_it_usually_has(shop: dict[str, PlaceRow]) -> None:
    tea = oolong()
    lay_down(shop["TEA-MAKER"], postcode="702", stock_confidence_share=Decimal("0.8"), processing_days=1)

    assert places_of(decide({("TEA-MAKER", tea): 10}, {tea: 8})) == ["TEA-MAKER"]
    assert places_of(decide({("TEA-MAKER", tea): 10}, {tea: 9})) == [None]
    # The warehouse in the north costs NT$15 more, but it has what it says, today.
    assert places_of(decide({("TEA-MAKER", tea): 10, ("KEELUNG", tea): 9}, {tea: 1})) == ["KEELUNG"]


def test_rules_exclude_penalise_and_keep_together(shop: dict[str, PlaceRow]) -> None:
    tea, pot = oolong(), oolong("POT-1")
    both = {("KEELUNG", tea): 9, ("TAINAN", tea): 9}
    apart = {("KEELUNG", tea): 9, ("TAINAN", pot): 9}

    rule("place_penalty", place=shop["TAINAN"], amount_minor=2000)
    assert places_of(decide(both, {tea: 1})) == ["KEELUNG"]
    rule("exclude_place", place=shop["KEELUNG"], country="TW", postcode_start="7")
    assert places_of(decide(both, {tea: 1})) == ["TAINAN"]
    assert places_of(decide(both, {tea: 1}, postcode=TAIPEI_ADDRESS)) == ["KEELUNG"]
    assert places_of(decide(apart, {tea: 1, pot: 1}, postcode=TAIPEI_ADDRESS)) == ["KEELUNG", "TAINAN"]
    rule("never_split", channel="web")
    assert places_of(decide(apart, {tea: 1, pot: 1}, postcode=TAIPEI_ADDRESS)) == ["KEELUNG", None]


def test_a_rule_for_a_category_counts_for_those_below_it(shop: dict[str, PlaceRow]) -> None:
    drinks = Category.objects.create(code="drinks", name="Drinks")
    tea_category = Category.objects.create(code="tea", name="Tea", parent=drinks)
    tea, pot = oolong(category_id=tea_category.pk), oolong("POT-1")
    free = {("KEELUNG", tea): 9, ("TAINAN", pot): 9}

    rule("never_split", category_id=drinks.pk)

    assert places_of(decide(free, {tea: 1, pot: 1})).count(None) == 1


def test_a_small_part_is_not_sent_alone(shop: dict[str, PlaceRow]) -> None:
    tea, pot = oolong(), oolong("POT-1")
    free = {("KEELUNG", tea): 9, ("TAINAN", pot): 9}

    rule("minimum_split_value", amount_minor=60000)

    assert places_of(decide(free, {tea: 1, pot: 1})).count(None) == 1


def test_a_way_without_a_rate_is_taken_last_but_taken(shop: dict[str, PlaceRow]) -> None:
    tea = oolong()
    lay_down(shop["KEELUNG"], postcode="206")
    operations.replace_rates(
        rates=[one for one in taiwan.example_rates() if one.service == "home" and one.from_zone == "tw-south"],
        decided_by="Mei",
    )

    plan = decide({("KEELUNG", tea): 9}, {tea: 1})

    assert places_of(plan) == ["KEELUNG"]
    assert plan.cost_minor is None
    assert plan.reason == "KEELUNG can send everything, but no rate is known for that way to this address."
    assert places_of(decide({("KEELUNG", tea): 9, ("TAINAN", tea): 9}, {tea: 1})) == ["TAINAN"]


def test_what_is_collected_at_a_store_goes_with_that_service(shop: dict[str, PlaceRow]) -> None:
    tea = oolong()

    plan = decide({("KEELUNG", tea): 9, ("TAINAN", tea): 9}, {tea: 1}, is_store_pickup=True)

    assert plan.cost_minor == 6000
    assert plan.terms_of(place_code="TAINAN")["service_code"] == "store"


def test_changed_rates_count_from_the_next_order_on(shop: dict[str, PlaceRow]) -> None:
    tea = oolong()
    assert decide({("TAINAN", tea): 9}, {tea: 1}).cost_minor == 8000

    cheaper = [
        type(one)(**{**{name: getattr(one, name) for name in one.__slots__}, "price_minor": one.price_minor - 500})
        for one in taiwan.example_rates()
    ]
    operations.replace_rates(rates=cheaper, decided_by="Mei")

    assert decide({("TAINAN", tea): 9}, {tea: 1}).cost_minor == 7500
