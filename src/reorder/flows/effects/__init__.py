"""Proof of effect: what marketing earned against people who were held out, what can be seen, who is held out."""

from reorder.flows.effects.measuring import Measured, measure

__all__ = ["Measured", "measure"]
