"""Telling other systems what happens here: facts commit with their messages, a job delivers them.

`announce_order` and `announce` are called in the transaction of a fact; everything else is for pages, API, terminal
and jobs.
"""

from reorder.flows.webhooks.alarming import host_of
from reorder.flows.webhooks.faults import say_fault
from reorder.flows.webhooks.kinds import KINDS, ORDER_KINDS, RETURN_KINDS, TEST, UnknownKind
from reorder.flows.webhooks.managing import (
    LONGEST_OVERLAP_HOURS,
    EndpointForm,
    add_endpoint,
    change_endpoint,
    forget_webhooks,
    pause_endpoint,
    remove_endpoint,
    replay_delivery,
    replay_span,
    resume_endpoint,
    reveal_secret,
    rotate_secret,
    send_test,
)
from reorder.flows.webhooks.sending import SendCounts, request_headers, send_due_webhooks
from reorder.flows.webhooks.telling import OrderFact, announce, announce_low_stock, announce_order, announce_orders

__all__ = [
    "KINDS",
    "LONGEST_OVERLAP_HOURS",
    "ORDER_KINDS",
    "RETURN_KINDS",
    "TEST",
    "EndpointForm",
    "OrderFact",
    "SendCounts",
    "UnknownKind",
    "add_endpoint",
    "announce",
    "announce_low_stock",
    "announce_order",
    "announce_orders",
    "change_endpoint",
    "forget_webhooks",
    "host_of",
    "pause_endpoint",
    "remove_endpoint",
    "replay_delivery",
    "replay_span",
    "request_headers",
    "resume_endpoint",
    "reveal_secret",
    "rotate_secret",
    "say_fault",
    "send_due_webhooks",
    "send_test",
]
