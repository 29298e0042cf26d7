"""Filling a cart: every change is held under the cart's lock, and stock is held for what lies in it.

Holding is a courtesy, so a cart that stock does not cover keeps its goods, holds nothing new, and says so.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Final

from django.conf import settings

from reorder.domain.catalog.queries import ProductRow, list_products_by_sku
from reorder.domain.customers import carts
from reorder.domain.customers.carts import MOST_CART_LINES, CartRow
from reorder.domain.customers.portal import SessionRow
from reorder.domain.storage import one_transaction
from reorder.engine.pricing import normal_code
from reorder.flows.order_mail import PORTAL_CHANNEL
from reorder.flows.portal.errors import BadCoupon, BadUnits, CartFull, NotInShop
from reorder.flows.promising import CartLine, HeldCart, hold_cart, release_cart
from reorder.kernel.errors import BadInput
from reorder.kernel.quantity import plain_decimal

_MOST_UNITS: Final = Decimal(9_999)
_MOST_COUPONS: Final = 5
_COUPON: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,39}")


def add_goods(*, session: SessionRow, units_by_sku: Mapping[str, str], moment: dt.datetime) -> CartRow:
    """Put units of products beside what lies in the cart. Raises NotInShop, BadUnits, CartFull."""
    products = _sold(skus=list(units_by_sku))
    added = {sku: read_units(text=text, product=products[sku]) for sku, text in units_by_sku.items()}
    with one_transaction():
        cart = _lock(session=session, moment=moment)
        lines = dict(cart.lines)
        for sku, units in added.items():
            lines[sku] = min(lines.get(sku, Decimal(0)) + units, _MOST_UNITS)
        cart = _save(cart=cart, lines=lines, coupon_codes=cart.coupon_codes, moment=moment)
    return hold_goods(cart=cart, moment=moment)


def fill_up(*, session: SessionRow, units_by_sku: Mapping[str, str], moment: dt.datetime) -> CartRow:
    """See that so many units of products lie in the cart; the same again changes nothing.

    Raises NotInShop, BadUnits, CartFull.
    """
    products = _sold(skus=list(units_by_sku))
    wanted = {sku: read_units(text=text, product=products[sku]) for sku, text in units_by_sku.items()}
    with one_transaction():
        cart = _lock(session=session, moment=moment)
        lines = dict(cart.lines) | {sku: max(cart.lines.get(sku, Decimal(0)), units) for sku, units in wanted.items()}
        cart = _save(cart=cart, lines=lines, coupon_codes=cart.coupon_codes, moment=moment)
    return hold_goods(cart=cart, moment=moment)


def set_units(*, session: SessionRow, sku: str, units: str, moment: dt.datetime) -> CartRow:
    """So many units of a product from now on; none takes it out. Raises NotInShop, BadUnits, CartFull."""
    is_out = units.strip() in {"", "0"}
    wanted = Decimal(0) if is_out else read_units(text=units, product=_sold(skus=[sku])[sku])
    with one_transaction():
        cart = _lock(session=session, moment=moment)
        lines = {one: count for one, count in cart.lines.items() if not (is_out and one == sku)}
        if not is_out:
            lines[sku] = wanted
        cart = _save(cart=cart, lines=lines, coupon_codes=cart.coupon_codes, moment=moment)
    return hold_goods(cart=cart, moment=moment)


def add_coupon(*, session: SessionRow, code: str, moment: dt.datetime) -> CartRow:
    """Name a coupon; whether it gives anything is told with the price. Raises BadCoupon."""
    wanted = normal_code(text=code)
    if not _COUPON.fullmatch(wanted):
        raise BadCoupon(reason="a coupon has 2 to 40 letters, digits, hyphens and underscores")
    with one_transaction():
        cart = _lock(session=session, moment=moment)
        codes = [*(one for one in cart.coupon_codes if one != wanted), wanted]
        if len(codes) > _MOST_COUPONS:
            raise BadCoupon(reason="at most 5 coupons go together")
        return _save(cart=cart, lines=cart.lines, coupon_codes=codes, moment=moment)


def drop_coupon(*, session: SessionRow, code: str, moment: dt.datetime) -> CartRow:
    """Take a coupon out again."""
    with one_transaction():
        cart = _lock(session=session, moment=moment)
        codes = [one for one in cart.coupon_codes if one != normal_code(text=code)]
        return _save(cart=cart, lines=cart.lines, coupon_codes=codes, moment=moment)


def hold_goods(*, cart: CartRow, moment: dt.datetime) -> CartRow:
    """Hold stock for the cart from now on; a cart that does not fit holds nothing."""
    if not cart.lines:
        release_cart(cart_id=cart.code, channel=PORTAL_CHANNEL)
        return cart
    held = _try_to_hold(cart=cart, moment=moment)
    if held is None or held.expires_at is None:
        # What it held before was for other goods.
        release_cart(cart_id=cart.code, channel=PORTAL_CHANNEL)
    until = held.expires_at if held else None
    with one_transaction():
        # The moment only: another tab may have put something in since the cart was let go.
        carts.set_held_until(cart_id=cart.id, held_until=until, moment=moment)
    return replace(cart, held_until=until)


def read_units(*, text: str, product: ProductRow) -> Decimal:
    """A number of units as a customer writes it; raises BadUnits."""
    try:
        units = Decimal(text.strip())
    except InvalidOperation:
        units = Decimal(0)
    if not units.is_finite() or units <= 0 or units != units.quantize(Decimal("0.001")):
        raise BadUnits(units=text.strip()[:20], product=product.name, reason="it is not a number above zero")
    if units > _MOST_UNITS:
        raise BadUnits(units=text.strip()[:20], product=product.name, reason="more than 9,999 units")
    if units % 1 and not product.is_sold_in_fractions:
        raise BadUnits(units=plain_decimal(number=units), product=product.name, reason="it is sold in whole units")
    return units


def is_sold(product: ProductRow) -> bool:
    """Whether the portal sells it: still sold, with a price in the shop's currency."""
    return (
        product.state == "active" and product.price_minor is not None and product.currency == settings.REORDER.currency
    )


