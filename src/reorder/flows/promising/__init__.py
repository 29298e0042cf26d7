"""What customers are told they can have: carts that hold stock, what is available by when, and goods waited for."""

from reorder.flows.promising.availability import availability
from reorder.flows.promising.filling import fill_backorders
from reorder.flows.promising.holding import (
    CartLine,
    HeldCart,
    HeldGoods,
    ShortGoods,
    hold_cart,
    release_cart,
    sweep_holds,
)

__all__ = [
    "CartLine",
    "HeldCart",
    "HeldGoods",
    "ShortGoods",
    "availability",
    "fill_backorders",
    "hold_cart",
    "release_cart",
    "sweep_holds",
]
