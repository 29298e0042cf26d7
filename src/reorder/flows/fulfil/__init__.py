"""Orders that we fulfil: taken and promised, routed, released, shipped, changed and cancelled."""

from reorder.flows.fulfil.cancelling import Cancelled, cancel_line, cancel_lines, cancel_order
from reorder.flows.fulfil.changes import KEEP, LineCut, LineToAdd, OrderChanges
from reorder.flows.fulfil.editing import OrderEdited, edit_order
from reorder.flows.fulfil.following import SYSTEM, Told
from reorder.flows.fulfil.holding import follow_waiting, hold_order, note_order, tag_order, unhold_order
from reorder.flows.fulfil.merging import Merged, merge_orders
from reorder.flows.fulfil.moving import (
    LeftBack,
    Released,
    StepDone,
    deliver_fulfilment,
    pack_fulfilment,
    pick_fulfilment,
    release_fulfilment,
    release_order,
    release_orders,
    ship_fulfilment,
    unpack_fulfilment,
    unpick_fulfilment,
    unrelease_fulfilment,
    unrelease_order,
)
from reorder.flows.fulfil.orders import LineToPlace, OrderToPlace, Totals
from reorder.flows.fulfil.placing import PlacedOutcome, place_order, place_orders
from reorder.flows.fulfil.shorts import ShortPicked, short_pick
from reorder.flows.fulfil.splitting import Split, split_order

__all__ = [
    "KEEP",
    "SYSTEM",
    "Cancelled",
    "LeftBack",
    "LineCut",
    "LineToAdd",
    "LineToPlace",
    "Merged",
    "OrderChanges",
    "OrderEdited",
    "OrderToPlace",
    "PlacedOutcome",
    "Released",
    "ShortPicked",
    "Split",
    "StepDone",
    "Told",
    "Totals",
    "cancel_line",
    "cancel_lines",
    "cancel_order",
    "deliver_fulfilment",
    "edit_order",
    "follow_waiting",
    "hold_order",
    "merge_orders",
    "note_order",
    "pack_fulfilment",
    "pick_fulfilment",
    "place_order",
    "place_orders",
    "release_fulfilment",
    "release_order",
    "release_orders",
    "ship_fulfilment",
    "short_pick",
    "split_order",
    "tag_order",
    "unhold_order",
    "unpack_fulfilment",
    "unpick_fulfilment",
    "unrelease_fulfilment",
    "unrelease_order",
]
