"""Takes in what people do besides buying: batches of shops, and calls of browsers, apps and servers as they happen."""

from reorder.flows.event_intake.draining import drain_events
from reorder.flows.event_intake.receiving import LARGEST_BODY, Knock, Taken, take_calls, take_ga4
from reorder.flows.event_intake.sources import (
    SourceForm,
    add_source,
    change_source,
    renew_secret,
    switch_source_off,
    switch_source_on,
)
from reorder.flows.event_intake.taking import EventOutcome, IncomingEvent, take_events

__all__ = [
    "LARGEST_BODY",
    "EventOutcome",
    "IncomingEvent",
    "Knock",
    "SourceForm",
    "Taken",
    "add_source",
    "change_source",
    "drain_events",
    "renew_secret",
    "switch_source_off",
    "switch_source_on",
    "take_calls",
    "take_events",
    "take_ga4",
]
