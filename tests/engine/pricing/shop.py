"""A tea shop's cart for the tests of prices: Oolong, Jasmine and a teapot, in New Taiwan dollars."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from reorder.engine import pricing
from reorder.engine.pricing import LineToPrice, PriceContext, PricedOrder, PriceRule, PriceRules, RuleKind

NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)
TAIWAN = PriceContext(currency="TWD", step_minor=100, moment=NOON, country="TW", postcode="106")


def dollars(amount: int | str) -> int:
    """New Taiwan dollars in minor units."""
    return int(Decimal(amount) * 100)


def line(sku: str, units: str | int, price: int | str, *categories: str, **more: Any) -> LineToPrice:
    return LineToPrice(
        line_key=more.pop("line_key", sku),
        sku=sku,
        units=Decimal(units),
        unit_price_minor=dollars(price),
        category_codes=frozenset(categories),
        **more,
    )


OOLONG = line("OOLONG", 2, 450, "tea")
JASMINE = line("JASMINE", 1, 300, "tea")
TEAPOT = line("TEAPOT", 1, 1200, "ware")


def percent(code: str, share: str, **more: Any) -> PriceRule:
    return rule(code, RuleKind.PERCENT, share=Decimal(share), **more)


def amount(code: str, off: int, **more: Any) -> PriceRule:
    return rule(code, RuleKind.AMOUNT, amount_minor=dollars(off), **more)


def rule(code: str, kind: RuleKind, **more: Any) -> PriceRule:
    return PriceRule(code=code, name=more.pop("name", code), kind=kind, is_coupon=more.pop("is_coupon", True), **more)


def price(
    *lines: LineToPrice, discounts: tuple[PriceRule, ...] = (), rules: PriceRules | None = None, **context: Any
) -> PricedOrder:
    """The price of these lines; every coupon among the discounts is named by the customer unless told otherwise."""
    context.setdefault("coupon_codes", tuple(one.code for one in discounts if one.is_coupon))
    laid_down = replace(rules or PriceRules(), discounts=discounts)
    return pricing.price_order(lines=lines, rules=laid_down, context=replace(TAIWAN, **context))


def in_dollars(*amounts_minor: int) -> tuple[float, ...]:
    """Minor units as a shopkeeper reads them."""
    return tuple(amount_minor / 100 for amount_minor in amounts_minor)
