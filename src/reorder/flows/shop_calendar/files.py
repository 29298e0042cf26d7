"""Reads a calendar out of a CSV or ICS file: every entry, and every line that is none with what is wrong. Pure.

Recurring events of an ICS file are expanded by their rules (RRULE, RDATE, EXDATE), from a year back to two years ahead.
"""

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from reorder.domain.planning.rules import ALL_PLACES
from reorder.domain.planning.signal_rules import LONGEST_TEXT, NewEntry
from reorder.kernel.errors import BadInput
from reorder.kernel.ids import idempotency_key

MOST_BYTES: Final = 2_000_000
MOST_ENTRIES: Final = 5_000
BACK_DAYS: Final = 366 * 2
AHEAD_DAYS: Final = 731
_MOST_RECURRENCES: Final = 1_000
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("kind", "type", "種類", "類型"),
    "name": ("name", "title", "summary", "event", "promotion", "名稱", "活動", "標題"),
    "from": ("from", "from_date", "start", "start_date", "first_day", "date", "開始", "開始日", "開始日期", "日期"),
    "until": ("until", "until_date", "end", "end_date", "last_day", "to", "結束", "結束日", "結束日期"),
    "sku": ("sku", "product", "品號", "商品編號", "貨號"),
    "category": ("category", "分類", "類別"),
    "place": ("place", "warehouse", "store", "倉庫", "門市", "地點"),
    "price": ("price", "售價", "價格"),
    "discount": ("discount", "discount_share", "折扣", "折扣比例"),
    "expected": ("expected", "expected_effect", "預期", "預期影響"),
    "note": ("note", "notes", "description", "備註", "說明"),
}
_KINDS: Final[Mapping[str, str]] = {
    "promotion": "promotion", "promo": "promotion", "sale": "promotion", "促銷": "promotion", "特價": "promotion",
    "event": "event", "活動": "event", "檔期": "event",
    "holiday": "holiday", "假日": "holiday", "節日": "holiday",
    "closed": "closed", "closing": "closed", "公休": "closed", "休息": "closed", "店休": "closed",
}  # fmt: skip

# What a line can be refused for; a surface translates it.
LINE_TEMPLATES: Final = (
    "it has no name",
    "it has no first day; write a date like 2026-11-23",
    "“{value}” is no date; write one like 2026-11-23",
    "“{value}” is no kind; write promotion, event, holiday or closed",
    "“{value}” is no number",
    "“{value}” is no share; write 0.2 or 20%",
    "its recurrence rule “{value}” is not understood",
    "it repeats more than {value} times; enter the days that matter",
    "its days are not understood",
)
FILE_TEMPLATES: Final = (
    "it is empty",
    "it is larger than 2 MB",
    "it is neither UTF-8 nor Big5 text",
    "it has no column for the name and the first day; name them “name” and “from”",
    "it is no calendar: {cause}",
    "it holds more than 5,000 entries",
    "no line of it can be read as an entry",
)


