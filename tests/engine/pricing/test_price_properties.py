"""What holds for every order, whatever the mix of discounts, coupons, tiers, points, fees and taxes."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine.pricing import (
    Goods,
    LineToPrice,
    PointsToRedeem,
    PriceRule,
    PriceRules,
    RuleKind,
    ShippingFee,
    TaxRate,
    Tier,
    price_order,
    spread,
)
from tests.engine.pricing.shop import TAIWAN

SKUS = ("A", "B", "C", "D")
shares = st.integers(1, 100).map(lambda percent: Decimal(percent) / 100)
money = st.integers(0, 500_000)
goods = st.one_of(
    st.just(Goods()),
    st.sets(st.sampled_from(SKUS), min_size=1).map(lambda skus: Goods(skus=frozenset(skus))),
    st.just(Goods(category_codes=frozenset({"tea"}))),
)


@st.composite
def a_line(draw, key):
    return LineToPrice(
        line_key=str(key),
        sku=draw(st.sampled_from(SKUS)),
        units=draw(st.one_of(st.integers(1, 9).map(Decimal), st.decimals("0.001", 5, places=3))),
        unit_price_minor=draw(money),
        category_codes=draw(st.sampled_from((frozenset(), frozenset({"tea"})))),
        tax_class=draw(st.sampled_from(("standard", "fresh"))),
        tier_price_minor=draw(st.one_of(st.none(), money)),
    )


@st.composite
def a_rule(draw, code):
    kind = draw(st.sampled_from(list(RuleKind)))
    covered = draw(goods)
    return PriceRule(
        code=f"R{code}",
        name=f"Rule {code}",
        kind=kind,
        is_coupon=draw(st.booleans()),
        share=draw(shares),
        amount_minor=draw(st.integers(1, 300_000)),
        maximum_discount_minor=draw(st.one_of(st.none(), money)),
        minimum_goods_minor=draw(st.one_of(st.just(0), money)),
        goods=covered,
        buy_units=draw(st.integers(1, 3)),
        get_units=draw(st.integers(1, 2)),
        get_goods=draw(st.sampled_from((Goods(), Goods(category_codes=frozenset({"tea"}))))),
        gift_sku="GIFT",
        is_combinable=draw(st.booleans()),
        priority=draw(st.integers(1, 3)),
    )


@st.composite
def orders(draw):
    lines = [draw(a_line(number)) for number in range(draw(st.integers(1, 5)))]
    discounts = [draw(a_rule(number)) for number in range(draw(st.integers(0, 5)))]
    rates = (TaxRate(tax_class="standard", share=Decimal("0.05")), TaxRate(tax_class="fresh", share=draw(shares)))
    fee = ShippingFee(
        method="home", name="Home", fee_minor=draw(money), free_from_minor=draw(st.one_of(st.none(), money))
    )
    context = replace(
        TAIWAN,
        step_minor=draw(st.sampled_from((1, 100))),
        coupon_codes=tuple(one.code for one in discounts if one.is_coupon),
        shipping_method=draw(st.sampled_from((None, "home"))),
        prices_include_tax=draw(st.booleans()),
        tier=draw(st.one_of(st.none(), shares.map(lambda share: Tier(name="Gold", share=share)))),
        points=draw(
            st.one_of(
                st.none(),
                st.integers(1, 5000).map(lambda count: PointsToRedeem(points=count, minor_per_point=Decimal("33.3"))),
            )
        ),
    )
    rules = PriceRules(discounts=tuple(discounts), shipping_fees=(fee,), tax_rates=rates)
    return lines, rules, context


@given(orders())
@settings(max_examples=150, deadline=None)
def test_totals_reconcile_to_the_last_minor_unit(order):
    lines, rules, context = order

    made = price_order(lines=lines, rules=rules, context=context)

    assert made.total_minor == made.goods_minor - made.discount_minor + made.shipping_minor + made.tax_added_minor
    assert made.goods_minor == sum(one.list_minor for one in made.lines)
    assert made.discount_minor == sum(one.discount_minor for one in made.lines)
    assert made.discount_minor == sum(one.amount_minor for one in made.adjustments)
    taxes = sum(one.tax_minor for one in made.lines) + made.shipping.tax_minor
    assert made.tax_added_minor + made.tax_included_minor == taxes == sum(one.tax_minor for one in made.taxes)
    for one in made.lines:
        assert one.discount_minor == sum(cut.amount_minor for cut in one.adjustments)
        assert one.net_minor == one.list_minor - one.discount_minor
    assert made.shipping.charged_minor == made.shipping.fee_minor - sum(
        cut.amount_minor for cut in made.shipping.adjustments
    )


@given(orders())
@settings(max_examples=150, deadline=None)
def test_nothing_is_below_zero_and_everything_is_whole_steps(order):
    lines, rules, context = order

    made = price_order(lines=lines, rules=rules, context=context)

    amounts = [made.shipping_minor, made.tax_added_minor, made.tax_included_minor, made.total_minor]
    amounts += [one.net_minor for one in made.lines]
    amounts += [cut.amount_minor for one in made.lines for cut in one.adjustments]
    amounts += [one.tax_minor for one in made.lines]
    assert min(amounts) >= 0
    assert all(amount % context.step_minor == 0 for amount in amounts)


@given(orders(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_in_which_rules_are_stored_or_typed_changes_nothing(order, shuffler):
    lines, rules, context = order
    shuffled, typed = list(rules.discounts), list(context.coupon_codes)
    shuffler.shuffle(shuffled)
    shuffler.shuffle(typed)

    made = price_order(lines=lines, rules=rules, context=context)
    again = price_order(
        lines=lines,
        rules=replace(rules, discounts=tuple(shuffled)),
        context=replace(context, coupon_codes=tuple(typed)),
    )

    assert again == made


@given(orders())
@settings(max_examples=60, deadline=None)
def test_a_coupon_is_either_used_or_refused_and_never_makes_an_order_dearer(order):
    lines, rules, context = order

    made = price_order(lines=lines, rules=rules, context=context)
    without = price_order(lines=lines, rules=rules, context=replace(context, coupon_codes=(), tier=None, points=None))
    plain = price_order(lines=lines, rules=rules, context=replace(context, tier=None, points=None))

    refused = {one.code for one in made.refused_coupons}
    used = set(made.used_rule_codes)
    assert set(context.coupon_codes) == (used | refused) & set(context.coupon_codes)
    assert not used & refused
    goods = [one.goods_minor - one.discount_minor for one in (plain, without)]
    assert goods[0] <= goods[1]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.integers(0, 100), st.sampled_from((1, 100)))
@settings(max_examples=200, deadline=None)
def test_a_spread_sum_loses_nothing_and_overdraws_nobody(weights, percent, step):
    weights = [weight * step for weight in weights]
    total = sum(weights) * percent // 100 // step * step

    parts = spread(total_minor=total, weights=weights, step_minor=step)

    assert sum(parts) == total
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    exact = [Decimal(total) * weight / (sum(weights) or 1) for weight in weights]
    assert all(abs(part - share) < step for part, share in zip(parts, exact, strict=True)) or not sum(weights)
