"""Prices as a shopkeeper would work them out on paper."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.engine.pricing import (
    BadPriceLine,
    BadPriceOrder,
    BadPriceRule,
    Goods,
    NotShipped,
    PointsToRedeem,
    PriceRules,
    RuleKind,
    ShippingFee,
    Stage,
    TaxRate,
    Tier,
)
from tests.engine.pricing.shop import (
    JASMINE,
    NOON,
    OOLONG,
    TEAPOT,
    amount,
    dollars,
    in_dollars,
    line,
    percent,
    price,
    rule,
)

TEA = Goods(category_codes=frozenset({"tea"}))
WARE = Goods(category_codes=frozenset({"ware"}))
FIVE_PERCENT = TaxRate(tax_class="standard", share=Decimal("0.05"), country="TW", name="Business tax")
HOME = ShippingFee(method="home", name="Home delivery", fee_minor=dollars(100), free_from_minor=dollars(1500))
STORE = ShippingFee(method="store", name="Pick-up at a store", fee_minor=dollars(60))


def test_without_rules_an_order_costs_its_list_prices():
    made = price(OOLONG, JASMINE)

    assert in_dollars(made.goods_minor, made.discount_minor, made.total_minor) == (1200, 0, 1200)
    assert [one.list_minor for one in made.lines] == [90_000, 30_000]


def test_ten_percent_off_tea_leaves_the_teapot_alone():
    made = price(OOLONG, JASMINE, TEAPOT, discounts=(percent("TEA10", "0.1", goods=TEA),))

    assert [in_dollars(one.net_minor) for one in made.lines] == [(810,), (270,), (1200,)]
    assert in_dollars(made.total_minor) == (2280,)
    assert made.lines[0].reasons == ("TEA10: 10% off.",)
    assert made.lines[2].reasons == ()


def test_a_discount_of_100_over_three_equal_lines_is_spread_to_the_last_dollar():
    thirds = [line(sku, 1, 300) for sku in ("A", "B", "C")]

    made = price(*thirds, discounts=(amount("HUNDRED", 100),))

    assert [in_dollars(one.discount_minor) for one in made.lines] == [(34,), (33,), (33,)]
    assert in_dollars(made.discount_minor, made.total_minor) == (100, 800)


def test_steps_follow_one_another_automatic_then_tier_then_coupon_then_points():
    made = price(
        line("OOLONG", 1, 1000),
        discounts=(percent("AUTUMN", "0.1", is_coupon=False), percent("TWENTY", "0.2")),
        tier=Tier(name="Gold", share=Decimal("0.05")),
        points=PointsToRedeem(points=84, minor_per_point=Decimal(100)),
    )

    # 1000 − 100 = 900; 5 % of 900 = 45 → 855; 20 % of 855 = 171 → 684; 84 points → 600
    taken = [(one.stage, *in_dollars(one.amount_minor)) for one in made.adjustments]
    assert taken == [(Stage.AUTOMATIC, 100), (Stage.TIER, 45), (Stage.COUPON, 171), (Stage.POINTS, 84)]
    assert in_dollars(made.total_minor) == (600,)
    assert made.points_used == 84


def test_a_members_price_of_a_product_replaces_the_share_of_the_tier():
    made = price(
        line("OOLONG", 2, 450, tier_price_minor=dollars(400)),
        JASMINE,
        tier=Tier(name="Gold", share=Decimal("0.1")),
    )

    assert [in_dollars(one.net_minor) for one in made.lines] == [(800,), (270,)]
    assert made.lines[0].reasons == ("Price for members of Gold.",)
    assert made.lines[1].reasons == ("Members of Gold: 10% off.",)


def test_a_members_price_counts_for_nobody_without_a_tier():
    assert in_dollars(price(line("OOLONG", 2, 450, tier_price_minor=dollars(400))).total_minor) == (900,)


def test_percent_off_stops_at_its_maximum():
    made = price(TEAPOT, discounts=(percent("HALF", "0.5", maximum_discount_minor=dollars(200)),))

    assert in_dollars(made.total_minor) == (1000,)
    assert made.lines[0].reasons == ("HALF: 50% off, at most NT$200.",)


def test_an_amount_never_takes_off_more_than_the_goods_cost():
    made = price(JASMINE, discounts=(amount("FIVEHUNDRED", 500),))

    assert in_dollars(made.discount_minor, made.total_minor) == (300, 0)


def test_a_coupon_below_its_minimum_is_refused_with_both_amounts():
    made = price(JASMINE, discounts=(amount("BIG", 100, minimum_goods_minor=dollars(1000)),))

    assert [one.reason for one in made.refused_coupons] == [
        "BIG begins at goods of NT$1,000; here they come to NT$300."
    ]
    assert made.used_rule_codes == ()
    assert in_dollars(made.total_minor) == (300,)


def test_the_minimum_of_a_coupon_is_compared_after_automatic_discounts_and_tier():
    automatic = percent("AUTUMN", "0.1", is_coupon=False)
    coupon = amount("BIG", 100, minimum_goods_minor=dollars(1100))

    made = price(TEAPOT, discounts=(automatic, coupon))

    assert [one.code for one in made.refused_coupons] == ["BIG"]  # 1,200 − 120 = 1,080


def test_buy_two_get_one_gives_the_cheapest_third():
    buy = rule("THREE", RuleKind.BUY_X_GET_Y, share=Decimal(1), buy_units=2, get_units=1, goods=TEA)

    made = price(OOLONG, JASMINE, discounts=(buy,))

    assert [in_dollars(one.discount_minor) for one in made.lines] == [(0,), (300,)]
    assert made.lines[1].reasons == ("THREE: 1 more at 100% off for 2 bought; units at that price: 1.",)


def test_seven_units_under_buy_two_get_one_bring_two_units():
    buy = rule("THREE", RuleKind.BUY_X_GET_Y, share=Decimal(1), buy_units=2, get_units=1)

    made = price(line("OOLONG", 7, 450), discounts=(buy,))

    assert in_dollars(made.total_minor) == (2250,)


def test_two_teas_bring_a_teapot_at_half_price():
    buy = rule("POT", RuleKind.BUY_X_GET_Y, share=Decimal("0.5"), buy_units=2, get_units=1, goods=TEA, get_goods=WARE)

    made = price(OOLONG, TEAPOT, discounts=(buy,))

    assert [in_dollars(one.net_minor) for one in made.lines] == [(900,), (600,)]


def test_too_few_units_for_buy_x_get_y_are_told():
    buy = rule("THREE", RuleKind.BUY_X_GET_Y, share=Decimal(1), buy_units=2, get_units=1, goods=TEA)

    made = price(JASMINE, discounts=(buy,))

    assert [one.reason for one in made.refused_coupons] == ["THREE needs 3 units of its goods or more."]


def test_a_gift_is_a_line_at_nothing_with_its_reason():
    gift = rule(
        "TASTE", RuleKind.GIFT, gift_sku="SAMPLE", name="Tasting set", minimum_goods_minor=dollars(500), is_coupon=False
    )

    made = price(OOLONG, discounts=(gift,))

    assert [(one.sku, one.net_minor, one.is_gift) for one in made.lines] == [
        ("OOLONG", 90_000, False),
        ("SAMPLE", 0, True),
    ]
    assert made.lines[1].reasons == ("A gift: Tasting set.",)
    assert made.used_rule_codes == ("TASTE",)


def test_a_gift_that_is_gone_is_left_out_and_its_coupon_kept():
    gone = rule("TASTE", RuleKind.GIFT, gift_sku="SAMPLE", gift_units=Decimal(2), gift_units_left=Decimal(1))

    made = price(OOLONG, discounts=(gone,))

    assert len(made.lines) == 1
    assert [one.reason for one in made.refused_coupons] == ["The gift of TASTE is out of stock."]


def test_no_gift_below_its_minimum():
    gift = rule("TASTE", RuleKind.GIFT, gift_sku="SAMPLE", minimum_goods_minor=dollars(1000), is_coupon=False)

    assert len(price(OOLONG, discounts=(gift,)).lines) == 1


def test_of_coupons_that_bear_no_company_the_cheapest_set_counts():
    alone = percent("ALONE", "0.3", is_combinable=False)
    small, other = amount("FIFTY", 50), percent("TEN", "0.1")

    made = price(OOLONG, discounts=(small, alone, other))

    assert made.used_rule_codes == ("ALONE",)  # 630 against 900 − 50 − 85 = 765
    assert {one.code: one.reason_code for one in made.refused_coupons} == {
        "FIFTY": "price.refused.alone",
        "TEN": "price.refused.alone",
    }
    assert in_dollars(made.total_minor) == (630,)


def test_coupons_that_can_be_combined_apply_by_priority_then_code():
    made = price(OOLONG, discounts=(amount("B50", 50), percent("A10", "0.1"), amount("FIRST", 100, priority=1)))

    # 900 − 100 = 800; A10: 80 → 720; B50 → 670
    assert made.used_rule_codes == ("FIRST", "A10", "B50")
    assert in_dollars(made.total_minor) == (670,)


def test_a_coupon_is_named_in_any_case_and_counts_once():
    made = price(OOLONG, discounts=(amount("FIFTY", 50),), coupon_codes=(" fifty ", "FIFTY"))

    assert made.used_rule_codes == ("FIFTY",)
    assert in_dollars(made.total_minor) == (850,)


def test_an_unknown_coupon_is_told_and_nothing_else_happens():
    made = price(OOLONG, coupon_codes=("nope",))

    assert [one.reason for one in made.refused_coupons] == ["There is no coupon NOPE."]
    assert in_dollars(made.total_minor) == (900,)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"starts_at": NOON + dt.timedelta(seconds=1)}, "price.refused.not_yet"),
        ({"ends_at": NOON}, "price.refused.over"),
        ({"uses_left": 0}, "price.refused.used_up"),
        ({"customer_uses_left": 0}, "price.refused.customer_used_up"),
        ({"goods": WARE}, "price.refused.no_goods"),
    ],
)
def test_a_coupon_that_does_not_hold_says_why(more, reason):
    made = price(OOLONG, discounts=(amount("FIFTY", 50, **more),))

    assert [one.reason_code for one in made.refused_coupons] == [reason]
    assert in_dollars(made.total_minor) == (900,)


def test_a_coupon_holds_from_its_first_moment_on():
    assert in_dollars(price(OOLONG, discounts=(amount("FIFTY", 50, starts_at=NOON),)).total_minor) == (850,)


def test_points_pay_goods_at_most_and_the_rest_stays_with_the_customer():
    made = price(JASMINE, points=PointsToRedeem(points=1000, minor_per_point=Decimal(50)))

    assert in_dollars(made.total_minor) == (0,)
    assert made.points_used == 600


def test_shipping_is_asked_below_the_free_value_and_not_from_it_on():
    rules = PriceRules(shipping_fees=(HOME,))

    below = price(TEAPOT, rules=rules, shipping_method="home")
    above = price(TEAPOT, JASMINE, rules=rules, shipping_method="home")

    assert in_dollars(below.shipping_minor, below.total_minor) == (100, 1300)
    assert in_dollars(above.shipping_minor, above.total_minor) == (0, 1500)
    assert [one.reason for one in above.shipping.adjustments] == ["Goods of NT$1,500 or more ship free."]


def test_coupons_lower_the_goods_below_free_shipping_but_points_do_not():
    rules = PriceRules(shipping_fees=(HOME,))

    coupon = price(TEAPOT, JASMINE, rules=rules, discounts=(amount("ONE", 1),), shipping_method="home")
    points = price(
        TEAPOT,
        JASMINE,
        rules=rules,
        points=PointsToRedeem(points=1, minor_per_point=Decimal(100)),
        shipping_method="home",
    )

    assert in_dollars(coupon.total_minor) == (1599,)
    assert in_dollars(points.total_minor) == (1499,)


def test_a_coupon_for_free_shipping_takes_the_fee_off_but_is_kept_where_shipping_is_free_anyway():
    rules, free = PriceRules(shipping_fees=(HOME,)), rule("SHIP", RuleKind.FREE_SHIPPING)

    paid = price(JASMINE, rules=rules, discounts=(free,), shipping_method="home")
    anyway = price(TEAPOT, JASMINE, rules=rules, discounts=(free,), shipping_method="home")

    assert in_dollars(paid.shipping.fee_minor, paid.shipping_minor) == (100, 0)
    assert paid.used_rule_codes == ("SHIP",)
    assert anyway.used_rule_codes == ()
    assert [one.reason_code for one in anyway.refused_coupons] == ["price.refused.free_already"]


def test_the_longest_postcode_wins_then_the_country():
    island = ShippingFee(method="home", name="Home", fee_minor=dollars(250), country="TW", postcode_start="880")
    taiwan = ShippingFee(method="home", name="Home", fee_minor=dollars(80), country="TW")
    rules = PriceRules(shipping_fees=(HOME, taiwan, island))

    paid = [
        price(JASMINE, rules=rules, shipping_method="home", country=country, postcode=postcode).shipping_minor
        for country, postcode in (("TW", "880-01"), ("TW", "106"), ("JP", "880"))
    ]

    assert in_dollars(*paid) == (250, 80, 100)


def test_an_address_without_a_fee_is_refused_by_name():
    home_only = ShippingFee(method="home", name="Home", fee_minor=dollars(80), country="TW")

    with pytest.raises(NotShipped, match="no shipping fee for home to JP 100"):
        price(
            JASMINE, rules=PriceRules(shipping_fees=(home_only,)), shipping_method="home", country="JP", postcode="100"
        )


def test_a_way_that_is_not_chosen_yet_costs_nothing_so_far():
    made = price(JASMINE, rules=PriceRules(shipping_fees=(HOME,)))

    assert made.shipping_minor == 0
    assert made.shipping.method is None


def test_business_tax_lies_within_taiwanese_prices():
    made = price(line("OOLONG", 1, 1050), rules=PriceRules(tax_rates=(FIVE_PERCENT,)))

    assert in_dollars(made.tax_included_minor, made.tax_added_minor, made.total_minor) == (50, 0, 1050)
    assert made.taxes[0].name == "Business tax"


def test_tax_on_top_is_added_to_goods_and_shipping():
    rules = PriceRules(tax_rates=(FIVE_PERCENT,), shipping_fees=(HOME,))

    made = price(TEAPOT, rules=rules, shipping_method="home", prices_include_tax=False)

    assert in_dollars(made.tax_added_minor, made.tax_included_minor, made.total_minor) == (65, 0, 1365)
    assert in_dollars(made.lines[0].tax_minor, made.shipping.tax_minor) == (60, 5)


def test_tax_of_a_rate_is_rounded_once_and_spread_over_its_lines():
    """Three lines of NT$10: 5 % each would be 0.5 and round to 3 in all; their sum owes 1.5, which rounds to 2."""
    thirds = [line(sku, 1, 10) for sku in ("A", "B", "C")]

    made = price(*thirds, rules=PriceRules(tax_rates=(FIVE_PERCENT,)), prices_include_tax=False)

    assert in_dollars(*(one.tax_minor for one in made.lines)) == (1, 1, 0)
    assert in_dollars(made.tax_added_minor) == (2,)


def test_untaxed_goods_and_a_rate_of_their_own_for_shipping():
    rates = (
        FIVE_PERCENT,
        TaxRate(tax_class="fresh", share=Decimal(0), country="TW", name="Untaxed"),
        TaxRate(tax_class="shipping", share=Decimal("0.1"), country="TW", name="Shipping"),
    )
    rules = PriceRules(tax_rates=rates, shipping_fees=(HOME,))

    made = price(
        line("APPLE", 1, 400, tax_class="fresh"), TEAPOT, rules=rules, shipping_method="home",
        prices_include_tax=False, discounts=(rule("SHIP", RuleKind.FREE_SHIPPING),), coupon_codes=(),
    )  # fmt: skip

    assert in_dollars(*(one.tax_minor for one in made.lines)) == (0, 60)
    assert made.shipping_minor == 0  # 1,600 is above the free value


def test_prices_with_cents_and_parts_of_units_are_charged_in_whole_dollars():
    made = price(line("TEA-LOOSE", "0.333", "99.50"))

    assert in_dollars(made.total_minor) == (33,)


def test_us_dollars_keep_their_cents():
    made = price(
        line("OOLONG", 3, "9.99"), discounts=(percent("TEN", "0.1"),), currency="USD", step_minor=1, country="US"
    )

    assert (made.goods_minor, made.discount_minor, made.total_minor) == (2997, 300, 2697)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line("OOLONG", 0, 450), "units must be above zero"),
        (line("OOLONG", "-1", 450), "units must be above zero"),
        (line("OOLONG", "NaN", 450), "units are not a finite number"),
        (line("OOLONG", 10**10, 450), "units are too many"),
        (line("OOLONG", 1, -1), "its price is below zero"),
        (line("OOLONG", 1, 10**14), "its price is too large"),
    ],
)
def test_a_line_that_cannot_be_priced_is_refused_by_name(bad, reason):
    with pytest.raises(BadPriceLine, match=reason) as caught:
        price(bad)
    assert caught.value.parameters["sku"] == "OOLONG"


def test_an_order_that_cannot_be_priced_says_what_is_wrong():
    with pytest.raises(BadPriceOrder, match="it has no lines"):
        price()
    with pytest.raises(BadPriceOrder, match="more than 5,000 lines"):
        price(*(line("A", 1, 1, line_key=str(number)) for number in range(5001)))
    with pytest.raises(BadPriceLine, match="two lines have the same key"):
        price(OOLONG, OOLONG)
    with pytest.raises(BadPriceOrder, match="more than 10 coupons"):
        price(OOLONG, coupon_codes=tuple("abcdefghijk"))
    with pytest.raises(BadPriceOrder, match="the total is too large"):
        price(line("A", 10**9, 10**5))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (percent("X", "1.5"), "its share must be above 0 and at most 1"),
        (percent("X", "0"), "its share must be above 0 and at most 1"),
        (amount("X", 0), "its amount must be above zero"),
        (rule("X", RuleKind.GIFT), "it must say which product is given"),
        (rule("X", RuleKind.BUY_X_GET_Y, share=Decimal(1)), "how many to buy"),
        (amount("X", 5, starts_at=NOON, ends_at=NOON), "it ends before it begins"),
        (amount("X", 5, minimum_goods_minor=-1), "a limit is below zero"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(bad, reason):
    with pytest.raises(BadPriceRule, match=reason):
        price(OOLONG, discounts=(bad,))
