"""The price of an order, step by step; pure, so the same order, rules and context have the same price for ever.

The order of the steps (docs/explanation/pricing.md tells it with examples):

1. list price: units × list price of each line, rounded to whole steps of money
2. automatic discounts
3. member tier: the tier's price of a line where there is one, else the tier's share off
4. coupons
5. points
6. shipping fee
7. tax: within the prices or on top

Everything taken off is spread over the lines it was for by largest remainder, so sums agree to the last minor unit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from reorder.engine.pricing.cart import Cart, Cause
from reorder.engine.pricing.choosing import combinations, list_automatic, list_coupons, refuse_rest
from reorder.engine.pricing.discounts import apply_discount, percent_text
from reorder.engine.pricing.judging import refuse_bad
from reorder.engine.pricing.shares import floor_to_step, round_to_step
from reorder.engine.pricing.shipping import find_shipping_fee, take_off_fee
from reorder.engine.pricing.taxing import Taxed, tax_amounts
from reorder.engine.pricing.values import (
    GIFT_KEY,
    SHIPPING_TAX,
    Adjustment,
    LineToPrice,
    PriceContext,
    PricedLine,
    PricedOrder,
    PricedShipping,
    PriceRule,
    PriceRules,
    RefusedCoupon,
    ShippingFee,
    Stage,
)


def price_order(*, lines: Sequence[LineToPrice], rules: PriceRules, context: PriceContext) -> PricedOrder:
    """The price of an order with every line explained; amounts in minor units of `context.currency`, whole steps.

    Of discounts that bear no company the set that makes the order cheapest is taken, automatic discounts first, then
    coupons; a coupon that gives nothing is told in `refused_coupons`. Raises BadPriceLine, BadPriceOrder, BadPriceRule,
    NotShipped.
    """
    refuse_bad(lines=lines, rules=rules, context=context)
    fee = find_shipping_fee(fees=rules.shipping_fees, context=context)
    asked = _Asked(lines=lines, rules=rules, context=context, fee=fee)
    automatic = list_automatic(rules=rules.discounts, context=context)
    coupons, refused = list_coupons(rules=rules.discounts, context=context)
    automatic = _cheapest(combinations(automatic), price=lambda chosen: _price(asked, chosen, ()))
    chosen = _cheapest(combinations(coupons), price=lambda chosen: _price(asked, automatic, chosen))
    made = _price(asked, automatic, chosen)
    left_out = refuse_rest(coupons=coupons, chosen=chosen)
    return replace(made, refused_coupons=(*refused, *left_out, *made.refused_coupons))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is priced, with the shipping fee that was found for it."""

    lines: Sequence[LineToPrice]
    rules: PriceRules
    context: PriceContext
    fee: ShippingFee | None


_Rules = tuple[PriceRule, ...]


def _cheapest(sets: Sequence[_Rules], *, price: Callable[[_Rules], PricedOrder]) -> _Rules:
    """The set with the lowest total; of equal totals the one that gives most, then the first."""
    if len(sets) == 1:
        return sets[0]
    made = [price(one) for one in sets]
    best = min(range(len(sets)), key=lambda index: (made[index].total_minor, -len(made[index].used_rule_codes), index))
    return sets[best]


def _price(asked: _Asked, automatic: _Rules, coupons: _Rules) -> PricedOrder:
    """All steps with these discounts and coupons."""
    context = asked.context
    listed = [_round(context, line.units * line.unit_price_minor) for line in asked.lines]
    cart = Cart(lines=asked.lines, listed=listed, step_minor=context.step_minor, currency=context.currency)
    _run_rules(cart, automatic, Stage.AUTOMATIC)
    _run_tier(cart, context)
    refused = _run_rules(cart, coupons, Stage.COUPON)
    before_points = sum(cart.costs)
    points_used = _run_points(cart, context)
    fee_minor, fee_cuts = take_off_fee(
        cart=cart, fee=asked.fee, goods_minor=before_points, free_rules=cart.free_shipping
    )
    refused += _unused_free_shipping(cart, context, fee_cuts)
    shipping_minor = fee_minor - sum(cut.amount_minor for cut in fee_cuts)
    taxed = tax_amounts(
        amounts=[
            *((line.tax_class, cost) for line, cost in zip(asked.lines, cart.costs, strict=True)),
            (SHIPPING_TAX, shipping_minor),
        ],
        rates=asked.rules.tax_rates,
        country=context.country,
        step_minor=context.step_minor,
        prices_include_tax=context.prices_include_tax,
    )
    shipping = PricedShipping(
        method=context.shipping_method,
        name=asked.fee.name if asked.fee else "",
        fee_minor=fee_minor,
        adjustments=fee_cuts,
        charged_minor=shipping_minor,
        tax_share=taxed.shares[-1],
        tax_minor=taxed.tax_minor[-1],
    )
    return _total(asked, cart, taxed, shipping=shipping, refused=refused, points_used=points_used)


def _run_rules(cart: Cart, rules: _Rules, stage: Stage) -> list[RefusedCoupon]:
    begun = tuple(cart.costs)
    refused = []
    for rule in rules:
        refusal = apply_discount(cart=cart, rule=rule, stage=stage, begun=begun)
        if refusal:
            refused.append(RefusedCoupon(code=rule.code, reason_code=refusal[0], reason_parameters=refusal[1]))
    return refused


