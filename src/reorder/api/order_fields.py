"""Orders as the API takes them, and how they become the values of flows.

Amounts come in whole units of the order's currency, at most as fine as it is paid: nothing is rounded that must add up.
"""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from reorder.api.fields import (
    TRIMMED,
    Amount,
    Channel,
    Currency,
    Day,
    Given,
    Key,
    Moment,
    ShortKey,
    Text,
    Units,
)
from reorder.domain.customers.addresses import ShippingAddress
from reorder.engine.pricing import spread
from reorder.flows.fulfil import LineToPlace, OrderToPlace, Totals
from reorder.flows.order_intake import Buyer, NewLine, NewOrder
from reorder.kernel.money import minor_digits

MOST_IN_BATCH: Final = 500
MOST_LINES: Final = 500
# Above this a sum of an order is a slip, and below it every sum fits the books.
_LARGEST_MINOR: Final = 10**15
# Beyond it a day is a slip of the pen, and the order would wait for ever.
_LATEST: Final = dt.timedelta(days=3 * 365)
_OF_REORDER: Final = ("ship_to", "payment", "shipping_method", "not_before", "totals", "cart_id", "if_short")
_OF_ELSEWHERE: Final = ("postcode", "is_cancelled")

_OURS: Final[dict[str, Any]] = {
    "external_id": "10023",
    "ordered_at": "2026-11-27T11:30:00+08:00",
    "currency": "TWD",
    "customer": {"key": "8841", "email": "mei@example.org", "name": "林美玲"},
    "lines": [{"sku": "OOLONG-150", "units": 2, "unit_price": 450}],
    "ship_to": {
        "name": "林美玲",
        "phone": "0912345678",
        "country": "TW",
        "postcode": "110",
        "region": "臺北市",
        "city": "信義區",
        "line1": "松仁路 1 號",
    },
    "payment": "unpaid",
    "totals": {"shipping": 60, "tax_included": "45.71", "total": 960},
}
_HISTORY: Final[dict[str, Any]] = {
    "external_id": "9001",
    "ordered_at": "2024-03-02T10:00:00+08:00",
    "currency": "TWD",
    "fulfilment": "elsewhere",
    "customer": {"key": "8841"},
    "lines": [{"sku": "OOLONG-150", "units": 1, "unit_price": 420}],
    "postcode": "110",
}
_MAIL: Final = r"[!-;=?A-~\u00a1-\u1fff\u2070-\u2fff\u3001-\ud7ff\uf900-\ufefe]"
Email = Annotated[str, StringConstraints(max_length=254, pattern=rf"^{_MAIL}{{1,64}}@{_MAIL}{{1,189}}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(examples=["TW"])]
Postcode = Annotated[str, StringConstraints(max_length=20, pattern=r"^[^\x00]*$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=TRIMMED)]
AddressText = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")]


class OrderCustomer(Given):
    """Who bought: by key, else by e-mail address, else a guest of this one order."""

    key: Key | None = Field(default=None, description="The shop's own id of this person.")
    email: Email | None = None
    name: Text | None = None
    accepts_marketing: bool | None = Field(
        default=None, description="What the person said at this order; leave it out when they said nothing."
    )
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}(-[A-Za-z]{2,4})?$")] | None = None
    country: Country | None = None


class ShipTo(Given):
    """Who receives it and where, in any script."""

    name: Name = Field(examples=["林美玲"])
    country: Country
    phone: Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")] = ""
    company: AddressText = ""
    postcode: Postcode = Field(default="", examples=["110"])
    region: AddressText = Field(default="", description="State, county, 縣市.", examples=["臺北市"])
    city: AddressText = Field(default="", description="City, district, 鄉鎮市區.", examples=["信義區"])
    line1: AddressText = Field(default="", examples=["松仁路 1 號"])
    line2: AddressText = ""
    store_code: Code = Field(default="", description="Convenience store where it is collected.")
    note: Text = Field(default="", description="For whoever delivers it.")


class OrderLineIn(Given):
    """One product of an order."""

    sku: Key
    units: Units
    unit_price: Amount | None = Field(
        default=None, description="Before discounts. It may be left out of an order that is fulfilled elsewhere only."
    )
    discount: Amount | None = Field(
        default=None, description="reorder: off the whole line, its share of every discount of the order."
    )
    place: Key | None = Field(default=None, description="elsewhere: code of the place that served it.")
    line_id: ShortKey | None = Field(default=None, description="The shop's own id of this line; else its position.")


class TotalsIn(Given):
    """What the customer was told: total = goods − discount + shipping + tax_added, to the last minor unit.

    Goods are the lines at their unit prices, and are not given.
    """

    discount: Amount | None = Field(
        default=None, description="The sum of the lines' discounts; where lines have none it is spread over them."
    )
    shipping: Amount = Decimal(0)
    tax_added: Amount = Field(default=Decimal(0), description="Tax on top of the prices.")
    tax_included: Amount = Field(default=Decimal(0), description="Tax that the prices hold already.")
    total: Amount


class OrderIn(Given):
    """One order, whole.

    With fulfilment `reorder` its stock is promised now and we route and ship it. With `elsewhere` it is history, or
    shipped by somebody else: it is recorded, and sent again with other content it is replaced.
    """

    external_id: Key = Field(description="The shop's own id of this order.")
    ordered_at: Moment
    currency: Currency
    customer: OrderCustomer
    lines: Annotated[list[OrderLineIn], Field(min_length=1, max_length=MOST_LINES)]
    fulfilment: Literal["reorder", "elsewhere"] = "reorder"
    ship_to: ShipTo | None = Field(default=None, description="reorder: where it goes.")
    payment: Literal["paid", "unpaid", "cash_on_delivery"] = Field(
        default="paid", description="reorder: one that is unpaid waits for POST /orders/{id}/payments."
    )
    shipping_method: Code = Field(default="", description="reorder: code of the shipping service that was chosen.")
    not_before: Day | None = Field(default=None, description="reorder: the day on which it may go out at the earliest.")
    totals: TotalsIn | None = Field(default=None, description="reorder: without it the lines are summed.")
    cart_id: ShortKey | None = Field(default=None, description="reorder: the cart whose holds it takes over.")
    if_short: Literal["refuse", "wait"] = Field(
        default="refuse", description="reorder: where stock does not cover it, refuse it, or take it to wait for goods."
    )
    postcode: Postcode | None = Field(default=None, description="elsewhere: where it went.")
    is_cancelled: bool = Field(default=False, description="elsewhere: it is no purchase any more.")

    @model_validator(mode="after")
    def _judge(self) -> Self:
        """Fields fit the way in which it is fulfilled, and amounts the currency."""
        if self.fulfilment == "elsewhere":
            self._refuse(names=_OF_REORDER, code="only_reorder", line_name="discount")
            return self
        self._refuse(names=_OF_ELSEWHERE, code="only_elsewhere", line_name="place")
        if self.not_before and self.not_before > self.ordered_at.date() + _LATEST:
            raise PydanticCustomError("not_before_too_late", "years ahead")
        self._refuse_amounts()
        return self

    def _refuse(self, *, names: tuple[str, ...], code: str, line_name: str) -> None:
        wrong = sorted(self.model_fields_set & set(names))
        wrong += ["lines." + line_name] if any(line_name in line.model_fields_set for line in self.lines) else []
        if wrong:
            raise PydanticCustomError(code, "of another fulfilment", {"names": ", ".join(wrong)})

    def _refuse_amounts(self) -> None:
        digits = minor_digits(currency=self.currency)
        amounts = [amount for line in self.lines for amount in (line.unit_price, line.discount)]
        if self.totals:
            amounts += [getattr(self.totals, name) for name in TotalsIn.model_fields]
        # Zeros at the end are no digits.
        if any(amount is not None and amount != round(amount, digits) for amount in amounts):
            raise PydanticCustomError("amount_too_fine", "finer than its currency", {"digits": digits})
        goods = Decimal(0)
        for position, line in enumerate(self.lines, start=1):
            if line.unit_price is None:
                raise PydanticCustomError("price_missing", "a line without its price", {"line": position})
            value = line.unit_price * line.units
            if (line.discount or 0) > value:
                raise PydanticCustomError("discount_above_line", "more off than there is", {"line": position})
            goods += value
        if goods.scaleb(digits) > _LARGEST_MINOR:
            raise PydanticCustomError("sum_too_large", "too much for one order")
        self._refuse_discounts(goods=goods)

    def _refuse_discounts(self, *, goods: Decimal) -> None:
        off = sum((line.discount or Decimal(0) for line in self.lines), Decimal(0))
        given = self.totals.discount if self.totals else None
        if given is not None and ((off and off != given) or given > goods):
            raise PydanticCustomError("discounts_differ", "not the sum of the lines")
        if self.totals and self.totals.tax_included > self.totals.total:
            raise PydanticCustomError("tax_above_total", "more tax than there is to pay")


class NewOrderBody(OrderIn):
    """One order of a channel."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_OURS, _HISTORY]})
    channel: Channel = "api"


class BatchBody(Given):
    """Orders of one channel; each is taken whole or refused, whatever becomes of the others."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"channel": "tea.example", "orders": [_OURS, _HISTORY]}]}
    )
    channel: Channel = "api"
    orders: Annotated[list[OrderIn], Field(min_length=1, max_length=MOST_IN_BATCH)]


def history_of(order: OrderIn) -> NewOrder:
    """An order that is fulfilled elsewhere."""
    return NewOrder(
        external_id=order.external_id,
        ordered_at=order.ordered_at,
        currency=order.currency,
        buyer=_buyer(order.customer),
        lines=tuple(
            NewLine(
                sku=line.sku,
                units=line.units,
                unit_price=line.unit_price,
                place_code=line.place,
                line_key=line.line_id,
            )
            for line in order.lines
        ),
        postcode=order.postcode,
        is_cancelled=order.is_cancelled,
    )


def placing_of(order: OrderIn) -> OrderToPlace:
    """An order that we fulfil."""
    plain = OrderToPlace(
        external_id=order.external_id,
        ordered_at=order.ordered_at,
        currency=order.currency,
        buyer=_buyer(order.customer),
        lines=tuple(
            LineToPlace(
                sku=line.sku,
                units=line.units,
                unit_price_minor=minor_of(amount=line.unit_price or Decimal(0), currency=order.currency),
                discount_minor=minor_of(amount=line.discount or Decimal(0), currency=order.currency),
                line_key=line.line_id,
            )
            for line in order.lines
        ),
        ship_to=address_of(order.ship_to) if order.ship_to else None,
        payment=order.payment,
        ship_method=order.shipping_method,
        not_before_date=order.not_before,
        cart_id=order.cart_id or "",
        if_short=order.if_short,
    )
    return _with_totals(order=plain, totals=order.totals) if order.totals else plain


def address_of(given: ShipTo) -> ShippingAddress:
    """Where a parcel goes."""
    return ShippingAddress(**given.model_dump())


def minor_of(*, amount: Decimal, currency: str) -> int:
    """An amount that is as fine as its currency at most, in minor units."""
    return int(amount.scaleb(minor_digits(currency=currency)))


def _with_totals(*, order: OrderToPlace, totals: TotalsIn) -> OrderToPlace:
    """The totals as given, the discount as shares of the lines."""

    def minor(amount: Decimal) -> int:
        return minor_of(amount=amount, currency=order.currency)

    summed = order.summed()
    discount_minor = summed.discount_minor if totals.discount is None else minor(totals.discount)
    given = Totals(
        goods_minor=summed.goods_minor,
        discount_minor=discount_minor,
        shipping_minor=minor(totals.shipping),
        tax_added_minor=minor(totals.tax_added),
        tax_included_minor=minor(totals.tax_included),
        total_minor=minor(totals.total),
    )
    if discount_minor == summed.discount_minor:
        return replace(order, totals=given)
    weights = [round((line.unit_price_minor or 0) * line.units) for line in order.lines]
    shares = spread(total_minor=discount_minor, weights=weights, step_minor=1)
    lines = tuple(replace(line, discount_minor=share) for line, share in zip(order.lines, shares, strict=True))
    return replace(order, lines=lines, totals=given)


def _buyer(given: OrderCustomer) -> Buyer:
    return Buyer(
        key=given.key,
        email=given.email,
        name=given.name,
        accepts_marketing=given.accepts_marketing,
        language=given.language,
        country=given.country,
    )
