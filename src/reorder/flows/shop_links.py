"""Links of mails that lead into the portal: signed, expiring, and without a word about anybody.

What they carry is readable to whoever holds them, so it is numbers and SKUs only; what they open shows no address and
no payment.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.core.signing import BadSignature, Signer

from reorder.kernel.errors import BadInput
from reorder.kernel.quantity import BadQuantity, parse_units, plain_decimal

ORDER_LINK_LASTS: Final = dt.timedelta(days=180)
CART_LINK_LASTS: Final = dt.timedelta(days=60)
_ORDER_SALT: Final = "shop.order"
_CART_SALT: Final = "shop.cart"
_MOST_LINES: Final = 30


class BadShopLink(BadInput):
    """Not one of ours, cut by a mail program, or too old."""

    code = "portal.bad_link"
    template = "This link does not work any more. It may be too old, or was cut by the mail program."


@dataclass(frozen=True, slots=True)
class CartOffer:
    """Goods that a link proposes, units by SKU, and whom it was made for.

    `message_id` is the message that carries the link (None: no message of ours), `coupon_code` what it gives.
    """

    customer_id: int
    lines: Mapping[str, Decimal]
    message_id: int | None = None
    coupon_code: str = ""


def shop_address() -> str:
    """Where the pages are, without a slash at the end."""
    options = settings.REORDER
    scheme = "https" if options.tls_cert is not None else "http"
    return options.public_url or f"{scheme}://{options.bind}"


def enter_link(*, secret: str) -> str:
    """The page that lets the reader of a mailbox in."""
    return f"{shop_address()}/shop/enter/{secret}/"


def sign_up_link(*, secret: str) -> str:
    """The page where the reader of a mailbox confirms that they want news."""
    return f"{shop_address()}/u/sign-up/{secret}/"


def order_link(*, order_id: int, moment: dt.datetime) -> str:
    """The page that tells how far one order is, for 180 days."""
    return f"{shop_address()}/shop/see/{_sign({'o': order_id}, salt=_ORDER_SALT, until=moment + ORDER_LINK_LASTS)}/"


def parcels_link(*, token: str) -> str:
    """The page that tells how far the parcels of an order are, for whoever has it."""
    return f"{shop_address()}/t/{token}/"


def read_order_link(*, mark: str, moment: dt.datetime) -> int:
    """The order of a link; raises BadShopLink."""
    found = _read(mark, salt=_ORDER_SALT, moment=moment).get("o")
    if not isinstance(found, int):
        raise BadShopLink
    return found


def cart_link(*, customer_id: int, lines: Mapping[str, Decimal], moment: dt.datetime) -> str:
    """The page that puts these goods (units by SKU, at most 30) into a cart by one tap, for 60 days."""
    return reorder_link(customer_id=customer_id, lines=lines, moment=moment)


def reorder_link(
    *,
    customer_id: int,
    lines: Mapping[str, Decimal],
    moment: dt.datetime,
    message_id: int | None = None,
    coupon_code: str = "",
) -> str:
    """The same from a message: what is bought then is known to come from it, and its coupon lies in the cart."""
    content: dict[str, object] = {"c": customer_id, "l": _pairs(lines)}
    content |= {"m": message_id} if message_id is not None else {}
    content |= {"k": coupon_code} if coupon_code else {}
    return f"{shop_address()}/shop/again/{_sign(content, salt=_CART_SALT, until=moment + CART_LINK_LASTS)}/"


def read_cart_link(*, mark: str, moment: dt.datetime) -> CartOffer:
    """What a link proposes; raises BadShopLink."""
    found = _read(mark, salt=_CART_SALT, moment=moment)
    pairs, customer_id = found.get("l"), found.get("c")
    if not isinstance(pairs, list) or not isinstance(customer_id, int):
        raise BadShopLink
    try:
        lines = {sku: parse_units(text=units) for sku, units in pairs}
    except (BadQuantity, ValueError, TypeError, AttributeError) as cause:
        raise BadShopLink from cause
    message_id, coupon = found.get("m"), found.get("k", "")
    return CartOffer(
        customer_id=customer_id,
        lines=lines,
        message_id=message_id if isinstance(message_id, int) else None,
        coupon_code=coupon if isinstance(coupon, str) else "",
    )


def _pairs(lines: Mapping[str, Decimal]) -> list[list[str]]:
    return [[sku, plain_decimal(number=units)] for sku, units in list(lines.items())[:_MOST_LINES]]


def _sign(content: dict[str, object], *, salt: str, until: dt.datetime) -> str:
    # The end is part of what is signed, in whole minutes, so that our own clock decides.
    signed = Signer(salt=salt).sign_object({**content, "u": int(until.timestamp()) // 60}, compress=True)
    return quote(signed, safe=":")


def _read(mark: str, *, salt: str, moment: dt.datetime) -> dict[str, object]:
    try:
        content = Signer(salt=salt).unsign_object(mark)
    except (BadSignature, ValueError, UnicodeError) as cause:
        raise BadShopLink from cause
    until = content.get("u") if isinstance(content, dict) else None
    if not isinstance(until, int) or until * 60 <= moment.timestamp():
        raise BadShopLink
    return dict(content)
