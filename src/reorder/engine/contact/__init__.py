"""Who gets which message when, by which channel, with which offer, and why; or why not."""

from reorder.engine.contact.assigning import is_held_out
from reorder.engine.contact.deciding import decide
from reorder.engine.contact.lifts import Lifts
from reorder.engine.contact.many import decide_many
from reorder.engine.contact.rechecking import Rechecked, recheck
from reorder.engine.contact.slots import find_blocked, is_quiet, list_slots, waking_from
from reorder.engine.contact.values import (
    CHECKS,
    MARKETING,
    PASSING_CAUSES,
    Cap,
    Check,
    Contact,
    Decision,
    Holdout,
    Moved,
    Offer,
    Outcome,
    Pause,
    Person,
    Reach,
    Rules,
    Shelf,
    Wanted,
)

__all__ = [
    "CHECKS",
    "MARKETING",
    "PASSING_CAUSES",
    "Cap",
    "Check",
    "Contact",
    "Decision",
    "Holdout",
    "Lifts",
    "Moved",
    "Offer",
    "Outcome",
    "Pause",
    "Person",
    "Reach",
    "Rechecked",
    "Rules",
    "Shelf",
    "Wanted",
    "decide",
    "decide_many",
    "find_blocked",
    "is_held_out",
    "is_quiet",
    "list_slots",
    "recheck",
    "waking_from",
]
