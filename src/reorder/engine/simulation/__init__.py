"""Days replayed against decisions: what stock would have done under given targets; the only part that uses others."""

from reorder.engine.simulation.shelves import ShelfRun, walk_shelves

__all__ = ["ShelfRun", "walk_shelves"]