def _run_tier(cart: Cart, context: PriceContext) -> None:
    tier = context.tier
    if tier is None:
        return
    special = [index for index, line in enumerate(cart.lines) if line.tier_price_minor is not None]
    cuts = {}
    for index in special:
        line = cart.lines[index]
        agreed = _round(context, line.units * (line.tier_price_minor or 0))
        cuts[index] = max(cart.costs[index] - agreed, 0)
    if sum(cuts.values()):
        cart.take(cuts=cuts, cause=_tier_cause(tier.name, "price.tier_price", {"tier": tier.name}))
    others = [index for index in range(len(cart.lines)) if index not in cuts]
    off = min(cart.cost_of(others), _round(context, cart.cost_of(others) * tier.share))
    if off:
        parameters: dict[str, object] = {"tier": tier.name, "percent": percent_text(tier.share)}
        cart.take_spread(indexes=others, off_minor=off, cause=_tier_cause(tier.name, "price.tier_share", parameters))


def _tier_cause(name: str, code: str, parameters: dict[str, object]) -> Cause:
    return Cause(stage=Stage.TIER, rule_code="tier", rule_name=name, reason_code=code, reason_parameters=parameters)


def _run_points(cart: Cart, context: PriceContext) -> int:
    """Take off what the points are worth, at most what the goods cost; returns how many are used up."""
    given = context.points
    if given is None:
        return 0
    worth = floor_to_step(exact_minor=given.points * given.minor_per_point, step_minor=context.step_minor)
    off = min(worth, sum(cart.costs))
    if not off:
        return 0
    used = int((Decimal(off) / given.minor_per_point).to_integral_value(rounding=ROUND_CEILING))
    parameters: dict[str, object] = {"points": f"{used:,}", "amount": cart.money(off)}
    cause = Cause(
        stage=Stage.POINTS,
        rule_code="points",
        rule_name="",
        reason_code="price.points",
        reason_parameters=parameters,
    )
    cart.take_spread(indexes=range(len(cart.lines)), off_minor=off, cause=cause)
    return used


def _unused_free_shipping(cart: Cart, context: PriceContext, fee_cuts: Sequence[Adjustment]) -> list[RefusedCoupon]:
    """Coupons for free shipping that another rule or the goods value made useless; none while no way is chosen."""
    if context.shipping_method is None:
        return []
    used = {cut.rule_code for cut in fee_cuts if cut.stage is not Stage.SHIPPING}
    useless = [(stage, rule) for stage, rule in cart.free_shipping if rule.code not in used]
    cart.free_shipping = [(stage, rule) for stage, rule in cart.free_shipping if rule.code in used]
    return [
        RefusedCoupon(code=rule.code, reason_code="price.refused.free_already", reason_parameters={"name": rule.name})
        for stage, rule in useless
        if stage is Stage.COUPON
    ]


def _total(
    asked: _Asked,
    cart: Cart,
    taxed: Taxed,
    *,
    shipping: PricedShipping,
    refused: Sequence[RefusedCoupon],
    points_used: int,
) -> PricedOrder:
    includes = asked.context.prices_include_tax
    lines = (*_priced_lines(cart, taxed), *(_gift_line(rule) for rule in cart.gifts))
    goods, discount = sum(line.list_minor for line in lines), sum(line.discount_minor for line in lines)
    added = 0 if includes else taxed.sum_minor
    used = [cut.rule_code for cut in cart.adjustments if cut.stage in (Stage.AUTOMATIC, Stage.COUPON)]
    used += [rule.code for rule in cart.gifts]
    used += [rule.code for _, rule in cart.free_shipping]
    return PricedOrder(
        currency=asked.context.currency,
        lines=lines,
        shipping=shipping,
        adjustments=tuple(cart.adjustments),
        taxes=taxed.rows,
        refused_coupons=tuple(refused),
        used_rule_codes=tuple(used),
        points_used=points_used,
        goods_minor=goods,
        discount_minor=discount,
        shipping_minor=shipping.charged_minor,
        tax_added_minor=added,
        tax_included_minor=taxed.sum_minor if includes else 0,
        total_minor=goods - discount + shipping.charged_minor + added,
    )


def _priced_lines(cart: Cart, taxed: Taxed) -> Sequence[PricedLine]:
    return [
        PricedLine(
            line_key=line.line_key,
            sku=line.sku,
            units=line.units,
            unit_price_minor=line.unit_price_minor,
            list_minor=cart.listed[index],
            adjustments=tuple(cart.taken[index]),
            discount_minor=cart.listed[index] - cart.costs[index],
            net_minor=cart.costs[index],
            tax_share=taxed.shares[index],
            tax_minor=taxed.tax_minor[index],
        )
        for index, line in enumerate(cart.lines)
    ]


def _gift_line(rule: PriceRule) -> PricedLine:
    return PricedLine(
        line_key=f"{GIFT_KEY}{rule.code}",
        sku=rule.gift_sku,
        units=rule.gift_units,
        unit_price_minor=0,
        list_minor=0,
        adjustments=(),
        discount_minor=0,
        net_minor=0,
        tax_share=Decimal(0),
        tax_minor=0,
        gift_rule_code=rule.code,
        gift_rule_name=rule.name,
    )


def _round(context: PriceContext, exact_minor: Decimal | int) -> int:
    return round_to_step(exact_minor=exact_minor, step_minor=context.step_minor)
