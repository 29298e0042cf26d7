"""Pure rules of planning: names and limits that its rows follow, and what an adjustment comes down to by day."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reorder.domain.planning.errors import BadAdjustment

# In rows that sum up places: all of them together. No place may be called so; an empty code is "no known place".
ALL_PLACES: Final = "*"
LONGEST_ADJUSTMENT_DAYS: Final = 366
MOST_UNITS: Final = 1e9
# Kinds of commitments in the order in which people read them; adjustments are a kind of their own.
COMMITTED_KINDS: Final = ("recurring_order", "pre_order", "campaign", "reminder", "price_change")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAdjustment:
    """`units` in all that a person adds to (or takes from) a subject from `from_date` to `until_date`, both included.

    `place_code` is `*` for all places that the subject is planned for. `key` makes it happen once.
    """

    key: str
    subject: str
    place_code: str
    from_date: dt.date
    until_date: dt.date
    units: float
    reason: str


@dataclass(frozen=True, slots=True)
class AdjustedDay:
    """The part of an adjustment that falls on one place and day."""

    place_code: str
    date: dt.date
    units: float


def refuse_bad(*, adjustment: NewAdjustment, today: dt.date) -> None:
    """Raises BadAdjustment with the reason."""
    reasons = (
        (adjustment.units == 0, "give units other than zero"),
        (not abs(adjustment.units) < MOST_UNITS, "the number is larger than any demand can be"),
        (adjustment.until_date < adjustment.from_date, "the last day lies before the first"),
        (adjustment.from_date < today, "the first day is over already"),
        (
            adjustment.until_date >= today + dt.timedelta(days=LONGEST_ADJUSTMENT_DAYS),
            "it reaches further than a year ahead",
        ),
        (not adjustment.reason.strip(), "say why in a few words"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadAdjustment(reason=reason)


def spread(*, adjustment: NewAdjustment, planned: Mapping[str, float]) -> list[AdjustedDay]:
    """The adjustment by place and day: evenly over its days, over places as the plan is.

    `planned` holds the planned units of each place that counts; without any plan places share alike.
    """
    days = (adjustment.until_date - adjustment.from_date).days + 1
    total = sum(planned.values())
    shares = {place: units / total if total > 0 else 1 / len(planned) for place, units in sorted(planned.items())}
    return [
        AdjustedDay(place, adjustment.from_date + dt.timedelta(days=number), adjustment.units * share / days)
        for place, share in shares.items()
        if share > 0
        for number in range(days)
    ]
