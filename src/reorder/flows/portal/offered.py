"""The one-tap cart of a message: its goods and its coupon come into the cart of whoever taps, once, however often."""

import datetime as dt
from collections.abc import Mapping

from reorder.domain.customers.portal import SessionRow
from reorder.flows.content.following import note_cart
from reorder.flows.portal.afterwards import Put
from reorder.flows.portal.errors import BadCoupon
from reorder.flows.portal.filling import add_coupon, fill_up, list_sold_skus
from reorder.flows.shop_links import CartOffer
from reorder.kernel.quantity import plain_decimal


def take_offer(*, session: SessionRow, offer: CartOffer, names: Mapping[str, str], moment: dt.datetime) -> Put:
    """Put what of a link can be bought into the cart, with its coupon; what cannot be is named.

    The cart is remembered as the message's, so that the order it becomes is known to come from it.
    """
    sold = list_sold_skus(skus=list(offer.lines))
    wanted = {sku: plain_decimal(number=units) for sku, units in offer.lines.items() if sku in sold}
    if wanted:
        cart = fill_up(session=session, units_by_sku=wanted, moment=moment)
        if offer.coupon_code:
            _add_coupon(session=session, code=offer.coupon_code, moment=moment)
        if offer.message_id is not None:
            note_cart(message_id=offer.message_id, cart_code=cart.code, moment=moment)
    return Put(put_count=len(wanted), gone=tuple(names.get(sku, sku) for sku in offer.lines if sku not in sold))


def _add_coupon(*, session: SessionRow, code: str, moment: dt.datetime) -> None:
    try:
        add_coupon(session=session, code=code, moment=moment)
    except BadCoupon:
        # The cart holds five already: the goods matter more.
        return
