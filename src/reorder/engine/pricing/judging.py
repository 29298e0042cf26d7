"""Refuses orders and rules that cannot be priced, before anything is computed."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from reorder.engine.pricing.faults import BadPriceLine, BadPriceOrder, BadPriceRule
from reorder.engine.pricing.values import (
    MOST_COUPONS,
    MOST_LINES,
    LineToPrice,
    PriceContext,
    PriceRule,
    PriceRules,
    RuleKind,
)
from reorder.kernel.quantity import MAXIMUM_UNITS

MOST_MINOR: Final = 10**15


def refuse_bad(*, lines: Sequence[LineToPrice], rules: PriceRules, context: PriceContext) -> None:
    """Raises BadPriceLine, BadPriceOrder, BadPriceRule with the first thing that is wrong."""
    _refuse_lines(lines)
    _refuse_context(context)
    for rule in rules.discounts:
        refuse_bad_rule(rule=rule)
    if len({rule.code for rule in rules.discounts}) < len(rules.discounts):
        raise BadPriceRule(rule="", reason="two rules have the same code")
    for fee in rules.shipping_fees:
        if fee.fee_minor < 0 or (fee.free_from_minor or 0) < 0:
            raise BadPriceRule(rule=fee.method, reason="its fee is below zero")
    for rate in rules.tax_rates:
        if not 0 <= rate.share <= 1:
            raise BadPriceRule(rule=rate.name or rate.tax_class, reason="its rate must be between 0 and 1")


def refuse_bad_rule(*, rule: PriceRule) -> None:
    """Raises BadPriceRule when a discount or coupon contradicts itself."""
    for is_wrong, reason in (*_what_it_gives(rule), *_limits(rule)):
        if is_wrong:
            raise BadPriceRule(rule=rule.name or rule.code, reason=reason)


def _what_it_gives(rule: PriceRule) -> Sequence[tuple[bool, str]]:
    has_share = rule.share is not None and 0 < rule.share <= 1
    if rule.kind is RuleKind.PERCENT:
        return [(not has_share, "its share must be above 0 and at most 1")]
    if rule.kind is RuleKind.AMOUNT:
        return [(rule.amount_minor <= 0, "its amount must be above zero")]
    if rule.kind is RuleKind.BUY_X_GET_Y:
        is_overlapping = not rule.get_goods.skus.isdisjoint(rule.goods.skus)
        return [
            (rule.buy_units < 1 or rule.get_units < 1, "it must say how many to buy and how many to get"),
            (not has_share, "its share must be above 0 and at most 1"),
            (is_overlapping, "what is bought and what is got overlap"),
        ]
    if rule.kind is RuleKind.GIFT:
        return [(not rule.gift_sku or rule.gift_units <= 0, "it must say which product is given, and how many")]
    return []


def _limits(rule: PriceRule) -> Sequence[tuple[bool, str]]:
    is_backwards = rule.starts_at is not None and rule.ends_at is not None and rule.ends_at <= rule.starts_at
    amounts = (rule.minimum_goods_minor, rule.maximum_discount_minor or 0)
    floor = rule.margin_floor_share
    return [
        (floor is not None and not 0 <= floor < 1, "its margin floor must be at least 0 and below 1"),
        (is_backwards, "it ends before it begins"),
        (any(amount < 0 for amount in amounts), "a limit is below zero"),
    ]


def _refuse_lines(lines: Sequence[LineToPrice]) -> None:
    if not lines:
        raise BadPriceOrder(reason="it has no lines")
    if len(lines) > MOST_LINES:
        raise BadPriceOrder(reason="it has more than 5,000 lines")
    twice = Counter(line.line_key for line in lines)
    for line in lines:
        _refuse_line(line, is_twice=twice[line.line_key] > 1)
    if sum(line.units * line.unit_price_minor for line in lines) > MOST_MINOR:
        raise BadPriceOrder(reason="the total is too large")


def _refuse_line(line: LineToPrice, *, is_twice: bool) -> None:
    prices = (line.unit_price_minor, line.tier_price_minor or 0)
    reasons = (
        (not line.units.is_finite(), "units are not a finite number"),
        (line.units.is_finite() and line.units <= 0, "units must be above zero"),
        (line.units.is_finite() and line.units > MAXIMUM_UNITS, "units are too many"),
        (any(price < 0 for price in prices), "its price is below zero"),
        (any(price > MOST_MINOR for price in prices), "its price is too large"),
        (is_twice, "two lines have the same key"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadPriceLine(line=line.line_key, sku=line.sku, reason=reason)


def _refuse_context(context: PriceContext) -> None:
    points, tier = context.points, context.tier
    reasons = (
        (len(context.coupon_codes) > MOST_COUPONS, "more than 10 coupons"),
        (points is not None and points.points <= 0, "points must be above zero"),
        (points is not None and points.minor_per_point <= Decimal(0), "the value of a point must be above zero"),
        (tier is not None and not 0 <= tier.share <= 1, "the share of a tier must be between 0 and 1"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadPriceOrder(reason=reason)
