"""When bins are counted and what is done about a variance; pure."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

CLASSES: Final = ("A", "B", "C")
CAUSES: Final = ("cycle", "zero", "short", "asked", "follow")
LIVE: Final = ("open", "counting", "counted")
# States, causes and outcomes as people read them.
WORD_TEMPLATES: Final = (
    "open",
    "counting",
    "counted",
    "approved",
    "rejected",
    "cancelled",
    "cycle count",
    "bin should be empty",
    "short pick",
    "asked for",
    "stock was corrected",
    "exact",
    "booked",
    "misplaced",
    "put away unseen",
    "large variance",
    "less than is promised",
    "counted before",
)
Verdict = Literal["exact", "book", "recount", "wait"]
_YEAR_DAYS: Final = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class CountLimits:
    """How often a place counts its classes, and which variances it books by itself or counts again."""

    a_days: int = 30
    b_days: int = 91
    c_days: int = 365
    a_value_share: Decimal = Decimal("0.8")
    b_value_share: Decimal = Decimal("0.95")
    book_units: Decimal = Decimal(2)
    book_share: Decimal = Decimal("0.05")
    book_minor: int = 50_000
    recount_units: Decimal = Decimal(5)
    recount_share: Decimal = Decimal("0.1")
    recount_minor: int = 200_000
    counts_empty_bins: bool = True

    def days_of(self, *, abc_class: str) -> int:
        """Days between two counts of a bin of a class."""
        return {"A": self.a_days, "B": self.b_days}.get(abc_class, self.c_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """What a count of some goods differed by: units above zero were found, below zero are missing.

    `money_minor` at cost, None where no cost is known.
    """

    units: Decimal
    expected_units: Decimal
    money_minor: int | None = None

    @property
    def share(self) -> Decimal:
        """Of the expected units; goods that should not be there at all count as all of themselves."""
        return abs(self.units) / self.expected_units if self.expected_units else Decimal(1 if self.units else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BinToCount:
    """A bin, the class of the most moved product in it, and when it was last counted (None: never)."""

    bin_code: str
    abc_class: str
    counted_on: dt.date | None
    is_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCount:
    """A bin that is to be counted on a day."""

    bin_code: str
    abc_class: str
    due_on: dt.date


def judge_count(*, variances: Sequence[Variance], limits: CountLimits, can_recount: bool) -> Verdict:
    """What is done about a count: nothing, book it, count again by somebody else, or wait for a person.

    The worst variance decides. `can_recount` is False after the second count, or where nobody else could count.
    """
    differing = [one for one in variances if one.units]
    if not differing:
        return "exact"
    if can_recount and any(
        _exceeds(one, units=limits.recount_units, share=limits.recount_share, minor=limits.recount_minor)
        for one in differing
    ):
        return "recount"
    is_small = not any(
        _exceeds(one, units=limits.book_units, share=limits.book_share, minor=limits.book_minor) for one in differing
    )
    return "book" if is_small else "wait"


def class_products(*, moved: Mapping[int, int], a_share: Decimal, b_share: Decimal) -> dict[int, str]:
    """A, B or C by product, from the value (minor units) that each moved in a year.

    Sorted by value, a product is A while those before it have moved less than `a_share` of all, B while less than
    `b_share`, C after that. What did not move is C.
    """
    total = sum(moved.values())
    classes: dict[int, str] = {}
    before = 0
    for product_id, value in sorted(moved.items(), key=lambda one: (-one[1], one[0])):
        share = Decimal(before) / total if total else Decimal(1)
        classes[product_id] = "C" if value <= 0 or share >= b_share else "B" if share >= a_share else "A"
        before += value
    return classes


def daily_load(*, bins: Iterable[BinToCount], limits: CountLimits, workdays_a_week: int) -> int:
    """How many bins a working day takes, so that each class comes round in its time; none where there are no bins."""
    rate = sum((Fraction(1, limits.days_of(abc_class=one.abc_class)) for one in bins), Fraction(0))
    return -int(-(rate * 7 / workdays_a_week) // 1)


def spread_counts(
    *,
    bins: Sequence[BinToCount],
    days: Sequence[dt.date],
    limits: CountLimits,
    workdays_a_week: int,
    taken: Mapping[dt.date, int] | None = None,
) -> list[PlannedCount]:
    """The bins to count on each of `days` (working days, in order), no more on one than the even daily load.

    The longest overdue come first, measured by the time between two counts of their class; never counted ones before
    all, A before B before C. A bin is not counted again before half of that time is over. `taken` are counts that days
    have already.
    """
    load = daily_load(bins=bins, limits=limits, workdays_a_week=workdays_a_week)
    waiting = sorted(bins, key=lambda one: one.bin_code)
    planned: list[PlannedCount] = []
    for day in days:
        room = load - (taken or {}).get(day, 0)
        ready = sorted(
            (one for one in waiting if _overdue(one, day=day, limits=limits) >= Fraction(1, 2)),
            key=lambda one: (-_overdue(one, day=day, limits=limits), one.abc_class, one.bin_code),
        )[: max(room, 0)]
        planned += [PlannedCount(bin_code=one.bin_code, abc_class=one.abc_class, due_on=day) for one in ready]
        chosen = {one.bin_code for one in ready}
        waiting = [one for one in waiting if one.bin_code not in chosen]
    return planned


def _overdue(one: BinToCount, *, day: dt.date, limits: CountLimits) -> Fraction:
    """How much of the time between two counts is over on a day; 1 is due."""
    if one.counted_on is None:
        return Fraction(_YEAR_DAYS * 1000)
    return Fraction((day - one.counted_on).days, limits.days_of(abc_class=one.abc_class))


def _exceeds(one: Variance, *, units: Decimal, share: Decimal, minor: int) -> bool:
    """Whether a variance is beyond any limit. One unit is never too much a share: of three it is a third."""
    return (
        abs(one.units) > units
        or (abs(one.units) > 1 and one.share > share)
        or (one.money_minor is not None and abs(one.money_minor) > minor)
    )
