"""The words of a reminder: short, concrete, no blame; in the customer's language."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LANGUAGES = ("en", "zh-hant")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderItem:
    """One product of a reminder; `is_own_rhythm`: the gap is this customer's own, not the product's usual one."""

    sku: str
    product: str
    gap_days: int
    last_bought_date: dt.date
    is_own_rhythm: bool

    def as_json(self) -> dict[str, object]:
        """Plain values, to be kept with the message."""
        return {
            "sku": self.sku,
            "product": self.product,
            "gap_days": self.gap_days,
            "last_bought_date": self.last_bought_date.isoformat(),
            "is_own_rhythm": self.is_own_rhythm,
        }

    @classmethod
    def from_json(cls, *, values: Mapping[str, Any]) -> "ReminderItem":
        """What `as_json` wrote."""
        return cls(
            sku=values["sku"],
            product=values["product"],
            gap_days=values["gap_days"],
            last_bought_date=dt.date.fromisoformat(values["last_bought_date"]),
            is_own_rhythm=values["is_own_rhythm"],
        )


@dataclass(frozen=True, slots=True)
class Words:
    """A message as the customer reads it."""

    subject: str
    body_text: str
    body_html: str


def language_of(*, customer_language: str, shop_language: str) -> str:
    """The language to write in: the customer's when we write it, else the shop's."""
    wanted = customer_language.lower().replace("_", "-")
    if wanted.startswith("zh"):
        return "zh-hant"
    return "en" if wanted.startswith("en") else shop_language


def write_reminder(
    *,
    items: Sequence[ReminderItem],
    customer_name: str,
    language: str,
    shop_name: str,
    unsubscribe_mark: str,
    unsubscribe_url: str = "",
) -> Words:
    """Subject and body of one reminder about `items`, the most important first; raises ValueError without items.

    With `unsubscribe_url` its foot names that page, else the reply that does the same.
    """
    if not items:
        raise ValueError("a reminder is about at least one product")
    with translation.override(language):
        subject = _subject(items)
        greeting = _greeting(customer_name)
        opening = _("You may soon need this again:") if len(items) == 1 else _("You may soon need these again:")
        lines = [_line(item) for item in items]
        closing = _("If you still have enough, there is nothing to do.")
        refusal = _refusal(shop_name=shop_name, mark=unsubscribe_mark, url=unsubscribe_url)
    text = "\n".join([greeting, "", opening, "", *(f"* {line}" for line in lines), "", closing, "", shop_name])
    return Words(
        subject=_one_line(subject),
        body_text=f"{text}\n\n-- \n{refusal}\n",
        body_html=_html(
            language=language,
            paragraphs=(greeting, opening),
            lines=lines,
            after=(closing, shop_name),
            refusal=refusal,
        ),
    )


def _refusal(*, shop_name: str, mark: str, url: str) -> str:
    if url:
        return _("You get this mail because you agreed to news from {shop}. To get no more of them, open {url}").format(
            shop=shop_name, url=url
        )
    return _(
        "You get this mail because you agreed to news from {shop}. To get no more of them, reply with this "
        "subject: unsubscribe {mark}"
    ).format(shop=shop_name, mark=mark)


def _subject(items: Sequence[ReminderItem]) -> str:
    first, more = items[0].product, len(items) - 1
    if not more:
        return _("Running low on {product}?").format(product=first)
    return ngettext("{product} and {count} more you may need", "{product} and {count} more you may need", more).format(
        product=first, count=more
    )


def _greeting(customer_name: str) -> str:
    return _("Hello {name},").format(name=_one_line(customer_name)) if customer_name else _("Hello,")


def _line(item: ReminderItem) -> str:
    days = max(item.gap_days, 1)
    if item.is_own_rhythm:
        pattern = ngettext(
            "{product}: you buy it about every {days} day, last on {date}.",
            "{product}: you buy it about every {days} days, last on {date}.",
            days,
        )
    else:
        pattern = ngettext(
            "{product}: it usually lasts about {days} day, you last bought it on {date}.",
            "{product}: it usually lasts about {days} days, you last bought it on {date}.",
            days,
        )
    return pattern.format(product=_one_line(item.product), days=days, date=_date(item.last_bought_date))


def _date(day: dt.date) -> str:
    # Translators: a date, for example 2026-11-22; year, month and day are numbers.
    return _("{year}-{month:02d}-{day:02d}").format(year=day.year, month=day.month, day=day.day)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _html(*, language: str, paragraphs: Sequence[str], lines: Sequence[str], after: Sequence[str], refusal: str) -> str:
    def block(tag: str, text: str) -> str:
        return f"<{tag}>{escape(text)}</{tag}>"

    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{"zh-Hant" if language == "zh-hant" else language}"><body>',
            *(block("p", text) for text in paragraphs),
            "<ul>",
            *(block("li", line) for line in lines),
            "</ul>",
            *(block("p", text) for text in after),
            f'<p style="color:#666;font-size:small">{escape(refusal)}</p>',
            "</body></html>",
            "",
        ]
    )
