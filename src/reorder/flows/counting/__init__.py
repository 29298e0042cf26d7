"""Counting of bins: asked for, planned into days, counted blind, approved and booked."""

from reorder.flows.counting.asking import ask_count

__all__ = ["ask_count"]
