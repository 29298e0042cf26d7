"""What returns, grades and dispositions are called, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_noop

from reorder.domain.warehouse.return_rule_book import GradeRow
from reorder.domain.warehouse.return_rules import DISPOSITION_REASON_TEMPLATES

STATE_TEMPLATES: Final[Mapping[str, str]] = {
    "requested": gettext_noop("To be answered"),
    "accepted": gettext_noop("Accepted"),
    "sent": gettext_noop("Label sent"),
    "under_way": gettext_noop("Under way"),
    "received": gettext_noop("To be graded"),
    "inspected": gettext_noop("To be settled"),
    "closed": gettext_noop("Done"),
    "declined": gettext_noop("Declined"),
    "cancelled": gettext_noop("Called off"),
    "expired": gettext_noop("Never came"),
}
TAB_TEMPLATES: Final[Mapping[str, str]] = {
    "decide": gettext_noop("To decide"),
    "grade": gettext_noop("To grade"),
    "awaited": gettext_noop("Awaited"),
    "closed": gettext_noop("Done"),
    "given_up": gettext_noop("Given up"),
    "all": gettext_noop("All"),
}
REASON_TEMPLATES: Final[Mapping[str, str]] = {
    "damaged": gettext_noop("it came damaged"),
    "wrong goods": gettext_noop("wrong goods"),
    "not as described": gettext_noop("not as described"),
    "not wanted any more": gettext_noop("not wanted any more"),
    "something else": gettext_noop("something else"),
}
WANTS_TEMPLATES: Final[Mapping[str, str]] = {
    "refund": gettext_noop("Money back"),
    "exchange": gettext_noop("Other goods"),
    "credit": gettext_noop("Store credit"),
    "none": gettext_noop("Nothing"),
}
DISPOSITION_TEMPLATES: Final[Mapping[str, str]] = {
    "restock": gettext_noop("Back to stock"),
    "refurbish": gettext_noop("To be mended"),
    "quarantine": gettext_noop("Quarantine"),
    "supplier": gettext_noop("Back to its supplier"),
    "scrap": gettext_noop("Thrown away"),
}
WAY_TEMPLATES: Final[Mapping[str, str]] = {
    "own": gettext_noop("The customer sends it"),
    "label": gettext_noop("With a label of ours"),
    "store": gettext_noop("Handed in at a store"),
}
PAYER_TEMPLATES: Final[Mapping[str, str]] = {
    "shop": gettext_noop("the shop pays the way back"),
    "customer": gettext_noop("the customer pays the way back"),
}
_TONES: Final[Mapping[str, str]] = {
    "requested": "soon",
    "accepted": "info",
    "sent": "info",
    "under_way": "info",
    "received": "soon",
    "inspected": "soon",
    "closed": "good",
    "declined": "calm",
    "cancelled": "calm",
    "expired": "calm",
    "restock": "good",
    "refurbish": "info",
    "quarantine": "soon",
    "supplier": "info",
    "scrap": "calm",
}


def mark(key: str, *, templates: Mapping[str, str]) -> SafeString:
    """A word with the colour of its tone; one that this version does not know is said by its name."""
    word = gettext(templates[key]) if key in templates else key.replace("_", " ")
    return format_html('<span class="mark mark-{}">{}</span>', _TONES.get(key, "calm"), word)


def said(key: str, *, templates: Mapping[str, str]) -> str:
    """The word, without a colour."""
    return gettext(templates[key]) if key in templates else key.replace("_", " ")


def grade_word(grade: GradeRow) -> str:
    """What the shop calls a grade, in the reader's language."""
    name = grade.name_zh if (get_language() or "").startswith("zh") else grade.name
    return f"{grade.code} · {name}"


def reason_of_disposition(reason: str) -> str:
    """Why goods became that: the sentence of a rule, or a person's own words."""
    return gettext(DISPOSITION_REASON_TEMPLATES[reason]) if reason in DISPOSITION_REASON_TEMPLATES else reason
