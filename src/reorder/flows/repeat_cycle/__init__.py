"""The customer reorders: who is reminded of what tonight, who is not and why, and withdrawing what is outdated."""

from reorder.flows.repeat_cycle.choosing import BadBudget, choose_budget
from reorder.flows.repeat_cycle.planning import PlannedReminders, plan_reminders
from reorder.flows.repeat_cycle.withdrawing import withdraw_outdated

__all__ = ["BadBudget", "PlannedReminders", "choose_budget", "plan_reminders", "withdraw_outdated"]
