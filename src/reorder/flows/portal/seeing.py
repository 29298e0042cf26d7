"""What a cart looks like just now: its price line by line, what is there, and what cannot be bought any more."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from reorder.domain.catalog.queries import ProductRow, list_products_by_sku
from reorder.domain.customers.carts import CartRow
from reorder.domain.orders.rules import cart_hold_key
from reorder.engine.pricing import NotShipped, PricedLine, PricedOrder
from reorder.flows.order_mail import PORTAL_CHANNEL
from reorder.flows.portal.filling import is_sold
from reorder.flows.pricing import CartLine, ShippingChoice, list_ways_of_shipping, price_cart
from reorder.insights.availability import Asked, Availability, list_availability
from reorder.insights.shop_goods import list_components
from reorder.kernel.clock import date_at
from reorder.kernel.fingerprint import fingerprint_of
from reorder.kernel.quantity import plain_decimal


@dataclass(frozen=True, slots=True)
class Stock:
    """What can be said of a product's stock: there in full (`is_there`), from a day on, or not at all."""

    available_units: Decimal
    is_there: bool
    back_date: dt.date | None
    may_wait: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CartGoods:
    """A line of the cart: what was put in, or what a rule gives; `components` are units by name for one bundle."""

    sku: str
    name: str
    units: Decimal
    is_sold_in_fractions: bool
    priced: PricedLine
    stock: Stock
    components: Sequence[tuple[str, Decimal]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A cart as it is shown. `gone` are products that cannot be bought any more; without goods there is no price.

    `seen` stands for everything that the customer is shown to be buying: at confirming it must still be the same.
    """

    cart: CartRow
    goods: Sequence[CartGoods] = ()
    gone: Sequence[str] = ()
    gone_skus: Sequence[str] = ()
    priced: PricedOrder | None = None
    ways: Sequence[ShippingChoice] = ()
    ship_method: str = ""
    country: str = ""
    seen: str = ""
    is_shippable: bool = True

    @property
    def is_all_there(self) -> bool:
        """Whether stock covers everything, as far as one can see without promising it."""
        return all(one.stock.is_there for one in self.goods)

    @property
    def is_orderable(self) -> bool:
        """Whether it can be confirmed as it stands."""
        return bool(self.goods) and not self.gone and self.is_all_there and self.is_shippable


def look_at_cart(
    *,
    cart: CartRow,
    customer_id: int | None,
    moment: dt.datetime,
    ship_method: str = "",
    country: str = "",
    postcode: str = "",
) -> Look:
    """The cart with its price for this address; shipped the cheapest way where none that there is was chosen."""
    products = list_products_by_sku(skus=list(cart.lines))
    sold = {sku: units for sku, units in cart.lines.items() if sku in products and is_sold(products[sku])}
    gone_skus = [sku for sku in cart.lines if sku not in sold]
    gone = [products[sku].name if sku in products else sku for sku in gone_skus]
    where = country or settings.REORDER.country
    if not sold:
        return Look(cart=cart, gone=gone, gone_skus=gone_skus, country=where)
    ways = list_ways_of_shipping(country=where, postcode=postcode)
    method = ship_method if ship_method in {one.method for one in ways} else (ways[0].method if ways else "")
    priced, is_shippable = _price(cart, sold, customer_id, method, where, postcode, moment)
    goods = _goods(cart=cart, priced=priced, products=products, moment=moment)
    return Look(
        cart=cart,
        goods=goods,
        gone=gone,
        gone_skus=gone_skus,
        priced=priced,
        ways=ways,
        ship_method=method,
        country=where,
        seen=_seen(priced=priced, gone=gone, method=method),
        is_shippable=is_shippable,
    )


def _price(
    cart: CartRow,
    sold: Mapping[str, Decimal],
    customer_id: int | None,
    method: str,
    country: str,
    postcode: str,
    moment: dt.datetime,
) -> tuple[PricedOrder, bool]:
    """The price, and whether the goods can be sent there at all."""

    def priced(shipping: str | None) -> PricedOrder:
        return price_cart(
            channel=PORTAL_CHANNEL,
            customer_id=customer_id,
            lines=[CartLine(sku=sku, units=units, line_key=str(at)) for at, (sku, units) in enumerate(sold.items(), 1)],
            coupon_codes=cart.coupon_codes,
            shipping_method=shipping,
            country=country,
            postcode=postcode,
            moment=moment,
        )

    try:
        return priced(method or None), True
    except NotShipped:
        return priced(None), False


def list_stock(*, units_by_sku: Mapping[str, Decimal], cart_code: str, moment: dt.datetime) -> dict[str, Stock]:
    """What can be said of the stock of these products, for so many units of each; the cart's own holds are free."""
    if not units_by_sku:
        return {}
    day = date_at(moment=moment, time_zone=settings.REORDER.time_zone)
    hold_key = cart_hold_key(channel=PORTAL_CHANNEL, cart_id=cart_code) if cart_code else ""
    asked = Asked(
        day=day,
        moment=moment,
        time_zone=settings.REORDER.time_zone,
        channel=PORTAL_CHANNEL,
        hold_key=hold_key,
    )
    found = {one.sku: one for one in list_availability(skus=list(units_by_sku), asked=asked)}
    nothing = Stock(available_units=Decimal(0), is_there=False, back_date=None)
    return {
        sku: _stock(found[sku], units=units, today=day) if sku in found else nothing
        for sku, units in units_by_sku.items()
    }


def _stock(found: Availability, *, units: Decimal, today: dt.date) -> Stock:
    back = found.earliest_date if found.earliest_date and found.earliest_date > today else None
    return Stock(
        available_units=found.available_units,
        is_there=found.available_units >= units,
        back_date=back or (found.told_date if found.way else None),
        may_wait=bool(found.way),
    )


def _goods(
    *, cart: CartRow, priced: PricedOrder, products: Mapping[str, ProductRow], moment: dt.datetime
) -> list[CartGoods]:
    gifts = [line.sku for line in priced.lines if line.sku not in products]
    known = dict(products) | list_products_by_sku(skus=gifts)
    wanted: dict[str, Decimal] = {}
    for line in priced.lines:
        wanted[line.sku] = wanted.get(line.sku, Decimal(0)) + line.units
    stock = list_stock(units_by_sku=wanted, cart_code=cart.code, moment=moment)
    parts = list_components(product_ids=[known[sku].id for sku in wanted])
    return [
        CartGoods(
            sku=line.sku,
            name=known[line.sku].name,
            units=line.units,
            is_sold_in_fractions=known[line.sku].is_sold_in_fractions,
            priced=line,
            stock=stock[line.sku],
            components=parts.get(known[line.sku].id, ()),
        )
        for line in priced.lines
    ]


def _seen(*, priced: PricedOrder, gone: Sequence[str], method: str) -> str:
    lines = [
        (line.line_key, line.sku, plain_decimal(number=line.units), line.list_minor, line.discount_minor)
        for line in priced.lines
    ]
    sums = (priced.currency, priced.discount_minor, priced.shipping_minor, priced.tax_added_minor, priced.total_minor)
    return fingerprint_of(values=(*lines, *sums, *gone, method))
