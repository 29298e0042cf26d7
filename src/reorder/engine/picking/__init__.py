"""Walks: the shortest way through the bins of a pick list."""

from reorder.engine.picking.values import AisleLayout, BadLayout, Bin, Walk
from reorder.engine.picking.walk import plan_walk

__all__ = ["AisleLayout", "BadLayout", "Bin", "Walk", "plan_walk"]
