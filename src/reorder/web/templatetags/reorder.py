"""What templates may say: numbers, dates and money in the reader's language, words, reasons, icons."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import lucide
from django import template
from django.conf import settings
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from reorder.engine import reasons
from reorder.kernel import formatting
from reorder.kernel.quantity import plain_decimal
from reorder.web.channel_names import CHANNEL_WORDS

register = template.Library()
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"-?\d{1,12}(\.\d+)?")
_GAP_AFTER_DAY = re.compile("日 (?=[一-鿿])")
_WHOLE_FROM = 10


def _language() -> str:
    return get_language() or "en"


@register.filter
def day(value: dt.date | None) -> str:
    """A day with its year; a dash for none."""
    return formatting.format_day(value, language=_language()) if value else "–"


@register.filter
def short_day(value: dt.date | None) -> str:
    """A day near today, without the year."""
    return formatting.format_short_day(value, language=_language()) if value else "–"


@register.filter
def weekday(value: dt.date | None) -> str:
    return formatting.format_weekday(value, language=_language()) if value else "–"


@register.filter
def moment(value: dt.datetime | None) -> str:
    """A moment on the shop's clock."""
    if value is None:
        return "–"
    return formatting.format_moment(value, language=_language(), time_zone=settings.REORDER.time_zone)


@register.filter
def clock_time(value: dt.datetime | None) -> str:
    """The hour and minute of a moment of today, on the shop's clock."""
    return f"{value.astimezone(ZoneInfo(settings.REORDER.time_zone)):%H:%M}" if value else "–"


@register.filter
def plain_units(value: Decimal) -> str:
    """Units as a field holds them, whole: no thousands separated, nothing rounded."""
    return plain_decimal(number=value)


@register.filter
def money(minor: int | None, currency: str) -> str:
    return formatting.format_money(minor, currency=currency) if minor is not None else "–"


@register.filter
def amount(major: float | None, currency: str) -> str:
    """An estimate in major units."""
    return formatting.format_amount(major, currency=currency) if major is not None else "–"


@register.filter
def units(value: Decimal | float | None) -> str:
    return formatting.format_units(value) if value is not None else "–"


@register.filter
def share(value: float | None) -> str:
    return formatting.format_share(value) if value is not None else "–"


@register.filter
def listed(parts: Iterable[object]) -> str:
    """Several words of one kind: `Mon, Thu`, `週一、週四`."""
    return formatting.format_list(map(str, parts), language=_language())


def in_a_row(*sentences: str) -> str:
    """Sentences one after the other, as the language sets them."""
    return formatting.format_sentences(filter(None, sentences), language=_language())


@register.filter
def word(name: str) -> str:
    """A state, step, class or method as people call it."""
    return gettext(str(name).replace("_", " ")) if name else ""


@register.filter
def channel(code: str) -> str:
    """A channel of messages as people call it; as a plain word LINE would be a line of an order."""
    return str(CHANNEL_WORDS.get(code, code))


@register.simple_tag
def reason(code: str, parameters: Mapping[str, object] | str | None = None) -> str:
    """The sentence of a reason; the code itself when a later version knows it and this one does not."""
    if not code:
        return ""
    if code not in reasons.TEMPLATES:
        return code
    given = json.loads(parameters) if isinstance(parameters, str) else dict(parameters or {})
    said = {name: _said(value, is_stock=code.startswith("stocking.")) for name, value in given.items()}
    try:
        sentence = reasons.render(code=code, parameters=said, translate=gettext, separator=listed(["", ""]))
    except KeyError:
        # Written by a version whose sentence needed less: one such row must not take the page away.
        return code
    # A day that is written out ends in a sign: no gap stands behind it.
    return _GAP_AFTER_DAY.sub("日", sentence)


def _said(value: object, *, is_stock: bool) -> object:
    """A reason's parameter as people read it: days in their language, units of ten and more without decimals."""
    if not isinstance(value, str):
        return value
    if _ISO_DAY.fullmatch(value):
        try:
            return day(dt.date.fromisoformat(value))
        except ValueError:
            return value
    if is_stock and _NUMBER.fullmatch(value) and abs(float(value)) >= _WHOLE_FROM:
        return formatting.format_units(round(float(value)))
    return value


@lru_cache(maxsize=256)
def _drawn(name: str, size: int) -> SafeString:
    return mark_safe(lucide._render_icon(name, size, **{"aria-hidden": "true", "class": "icon"}))  # noqa: S308, SLF001


@register.simple_tag
def icon(name: str, size: int = 18) -> SafeString:
    """An icon of lucide for the eye alone: what it means stands beside it or in the button's aria-label."""
    return _drawn(name, size)


@register.simple_tag
def chart_data(value: object, element_id: str) -> SafeString:
    """A chart's options as a block of JSON that scripts read and nothing runs."""
    return json_script(value, element_id)


@register.simple_tag
def state_mark(state: str) -> SafeString:
    """A state as a small coloured mark with its word; the colour never says it alone."""
    tone = _TONES.get(state, "quiet")
    return format_html('<span class="mark mark-{}">{}</span>', tone, word(state))


_TONES = {
    "critical": "bad",
    "warning": "soon",
    "info": "info",
    "failed": "bad",
    "late": "bad",
    "unknown": "bad",
    "running": "info",
    "sending": "info",
    "planned": "info",
    "placed": "info",
    "in force": "good",
    "paid": "good",
    "part_paid": "soon",
    "owed": "info",
    "to come": "info",
    "used up": "soon",
    "awaiting_approval": "soon",
    "refused": "bad",
    "open": "soon",
    "partly_received": "soon",
    "staging": "info",
    "staged": "info",
    "succeeded": "good",
    "sent": "good",
    "received": "good",
    "approved": "good",
    "done": "good",
    "active": "good",
    "in_use": "good",
    "live": "good",
    "expired": "soon",
    "waiting": "info",
    "delivered": "good",
    "paused": "soon",
    "disabled": "bad",
}
