"""Alerts: what calls for somebody is found and kept up to date, put off by people, and told to those who listen."""

from reorder.flows.alerting.digests import Told, push_again, send_alerts
from reorder.flows.alerting.judging_marketing import BrokenGuard
from reorder.flows.alerting.raising import (
    raise_alerts,
    raise_for,
    raise_late_parcels,
    raise_ledger_fault,
    raise_privacy_requests,
    raise_unwelcome,
    raise_webhook_faults,
)
from reorder.flows.alerting.snoozing import snooze, wake

__all__ = [
    "BrokenGuard",
    "Told",
    "push_again",
    "raise_alerts",
    "raise_for",
    "raise_late_parcels",
    "raise_ledger_fault",
    "raise_privacy_requests",
    "raise_unwelcome",
    "raise_webhook_faults",
    "send_alerts",
    "snooze",
    "wake",
]
