"""Walks and batches: the shortest way through the bins of a pick list, from which bins, and orders that share one."""

from reorder.engine.picking.batches import Batch, BatchPlan, plan_batches
from reorder.engine.picking.choosing import BinChoice, BinStock, Take, choose_bins
from reorder.engine.picking.values import (
    AisleLayout,
    BadBatching,
    BadLayout,
    Bin,
    GraphLayout,
    Layout,
    NotEnoughInBins,
    NoWay,
    Walk,
)
from reorder.engine.picking.walk import plan_walk, trace_walk

__all__ = [
    "AisleLayout",
    "BadBatching",
    "BadLayout",
    "Batch",
    "BatchPlan",
    "Bin",
    "BinChoice",
    "BinStock",
    "GraphLayout",
    "Layout",
    "NoWay",
    "NotEnoughInBins",
    "Take",
    "Walk",
    "choose_bins",
    "plan_batches",
    "plan_walk",
    "trace_walk",
]
