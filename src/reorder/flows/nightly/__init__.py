"""The night: from new facts to tonight's decisions, once, in order, each step recorded and resumable."""

from reorder.flows.nightly.run import (
    KIND,
    NightReport,
    ask_for_night,
    is_night_running,
    run_asked_night,
    run_night,
    run_night_when_due,
)

__all__ = [
    "KIND",
    "NightReport",
    "ask_for_night",
    "is_night_running",
    "run_asked_night",
    "run_night",
    "run_night_when_due",
]
