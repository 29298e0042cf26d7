"""Goods of another shop: whose a product is, what its orders take, and the statement of a month from the ledger."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.catalog.queries import frame_products
from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.allocating import Settled, Wanted, allocate_units, settle_units
from reorder.domain.inventory.models import Level
from reorder.domain.inventory.owner_errors import (
    BadMonth,
    OwnerHasGoods,
    OwnerKnown,
    ProductHasStock,
    UnknownOwner,
)
from reorder.domain.inventory.owner_rules import OwnerRow
from reorder.domain.inventory.owners import change_owner, create_owner, get_owner
from reorder.domain.inventory.rules import CUSTOMER, SUPPLIER, NewMove, stock_of
from reorder.flows.fulfil.moving import ship_fulfilment
from reorder.flows.owners import list_overview, make_statement, set_owner
from reorder.flows.owners.charging import span_of
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, make_place, opening
from tests.factories.order_life import LATER, parcel_of, released
from tests.factories.owners import DECIDED, RATES, give, make_owner
from tests.factories.placing import MERCHANT, stock_up

pytestmark = pytest.mark.django_db
NOVEMBER = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)


def honey() -> Product:
    """A product of the partner: half a litre."""
    make_place()
    make_owner()
    product = make_product(sku="HONEY")
    Product.objects.filter(pk=product.pk).update(length_mm=100, width_mm=100, height_mm=50)
    give(sku="HONEY", owner="partner")
    return product


def moved(product: Product, *, units: int, day: int, kind: str = "receipt", month: int = 10, hour: int = 4) -> NewMove:
    ways = {
        "receipt": (SUPPLIER, stock_of(place_code=KEELUNG)),
        "ship": (stock_of(place_code=KEELUNG), CUSTOMER),
        "return": (CUSTOMER, stock_of(place_code=KEELUNG)),
    }
    return NewMove(
        key=f"{kind} {month} {day} {hour}",
        kind=kind,  # type: ignore[arg-type]
        product_id=product.pk,
        units=Decimal(units),
        source=ways[kind][0],
        target=ways[kind][1],
        cause_kind="order" if kind == "ship" else "test",
        cause_key=f"{day}",
        happened_at=dt.datetime(2026, month, day, hour, tzinfo=dt.UTC),
        owner="partner",
    )


def test_stock_that_changes_within_the_month_is_charged_by_the_end_of_each_day() -> None:
    product = honey()
    inventory.record_moves(
        moves=[
            moved(product, units=10, day=20, month=9),  # stands here for all 31 days of October
            moved(product, units=30, day=11),  # from the end of the 11th on: 21 days
            moved(product, units=20, day=21, kind="ship"),  # gone at the ends of 11 days
            # 17:00 UTC on the 30th is the 31st in Taipei: one day.
            moved(product, units=4, day=30, kind="return", hour=17),
            moved(product, units=7, day=2, month=11),  # of another month
        ]
    )

    statement = make_statement(code="partner", month="2026-10", moment=NOVEMBER)

    # 10 × 31 + 30 × 21 − 20 × 11 + 4 × 1 = 724 unit-days of half a litre.
    assert [(one.sku, one.unit_days, one.unit_mm3) for one in statement.stored] == [("HONEY", 724, 500_000)]
    told = {line.charge: (line.quantity, line.amount_minor) for line in statement.charged.lines}
    assert told == {
        "litre_day": (Decimal(362), 543),
        "received_unit": (Decimal(30), 1_500),
        "shipped_order": (Decimal(1), 2_000),
        "picked_unit": (Decimal(20), 6_000),
        "parcel": (Decimal(0), 0),
        "returned_unit": (Decimal(4), 3_200),
    }
    assert statement.charged.total_minor == 13_243
    assert (statement.days, statement.is_running) == (31, False)


def test_the_running_month_counts_the_days_that_are_over() -> None:
    product = honey()
    inventory.record_moves(moves=[moved(product, units=10, day=1, month=11)])

    statement = make_statement(code="partner", month="2026-11", moment=NOVEMBER)

    assert (statement.days, statement.is_running) == (26, True)
    assert statement.stored[0].unit_days == 260
    [overview] = list_overview(moment=NOVEMBER)
    assert (overview.standing.units, overview.standing.litres) == (10, 5)
    assert overview.statement.charged.total_minor == 195 + 500  # 130 litre-days at 1.5, ten units taken in


def test_an_order_that_leaves_in_two_parts_is_charged_in_the_month_of_the_first() -> None:
    product = honey()
    first = moved(product, units=1, day=5, kind="ship")
    later = moved(product, units=1, day=5, kind="ship", month=11)
    inventory.record_moves(moves=[moved(product, units=10, day=1)])
    inventory.record_moves(moves=[first, later])

    def orders(month: str) -> Decimal:
        return make_statement(code="partner", month=month, moment=NOVEMBER).charged.lines[2].quantity

    assert (orders("2026-10"), orders("2026-11")) == (1, 0)


def test_an_order_of_the_owners_product_takes_that_owners_stock_and_nothing_of_ours() -> None:
    product, ours = honey(), make_product()
    inventory.record_moves(moves=[moved(product, units=5, day=1), opening(product_id=ours.pk, units=8)])

    promise = allocate_units(
        wanted=[
            Wanted(
                demand_key="order_line:1", product_id=product.pk, place_code=KEELUNG, units=Decimal(2), cause_key="1"
            )
        ],
        key="placed",
        cause_kind="order",
        moment=NOVEMBER,
    )
    settle_units(
        kind="ship",
        settled=[Settled(demand_key="order_line:1", product_id=product.pk, units=Decimal(2))],
        key="ship 1",
        cause_kind="order",
        cause_key="1",
        moment=NOVEMBER,
    )

    assert promise
    left = Level.objects.values_list("product__sku", "owner", "on_hand_units", "allocated_units")
    assert sorted(left) == [("HONEY", "partner", 3, 0), ("OOLONG-150", "self", 8, 0)]
    counted = make_statement(code="partner", month="2026-11", moment=NOVEMBER).charged.lines
    assert [line.quantity for line in counted[2:4]] == [1, 2]


def test_an_order_of_both_is_placed_and_shipped_each_from_its_own_stock() -> None:
    honey_bottle = honey()
    inventory.record_moves(moves=[moved(honey_bottle, units=5, day=1)])
    stock_up(units=8)

    order_id = released(("HONEY", 2), ("OOLONG-150", 1))
    ship_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)

    left = Level.objects.filter(location__kind="stock").values_list(
        "product__sku", "owner", "on_hand_units", "allocated_units"
    )
    assert sorted(left) == [("HONEY", "partner", 3, 0), ("OOLONG-150", "self", 7, 0)]
    counted = make_statement(code="partner", month=LATER.isoformat()[:7], moment=NOVEMBER).charged.lines
    assert [line.quantity for line in counted[2:4]] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_goods_of_others_are_not_planned() -> None:
    honey()
    make_product()

    assert frame_products()["sku"].to_list() == ["OOLONG-150"]


def test_a_product_changes_hands_only_while_nothing_of_it_is_here() -> None:
    product = honey()
    inventory.record_moves(moves=[moved(product, units=5, day=1)])

    with pytest.raises(ProductHasStock, match="5 units of it are here"):
        set_owner(product_id=product.pk, sku="HONEY", owner="self", decided_by="Mei")
    with pytest.raises(UnknownOwner):
        set_owner(product_id=product.pk, sku="HONEY", owner="stranger", decided_by="Mei")

    assert Product.objects.get(pk=product.pk).goods_owner == "partner"


def test_an_owner_is_closed_when_nothing_of_it_is_here_any_more() -> None:
    product = honey()
    closed = OwnerRow(code="partner", name="Mountain Honey", is_active=False, rates=RATES)
    inventory.record_moves(moves=[moved(product, units=5, day=1)])
    with pytest.raises(OwnerHasGoods, match="5 units"):
        change_owner(owner=closed, decided_by="Mei", moment=DECIDED)
    inventory.record_moves(moves=[moved(product, units=5, day=2, kind="ship")])

    change_owner(owner=closed, decided_by="Mei", moment=DECIDED)

    assert not get_owner(code="partner").is_active
    with pytest.raises(OwnerKnown):
        create_owner(owner=closed, decided_by="Mei", moment=DECIDED)


@pytest.mark.parametrize("month", ["2026-12", "2026-13", "november", "", "1899-12", "9999-01"])
def test_a_month_that_has_not_begun_or_is_none_is_refused(month: str) -> None:
    with pytest.raises(BadMonth):
        span_of(month=month, moment=NOVEMBER)
