"""Every condition of segments finds whom it says, in one small shop whose people differ in one thing each."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection

from reorder.domain.catalog.models import Category, Product
from reorder.domain.customers import profile
from reorder.domain.customers.models import Address, Customer
from reorder.domain.inventory.models import Place
from reorder.domain.marketing.models import Segment, SegmentMember
from reorder.domain.marketing.segment_kinds import KINDS
from reorder.domain.messaging.models import MarketingPause, MessageEvent
from reorder.domain.orders.models import Order, OrderLine, PriceRule, PriceRuleUse
from reorder.domain.warehouse.models import Return, ReturnLine
from reorder.flows.segmenting.previewing import preview_rules
from tests.factories.behaviour import did
from tests.factories.catalog import make_product
from tests.factories.customers import value
from tests.factories.effects import decide_messages
from tests.factories.messaging import declare, give_address, make_due, make_run

pytestmark = pytest.mark.django_db
# 10:00 on Friday, 27 November in Taipei.
NOW = dt.datetime(2026, 11, 27, 2, 0, tzinfo=dt.UTC)


def ago(*, days: int = 0, hours: int = 0) -> dt.datetime:
    return NOW - dt.timedelta(days=days, hours=hours)


def person(key: str, **facts: object) -> Customer:
    return Customer.objects.create(key=key, name=key.title(), **facts)


def ordered(
    customer: Customer,
    product: Product,
    *,
    at: dt.datetime,
    units: int = 1,
    price_minor: int = 45_000,
    discount_minor: int = 0,
    channel: str = "file",
    state: str = "placed",
) -> Order:
    order = Order.objects.create(
        external_id=f"{customer.key}-{at.isoformat()}-{product.sku}",
        customer=customer,
        ordered_at=at,
        currency="TWD",
        content_hash="",
        channel=channel,
        state=state,
        discount_minor=discount_minor,
    )
    OrderLine.objects.create(
        order=order,
        line_key="1",
        product=product,
        units=Decimal(units),
        unit_price_minor=price_minor,
        discount_minor=discount_minor,
    )
    return order


def mailed(customer: Customer, *, number: int, events: tuple[str, ...], source_key: str = "welcome") -> None:
    source = ("journey", source_key, f"m{number}")
    (message,) = decide_messages(customers=[customer], source=source, decided_at=ago(days=3))
    for kind in events:
        MessageEvent.objects.create(message=message, kind=kind, happened_at=ago(days=2), key=f"m{number}-{kind}")


def returned(order: Order, *, at: dt.datetime) -> None:
    """A return whose goods are here, as the warehouse leaves it."""
    place = Place.objects.create(code="KEELUNG", name="Keelung")
    made = Return.objects.create(
        number="R-1", order=order, place=place, state="received", opened_at=at, opened_by="desk", reason="damaged"
    )
    ReturnLine.objects.create(of_return=made, order_line=order.lines.get(), units=1, received_units=1)


def fill_shop() -> None:
    tea = Category.objects.create(code="tea", name="Tea")
    green = Category.objects.create(code="green", name="Green tea", parent=tea)
    oolong, matcha, pot = make_product(), make_product(sku="MATCHA-30"), make_product(sku="POT-1")
    Product.objects.filter(pk=oolong.pk).update(category=tea)
    Product.objects.filter(pk=matcha.pk).update(category=green)
    run = make_run(as_of=NOW.date())

    mei = person("mei", language="zh-Hant", country="TW", postcode="10617", birthday=dt.date(1990, 11, 30))
    ann = person("ann", language="en", country="US", postcode="94110", birthday=dt.date(2008, 2, 29))
    ben = person("ben", language="en-GB", country="GB", time_zone="Europe/London")
    person("gone", language="en", erased_at=NOW)
    person("twin", language="en", merged_into=ann, merged_at=NOW)
    Customer.objects.filter(pk=ben.pk).update(created_at=ago(days=400))
    Customer.objects.exclude(pk=ben.pk).update(created_at=ago(days=10))
    Address.objects.create(customer=mei, content_hash="1", name="Mei", country="TW", region="臺北市", city="大安區")

    profile.set_tags(customer_id=mei.pk, tags=["VIP", "tea club"], decided_by="owner", moment=NOW)
    profile.set_attributes(
        customer_id=mei.pk, values={"cups a day": "4", "Taste": "roasted"}, decided_by="owner", moment=NOW
    )
    profile.set_attributes(customer_id=ann.pk, values={"cups a day": "many"}, decided_by="owner", moment=NOW)

    give_address(customer=mei)
    give_address(customer=ann)
    declare(customer=mei, is_granted=True)
    declare(customer=ann, is_granted=True)
    declare(customer=ann, is_granted=False, declared_at=ago(days=1))
    MarketingPause.objects.create(customer=ann, reason="complaint", paused_at=ago(days=1), paused_by="owner")

    ordered(mei, oolong, at=ago(days=200), discount_minor=5_000)
    coupon_order = ordered(mei, oolong, at=ago(days=20), units=2, discount_minor=10_000)
    ordered(mei, matcha, at=ago(days=10), channel="shopify")
    ordered(ann, pot, at=ago(days=40), price_minor=300_000)
    ordered(ann, pot, at=ago(days=5), price_minor=300_000, state="cancelled")
    ordered(ben, matcha, at=ago(days=300))
    rule = PriceRule.objects.create(
        code="TEA10",
        name="Tea 10",
        is_coupon=True,
        kind="percent",
        currency="TWD",
        share=Decimal("0.1"),
        created_by="o",
    )
    PriceRuleUse.objects.create(rule=rule, order=coupon_order, uses=1, happened_at=ago(days=20))
    returned(ordered(ben, pot, at=ago(days=301)), at=ago(days=290))

    did(mei, "view", at=ago(days=2), product=oolong)
    did(mei, "view", at=ago(days=3), product=oolong)
    did(ann, "view", at=ago(days=50), product=oolong)
    did(ann, "cart", at=ago(days=3), product=matcha)
    did(mei, "cart", at=ago(days=15), product=matcha)  # and bought five days later
    did(ben, "search", at=ago(days=4), words="Roasted Oolong")
    did(mei, "engaged", at=ago(days=2), product=oolong, seconds=45.4, path="/tea/oolong_tin")
    did(mei, "engaged", at=ago(days=3), seconds=30, path="/how-to/brew")
    did(ann, "engaged", at=ago(days=3), seconds=20, path="/tea/oolong-tin")
    did(ann, "engaged", at=ago(days=70), seconds=900)
    did(mei, "liked", at=ago(days=60), product=oolong)
    did(mei, "liked", at=ago(days=59), product=matcha)
    did(mei, "unliked", at=ago(days=5), product=matcha)
    did(ann, "unliked", at=ago(days=9), product=pot)
    did(ann, "liked", at=ago(days=8), product=pot)
    did(ben, "liked", at=ago(days=8))  # nothing of ours

    make_due(run=run, customer=mei, subject="OOLONG-150", remind_date=NOW.date() + dt.timedelta(days=3))
    make_due(run=run, customer=ben, subject="category:tea", remind_date=NOW.date() - dt.timedelta(days=9))
    value(run=run, customer=mei, segment="champions", expected_value=8000.0, scores=(5, 5, 5))
    value(run=run, customer=ben, segment="lost", expected_value=10.0, scores=(1, 1, 2))

    mailed(mei, number=1, events=("delivered", "opened", "clicked"))
    mailed(mei, number=2, events=("opened",), source_key="due")
    mailed(ann, number=3, events=())

    flower = Segment.objects.create(code="flower-club", name="Flower club", kind="list", created_by="o", changed_by="o")
    SegmentMember.objects.create(segment=flower, customer=ben, since_at=NOW)


# kind, fields, and who is found.
CASES: list[tuple[str, dict[str, object], str]] = [
    ("everybody", {}, "ann ben mei"),
    ("language", {"values": ["en"]}, "ann ben"),
    ("language", {"values": ["zh"]}, "mei"),
    ("country", {"values": ["tw", "GB"]}, "ben mei"),
    ("postcode", {"values": ["106"]}, "mei"),
    ("postcode", {"values": ["10%"]}, ""),
    ("region", {"values": ["台北市"]}, "mei"),
    ("birthday", {"days": 3}, "mei"),
    ("birthday", {"days": 2}, ""),
    ("birthday", {"days": 100}, "ann mei"),
    ("birth_month", {"months": ["2"]}, "ann"),
    ("age", {"least": 19}, "mei"),
    ("age", {"least": 18, "most": 18}, "ann"),
    ("age", {"most": 20}, "ann"),
    ("known_since", {"op": "within", "days": 30}, "ann mei"),
    ("known_since", {"op": "before", "days": 365}, "ben"),
    ("tag", {"values": ["vip"]}, "mei"),
    ("attribute", {"name": "taste", "op": "is", "value": "Roasted"}, "mei"),
    ("attribute", {"name": "taste", "op": "contains", "value": "roast"}, "mei"),
    ("attribute", {"name": "cups a day", "op": "at_least", "value": "3"}, "mei"),
    ("attribute", {"name": "cups a day", "op": "known"}, "ann mei"),
    ("reachable", {"channel": "email"}, "ann mei"),
    ("reachable", {"channel": "line"}, ""),
    ("consented", {"channel": "email"}, "mei"),
    ("paused", {}, "ann"),
    ("orders_count", {"op": "at_least", "value": 3}, "mei"),
    ("orders_count", {"op": "exactly", "value": 1}, "ann"),
    ("orders_count", {"op": "at_most", "value": 0, "days": 30}, "ann ben"),
    ("orders_count", {"op": "at_least", "value": 1, "products": ["MATCHA-30"], "days": 30}, "mei"),
    ("orders_count", {"op": "at_least", "value": 1, "categories": ["tea"]}, "ben mei"),
    ("orders_count", {"op": "at_least", "value": 1, "channels": ["shopify"]}, "mei"),
    ("orders_count", {"op": "at_least", "value": 1, "coupons": ["tea10"]}, "mei"),
    ("orders_value", {"op": "at_least", "value": 3000}, "ann"),
    ("orders_value", {"op": "at_most", "value": 1650}, "ben mei"),
    ("orders_value", {"op": "exactly", "value": 800, "products": ["OOLONG-150"], "days": 30}, "mei"),
    ("orders_average", {"op": "at_least", "value": 550}, "ann mei"),
    ("orders_average", {"op": "at_least", "value": 551}, "ann"),
    ("first_order", {"op": "within", "days": 50}, "ann"),
    ("last_order", {"op": "before", "days": 90}, "ben"),
    ("last_order", {"op": "within", "days": 15, "products": ["OOLONG-150"]}, ""),
    ("returned", {"op": "at_least", "value": 1}, "ben"),
    ("returned", {"op": "at_least", "value": 1, "days": 30}, ""),
    ("did", {"what": "viewed", "op": "at_least", "value": 2, "days": 30, "products": ["OOLONG-150"]}, "mei"),
    ("did", {"what": "viewed", "op": "at_least", "value": 1, "days": 60, "categories": ["tea"]}, "ann mei"),
    ("did", {"what": "searched", "op": "at_least", "value": 1, "days": 30, "words": "oolong"}, "ben"),
    ("time_on_page", {"op": "at_least", "value": 75, "days": 30}, "mei"),
    ("time_on_page", {"op": "at_least", "value": 76, "days": 30}, ""),
    ("time_on_page", {"op": "at_least", "value": 900, "days": 90}, "ann"),
    ("time_on_page", {"op": "at_least", "value": 40, "days": 30, "categories": ["tea"]}, "mei"),
    ("time_on_page", {"op": "at_least", "value": 1, "days": 30, "page": "oolong_"}, "mei"),
    ("time_on_page", {"op": "at_most", "value": 0, "days": 30}, "ben"),
    ("likes", {"op": "at_least", "value": 1}, "ann mei"),
    ("likes", {"op": "at_least", "value": 2}, ""),
    ("likes", {"op": "at_least", "value": 1, "products": ["MATCHA-30"]}, ""),
    ("likes", {"op": "at_least", "value": 1, "days": 30}, "ann"),
    ("carted_not_bought", {"days": 30}, "ann"),
    ("carted_not_bought", {"days": 30, "hours": 96}, ""),
    ("due", {"from_days": 0, "until_days": 7}, "mei"),
    ("due", {"from_days": -30, "until_days": 7, "categories": ["tea"]}, "ben mei"),
    ("due", {"from_days": -30, "until_days": 7, "products": ["POT-1"]}, ""),
    ("value", {"what": "expected_value", "op": "at_least", "value": 5000}, "mei"),
    ("chance", {"what": "churn_share", "op": "at_most", "value": 0.2}, "ben mei"),
    ("rfm_score", {"what": "money", "op": "at_least", "value": 5}, "mei"),
    ("rfm_segment", {"values": ["champions", "loyal"]}, "mei"),
    ("price_sensitivity", {"op": "at_least", "value": 0.6, "days": 365}, "mei"),
    ("price_sensitivity", {"op": "at_most", "value": 0.1, "days": 365}, "ben"),
    ("usual_hour", {"from_hour": 10, "until_hour": 10}, "ann mei"),
    ("usual_hour", {"from_hour": 22, "until_hour": 3}, "ben"),
    ("message", {"what": "sent", "op": "at_least", "value": 1}, "ann mei"),
    ("message", {"what": "opened", "op": "at_least", "value": 2}, "mei"),
    ("message", {"what": "opened", "op": "at_most", "value": 0}, "ann ben"),
    ("message", {"what": "clicked", "op": "at_least", "value": 1, "sources": ["due"]}, ""),
    ("segment", {"values": ["flower-club"]}, "ben"),
]


def found(rules: dict[str, object]) -> str:
    preview = preview_rules(rules=rules, moment=NOW)
    assert preview.count == len(preview.sample)
    return " ".join(sorted(row.key for row in preview.sample))


def test_each_condition_finds_whom_it_says_and_turned_round_everybody_else() -> None:
    fill_shop()

    for kind, fields, expected in CASES:
        condition = {"kind": kind, **fields}
        assert found({"match": "all", "rules": [condition]}) == expected, condition
        others = " ".join(sorted({"ann", "ben", "mei"} - set(expected.split())))
        assert found({"match": "all", "rules": [{**condition, "not": True}]}) == others, condition

    assert {kind for kind, _, _ in CASES} == set(KINDS)


def test_groups_join_conditions_and_each_match_is_explained() -> None:
    fill_shop()
    rules = {
        "match": "any",
        "rules": [
            {"kind": "tag", "values": ["vip"]},
            {
                "match": "all",
                "not": True,
                "rules": [{"kind": "orders_count", "value": 1}, {"kind": "country", "values": ["US", "TW"]}],
            },
        ],
    }

    preview = preview_rules(rules=rules, moment=NOW)

    assert (preview.count, preview.is_exact) == (2, True)
    mei, ben = sorted(preview.sample, key=lambda row: row.key, reverse=True)
    assert [(why.condition.kind, why.holds, why.seen) for why in mei.why] == [
        ("tag", True, "vip"),
        ("orders_count", True, 3),
        ("country", True, "TW"),
    ]
    assert [(why.condition.kind, why.holds, why.seen) for why in ben.why] == [
        ("tag", False, None),
        ("orders_count", True, 2),
        ("country", False, "GB"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone()[0] == "0"
