"""A cart becomes an order: what the customer saw, at the price that was shown, once; or nothing at all.

Everything stands in one transaction: the cart's lock, the price, the promise of stock, coupons, what is to be paid, and
the mail that confirms it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from reorder.domain.customers import carts, saved_addresses
from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.customers.carts import CartRow
from reorder.domain.customers.queries import get_customer
from reorder.domain.orders import life
from reorder.domain.orders.placing import EventRow
from reorder.domain.orders.price_uses import settle_rule_uses
from reorder.domain.payments.credit import get_balance
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import widened_transaction
from reorder.engine.pricing import PricedOrder
from reorder.flows import paying
from reorder.flows.fulfil.orders import OrderToPlace, PaymentGiven, Totals, lines_of_price
from reorder.flows.fulfil.placing import place_order
from reorder.flows.order_intake.orders import Buyer
from reorder.flows.order_mail import PORTAL_CHANNEL, mail_confirmation
from reorder.flows.portal.errors import CartChanged, CartGone, NotPayable
from reorder.flows.portal.seeing import Look, look_at_cart
from reorder.flows.pricing import details_of_price, uses_of_price
from reorder.kernel.origin import current_origin

# How customers pay here; what staff confirm by hand, or was paid in another shop, is not for them to choose.
WAYS_OF_PAYING: Final = ("bank_transfer", "cash_on_delivery")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The order that a cart became; `is_new`: False when it had become one before."""

    order_id: int
    is_new: bool


def list_ways() -> list[str]:
    """How a customer can pay in this shop."""
    offered = paying.list_ways_of_paying()
    return [code for code in WAYS_OF_PAYING if code in offered]


def actor_of(*, customer_id: int) -> Actor:
    """The customer as somebody who acts."""
    return Actor(name=f"customer:{customer_id}", abilities=frozenset())


def confirm_cart(
    *,
    customer_id: int,
    cart_code: str,
    seen: str,
    ship_to: ShippingAddress,
    ship_method: str,
    way_of_paying: str,
    uses_credit: bool,
    moment: dt.datetime,
) -> Confirmed:
    """Order what lies in the cart, at the price that the customer saw (`seen` of the look), once.

    Store credit pays first where it is wanted, the rest is paid by `way_of_paying`. Raises CartGone, CartChanged,
    NotPayable, GoodsShort, PriceRuleUsedUp, and what placing raises; then nothing was ordered and nothing is owed.
    """
    with widened_transaction():
        cart = carts.lock_cart_by_code(code=cart_code)
        if cart is None or cart.customer_id != customer_id:
            raise CartGone
        if cart.order_id is not None:
            return Confirmed(order_id=cart.order_id, is_new=False)
        look = look_at_cart(
            cart=cart,
            customer_id=customer_id,
            moment=moment,
            ship_method=ship_method,
            country=ship_to.country,
            postcode=ship_to.postcode,
        )
        priced = _agreed(look=look, seen=seen)
        credit_minor = _credit(customer_id=customer_id, priced=priced) if uses_credit else 0
        if credit_minor < priced.total_minor and way_of_paying not in list_ways():
            raise NotPayable
        order_id = _place(cart=cart, look=look, priced=priced, ship_to=ship_to, way=way_of_paying, moment=moment)
        _write_down_price(order_id=order_id, customer_id=customer_id, priced=priced, moment=moment)
        _ask_to_pay(order_id=order_id, priced=priced, credit_minor=credit_minor, way=way_of_paying, moment=moment)
        carts.close_cart(cart_id=cart.id, order_id=order_id, moment=moment)
        saved_addresses.save_address(customer_id=customer_id, address=ship_to, moment=moment)
        mail_confirmation(order_id=order_id, moment=moment)
    return Confirmed(order_id=order_id, is_new=True)


def _agreed(*, look: Look, seen: str) -> PricedOrder:
    """The price, if it is the one that was seen; coupons and goods count as much as sums."""
    if look.priced is None:
        raise CartGone
    if look.seen != seen or look.gone or not look.is_shippable:
        raise CartChanged
    return look.priced


def _credit(*, customer_id: int, priced: PricedOrder) -> int:
    return min(get_balance(customer_id=customer_id, currency=priced.currency), priced.total_minor)


def _place(
    *, cart: CartRow, look: Look, priced: PricedOrder, ship_to: ShippingAddress, way: str, moment: dt.datetime
) -> int:
    customer_id = cart.customer_id or 0
    payment: PaymentGiven = "cash_on_delivery" if way == "cash_on_delivery" else "unpaid"
    outcome = place_order(
        order=OrderToPlace(
            external_id=cart.code,
            ordered_at=moment,
            currency=priced.currency,
            buyer=Buyer(),
            customer_key=get_customer(customer_id=customer_id).key,
            lines=lines_of_price(priced=priced),
            ship_to=ship_to,
            payment=payment,
            ship_method=look.ship_method,
            totals=Totals.of_price(priced),
            cart_id=cart.code,
            if_short="refuse",
        ),
        channel=PORTAL_CHANNEL,
        actor=actor_of(customer_id=customer_id),
        moment=moment,
    )
    if outcome.order_id is None:
        raise RuntimeError("an order that was placed has no number")
    return outcome.order_id


def _write_down_price(*, order_id: int, customer_id: int, priced: PricedOrder, moment: dt.datetime) -> None:
    """Coupons are used up, and why everything costs what it does stays with the order."""
    settle_rule_uses(order_id=order_id, discounts_minor=uses_of_price(priced=priced), moment=moment)
    life.add_events(
        events=[
            EventRow(
                order_id=order_id,
                kind="priced",
                happened_at=moment,
                actor=actor_of(customer_id=customer_id).name,
                via=current_origin().via,
                details=details_of_price(priced=priced),
            )
        ]
    )


def _ask_to_pay(*, order_id: int, priced: PricedOrder, credit_minor: int, way: str, moment: dt.datetime) -> None:
    def ask(provider: str, key: str, amount_minor: int | None = None) -> None:
        paying.ask_payment(
            order_id=order_id, provider=provider, key=key, actor="portal", moment=moment, amount_minor=amount_minor
        )

    if credit_minor:
        ask("store_credit", f"portal-credit:{order_id}", credit_minor)
    if priced.total_minor > credit_minor:
        ask(way, f"portal:{order_id}")
    elif not credit_minor:
        # Nothing to pay: the order is told so, by a way that asks for nothing.
        ask("store_credit", f"portal:{order_id}")
