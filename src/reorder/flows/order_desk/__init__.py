"""What the order desk does that needs several rooms at once: writing a payment down, printing, orders by hand."""

from reorder.flows.order_desk.acting import (
    ReleasedMany,
    cancel,
    correct_address,
    hold,
    merge_into,
    note,
    numbers_of,
    record_short_pick,
    release,
    release_anyway,
    ship_what_is_there,
    split_off,
    unhold,
    unrelease,
)
from reorder.flows.order_desk.by_hand import HandLine, HandOrder, place_by_hand, price_by_hand
from reorder.flows.order_desk.packing import pack
from reorder.flows.order_desk.payments import record_payment
from reorder.flows.order_desk.printing import print_orders
from reorder.flows.order_desk.returning import accept_return, decline_return

__all__ = [
    "HandLine",
    "HandOrder",
    "ReleasedMany",
    "accept_return",
    "cancel",
    "correct_address",
    "decline_return",
    "hold",
    "merge_into",
    "note",
    "numbers_of",
    "pack",
    "place_by_hand",
    "price_by_hand",
    "print_orders",
    "record_payment",
    "record_short_pick",
    "release",
    "release_anyway",
    "ship_what_is_there",
    "split_off",
    "unhold",
    "unrelease",
]
