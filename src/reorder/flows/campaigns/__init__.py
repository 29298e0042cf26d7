"""Campaigns: expected before they go, in the demand plan before they are sent, decided about person by person."""

from reorder.flows.campaigns.deciding import approve, cancel, change, create, schedule, submit, take_back
from reorder.flows.campaigns.expecting import Expectation, ExpectedGoods, expect
from reorder.flows.campaigns.sending import send_campaigns

__all__ = [
    "Expectation",
    "ExpectedGoods",
    "approve",
    "cancel",
    "change",
    "create",
    "expect",
    "schedule",
    "send_campaigns",
    "submit",
    "take_back",
]
