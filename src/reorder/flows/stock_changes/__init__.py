"""Stock that somebody counted or corrected: moves with a reason, and marks so that plans are drawn again."""

from reorder.flows.stock_changes.changing import (
    Adjustment,
    Changed,
    CountedLine,
    adjust_stock,
    count_stock,
    undo_move,
)

__all__ = ["Adjustment", "Changed", "CountedLine", "adjust_stock", "count_stock", "undo_move"]
