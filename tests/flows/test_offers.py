"""Codes of a single use: given once a message, good for one person and one order, whoever asks at once."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.marketing.offer_errors import BadOffer, OfferTaken, OfferUsedUp, UnknownOffer
from reorder.domain.marketing.offers import NewOffer, change_offer, find_offer, switch_offer
from reorder.domain.orders import price_rules
from reorder.domain.orders.coupons import count_coupons, find_coupon, list_codes_of_lot
from reorder.domain.orders.models import PriceRuleUse
from reorder.domain.orders.price_errors import PriceRuleUsedUp
from reorder.domain.orders.price_uses import (
    count_rule_uses_of_order,
    list_rule_codes_of_order,
    move_rule_uses,
    settle_rule_uses,
)
from reorder.flows.contacting.goods import Goods
from reorder.flows.customer_care import merge_customers
from reorder.flows.offers import CostGap, find_cost_gap, issue_coupon, make_lot, take_codes_back
from reorder.flows.pricing import CartLine, price_cart, uses_of_price
from tests.factories.catalog import make_product
from tests.factories.content import make_offer
from tests.factories.pricing import NOON, make_customer, make_order, terms
from tests.factories.racing import at_once

LATER = NOON + dt.timedelta(days=8)


def give(customer, key="m1", code="TEN", moment=NOON):
    return issue_coupon(offer_code=code, customer_id=customer.pk, message_key=key, moment=moment)


def priced(code, *, customer=None, units=2, moment=NOON, order=None, sku="OOLONG-150"):
    return price_cart(
        channel="portal",
        customer_id=customer.pk if customer else None,
        lines=[CartLine(sku=sku, units=Decimal(units))],
        coupon_codes=[code],
        moment=moment,
        order_id=order.pk if order else None,
    )


@pytest.mark.django_db
def test_a_code_takes_off_once_for_whom_it_was_given_and_comes_back_with_the_order():
    make_product()
    offer = make_offer()
    mei, lin = make_customer(), make_customer(key="lin")
    code = give(mei)

    assert give(mei) == code
    assert find_coupon(code=code).expires_at == NOON + dt.timedelta(days=7)
    assert priced(code, customer=mei).discount_minor == 9_000
    # Nobody can name the terms themselves, and somebody else's code is not known.
    for unknown, customer in ((offer.terms.code, mei), ("TEN", mei), (code, lin)):
        made = priced(unknown, customer=customer)
        assert [one.reason_code for one in made.refused_coupons] == ["price.refused.unknown"]
    assert [one.reason_code for one in priced(code, customer=mei, moment=LATER).refused_coupons] == [
        "price.refused.over"
    ]

    order = make_order(customer=mei)
    settle_rule_uses(order_id=order.pk, discounts_minor=uses_of_price(priced=priced(code, customer=mei)), moment=NOON)
    assert list_rule_codes_of_order(order_id=order.pk) == ([code], [])
    assert priced(code, customer=mei).refused_coupons[0].reason_code == "price.refused.used_up"
    assert priced(code, customer=mei, order=order).discount_minor == 9_000
    with pytest.raises(PriceRuleUsedUp):
        settle_rule_uses(order_id=make_order(number="R-2", customer=mei).pk, discounts_minor={code: 1}, moment=NOON)

    # Two orders become one, and are parted again: the code goes along.
    into = make_order(number="R-3", customer=mei)
    assert move_rule_uses(from_order_id=order.pk, to_order_id=into.pk, uses={code: 1}, moment=NOON) == 1
    assert (count_rule_uses_of_order(order_id=order.pk), count_rule_uses_of_order(order_id=into.pk)) == ({}, {code: 1})
    settle_rule_uses(order_id=into.pk, discounts_minor={}, moment=NOON)
    assert priced(code, customer=mei).discount_minor == 9_000
    assert count_coupons(rule_ids=[offer.rule_id])[offer.rule_id].used_count == 0
    other = give(lin, "m2")
    with pytest.raises(PriceRuleUsedUp, match="given to somebody else"):
        settle_rule_uses(order_id=into.pk, discounts_minor={other: 1}, moment=NOON)
    merge_customers(keep_id=mei.pk, absorb_id=lin.pk, decided_by="Lin", moment=NOON)
    assert priced(other, customer=mei).discount_minor == 9_000


@pytest.mark.django_db
def test_offers_give_no_more_than_they_should():
    make_product()
    mei, lin = make_customer(), make_customer(key="lin")
    row = make_offer(maximum_codes=3, maximum_codes_per_customer=1)
    give(mei)
    with pytest.raises(OfferUsedUp, match="as many as is allowed"):
        give(mei, "m2")
    give(lin, "m3")
    with pytest.raises(OfferUsedUp, match="all its codes"):
        make_lot(offer_code="TEN", lot="cards", count=2, made_by="Lin", moment=NOON)
    made = make_lot(offer_code="TEN", lot="cards", count=1, made_by="Lin", moment=NOON)
    assert list_codes_of_lot(rule_id=row.rule_id, lot="cards") == [(made[0], False)]
    assert priced(made[0], customer=mei).discount_minor == 9_000
    assert take_codes_back(offer_code="TEN", lot="cards", taken_by="Lin", moment=NOON) == 1
    assert priced(made[0], customer=mei).refused_coupons[0].reason_code == "price.refused.unknown"

    switch_offer(code="TEN", is_active=False, switched_by="Lin")
    with pytest.raises(OfferUsedUp, match="switched off"):
        give(lin, "m4")
    changed = change_offer(
        offer=NewOffer(code="TEN", terms=terms("TEN", share=Decimal("0.2")), valid_days=3),
        seen=find_offer(code="TEN").fingerprint,
        changed_by="Lin",
    )
    assert (changed.terms.share, changed.terms.is_issued, changed.valid_days) == (Decimal("0.2"), True, 3)
    for wrong, error in (
        ({"code": "TEN"}, OfferTaken),
        ({"code": "x"}, BadOffer),
        ({"code": "NEW", "valid_days": 0}, BadOffer),
        ({"code": "NEW", "maximum_codes": 0}, BadOffer),
    ):
        with pytest.raises(error):
            make_offer(**wrong)
    with pytest.raises(UnknownOffer):
        give(mei, "m5", code="NONE")
    assert [rule.terms.code for rule in price_rules.list_price_rule_page(moment=NOON, tab="all")] == []


@pytest.mark.django_db
def test_a_discount_stops_where_the_margin_that_must_stay_begins(settings):
    make_product(unit_cost_minor=40_000)
    make_product(sku="MATCHA-30", price_minor=30_000, unit_cost_minor=10_000)
    make_product(sku="PUERH-357", price_minor=30_000, unit_cost_minor=None)
    mei = make_customer()
    make_offer(share="0.5", terms={"margin_floor_share": Decimal("0.1")})
    code = give(mei)

    # 450 may become 445 at least (400 / 0.9), 300 half of it; nothing is known of the cake, so nothing comes off.
    assert priced(code, customer=mei, units=1).discount_minor == 500
    assert priced(code, customer=mei, units=1, sku="MATCHA-30").discount_minor == 15_000
    refused = priced(code, customer=mei, units=1, sku="PUERH-357")
    assert (refused.discount_minor, [one.reason_code for one in refused.refused_coupons]) == (
        0,
        ["price.refused.no_cost"],
    )
    assert refused.refused_coupons[0].reason_parameters["skus"] == "PUERH-357"
    assert find_cost_gap(offer=find_offer(code="TEN")) == CostGap(1, [("PUERH-357", "Pu-erh cake 357 g")], None)
    # With an assumed margin of 40 % the cake is taken to cost 180, and may become 200.
    settings.REORDER = replace(settings.REORDER, assumed_margin_share=0.4)
    assert priced(code, customer=mei, units=1, sku="PUERH-357").discount_minor == 10_000
    assert find_cost_gap(offer=find_offer(code="TEN")).assumed_share == 0.4
    # The decision about a message reckons in the same way.
    goods = Goods(products=list_products_by_sku(skus=["OOLONG-150", "PUERH-357"]), shelves={})
    assert goods.money_of(skus=["OOLONG-150", "PUERH-357"], currency="TWD") == (75_000, 17_000)
    settings.REORDER = replace(settings.REORDER, assumed_margin_share=None)
    assert goods.money_of(skus=["OOLONG-150", "PUERH-357"], currency="TWD") == (75_000, None)
    both = price_cart(
        channel="portal",
        customer_id=mei.pk,
        lines=[CartLine(sku="OOLONG-150", units=Decimal(1)), CartLine(sku="MATCHA-30", units=Decimal(1))],
        coupon_codes=[code],
        moment=NOON,
    )
    assert [line.net_minor for line in both.lines] == [44_500, 11_200]
    assert both.discount_minor == 19_300


@pytest.mark.django_db(transaction=True)
def test_of_many_orders_that_use_a_code_at_once_one_gets_it():
    make_product()
    make_offer(maximum_codes_per_customer=1)
    mei = make_customer()
    orders = [make_order(number=f"R-{number}", customer=mei) for number in range(6)]
    issued = at_once(lambda _hand: give(mei), hands=4)
    code = issued[0]

    def use(hand):
        try:
            settle_rule_uses(order_id=orders[hand].pk, discounts_minor={code: 9_000}, moment=NOON)
        except PriceRuleUsedUp:
            return False
        return True

    assert set(issued) == {code}
    assert sum(at_once(use, hands=6)) == 1
    assert PriceRuleUse.objects.count() == 1
