"""Sending what is due, at most once each: the claim is committed before the channel is asked."""

from reorder.flows.outbox.contacts import find_customers, unsubscribe_customer
from reorder.flows.outbox.sending import SendCounts, send_due_messages

__all__ = ["SendCounts", "find_customers", "send_due_messages", "unsubscribe_customer"]
