"""What an order costs after it was changed: by our rules where we priced it, else in the proportion of its lines.

Pure but for `price_again`, which only reads. total = goods − discount + shipping + tax added, always.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.orders.editing import HeldLine
from reorder.domain.orders.life import LockedOrder
from reorder.engine.pricing import GIFT_KEY, PricedOrder
from reorder.flows import pricing
from reorder.flows.fulfil.changes import WantedLine
from reorder.flows.fulfil.errors import TotalsDiffer
from reorder.flows.fulfil.orders import Totals
from reorder.kernel.money import payable_step_minor


@dataclass(frozen=True, slots=True)
class Priced:
    """Lines with their share of the discounts, the totals, and the rules that the price uses (None: not by us)."""

    lines: tuple[WantedLine, ...]
    totals: Totals
    uses: Mapping[str, int] | None = None
    details: Mapping[str, Any] | None = None


def totals_of(*, order: LockedOrder) -> Totals:
    """The amounts of an order as they stand; one without amounts costs nothing."""
    goods = order.goods_minor or 0
    return Totals(
        goods_minor=goods,
        discount_minor=order.discount_minor,
        shipping_minor=order.shipping_minor,
        tax_added_minor=order.tax_added_minor,
        tax_included_minor=order.tax_included_minor,
        total_minor=order.total_minor or 0,
    )


def price_given(*, order: LockedOrder, lines: Sequence[WantedLine], totals: Totals) -> Priced:
    """The amounts that another system computed. Raises TotalsDiffer when they do not add up."""
    parts = (totals.goods_minor, totals.discount_minor, totals.shipping_minor, totals.total_minor)
    if not totals.reconciles or min(parts) < 0:
        raise TotalsDiffer.of(order=order.external_id, currency=order.currency, totals=totals)
    return Priced(lines=tuple(lines), totals=totals)


def price_in_proportion(*, order: LockedOrder, before: Sequence[HeldLine], after: Sequence[WantedLine]) -> Priced:
    """Amounts by which nobody's price changes: a line keeps its price and its share of discount a unit.

    Discounts that belong to no line stay as far as goods are left; taxes keep their proportion, rounded to what can be
    paid; the shipping fee stays.
    """
    lines = tuple(_keep_share(line) for line in after)
    goods = (order.goods_minor or 0) - sum(_amount(line) for line in before) + sum(_amount(line) for line in lines)
    goods = max(goods, 0)
    discount = order.discount_minor - sum(line.discount_minor for line in before)
    discount = min(max(discount + sum(line.discount_minor for line in lines), 0), goods)
    net_before = (order.goods_minor or 0) - order.discount_minor + order.shipping_minor
    net = goods - discount + order.shipping_minor
    added = tax_in_proportion(tax_minor=order.tax_added_minor, net=net, net_before=net_before, currency=order.currency)
    included = tax_in_proportion(
        tax_minor=order.tax_included_minor, net=net, net_before=net_before, currency=order.currency
    )
    return Priced(
        lines=lines,
        totals=Totals(
            goods_minor=goods,
            discount_minor=discount,
            shipping_minor=order.shipping_minor,
            tax_added_minor=added,
            tax_included_minor=included,
            total_minor=net + added,
        ),
    )


def price_again(
    *,
    order: LockedOrder,
    lines: Sequence[WantedLine],
    coupon_codes: Sequence[str],
    ship_method: str,
    country: str,
    postcode: str,
    moment: dt.datetime,
) -> Priced:
    """The price by our rules, as for a new order; lines keep the price of a unit that was agreed, gifts are given anew.

    Raises what `pricing.price_cart` raises.
    """
    # What staff gave away stays as it is; only what a rule gave is given anew, if the rule still gives it.
    paid = [line for line in lines if line.unit_price_minor != 0 or not line.line_key.startswith(GIFT_KEY)]
    known = {line.line_key: line for line in lines}
    priced = pricing.price_cart(
        channel=order.channel,
        customer_id=order.customer_id,
        lines=[
            pricing.CartLine(
                sku=line.sku, units=line.units, line_key=line.line_key, unit_price_minor=line.unit_price_minor
            )
            for line in paid
        ],
        coupon_codes=coupon_codes,
        shipping_method=ship_method or None,
        country=country,
        postcode=postcode,
        moment=moment,
        currency=order.currency,
        order_id=order.id,
    )
    return Priced(
        lines=_lines_of(priced=priced, known=known),
        totals=Totals.of_price(priced),
        uses=pricing.uses_of_price(priced=priced),
        details=pricing.details_of_price(priced=priced),
    )


def add_totals(*, parts: Sequence[Totals]) -> Totals:
    """The sum of amounts of one currency."""
    return Totals(
        goods_minor=sum(one.goods_minor for one in parts),
        discount_minor=sum(one.discount_minor for one in parts),
        shipping_minor=sum(one.shipping_minor for one in parts),
        tax_added_minor=sum(one.tax_added_minor for one in parts),
        tax_included_minor=sum(one.tax_included_minor for one in parts),
        total_minor=sum(one.total_minor for one in parts),
    )


def take_totals(*, whole: Totals, part: Totals) -> Totals:
    """What is left of amounts when a part is taken away."""
    return Totals(
        goods_minor=whole.goods_minor - part.goods_minor,
        discount_minor=whole.discount_minor - part.discount_minor,
        shipping_minor=whole.shipping_minor - part.shipping_minor,
        tax_added_minor=whole.tax_added_minor - part.tax_added_minor,
        tax_included_minor=whole.tax_included_minor - part.tax_included_minor,
        total_minor=whole.total_minor - part.total_minor,
    )


def _lines_of(*, priced: PricedOrder, known: Mapping[str, WantedLine]) -> tuple[WantedLine, ...]:
    gifts = {line.sku for line in priced.lines if line.line_key not in known}
    products = list_products_by_sku(skus=sorted(gifts)) if gifts else {}
    return tuple(
        WantedLine(
            line_key=line.line_key,
            sku=line.sku,
            product_id=known[line.line_key].product_id if line.line_key in known else products[line.sku].id,
            units=line.units,
            unit_price_minor=line.unit_price_minor,
            discount_minor=line.discount_minor,
            before=known[line.line_key].before if line.line_key in known else None,
        )
        for line in priced.lines
    )


def _keep_share(line: WantedLine) -> WantedLine:
    if line.before is None or line.units == line.before.units:
        return line
    share = Decimal(line.before.discount_minor) * line.units / line.before.units
    return replace(line, discount_minor=int(share.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)))


def _amount(line: HeldLine | WantedLine) -> int:
    """As orders are summed when they come in: half a minor unit rounds to even."""
    return round((line.unit_price_minor or 0) * line.units)


def tax_in_proportion(*, tax_minor: int, net: int, net_before: int, currency: str) -> int:
    """The tax of a part, or of what a price became, rounded to what can be paid."""
    if net_before <= 0 or net == net_before:
        return tax_minor if net_before > 0 else 0
    step = payable_step_minor(currency=currency)
    steps = Decimal(tax_minor) * net / net_before / step
    return int(steps.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)) * step