class BadCalendarFile(BadInput):
    """A file that is no calendar as a whole."""

    code = "calendar.bad_file"
    template = "{file}: {reason}."


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line, or an event by its number, that is no entry; `reason` is one of `LINE_TEMPLATES` for `value`."""

    line: int
    reason: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class ReadCalendar:
    """What a file says, by the line it says it on."""

    entries: Sequence[tuple[int, NewEntry]]
    faults: Sequence[BadLine]


class _Refused(Exception):
    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.reason, self.value = reason, value


def read_calendar(*, name: str, content: bytes, kind: str, today: dt.date, time_zone: str) -> ReadCalendar:
    """The entries of a CSV or ICS file; `kind` is what those are that do not say it.

    `today` bounds the expansion of recurring events; `time_zone` is the shop's, for moments of an ICS file. Raises
    BadCalendarFile.
    """
    if not content.strip():
        raise BadCalendarFile(file=name, reason="it is empty")
    if len(content) > MOST_BYTES:
        raise BadCalendarFile(file=name, reason="it is larger than 2 MB")
    text = _decoded(name=name, content=content)
    is_ics = text.lstrip("\ufeff \r\n").upper().startswith("BEGIN:VCALENDAR")
    read = _read_ics(name=name, text=text, kind=kind, today=today, time_zone=time_zone) if is_ics else None
    found = read or _read_csv(name=name, text=text, kind=kind)
    if len(found.entries) > MOST_ENTRIES:
        raise BadCalendarFile(file=name, reason="it holds more than 5,000 entries")
    if not found.entries and not found.faults:
        raise BadCalendarFile(file=name, reason="no line of it can be read as an entry")
    return found


def _decoded(*, name: str, content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp950"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadCalendarFile(file=name, reason="it is neither UTF-8 nor Big5 text")


def _read_csv(*, name: str, text: str, kind: str) -> ReadCalendar:
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=None), delimiter=separator)
    header = [_normal(cell) for cell in next(rows, [])]
    columns = {
        ours: next((header.index(word) for word in words if word in header), None) for ours, words in _WORDS.items()
    }
    if columns["name"] is None or columns["from"] is None:
        raise BadCalendarFile(
            file=name, reason="it has no column for the name and the first day; name them “name” and “from”"
        )
    entries, faults = [], []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        cells = {ours: row[at].strip() if at is not None and at < len(row) else "" for ours, at in columns.items()}
        try:
            entries.append((rows.line_num, _entry_of(cells=cells, kind=kind)))
        except _Refused as fault:
            faults.append(BadLine(rows.line_num, fault.reason, fault.value[:80]))
    return ReadCalendar(entries, faults)


def _normal(cell: str) -> str:
    return "_".join(cell.strip().lower().replace("-", " ").replace("_", " ").split())


def _entry_of(*, cells: Mapping[str, str], kind: str) -> NewEntry:
    if not cells["name"]:
        raise _Refused("it has no name")
    given = _KINDS.get(cells["kind"].lower()) if cells["kind"] else kind
    if given is None:
        raise _Refused("“{value}” is no kind; write promotion, event, holiday or closed", cells["kind"])
    if not cells["from"]:
        raise _Refused("it has no first day; write a date like 2026-11-23")
    first = _date(cells["from"])
    scope, key = ("product", cells["sku"]) if cells["sku"] else ("category", cells["category"])
    if not key:
        scope = "all"
    entry = NewEntry(
        kind=given,
        name=cells["name"],
        from_date=first,
        until_date=_date(cells["until"]) if cells["until"] else first,
        scope=scope,
        key=key,
        place_code=cells["place"] or ALL_PLACES,
        price=_number(cells["price"]),
        discount_share=_share(cells["discount"]),
        expected_effect_share=_share(cells["expected"]),
        note=cells["note"],
    )
    return _keyed(entry, source="csv")


def _keyed(entry: NewEntry, *, source: str) -> NewEntry:
    """The same row again is the same entry, whichever file it comes in."""
    key = idempotency_key(
        source, entry.kind, entry.name, entry.from_date, entry.until_date, entry.scope, entry.key, entry.place_code,
        entry.price, entry.discount_share, entry.expected_effect_share,
    )  # fmt: skip
    return NewEntry(**{name: getattr(entry, name) for name in NewEntry.__slots__} | {"source_key": key})


def _date(text: str) -> dt.date:
    for pattern in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"):
        try:
            return dt.datetime.strptime(text[:10], pattern).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
    raise _Refused("“{value}” is no date; write one like 2026-11-23", text)


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text.replace(",", "").removeprefix("NT$").removeprefix("$"))
    except ValueError:
        raise _Refused("“{value}” is no number", text) from None
    if not math.isfinite(number):
        raise _Refused("“{value}” is no number", text)
    return number


def _share(text: str) -> float | None:
    """0.2, 20% and +20 % are the same; 20 alone is refused, because nobody knows which of them is meant."""
    if not text:
        return None
    plain = text.replace(" ", "").replace("％", "%").removeprefix("+")
    try:
        share = float(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
    except ValueError:
        raise _Refused("“{value}” is no share; write 0.2 or 20%", text) from None
    if not math.isfinite(share) or (abs(share) > 10 and not plain.endswith("%")):
        raise _Refused("“{value}” is no share; write 0.2 or 20%", text)
    return share


def _read_ics(*, name: str, text: str, kind: str, today: dt.date, time_zone: str) -> ReadCalendar:
    # Slow to import, and only files of this type need it.
    from icalendar import Calendar

    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except (ValueError, IndexError, KeyError, AttributeError, TypeError) as cause:
        raise BadCalendarFile(file=name, reason=f"it is no calendar: {cause}"[:300]) from None
    entries: list[tuple[int, NewEntry]] = []
    faults: list[BadLine] = []
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    zone = ZoneInfo(time_zone)
    moved = _moved(events=events, zone=zone)
    for number, event in enumerate(events, start=1):
        try:
            found = list(_of_event(event=event, kind=kind, today=today, zone=zone, moved=moved))
        except _Refused as fault:
            faults.append(BadLine(number, fault.reason, fault.value[:80]))
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError):
            faults.append(BadLine(number, "its days are not understood"))
        else:
            entries.extend((number, entry) for entry in found)
        if len(entries) > MOST_ENTRIES:
            break
    return ReadCalendar(entries, faults)


def _moved(*, events: Sequence[Any], zone: ZoneInfo) -> set[tuple[str, dt.date]]:
    """The happenings of repeating events that stand in the file once more, changed: their days are not expanded."""
    return {
        (str(event.get("UID", "")), _local(event.decoded("RECURRENCE-ID"), zone))
        for event in events
        if isinstance(getattr(event.get("RECURRENCE-ID"), "dt", None), dt.date)
    }


def _of_event(
    *, event: Any, kind: str, today: dt.date, zone: ZoneInfo, moved: set[tuple[str, dt.date]]
) -> Iterator[NewEntry]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    name = " ".join(str(event.get("SUMMARY", "")).split())[:LONGEST_TEXT]
    if not name:
        raise _Refused("it has no name")
    first, days = _span(event=event, zone=zone)
    categories = event.get("CATEGORIES")
    words = [str(word) for word in getattr(categories, "cats", [])] if categories is not None else []
    told = next((_KINDS[word.lower()] for word in words if word.lower() in _KINDS), kind)
    note = str(event.get("DESCRIPTION", "")).strip()[:2000]
    key = str(event.get("UID", ""))
    is_series = "RECURRENCE-ID" not in event
    for start in _starts(event=event, first=first, days=days, today=today):
        if is_series and (key, start) in moved:
            continue
        last = start + dt.timedelta(days=days - 1)
        entry = NewEntry(kind=told, name=name, from_date=start, until_date=last, note=note)
        yield _keyed(entry, source=f"ics {key}")


def _span(*, event: Any, zone: ZoneInfo) -> tuple[dt.date, int]:
    """The first day in the shop's time zone, and how many days; an end is not included, as RFC 5545 has it."""
    try:
        begin = event.decoded("DTSTART")
        end = event.decoded("DTEND") if "DTEND" in event else None
        duration = event.decoded("DURATION") if "DURATION" in event else None
    except (KeyError, ValueError, TypeError, AttributeError):
        raise _Refused("it has no first day; write a date like 2026-11-23") from None
    if end is None and isinstance(duration, dt.timedelta):
        end = begin + duration
    first = _local(begin, zone)
    if end is None:
        return first, 1
    if isinstance(end, dt.datetime):
        last = _local(end - dt.timedelta(microseconds=1), zone)
    else:
        last = end - dt.timedelta(days=1)
    return first, max((last - first).days + 1, 1)


