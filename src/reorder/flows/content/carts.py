"""The one-tap cart of a message: in another shop where the shop said so and knows the goods, else in our portal."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from reorder.domain.marketing.cart_ways import Target, find_target
from reorder.flows.shop_links import reorder_link


@dataclass(frozen=True, slots=True)
class CartWays:
    """Where carts lead, with what the other shop calls some goods."""

    target: Target | None

    def link(
        self,
        *,
        customer_id: int,
        lines: Mapping[str, Decimal],
        moment: dt.datetime,
        message_id: int | None = None,
        coupon_code: str = "",
    ) -> str:
        """The link for these goods (units by SKU); empty where no cart can be filled with them."""
        if not lines:
            return ""
        elsewhere = self.target.link(lines=lines, coupon_code=coupon_code) if self.target else ""
        if elsewhere or not settings.REORDER.portal:
            return elsewhere
        return reorder_link(
            customer_id=customer_id, lines=lines, moment=moment, message_id=message_id, coupon_code=coupon_code
        )


def open_cart_ways(*, skus: Collection[str]) -> CartWays:
    """Where carts with these goods lead."""
    return CartWays(target=find_target(skus=skus))
