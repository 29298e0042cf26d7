"""The shop's own pages for its customers: coming in by mail, a cart, an order, and what comes after it."""

from reorder.flows.portal.afterwards import (
    RETURN_REASONS,
    Put,
    buy_again,
    call_return_off,
    cancel_own_order,
    change_own_facts,
    drop_own_address,
    keep_own_address,
    may_cancel,
    request_return,
    returnable_units,
    say_sent,
)
from reorder.flows.portal.confirming import Confirmed, confirm_cart, list_ways
from reorder.flows.portal.filling import add_coupon, add_goods, drop_coupon, hold_goods, set_units
from reorder.flows.portal.offered import take_offer
from reorder.flows.portal.seeing import CartGoods, Look, Stock, list_stock, look_at_cart
from reorder.flows.portal.visits import (
    SignedIn,
    ask_for_link,
    find_visit,
    forget_visits,
    open_visit,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from reorder.flows.shop_links import cart_link, order_link, read_cart_link, read_order_link

__all__ = [
    "RETURN_REASONS",
    "CartGoods",
    "Confirmed",
    "Look",
    "Put",
    "SignedIn",
    "Stock",
    "add_coupon",
    "add_goods",
    "ask_for_link",
    "buy_again",
    "call_return_off",
    "cancel_own_order",
    "cart_link",
    "change_own_facts",
    "confirm_cart",
    "drop_coupon",
    "drop_own_address",
    "find_visit",
    "forget_visits",
    "hold_goods",
    "keep_own_address",
    "list_stock",
    "list_ways",
    "look_at_cart",
    "may_cancel",
    "open_visit",
    "order_link",
    "read_cart_link",
    "read_order_link",
    "request_return",
    "returnable_units",
    "say_sent",
    "set_units",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "take_offer",
]
