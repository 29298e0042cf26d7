"""Discounts and coupons as people lay them down, and their uses when many orders come at once."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from reorder.domain.orders import price_rules, price_tables
from reorder.domain.orders.models import PriceRule, PriceRuleUse
from reorder.domain.orders.price_errors import (
    BadPriceTerms,
    PriceRuleChanged,
    PriceRuleTaken,
    PriceRuleUsedUp,
    UnknownPriceRule,
)
from reorder.domain.orders.price_uses import list_rule_codes_of_order, settle_rule_uses
from reorder.domain.staff.models import AuditEntry
from tests.factories.catalog import make_product
from tests.factories.pricing import NOON, make_customer, make_order, make_rule, terms
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db


def use(order, **discounts_minor):
    settle_rule_uses(order_id=order.pk, discounts_minor=discounts_minor, moment=NOON)


def test_a_rule_is_kept_with_who_made_it_and_in_the_audit_trail():
    row = make_rule("tea10 ", name=" Ten percent off tea ")

    assert (row.terms.code, row.terms.name, row.created_by) == ("TEA10", "Ten percent off tea", "Lin")
    entry = AuditEntry.objects.get(action="prices.create_rule")
    assert (entry.actor, entry.subject_key) == ("Lin", "TEA10")


def test_what_a_kind_does_not_use_is_not_kept():
    row = make_rule("HUNDRED", kind="amount", amount_minor=10_000, buy_units=3, gift_sku="OOLONG-150")

    assert (row.terms.share, row.terms.amount_minor, row.terms.buy_units, row.terms.gift_sku) == (None, 10_000, 0, "")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"code": "A"}, "a code has 2 to 40 letters"),
        ({"code": "中文"}, "a code has 2 to 40 letters"),
        ({"name": " "}, "it needs a name"),
        ({"share": Decimal(2)}, "its share must be above 0 and at most 1"),
        ({"share": None}, "its share must be above 0 and at most 1"),
        ({"kind": "gift"}, "which product is given"),
        ({"kind": "gift", "gift_sku": "NOPE"}, "there is no such product. NOPE"),
        ({"skus": ("NOPE",)}, "there is no such product. NOPE"),
        ({"category_codes": ("nope",)}, "there is no such category. nope"),
        ({"maximum_uses": 0}, "a limit of uses must be above zero"),
        ({"starts_at": NOON, "ends_at": NOON}, "it ends before it begins"),
        ({"minimum_goods_minor": -1}, "a limit is below zero"),
    ],
)
def test_terms_that_cannot_be_are_refused_with_the_reason(wrong, reason):
    with pytest.raises(BadPriceTerms, match=reason):
        make_rule(**({"code": "GOOD"} | wrong))
    assert not PriceRule.objects.exists()


def test_a_code_is_taken_once_in_any_case():
    make_rule("TEA10")

    with pytest.raises(PriceRuleTaken):
        make_rule("tea10")


def test_a_change_that_saw_an_older_rule_is_refused():
    row = make_rule("TEA10")
    change = {"rule_id": row.id, "seen": row.fingerprint, "changed_by": "Lin"}
    changed = price_rules.change_price_rule(terms=terms("TEA10", share=Decimal("0.2")), **change)

    with pytest.raises(PriceRuleChanged):
        price_rules.change_price_rule(terms=terms("TEA10", share=Decimal("0.3")), **change)
    assert changed.terms.share == Decimal("0.2")


def test_a_rule_that_is_not_there_is_told():
    with pytest.raises(UnknownPriceRule):
        price_rules.get_price_rule(rule_id=1)
    with pytest.raises(UnknownPriceRule):
        price_rules.switch_price_rule(rule_id=1, is_active=False, switched_by="Lin")


def test_lists_show_what_holds_what_comes_and_what_is_over():
    make_rule("LIVE")
    make_rule("SOON", starts_at=NOON + dt.timedelta(days=1))
    make_rule("OVER", ends_at=NOON)
    price_rules.switch_price_rule(rule_id=make_rule("OFF").id, is_active=False, switched_by="Lin")

    def codes(tab, **more):
        return [row.terms.code for row in price_rules.list_price_rule_page(moment=NOON, tab=tab, **more)]

    assert codes("live") == ["LIVE"]
    assert codes("coming") == ["SOON"]
    assert codes("ended") == ["OFF", "OVER"]
    assert codes("all", after_code="LIVE", limit=2) == ["OFF", "OVER"]
    assert codes("all", search="so") == ["SOON"]
    assert price_rules.count_price_rules(moment=NOON) == 1


def test_uses_are_counted_and_given_back_and_the_same_again_changes_nothing():
    row = make_rule("TEA10", maximum_uses=5)
    order = make_order()

    use(order, TEA10=9_000)
    use(order, TEA10=9_000)
    assert price_rules.get_price_rule(rule_id=row.id).uses_count == 1
    assert list_rule_codes_of_order(order_id=order.pk) == (["TEA10"], [])

    use(order)
    assert price_rules.get_price_rule(rule_id=row.id).uses_count == 0
    assert list(PriceRuleUse.objects.order_by("pk").values_list("uses", "discount_minor")) == [(1, 9_000), (-1, 0)]


def test_a_rule_without_a_limit_counts_its_uses_from_what_happened():
    row = make_rule("TEA10")
    for number in range(3):
        use(make_order(number=f"R-{number}"), TEA10=100)

    assert price_rules.get_price_rule(rule_id=row.id).uses_count == 3
    assert PriceRule.objects.get().uses_count == 0


def test_a_limit_that_is_set_later_counts_the_uses_so_far():
    row = make_rule("TEA10")
    use(make_order(number="R-1"), TEA10=100)
    use(make_order(number="R-2"), TEA10=100)
    change = {"rule_id": row.id, "seen": row.fingerprint, "changed_by": "Lin"}

    with pytest.raises(BadPriceTerms, match="fewer uses than it has already had"):
        price_rules.change_price_rule(terms=terms("TEA10", maximum_uses=1), **change)
    price_rules.change_price_rule(terms=terms("TEA10", maximum_uses=2), **change)

    with pytest.raises(PriceRuleUsedUp, match="used as often as is allowed"):
        use(make_order(number="R-3"), TEA10=100)


def test_a_customer_uses_a_coupon_as_often_as_is_allowed_and_another_one_still_can():
    make_rule("ONCE", maximum_uses_per_customer=1)
    mei, wang = make_customer(key="mei"), make_customer(key="wang")
    use(make_order(number="R-1", customer=mei), ONCE=100)

    with pytest.raises(PriceRuleUsedUp, match="this customer"):
        use(make_order(number="R-2", customer=mei), ONCE=100)
    use(make_order(number="R-3", customer=wang), ONCE=100)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"ends_at": NOON}, "it is over"),
        ({"starts_at": NOON + dt.timedelta(hours=1)}, "it has not begun yet"),
    ],
)
def test_a_rule_that_ended_between_price_and_order_is_not_used(more, reason):
    make_rule("TEA10", **more)

    with pytest.raises(PriceRuleUsedUp, match=reason):
        use(make_order(), TEA10=100)


def test_a_rule_that_was_switched_off_is_not_used():
    price_rules.switch_price_rule(rule_id=make_rule("TEA10").id, is_active=False, switched_by="Lin")

    with pytest.raises(PriceRuleUsedUp, match="switched off"):
        use(make_order(), TEA10=100)
    with pytest.raises(PriceRuleUsedUp, match="switched off"):
        use(make_order(number="R-2"), NEVER=100)


def test_uses_cannot_be_changed_or_deleted():
    make_rule("TEA10")
    use(make_order(), TEA10=100)

    for statement in ("UPDATE orders_priceruleuse SET uses = -1", "DELETE FROM orders_priceruleuse"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_of_eight_orders_at_once_three_get_the_last_three_uses():
    row = make_rule("LAST", maximum_uses=3)
    orders = [make_order(number=f"R-{number}", customer=make_customer(key=f"c{number}")) for number in range(8)]

    def place(hand):
        try:
            use(orders[hand], LAST=100)
        except PriceRuleUsedUp:
            return "refused"
        return "used"

    answers = at_once(place, hands=8)

    assert answers.count("used") == 3
    assert answers.count("refused") == 5
    assert PriceRuleUse.objects.count() == price_rules.get_price_rule(rule_id=row.id).uses_count == 3


@pytest.mark.django_db(transaction=True)
def test_one_customer_with_six_orders_at_once_uses_a_coupon_once():
    make_rule("ONCE", maximum_uses_per_customer=1)
    orders = [make_order(number=f"R-{number}") for number in range(6)]

    def place(hand):
        try:
            use(orders[hand], ONCE=100)
        except PriceRuleUsedUp:
            return "refused"
        return "used"

    assert sorted(at_once(place, hands=6)) == ["refused"] * 5 + ["used"]


@pytest.mark.django_db(transaction=True)
def test_orders_that_exchange_limited_coupons_at_once_wait_for_each_other_and_all_end():
    for code in ("AA", "BB"):
        make_rule(code, maximum_uses=50)
    orders = [make_order(number=f"R-{number}") for number in range(6)]
    for number, order in enumerate(orders):
        use(order, **{("AA", "BB")[number % 2]: 100})

    at_once(lambda hand: use(orders[hand], **{("BB", "AA")[hand % 2]: 100}), hands=6)

    assert list(PriceRule.objects.order_by("code").values_list("uses_count", flat=True)) == [3, 3]


def test_tax_rates_and_fees_are_set_in_place_of_what_stood_there():
    for share in ("0.05", "0.06"):
        price_tables.put_tax_rate(
            country="tw", tax_class="Standard", share=Decimal(share), name="Tax", decided_by="Lin"
        )
    for dollars in (80, 90):
        price_tables.put_shipping_fee(
            method="home", name="Home", country="tw", postcode_start="880-1", currency="TWD",
            fee_minor=dollars * 100, free_from_minor=None, decided_by="Lin",
        )  # fmt: skip

    assert [(row.country, row.tax_class, row.share) for row in price_tables.list_tax_rates()] == [
        ("TW", "standard", Decimal("0.06"))
    ]
    assert [(row.postcode_start, row.fee_minor) for row in price_tables.list_shipping_fees()] == [("8801", 9_000)]


def test_what_is_switched_off_prices_nothing():
    rate = price_tables.put_tax_rate(country="", tax_class="standard", share=Decimal("0.05"), name="T", decided_by="L")
    price_tables.switch_tax_rate(rate_id=rate.id, is_active=False, decided_by="Lin")

    assert price_tables.list_tax_rates_for_pricing(country="TW") == ()
    with pytest.raises(UnknownPriceRule):
        price_tables.switch_shipping_fee(fee_id=1, is_active=False, decided_by="Lin")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"country": "Taiwan"}, "a country is two letters"),
        ({"tax_class": "a b"}, "a class is a word"),
        ({"share": Decimal("1.2")}, "the rate must be between 0 and 1"),
        ({"share": Decimal("NaN")}, "the rate must be between 0 and 1"),
        ({"name": ""}, "it needs a name"),
    ],
)
def test_a_tax_rate_that_cannot_be_is_refused(given, reason):
    good = {"country": "TW", "tax_class": "standard", "share": Decimal("0.05"), "name": "Tax", "decided_by": "Lin"}

    with pytest.raises(BadPriceTerms, match=reason):
        price_tables.put_tax_rate(**(good | given))


def test_a_category_is_taxed_by_a_class_that_a_rate_knows():
    make_product()
    from reorder.domain.catalog.models import Category

    Category.objects.create(code="tea", name="Tea")
    with pytest.raises(BadPriceTerms, match="no rate knows this class"):
        price_tables.put_category_tax_class(category_code="tea", tax_class="fresh", decided_by="Lin")
    price_tables.put_tax_rate(country="", tax_class="fresh", share=Decimal(0), name="Untaxed", decided_by="Lin")
    price_tables.put_category_tax_class(category_code="tea", tax_class="fresh", decided_by="Lin")
    assert price_tables.list_category_tax_classes() == [("tea", "Tea", "fresh")]
    price_tables.put_category_tax_class(category_code="tea", tax_class="standard", decided_by="Lin")
    assert price_tables.list_category_tax_classes() == []
