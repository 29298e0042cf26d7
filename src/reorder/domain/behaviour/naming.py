"""What other systems call events, and which kind each is here. Pure.

Segment's e-commerce specification, GA4's recommended events and Klaviyo's own names, however they are written:
`Product Viewed`, `view_item` and `Viewed Product` are one.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "view": ("product viewed", "view item", "viewed product"),
    "cart": ("product added", "add to cart", "added to cart", "wishlist product added to cart"),
    "cart_removed": ("product removed", "remove from cart", "removed from cart"),
    "cart_viewed": ("cart viewed", "view cart", "viewed cart"),
    "checkout": (
        "checkout started",
        "begin checkout",
        "started checkout",
        "checkout step viewed",
        "checkout step completed",
        "payment info entered",
        "add payment info",
        "add shipping info",
    ),
    "search": ("products searched", "search", "view search results", "searched site", "submitted search"),
    "list_viewed": ("product list viewed", "product list filtered", "view item list", "viewed collection"),
    # An answer to a promotion; one that only stood on the page is none.
    "promotion": ("promotion clicked", "select promotion", "coupon entered", "coupon applied"),
    "liked": ("product added to wishlist", "add to wishlist", "added to wishlist"),
    "unliked": ("product removed from wishlist", "remove from wishlist", "removed from wishlist"),
    "page": ("page view", "screen view", "viewed page", "active on site"),
    "engaged": ("user engagement", "page engaged"),
}
# Orders come from the shop itself, with lines and payments; what a browser says of them is not believed.
_ORDERS: Final = (
    "order completed",
    "order updated",
    "order refunded",
    "order cancelled",
    "purchase",
    "refund",
    "placed order",
    "ordered product",
    "fulfilled order",
    "cancelled order",
    "refunded order",
)
# Known, and nothing that is used: what they say is said by another event too.
_PASSED_OVER: Final = (
    "product clicked",
    "select item",
    "promotion viewed",
    "view promotion",
    "coupon denied",
    "coupon removed",
    "product shared",
    "cart shared",
    "product reviewed",
    "session start",
    "first visit",
    "scroll",
    "click",
    "application opened",
    "application installed",
    "application updated",
    "application backgrounded",
)
ORDER: Final = "order"
PASSED_OVER: Final = "passed_over"
_NAMES: Final[Mapping[str, str]] = (
    {name: kind for kind, names in _KINDS.items() for name in names}
    | dict.fromkeys(_ORDERS, ORDER)
    | dict.fromkeys(_PASSED_OVER, PASSED_OVER)
)


@lru_cache(maxsize=4096)
def kind_of_name(name: str) -> str:
    """The kind of an event by its name; ORDER, PASSED_OVER, or empty for a name that nobody knows."""
    return _NAMES.get(" ".join(name.lower().replace("_", " ").replace("-", " ").split()), "")
