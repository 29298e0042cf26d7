"""Short names of the reasons why a reminder was sent or kept back; the whole sentences stand in engine/reasons."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Words that filters show as they come from the database; listed for the catalogue.
WORD_TEMPLATES: Final = (
    "planned",
    "held out",
    "sending",
    "sent",
    "failed",
    "unknown",
    "stopped",
    "waiting for approval",
    "suppressed",
    "rescheduled",
    "held for stock",
    "marketing",
    "transactional",
    "supplier",
)
REASONS: Final[Mapping[str, Promise]] = {
    "reminder.planned": _("planned"),
    "reminder.held_out": _("kept back to measure"),
    "reminder.already_reminded": _("reminded already"),
    "reminder.better_day": _("a better day comes"),
    "reminder.beyond_budget": _("beyond the budget"),
    "reminder.bought_since": _("bought meanwhile"),
    "reminder.consent_withdrawn": _("consent withdrawn"),
    "reminder.held_for_delivery": _("out of stock, delivery expected"),
    "reminder.held_for_stock": _("out of stock"),
    "reminder.message_full": _("message full"),
    "reminder.no_address": _("no e-mail address"),
    "reminder.no_consent": _("never agreed"),
    "reminder.no_product": _("product no longer sold"),
    "reminder.not_worth_its_cost": _("not worth its cost"),
    "reminder.paused": _("marketing paused"),
    "reminder.paused_until": _("marketing paused for a time"),
    "reminder.too_soon": _("too soon after the purchase"),
    "reminder.weekly_cap": _("weekly limit reached"),
}
# What somebody did to a message, by the action that the audit trail keeps.
ACTIONS: Final[Mapping[str, Promise]] = {
    "messages.approve": _("approved"),
    "messages.take_approval_back": _("took the approval back"),
    "messages.stop": _("stopped it"),
    "messages.undo_stop": _("took the stop back"),
    "messages.send_now": _("had it sent at once"),
    "messages.resolve_as_sent": _("found that it had arrived"),
    "messages.send_again": _("had it sent again"),
}
