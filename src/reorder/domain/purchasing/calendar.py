"""On which days a supplier takes orders, and when goods ordered then arrive; pure, by days of the shop's calendar.

An order day is one of the agreed weekdays on which the supplier is not closed; from the cut-off time on, today counts
no more. Lead days are days of the calendar, closed ones included, or the supplier's working days (Monday to Friday and
make-up days, without closing days), the first one after the order day. Goods arrive on the next day on which the
supplier is open and delivers.
"""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from reorder.engine.calendar import public_days

# Nobody is closed longer: what is still not possible then is said of the last day looked at.
LONGEST_WAIT_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierCalendar:
    """When a supplier works; weekdays are ISO (1 Monday), empty for any day.

    `closed` are days without orders and deliveries with what is kept on them, `worked` weekend days that are worked.
    """

    order_weekdays: tuple[int, ...] = ()
    delivery_weekdays: tuple[int, ...] = ()
    cut_off: dt.time | None = None
    counts_working_days: bool = False
    closed: Mapping[dt.date, str] = field(default_factory=dict)
    worked: frozenset[dt.date] = frozenset()

    def takes_orders(self, day: dt.date) -> bool:
        """Whether this is an order day, whatever the time."""
        return day not in self.closed and (not self.order_weekdays or day.isoweekday() in self.order_weekdays)

    def delivers(self, day: dt.date) -> bool:
        """Whether goods can arrive on this day."""
        return day not in self.closed and (not self.delivery_weekdays or day.isoweekday() in self.delivery_weekdays)

    def works(self, day: dt.date) -> bool:
        """Whether this is a working day."""
        return day not in self.closed and (day.isoweekday() <= 5 or day in self.worked)


@dataclass(frozen=True, slots=True)
class Closing:
    """Days from `first_date` to `last_date`, both closed."""

    first_date: dt.date
    last_date: dt.date
    note: str = ""


@dataclass(frozen=True, slots=True)
class OrderDay:
    """The next day to order on; `why` tells what moved it: weekday, closed, cut_off, or nothing."""

    date: dt.date
    why: str = ""
    note: str = ""


def calendar_of(
    *,
    order_weekdays: tuple[int, ...],
    delivery_weekdays: tuple[int, ...],
    cut_off: dt.time | None,
    counts_working_days: bool,
    country: str,
    closings: tuple[Closing, ...],
    today: dt.date,
) -> SupplierCalendar:
    """The calendar from `today` on for as long as anything is looked for: own closings, then the country's holidays."""
    last = today + dt.timedelta(days=2 * LONGEST_WAIT_DAYS)
    public = public_days(country=country, first_date=today, last_date=last) if country else None
    closed = dict.fromkeys(sorted(public.holidays), "") if public else {}
    for closing in closings:
        day = max(closing.first_date, today)
        while day <= min(closing.last_date, last):
            closed[day] = closing.note
            day += dt.timedelta(days=1)
    return SupplierCalendar(
        order_weekdays=order_weekdays,
        delivery_weekdays=delivery_weekdays,
        cut_off=cut_off,
        counts_working_days=counts_working_days,
        closed=closed,
        worked=public.worked if public else frozenset(),
    )


def next_order_day(*, calendar: SupplierCalendar, day: dt.date, time: dt.time | None = None) -> OrderDay:
    """The first day from `day` on that the supplier takes orders on; `time` is the shop's time of `day`, if it matters.

    At the cut-off itself the day is over.
    """
    why, note = "", ""
    first = day
    if time is not None and calendar.cut_off is not None and time >= calendar.cut_off and calendar.takes_orders(day):
        first, why = day + dt.timedelta(days=1), "cut_off"
    for number in range(LONGEST_WAIT_DAYS + 1):
        candidate = first + dt.timedelta(days=number)
        if calendar.takes_orders(candidate):
            return OrderDay(candidate, why, note)
        if candidate in calendar.closed and why != "closed":
            why, note = "closed", calendar.closed[candidate]
        why = why or "weekday"
    return OrderDay(first + dt.timedelta(days=LONGEST_WAIT_DAYS), "closed", note)


def arrival_date(*, calendar: SupplierCalendar, order_date: dt.date, lead_days: float) -> dt.date:
    """The day on which goods ordered on `order_date` should be there; parts of a day count as a whole one."""
    whole = math.ceil(lead_days)
    day = order_date + dt.timedelta(days=whole)
    if calendar.counts_working_days:
        day, left = order_date, whole
        while left > 0 and (day - order_date).days < 4 * LONGEST_WAIT_DAYS:
            day += dt.timedelta(days=1)
            left -= calendar.works(day)
    for number in range(LONGEST_WAIT_DAYS + 1):
        candidate = day + dt.timedelta(days=number)
        if calendar.delivers(candidate):
            return candidate
    return day + dt.timedelta(days=LONGEST_WAIT_DAYS)
