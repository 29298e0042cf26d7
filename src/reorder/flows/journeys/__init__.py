"""Journeys on their way: facts let people in, steps go on when their moment has come, and what ends a way ends it."""

from reorder.flows.journeys.due_goods import attach_handed_cycles
from reorder.flows.journeys.forgetting import forget_ways
from reorder.flows.journeys.looking import Found, look_daily, look_for_facts
from reorder.flows.journeys.stepping import Stepped, take_facts_and_step
from reorder.flows.journeys.switching import (
    OnChange,
    leave_all,
    leave_on,
    pause,
    resume,
    switch_off,
    switch_on,
    take_out,
)

__all__ = [
    "Found",
    "OnChange",
    "Stepped",
    "attach_handed_cycles",
    "forget_ways",
    "leave_all",
    "leave_on",
    "look_daily",
    "look_for_facts",
    "pause",
    "resume",
    "switch_off",
    "switch_on",
    "take_facts_and_step",
    "take_out",
]
