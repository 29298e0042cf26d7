"""What states, hours and outcomes of campaigns are called."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATES: Final[Mapping[str, Promise]] = {
    "draft": _("Draft"),
    "submitted": _("Waits for somebody else"),
    "scheduled": _("Goes at its hour"),
    "sending": _("On its way"),
    "sent": _("Everybody decided about"),
    "cancelled": _("Cancelled"),
}
TIMINGS: Final = (("best_hour", _("At each person's best hour")), ("at_once", _("As soon as waking hours allow")))
STOCK_RULES: Final = (
    ("drop", _("Leave them out")),
    ("hold", _("Wait until they come")),
    ("substitute", _("Name others instead")),
    ("ignore", _("Send all the same")),
)
CHANNELS: Final = (
    ("email", _("E-mail")),
    ("line", _("LINE")),
    ("sms", _("SMS")),
    ("web_push", _("Browser push")),
    ("app_push", _("App push")),
    ("chat", _("Chat")),
    ("webhook", _("Webhook")),
)
OUTCOMES: Final[Mapping[str, Promise]] = {
    "planned": _("get it"),
    "held_out": _("kept back to measure"),
    "rescheduled": _("wait for a freer day"),
    "held_for_stock": _("wait for goods"),
    "suppressed": _("get none"),
}
