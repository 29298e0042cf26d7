"""Rules of segments as sentences, and what was seen of a customer; numbers and days go through the one formatter."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.marketing.segment_rules import Condition, Group
from reorder.flows.segmenting.previewing import Why
from reorder.kernel import formatting
from reorder.web.marketing.segments.words import KINDS, choice_word
from reorder.web.templatetags.reorder import day, listed, share, word

_MONEY: Final = frozenset({"orders_value", "orders_average"})
_NARROWING: Final = ("products", "categories", "channels", "coupons", "sources")
_MONEY_MEASURES: Final = frozenset({"expected_value", "expected_value_90", "monetary"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of rules: how deep it stands, its words, and whether it heads a group."""

    depth: int
    text: str
    is_group: bool = False


def lines_of(*, root: Group) -> list[Line]:
    """Rules line by line, as a page lists them."""
    return list(_lines(root, 0))


def _lines(node: Group | Condition, depth: int) -> list[Line]:
    if isinstance(node, Condition):
        return [Line(depth, describe(condition=node))]
    head = Line(depth, match_words(match=node.match, is_not=node.is_not), is_group=True)
    return [head, *(line for member in node.members for line in _lines(member, depth + 1))]


def match_words(*, match: str, is_not: bool) -> str:
    """How the members of a group come together."""
    if match == "any":
        return _("None of these") if is_not else _("Any of these")
    return _("Not all of these") if is_not else _("All of these")


def describe(*, condition: Condition) -> str:
    """A condition in one phrase: what it is about, what it asks, in which window, of which goods."""
    fields = condition.fields
    parts = [_label(condition.kind), *_asked(condition.kind, fields), *_narrowed(fields)]
    said = " · ".join(part for part in parts if part)
    return _("not: {condition}").format(condition=said) if condition.is_not else said


def seen_words(*, why: Why) -> str:
    """What was seen of a customer for a condition; empty when there is nothing to say."""
    seen, kind = why.seen, why.condition.kind
    if seen is None or seen == "":
        return ""
    if isinstance(seen, str):
        return word(seen) if kind == "rfm_segment" else _date_or_text(seen)
    if kind in _MONEY or why.condition.fields.get("what") in _MONEY_MEASURES:
        return formatting.format_amount(float(seen), currency=settings.REORDER.currency)
    if kind in {"chance", "price_sensitivity"}:
        return share(float(seen))
    if kind == "usual_hour":
        return f"{int(seen):02d}:00"
    return formatting.format_units(round(float(seen), 2))


def _label(kind: str) -> str:
    """The name of a condition, where what it asks does not say as much."""
    if kind in {"did", "value", "chance"}:
        return ""
    if kind in {"message", "rfm_score"}:
        return _("Messages") if kind == "message" else _("Score")
    return str(KINDS[kind])


def _asked(kind: str, fields: Mapping[str, Any]) -> list[str]:
    """What a condition compares with what."""
    what = [choice_word(fields["what"])] if fields.get("what") else []
    if kind == "due":
        return [
            _("between {one} and {other} days from today").format(one=fields["from_days"], other=fields["until_days"])
        ]
    if kind == "age":
        return [f"{fields['least'] or 0}–{fields['most'] or 130}"]
    if kind == "usual_hour":
        return [f"{fields['from_hour']:02d}:00–{fields['until_hour']:02d}:59"]
    if kind == "attribute":
        return [" ".join(part for part in (fields["name"], choice_word(fields["op"]), fields["value"] or "") if part)]
    if kind == "birth_month":
        return [str(listed(fields["months"]))]
    if "op" in fields and "value" in fields:
        return [*what, f"{choice_word(fields['op'])} {_number(kind, fields)}"]
    if kind in {"first_order", "last_order", "known_since"}:
        return []
    named = fields.get("values") or ([choice_word(fields["channel"])] if fields.get("channel") else [])
    return [*what, str(listed([word(one) if kind == "rfm_segment" else one for one in named]))]


def _narrowed(fields: Mapping[str, Any]) -> list[str]:
    """The window, and the goods, shops, coupons or words that are meant alone."""
    parts = []
    if fields.get("days") is not None and "from_days" not in fields:
        parts.append(_window(fields))
    parts += [
        str(listed(fields[key]))
        for key in ("products", "categories", "channels", "coupons", "sources")
        if fields.get(key)
    ]
    parts += [f"“{fields[key]}”" for key in ("words", "page") if fields.get(key)]
    return parts


def _window(fields: Mapping[str, Any]) -> str:
    days = fields["days"]
    if fields.get("op") == "before":
        return ngettext("more than {count} day ago", "more than {count} days ago", days).format(count=days)
    if set(fields) == {"days"}:
        return ngettext("within {count} day", "within {count} days", days).format(count=days)
    return ngettext("in the last {count} day", "in the last {count} days", days).format(count=days)


def _number(kind: str, fields: Mapping[str, Any]) -> str:
    value = fields["value"]
    if kind in _MONEY or fields.get("what") in _MONEY_MEASURES:
        return formatting.format_amount(float(value), currency=settings.REORDER.currency)
    return share(value) if kind in {"chance", "price_sensitivity"} else formatting.format_units(value)


def _date_or_text(seen: str) -> str:
    try:
        return str(day(dt.date.fromisoformat(seen)))
    except ValueError:
        return seen
