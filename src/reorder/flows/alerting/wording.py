"""What a digest says: plain text in the reader's language, the most urgent and the most money first."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.engine import reasons
from reorder.insights.inbox import InboxLine
from reorder.kernel.formatting import format_amount, format_day
from reorder.kernel.money import minor_digits

# More than that nobody reads in a message: the page has all of them.
NAMED_MOST: Final = 20
# Kinds as people call them; the extractor finds them here.
KIND_TEMPLATES: Final = (
    "below safety stock",
    "runs out",
    "excess",
    "dead stock",
    "expiring",
    "late order",
    "unconfirmed order",
    "forecast drift",
    "bad data",
    "critical",
    "warning",
    "info",
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_GAP_AFTER_DAY: Final = re.compile("日 (?=[一-鿿])")


def say_subject(*, lines: Sequence[InboxLine], count: int, kind: str, language: str) -> str:
    """The subject of a digest: how many, and of what sort."""
    with translation.override(language):
        shop = " ".join(settings.REORDER.shop_name.split())
        if kind == "urgent":
            pattern = ngettext("{shop}: {count} critical alert", "{shop}: {count} critical alerts", count)
        else:
            pattern = ngettext("{shop}: {count} new alert", "{shop}: {count} new alerts", count)
        first = lines[0].name if count == 1 and lines else ""
        said = pattern.format(shop=shop, count=f"{count:,}")
        return f"{said} – {first}" if first else said


def say_body(*, lines: Sequence[InboxLine], count: int, name: str, language: str, address: str) -> str:
    """The words of a digest: each alert with its place, its sentence and the money at stake, and where to decide."""
    with translation.override(language):
        parts = [_("Hello {name},").format(name=name), ""]
        for line in lines[:NAMED_MOST]:
            parts += [_say_line(line, language=language), ""]
        if count > len(lines[:NAMED_MOST]):
            more = count - len(lines[:NAMED_MOST])
            parts += [ngettext("And {count} more.", "And {count} more.", more).format(count=f"{more:,}"), ""]
        parts.append(_("Decide here: {address}").format(address=address))
        choice = address.replace("/alerts/", "/me/alerts/")
        parts.append(_("You get this because you asked for it; change that here: {address}").format(address=choice))
    return "\n".join(parts) + "\n"


def say_reason(*, code: str, parameters: Mapping[str, object], language: str) -> str:
    """The sentence of a reason in a language; the code itself when this version does not know it."""
    with translation.override(language):
        if code not in reasons.TEMPLATES:
            return code
        said = {name: _said(value, language=language) for name, value in parameters.items()}
        separator = "、" if language == "zh-hant" else ", "
        return _GAP_AFTER_DAY.sub("日", reasons.render(code=code, parameters=said, translate=_, separator=separator))


def _say_line(line: InboxLine, *, language: str) -> str:
    row = line.row
    about = f"{line.name} ({row.subject})" if row.subject else ""
    head = ", ".join(part for part in (about, row.order_number, row.place_code) if part)
    kind = _(row.kind.replace("_", " "))
    title = f"[{_(row.severity)}] {kind}" + (f": {head}" if head else "")
    sentence = say_reason(code=row.reason_code, parameters=row.reason_parameters, language=language)
    if not row.stake_minor:
        return f"{title}\n{sentence}"
    stake = _("At stake: {amount}.").format(amount=_amount(row.stake_minor, row.currency))
    return f"{title}\n{sentence} {stake}"


def _amount(minor: int, currency: str) -> str:
    """An estimate in whole units."""
    return format_amount(minor / 10 ** minor_digits(currency=currency), currency=currency)


def _said(value: object, *, language: str) -> object:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return format_day(dt.date.fromisoformat(value), language=language)
        except ValueError:
            return value
    return value
