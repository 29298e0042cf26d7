"""What sources of messages, outcomes, checks and verdicts are called."""

from collections.abc import Mapping
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.flows.journeys.ready_made import READY_MADE
from reorder.insights.source_names import SourceName
from reorder.web.marketing.journeys.words import name_of as name_of_journey

KINDS: Final[Mapping[str, Promise]] = {
    "": gettext_lazy("Reminders of the night"),
    "reminder": gettext_lazy("Reminders of the night"),
    "journey": gettext_lazy("Journey"),
    "campaign": gettext_lazy("Campaign"),
    "order": gettext_lazy("Letter about an order"),
    "parcel": gettext_lazy("Parcel"),
}
OUTCOMES: Final[Mapping[str, Promise]] = {
    "planned": gettext_lazy("Planned"),
    "held_out": gettext_lazy("Kept back to measure"),
    "rescheduled": gettext_lazy("Waits for another day"),
    "held_for_stock": gettext_lazy("Waits for goods"),
    "suppressed": gettext_lazy("Not sent"),
}
CHECKS: Final[Mapping[str, Promise]] = {
    "consent": gettext_lazy("Consent and purpose"),
    "suppression": gettext_lazy("Address, age and topics"),
    "pause": gettext_lazy("Open parcel, return or complaint"),
    "stock": gettext_lazy("Stock"),
    "cap": gettext_lazy("Frequency cap"),
    "quiet_hours": gettext_lazy("Quiet hours"),
    "best_hour": gettext_lazy("Best hour"),
    "channel": gettext_lazy("Channel"),
    "offer": gettext_lazy("Offer"),
    "holdout": gettext_lazy("Holdout"),
}
EVENTS: Final[Mapping[str, Promise]] = {
    "delivered": gettext_lazy("it arrived"),
    "opened": gettext_lazy("opened it"),
    "clicked": gettext_lazy("followed a link"),
    "bounced": gettext_lazy("it came back"),
    "complained": gettext_lazy("called it spam"),
    "unsubscribed": gettext_lazy("wants no more"),
}
VERDICTS: Final[Mapping[str, Promise]] = {
    "passed": gettext_lazy("passed"),
    "changed": gettext_lazy("changed the message"),
    "waits": gettext_lazy("made it wait"),
    "failed": gettext_lazy("kept it back"),
}


Names = Mapping[tuple[str, str], SourceName]


def name_of(*, kind: str, key: str, names: Names) -> str:
    """A source as people call it."""
    said = str(KINDS.get(kind, kind))
    if not key or kind in {"", "reminder"}:
        return said
    found = names.get((kind, key), SourceName())
    made = READY_MADE.get(found.ready_made)
    name = name_of_journey(name=found.name, code=key, made_name=made.name if made else "")
    return _("{kind} {name}").format(kind=said, name=name)


def link_of(*, kind: str, key: str) -> str:
    """The page of a source; empty where it has none."""
    if kind == "journey" and key:
        return reverse("journeys:detail", args=[key])
    if kind == "campaign" and key:
        return reverse("campaigns:show", args=[key])
    return ""
