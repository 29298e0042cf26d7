"""An order that staff wrote down for a customer: priced by the shop's rules and placed like every other order."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.orders.placing import find_known_orders
from reorder.domain.orders.price_uses import settle_rule_uses
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import widened_transaction
from reorder.engine.pricing import PricedOrder
from reorder.flows import fulfil, pricing
from reorder.flows.fulfil import OrderToPlace, PlacedOutcome, Totals
from reorder.flows.fulfil.holding import note_order
from reorder.flows.fulfil.orders import PaymentGiven, lines_of_price
from reorder.flows.order_intake import Buyer
from reorder.flows.pricing import CartLine

# Orders by hand are a channel of their own: their numbers never meet those of a shop system.
CHANNEL = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandLine:
    """Units of a product; a price that was agreed in minor units, None for the product's own."""

    sku: str
    units: Decimal
    unit_price_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOrder:
    """What was written down; `customer_key` names a customer who is known, else name and e-mail make a new one."""

    attempt: str
    lines: Sequence[HandLine]
    customer_id: int | None = None
    customer_key: str = ""
    name: str = ""
    email: str = ""
    ship_to: ShippingAddress | None = None
    coupon: str = ""
    method: str = ""
    payment: PaymentGiven = "unpaid"
    not_before_date: dt.date | None = None
    waits: bool = False
    note: str = ""


def price_by_hand(*, order: HandOrder, moment: dt.datetime) -> PricedOrder:
    """What it costs, explained. Raises what `pricing.price_cart` raises."""
    return pricing.price_cart(
        channel=CHANNEL,
        customer_id=order.customer_id,
        lines=[
            CartLine(sku=line.sku, units=line.units, unit_price_minor=line.unit_price_minor) for line in order.lines
        ],
        coupon_codes=[order.coupon] if order.coupon else [],
        shipping_method=order.method or None,
        country=order.ship_to.country if order.ship_to else "",
        postcode=order.ship_to.postcode if order.ship_to else "",
        moment=moment,
    )


def number_of(*, order: HandOrder, moment: dt.datetime) -> str:
    """What it will be called: the day, and a piece of the key that makes it count once."""
    return f"D{moment.astimezone(dt.UTC):%y%m%d}-{order.attempt[:12].upper()}"


def place_by_hand(*, order: HandOrder, actor: Actor, moment: dt.datetime) -> PlacedOutcome:
    """Price and place it; sent twice under one attempt it is one order.

    Raises what `price_by_hand` and `fulfil.place_order` raise, and PriceRuleUsedUp when a coupon ran out meanwhile.
    """
    with widened_transaction():
        number = number_of(order=order, moment=moment)
        known = find_known_orders(channel=CHANNEL, external_ids=[number]).get(number)
        if known is not None:
            return PlacedOutcome(external_id=number, outcome="unchanged", order_id=known.id, state=known.state)
        priced = price_by_hand(order=order, moment=moment)
        outcome = fulfil.place_order(
            order=_to_place(order=order, priced=priced, moment=moment), channel=CHANNEL, actor=actor, moment=moment
        )
        if outcome.outcome == "added" and outcome.order_id is not None:
            settle_rule_uses(
                order_id=outcome.order_id, discounts_minor=pricing.uses_of_price(priced=priced), moment=moment
            )
            if order.note.strip():
                note_order(order_id=outcome.order_id, note=order.note, actor=actor, moment=moment)
    return outcome


def _to_place(*, order: HandOrder, priced: PricedOrder, moment: dt.datetime) -> OrderToPlace:
    return OrderToPlace(
        external_id=number_of(order=order, moment=moment),
        ordered_at=moment,
        currency=settings.REORDER.currency,
        buyer=Buyer(email=order.email or None, name=order.name or None),
        customer_key=order.customer_key,
        lines=lines_of_price(priced=priced),
        ship_to=order.ship_to,
        payment=order.payment,
        ship_method=order.method,
        not_before_date=order.not_before_date,
        totals=Totals.of_price(priced),
        if_short="wait" if order.waits else "refuse",
    )
