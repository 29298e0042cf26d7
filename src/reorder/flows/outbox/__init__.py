"""Sending what is due, at most once each: the claim is committed before the channel is asked."""

from reorder.flows.outbox.contacts import find_customers, unsubscribe_customer
from reorder.flows.outbox.deciding import (
    approve_messages,
    resolve_as_sent,
    send_again,
    send_messages_now,
    stop_messages,
    stop_messages_of_customer,
    take_approval_back,
    undo_stops,
)
from reorder.flows.outbox.posting import NewPost, plan_post, post_again, send_due_posts, stop_post
from reorder.flows.outbox.sending import SendCounts, send_due_messages

__all__ = [
    "NewPost",
    "SendCounts",
    "approve_messages",
    "find_customers",
    "plan_post",
    "post_again",
    "resolve_as_sent",
    "send_again",
    "send_due_messages",
    "send_due_posts",
    "send_messages_now",
    "stop_messages",
    "stop_messages_of_customer",
    "stop_post",
    "take_approval_back",
    "undo_stops",
    "unsubscribe_customer",
]
