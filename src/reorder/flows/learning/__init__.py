"""The weekly learning: what many days teach at once, in a job of its own beside the nights."""

from reorder.flows.learning.run import KIND, is_learning_due, learn_when_due, run_learning

__all__ = ["KIND", "is_learning_due", "learn_when_due", "run_learning"]
