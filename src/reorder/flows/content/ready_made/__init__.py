"""Templates that come with the program, for all ready-made journeys, in both languages."""

from reorder.flows.content.ready_made.laying import READY_MADE, lay_down, ready_made_codes, say_name

__all__ = ["READY_MADE", "lay_down", "ready_made_codes", "say_name"]
