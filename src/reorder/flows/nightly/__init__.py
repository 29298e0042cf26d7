"""The night: from new facts to tonight's decisions, once, in order, each step recorded and resumable."""

from reorder.flows.nightly.run import NightReport, run_night, run_night_when_due

__all__ = ["NightReport", "run_night", "run_night_when_due"]
