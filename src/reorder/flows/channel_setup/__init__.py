"""Accounts by which messages leave, what their providers tell, and how people tie themselves to a channel."""

from reorder.flows.channel_setup.browsers import subscribe_browser, unsubscribe_browser
from reorder.flows.channel_setup.forgetting import forget_strays
from reorder.flows.channel_setup.linking import line_link
from reorder.flows.channel_setup.managing import (
    add_account,
    browser_key,
    change_account,
    delete_account,
    rest_account,
    try_account,
    use_account,
    wake_way,
)
from reorder.flows.channel_setup.telling import CallbackTaken, take_callback
from reorder.flows.outbox.tools import callback_address

__all__ = [
    "CallbackTaken",
    "add_account",
    "browser_key",
    "callback_address",
    "change_account",
    "delete_account",
    "forget_strays",
    "line_link",
    "rest_account",
    "subscribe_browser",
    "take_callback",
    "try_account",
    "unsubscribe_browser",
    "use_account",
    "wake_way",
]
