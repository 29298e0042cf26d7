"""What a message of a journey is expected to earn: extra orders that it brings × what such an order leaves. Pure.

Whoever may get only some of several messages gets those that are worth most, so messages of different journeys must be
worth something on one scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# Extra orders of one message by what let its reader in, until the shop's own comparison says better: cautious, from
# what shops publish about such messages, less what would have been ordered anyway.
PRIOR_SHARES: Final[Mapping[str, float]] = {
    "due": 0.05,
    "back_in_stock": 0.05,
    "cart_left": 0.04,
    "checkout_begun": 0.04,
    "carted": 0.03,
    "price_dropped": 0.03,
    "trial_started": 0.03,
    "trial_ending": 0.03,
    "points_expiring": 0.03,
    "birthday": 0.02,
    "joined": 0.02,
    "clicked": 0.02,
    "subscription_suited": 0.02,
    "first_order": 0.015,
    "ordered": 0.005,
    "order_cancelled": 0.005,
    "found_nothing": 0.005,
    "left_segment": 0.005,
    "delivered": 0.003,
    "shipped": 0.002,
    "parcel_late": 0.002,
    "return_settled": 0.002,
}
USUAL_SHARE: Final = 0.01
# Whoever orders after these takes all goods that the message is about; after others one of them.
TOGETHER: Final = frozenset({"due", "cart_left", "checkout_begun"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """Extra orders of one message as the comparison with the held out bounds them; endless where nobody can tell."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ExtraOrders:
    """Extra orders of one message, and whether they were measured rather than assumed."""

    share: float
    is_measured: bool


def extra_orders(*, kind: str, bounds: Bounds | None) -> ExtraOrders:
    """What such messages usually bring, as far as the shop's own comparison leaves that open; never less than none."""
    prior = PRIOR_SHARES.get(kind, USUAL_SHARE)
    if bounds is None or bounds.low <= prior <= bounds.high:
        return ExtraOrders(prior, is_measured=False)
    return ExtraOrders(max(min(max(prior, bounds.low), bounds.high), 0.0), is_measured=True)


def order_margin(*, kind: str, goods_minor: list[float], usual_minor: float) -> float:
    """What one order leaves: the margins of the goods that it is about, or of the customer's usual order."""
    if not goods_minor:
        return max(usual_minor, 0.0)
    whole = sum(goods_minor)
    return max(whole if kind in TOGETHER else whole / len(goods_minor), 0.0)
