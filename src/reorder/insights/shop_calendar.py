"""The calendar page: entries by month with the public holidays between them, and what the night learned of them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from reorder.domain.planning import calendar, effects
from reorder.domain.planning.effects import EffectRow
from reorder.domain.planning.rules import ALL_PLACES
from reorder.domain.planning.signal_rules import EntryRow
from reorder.domain.staff.rules import Actor

PAST_DAYS: Final = 731
AHEAD_DAYS: Final = 366
MOST_ROWS: Final = 400
# Below this many happenings an effect is a guess that a person should not take for knowledge.
FEWEST_HAPPENINGS: Final = 2
_ENTRY_COLUMNS: Final = {"event": ("event",), "holiday": ("special_day",), "promotion": ("promotion", "on_promotion")}


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """An entry, or a public holiday (`entry` is None); `effect` is what was learned of it."""

    from_date: dt.date
    until_date: dt.date
    name: str
    entry: EntryRow | None = None
    effect: EffectRow | None = None
    may_change: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """The lines that begin in one month."""

    first_date: dt.date
    lines: Sequence[CalendarLine]


@dataclass(frozen=True, slots=True)
class CalendarView:
    """Months in the order of the page, and everything that was learned for the whole shop."""

    months: Sequence[Month]
    entries_count: int
    effects: Sequence[EffectRow]


def load_calendar(
    *, actor: Actor, today: dt.date, is_past: bool, country: str, language: str, may_change: bool
) -> CalendarView:
    """What comes in the next year, or what was in the last two, the nearest first."""
    first = today - dt.timedelta(days=PAST_DAYS) if is_past else today
    before = today if is_past else today + dt.timedelta(days=AHEAD_DAYS)
    entries = [
        entry
        for entry in calendar.list_entries(from_date=first, before_date=before, limit=MOST_ROWS)
        if entry.place_code == ALL_PLACES or actor.may_at(entry.place_code)
        if not is_past or entry.until_date < today
    ]
    learned = effects.list_effects(scope="shop")
    narrower = [
        row
        for scope, kind in (("category", "category"), ("sku", "product"))
        if (keys := {entry.key for entry in entries if entry.scope == kind})
        for row in effects.list_effects(scope=scope, keys=keys)
    ]
    by_key = {(row.name, row.value, row.scope, row.key): row for row in [*learned, *narrower]}
    lines = [
        CalendarLine(
            from_date=entry.from_date,
            until_date=entry.until_date,
            name=entry.name,
            entry=entry,
            effect=find_effect(entry=entry, by_key=by_key),
            may_change=may_change and (not actor.place_codes or entry.place_code in actor.place_codes),
        )
        for entry in entries
    ]
    days = holiday_names(country=country, first_date=first, before_date=before, language=language)
    lines += [CalendarLine(from_date=day, until_date=day, name=name) for day, name in days]
    lines.sort(key=lambda line: (line.from_date, line.entry is None, line.name), reverse=is_past)
    return CalendarView(
        months=_months(lines=lines),
        entries_count=len(entries),
        effects=learned,
    )


def _months(*, lines: Sequence[CalendarLine]) -> list[Month]:
    by_month: dict[dt.date, list[CalendarLine]] = {}
    for line in lines:
        by_month.setdefault(line.from_date.replace(day=1), []).append(line)
    return [Month(first, tuple(found)) for first, found in by_month.items()]


def find_effect(*, entry: EntryRow, by_key: dict[tuple[str, str, str, str], EffectRow]) -> EffectRow | None:
    """What was learned of an entry: of its product or category where that is known, else of the whole shop."""
    scope = {"product": "sku", "category": "category"}.get(entry.scope)
    wanted = [(scope, entry.key)] if scope else []
    for column in _ENTRY_COLUMNS.get(entry.kind, ()):
        value = "" if column == "on_promotion" else entry.name
        for place, key in [*wanted, ("shop", "")]:
            found = by_key.get((column, value, place, key))
            if found is not None:
                return found
    return None


def holiday_names(
    *, country: str, first_date: dt.date, before_date: dt.date, language: str
) -> list[tuple[dt.date, str]]:
    """Public holidays of a country, by day, named in the reader's language where the package can; none if unknown."""
    known = _holidays_of(country, first_date.year, before_date.year, "zh_TW" if language.startswith("zh") else "en_US")
    return [(day, name) for day, name in known if first_date <= day < before_date]


@lru_cache(maxsize=32)
def _holidays_of(country: str, first_year: int, last_year: int, language: str) -> tuple[tuple[dt.date, str], ...]:
    import holidays

    years = range(first_year, last_year + 1)
    try:
        speaks = language in (getattr(holidays.country_holidays(country), "supported_languages", ()) or ())
        found = holidays.country_holidays(country, years=years, language=language if speaks else None)
    except NotImplementedError:
        return ()
    return tuple(sorted((day, str(name)) for day, name in found.items()))
