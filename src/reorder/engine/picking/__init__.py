"""Walks and batches: the shortest way through the bins of a pick list, and the orders that share one."""

from reorder.engine.picking.batches import Batch, BatchPlan, plan_batches
from reorder.engine.picking.values import AisleLayout, BadBatching, BadLayout, Bin, Walk
from reorder.engine.picking.walk import plan_walk

__all__ = [
    "AisleLayout",
    "BadBatching",
    "BadLayout",
    "Batch",
    "BatchPlan",
    "Bin",
    "Walk",
    "plan_batches",
    "plan_walk",
]
