"""Waves: parcels picked together before a cut-off; proposed, released with their orders, walked, picked by scan."""

from reorder.flows.waves.changing import assign_batch, cancel_wave, set_picking, split_wave
from reorder.flows.waves.picking import Picked, pick_lines
from reorder.flows.waves.printing import print_wave
from reorder.flows.waves.releasing import (
    WaveReleased,
    ask_release,
    make_wave,
    propose_waves,
    release_wave,
    run_release,
)
from reorder.flows.waves.shorts import Rewalked, short_lines

__all__ = [
    "Picked",
    "Rewalked",
    "WaveReleased",
    "ask_release",
    "assign_batch",
    "cancel_wave",
    "make_wave",
    "pick_lines",
    "print_wave",
    "propose_waves",
    "release_wave",
    "run_release",
    "set_picking",
    "short_lines",
    "split_wave",
]