def list_sold_skus(*, skus: Sequence[str]) -> set[str]:
    """Those of the given SKUs that the portal sells."""
    products = list_products_by_sku(skus=[sku for sku in skus if "\x00" not in sku])
    return {sku for sku, product in products.items() if is_sold(product)}


def _try_to_hold(*, cart: CartRow, moment: dt.datetime) -> HeldCart | None:
    lines = [CartLine(sku=sku, units=units) for sku, units in cart.lines.items()]
    try:
        return hold_cart(cart_id=cart.code, channel=PORTAL_CHANNEL, lines=lines, moment=moment)
    except BadInput:
        # A product that went since: the cart's page says so.
        return None


def _sold(*, skus: Sequence[str]) -> dict[str, ProductRow]:
    products = list_products_by_sku(skus=[sku for sku in skus if "\x00" not in sku])
    for sku in skus:
        if sku not in products or not is_sold(products[sku]):
            raise NotInShop(sku=sku.replace("\x00", "�")[:60])
    return products


def _lock(*, session: SessionRow, moment: dt.datetime) -> CartRow:
    return carts.lock_cart(customer_id=session.customer_id, session_id=session.id, moment=moment)


def _save(*, cart: CartRow, lines: Mapping[str, Decimal], coupon_codes: Sequence[str], moment: dt.datetime) -> CartRow:
    if len(lines) > MOST_CART_LINES:
        raise CartFull(most=MOST_CART_LINES)
    carts.save_cart(cart_id=cart.id, lines=lines, coupon_codes=coupon_codes, held_until=cart.held_until, moment=moment)
    return replace(cart, lines=dict(lines), coupon_codes=tuple(coupon_codes))
