"""Proof of effect: what marketing earned against people who were held out, what can be seen, who is held out."""

from reorder.flows.effects.holdouts import choose_holdout
from reorder.flows.effects.measuring import Measured, ask_to_measure, measure, measure_when_asked
from reorder.flows.effects.power import WEEKS, Power, show_power
from reorder.flows.effects.weighing import adopt_weights

__all__ = [
    "WEEKS",
    "Measured",
    "Power",
    "adopt_weights",
    "ask_to_measure",
    "choose_holdout",
    "measure",
    "measure_when_asked",
    "show_power",
]
