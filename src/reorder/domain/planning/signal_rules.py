"""Pure rules of signals and of the calendar: what may be told, and what an entry says of each day.

An entry speaks from the moment it was recorded until the moment it was withdrawn, so that a past night sees the
calendar as it stood then.
"""

import datetime as dt
import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from reorder.domain.planning.errors import BadEntry, BadSignal
from reorder.domain.planning.rules import ALL_PLACES

KINDS: Final = ("price", "promotion", "competitor_price", "event", "holiday", "weather", "open")
ENTRY_KINDS: Final = ("promotion", "event", "holiday", "closed")
# What nobody here decides: it counts in the past only as it was known before, never as it turned out.
OUTSIDE_KINDS: Final = ("competitor_price", "weather")
SCOPES: Final = ("all", "category", "product")
MOST_IN_BATCH: Final = 1000
LONGEST_TEXT: Final = 200
LONGEST_ENTRY_DAYS: Final = 366
MOST_EFFECT: Final = 100.0
_LARGEST: Final = 1e12
_FIRST_DATE: Final = dt.date(1990, 1, 1)
_AHEAD_DAYS: Final = 3 * 366
_NAMED: Final = ("event", "holiday", "weather")
CLOCK_SKEW: Final = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSignal:
    """One value of one day; `known_at` None means that it is known from the moment it is recorded."""

    kind: str
    date: dt.date
    name: str = ""
    scope: str = "all"
    key: str = ""
    place_code: str = ALL_PLACES
    number: float | None = None
    text: str = ""
    known_at: dt.datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """What a person enters in the calendar; days included, shares as fractions, `price` in major units."""

    kind: str
    name: str
    from_date: dt.date
    until_date: dt.date
    scope: str = "all"
    key: str = ""
    place_code: str = ALL_PLACES
    price: float | None = None
    discount_share: float | None = None
    expected_effect_share: float | None = None
    note: str = ""
    source_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry as it stands."""

    id: int
    kind: str
    name: str
    from_date: dt.date
    until_date: dt.date
    scope: str
    key: str
    place_code: str
    price: float | None
    discount_share: float | None
    expected_effect_share: float | None
    note: str
    author: str
    recorded_at: dt.datetime
    withdrawn_at: dt.datetime | None
    replaces_id: int | None
    source_key: str


@dataclass(frozen=True, slots=True)
class Known:
    """The SKUs, categories and places that exist among those that are named."""

    skus: Collection[str]
    category_codes: Collection[str]
    place_codes: Collection[str]


def judge_signal(*, signal: NewSignal, known: Known, today: dt.date, moment: dt.datetime) -> BadSignal | None:
    """Why a signal cannot be taken, None when it can."""
    checks = (
        (
            signal.kind not in KINDS,
            "unknown kind; one of price, promotion, competitor_price, event, holiday, weather, open",
        ),
        (_is_long(signal.name, signal.text, signal.key, signal.source), "a text is longer than 200 characters"),
        *_where(scope=signal.scope, key=signal.key, place_code=signal.place_code, known=known),
        *_what(signal),
        (
            not _FIRST_DATE <= signal.date <= today + dt.timedelta(days=_AHEAD_DAYS),
            "the day lies before 1990 or more than three years ahead",
        ),
        (signal.known_at is not None and signal.known_at.tzinfo is None, "the moment needs a time zone"),
    )
    for is_wrong, reason in checks:
        if is_wrong:
            return BadSignal(reason=reason)
    if signal.known_at is not None and signal.known_at > moment + CLOCK_SKEW:
        return BadSignal(reason="it cannot be known only in the future")
    return None


def _is_long(*texts: str) -> bool:
    return any(len(text) > LONGEST_TEXT for text in texts)


def _where(*, scope: str, key: str, place_code: str, known: Known) -> Iterator[tuple[bool, str]]:
    yield scope not in SCOPES, "give a product or a category, not both"
    yield scope == "product" and key not in known.skus, "there is no such product"
    yield scope == "category" and key not in known.category_codes, "there is no such category"
    yield place_code != ALL_PLACES and place_code not in known.place_codes, "there is no such place"


def _what(signal: NewSignal) -> Iterator[tuple[bool, str]]:
    number = signal.number
    odd = number is not None and not (math.isfinite(number) and abs(number) < _LARGEST)
    yield odd, "the number is not finite or too large"
    priced = signal.kind in {"price", "competitor_price"}
    yield priced and signal.scope != "product", "a price belongs to one product: give its SKU"
    yield priced and (number is None or number < 0), "a price is a number of zero or more"
    yield (
        signal.kind == "promotion" and number is not None and not 0 <= number <= 1,
        "a discount is a share between 0 and 1: write 0.2 for 20 %",
    )
    yield signal.kind in _NAMED and not signal.name, "say what the event, holiday or measure is called"
    yield signal.kind == "weather" and number is None and not signal.text, "give a number or a text"
    yield signal.kind == "open" and number not in {0, 1}, "open or closed is 1 or 0"


def refuse_bad_entry(*, entry: NewEntry, known: Known, today: dt.date) -> None:
    """Raises BadEntry with the reason."""
    effect, discount = entry.expected_effect_share, entry.discount_share
    checks = (
        (entry.kind not in ENTRY_KINDS, "unknown kind; one of promotion, event, holiday, closed"),
        (not entry.name.strip(), "give it a name"),
        (_is_long(entry.name, entry.key) or len(entry.note) > 2000, "a text is longer than 200 characters"),
        (entry.until_date < entry.from_date, "the last day lies before the first"),
        ((entry.until_date - entry.from_date).days >= LONGEST_ENTRY_DAYS, "it lasts longer than a year"),
        (
            entry.from_date < _FIRST_DATE or entry.until_date > today + dt.timedelta(days=_AHEAD_DAYS),
            "the day lies before 1990 or more than three years ahead",
        ),
        *_where(scope=entry.scope, key=entry.key, place_code=entry.place_code, known=known),
        (entry.price is not None and discount is not None, "give a price or a discount, not both"),
        (
            entry.kind != "promotion" and (entry.price is not None or discount is not None),
            "only a promotion has a price or a discount",
        ),
        (entry.price is not None and entry.scope != "product", "a price in the calendar belongs to one product"),
        (entry.price is not None and not 0 <= entry.price < _LARGEST, "a price is a number of zero or more"),
        (
            discount is not None and not 0 <= discount <= 1,
            "a discount is a share between 0 and 1: write 0.2 for 20 %",
        ),
        (
            effect is not None and not -1 <= effect <= MOST_EFFECT,
            "an expected effect lies between -100 % and +10,000 %",
        ),
        (effect is not None and not entry.note.strip(), "say in the note why you expect another effect"),
    )
    for is_wrong, reason in checks:
        if is_wrong:
            raise BadEntry(reason=reason)


def expand_entries(*, entries: Iterable[EntryRow], from_date: dt.date, before_date: dt.date) -> list[NewSignal]:
    """What entries say of each day in [from_date, before_date), as signals; a price rides beside its promotion.

    A closing is `open` with 0. Entries carry the moment they were recorded as the moment from which they are known.
    """
    told: list[NewSignal] = []
    for entry in entries:
        first = max(entry.from_date, from_date)
        last = min(entry.until_date, before_date - dt.timedelta(days=1))
        for number in range((last - first).days + 1):
            told.extend(_told(entry=entry, date=first + dt.timedelta(days=number)))
    return told


def _told(*, entry: EntryRow, date: dt.date) -> Iterator[NewSignal]:
    kind = "open" if entry.kind == "closed" else entry.kind
    number = 0.0 if entry.kind == "closed" else entry.discount_share
    yield _signal(entry=entry, date=date, kind=kind, number=number)
    if entry.price is not None:
        yield _signal(entry=entry, date=date, kind="price", number=entry.price)


def _signal(*, entry: EntryRow, date: dt.date, kind: str, number: float | None) -> NewSignal:
    return NewSignal(
        kind=kind,
        date=date,
        name=entry.name,
        scope=entry.scope,
        key=entry.key,
        place_code=entry.place_code,
        number=number,
        known_at=entry.recorded_at,
        source=f"calendar:{entry.id}",
    )
