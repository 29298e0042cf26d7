"""Takes events in that a shop sends in batches: what known customers looked at, put in their cart, searched for."""

from reorder.flows.event_intake.taking import EventOutcome, IncomingEvent, take_events

__all__ = ["EventOutcome", "IncomingEvent", "take_events"]
