"""What customers are told they can have: carts that hold stock, what is available by when, and goods waited for."""

from reorder.flows.promising.availability import availability
from reorder.flows.promising.deciding import (
    drop_fresh_days,
    drop_general_fresh_days,
    keep_no_longer,
    keep_units,
    set_fresh_days,
    set_general_fresh_days,
    set_selling_terms,
)
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
    "drop_fresh_days",
    "drop_general_fresh_days",
    "fill_backorders",
    "hold_cart",
    "keep_no_longer",
    "keep_units",
    "release_cart",
    "set_fresh_days",
    "set_general_fresh_days",
    "set_selling_terms",
    "sweep_holds",
]
