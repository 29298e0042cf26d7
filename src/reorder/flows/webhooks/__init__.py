"""Telling other systems what happens here: facts commit with their messages, a job delivers them.

`announce_order` and `announce` are called in the transaction of a fact; everything else is for pages, API, terminal
and jobs.
"""

from reorder.flows.webhooks.kinds import KINDS, ORDER_KINDS, UnknownKind
from reorder.flows.webhooks.telling import OrderFact, announce, announce_order, announce_orders

__all__ = [
    "KINDS",
    "ORDER_KINDS",
    "OrderFact",
    "UnknownKind",
    "announce",
    "announce_order",
    "announce_orders",
]
