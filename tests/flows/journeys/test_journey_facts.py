"""Facts that journeys hear of: carts that were left, goods that are back or cheaper or new, days, orders and parcels."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.domain.catalog.models import Category, Product
from reorder.domain.customers import carts
from reorder.domain.customers.models import Customer
from reorder.domain.inventory.operations import record_moves
from reorder.domain.marketing.facts import set_wanted_kinds
from reorder.domain.marketing.models import Fact
from reorder.domain.marketing.order_facts import note_about_order, note_orders, note_orders_of
from reorder.domain.marketing.rules import FACT_KINDS
from reorder.domain.orders.models import Order
from reorder.domain.planning.models import CustomerStatistic, PairStatistic
from reorder.flows.journeys import look_daily, look_for_facts
from tests.factories.behaviour import did
from tests.factories.catalog import make_product
from tests.factories.customers import value
from tests.factories.inventory import make_place, opening, shipment
from tests.factories.journeys import DAY, HOUR
from tests.factories.messaging import MORNING, NIGHT, SUNDAY, buy, make_customer, make_due, make_run

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
TAIPEI = "Asia/Taipei"


@pytest.fixture(autouse=True)
def all_are_wanted() -> None:
    set_wanted_kinds(kinds=list(FACT_KINDS))


def facts() -> list[tuple[str, str, str]]:
    """Kind, customer and subject of everything noted, which is taken out."""
    rows = Fact.objects.select_related("customer").order_by("kind", "customer__key", "subject")
    found = [(row.kind, row.customer.key, row.subject) for row in rows]
    Fact.objects.all().delete()
    return found


def fill_cart(customer: Customer, product: Product, at: dt.datetime) -> str:
    cart = carts.lock_cart(customer_id=customer.pk, session_id=None, moment=at)
    carts.save_cart(cart_id=cart.id, lines={product.sku: Decimal(2)}, coupon_codes=(), held_until=None, moment=at)
    return cart.code


def test_a_cart_is_left_after_an_hour_unless_it_was_bought() -> None:
    oolong = make_product()
    mei, yun, an, bo = (make_customer(key=key) for key in ("mei", "yun", "an", "bo"))
    look_for_facts(moment=NIGHT)
    code = fill_cart(mei, oolong, NIGHT)
    fill_cart(yun, oolong, NIGHT)
    buy(customer=yun, product=oolong, ordered_at=NIGHT + MINUTE, number="1")
    did(an, "cart", product=oolong, at=NIGHT)
    did(bo, "cart", product=oolong, at=NIGHT)
    did(bo, "checkout", product=oolong, at=NIGHT + 30 * MINUTE)

    assert look_for_facts(moment=NIGHT + 59 * MINUTE).counts["cart_left"] == 0
    assert look_for_facts(moment=NIGHT + 61 * MINUTE).counts["cart_left"] == 2
    fact = Fact.objects.get(customer=mei)
    assert (fact.details["skus"], fact.details["cart_code"]) == (["OOLONG-150"], code)
    assert dt.datetime.fromisoformat(fact.details["since"]) == NIGHT
    assert facts() == [("cart_left", "an", "shop"), ("cart_left", "mei", code)]
    look_for_facts(moment=NIGHT + 62 * MINUTE)
    assert facts() == []
    look_for_facts(moment=NIGHT + 92 * MINUTE)
    assert facts() == [("cart_left", "bo", "shop")]
    # Touched again, it may be left again.
    fill_cart(mei, oolong, NIGHT + 2 * HOUR)
    look_for_facts(moment=NIGHT + 4 * HOUR)
    assert facts() == [("cart_left", "mei", code)]


def test_goods_that_are_back_cheaper_or_new_concern_those_who_looked_for_them() -> None:
    tea = Category.objects.create(code="tea", name="Tea")
    oolong, matcha = make_product(), make_product(sku="MATCHA-30")
    Product.objects.update(category=tea)
    place = make_place()
    mei, yun, an = (make_customer(key=key) for key in ("mei", "yun", "an"))
    record_moves(moves=[opening(product_id=matcha.pk, units=5, place=place.code)])
    did(mei, "view", product=oolong, at=NIGHT - DAY)
    did(yun, "view", product=oolong, at=NIGHT - DAY)
    buy(customer=yun, product=oolong, ordered_at=NIGHT - HOUR, number="1")
    make_due(run=make_run(), customer=an, remind_date=NIGHT.date())
    did(mei, "cart", product=matcha, at=NIGHT - DAY)
    did(an, "view", product=matcha, at=NIGHT - 40 * DAY)

    # The first look only remembers how things are.
    look_for_facts(moment=NIGHT)
    assert facts() == []
    record_moves(moves=[opening(product_id=oolong.pk, units=3, place=place.code)])
    Product.objects.filter(pk=matcha.pk).update(price_minor=42_000)
    look_for_facts(moment=NIGHT + MINUTE)
    # Mei looked for it, An is due for it; Yun has bought it meanwhile. Matcha is 7 % cheaper: An looked too long ago.
    assert facts() == [
        ("back_in_stock", "an", "OOLONG-150"), ("back_in_stock", "mei", "OOLONG-150"), ("price_dropped", "mei", "MATCHA-30"),
    ]  # fmt: skip
    Product.objects.filter(pk=matcha.pk).update(price_minor=41_000)
    record_moves(moves=[shipment(product_id=oolong.pk, units=3, key="s-1", place=place.code)])
    look_for_facts(moment=NIGHT + 2 * MINUTE)
    assert facts() == []

    fresh = make_product(sku="PUERH-357")
    Product.objects.filter(pk=fresh.pk).update(category=tea)
    did(an, "liked", product=matcha, at=NIGHT)
    PairStatistic.objects.create(
        customer=yun, subject="OOLONG-150", purchases_count=3, first_date=SUNDAY - 60 * DAY, last_date=SUNDAY, units=3,
        last_units=1, gap_square_days=900, first_visit_number=1, last_visit_number=3,
    )  # fmt: skip
    look_for_facts(moment=NIGHT + 3 * MINUTE)
    assert facts() == [("new_arrival", "an", "PUERH-357"), ("new_arrival", "yun", "PUERH-357")]


def test_a_day_brings_birthdays_anniversaries_the_lost_and_the_steady() -> None:
    mei, yun, an, bo = (make_customer(key=key) for key in ("mei", "yun", "an", "bo"))
    make_product()
    Customer.objects.filter(pk=mei.pk).update(birthday=dt.date(1990, 11, 22))
    Customer.objects.filter(pk=yun.pk).update(birthday=dt.date(1990, 11, 23))
    for customer, first in ((yun, SUNDAY.replace(year=2024)), (an, SUNDAY), (bo, dt.date(2024, 11, 21))):
        CustomerStatistic.objects.create(
            customer=customer, visits_count=2, purchases_count=2, first_date=first, last_date=first, gap_square_days=0,
            recent_visit_dates=[], monetary=0, valued_orders=0, later_orders=0, later_value=0,
        )  # fmt: skip
    run = make_run()
    lost = value(run=run, customer=an)
    type(lost).objects.filter(pk=lost.pk).update(churn_share=0.7)
    value(run=run, customer=bo)
    for customer, square in ((mei, 4 * 30**2 + 40), (bo, 4 * 30**2 + 4000)):
        PairStatistic.objects.create(
            customer=customer, subject="OOLONG-150", purchases_count=5, first_date=SUNDAY - 130 * DAY,
            last_date=SUNDAY - 10 * DAY, units=5, last_units=1, gap_square_days=square, first_visit_number=1,
            last_visit_number=5,
        )  # fmt: skip

    look_daily(as_of=SUNDAY, moment=NIGHT)
    noted = {row.kind: row.details for row in Fact.objects.all()}
    assert noted["anniversary"]["years"] == 2
    assert dt.datetime.fromisoformat(noted["birthday"]["at"]) == MORNING
    assert facts() == [
        ("anniversary", "yun", "2"), ("birthday", "mei", ""), ("churning", "an", ""),
        ("subscription_suited", "mei", "OOLONG-150"),
    ]  # fmt: skip
    # A day gone by is no news.
    assert look_daily(as_of=SUNDAY - DAY, moment=NIGHT).counts == {}


def test_orders_are_facts_once_they_are_news() -> None:
    oolong, mei = make_product(), make_customer(key="mei")
    buy(customer=mei, product=oolong, ordered_at=NIGHT - 300 * DAY, number="old")
    buy(customer=mei, product=oolong, ordered_at=NIGHT - HOUR, number="new")
    Order.objects.get(external_id="new").lines.update(unit_price_minor=0)
    note_orders_of(customer_ids=[mei.pk], moment=NIGHT, time_zone=TAIPEI)
    assert facts() == [("ordered", "mei", "new"), ("trial_started", "mei", "OOLONG-150")]

    yun = make_customer(key="yun")
    buy(customer=yun, product=oolong, ordered_at=NIGHT, number="first")
    order = Order.objects.get(external_id="first")
    note_orders(order_ids=[order.pk], moment=NIGHT, time_zone=TAIPEI)
    assert Fact.objects.get(kind="first_order").details == {
        "skus": ["OOLONG-150"], "entry": f"order:{order.pk}:0",
        "order": {"number": "first", "date": "2026-11-22", "total_minor": None, "currency": "TWD"},
    }  # fmt: skip
    assert facts() == [("first_order", "yun", "first"), ("ordered", "yun", "first")]

    for kind, number in (("delivered", ""), ("return_settled", "R-1"), ("order_cancelled", "")):
        note_about_order(kind=kind, order_id=order.pk, number=number, happened_at=NIGHT, time_zone=TAIPEI)
    assert facts() == [
        ("delivered", "yun", "first"),
        ("order_cancelled", "yun", "first"),
        ("return_settled", "yun", "R-1"),
    ]
    set_wanted_kinds(kinds=["viewed"])
    note_orders(order_ids=[order.pk], moment=NIGHT, time_zone=TAIPEI)
    note_about_order(kind="delivered", order_id=order.pk, number="", happened_at=NIGHT, time_zone=TAIPEI)
    assert facts() == []