def _local(value: Any, zone: ZoneInfo) -> dt.date:
    if isinstance(value, dt.datetime):
        return (value.astimezone(zone) if value.tzinfo else value).date()
    if isinstance(value, dt.date):
        return value
    raise _Refused("its days are not understood", str(value))


def _starts(*, event: Any, first: dt.date, days: int, today: dt.date) -> list[dt.date]:
    """The first days of all its happenings between two years back and two years ahead."""
    rules = _many(event.get("RRULE"))
    if not rules:
        return [first, *(date for date in _dates(event, "RDATE") if date != first)]
    from dateutil import rrule

    latest = today + dt.timedelta(days=AHEAD_DAYS)
    earliest = today - dt.timedelta(days=BACK_DAYS + days)
    found = {first, *_dates(event, "RDATE")}
    for rule in rules:
        text = rule.to_ical().decode()
        try:
            # Days are what counts here, so the rule runs on days: no time zone, and UNTIL cut to its day.
            plain = ";".join(_without_time(part) for part in text.split(";") if not part.startswith("BYHOUR"))
            steps = rrule.rrulestr(plain, dtstart=dt.datetime.combine(first, dt.time()))
        except (ValueError, TypeError, KeyError):
            raise _Refused("its recurrence rule “{value}” is not understood", text) from None
        for count, step in enumerate(steps):
            if step.date() > latest:
                break
            if count > _MOST_RECURRENCES * 20 or len(found) > _MOST_RECURRENCES:
                raise _Refused("it repeats more than {value} times; enter the days that matter", str(_MOST_RECURRENCES))
            if step.date() >= earliest:
                found.add(step.date())
    return sorted(date for date in found - set(_dates(event, "EXDATE")) if earliest <= date <= latest)


def _without_time(part: str) -> str:
    if part.startswith("UNTIL="):
        return part[:14]
    return part


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _dates(event: Any, name: str) -> list[dt.date]:
    found = []
    for group in _many(event.get(name)):
        for one in getattr(group, "dts", []):
            value = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            found.append(value.date() if isinstance(value, dt.datetime) else value)
    return found
