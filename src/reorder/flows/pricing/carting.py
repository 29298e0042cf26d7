"""The price of a cart, of a draft and of an order that is being changed, by one way for every door."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.conf import settings

from reorder.domain.catalog.queries import ProductRow, list_products_by_sku
from reorder.domain.orders.price_rules import list_rules_for_pricing
from reorder.domain.orders.price_tables import (
    CategoryFacts,
    list_category_facts,
    list_fees_for_pricing,
    list_tax_rates_for_pricing,
)
from reorder.engine import pricing
from reorder.engine.pricing import STANDARD_TAX, LineToPrice, PriceContext, PricedOrder, PriceRules, TaxRate
from reorder.flows.pricing.gifts import count_gifts
from reorder.kernel.errors import BadInput
from reorder.kernel.money import payable_step_minor


class UnknownSkus(BadInput):
    """Products that nobody knows."""

    code = "pricing.unknown_skus"
    template = "There is no product {skus}."


class NotSold(BadInput):
    """A product that cannot be bought."""

    code = "pricing.not_sold"
    template = "{sku} cannot be bought: {reason}."


class WrongCurrency(BadInput):
    """A product that is priced in another currency than the order."""

    code = "pricing.wrong_currency"
    template = "{sku} is priced in {currency}, the order in {wanted}."


class NoPointsHere(BadInput):
    """Points where the shop redeems none."""

    code = "pricing.no_points"
    template = "This shop redeems no points yet."


# What errors here give as a reason; surfaces translate them.
REASON_TEMPLATES = ("it is no longer sold", "it has no price")


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """Units of a product; `unit_price_minor` is a price that staff agreed, None for the product's own."""

    sku: str
    units: Decimal
    line_key: str = ""
    unit_price_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingChoice:
    """A way of shipping that can be chosen for an address, with what it costs before anything makes it free."""

    method: str
    name: str
    fee_minor: int
    free_from_minor: int | None


def price_cart(
    *,
    channel: str,
    customer_id: int | None,
    lines: Sequence[CartLine],
    coupon_codes: Sequence[str] = (),
    points: int = 0,
    shipping_method: str | None = None,
    country: str = "",
    postcode: str = "",
    moment: dt.datetime,
    currency: str | None = None,
    order_id: int | None = None,
) -> PricedOrder:
    """What a cart costs, explained line by line; amounts in minor units of `currency` (None: the shop's).

    `customer_id` None: a guest, whose own limits of coupons are checked when the order is placed. `order_id` is the
    order that is priced again, whose coupons and gifts are its own already; others get gifts while stock lasts. A line
    without a key is known by its place, from 1. An empty country is the shop's. A bundle is priced as its own product.
    Member tiers and points come with loyalty: the engine takes them, and this loader has none to give yet.

    Raises UnknownSkus, NotSold, WrongCurrency, NoPointsHere and what the engine raises: BadPriceLine, BadPriceOrder,
    NotShipped.
    """
    if points:
        raise NoPointsHere
    paid_in = currency or settings.REORDER.currency
    where = (country or settings.REORDER.country).upper()
    tax_rates = list_tax_rates_for_pricing(country=where)
    priced = _load_lines(lines=lines, currency=paid_in, tax_rates=tax_rates, country=where)
    discounts = list_rules_for_pricing(
        channel=channel, coupon_codes=coupon_codes, customer_id=customer_id, order_id=order_id, currency=paid_in
    )
    rules = PriceRules(
        # An order that is priced again has its gift already.
        discounts=discounts if order_id is not None else count_gifts(rules=discounts, moment=moment),
        shipping_fees=list_fees_for_pricing(country=where, currency=paid_in),
        tax_rates=tax_rates,
    )
    context = PriceContext(
        currency=paid_in,
        step_minor=payable_step_minor(currency=paid_in),
        moment=moment,
        country=where,
        postcode=postcode,
        shipping_method=shipping_method or None,
        coupon_codes=tuple(code for code in coupon_codes if code.strip()),
        prices_include_tax=settings.REORDER.prices_include_tax,
    )
    return pricing.price_order(lines=priced, rules=rules, context=context)


def list_ways_of_shipping(*, country: str, postcode: str, currency: str | None = None) -> list[ShippingChoice]:
    """Ways of shipping to an address, the cheapest first; empty where the shop asks no fees."""
    where = (country or settings.REORDER.country).upper()
    fees = list_fees_for_pricing(country=where, currency=currency or settings.REORDER.currency)
    return [
        ShippingChoice(method=fee.method, name=fee.name, fee_minor=fee.fee_minor, free_from_minor=fee.free_from_minor)
        for fee in pricing.list_shipping_choices(fees=fees, country=where, postcode=postcode)
    ]


def _load_lines(
    *, lines: Sequence[CartLine], currency: str, tax_rates: Sequence[TaxRate], country: str
) -> list[LineToPrice]:
    """Lines with what the catalogue knows of their products."""
    products = list_products_by_sku(skus=[line.sku for line in lines if "\x00" not in line.sku])
    _refuse_unsold(lines=lines, products=products, currency=currency)
    facts = list_category_facts(codes={one.category_code for one in products.values() if one.category_code})
    made = [_line(number, line, products[line.sku], facts) for number, line in enumerate(lines, start=1)]
    return [_with_assumed_cost(line) for line in _with_tax_on_costs(made, tax_rates=tax_rates, country=country)]


def _with_assumed_cost(line: LineToPrice) -> LineToPrice:
    """What a line is taken to cost where nobody knows: what the shop's assumed margin leaves of its price, if any."""
    share = settings.REORDER.assumed_margin_share
    if line.unit_cost_minor is not None or share is None:
        return line
    return replace(line, unit_cost_minor=math.ceil(line.unit_price_minor * (1 - share)))


def _with_tax_on_costs(made: list[LineToPrice], *, tax_rates: Sequence[TaxRate], country: str) -> list[LineToPrice]:
    if not settings.REORDER.prices_include_tax:
        return made
    return [
        line
        if line.unit_cost_minor is None
        else replace(
            line,
            unit_cost_minor=int(
                line.unit_cost_minor
                * (1 + pricing.find_rate(rates=tax_rates, tax_class=line.tax_class, country=country).share)
            ),
        )
        for line in made
    ]


def _refuse_unsold(*, lines: Sequence[CartLine], products: Mapping[str, ProductRow], currency: str) -> None:
    unknown = sorted({line.sku for line in lines if line.sku not in products})
    if unknown:
        raise UnknownSkus(skus=", ".join(sku.replace("\x00", "�") for sku in unknown[:10]))
    for line in lines:
        product = products[line.sku]
        # What was agreed before can still be delivered, and priced again when its order changes.
        if product.state != "active" and line.unit_price_minor is None:
            raise NotSold(sku=line.sku, reason="it is no longer sold")
        if product.currency != currency:
            raise WrongCurrency(sku=line.sku, currency=product.currency, wanted=currency)
        if line.unit_price_minor is None and product.price_minor is None:
            raise NotSold(sku=line.sku, reason="it has no price")


def _line(number: int, line: CartLine, product: ProductRow, facts: Mapping[str, CategoryFacts]) -> LineToPrice:
    category = facts.get(product.category_code or "")
    agreed = line.unit_price_minor
    return LineToPrice(
        line_key=line.line_key or str(number),
        sku=line.sku,
        units=line.units,
        unit_price_minor=(product.price_minor or 0) if agreed is None else agreed,
        category_codes=category.codes if category else frozenset(),
        tax_class=category.tax_class if category else STANDARD_TAX,
        unit_cost_minor=product.unit_cost_minor,
    )
