"""Orders that we are to fulfil, as values. Pure."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from reorder.domain.customers.addresses import ShippingAddress
from reorder.engine.pricing import PricedOrder
from reorder.flows.order_intake.orders import Buyer

PaymentGiven = Literal["paid", "unpaid", "cash_on_delivery"]
IfShort = Literal["refuse", "wait"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToPlace:
    """Selling units of a product; amounts in minor units of the order's currency.

    `discount_minor` is the line's share of every discount, `unit_price_minor` the price before it.
    """

    sku: str
    units: Decimal
    unit_price_minor: int | None = None
    discount_minor: int = 0
    line_key: str | None = None


def lines_of_price(*, priced: PricedOrder) -> tuple[LineToPlace, ...]:
    """The lines that our own rules priced, gifts with them."""
    return tuple(
        LineToPlace(
            sku=line.sku,
            units=line.units,
            unit_price_minor=line.unit_price_minor,
            discount_minor=line.discount_minor,
            line_key=line.line_key,
        )
        for line in priced.lines
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """total = goods − discount + shipping + tax added; tax that prices include is told beside."""

    goods_minor: int
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_added_minor: int = 0
    tax_included_minor: int = 0
    total_minor: int

    @classmethod
    def of_price(cls, priced: PricedOrder) -> "Totals":
        """The amounts that our own rules made."""
        return cls(
            goods_minor=priced.goods_minor,
            discount_minor=priced.discount_minor,
            shipping_minor=priced.shipping_minor,
            tax_added_minor=priced.tax_added_minor,
            tax_included_minor=priced.tax_included_minor,
            total_minor=priced.total_minor,
        )

    @property
    def reconciles(self) -> bool:
        """Whether the sum is right."""
        return self.total_minor == (self.goods_minor - self.discount_minor + self.shipping_minor + self.tax_added_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderToPlace:
    """An order of a channel, whole. `cart_id` names the cart whose holds it takes over.

    `if_short`: an order that stock does not cover is refused, or it waits for goods (the customer has bought already).
    `customer_key` is the whole key of somebody who is a customer already, whatever `buyer` says.
    Without `totals` they are computed from the lines. `place_code` asks for one place and no other.
    """

    external_id: str
    ordered_at: dt.datetime
    currency: str
    buyer: Buyer
    lines: tuple[LineToPlace, ...]
    ship_to: ShippingAddress | None = None
    payment: PaymentGiven = "paid"
    ship_method: str = ""
    not_before_date: dt.date | None = None
    totals: Totals | None = None
    cart_id: str = ""
    if_short: IfShort = "refuse"
    customer_key: str = ""

    @property
    def content_hash(self) -> str:
        """Equal for the same order sent again, however it is formatted."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "cart_id"}
        if not self.customer_key:
            plain.pop("customer_key")
        text = json.dumps(plain, default=_plain, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def summed(self) -> Totals:
        """The totals as given, else the sum of the lines."""
        if self.totals is not None:
            return self.totals
        goods = sum(_amount(line) for line in self.lines)
        discount = sum(line.discount_minor for line in self.lines)
        return Totals(goods_minor=goods, discount_minor=discount, total_minor=goods - discount)


def _amount(line: LineToPlace) -> int:
    """Half a minor unit of a fraction rounds to even, as money is rounded elsewhere."""
    return round((line.unit_price_minor or 0) * line.units)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    # Not `asdict`: it copies every value deeply.
    return {name: getattr(value, name) for name in value.__slots__} if hasattr(value, "__slots__") else str(value)
