"""Orders as the API shows them."""

import datetime as dt
from decimal import Decimal
from typing import Literal

from ninja import Schema
from pydantic import Field

from reorder.api.fields import ExactAmount, ExactUnits, amount_of
from reorder.domain.customers.addresses import ShippingAddress
from reorder.insights.api_orders import FulfilmentFacts, LineFacts, OrderFacts

Fulfilled = Literal["reorder", "elsewhere"]
OrderState = Literal[
    "draft", "placed", "allocated", "released", "picked", "packed", "shipped", "delivered", "cancelled"
]
FulfilmentState = Literal[
    "waiting", "allocated", "released", "picked", "packed", "shipped", "delivered", "cancelled"
]  # fmt: skip
PaymentState = Literal["none", "unpaid", "cash_on_delivery", "paid", "part_refunded", "refunded"]
HoldReason = Literal[
    "address", "awaiting_payment", "duplicate", "fraud", "manual", "out_of_stock", "requested_date"
]  # fmt: skip


class OrderLine(Schema):
    """One line as it stands in the books."""

    line_id: str
    sku: str
    product_name: str
    units: ExactUnits
    unit_price: ExactAmount | None
    discount: ExactAmount = Field(description="The line's share of all discounts of the order.")
    place: str = Field(
        description="Where the demand belongs, were stock without end; empty: no place yet. "
        "Which place sends it stands in fulfilments."
    )


class OrderBuyer(Schema):
    """Who bought."""

    id: int
    key: str


class ShipToAnswer(Schema):
    """Who receives it and where, as it was given."""

    name: str
    phone: str
    company: str
    country: str
    postcode: str
    region: str
    city: str
    line1: str
    line2: str
    store_code: str
    note: str


class OrderTotals(Schema):
    """In whole units of the order's currency: total = goods − discount + shipping + tax_added."""

    goods: ExactAmount
    discount: ExactAmount
    shipping: ExactAmount
    tax_added: ExactAmount
    tax_included: ExactAmount = Field(description="Tax that the prices hold already.")
    total: ExactAmount
    paid: ExactAmount
    refunded: ExactAmount


class FulfilmentLine(Schema):
    """Units of a product that the place sends; a bundle's line has one for each component."""

    line_id: str
    sku: str
    units: ExactUnits


class Fulfilment(Schema):
    """What one place does for an order."""

    id: int
    order_id: int
    place: str
    state: FulfilmentState
    service: str = Field(description="Code of the shipping service; empty where none is set up.")
    carrier: str
    tracking_number: str
    ship_by_at: dt.datetime | None
    shipped_at: dt.datetime | None
    delivered_at: dt.datetime | None
    lines: list[FulfilmentLine]


class FulfilmentPage(Schema):
    """A page of what places do, by number."""

    items: list[Fulfilment]
    next_cursor: str | None


class Order(Schema):
    """One order as it stands in the books."""

    id: int
    channel: str
    external_id: str
    fulfilment: Fulfilled = Field(description="Who promises, routes and ships it.")
    state: OrderState = Field(description="Of one elsewhere only placed and cancelled are known.")
    hold_reasons: list[str] = Field(description="Why the warehouse must wait with it; none: it need not.")
    payment_state: PaymentState
    ordered_at: dt.datetime
    currency: str
    customer: OrderBuyer
    postcode: str
    ship_to: ShipToAnswer | None
    shipping_method: str
    not_before: dt.date | None
    totals: OrderTotals | None = Field(description="null for one elsewhere.")
    recorded_at: dt.datetime
    lines: list[OrderLine]
    fulfilments: list[Fulfilment]


class OrderPage(Schema):
    """A page of orders, the newest first."""

    items: list[Order]
    next_cursor: str | None


class ChangedOrders(Schema):
    """Orders that something happened to since the cursor, each as it is now."""

    items: list[Order]
    next_cursor: str = Field(description="Ask with it again, now or later: what happens from here on is told then.")
    has_more: bool = Field(description="More has happened already.")


def show_order(facts: OrderFacts) -> Order:
    """An order with amounts in whole units of its currency."""
    return Order.model_construct(
        id=facts.id,
        channel=facts.channel,
        external_id=facts.external_id,
        fulfilment=facts.fulfilment,
        state=facts.state,
        hold_reasons=list(facts.hold_reasons),
        payment_state=facts.payment_state,
        ordered_at=facts.ordered_at,
        currency=facts.currency,
        customer=OrderBuyer(id=facts.customer_id, key=facts.customer_key),
        postcode=facts.ship_postcode,
        ship_to=show_address(facts.ship_to) if facts.ship_to else None,
        shipping_method=facts.ship_method,
        not_before=facts.not_before_date,
        totals=_totals(facts),
        recorded_at=facts.recorded_at,
        lines=[_line(line, currency=facts.currency) for line in facts.lines],
        fulfilments=[show_fulfilment(sent) for sent in facts.fulfilments],
    )


def show_address(address: ShippingAddress) -> ShipToAnswer:
    """Where it goes."""
    return ShipToAnswer(**{name: getattr(address, name) for name in ShipToAnswer.model_fields})


def show_fulfilment(facts: FulfilmentFacts) -> Fulfilment:
    """What a place does about an order."""
    return Fulfilment.model_construct(
        id=facts.id,
        order_id=facts.order_id,
        place=facts.place_code,
        state=facts.state,
        service=facts.service_code,
        carrier=facts.carrier,
        tracking_number=facts.tracking_number,
        ship_by_at=facts.ship_by_at,
        shipped_at=facts.shipped_at,
        delivered_at=facts.delivered_at,
        lines=[
            FulfilmentLine.model_construct(line_id=line.line_key, sku=line.sku, units=line.units)
            for line in facts.lines
        ],
    )


def _line(line: LineFacts, *, currency: str) -> OrderLine:
    price = line.unit_price_minor
    return OrderLine.model_construct(
        line_id=line.line_key,
        sku=line.sku,
        product_name=line.product_name,
        units=line.units,
        unit_price=None if price is None else amount_of(minor=price, currency=currency),
        discount=amount_of(minor=line.discount_minor, currency=currency),
        place=line.place_code,
    )


def _totals(facts: OrderFacts) -> OrderTotals | None:
    if facts.goods_minor is None or facts.total_minor is None:
        return None

    def amount(minor: int) -> Decimal:
        return amount_of(minor=minor, currency=facts.currency)

    return OrderTotals(
        goods=amount(facts.goods_minor),
        discount=amount(facts.discount_minor),
        shipping=amount(facts.shipping_minor),
        tax_added=amount(facts.tax_added_minor),
        tax_included=amount(facts.tax_included_minor),
        total=amount(facts.total_minor),
        paid=amount(facts.paid_minor),
        refunded=amount(facts.refunded_minor),
    )
