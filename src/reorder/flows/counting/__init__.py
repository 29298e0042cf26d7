"""Counting of bins: asked for, planned into days, counted blind, approved and booked."""

from reorder.flows.counting.asking import ask_count
from reorder.flows.counting.planning import plan_counts

__all__ = ["ask_count", "plan_counts"]
