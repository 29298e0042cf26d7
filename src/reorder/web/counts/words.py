"""Causes and outcomes of counts as people read them."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CAUSE_WORDS: Final[dict[str, Promise]] = {
    "cycle": _("cycle count"),
    "zero": _("bin should be empty"),
    "short": _("short pick"),
    "asked": _("asked for"),
    "follow": _("stock was corrected"),
}
OUTCOME_WORDS: Final[dict[str, Promise]] = {
    "": _("not counted"),
    "exact": _("exact"),
    "booked": _("difference booked"),
    "misplaced": _("stood in another bin"),
    "put_away": _("put away without a scan"),
    "large": _("large difference"),
    "promised": _("less than is promised"),
    "rejected": _("count rejected"),
}
STATE_WORDS: Final[dict[str, Promise]] = {
    "open": _("to be counted"),
    "counting": _("being counted"),
    "counted": _("waits for approval"),
    "approved": _("approved"),
    "rejected": _("rejected"),
    "cancelled": _("called off"),
}


def cause_word(cause: str) -> str:
    """Why a bin is counted."""
    return str(CAUSE_WORDS.get(cause, cause))


def outcome_word(outcome: str) -> str:
    """What a count came to, or what it waits for."""
    return str(OUTCOME_WORDS.get(outcome, outcome))


def state_word(state: str) -> str:
    """How far a count is."""
    return str(STATE_WORDS.get(state, state))
