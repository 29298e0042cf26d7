"""Takes in what people do besides buying: batches of shops, and calls of browsers, apps and servers as they happen."""

from reorder.flows.event_intake.draining import drain_events
from reorder.flows.event_intake.receiving import LARGEST_BODY, Knock, Taken, count_refused_today, take_calls, take_ga4
from reorder.flows.event_intake.sources import (
    SourceForm,
    TriedAddress,
    add_source,
    change_source,
    renew_secret,
    switch_source_off,
    switch_source_on,
    try_address,
)
from reorder.flows.event_intake.taking import EventOutcome, IncomingEvent, take_events

__all__ = [
    "LARGEST_BODY",
    "EventOutcome",
    "IncomingEvent",
    "Knock",
    "SourceForm",
    "Taken",
    "TriedAddress",
    "add_source",
    "change_source",
    "count_refused_today",
    "drain_events",
    "renew_secret",
    "switch_source_off",
    "switch_source_on",
    "take_calls",
    "take_events",
    "take_ga4",
    "try_address",
]
