"""Days on which a shop sells unlike on others of the same weekday: holidays, shopping festivals, make-up working days.

Only what the calendar knows is here; how much a kind of day matters is learned from the shop's own days.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# First day of the lunar year (Hong Kong Observatory); a month of shopping and of rest depends on it.
_LUNAR_NEW_YEAR: Final = (
    "1995-01-31 1996-02-19 1997-02-07 1998-01-28 1999-02-16 2000-02-05 2001-01-24 2002-02-12 2003-02-01 2004-01-22 "
    "2005-02-09 2006-01-29 2007-02-18 2008-02-07 2009-01-26 2010-02-14 2011-02-03 2012-01-23 2013-02-10 2014-01-31 "
    "2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 "
    "2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31 2034-02-19 "
    "2035-02-08 2036-01-28 2037-02-15 2038-02-04 2039-01-24 2040-02-12"
)
LUNAR_COUNTRIES: Final = frozenset({"CN", "HK", "KR", "MO", "MY", "SG", "TW", "VN"})
_LUNAR_DAYS: Final = range(-14, 10)
_FESTIVALS: Final = {(6, 18): "festival 6/18", (11, 11): "festival 11/11", (12, 12): "festival 12/12"}
# Make-up working Saturdays of Taiwan that the holidays package does not name; it names the others itself.
_MAKE_UP_DAYS: Final = {"TW": ("2016-01-30", "2016-06-04", "2016-09-10", "2017-02-18", "2017-06-03", "2017-09-30")}
_SUBSTITUTED: Final = re.compile(r"substituted from (\d{2})/(\d{2})/(\d{4})")

HOLIDAY: Final = "holiday"
EVE: Final = "day before a holiday"
MAKE_UP: Final = "make-up working day"


def kinds_of_days(*, country: str, first_date: dt.date, last_date: dt.date) -> Mapping[dt.date, str]:
    """The kind of each special day from `first_date` to `last_date`; other days are missing.

    The days around the lunar new year count from its first day ("lunar new year -2"), in countries that keep it; then
    come shopping festivals, make-up working days, public holidays of `country` (ISO 3166 code) and the days before
    them. A country that the holidays package does not know has no public holidays.
    """
    public, working = _public_holidays(country=country, years=range(first_date.year - 1, last_date.year + 2))
    lunar = _lunar_days() if country in LUNAR_COUNTRIES else {}
    kinds: dict[dt.date, str] = {}
    for number in range((last_date - first_date).days + 1):
        day = first_date + dt.timedelta(days=number)
        kind = lunar.get(day) or _FESTIVALS.get((day.month, day.day))
        if kind is None and day in working:
            kind = MAKE_UP
        if kind is None and day in public:
            kind = HOLIDAY
        if kind is None and day + dt.timedelta(days=1) in public:
            kind = EVE
        if kind is not None:
            kinds[day] = kind
    return kinds


@dataclass(frozen=True, slots=True)
class PublicDays:
    """Public holidays of a country, and the weekend days that are worked in exchange for one."""

    holidays: frozenset[dt.date]
    worked: frozenset[dt.date]


def public_days(*, country: str, first_date: dt.date, last_date: dt.date) -> PublicDays:
    """Days off and make-up working days of `country` (ISO 3166 code) in the years from `first_date` to `last_date`.

    Both are empty for a country that the holidays package does not know.
    """
    off, worked = _public_holidays(country=country, years=range(first_date.year, last_date.year + 1))
    return PublicDays(holidays=off - worked, worked=worked)


@lru_cache(maxsize=1)
def _lunar_days() -> dict[dt.date, str]:
    starts = [dt.date.fromisoformat(text) for text in _LUNAR_NEW_YEAR.split()]
    return {start + dt.timedelta(days=offset): lunar_kind(offset) for start in starts for offset in _LUNAR_DAYS}


def lunar_kind(offset: int) -> str:
    """The kind of the day `offset` days after the first day of the lunar year."""
    return f"lunar new year {offset:+d}"


@lru_cache(maxsize=16)
def _public_holidays(*, country: str, years: range) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """Public holidays, and weekend days worked in exchange for one."""
    import holidays

    try:
        known = holidays.country_holidays(country, years=years)
    except NotImplementedError:
        return frozenset(), frozenset()
    working = set(getattr(known, "weekend_workdays", ()))
    working |= {dt.date.fromisoformat(text) for text in _MAKE_UP_DAYS.get(country, ())}
    for name in known.values():
        for month, day, year in _SUBSTITUTED.findall(name):
            working.add(dt.date(int(year), int(month), int(day)))
    return frozenset(known), frozenset(working)
