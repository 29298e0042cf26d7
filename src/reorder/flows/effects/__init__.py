"""Proof of effect: what marketing earned against people who were held out, what can be seen, who is held out."""

from reorder.flows.effects.holdouts import choose_holdout
from reorder.flows.effects.measuring import Measured, measure
from reorder.flows.effects.power import Power, show_power

__all__ = ["Measured", "Power", "choose_holdout", "measure", "show_power"]
