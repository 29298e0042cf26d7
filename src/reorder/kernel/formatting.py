"""The one formatter of numbers, dates and money; the language is an argument, nothing is guessed.

English writes 2026-11-22, Traditional Chinese 2026年11月22日. Amounts carry the sign that Taiwanese shops use; whole
amounts show no decimals.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from reorder.kernel.money import minor_digits

_SIGNS: Final = {"TWD": "NT$", "USD": "US$", "EUR": "€", "JPY": "¥", "GBP": "£", "CNY": "CN¥", "HKD": "HK$"}
_WEEKDAYS_EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS_ZH: Final = ("週一", "週二", "週三", "週四", "週五", "週六", "週日")


def format_day(day: dt.date, *, language: str) -> str:
    """A day with its year: `2026-11-22`, `2026年11月22日`."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh-hant" else day.isoformat()


def format_short_day(day: dt.date, *, language: str) -> str:
    """A day near today, without its year: `22 Nov`, `11月22日`."""
    return f"{day.month}月{day.day}日" if language == "zh-hant" else f"{day.day} {day:%b}"


def format_weekday(day: dt.date, *, language: str) -> str:
    """The weekday: `Thu`, `週四`."""
    return (_WEEKDAYS_ZH if language == "zh-hant" else _WEEKDAYS_EN)[day.weekday()]


def format_moment(moment: dt.datetime, *, language: str, time_zone: str) -> str:
    """A moment on the clock of `time_zone`, to the minute."""
    local = moment.astimezone(ZoneInfo(time_zone))
    return f"{format_day(local.date(), language=language)} {local:%H:%M}"


def name_first(names: Sequence[str], *, limit: int = 20) -> str:
    """The first of many names, and how many more there are: A, B (+3)."""
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" (+{rest})" if rest > 0 else "")


def format_list(parts: Iterable[str], *, language: str) -> str:
    """Several words of one kind: `Mon, Thu`, `週一、週四`."""
    return ("、" if language == "zh-hant" else ", ").join(parts)


def format_sentences(sentences: Iterable[str], *, language: str) -> str:
    """Sentences one after the other: Chinese leaves no gap after a full stop."""
    return ("" if language == "zh-hant" else " ").join(sentences)


def format_money(minor: int, *, currency: str) -> str:
    """Minor units as an amount: `NT$1,234`, `NT$12.50`, `-NT$3`."""
    digits = minor_digits(currency=currency)
    major = Decimal(minor).scaleb(-digits)
    text = f"{abs(major):,.{digits}f}"
    if digits and text.endswith("." + "0" * digits):
        text = text[: -digits - 1]
    sign = _SIGNS.get(currency, f"{currency} ")
    return f"{'-' if minor < 0 else ''}{sign}{text}"


def format_amount(major: float, *, currency: str) -> str:
    """An estimate in major units, rounded to whole ones: `NT$1,235`."""
    rounded = int(Decimal(str(major)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return f"{'-' if rounded < 0 else ''}{_SIGNS.get(currency, f'{currency} ')}{abs(rounded):,}"


def format_units(units: Decimal | float) -> str:
    """Selling units: whole ones without decimals, small estimates with one: `1,234`, `3.5`."""
    number = float(units)
    if abs(number - round(number)) < 0.05 or abs(number) >= 100:
        return f"{round(number):,}"
    return f"{number:,.1f}"


def format_share(share: float) -> str:
    """A share as whole percent, honest at both ends: `95%`, `<1%`, `>99%`."""
    percent = share * 100
    if 0 < percent < 1:
        return "<1%"
    if 99 < percent < 100:
        return ">99%"
    return f"{percent:.0f}%"


def format_rate(share: float) -> str:
    """A share with the decimals that small ones need: `0.12%`, `4.5%`, `25%`."""
    value = share * 100
    digits = 0 if abs(value) >= 20 else 1 if abs(value) >= 1 else 2
    return f"{round(value, digits):g}%"
