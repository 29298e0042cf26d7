"""Past nights taken again on the shop's own data, with nothing known of what came after; judged by what then came."""

from reorder.flows.replay.figures import FutureSeen
from reorder.flows.replay.report import ReplayReport
from reorder.flows.replay.running import BadReplayDays, run_replay

__all__ = ["BadReplayDays", "FutureSeen", "ReplayReport", "run_replay"]
